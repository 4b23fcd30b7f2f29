/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that is run and recorded (`run exec`), step by step:
 *
 *   exec_start.c    what is known before it runs, and the record of its start
 *   child.h         the command itself
 *   exec_result.c   how it ended and what it made, as records
 *   exec_tell.c     what is said about it
 *
 * Standard output is the command's: everything here goes to standard error or into --receipt.
 *
 * What is recorded, in this order, each step durable before the next begins: the start, with code,
 * environment, parameters and dependencies; then the command runs, and nobody's ledger is open
 * meanwhile; then its end; then what it left; then the version of the model. A step that cannot be
 * recorded is told, kept for `mledger append`, and the next is tried.
 */
#ifndef ML_CLI_EXEC_H
#define ML_CLI_EXEC_H

#include "cli/child.h"
#include "cli/recording.h"
#include "ingest/footprint.h"

/* A path that an option names. */
struct ml_exec_file {
    const char *path;             /* borrowed */
    struct ml_footprint before;   /* as it was before the command ran */
    uint8_t sha256[ML_HASH_SIZE]; /* of a dependency, then */
};

struct ml_exec_files {
    struct ml_exec_file *items;
    size_t count;
};

struct ml_exec {
    const struct ml_invocation *invocation; /* borrowed */
    struct ml_output out;                   /* standard error */
    struct ml_recording recording;          /* what is to be recorded next */
    char *ledger_dir;                       /* while it is closed */
    struct ml_error closed; /* why it cannot be opened again, if its code is not 0 */
    char *run_id;
    uint64_t run; /* seq of its start */
    struct ml_exec_files deps, outs, metrics;
    struct ml_child child;
    struct ml_child_end end;
    int spawn_error; /* errno value; 0: it was run */
    int64_t ended_us;
    bool model_is_new; /* --model names one that was not there when we began */
    uint64_t version;  /* registered; 0: none */
    bool incomplete;   /* something is not recorded */
    bool outs_missing; /* an output is not there, or cannot be read */
    struct json_t *records, *not_recorded, *changed;
};

/* Reads the options, opens the ledger. Errors as ml_recording_open(); to be released in any case.
 */
int ml_exec_open(const struct ml_invocation *invocation, struct ml_exec *ret_exec) ML_MUST_USE;
void ml_exec_release(struct ml_exec *exec);

/* Reads dependencies, parameters, code and environment, and records the start.
 * MLEDGER_EUSAGE: --model names something else. Other errors are those of reading and recording;
 * the command must not be run then. */
int ml_exec_prepare(struct ml_exec *exec) ML_MUST_USE;
int ml_exec_record_start(struct ml_exec *exec) ML_MUST_USE;

/* These fail only where memory is out: what cannot be recorded is told. */
int ml_exec_record_end(struct ml_exec *exec) ML_MUST_USE;
int ml_exec_record_results(struct ml_exec *exec) ML_MUST_USE;

/* How it ended, in words: "finished", "killed by SIGTERM". */
void ml_exec_describe_end(const struct ml_exec *exec, char *text, size_t size);
/* What that means for the run. */
Mledger__RunStatus ml_exec_status(const struct ml_exec *exec);
bool ml_exec_succeeded(const struct ml_exec *exec);

/* Appends the drafts at hand, which stay. Errors as ml_recording_commit(), and why the ledger
 * cannot be opened. */
int ml_exec_commit(struct ml_exec *exec) ML_MUST_USE;
/* Tells the sentence, and which records are behind it: those appended last. */
void ml_exec_tell(struct ml_exec *exec, const char *format, ...) ML_PRINTF(2, 3);
/* Tells that `what` is not recorded, for the reason that is this thread's error. */
int ml_exec_tell_lost(struct ml_exec *exec, const char *what) ML_MUST_USE;
/* The same, and keeps the drafts at hand for `mledger append`. */
int ml_exec_tell_unrecorded(struct ml_exec *exec, const char *what) ML_MUST_USE;
/* Tells that a dependency is no longer what was recorded. */
int ml_exec_tell_changed(struct ml_exec *exec, const char *path) ML_MUST_USE;
/* The receipt: as JSON to standard error with --json, or into --receipt. */
int ml_exec_tell_all(struct ml_exec *exec) ML_MUST_USE;

#endif
