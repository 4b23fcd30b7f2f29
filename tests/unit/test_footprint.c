/* SPDX-License-Identifier: Apache-2.0 */
/* Whether files were written to, told without reading them. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/footprint.h"
#include "tests/unit/cmocka_all.h"

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mledger-test-XXXXXX");
    return mkdtemp(root) && chdir(root) == 0 ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return chdir("/") == 0 ? system(command) : -1;
}

static void put(const char *path, const char *content)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* After the tick of the footprint, so that what follows shows. */
static struct ml_footprint take(const char *path)
{
    struct ml_footprint footprint = ml_footprint_take(path);
    ml_footprint_settle(&footprint);
    return footprint;
}

static void expect(const char *path, const struct ml_footprint *before, bool same)
{
    const struct ml_footprint now = take(path);
    assert_int_equal(ml_footprint_is_same(before, &now), same);
}

static void a_file(void **state)
{
    (void)state;
    put("file", "one");
    struct ml_footprint before = take("file");
    assert_true(before.is_there && before.is_known);
    expect("file", &before, true);
    put("file", "one"); /* the same content, written again */
    expect("file", &before, false);
    before = take("file");
    put("file", "two");
    const struct timespec old[] = {before.newest, before.newest};
    assert_int_equal(utimensat(AT_FDCWD, "file", old, 0), 0); /* its time put back */
    expect("file", &before, false);
    before = take("file");
    put("other", "two");
    assert_int_equal(rename("other", "file"), 0);
    expect("file", &before, false);
}

static void a_directory(void **state)
{
    (void)state;
    assert_int_equal(mkdir("dir", 0755), 0);
    assert_int_equal(mkdir("dir/sub", 0755), 0);
    put("dir/sub/file", "one");
    struct ml_footprint before = take("dir");
    expect("dir", &before, true);
    put("dir/sub/more", "");
    expect("dir", &before, false);
    before = take("dir");
    put("dir/sub/file", "two");
    expect("dir", &before, false);
    before = take("dir");
    assert_int_equal(unlink("dir/sub/file"), 0);
    expect("dir", &before, false);
}

static void what_is_not_there(void **state)
{
    (void)state;
    const struct ml_footprint none = take("none");
    assert_false(none.is_there);
    expect("none", &none, true);
    put("none", "");
    expect("none", &none, false);
    /* A directory without files cannot be told from another one. */
    assert_int_equal(mkdir("empty", 0755), 0);
    const struct ml_footprint empty = take("empty");
    assert_true(empty.is_there && !empty.is_known);
    expect("empty", &empty, false);
}

/* A time that lies ahead is not waited for. */
static void the_future_is_not_waited_for(void **state)
{
    (void)state;
    const struct timespec ahead[] = {{.tv_sec = INT32_MAX}, {.tv_sec = INT32_MAX}};
    put("file", "one");
    assert_int_equal(utimensat(AT_FDCWD, "file", ahead, 0), 0);
    const struct ml_footprint before = take("file");
    assert_int_equal(before.newest.tv_sec, INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file, make_root, remove_root),
        cmocka_unit_test_setup_teardown(a_directory, make_root, remove_root),
        cmocka_unit_test_setup_teardown(what_is_not_there, make_root, remove_root),
        cmocka_unit_test_setup_teardown(the_future_is_not_waited_for, make_root, remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
