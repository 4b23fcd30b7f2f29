/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that YAML, JSON and TOML files become: lookups, typed reading, numbers, equality. */
#include "tests/unit/cmocka_all.h"

#include <math.h>
#include <stdio.h>

#include "ingest/json_value.h"
#include "ingest/yaml.h"

static struct ml_document *read_yaml(const char *text)
{
    struct ml_document *document = NULL;
    const int result = ml_yaml_parse(ML_SPAN(text, strlen(text)), "f.yaml", NULL, &document);
    if (result < 0)
        fail_msg("%s", mledger_error_text());
    return document;
}

static const struct ml_value *get(const struct ml_document *document, const char *key)
{
    const struct ml_value *value = ml_value_get(document->root, key);
    assert_non_null(value);
    return value;
}

static void maps_are_searched_by_string_keys(void **state)
{
    (void)state;
    struct ml_document *document = read_yaml("a: 1\n'2': two\n3: three\nnested: {x: y}\n");
    assert_true(ml_value_is(get(document, "a"), ML_VALUE_INT));
    assert_true(ml_value_is_text(get(document, "2"), "two"));
    assert_null(ml_value_get(document->root, "3")); /* an int key */
    assert_null(ml_value_get(document->root, "b"));
    assert_null(ml_value_get(get(document, "a"), "a"));
    assert_null(ml_value_get(NULL, "a"));
    assert_true(ml_value_is_text(ml_value_get(get(document, "nested"), "x"), "y"));
    ml_document_free(document);
}

static void large_maps_are_searched_by_their_index(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (int i = 0; i < 2000; i++)
        assert_int_equal(ml_buf_printf(&text, "key%d: %d\n", i, i), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    struct ml_document *document = read_yaml((const char *)text.data);
    assert_int_equal(document->root->count, 2000);
    assert_non_null(document->root->index);
    for (int i = 0; i < 2000; i++) {
        char key[32];
        int64_t number = -1;
        snprintf(key, sizeof(key), "key%d", i);
        assert_true(ml_value_int64(get(document, key), &number));
        assert_int_equal(number, i);
    }
    assert_null(ml_value_get(document->root, "key2000"));
    ml_document_free(document);
}

static void typed_reading_names_file_line_and_key(void **state)
{
    (void)state;
    struct ml_document *document =
        read_yaml("text: t\nnone:\nflag: true\nnumber: 12\nbig: 99999999999999999999\nlist: []\n");
    const char *text = "untouched";
    bool flag = false;
    int64_t number = -7;
    const struct ml_value *list = NULL;
    assert_int_equal(ml_value_want_text(document, document->root, "text", &text), 0);
    assert_string_equal(text, "t");
    assert_int_equal(ml_value_opt_text(document, document->root, "none", &text), 0);
    assert_int_equal(ml_value_opt_text(document, document->root, "missing", &text), 0);
    assert_string_equal(text, "t");
    assert_int_equal(ml_value_opt_bool(document, document->root, "flag", &flag), 0);
    assert_true(flag);
    assert_int_equal(ml_value_want_int64(document, document->root, "number", &number), 0);
    assert_int_equal(number, 12);
    assert_int_equal(ml_value_opt_kind(document, document->root, "list", ML_VALUE_SEQ, &list), 0);
    assert_non_null(list);

    assert_int_equal(ml_value_want_text(document, document->root, "none", &text), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "f.yaml:1: 'none' is missing");
    assert_int_equal(ml_value_opt_text(document, document->root, "list", &text), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "f.yaml:6: expected a string for 'list', found a list");
    assert_int_equal(ml_value_opt_bool(document, document->root, "text", &flag), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "f.yaml:1: expected a boolean for 'text', found a string");
    assert_int_equal(ml_value_opt_int64(document, document->root, "big", &number),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(),
                        "f.yaml:5: 'big' is out of range: 99999999999999999999");
    assert_int_equal(ml_value_want_int64(document, document->root, "missing", &number),
                     MLEDGER_EINVALID);
    assert_int_equal(number, 12);
    ml_document_free(document);
}

static void integers_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool fits;
        int64_t number;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"+12", true, 12},
        {"1_000", true, 1000},
        {"017", true, 17},
        {"0x1f", true, 31},
        {"-0xFF", true, -255},
        {"0o17", true, 15},
        {"0b101", true, 5},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"0x8000000000000000", false, 0},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const struct ml_value value = {
            .kind = ML_VALUE_INT, .text = cases[i].text, .len = strlen(cases[i].text)};
        int64_t number = 77;
        assert_int_equal(ml_value_int64(&value, &number), cases[i].fits);
        assert_true(number == (cases[i].fits ? cases[i].number : 77));
    }
}

static void floats_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        enum ml_value_kind kind;
        const char *text;
        double number;
    } cases[] = {
        {ML_VALUE_FLOAT, "1e-3", 0.001},
        {ML_VALUE_FLOAT, "1_0.5", 10.5},
        {ML_VALUE_FLOAT, ".5", 0.5},
        {ML_VALUE_FLOAT, "-.inf", -HUGE_VAL},
        {ML_VALUE_FLOAT, "+.Inf", HUGE_VAL},
        {ML_VALUE_FLOAT, "Infinity", HUGE_VAL},
        {ML_VALUE_FLOAT, "-Infinity", -HUGE_VAL},
        {ML_VALUE_INT, "3", 3},
        {ML_VALUE_INT, "99999999999999999999", 1e20},
    };
    double number = 0;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const struct ml_value value = {
            .kind = cases[i].kind, .text = cases[i].text, .len = strlen(cases[i].text)};
        assert_true(ml_value_double(&value, &number));
        assert_memory_equal(&number, &cases[i].number, sizeof(number));
    }
    const struct ml_value nan = {.kind = ML_VALUE_FLOAT, .text = ".NaN", .len = 4};
    assert_true(ml_value_double(&nan, &number) && isnan(number));
    const struct ml_value text = {.kind = ML_VALUE_STRING, .text = "1", .len = 1};
    assert_false(ml_value_double(&text, &number));
}

static void equality_is_of_meaning(void **state)
{
    (void)state;
    struct ml_document *document = read_yaml("- {a: 1, b: [1, 2.0, .nan]}\n"
                                             "- {b: [1.0, 2, .NaN], a: 0x1}\n"
                                             "- {b: [1.0, 2, 3], a: 0x1}\n"
                                             "- {a: 1}\n"
                                             "- '1'\n- 1\n- true\n- True\n- ~\n- null\n");
    const struct ml_value *const *item = document->root->items;
    assert_true(ml_value_equal(item[0], item[1]));
    assert_false(ml_value_equal(item[1], item[2]));
    assert_false(ml_value_equal(item[0], item[3]));
    assert_false(ml_value_equal(item[4], item[5]));
    assert_false(ml_value_equal(item[5], item[6]));
    assert_true(ml_value_equal(item[6], item[7]));
    assert_true(ml_value_equal(item[8], item[9]));
    ml_document_free(document);
}

static void values_are_written_as_json_in_one_line(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_document *document = read_yaml("a: [1, 1e-3, .inf, 0x1f, -0.0, 007]\n"
                                             "b: {yes: 'q\"\\', 1: ~}\n"
                                             "c: 2020-01-01\nd: \"tab\\tä\"\n");
    assert_int_equal(ml_value_write(document->root, &text), 0);
    assert_int_equal(ml_buf_append_char(&text, '\0'), 0);
    assert_string_equal((const char *)text.data,
                        "{\"a\": [1, 1e-3, \".inf\", \"0x1f\", -0.0, \"007\"], "
                        "\"b\": {\"yes\": \"q\\\"\\\\\", \"1\": null}, "
                        "\"c\": \"2020-01-01\", \"d\": \"tab\\u0009ä\"}");
    ml_buf_clear(&text);
    assert_int_equal(ml_value_write(get(document, "d"), &text), 0);
    assert_memory_equal(text.data, "tab\tä", text.len);
    ml_document_free(document);
}

static void limits_fall_back_to_named_defaults(void **state)
{
    (void)state;
    const struct ml_value_limits wide = {.depth = 100000};
    const struct ml_value_limits all = ml_value_limits_or_default(NULL);
    assert_int_equal(all.bytes, ML_VALUE_BYTES_MAX);
    assert_int_equal(all.nodes, ML_VALUE_NODES_MAX);
    assert_int_equal(ml_value_limits_or_default(&wide).depth, ML_VALUE_DEPTH_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maps_are_searched_by_string_keys),
        cmocka_unit_test(large_maps_are_searched_by_their_index),
        cmocka_unit_test(typed_reading_names_file_line_and_key),
        cmocka_unit_test(integers_in_every_spelling),
        cmocka_unit_test(floats_in_every_spelling),
        cmocka_unit_test(equality_is_of_meaning),
        cmocka_unit_test(values_are_written_as_json_in_one_line),
        cmocka_unit_test(limits_fall_back_to_named_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
