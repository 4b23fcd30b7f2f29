/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/findings.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "tests/attack/forge/bytes.h"

static const char *text_of(const json_t *finding, const char *name)
{
    const char *text = json_string_value(json_object_get(finding, name));
    return text ? text : "";
}

static char *describe(const json_t *finding)
{
    const json_t *seq = json_object_get(finding, "seq");
    const char *rule = text_of(finding, "rule");
    bool proven = strcmp(text_of(finding, "severity"), "not_proven") != 0;
    char *line = bytes_alloc(256), number[32] = "";
    if (seq)
        snprintf(number, sizeof number, "@%" JSON_INTEGER_FORMAT, json_integer_value(seq));
    snprintf(line, 256, "%s%s%s%s%s", proven ? "" : "~", text_of(finding, "code"), *rule ? "/" : "",
             rule, number);
    return line;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void findings_print(FILE *from)
{
    json_error_t error;
    json_t *report = json_loadf(from, 0, &error);
    const json_t *findings = json_object_get(report, "findings");
    if (!json_is_array(findings))
        die("no report of verify: %s", report ? "it lists no findings" : error.text);
    size_t count = json_array_size(findings), i;
    char **lines = bytes_alloc((count + 1) * sizeof *lines);
    const json_t *finding;
    json_array_foreach(findings, i, finding) lines[i] = describe(finding);
    qsort(lines, count, sizeof *lines, compare_lines);
    for (i = 0; i < count; i++)
        puts(lines[i]);
    json_decref(report);
}
