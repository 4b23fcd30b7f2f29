/* SPDX-License-Identifier: Apache-2.0 */
/* JSON as Python writes it, and what is refused, with its sentence. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ingest/json_value.h"

static int parse(const char *text, struct ml_document **ret_document)
{
    return ml_json_value_parse(ML_SPAN(text, strlen(text)), "f.json", NULL, ret_document);
}

static void good_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written;
    } cases[] = {
        {"{\"a\": [1, -2.5e-3, true, null, \"x\"], \"b\": {}}",
         "{\"a\": [1, -2.5e-3, true, null, \"x\"], \"b\": {}}"},
        {" [NaN, Infinity, -Infinity] ", "[\"NaN\", \"Infinity\", \"-Infinity\"]"},
        {"\"\\ud83d\\ude00 \\u00e4 \\/ \\\" \\n\"", "😀 ä / \" \n"},
        {"\xef\xbb\xbf{}", "{}"},
        {"0", "0"},
        {"[12345678901234567890, 0.1]", "[12345678901234567890, 0.1]"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
        struct ml_document *document = NULL;
        if (parse(cases[i].text, &document) < 0)
            fail_msg("%s: %s", cases[i].text, mledger_error_text());
        assert_int_equal(ml_value_write(document->root, &out), 0);
        assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
        assert_string_equal((const char *)out.data, cases[i].written);
        ml_document_free(document);
    }
}

static void broken_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *sentence;
    } cases[] = {
        {"", "f.json:1:1: the file ends where a value belongs"},
        {"{\"a\": 1,\n \"a\": 2}", "f.json:2: key 'a' stands twice, first in line 1"},
        {"[1, 2", "f.json:1:6: the file ends inside a container"},
        {"[1 2]", "f.json:1:4: expected ',' or its end"},
        {"[1,]", "f.json:1:4: expected a value"},
        {"{a: 1}", "f.json:1:2: expected a key in quotes"},
        {"{\"a\" 1}", "f.json:1:6: expected ':' after a key"},
        {"\"x", "f.json:1:3: the file ends inside a string"},
        {"\"\n\"", "f.json:1:2: a control character in a string"},
        {"\"\\x\"", "f.json:1:3: an unknown escape in a string"},
        {"\"\\u12g4\"", "f.json:1:6: expected four hex digits after \\u"},
        {"\"\\ud83d x\"", "f.json:1:8: half of a surrogate pair"},
        {"\"\\ud83d\\u0041\"", "f.json:1:14: half of a surrogate pair"},
        {"\"\\ude00\"", "f.json:1:8: half of a surrogate pair"},
        {"\"\\u0000\"", "f.json:1:8: a string with a NUL character"},
        {"01", "f.json:1:1: expected a value"},
        {"1.", "f.json:1:1: expected a value"},
        {"1e", "f.json:1:1: expected a value"},
        {"nul", "f.json:1:1: expected a value"},
        {"{} {}", "f.json:1:4: more text after the value"},
        {"[\n\xc3]", "f.json:2: invalid UTF-8 (byte 0xc3)"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_document *document = NULL;
        assert_int_equal(parse(cases[i].text, &document), MLEDGER_EINVALID);
        assert_null(document);
        assert_string_equal(mledger_error_text(), cases[i].sentence);
    }
}

static void limits_hold(void **state)
{
    (void)state;
    const struct ml_value_limits limits = {.nodes = 3, .depth = 2, .bytes = 20};
    struct ml_document *document = NULL;
    assert_int_equal(ml_json_value_parse(ML_SPAN("[1,2]", 5), "n", &limits, &document), 0);
    ml_document_free(document);
    document = NULL;
    assert_int_equal(ml_json_value_parse(ML_SPAN("[1,2,3]", 7), "n", &limits, &document),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "n:1:6: too many values");
    assert_int_equal(ml_json_value_parse(ML_SPAN("[[[]]]", 6), "n", &limits, &document),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "n:1:4: nested too deeply");
    assert_int_equal(
        ml_json_value_parse(ML_SPAN("                     1", 22), "n", &limits, &document),
        MLEDGER_EINVALID);
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files),
        cmocka_unit_test(broken_files),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
