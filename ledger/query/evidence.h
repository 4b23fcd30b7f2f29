/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing an evidence bundle (ledger/core/bundle.h) of a scope: every header from genesis to head
 * with its signature, the payloads of the records that the scope opens, what these name as
 * attachments, and what the caller adds: checkpoints, and pictures of the lineage.
 */
#ifndef ML_QUERY_EVIDENCE_H
#define ML_QUERY_EVIDENCE_H

#include "ledger/core/bundle.h"
#include "ledger/query/scope.h"

/* A signed checkpoint, and RFC 3161 tokens over its text. */
struct ml_evidence_anchor {
    struct ml_span note;
    const struct ml_span *timestamps;
    size_t n_timestamps;
};

/* All is borrowed. */
struct ml_evidence {
    const struct ml_scope *scope; /* of the view that is written from */
    const char *reference;        /* as it was asked for; NULL: everything */
    const struct ml_evidence_anchor *anchors;
    size_t n_anchors;
    char *const *log_vkeys; /* of the log keys that are good at the head */
    size_t n_log_vkeys;
    struct ml_span lineage_json; /* empty: none */
    struct ml_span lineage_svg;
    /* Called now and then with the records done so far; a negative result ends it. NULL: none. */
    int (*progress)(uint64_t done, uint64_t total, void *context);
    void *progress_context;
};

/* What was written. */
struct ml_evidence_counts {
    uint64_t records, opened, attachments;
};

/*
 * MLEDGER_EDAMAGED: a record or an attachment is missing or cannot be read. MLEDGER_EINVALID: what
 * was given is over a limit of the container. MLEDGER_ESYSTEM, and what the sink returns.
 */
int ml_evidence_write(struct ml_view *view, const struct ml_evidence *evidence,
                      ml_bundle_sink *sink, void *context,
                      struct ml_evidence_counts *ret_counts) ML_MUST_USE;

#endif
