/* SPDX-License-Identifier: Apache-2.0 */
/* DVC's hashes: plain, with line ends converted, of directories; .dvcignore; paths. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ingest/dvc/digest.h"
#include "ingest/dvc/ignore.h"
#include "ingest/dvc/path.h"

#define EMPTY "d41d8cd98f00b204e9800998ecf8427e"

static struct ml_dvc_digest digest_of(const void *data, size_t len)
{
    struct ml_dvc_digest digest;
    assert_int_equal(ml_dvc_digest_bytes(ML_SPAN(data, len), &digest), 0);
    return digest;
}

static void line_ends_count_only_in_text(void **state)
{
    (void)state;
    const struct ml_dvc_digest lf = digest_of("a\nb\n", 4);
    const struct ml_dvc_digest crlf = digest_of("a\r\nb\r\n", 6);
    const struct ml_dvc_digest binary = digest_of("a\r\nb\r\n\0", 7);
    const struct ml_dvc_digest lone = digest_of("a\rb\r", 4);
    assert_string_equal(lf.text[ML_DVC_PLAIN], "dd8c6a395b5dd36c56d23275028f526c");
    assert_string_equal(lf.text[ML_DVC_CHUNKED], lf.text[ML_DVC_PLAIN]);
    assert_string_equal(crlf.text[ML_DVC_CHUNKED], lf.text[ML_DVC_PLAIN]);
    assert_string_equal(crlf.text[ML_DVC_ONCE], lf.text[ML_DVC_PLAIN]);
    assert_string_equal(lf.text[ML_DVC_CRLF], crlf.text[ML_DVC_PLAIN]);
    assert_string_equal(crlf.text[ML_DVC_CRLF], crlf.text[ML_DVC_PLAIN]);
    assert_string_equal(binary.text[ML_DVC_CHUNKED], binary.text[ML_DVC_PLAIN]);
    assert_string_equal(lone.text[ML_DVC_CHUNKED], lone.text[ML_DVC_PLAIN]);
    assert_string_equal(digest_of("", 0).text[ML_DVC_CHUNKED], EMPTY);
    assert_int_equal(crlf.size, 6);
}

/* More than 30% of the first 512 bytes outside printable ASCII make a chunk binary. */
static void text_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    char data[10] = "\r\naaaaaaaa";
    for (int odd = 0; odd < 6; odd++) {
        for (int i = 0; i < odd; i++)
            data[2 + i] = (char)0xff;
        const struct ml_dvc_digest digest = digest_of(data, sizeof(data));
        const bool converted = strcmp(digest.text[ML_DVC_CHUNKED], digest.text[ML_DVC_PLAIN]) != 0;
        assert_int_equal(converted, odd <= 3);
    }
    char late[600];
    memset(late, 'a', sizeof(late));
    late[0] = '\r';
    late[1] = '\n';
    late[599] = '\0'; /* beyond what is looked at */
    const struct ml_dvc_digest digest = digest_of(late, sizeof(late));
    assert_string_not_equal(digest.text[ML_DVC_CHUNKED], digest.text[ML_DVC_PLAIN]);
}

/* Old versions decide once for a file, newer ones for each MiB; a CRLF across chunks stays. */
static void chunks_are_of_one_mebibyte(void **state)
{
    (void)state;
    const size_t mib = (size_t)1 << 20;
    uint8_t *data = malloc(2 * mib);
    assert_non_null(data);
    for (size_t i = 0; i < mib; i += 2) {
        data[i] = '\r';
        data[i + 1] = '\n';
    }
    memset(data + mib, 0, mib);
    memcpy(data + mib + 600, "\r\n", 2);
    struct ml_dvc_digest digest = digest_of(data, 2 * mib);
    assert_string_not_equal(digest.text[ML_DVC_CHUNKED], digest.text[ML_DVC_ONCE]);
    assert_string_not_equal(digest.text[ML_DVC_CHUNKED], digest.text[ML_DVC_PLAIN]);

    memset(data, 'a', 2 * mib);
    data[mib - 1] = '\r';
    data[mib] = '\n';
    digest = digest_of(data, 2 * mib);
    assert_string_equal(digest.text[ML_DVC_CHUNKED], digest.text[ML_DVC_PLAIN]);
    free(data);
}

static void matches_say_in_what_way(void **state)
{
    (void)state;
    const struct ml_dvc_digest lf = digest_of("a\nb\n", 4);
    const struct ml_dvc_digest crlf = digest_of("a\r\nb\r\n", 6);
    const char *plain = crlf.text[ML_DVC_PLAIN], *converted = lf.text[ML_DVC_PLAIN];
    assert_int_equal(ml_dvc_digest_match(&crlf, "md5", plain), ML_DVC_SAME);
    assert_int_equal(ml_dvc_digest_match(&crlf, "md5", converted), ML_DVC_SAME_BUT_LINES);
    assert_int_equal(ml_dvc_digest_match(&crlf, "md5-dos2unix", converted), ML_DVC_SAME);
    assert_int_equal(ml_dvc_digest_match(&lf, "md5", plain), ML_DVC_SAME_BUT_LINES);
    assert_int_equal(ml_dvc_digest_match(&lf, "md5", EMPTY), ML_DVC_DIFFERENT);
    assert_int_equal(ml_dvc_digest_match(&lf, "md5-dos2unix", EMPTY), ML_DVC_DIFFERENT);
    assert_int_equal(ml_dvc_digest_match(&lf, "etag", EMPTY), ML_DVC_SAME);
}

static void manifests_are_pythons_json(void **state)
{
    (void)state;
    char text[ML_DVC_DIGEST_SIZE];
    assert_int_equal(ml_dvc_digest_manifest(NULL, 0, text), 0);
    assert_string_equal(text, "d751713988987e9331980363e24189ce.dir");
    struct ml_dvc_member members[] = {
        {"b.txt", EMPTY},
        {"a/ü \"q\" 😀\n\x7f.txt", EMPTY},
    };
    /* md5 of: [{"md5": "d4…7e", "relpath": "a/\u00fc \"q\" \ud83d\ude00\n\u007f.txt"}, …] */
    assert_int_equal(ml_dvc_digest_manifest(members, 2, text), 0);
    assert_string_equal(members[0].relpath, "a/ü \"q\" 😀\n\x7f.txt");
    assert_string_equal(text, "729e04d9c665fbdad4b38b430bc6b62c.dir");
}

static void ignored(const struct ml_dvc_ignore *ignore, const char *path, bool is_dir,
                    bool expected)
{
    if (ml_dvc_ignore_matches(ignore, path, is_dir) != expected)
        fail_msg("'%s' should%s be ignored", path, expected ? "" : " not");
}

static void ignore_patterns(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    struct ml_dvc_ignore ignore = {0};
    assert_int_equal(ml_dvc_ignore_add(&ignore, &pool, ".",
                                       "# comment\n\n*.pyc\n/top\nout/\na/*/c\n**/deep/x\n"
                                       "logs/**\n!keep.pyc\n  \n/\n!\nq?[ab]\r\n"),
                     0);
    ignored(&ignore, "x.pyc", false, true);
    ignored(&ignore, "a/b/x.pyc", false, true);
    ignored(&ignore, "keep.pyc", false, false);
    ignored(&ignore, "top", false, true);
    ignored(&ignore, "a/top", false, false);
    ignored(&ignore, "out", true, true);
    ignored(&ignore, "out", false, false);
    ignored(&ignore, "a/out", true, true);
    ignored(&ignore, "a/b/c", false, true);
    ignored(&ignore, "a/b/d/c", false, false);
    ignored(&ignore, "deep/x", false, true);
    ignored(&ignore, "1/2/deep/x", false, true);
    ignored(&ignore, "logs", true, false);
    ignored(&ignore, "logs/1/2", false, true);
    ignored(&ignore, "qzb", false, true);
    ignored(&ignore, "qzc", false, false);
    const size_t before = ignore.count;
    assert_int_equal(ml_dvc_ignore_add(&ignore, &pool, "sub", "/only\nx*\n"), 0);
    ignored(&ignore, "sub/only", false, true);
    ignored(&ignore, "only", false, false);
    ignored(&ignore, "sub/d/xy", false, true);
    ignored(&ignore, "subx/xy", false, false);
    ignore.count = before;
    ignored(&ignore, "sub/only", false, false);
    ml_dvc_ignore_release(&ignore);
    ml_pool_release(&pool);
}

/* A pattern made to explode takes bounded work. */
static void hostile_patterns_end(void **state)
{
    (void)state;
    struct ml_pool pool = {0};
    struct ml_dvc_ignore ignore = {0};
    struct ml_buf path = {0};
    for (int i = 0; i < 200; i++)
        assert_int_equal(ml_buf_append_text(&path, "a/"), 0);
    assert_int_equal(ml_buf_append(&path, "b", 2), 0);
    assert_int_equal(
        ml_dvc_ignore_add(&ignore, &pool, ".", "**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/c\n"), 0);
    ignored(&ignore, (const char *)path.data, false, false);
    ml_buf_release(&path);
    ml_dvc_ignore_release(&ignore);
    ml_pool_release(&pool);
}

static void paths_are_joined(void **state)
{
    (void)state;
    static const struct {
        const char *base, *path, *full;
        bool is_outside;
    } cases[] = {
        {".", "a", "a", false},          {".", ".", ".", false},
        {"a/b", "../c", "a/c", false},   {"a/b", "../../c/", "c", false},
        {"a/b", "../..", ".", false},    {"a", "../../x", "../x", true},
        {"..", "../x", "../../x", true}, {"a", "/abs/./x//y/", "/abs/x/y", true},
        {"a", "/../x", "/x", true},      {"a", "s3://bucket/x/../y", "s3://bucket/x/../y", true},
        {"a", "..x", "a/..x", false},    {".", "a//b/./c", "a/b/c", false},
    };
    struct ml_pool pool = {0};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const char *full = ml_dvc_path_join(&pool, cases[i].base, cases[i].path);
        assert_non_null(full);
        assert_string_equal(full, cases[i].full);
        assert_int_equal(ml_dvc_path_is_outside(full), cases[i].is_outside);
    }
    assert_string_equal(ml_dvc_path_parent(&pool, "a/b/c"), "a/b");
    assert_string_equal(ml_dvc_path_parent(&pool, "a"), ".");
    assert_string_equal(ml_dvc_path_parent(&pool, "/a"), "/");
    assert_string_equal(ml_dvc_path_name("a/b"), "b");
    ml_pool_release(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_count_only_in_text),
        cmocka_unit_test(text_is_told_by_its_first_bytes),
        cmocka_unit_test(chunks_are_of_one_mebibyte),
        cmocka_unit_test(matches_say_in_what_way),
        cmocka_unit_test(manifests_are_pythons_json),
        cmocka_unit_test(ignore_patterns),
        cmocka_unit_test(hostile_patterns_end),
        cmocka_unit_test(paths_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
