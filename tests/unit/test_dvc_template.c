/* SPDX-License-Identifier: Apache-2.0 */
/* `${…}` of dvc.yaml, and values as DVC writes them out. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ingest/dvc/template.h"
#include "ingest/yaml.h"

static struct ml_document *read_yaml(const char *text)
{
    struct ml_document *document = NULL;
    if (ml_yaml_parse(ML_SPAN(text, strlen(text)), "dvc.yaml", NULL, &document) < 0)
        fail_msg("%s", mledger_error_text());
    return document;
}

static void numbers_are_written_as_python_does(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *text;
    } cases[] = {
        {"1e-3", "0.001"},
        {"0.20", "0.2"},
        {"1E5", "100000.0"},
        {"1.", "1.0"},
        {".5", "0.5"},
        {"1e16", "1e+16"},
        {"123456789012345680.0", "1.2345678901234568e+17"},
        {"9999999999999998.0", "9999999999999998.0"},
        {"1e-4", "0.0001"},
        {"1e-5", "1e-05"},
        {"-1.5e-300", "-1.5e-300"},
        {"0.1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"},
        {"-0.0", "-0.0"},
        {".inf", "inf"},
        {"-.inf", "-inf"},
        {".nan", "nan"},
        {"1_000", "1000"},
        {"0x1F", "31"},
        {"017", "17"},
        {"+12345678901234567890123", "12345678901234567890123"},
        {"-0012345678901234567890123", "-12345678901234567890123"},
        {"True", "true"},
        {"false", "false"},
        {"~", "None"},
        {"'1e-3'", "1e-3"},
        {"1234.5678", "1234.5678"},
        {"100.0", "100.0"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
        struct ml_document *document = read_yaml(cases[i].yaml);
        assert_int_equal(ml_dvc_text_scalar(document->root, &out), 0);
        assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
        assert_string_equal((const char *)out.data, cases[i].text);
        ml_document_free(document);
    }
}

static void expect_options(const char *yaml, struct ml_dvc_option_style style, const char *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_document *document = read_yaml(yaml);
    assert_int_equal(ml_dvc_text_options(document->root, style, &out), 0);
    assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
    assert_string_equal((const char *)out.data, text);
    ml_document_free(document);
}

static void mappings_become_options(void **state)
{
    (void)state;
    const struct ml_dvc_option_style usual = {0};
    const struct ml_dvc_option_style other = {.no_prefix = true, .append_list = true};
    const char *yaml =
        "{a: 1, flag: true, off: false, l: [x, 'y z', 2], n: {k: 1e-3}, s: \"it's\"}";
    expect_options(yaml, usual, "--a 1 --flag --l x 'y z' 2 --n.k 0.001 --s 'it'\"'\"'s'");
    expect_options(yaml, other,
                   "--a 1 --flag --no-off --l x --l 'y z' --l 2 --n.k 0.001 --s 'it'\"'\"'s'");
    expect_options("{}", usual, "");
    expect_options("{a: '', b: a/b=c:d@1%}", usual, "--a '' --b a/b=c:d@1%");

    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_document *document = read_yaml("{l: [[1]]}");
    assert_int_equal(ml_dvc_text_options(document->root, usual, &out), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "'l' has a container inside its list");
    ml_document_free(document);
}

static struct ml_dvc_scope scope_of(struct ml_document *document)
{
    struct ml_dvc_scope scope = {.made = document};
    assert_int_equal(ml_dvc_scope_merge(&scope, ml_value_get(document->root, "vars"), "'vars'"), 0);
    scope.item = ml_value_get(document->root, "item");
    scope.key = ml_value_get(document->root, "key");
    return scope;
}

#define SCOPE                                                                                      \
    "vars: {a: {b: [{c: 1e-3}, two]}, t: text, f: true, m: {x: 1, y: s}, 1: one}\n"                \
    "item: {p: 5}\nkey: k\n"

static void expressions_are_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *source, *json;
        bool is_command;
    } cases[] = {
        {"no expression", "no expression", false},
        {"${t}", "text", false},
        {"x-${ t }-${f}", "x-text-true", false},
        {"${a.b[0].c}", "1e-3", false}, /* the value itself, as written */
        {"is ${a.b[0].c}", "is 0.001", false},
        {"${a.b[1]}", "two", false},
        {"${a.b.1}", "two", false},
        {"${item.p}${key}", "5k", false},
        {"\\${t} ${t}", "${t} text", false},
        {"${m}", "{\"x\": 1, \"y\": \"s\"}", false},
        {"run ${m}", "run --x 1 --y s", true},
        {"${1}", "one", false},
        {"$t {t} $", "$t {t} $", false},
        {"${t", "${t", false},
    };
    struct ml_document *document = read_yaml(SCOPE);
    const struct ml_dvc_scope scope = scope_of(document);
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
        const struct ml_value source = {.kind = ML_VALUE_STRING,
                                        .text = cases[i].source,
                                        .len = strlen(cases[i].source),
                                        .line = 1,
                                        .weight = 1};
        const struct ml_value *value = NULL;
        if (ml_dvc_template_resolve(&scope, &source, cases[i].is_command, &value) < 0)
            fail_msg("%s: %s", cases[i].source, mledger_error_text());
        assert_int_equal(ml_value_write(value, &out), 0);
        assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
        assert_string_equal((const char *)out.data, cases[i].json);
    }
    ml_document_free(document);
}

static void containers_are_resolved_throughout(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_document *document = read_yaml(SCOPE "def: {outs: ['${t}.txt', {'${key}': 1}]}\n");
    const struct ml_dvc_scope scope = scope_of(document);
    const struct ml_value *value = NULL;
    assert_int_equal(
        ml_dvc_template_resolve(&scope, ml_value_get(document->root, "def"), false, &value), 0);
    assert_int_equal(ml_value_write(value, &out), 0);
    assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
    assert_string_equal((const char *)out.data, "{\"outs\": [\"text.txt\", {\"k\": 1}]}");
    ml_document_free(document);
}

static void what_cannot_be_resolved(void **state)
{
    (void)state;
    static const struct {
        const char *source, *sentence;
    } cases[] = {
        {"x ${nothing}", "dvc.yaml:7: nothing is known as 'nothing'"},
        {"${a.b[2]}", "dvc.yaml:7: nothing is known as 'a.b[2]'"},
        {"${a.b[-1]}", "dvc.yaml:7: nothing is known as 'a.b[-1]'"},
        {"${t.x}", "dvc.yaml:7: nothing is known as 't.x'"},
        {"${}", "dvc.yaml:7: nothing is known as ''"},
        {"x ${m}", "dvc.yaml:7: a mapping cannot stand inside a text"},
        {"x ${a.b}", "dvc.yaml:7: a list cannot stand inside a text"},
    };
    struct ml_document *document = read_yaml(SCOPE);
    const struct ml_dvc_scope scope = scope_of(document);
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const struct ml_value source = {.kind = ML_VALUE_STRING,
                                        .text = cases[i].source,
                                        .len = strlen(cases[i].source),
                                        .line = 7,
                                        .weight = 1};
        const struct ml_value *value = NULL;
        assert_int_equal(ml_dvc_template_resolve(&scope, &source, false, &value), MLEDGER_EINVALID);
        assert_string_equal(mledger_error_text(), cases[i].sentence);
    }
    ml_document_free(document);
}

static void scopes_merge_and_refuse_to_define_twice(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    struct ml_document *document =
        read_yaml("vars: {a: {x: 1}, b: 2}\nmore: {a: {y: {z: 3}}, c: 4}\nagain: {a: {x: 9}}\n");
    struct ml_dvc_scope scope = scope_of(document);
    assert_int_equal(ml_dvc_scope_merge(&scope, ml_value_get(document->root, "more"), "m.yaml"), 0);
    assert_int_equal(ml_value_write(scope.vars, &out), 0);
    assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
    assert_string_equal((const char *)out.data,
                        "{\"a\": {\"x\": 1, \"y\": {\"z\": 3}}, \"b\": 2, \"c\": 4}");
    assert_int_equal(ml_dvc_scope_merge(&scope, ml_value_get(document->root, "again"), "n.yaml"),
                     MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "dvc.yaml:3: 'x' of n.yaml is defined already");
    ml_document_free(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_written_as_python_does),
        cmocka_unit_test(mappings_become_options),
        cmocka_unit_test(expressions_are_replaced),
        cmocka_unit_test(containers_are_resolved_throughout),
        cmocka_unit_test(what_cannot_be_resolved),
        cmocka_unit_test(scopes_merge_and_refuse_to_define_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
