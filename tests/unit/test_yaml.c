/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as ruamel.yaml (1.2) and PyYAML (1.1) read it, and what is refused, with its sentence. */
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/yaml.h"

static int parse(const char *text, struct ml_document **ret_document)
{
    return ml_yaml_parse(ML_SPAN(text, strlen(text)), "f.yaml", NULL, ret_document);
}

static struct ml_document *read_good(const char *text)
{
    struct ml_document *document = NULL;
    if (parse(text, &document) < 0)
        fail_msg("%s: %s", text, mledger_error_text());
    return document;
}

static void expect_written(const char *text, const char *json)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_document *document = read_good(text);
    assert_int_equal(ml_value_write(document->root, &out), 0);
    assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
    assert_string_equal((const char *)out.data, json);
    ml_document_free(document);
}

static void plain_scalars_of_yaml_1_2(void **state)
{
    (void)state;
    static const struct {
        enum ml_value_kind kind;
        const char *texts; /* separated by '|' */
    } cases[] = {
        {ML_VALUE_STRING, "yes|no|on|off|y|n|Yes|1:30|NaN|inf|0o8|1e|e3|.e5|0x|0b2|0xg|-|+|.|_1|"
                          "1.2.3|1-2|2020-1-1|2020-01-01x|12e|tRUE|nULL|--1|0b|1e+|a1|.x|..1"},
        {ML_VALUE_BOOL, "true|True|TRUE|false|False|FALSE"},
        {ML_VALUE_NULL, "|~|null|Null|NULL"},
        {ML_VALUE_INT, "0|017|08|1_000|+1|-1|0o17|0x1F|0b101|12345678901234567890123|-0"},
        {ML_VALUE_FLOAT, "1e-3|1E5|1.|.5|+1e3|.inf|-.inf|+.INF|.nan|.NaN|1e400|-0.0|1_0.5|1.5e+3"},
        {ML_VALUE_TIMESTAMP,
         "2020-01-02|2020-01-02T03:04:05|2020-1-2 3:04:05|2020-01-02 03:04:05.678|"
         "2020-01-02T03:04:05Z|2020-01-02t03:04:05+01:00|2020-01-02 03:04:05 -5"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        for (const char *at = cases[i].texts;;) {
            const size_t len = strcspn(at, "|");
            const enum ml_value_kind kind = ml_yaml_plain_kind(ML_YAML_1_2, at, len);
            if (kind != cases[i].kind)
                fail_msg("'%.*s' is %s", (int)len, at, ml_value_kind_name(kind));
            if (at[len] == '\0')
                break;
            at += len + 1;
        }
}

static void plain_scalars_of_yaml_1_1(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum ml_value_kind kind;
    } cases[] = {
        {"yes", ML_VALUE_BOOL},    {"Off", ML_VALUE_BOOL},     {"y", ML_VALUE_STRING},
        {"1e-3", ML_VALUE_STRING}, {"1.0e-3", ML_VALUE_FLOAT}, {"1.0e3", ML_VALUE_STRING},
        {"017", ML_VALUE_INT},     {"08", ML_VALUE_STRING},    {"1:30", ML_VALUE_INT},
        {"1:60", ML_VALUE_STRING}, {"1:30.5", ML_VALUE_FLOAT}, {"0o17", ML_VALUE_STRING},
        {".5", ML_VALUE_FLOAT},    {"+.5", ML_VALUE_STRING},   {"1_000", ML_VALUE_INT},
        {"1.", ML_VALUE_FLOAT},    {"null", ML_VALUE_NULL},    {"2020-01-02", ML_VALUE_TIMESTAMP},
        {"0x1F", ML_VALUE_INT},    {"0b1", ML_VALUE_INT},      {"0", ML_VALUE_INT},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const enum ml_value_kind kind =
            ml_yaml_plain_kind(ML_YAML_1_1, cases[i].text, strlen(cases[i].text));
        if (kind != cases[i].kind)
            fail_msg("'%s' is %s", cases[i].text, ml_value_kind_name(kind));
    }
}

static void texts_keep_what_was_written(void **state)
{
    (void)state;
    expect_written("a: 1e-3\nb: '1e-3'\nc: |\n  x\n  y\nd: >-\n  folded\n  text\n",
                   "{\"a\": 1e-3, \"b\": \"1e-3\", \"c\": \"x\\u000ay\\u000a\", "
                   "\"d\": \"folded text\"}");
    expect_written("a: 1\r\nb:\r\n- x\r\n- y\r\n", "{\"a\": 1, \"b\": [\"x\", \"y\"]}");
    expect_written("\xef\xbb\xbf"
                   "a: b\n",
                   "{\"a\": \"b\"}");
    expect_written("", "");
    expect_written("# nothing\n", "");
    expect_written("key:\n", "{\"key\": null}");
    expect_written("a: \"line1\\nline2\\u00e4\"\n", "{\"a\": \"line1\\u000aline2ä\"}");
    expect_written("cmd: python a.py --x\n  --folded y\n",
                   "{\"cmd\": \"python a.py --x --folded y\"}");
    expect_written("a: !!str 1\nb: !!float 1\n", "{\"a\": \"1\", \"b\": 1}");
    expect_written("{\"json\": [1, \"x\", null]}", "{\"json\": [1, \"x\", null]}");
}

static void anchors_are_shared_and_merged(void **state)
{
    (void)state;
    expect_written("a: &x {p: 1}\nb: *x\n", "{\"a\": {\"p\": 1}, \"b\": {\"p\": 1}}");
    expect_written("a: &x 1\nb: &x 2\nc: *x\n", "{\"a\": 1, \"b\": 2, \"c\": 2}");
    expect_written("base: &x {p: 1, q: 2}\nmore:\n  <<: *x\n  q: 3\n",
                   "{\"base\": {\"p\": 1, \"q\": 2}, \"more\": {\"q\": 3, \"p\": 1}}");
    expect_written("a: &a {p: 1}\nb: &b {p: 2, q: 2}\nc:\n  <<: [*a, *b]\n",
                   "{\"a\": {\"p\": 1}, \"b\": {\"p\": 2, \"q\": 2}, "
                   "\"c\": {\"p\": 1, \"q\": 2}}");
    expect_written("'<<': plain text\n", "{\"<<\": \"plain text\"}");
    struct ml_document *document = read_good("a: &x [1, 2]\nb: *x\n");
    assert_ptr_equal(ml_value_get(document->root, "a"), ml_value_get(document->root, "b"));
    ml_document_free(document);
}

static void broken_files_are_refused_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *start; /* of the sentence */
    } cases[] = {
        {"a: 1\nb: 2\na: 3\n", "f.yaml:3: key 'a' stands twice, first in line 1"},
        {"a: [1, 2\n", "f.yaml:"},
        {"a: 'x\n", "f.yaml:"},
        {"a: b: c\n", "f.yaml:"},
        {"\ta: 1\n", "f.yaml:"},
        {"- x\na: 1\n", "f.yaml:"},
        {"a: *nowhere\n", "f.yaml:1: no anchor 'nowhere' above this alias"},
        {"a: &x [*x]\n", "f.yaml:1: an alias to what contains it"},
        {"a: &x {b: {c: *x}}\n", "f.yaml:1: an alias to what contains it"},
        {"a: !!python/object:os.system x\n", "f.yaml:1: unknown tag"},
        {"a: !custom x\n", "f.yaml:1: unknown tag"},
        {"a: !!int x\n", "f.yaml:1: a value that is not what its tag says"},
        {"a: =\n", "f.yaml:1: a plain '=' has no value"},
        {"- <<\n", "f.yaml:1: '<<' outside the keys of a mapping"},
        {"<<: 1\n", "f.yaml:1: '<<' merges mappings only"},
        {"a: 1\n---\nb: 2\n", "f.yaml:"},
        {"? [a]\n: 1\n", "f.yaml:1: a key must be a scalar"},
        {"a: \"\\0\"\n", "f.yaml:1: a string that is no valid text"},
        {"a: \xff\n", "f.yaml:1: invalid UTF-8 (byte 0xff)"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_document *document = NULL;
        if (parse(cases[i].text, &document) != MLEDGER_EINVALID)
            fail_msg("read all the same: %s", cases[i].text);
        assert_null(document);
        if (strncmp(mledger_error_text(), cases[i].start, strlen(cases[i].start)) != 0)
            fail_msg("%s: %s", cases[i].text, mledger_error_text());
    }
    struct ml_document *document = NULL;
    assert_int_equal(ml_yaml_parse(ML_SPAN("a: 1\n\0\n", 7), "f.yaml", NULL, &document),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "f.yaml:2: a NUL byte");
}

static void limits_hold(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_document *document = NULL;
    assert_int_equal(ml_buf_append_text(&text, "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"), 0);
    for (int i = 1; i < 20; i++)
        assert_int_equal(ml_buf_printf(&text, "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i,
                                       i - 1, i - 1, i - 1, i - 1, i - 1),
                         0);
    assert_int_equal(ml_yaml_parse(ml_buf_span(&text), "laughs.yaml", NULL, &document),
                     MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "too many values, aliases written out"));

    ml_buf_clear(&text);
    for (int i = 0; i < 100; i++)
        assert_int_equal(ml_buf_append_char(&text, '['), 0);
    assert_int_equal(ml_yaml_parse(ml_buf_span(&text), "deep.yaml", NULL, &document),
                     MLEDGER_EINVALID);

    ml_buf_clear(&text);
    assert_int_equal(ml_buf_append_text(&text, "a: &a {"), 0);
    for (int i = 0; i < 2000; i++)
        assert_int_equal(ml_buf_printf(&text, "k%d: 1, ", i), 0);
    assert_int_equal(ml_buf_append_text(&text, "}\nb: {<<: *a}\n"), 0);
    assert_int_equal(ml_yaml_parse(ml_buf_span(&text), "m.yaml", NULL, &document),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "m.yaml:1: too many keys merged by '<<'");

    const struct ml_yaml_options few = {.limits = {.nodes = 4, .bytes = 100}};
    assert_int_equal(ml_yaml_parse(ML_SPAN("[1, 2, 3]", 9), "n", &few, &document), 0);
    ml_document_free(document);
    document = NULL;
    assert_int_equal(ml_yaml_parse(ML_SPAN("[1, 2, 3, 4]", 12), "n", &few, &document),
                     MLEDGER_EINVALID);
    ml_buf_clear(&text);
    for (int i = 0; i < 101; i++)
        assert_int_equal(ml_buf_append_char(&text, ' '), 0);
    assert_int_equal(ml_yaml_parse(ml_buf_span(&text), "n", &few, &document), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "n: larger than the 100 bytes that are read");
    assert_null(document);
}

static void the_parser_is_silent(void **state)
{
    (void)state;
    char path[] = "/tmp/yaml-stderr-XXXXXX";
    struct ml_document *document = NULL;
    struct stat status;
    const int file = mkstemp(path), kept = dup(STDERR_FILENO);
    assert_true(file >= 0 && kept >= 0);
    fflush(stderr);
    assert_true(dup2(file, STDERR_FILENO) >= 0);
    const int result = parse("a: [1, 2\nb: }\n", &document);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    assert_int_equal(result, MLEDGER_EINVALID);
    assert_int_equal(fstat(file, &status), 0);
    assert_int_equal(status.st_size, 0);
    close(kept);
    close(file);
    unlink(path);
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    struct ml_document *document = NULL;
    assert_int_equal(ml_yaml_read_file("/nowhere/x.yaml", "x.yaml", NULL, &document),
                     MLEDGER_ENOTFOUND);
    assert_string_equal(mledger_error_text(), "no file 'x.yaml'");
    assert_int_equal(ml_yaml_read_file("/", NULL, NULL, &document), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "/: not a regular file");
    assert_null(document);
}

static void lines_are_those_of_the_file(void **state)
{
    (void)state;
    struct ml_document *document = read_good("a: 1\n\n# c\nb:\n  - x\n  -\n    y: 1\n");
    const struct ml_value *b = ml_value_get(document->root, "b");
    assert_int_equal(document->root->line, 1);
    assert_int_equal(b->items[0]->line, 5);
    assert_int_equal(b->items[1]->line, 7);
    ml_document_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_scalars_of_yaml_1_2),
        cmocka_unit_test(plain_scalars_of_yaml_1_1),
        cmocka_unit_test(texts_keep_what_was_written),
        cmocka_unit_test(anchors_are_shared_and_merged),
        cmocka_unit_test(broken_files_are_refused_with_their_place),
        cmocka_unit_test(limits_hold),
        cmocka_unit_test(the_parser_is_silent),
        cmocka_unit_test(files_that_cannot_be_read),
        cmocka_unit_test(lines_are_those_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
