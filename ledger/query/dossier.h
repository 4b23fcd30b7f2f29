/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model version's dossier: everything that the records say about it, gathered for a report. What
 * it is, where it was, its history, the run it came from, the policies it had to meet, what it was
 * made from, and the version that was in Production before it.
 *
 * Read from the records as they stand; whether these are what was recorded is for the verifier to
 * prove. Cost follows the records of the version, its model, its run and its lineage.
 *
 * Everything lives in the dossier's reader, and the view must outlive it. Belongs to one thread.
 */
#ifndef ML_QUERY_DOSSIER_H
#define ML_QUERY_DOSSIER_H

#include "ledger/query/difference.h"
#include "ledger/query/exceptions.h"
#include "ledger/query/interval.h"
#include "ledger/query/lineage.h"
#include "ledger/query/run_past.h"
#include "ledger/query/version_past.h"

#define ML_DOSSIER_PRODUCTION "Production"

/* Text that stands in the details of a record. */
struct ml_dossier_text {
    const char *text; /* NULL: nobody wrote any, or it was erased */
    uint64_t seq;
    uint64_t erased_by; /* MLEDGER_NO_SEQ: it was not */
};

/* A tag of the version: its newest value. */
struct ml_dossier_tag {
    const char *key, *text; /* the latter NULL: erased */
    uint64_t seq;
};

/* What a transition into a stage needed when the version entered it, or needs at the dossier's
 * record. */
struct ml_dossier_policy {
    const char *stage;
    uint64_t entered_seq;             /* MLEDGER_NO_SEQ: at the dossier's record */
    const Mledger__PolicySet *policy; /* NULL: none was in force */
    uint64_t seq;                     /* of the record that set it, or lifted the one before; else
                                         MLEDGER_NO_SEQ */
};

struct ml_dossier {
    struct ml_reader reader;
    int64_t as_of_us;
    uint8_t as_of_link[ML_HASH_SIZE];

    const char *model_name; /* that it bears now */
    const struct ml_record *created;
    struct ml_dossier_text model_description;

    struct ml_version_past past;
    const struct ml_record *registered;
    struct ml_dossier_text description;
    struct ml_dossier_tag *tags;
    size_t n_tags, cap_tags;

    /* Its stages, aliases and shares of endpoints, sorted; as recorded. */
    struct ml_intervals intervals;

    /* Records about the version or that its model became what it is, ascending; without those of
     * runs and of other versions. */
    const struct ml_record **history;
    size_t n_history;

    const char *run_id; /* NULL: none is named */
    bool has_run;       /* a record starts it: `run` is set */
    struct ml_run_past run;

    /* Of each time that it entered a stage, in their order; then of Production and of the stage
     * where it is, as of the dossier's record. */
    struct ml_dossier_policy *policies;
    size_t n_policies, cap_policies;

    struct ml_graph *graph; /* its lineage, up */

    /* The other version that had entered Production last when this one did, of several times the
     * last; where this one never did, at the end. */
    bool has_previous;
    struct ml_version_past previous;
    struct ml_difference difference; /* from that one to this, where there is one */

    struct ml_exceptions exceptions;   /* of its model; those of this version are among them */
    struct ml_basis basis;             /* what difference and exceptions cannot tell */
    struct ml_corrections corrections; /* none until ml_dossier_correct() */
};

/*
 * Of version `version` of the model of record `model`, as of record `as_of`. Initialises
 * *ret_dossier in any case, to be released.
 * MLEDGER_ENOTFOUND: there was no such version then. MLEDGER_EDAMAGED: a record cannot be read.
 * MLEDGER_ESYSTEM.
 */
int ml_dossier_gather(struct ml_view *view, uint64_t model, uint64_t version, uint64_t as_of,
                      struct ml_dossier *ret_dossier) ML_MUST_USE;
/* Finds what was recorded after the instant, whose seq is the dossier's record, and bears on what
 * the dossier holds. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_dossier_correct(struct ml_dossier *dossier, const struct ml_instant *instant) ML_MUST_USE;
void ml_dossier_release(struct ml_dossier *dossier);

#endif
