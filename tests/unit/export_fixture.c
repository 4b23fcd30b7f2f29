/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/export_fixture.h"

#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/query/lineage.h"
#include "ledger/store/erasure.h"

/* ---- documents ---- */

static void write_account(struct ml_view *view, const char *format, const char *reference,
                          struct ml_buf *out)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_CLEANUP(ml_account_freep) struct ml_account *account = NULL;
    const struct ml_export_format *known = ml_export_format(format);
    const struct ml_export_options options = {.query = reference ? reference : "everything"};
    struct ml_lineage_options lineage = ml_lineage_defaults();
    lineage.down = !reference;
    assert_non_null(known);
    if (ml_lineage_many(view, &reference, reference != NULL, &lineage, &graph) < 0 ||
        ml_account_new(view, graph, &account) < 0 || known->write(account, &options, out) < 0)
        fail_msg("%s of %s: %s", format, reference ? reference : "all", mledger_error_text());
}

char *export_text(struct fixture *fixture, const char *format, const char *reference)
{
    struct ml_view view;
    struct ml_buf out = {0};
    char *text;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), MLEDGER_OK);
    write_account(&view, format, reference, &out);
    ml_view_end(&view);
    assert_int_equal(ml_buf_take_text(&out, &text), MLEDGER_OK);
    return text;
}

static json_t *read_json(const char *text, size_t len)
{
    json_t *json;
    if (ml_json_parse(text, len, &json) < 0)
        fail_msg("%s in: %.*s", mledger_error_text(), (int)len, text);
    return json;
}

json_t *export_json(struct fixture *fixture, const char *format, const char *reference)
{
    ML_CLEANUP(ml_freep) char *text = export_text(fixture, format, reference);
    return read_json(text, strlen(text));
}

json_t *export_lines(struct fixture *fixture, const char *format, const char *reference)
{
    ML_CLEANUP(ml_freep) char *text = export_text(fixture, format, reference);
    json_t *lines = json_array();
    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        json_array_append_new(lines, read_json(line, strcspn(line, "\n")));
    return lines;
}

/* ---- looking ---- */

static const json_t *step(const json_t *json, const char *key)
{
    if (json_is_array(json))
        return json_array_get(json, strtoul(key, NULL, 10));
    return json_object_get(json, key);
}

static const json_t *look(const json_t *json, const char *path)
{
    ML_CLEANUP(ml_freep) char *copy = strdup(path);
    char *rest = copy;
    for (char *key; json && (key = strsep(&rest, "/"));) {
        for (char *at = key; *at; at++)
            *at = *at == '|' ? '/' : *at;
        json = step(json, key);
    }
    return json;
}

const json_t *export_at(const json_t *json, const char *path)
{
    const json_t *found = look(json, path);
    if (!found) {
        char *text = json_dumps(json, JSON_COMPACT);
        fail_msg("there is no %s in %.3000s", path, text);
    }
    return found;
}

void export_expect(const json_t *json, const char *path, const char *text)
{
    const json_t *found = export_at(json, path);
    if (!json_is_string(found))
        fail_msg("%s is no string", path);
    assert_string_equal(json_string_value(found), text);
}

void export_expect_none(const json_t *json, const char *path)
{
    if (look(json, path))
        fail_msg("there is a %s", path);
}

const json_t *export_find(const json_t *array, const char *key, const char *text)
{
    size_t i;
    json_t *element;
    json_array_foreach(array, i, element)
    {
        const json_t *value = look(element, key);
        if (json_is_string(value) && strcmp(json_string_value(value), text) == 0)
            return element;
    }
    fail_msg("there is no element whose %s is '%s'", key, text);
    return NULL;
}

/* ---- links ---- */

static uint64_t seq_of(const json_t *json)
{
    if (json_is_array(json))
        json = json_array_get(json, 0);
    if (json_is_object(json))
        json = json_object_get(json, "$");
    return json_is_string(json) ? strtoull(json_string_value(json), NULL, 10)
                                : (uint64_t)json_integer_value(json);
}

static void check_link(struct ml_view *view, uint64_t seq, const char *link)
{
    uint8_t expected[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    assert_int_equal(ml_view_link_at(view, seq, expected), MLEDGER_OK);
    ml_hex_encode(hex, expected, sizeof expected);
    assert_string_equal(link, hex);
}

static size_t check_links(struct ml_view *view, const json_t *json, const char *seq_key,
                          const char *link_key)
{
    size_t count = 0, i;
    const char *key;
    json_t *value, *object = (json_t *)(uintptr_t)json;
    json_array_foreach(json, i, value) count += check_links(view, value, seq_key, link_key);
    json_object_foreach(object, key, value) count += check_links(view, value, seq_key, link_key);
    const json_t *seq = json_object_get(json, seq_key), *link = json_object_get(json, link_key);
    assert_true(!seq || link || json_is_array(json));
    if (!seq || !link)
        return count;
    check_link(view, seq_of(seq), json_string_value(link));
    return count + 1;
}

size_t export_check_links(struct fixture *fixture, const json_t *json, const char *seq_key,
                          const char *link_key)
{
    struct ml_view view;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), MLEDGER_OK);
    size_t count = check_links(&view, json, seq_key, link_key);
    ml_view_end(&view);
    return count;
}

/* ---- hostile names ---- */

#define EPOCH "1970-01-01T00:00:00Z"

static uint64_t add_packed(struct fixture *fixture, json_t *json)
{
    char *line = json_dumps(json, JSON_COMPACT);
    assert_non_null(line);
    uint64_t seq = fixture_add(fixture, line);
    free(line);
    json_decref(json);
    return seq;
}

void export_add_hostile(struct fixture *fixture)
{
    char longest[301], sha[80];
    memset(longest, 'x', 300);
    longest[300] = '\0';
    snprintf(sha, sizeof sha, "sha256:%064d", 7);
    add_packed(fixture, json_pack("{s:{s:s, s:[s], s:s}}", "dataset_recorded", "name",
                                  EXPORT_HOSTILE, "digests", sha, "source_uri", longest));
    add_packed(fixture,
               json_pack("{s:{s:s, s:s}}", "run_started", "run_id", "end", "name", EXPORT_HOSTILE));
    uint64_t logged = add_packed(
        fixture,
        json_pack("{s:{s:s, s:[s, s], s:[{s:s, s:i, s:s}, {s:s, s:i, s:s}], s:[{s:s, s:[s]}]},"
                  " s:{s:[s, s], s:[s, s]}}",
                  "run_logged", "run", "end", "params", EXPORT_HOSTILE, longest, "metrics", "key",
                  EXPORT_HOSTILE, "step", 1, "time", EPOCH, "key", "inf", "step", 2, "time", EPOCH,
                  "inputs", "name", EXPORT_HOSTILE, "digests", sha, "details", "param_values",
                  EXPORT_HOSTILE, "0.10", "metric_values", "NaN", "-inf"));
    add_packed(fixture, json_pack("{s:{s:s}}", "model_created", "name", EXPORT_HOSTILE));
    add_packed(fixture, json_pack("{s:{s:s, s:s, s:[{s:s, s:[s]}]}}", "version_registered", "model",
                                  EXPORT_HOSTILE, "run_id", "end", "artifacts", "path",
                                  EXPORT_HOSTILE, "digests", sha));
    uint64_t params = add_packed(fixture, json_pack("{s:{s:s, s:[s]}, s:{s:[s]}}", "run_logged",
                                                    "run", "end", "params", "secret", "details",
                                                    "param_values", "erased soon"));
    add_packed(fixture, json_pack("{s:{s:I}}", "details_erased", "record_ref", (json_int_t)params));
    assert_true(logged < params);
    uint64_t erased;
    assert_int_equal(ml_ledger_erase_finish(fixture->ledger, &erased), MLEDGER_OK);
    assert_int_equal(erased, 1);
}
