/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The outcome of a verification as files that pipelines read: JUnit XML and SARIF 2.1.0.
 * docs/FINDINGS.md says what stands in them. Files are written whole or not at all.
 */
#ifndef ML_CLI_VERIFY_REPORT_H
#define ML_CLI_VERIFY_REPORT_H

#include <jansson.h>

#include "ledger/core/base.h"

struct ml_verify_report {
    const char *version; /* of the program */
    const char *ledger;  /* its name, "" if it could not be read */
    const char *level;   /* "full", "chain" */
    bool verified;       /* the answer */
    uint64_t records;    /* read */
    const json_t
        *findings; /* objects: severity, code, text; seq, rule, required where there is one */
};

/*
 * One test case for each code of docs/FINDINGS.md, in its order: failed with all faults of that
 * code (and what is required and not proven), skipped where something of it is not proven, else
 * passed; doubts are its output. MLEDGER_ESYSTEM: the file cannot be written.
 */
int ml_verify_write_junit(const struct ml_verify_report *report, const char *path) ML_MUST_USE;

/*
 * One run with a rule for each code and a result for each finding: level error for a fault and
 * what is required and not proven, warning for a doubt, note for what is not proven; the logical
 * location is the record. MLEDGER_ESYSTEM: the file cannot be written.
 */
int ml_verify_write_sarif(const struct ml_verify_report *report, const char *path) ML_MUST_USE;

#endif
