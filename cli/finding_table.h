/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What each code of a finding means, for reports that other tools read. The table is made from that
 * of docs/FINDINGS.md when the program is built, so the two cannot differ;
 * tests/layers/t-findings.sh holds the page against the sources.
 */
#ifndef ML_CLI_FINDING_TABLE_H
#define ML_CLI_FINDING_TABLE_H

#include "verify/verify.h"

struct ml_finding_entry {
    const char *code;
    enum ml_severity severity; /* as a rule: of a few codes there are findings of another */
    const char *meaning;       /* these three are Markdown, one line each */
    const char *cause;
    const char *advice;
};

/* In the order of the page. */
extern const struct ml_finding_entry ml_finding_table[];
extern const size_t ml_finding_count;

#endif
