/* SPDX-License-Identifier: Apache-2.0 */
/* Opening the store: what is made, what is refused, and to whom. */
#include "ledger/store/kv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/kv_store.h"

static char dir[KV_DIR_MAX];

static int setup(void **state)
{
    (void)state;
    kv_dir_make(dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kv_dir_remove(dir);
    return 0;
}

static struct ml_kv *open_with(struct ml_kv_options options)
{
    struct ml_kv *kv = NULL;
    if (ml_kv_open(dir, &options, &kv) < 0)
        fail_msg("%s", mledger_error_text());
    return kv;
}

static void refused(struct ml_kv_options options, int result, const char *why)
{
    struct ml_kv *kv = NULL;
    assert_int_equal(ml_kv_open(dir, &options, &kv), result);
    assert_null(kv);
    if (strstr(mledger_error_text(), why) == NULL)
        fail_msg("'%s' is not in '%s'", why, mledger_error_text());
}

static void files_are_made_for_owner_and_group(void **state)
{
    (void)state;
    mode_t mask = umask(0);
    ml_kv_close(open_with(kv_options(true)));
    umask(mask);
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        char path[KV_PATH_MAX];
        struct stat info;
        kv_path(path, dir, names[i]);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0640);
    }
}

static void the_directory_is_made_too(void **state)
{
    (void)state;
    char deeper[KV_PATH_MAX];
    struct ml_kv_options options = kv_options(true);
    struct ml_kv *kv;
    kv_path(deeper, dir, "new");
    assert_int_equal(ml_kv_open(deeper, &options, &kv), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    ml_kv_close(kv);
    kv_dir_remove(deeper);
    kv_path(deeper, dir, "a/b");
    assert_int_equal(ml_kv_open(deeper, &options, &kv), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "a/b': No such file or directory"));
}

static void what_is_not_there_is_not_found(void **state)
{
    (void)state;
    refused(kv_options(false), MLEDGER_ENOTFOUND, "there is no ledger in '");
    struct ml_kv_options options = kv_options(false);
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open("/nowhere/at/all", &options, &kv), MLEDGER_ENOTFOUND);
    char path[KV_PATH_MAX];
    kv_path(path, dir, "data.mdb");
    assert_int_equal(access(path, F_OK), -1); /* and nothing was left behind */
}

static void creating_again_keeps_what_is_there(void **state)
{
    (void)state;
    struct ml_kv *kv = open_with(kv_options(true));
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    ml_kv_close(kv);
    kv = open_with(kv_options(true));
    assert_true(kv_has_text(kv, KV_META, "a", "1"));
    ml_kv_close(kv);
}

static void options_that_contradict_are_refused(void **state)
{
    (void)state;
    struct ml_kv_options options = kv_options(true);
    options.read_only = true;
    refused(options, MLEDGER_EUSAGE, "contradict");
    options = kv_options(true);
    options.table_count = 0;
    refused(options, MLEDGER_EUSAGE, "contradict");
    options.table_count = ML_KV_TABLES_MAX + 1;
    refused(options, MLEDGER_EUSAGE, "contradict");
    options = kv_options(true);
    options.map_bytes = ML_KV_MAP_MAX + 1;
    refused(options, MLEDGER_EUSAGE, "contradict");
}

static void a_reader_cannot_write(void **state)
{
    (void)state;
    struct ml_kv *kv = open_with(kv_options(true));
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    ml_kv_close(kv);
    struct ml_kv_options options = kv_options(false);
    options.read_only = true;
    kv = open_with(options);
    assert_true(kv_has_text(kv, KV_META, "a", "1"));
    assert_int_equal(kv_put_text(kv, KV_META, "a", "2"), MLEDGER_EUSAGE);
    assert_non_null(strstr(mledger_error_text(), "opened for reading only"));
    ml_kv_close(kv);
}

static int collect(struct ml_span name, void *context)
{
    return ml_buf_printf(context, "%.*s;", (int)name.len, (const char *)name.data);
}

static int stop(struct ml_span name, void *context)
{
    (void)name;
    (void)context;
    return ml_fail(MLEDGER_EINVALID, "stop");
}

static void tables_are_missed_added_and_found_to_be_unknown(void **state)
{
    (void)state;
    struct ml_kv_options fewer = kv_options(true);
    fewer.table_count = 2;
    ml_kv_close(open_with(fewer));
    refused(kv_options(false), MLEDGER_EDAMAGED, "it has no table 'meta'");
    struct ml_kv_options more = kv_options(false);
    more.add_tables = true;
    ml_kv_close(open_with(more));
    ml_kv_close(open_with(kv_options(false)));

    fewer.create = false;
    struct ml_kv *kv = open_with(fewer);
    struct ml_kv_txn *txn;
    ML_CLEANUP(ml_buf_release) struct ml_buf names = {NULL, 0, 0};
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    assert_int_equal(ml_kv_tables_unknown(txn, collect, &names), 0);
    assert_true(ml_span_equal(ml_buf_span(&names), kv_text("meta;")));
    assert_int_equal(ml_kv_tables_unknown(txn, stop, NULL), MLEDGER_EINVALID);
    ml_kv_read_end(txn);
    ml_kv_close(kv);
}

static void twice_in_one_process_is_refused(void **state)
{
    (void)state;
    struct ml_kv *kv = open_with(kv_options(true));
    refused(kv_options(false), MLEDGER_ESYSTEM, "it is open in this process already");
    char other[KV_PATH_MAX];
    kv_path(other, dir, "."); /* the same by another name */
    struct ml_kv_options options = kv_options(false);
    struct ml_kv *again;
    assert_int_equal(ml_kv_open(other, &options, &again), MLEDGER_ESYSTEM);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0); /* the first is unharmed */
    ml_kv_close(kv);
    ml_kv_close(open_with(kv_options(false)));
}

/* Runs in the child; its exit status is the number of the check that failed. */
static int misuse_in_child(struct ml_kv *kv, struct ml_kv_txn *parents)
{
    struct ml_kv_txn *txn;
    struct ml_span found;
    if (ml_kv_read_begin(kv, &txn) != MLEDGER_EUSAGE)
        return 1;
    if (strstr(mledger_error_text(), "it was opened before fork()") == NULL)
        return 2;
    if (kv_put_text(kv, KV_META, "child", "1") != MLEDGER_EUSAGE)
        return 3;
    if (ml_kv_get(parents, KV_META, kv_text("a"), &found) != MLEDGER_EUSAGE)
        return 4;
    if (ml_kv_copy(kv, dir) >= 0)
        return 5;
    ml_kv_read_end(parents);
    ml_kv_close(kv);
    struct ml_kv_options options = kv_options(false);
    struct ml_kv *own;
    if (ml_kv_open(dir, &options, &own) < 0)
        return 6;
    if (kv_put_text(own, KV_META, "child", "1") < 0)
        return 7;
    ml_kv_close(own);
    return 0;
}

static void a_child_cannot_use_what_its_parent_opened(void **state)
{
    (void)state;
    struct ml_kv *kv = open_with(kv_options(true));
    struct ml_kv_txn *txn;
    struct ml_span found;
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    assert_int_equal(ml_kv_read_begin(kv, &txn), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        _exit(misuse_in_child(kv, txn));
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(ml_kv_get(txn, KV_META, kv_text("a"), &found), 0);
    ml_kv_read_end(txn);
    assert_true(kv_has_text(kv, KV_META, "child", "1"));
    ml_kv_close(kv);
}

static void the_working_directory_may_change(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(dir), 0);
    struct ml_kv_options options = kv_options(true);
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open(".", &options, &kv), 0);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    ml_kv_close(kv);
    ml_kv_close(open_with(kv_options(false)));
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED true
#endif
#endif
#ifndef SANITIZED
#define SANITIZED false
#endif

static void little_address_space_makes_a_smaller_map(void **state)
{
    (void)state;
    if (SANITIZED) {
        print_message("skipped: a sanitizer needs all address space\n");
        skip();
    }
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct rlimit limit = {(rlim_t)2 << 30, (rlim_t)2 << 30};
        struct ml_kv_options options = kv_options(true);
        struct ml_kv *kv;
        if (setrlimit(RLIMIT_AS, &limit) != 0 || ml_kv_open(dir, &options, &kv) < 0)
            _exit(1);
        int result = kv_put_text(kv, KV_META, "a", "1");
        ml_kv_close(kv);
        _exit(result < 0 ? 2 : 0);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int main(void)
{
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_DIR(files_are_made_for_owner_and_group),
        WITH_DIR(the_directory_is_made_too),
        WITH_DIR(what_is_not_there_is_not_found),
        WITH_DIR(creating_again_keeps_what_is_there),
        WITH_DIR(options_that_contradict_are_refused),
        WITH_DIR(a_reader_cannot_write),
        WITH_DIR(tables_are_missed_added_and_found_to_be_unknown),
        WITH_DIR(twice_in_one_process_is_refused),
        WITH_DIR(a_child_cannot_use_what_its_parent_opened),
        WITH_DIR(the_working_directory_may_change),
        WITH_DIR(little_address_space_makes_a_smaller_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
