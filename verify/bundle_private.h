/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the verifier of bundles share. */
#ifndef VERIFY_BUNDLE_PRIVATE_H
#define VERIFY_BUNDLE_PRIVATE_H

#include "verify/bundle.h"

/* A checkpoint as it stands in the bundle. */
struct ml_bundle_note {
    struct ml_span bytes;
    size_t timestamps;
};

/* A run that a version names by its id alone. */
struct ml_bundle_named_run {
    uint64_t seq; /* of the record that names it */
    const char *id;
};

struct ml_bundle_check {
    const struct ml_bundle_file *file;
    struct ml_bundle_verdict *verdict;
    struct ml_verifier verifier;
    struct ml_verify_options options;
    struct ml_verify_source source;
    struct ml_bundle_reader *reader;
    struct ml_bundle_item item; /* read, and not yet used, if there is one */
    bool has_item;
    bool at_end; /* of a container that is whole */
    bool again;  /* reading it a second time: faults were reported */
    uint64_t next_seq;
    struct ml_error broken; /* why the container cannot be read on; code 0: it can */
    struct ml_bundle_note *notes;
    size_t n_notes, cap_notes;
    bool target_seen;                       /* the version that it is about was registered */
    struct ml_bundle_named_run *named_runs; /* that versions in scope name by their id alone */
    size_t n_named_runs, cap_named_runs;
};

/* bundle_source.c: its beginning, and its records as a source of the verifier. */
int ml_bundle_begin(struct ml_bundle_check *check) ML_MUST_USE;
struct ml_verify_source ml_bundle_records(struct ml_bundle_check *check);
/* The next item, unless one is at hand; none at the end, or where it is broken. */
int ml_bundle_advance(struct ml_bundle_check *check) ML_MUST_USE;

/* bundle_scope.c: what it is about. The first is the source's kept(). */
int ml_bundle_scope_record(struct ml_bundle_check *check,
                           const struct ml_record *record) ML_MUST_USE;
bool ml_bundle_in_scope(const struct ml_bundle_check *check, uint64_t subject);
int ml_bundle_scope_finish(struct ml_bundle_check *check) ML_MUST_USE;

/* bundle_anchor.c: its checkpoints, and the ledger that it says it is of. */
int ml_bundle_anchors(struct ml_bundle_check *check) ML_MUST_USE;

#endif
