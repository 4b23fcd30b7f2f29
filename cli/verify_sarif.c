/* SPDX-License-Identifier: Apache-2.0 */
/* SARIF 2.1.0 (OASIS Standard, errata 01). */
#include <inttypes.h>
#include <stdio.h>

#include "cli/finding_table.h"
#include "cli/verify_report.h"
#include "ledger/core/json.h"
#include "ledger/store/durable.h"

#define SCHEMA                                                                                     \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

static const char *const levels[] = {[ML_SEVERITY_FAULT] = "error",
                                     [ML_SEVERITY_DOUBT] = "warning",
                                     [ML_SEVERITY_NOT_PROVEN] = "note"};

static void decrefp(json_t **json)
{
    json_decref(*json);
}

/* Each takes `value` over, also on failure. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

/* {"text": …} of Markdown: without its backquotes. */
static json_t *plain(const char *markdown)
{
    char text[1024];
    size_t len = 0;
    for (; *markdown && len + 1 < sizeof text; markdown++)
        if (*markdown != '`')
            text[len++] = *markdown;
    text[len] = '\0';
    return json_pack("{s:s}", "text", text);
}

static int add_rule(json_t *rules, const struct ml_finding_entry *entry)
{
    char text[2048];
    snprintf(text, sizeof text, "How it can arise: %s. What to do: %s.", entry->cause,
             entry->advice);
    json_t *rule =
        json_pack("{s:s, s:o, s:{s:s}}", "id", entry->code, "shortDescription",
                  plain(entry->meaning), "defaultConfiguration", "level", levels[entry->severity]);
    ML_TRY(append(rules, rule));
    ML_TRY(put(rule, "help", plain(text)));
    return put(
        json_object_get(rule, "help"), "markdown",
        json_sprintf("How it can arise: %s.\n\nWhat to do: %s.", entry->cause, entry->advice));
}

static int add_rules(json_t *driver)
{
    json_t *rules = json_array();
    ML_TRY(put(driver, "rules", rules));
    for (size_t i = 0; i < ml_finding_count; i++)
        ML_TRY(add_rule(rules, &ml_finding_table[i]));
    return MLEDGER_OK;
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));
    return text ? text : "";
}

static const char *level_of(const json_t *finding)
{
    const char *severity = text_of(finding, "severity");
    if (strcmp(severity, "fault") == 0 || json_is_true(json_object_get(finding, "required")))
        return "error";
    return strcmp(severity, "doubt") == 0 ? "warning" : "note";
}

static int add_location(json_t *result, const json_t *finding)
{
    const json_t *seq = json_object_get(finding, "seq");
    if (!seq)
        return MLEDGER_OK;
    char name[32];
    snprintf(name, sizeof name, "%" JSON_INTEGER_FORMAT, json_integer_value(seq));
    return put(result, "locations",
               json_pack("[{s:[{s:s, s:s+, s:s}]}]", "logicalLocations", "name", name,
                         "fullyQualifiedName", "record ", name, "kind", "object"));
}

static int add_result(json_t *results, const json_t *finding)
{
    const char *code = text_of(finding, "code"), *rule = text_of(finding, "rule");
    json_t *result = json_pack("{s:s, s:s, s:{s:s}}", "ruleId", code, "level", level_of(finding),
                               "message", "text", text_of(finding, "text"));
    ML_TRY(append(results, result));
    for (size_t i = 0; i < ml_finding_count; i++)
        if (strcmp(ml_finding_table[i].code, code) == 0)
            ML_TRY(put(result, "ruleIndex", json_integer((json_int_t)i)));
    ML_TRY(add_location(result, finding));
    return *rule ? put(result, "properties", json_pack("{s:s}", "rule", rule)) : MLEDGER_OK;
}

static int add_results(json_t *run, const json_t *findings)
{
    size_t i;
    const json_t *one;
    json_t *results = json_array();
    ML_TRY(put(run, "results", results));
    json_array_foreach(findings, i, one)
    {
        ML_TRY(add_result(results, one));
    }
    return MLEDGER_OK;
}

static int add_run(json_t *log, const struct ml_verify_report *report)
{
    json_t *driver = json_pack("{s:s, s:s}", "name", "mledger", "semanticVersion", report->version);
    json_t *run = json_pack("{s:{s:o}, s:[{s:b}], s:{s:s, s:I, s:s, s:b}}", "tool", "driver",
                            driver, "invocations", "executionSuccessful", 1, "properties", "ledger",
                            report->ledger, "records", (json_int_t)report->records, "level",
                            report->level, "verified", report->verified);
    if (!run)
        return ml_fail_memory();
    ML_TRY(append(json_object_get(log, "runs"), run));
    ML_TRY(add_rules(driver));
    return add_results(run, report->findings);
}

int ml_verify_write_sarif(const struct ml_verify_report *report, const char *path)
{
    ML_CLEANUP(decrefp)
    json_t *log = json_pack("{s:s, s:s, s:[]}", "$schema", SCHEMA, "version", "2.1.0", "runs");
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (!log)
        return ml_fail_memory();
    ML_TRY(add_run(log, report));
    ML_TRY(ml_json_dump(log, 2, &text));
    ML_TRY(ml_buf_append_char(&text, '\n'));
    return ml_durable_write(path, "report", ml_buf_span(&text), true);
}
