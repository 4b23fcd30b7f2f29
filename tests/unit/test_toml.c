/* SPDX-License-Identifier: Apache-2.0 */
/* TOML 1.0.0: its specification's own examples, and what it calls invalid. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ingest/toml.h"

static int parse(const char *text, struct ml_document **ret_document)
{
    return ml_toml_parse(ML_SPAN(text, strlen(text)), "f.toml", NULL, ret_document);
}

static void good_files(void **state)
{
    (void)state;
    static const struct {
        const char *text, *json;
    } cases[] = {
        {"", "{}"},
        {"# c\na = 1 # d\r\n\r\nb=\"x\"", "{\"a\": 1, \"b\": \"x\"}"},
        {"\"quoted key\" = 1\n'it''s' = 2", NULL},
        {"a.b.c = 1\na.b.d = 2\n\"x.y\" . z = 3",
         "{\"a\": {\"b\": {\"c\": 1, \"d\": 2}}, \"x.y\": {\"z\": 3}}"},
        {"[a.b]\nc = 1\n[a]\nd = 2\n[a.e]", "{\"a\": {\"b\": {\"c\": 1}, \"d\": 2, \"e\": {}}}"},
        {"[[p]]\nn = 1\n[[p]]\n[[p]]\nn = 3\n[p.sub]\nx = 1",
         "{\"p\": [{\"n\": 1}, {}, {\"n\": 3, \"sub\": {\"x\": 1}}]}"},
        {"[fruit]\napple.color = 1\n[fruit.apple.texture]\ns = 2",
         "{\"fruit\": {\"apple\": {\"color\": 1, \"texture\": {\"s\": 2}}}}"},
        {"a = [ 1, # one\n 2,\n]\nb = [[1], ['x', {y = 1}]]",
         "{\"a\": [1, 2], \"b\": [[1], [\"x\", {\"y\": 1}]]}"},
        {"a = { x.y = 1, x.z = 2, w = {} }", "{\"a\": {\"x\": {\"y\": 1, \"z\": 2}, \"w\": {}}}"},
        {"a = \"\"\"\nx\\\n   y\n\"\"z\"\"\"\"", "{\"a\": \"xy\\u000a\\\"\\\"z\\\"\"}"},
        {"a = '''\nraw\\n'''''", "{\"a\": \"raw\\\\n''\"}"},
        {"a = \"\\u00e4\\U0001F600\\t\"", "{\"a\": \"ä😀\\u0009\"}"},
        {"a = 1_000\nb = 0xdead_BEEF\nc = +0o7\n", NULL},
        {"a = 0b1\nb = -1\nc = +1.5e-3\nd = inf\ne = -nan\nf = 1e06\ng = true",
         "{\"a\": \"0b1\", \"b\": -1, \"c\": \"+1.5e-3\", \"d\": \"inf\", \"e\": \"-nan\", "
         "\"f\": 1e06, \"g\": true}"},
        {"a = 1979-05-27T07:32:00-08:00\nb = 1979-05-27 07:32:00.5Z\nc = 1979-05-27\nd = 07:32:00",
         "{\"a\": \"1979-05-27T07:32:00-08:00\", \"b\": \"1979-05-27 07:32:00.5Z\", "
         "\"c\": \"1979-05-27\", \"d\": \"07:32:00\"}"},
        {"a = 92233720368547758080", "{\"a\": 92233720368547758080}"},
        {"3.14 = 1", "{\"3\": {\"14\": 1}}"},
        {"[a.b.c]\nz = 1\n[a]\nb.x = 1", "{\"a\": {\"b\": {\"c\": {\"z\": 1}, \"x\": 1}}}"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
        struct ml_document *document = NULL;
        const int result = parse(cases[i].text, &document);
        if (!cases[i].json) { /* one thing wrong with it */
            assert_int_equal(result, MLEDGER_EINVALID);
            continue;
        }
        if (result < 0)
            fail_msg("%s: %s", cases[i].text, mledger_error_text());
        assert_int_equal(ml_value_write(document->root, &out), 0);
        assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
        assert_string_equal((const char *)out.data, cases[i].json);
        ml_document_free(document);
    }
}

static void numbers_have_their_value(void **state)
{
    (void)state;
    struct ml_document *document = NULL;
    int64_t number = 0;
    double real = 0;
    assert_int_equal(
        parse("a = 0xdead_BEEF\nb = 1_000\nc = -9223372036854775808\nd = 1_0.2_5", &document), 0);
    assert_int_equal(ml_value_want_int64(document, document->root, "a", &number), 0);
    assert_int_equal(number, 0xdeadbeef);
    assert_int_equal(ml_value_want_int64(document, document->root, "b", &number), 0);
    assert_int_equal(number, 1000);
    assert_int_equal(ml_value_want_int64(document, document->root, "c", &number), 0);
    assert_true(number == INT64_MIN);
    assert_true(ml_value_double(ml_value_get(document->root, "d"), &real));
    assert_true(real > 10.24 && real < 10.26);
    ml_document_free(document);
}

static void broken_files(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "a",
        "a =",
        "= 1",
        "a = 1 b = 2",
        "a = \"x",
        "a = 'x\n'",
        "a = \"\\x\"",
        "a = \"\\uD800\"",
        "a = \"\\u0000\"",
        "a = 01",
        "a = 1__0",
        "a = _1",
        "a = 1_",
        "a = 0x_1",
        "a = +0x1",
        "a = 1.",
        "a = .5",
        "a = 1.e5",
        "a = 1e",

        "a = tru",
        "a = 1979-13-01",
        "a = 1979-02-29",
        "a = 24:00:00",
        "a = 1979-05-27T07:32",
        "a = [1 2]",
        "a = [1",
        "a = {x = 1",
        "a = {x = 1,}",
        "a = {x = 1\n}",
        "a = {x = 1, x = 2}",
        "a = 1\na = 2",
        "[a]\n[a]",
        "[a",
        "[a]]",
        "[[a]",
        "[]",
        "[a.]",
        "a. = 1",
        "a = 1\n[a]",
        "a = [1]\n[[a]]",
        "[[a]]\n[a]",
        "[a]\n[[a]]",
        "a = {}\n[a.b]",
        "a = {}\na.b = 1",
        "a.b = 1\na.b.c = 2",
        "[fruit]\napple.x = 1\n[fruit.apple]",
        "[a.b.c]\nz = 1\n[a]\nb.c.t = 1",
        "[a.b.c.d]\nz=9\n[a]\nb.c.d.k.t = 1",
        "a = 1\r",
        "# \x01",
        "a = \"\x01\"",
        "\"\"\"k\"\"\" = 1",
        "a = 1 # \x7f",
        "a.b = 1\n[a]",
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_document *document = NULL;
        if (parse(cases[i], &document) != MLEDGER_EINVALID)
            fail_msg("read all the same: %s", cases[i]);
        assert_null(document);
        assert_int_equal(strncmp(mledger_error_text(), "f.toml:", 7), 0);
    }
}

static void sentences_name_the_place(void **state)
{
    (void)state;
    struct ml_document *document = NULL;
    assert_int_equal(parse("a = 1\n[t]\nb = \n", &document), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "f.toml:3:5: expected a value");
    assert_int_equal(parse("a = 1\na = 2\n", &document), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "f.toml:2: 'a' stands twice");
    assert_int_equal(parse("[a]\n\n[a]\n", &document), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "f.toml:3: 'a' is defined already");
}

static void limits_hold(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_document *document = NULL;
    const struct ml_value_limits few = {.nodes = 8};
    assert_int_equal(ml_toml_parse(ML_SPAN("a = [1, 2, 3]", 13), "n", &few, &document), 0);
    ml_document_free(document);
    document = NULL;
    assert_int_equal(ml_toml_parse(ML_SPAN("a = [1, 2, 3, 4, 5, 6, 7]", 25), "n", &few, &document),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "n:1: too many values");
    for (int kind = 0; kind < 4; kind++) {
        ml_buf_clear(&text);
        assert_int_equal(ml_buf_append_text(&text, kind == 1 ? "[a" : kind == 3 ? "a" : "a = "), 0);
        for (int i = 0; i < 200; i++)
            assert_int_equal(ml_buf_append_text(&text, kind == 0   ? "["
                                                       : kind == 2 ? "{a = "
                                                                   : ".a"),
                             0);
        assert_int_equal(ml_toml_parse(ml_buf_span(&text), "n", NULL, &document), MLEDGER_EINVALID);
        assert_non_null(strstr(mledger_error_text(), "nested too deeply"));
    }
    assert_null(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files),   cmocka_unit_test(numbers_have_their_value),
        cmocka_unit_test(broken_files), cmocka_unit_test(sentences_name_the_place),
        cmocka_unit_test(limits_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
