/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verifier of an evidence bundle (docs/FORMAT.md; ledger/core/bundle.h is its container).
 *
 * It reads the file once, as a stream, and needs nothing else but what the recipient trusts: keys,
 * or the identity of the ledger. Every header is checked, every payload that is there, every rule
 * as far as what is shown allows; that nothing in scope is withheld; that the checkpoints are of
 * these records; that what the bundle claims of itself is so. It says what that does not prove.
 *
 * Pure: bytes come through callbacks.
 */
#ifndef VERIFY_BUNDLE_H
#define VERIFY_BUNDLE_H

#include "ledger/core/bundle.h"
#include "proto/bundle.pb-c.h"
#include "verify/anchor.h"

/* The file. */
struct ml_bundle_file {
    ml_bundle_source *read;
    /* Begins it anew. NULL: it cannot; then what revoked keys signed cannot be named. */
    int (*rewind)(void *context);
    void *context;
};

/* A checkpoint of the bundle that is of these records, and signed by a log key of theirs. */
struct ml_bundle_anchor {
    uint64_t size;
    size_t cosignatures; /* by others than that key, whoever they are */
    size_t timestamps;   /* RFC 3161, not judged here */
    bool trusted;        /* by a key that was given as trusted, or by the policy */
};

/* What was found out; lives until ml_bundle_verdict_release(). */
struct ml_bundle_verdict {
    struct ml_verify_result result;          /* faults == 0: verified */
    const Mledger__BundleManifest *manifest; /* NULL: it could not be read */
    uint64_t opened;                         /* records with their payload */
    uint64_t attachments;                    /* that are what their names say */
    struct ml_bundle_anchor *anchors;
    size_t n_anchors;
    const char **subjects; /* "model churn", for each subject in scope, as its records say */
    size_t n_subjects;
    struct ml_arena arena;
};
void ml_bundle_verdict_release(struct ml_bundle_verdict *verdict);

/*
 * Verifies the bundle, and holds it against options->anchors; options->level is not looked at: it
 * is always the full one. Initialises *ret_verdict in any case. A result of 0 means that it was
 * carried through, not that all is well. MLEDGER_EINVALID: a note among the anchors is none.
 * MLEDGER_ESYSTEM: it could not be carried through; also what the callbacks return.
 */
int ml_verify_bundle(const struct ml_bundle_file *file, const struct ml_verify_options *options,
                     struct ml_bundle_verdict *ret_verdict) ML_MUST_USE;

#endif
