/* SPDX-License-Identifier: Apache-2.0 */
/* What the checks share. */
#ifndef ML_QUERY_EXCEPTIONS_PRIVATE_H
#define ML_QUERY_EXCEPTIONS_PRIVATE_H

#include "ledger/query/exceptions.h"
#include "ledger/query/snapshot.h"
#include "ledger/query/version_run.h"

enum { EXCEPTION_EXAMPLES = 3 };

/* Things that a check cannot tell of. */
struct exception_unknown {
    size_t count;
    const char *why; /* "who trained it is not recorded" */
    const char *examples[EXCEPTION_EXAMPLES];
};

struct exception_scan;
typedef int exception_finder(struct exception_scan *scan);

/* A check with what makes it: of each version, run or pipeline; one of the three. */
struct exception_row {
    struct ml_exception_check check;
    exception_finder *of_version, *of_run, *of_pipeline;
    bool run;   /* reads what the version's run recorded */
    bool walks; /* lineage */
};
extern const struct exception_row exception_rows[ML_EXCEPTION_CHECKS];

struct exception_scan {
    struct ml_view *view;
    const struct ml_exceptions_options *options;
    struct ml_basis *basis; /* NULL: they are only counted */
    struct ml_exceptions *found;
    struct exception_unknown unknown[ML_EXCEPTION_CHECKS];
    size_t row; /* of the check at hand */

    /* what is looked at */
    struct ml_reader *reader;
    const char *what; /* in the reader's arena */
    const struct ml_model_past *past;
    const struct ml_model_version *version;
    const struct ml_run_past *run; /* of the version, or by itself; NULL: none is recorded */
    const struct ml_snapshot *pipeline;
};

/* Adds one; the text follows printf, the seqs are in any order, MLEDGER_NO_SEQ is passed over. */
int exception_add(struct exception_scan *scan, const uint64_t *seqs, size_t n_seqs,
                  const char *format, ...) ML_PRINTF(4, 5) ML_MUST_USE;
#define EXCEPTION(scan, seqs, ...)                                                                 \
    exception_add((scan), (seqs), sizeof(seqs) / sizeof((seqs)[0]), __VA_ARGS__)
/* The check at hand cannot be made of what is looked at. */
int exception_unknown(struct exception_scan *scan, const char *why) ML_MUST_USE;
/* An actor's id, "?" for MLEDGER_NO_SEQ; in the reader's arena. */
int exception_actor(struct exception_scan *scan, uint64_t actor, const char **ret_id) ML_MUST_USE;
/* Whether one of the words (ended by NULL) stands in the text as a word, in any case. */
bool exception_says(const char *text, const char *const *words);
/* Words of a validation's name or of its checks', as above. */
extern const char *const exception_load_words[], *const exception_drift_words[];

/* exceptions_stage.c */
int exception_unapproved(struct exception_scan *scan) ML_MUST_USE;
int exception_approval_late(struct exception_scan *scan) ML_MUST_USE;
int exception_same_person(struct exception_scan *scan) ML_MUST_USE;
int exception_no_staging(struct exception_scan *scan) ML_MUST_USE;
int exception_no_load_test(struct exception_scan *scan) ML_MUST_USE;
int exception_no_drift_check(struct exception_scan *scan) ML_MUST_USE;
/* exceptions_time.c */
int exception_recorded_late(struct exception_scan *scan) ML_MUST_USE;
/* exceptions_origin.c */
int exception_no_run(struct exception_scan *scan) ML_MUST_USE;
int exception_no_commit(struct exception_scan *scan) ML_MUST_USE;
int exception_no_data(struct exception_scan *scan) ML_MUST_USE;
int exception_data_unrecorded(struct exception_scan *scan) ML_MUST_USE;
int exception_dirty_run(struct exception_scan *scan) ML_MUST_USE;
int exception_no_dependencies(struct exception_scan *scan) ML_MUST_USE;
int exception_not_ended(struct exception_scan *scan) ML_MUST_USE;
/* exceptions_leak.c */
int exception_leak(struct exception_scan *scan) ML_MUST_USE;
int exception_leak_derived(struct exception_scan *scan) ML_MUST_USE;
int exception_leak_ancestor(struct exception_scan *scan) ML_MUST_USE;
/* exceptions_pipeline.c */
int exception_dirty_pipeline(struct exception_scan *scan) ML_MUST_USE;
int exception_no_remote(struct exception_scan *scan) ML_MUST_USE;
int exception_lock_ignored(struct exception_scan *scan) ML_MUST_USE;
int exception_script(struct exception_scan *scan) ML_MUST_USE;

#endif
