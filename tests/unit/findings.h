/* SPDX-License-Identifier: Apache-2.0 */
/* What a verification reported, kept to be looked at. */
#ifndef TESTS_UNIT_FINDINGS_H
#define TESTS_UNIT_FINDINGS_H

#include <stdio.h>
#include <string.h>

#include "verify/verifier.h"

enum { REPORT_KEPT = 64 }; /* findings; what comes later is counted in the result alone */

struct report {
    size_t count;
    struct {
        char code[32], rule[32];
        uint64_t seq;
        enum ml_severity severity;
    } findings[REPORT_KEPT];
    struct ml_verify_result result;
};

/* An ml_finding_visitor whose context is the report. */
static inline int report_keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (report->count == REPORT_KEPT)
        return MLEDGER_OK;
    snprintf(report->findings[report->count].code, 32, "%s", finding->code);
    snprintf(report->findings[report->count].rule, 32, "%s", finding->rule);
    report->findings[report->count].seq = finding->seq;
    report->findings[report->count].severity = finding->severity;
    report->count++;
    return MLEDGER_OK;
}

static inline bool report_has(const struct report *report, const char *code, uint64_t seq)
{
    for (size_t i = 0; i < report->count; i++)
        if (strcmp(report->findings[i].code, code) == 0 && report->findings[i].seq == seq)
            return true;
    return false;
}

#endif
