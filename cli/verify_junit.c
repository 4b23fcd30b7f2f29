/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "cli/finding_table.h"
#include "cli/verify_report.h"
#include "ledger/store/durable.h"

/* Character data of XML 1.0, which knows no control characters but tab, line feed and carriage
 * return, and not U+FFFE and U+FFFF: those become '?'. */
static int append_escaped(struct ml_buf *xml, const char *text)
{
    for (const uint8_t *at = (const uint8_t *)text; *at; at++) {
        const char *escaped = *at == '&'    ? "&amp;"
                              : *at == '<'  ? "&lt;"
                              : *at == '>'  ? "&gt;"
                              : *at == '"'  ? "&quot;"
                              : *at == '\n' ? "&#10;"
                              : *at < 0x20  ? "?"
                                            : NULL;
        if (at[0] == 0xef && at[1] == 0xbf && (at[2] == 0xbe || at[2] == 0xbf)) {
            escaped = "?";
            at += 2;
        }
        ML_TRY(escaped ? ml_buf_append_text(xml, escaped) : ml_buf_append_char(xml, (char)*at));
    }
    return MLEDGER_OK;
}

static const char *text_of(const json_t *finding, const char *key)
{
    const char *text = json_string_value(json_object_get(finding, key));
    return text ? text : "";
}

enum class { FAILS, DOUBTS, SKIPS, CLASSES };

static enum class class_of(const json_t *finding) {
    const char *severity = text_of(finding, "severity");
    if (strcmp(severity, "fault") == 0 ||
        json_is_true(json_object_get(finding, "required"))) return FAILS;
    return strcmp(severity, "doubt") == 0 ? DOUBTS : SKIPS;
}

/* The findings of one code and class, a line each. */
static int append_lines(struct ml_buf *xml, const struct ml_verify_report *report, const char *code,
                        enum class class)
{
    size_t i;
    const json_t *one;
    json_array_foreach(report->findings, i, one)
    {
        if (strcmp(text_of(one, "code"), code) != 0 || class_of(one) != class)
            continue;
        const json_t *seq = json_object_get(one, "seq");
        const char *rule = text_of(one, "rule");
        if (seq)
            ML_TRY(ml_buf_printf(xml, "#%" JSON_INTEGER_FORMAT " ", json_integer_value(seq)));
        ML_TRY(append_escaped(xml, text_of(one, "text")));
        if (*rule)
            ML_TRY(ml_buf_printf(xml, " (rule %s)", rule));
        ML_TRY(ml_buf_append_char(xml, '\n'));
    }
    return MLEDGER_OK;
}

static void count(const struct ml_verify_report *report, const char *code, uint64_t counts[CLASSES])
{
    size_t i;
    const json_t *one;
    json_array_foreach(report->findings, i, one)
    {
        if (strcmp(text_of(one, "code"), code) == 0)
            counts[class_of(one)]++;
    }
}

static int append_case(struct ml_buf *xml, const struct ml_verify_report *report,
                       const struct ml_finding_entry *entry, const uint64_t counts[CLASSES])
{
    ML_TRY(ml_buf_printf(xml, "    <testcase classname=\"mledger.verify\" name=\"%s\">\n",
                         entry->code));
    if (counts[FAILS]) {
        ML_TRY(ml_buf_printf(xml, "      <failure type=\"%s\" message=\"", entry->code));
        ML_TRY(append_escaped(xml, entry->meaning));
        ML_TRY(ml_buf_append_text(xml, "\">"));
        ML_TRY(append_lines(xml, report, entry->code, FAILS));
        ML_TRY(ml_buf_append_text(xml, "</failure>\n"));
    } else if (counts[SKIPS]) {
        ML_TRY(ml_buf_append_text(xml, "      <skipped message=\"not proven: "));
        ML_TRY(append_escaped(xml, entry->meaning));
        ML_TRY(ml_buf_append_text(xml, "\"/>\n"));
    }
    if (counts[DOUBTS]) {
        ML_TRY(ml_buf_append_text(xml, "      <system-out>"));
        ML_TRY(append_lines(xml, report, entry->code, DOUBTS));
        ML_TRY(ml_buf_append_text(xml, "</system-out>\n"));
    }
    return ml_buf_append_text(xml, "    </testcase>\n");
}

static int append_cases(struct ml_buf *xml, const struct ml_verify_report *report,
                        uint64_t *ret_failed, uint64_t *ret_skipped)
{
    for (size_t i = 0; i < ml_finding_count; i++) {
        uint64_t counts[CLASSES] = {0};
        count(report, ml_finding_table[i].code, counts);
        *ret_failed += counts[FAILS] > 0;
        *ret_skipped += counts[FAILS] == 0 && counts[SKIPS] > 0;
        ML_TRY(append_case(xml, report, &ml_finding_table[i], counts));
    }
    return MLEDGER_OK;
}

static int append_suite(struct ml_buf *xml, const struct ml_verify_report *report)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf cases = {0};
    uint64_t failed = 0, skipped = 0;
    ML_TRY(append_cases(&cases, report, &failed, &skipped));
    ML_TRY(ml_buf_append_text(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"));
    ML_TRY(ml_buf_printf(xml,
                         "  <testsuite name=\"mledger verify\" tests=\"%zu\" failures=\"%" PRIu64
                         "\" errors=\"0\" skipped=\"%" PRIu64 "\" time=\"0\">\n",
                         ml_finding_count, failed, skipped));
    ML_TRY(ml_buf_append_text(xml, "    <properties>\n      <property name=\"ledger\" value=\""));
    ML_TRY(append_escaped(xml, report->ledger));
    ML_TRY(ml_buf_printf(xml,
                         "\"/>\n      <property name=\"records\" value=\"%" PRIu64 "\"/>\n"
                         "      <property name=\"level\" value=\"%s\"/>\n    </properties>\n",
                         report->records, report->level));
    ML_TRY(ml_buf_append(xml, cases.data, cases.len));
    return ml_buf_append_text(xml, "  </testsuite>\n</testsuites>\n");
}

int ml_verify_write_junit(const struct ml_verify_report *report, const char *path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf xml = {0};
    ML_TRY(append_suite(&xml, report));
    return ml_durable_write(path, "report", ml_buf_span(&xml), true);
}
