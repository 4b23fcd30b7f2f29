/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which stage of a pipeline was this run? (DESIGN section 3, last paragraph.) Training code rarely
 * logs digests; what a run and a stage have in common is the commit, the parameters, now and then
 * the digest of an output. From that a match is computed, never recorded.
 *
 * A run's commit is that of run_started or run_logged, else one of its tags
 * mlflow.source.git.commit, git_sha, code_version. A snapshot fits when it is of that commit; or of
 * a commit that follows it (PipelineRecorded.trained_at), for dvc.lock is committed after training
 * it tells of; or, where none is recorded, when it is the next snapshot of a pipeline after
 * the one of that commit.
 *
 * Parameters are compared as text and, where both are numbers, as numbers; keys as they are, with
 * the file before them ("params.yaml:train.lr") and without their sections ("lr"). A stage matches
 * if at least one parameter or one output is equal. Of a run that failed or was killed only outputs
 * count, and the grounds say how it ended: a lock file tells of stages that ran to their end, so
 * parameters it shares with one make it none of them. Metrics do not count: the ledger holds those
 * of the run, but not what stands in a stage's metric files.
 *
 * The best match has the most equal outputs, then the greatest share of its parameters equal, then
 * the most parameters, then a following commit rather than the same one. Of equals all are given,
 * but of snapshots whose lock tells of the same training (they follow the same commits) only the
 * first.
 */
#ifndef ML_QUERY_INFERENCE_H
#define ML_QUERY_INFERENCE_H

#include "ledger/query/snapshot.h"

struct ml_match {
    const struct ml_snapshot *snapshot;
    size_t stage;
    size_t params_equal, params; /* n of m of the stage's */
    size_t outputs_equal;
    enum { ML_AT_COMMIT, ML_AFTER_COMMIT, ML_NEXT_SNAPSHOT } where;
    const char *grounds; /* "commit 0123456789ab; parameters equal 3 of 4" */
    uint64_t seqs[3];    /* the records it rests on, ascending: run, its commit, pipeline */
    size_t n_seqs;
};

struct ml_inference {
    struct ml_match *matches; /* equally good ones, by snapshot and stage */
    size_t n_matches;
    bool is_confirmed; /* a link_confirmed of the run says which stage it was */
    /* The commit, if only a tag tells it, and the record with the tag; NULL: none. */
    const Mledger__Digest *tag_commit;
    uint64_t tag_seq;
};

/* `run` is the seq of its run_started. Everything lives in the reader's arena. Errors are those of
 * reading records. */
int ml_infer(struct ml_snapshots *snapshots, uint64_t run,
             struct ml_inference *ret_inference) ML_MUST_USE;

#endif
