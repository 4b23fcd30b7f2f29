/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests: their bytes, what they count and leave out, what they refuse. */
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/manifest.h"
#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"

/* A directory to fill; every path below is in it. */
static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof root, "/tmp/mledger-test-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    return system(command);
}

/* The same memory each time. */
static char *at(const char *path)
{
    static char full[1024];
    snprintf(full, sizeof full, "%s/%s", root, path);
    return full;
}

static void put(const char *path, const char *content)
{
    FILE *file = fopen(at(path), "w");
    assert_non_null(file);
    assert_true(fputs(content, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void make_dir(const char *path)
{
    assert_int_equal(mkdir(at(path), 0755), 0);
}

static struct ml_manifest make(const char *path)
{
    struct ml_manifest manifest;
    const int result = ml_manifest_make(at(path), NULL, NULL, &manifest);
    if (result < 0)
        fail_msg("%s", mledger_error_text());
    return manifest;
}

static void expect_hex(const uint8_t *bytes, size_t len, const char *hex)
{
    char text[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(text, bytes, len);
    assert_string_equal(text, hex);
}

static void expect_text(const struct ml_manifest *manifest, const char *text)
{
    assert_int_equal(manifest->text.len, strlen(text));
    assert_memory_equal(manifest->text.data, text, strlen(text));
}

static void expect_failure(const char *path, int code, const char *part)
{
    struct ml_manifest manifest;
    assert_int_equal(ml_manifest_make(at(path), NULL, NULL, &manifest), code);
    if (!strstr(mledger_error_text(), part))
        fail_msg("'%s' is not in: %s", part, mledger_error_text());
}

/* FIPS 180-4's and RFC 1321's own examples. */
#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define ABC_MD5 "900150983cd24fb0d6963f7d28e17f72"
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define EMPTY_MD5 "d41d8cd98f00b204e9800998ecf8427e"

static void test_file(void **state)
{
    (void)state;
    put("abc", "abc");
    struct ml_manifest manifest = make("abc");
    assert_false(manifest.is_directory);
    assert_int_equal(manifest.size, 3);
    assert_int_equal(manifest.files, 1);
    assert_true(manifest.has_md5);
    expect_hex(manifest.sha256, ML_HASH_SIZE, ABC_SHA256);
    expect_hex(manifest.md5, ML_MD5_SIZE, ABC_MD5);
    assert_int_equal(manifest.text.len, 0);
    ml_manifest_release(&manifest);
}

static void test_directory(void **state)
{
    (void)state;
    make_dir("d");
    make_dir("d/b");
    make_dir("d/empty");
    put("d/b/x", "abc");
    put("d/b.txt", "");
    put("d/run", "abc");
    assert_int_equal(chmod(at("d/run"), 0700), 0);
    struct ml_manifest manifest = make("d");
    assert_true(manifest.is_directory);
    assert_int_equal(manifest.size, 6);
    assert_int_equal(manifest.files, 3);
    /* '.' (0x2e) comes before '/' (0x2f). */
    expect_text(&manifest, "mledger manifest 1\n"
                           "100644 0 " EMPTY_SHA256 " " EMPTY_MD5 " b.txt\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " b/x\n"
                           "100755 3 " ABC_SHA256 " " ABC_MD5 " run\n");
    /* printf '…' | sha256sum, on those bytes; and md5sum on DVC's list:
     * [{"md5": "d41d…", "relpath": "b.txt"}, {"md5": "9001…", "relpath": "b/x"}, …] */
    expect_hex(manifest.sha256, ML_HASH_SIZE,
               "ea990e5654be4166f4d8a58a008f860bf18226959fa455632a359fa5dc316a40");
    assert_true(manifest.has_md5);
    expect_hex(manifest.md5, ML_MD5_SIZE, "4ac9af3842a836279daaf9ec28375ced");
    ml_manifest_release(&manifest);
}

static void test_copy_is_same(void **state)
{
    (void)state;
    make_dir("one");
    make_dir("two");
    put("one/a", "abc");
    put("two/a", "abc");
    assert_int_equal(chmod(at("two/a"), 0600), 0);
    put("two/b", "later gone");
    assert_int_equal(unlink(at("two/b")), 0);
    struct ml_manifest one = make("one"), two = make("two");
    assert_memory_equal(one.sha256, two.sha256, ML_HASH_SIZE);
    put("two/a", "abd");
    struct ml_manifest three = make("two");
    assert_memory_not_equal(one.sha256, three.sha256, ML_HASH_SIZE);
    ml_manifest_release(&one);
    ml_manifest_release(&two);
    ml_manifest_release(&three);
}

static void test_names(void **state)
{
    (void)state;
    make_dir("names");
    put("names/a b", "abc");
    put("names/line\nfeed%", "abc");
    put("names/\xc3\xa4", "abc");
    struct ml_manifest manifest = make("names");
    expect_text(&manifest, "mledger manifest 1\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " a b\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " line%0Afeed%25\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " \xc3\xa4\n");
    assert_true(manifest.has_md5);
    ml_manifest_release(&manifest);
    /* Bytes that are no text are escaped in the whole path, and DVC could not list it. */
    make_dir("names/\xc3\xa4\xc3\xa4");
    put("names/\xc3\xa4\xc3\xa4/\xff", "abc");
    manifest = make("names");
    assert_non_null(memmem(manifest.text.data, manifest.text.len, " %C3%A4%C3%A4/%FF\n", 18));
    assert_false(manifest.has_md5);
    ml_manifest_release(&manifest);
}

static void test_left_out(void **state)
{
    (void)state;
    make_dir("out");
    make_dir("out/.git");
    make_dir("out/sub");
    make_dir("out/sub/.dvc");
    put("out/.git/HEAD", "abc");
    put("out/sub/.dvc/config", "abc");
    put("out/sub/.gitignore", "abc");
    struct ml_manifest manifest = make("out");
    assert_int_equal(manifest.files, 1);
    assert_true(manifest.has_md5);
    ml_manifest_release(&manifest);
    /* DVC would list the ledger, or heed the patterns. */
    make_dir("out/.mledger");
    put("out/.mledger/data.mdb", "abc");
    manifest = make("out");
    assert_int_equal(manifest.files, 1);
    assert_false(manifest.has_md5);
    ml_manifest_release(&manifest);
    put("out/sub/.dvcignore", "*.tmp\n");
    assert_int_equal(unlink(at("out/.mledger/data.mdb")), 0);
    assert_int_equal(rmdir(at("out/.mledger")), 0);
    manifest = make("out");
    assert_int_equal(manifest.files, 2);
    assert_false(manifest.has_md5);
    ml_manifest_release(&manifest);
}

static void test_links(void **state)
{
    (void)state;
    make_dir("links");
    make_dir("links/real");
    put("links/real/x", "abc");
    assert_int_equal(symlink("real/x", at("links/file")), 0);
    assert_int_equal(symlink("real", at("links/dir")), 0);
    struct ml_manifest manifest = make("links");
    expect_text(&manifest, "mledger manifest 1\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " dir/x\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " file\n"
                           "100644 3 " ABC_SHA256 " " ABC_MD5 " real/x\n");
    ml_manifest_release(&manifest);
    assert_int_equal(symlink("..", at("links/real/up")), 0);
    expect_failure("links", MLEDGER_EINVALID, "is a link to a directory that it lies in");
    assert_int_equal(unlink(at("links/real/up")), 0);
    assert_int_equal(symlink("gone", at("links/dangling")), 0);
    expect_failure("links", MLEDGER_EINVALID, "/dangling' is a link that leads nowhere");
    assert_int_equal(unlink(at("links/dangling")), 0);
    assert_int_equal(symlink("itself", at("links/itself")), 0);
    expect_failure("links", MLEDGER_EINVALID, "/itself' is a link that leads nowhere");
}

static void test_refused(void **state)
{
    (void)state;
    expect_failure("nothing", MLEDGER_ENOTFOUND, "there is no file or directory");
    make_dir("bare");
    expect_failure("bare", MLEDGER_EINVALID, "holds no files");
    assert_int_equal(mkfifo(at("bare/pipe"), 0600), 0);
    expect_failure("bare", MLEDGER_EINVALID, "/pipe' is neither a file nor a directory");
    expect_failure("bare/pipe", MLEDGER_EINVALID, "/pipe' is neither a file nor a directory");
}

static void test_too_deep(void **state)
{
    (void)state;
    char path[512];
    size_t len = (size_t)snprintf(path, sizeof path, "deep");
    make_dir(path);
    for (size_t i = 0; i < ML_MANIFEST_DEPTH_MAX; i++) {
        len += (size_t)snprintf(path + len, sizeof path - len, "/d");
        make_dir(path);
    }
    expect_failure("deep", MLEDGER_EINVALID, "directories deep");
}

static void append_to(const char *path)
{
    FILE *file = fopen(path, "a");
    assert_non_null(file);
    fputs("more", file);
    fclose(file);
}

static void change_it(void *context, uint64_t done, uint64_t total)
{
    (void)done;
    (void)total;
    append_to(context);
}

static void test_changed_while_read(void **state)
{
    (void)state;
    struct ml_manifest manifest;
    put("changing", "abc");
    char *path = at("changing");
    assert_int_equal(ml_manifest_make(path, change_it, path, &manifest), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "/changing' changed while it was read"));
}

struct seen {
    uint64_t done, total, calls;
};

static void see(void *context, uint64_t done, uint64_t total)
{
    struct seen *seen = context;
    assert_true(done >= seen->done && done <= total);
    *seen = (struct seen){done, total, seen->calls + 1};
}

/* More files than threads, all counted, in the same order however they were hashed. */
static void test_many(void **state)
{
    (void)state;
    struct seen seen = {0};
    struct ml_manifest manifest, again;
    char path[64];
    make_dir("many");
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof path, "many/%03d", i);
        put(path, path);
    }
    assert_int_equal(ml_manifest_make(at("many"), see, &seen, &manifest), 0);
    assert_int_equal(manifest.files, 1000);
    assert_int_equal(manifest.size, 8000);
    assert_int_equal(seen.done, 8000);
    assert_int_equal(seen.total, 8000);
    assert_true(seen.calls >= 1000);
    assert_int_equal(ml_manifest_make(at("many"), NULL, NULL, &again), 0);
    assert_memory_equal(manifest.sha256, again.sha256, ML_HASH_SIZE);
    ml_manifest_release(&manifest);
    ml_manifest_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_directory),
        cmocka_unit_test(test_copy_is_same),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_too_deep),
        cmocka_unit_test(test_changed_while_read),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, make_root, remove_root);
}
