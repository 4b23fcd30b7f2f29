/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The report of one model version: its dossier (ledger/query/dossier.h) and what a verification of
 * the ledger found, as a paper (export/paper.h) that an auditor can read without the ledger.
 *
 * Every statement names its records, and the last section describes each record that is named.
 * Nothing depends on a clock or on the machine: the same dossier and the same verification give the
 * same paper.
 *
 * Each export/report_NOUN.c writes the sections on one thing.
 */
#ifndef ML_EXPORT_REPORT_MODEL_H
#define ML_EXPORT_REPORT_MODEL_H

#include "export/paper.h"
#include "ledger/query/dossier.h"

/* What the verifier said, in its words (docs/FINDINGS.md). All is borrowed. */
struct ml_report_finding {
    enum { ML_REPORT_FAULT, ML_REPORT_DOUBT, ML_REPORT_NOT_PROVEN } severity;
    const char *code, *text;
    uint64_t seq; /* MLEDGER_NO_SEQ: of no record in particular */
};
struct ml_report_verification {
    bool was_run;        /* else only `known_size` is set */
    uint64_t known_size; /* records that this machine had verified before; 0: none */
    uint64_t records;    /* read */
    uint64_t statements; /* of people's own keys, checked */
    uint64_t faults, doubts, not_proven;
    uint64_t anchored;       /* records under a checkpoint from outside that holds */
    uint64_t witnessed_size; /* records under a checkpoint that witnesses have cosigned; 0: none */
    uint64_t witnessed_seq;  /* of the record that notes it */
    const struct ml_report_finding *findings; /* the first of them */
    size_t n_findings;
};

/* Writes all of it. The dossier's reader reads on. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM as reading
 * records and drawing; what the paper takes too much memory for: MLEDGER_EINVALID. */
int ml_report_model(struct ml_dossier *dossier, const struct ml_report_verification *verification,
                    struct ml_paper *paper) ML_MUST_USE;

#endif
