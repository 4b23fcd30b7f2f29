/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command's arguments name in the ledger, by the references of ledger/query/reference.h.
 * A bare word is taken for the name of what the command asks for, also a number (a record is #N).
 *
 * Errors of all: MLEDGER_EUSAGE, the text is no reference, or one to something else (which the
 * error names); MLEDGER_ENOTFOUND, there is none; and those of reading the ledger. No view may be
 * open in this thread.
 */
#ifndef ML_CLI_NAMED_H
#define ML_CLI_NAMED_H

#include "cli/session.h"
#include "ledger/query/reference.h"

enum { ML_NAMED_SIZE = 1025 }; /* a name, at most ML_LIMIT_NAME bytes */

struct ml_named_version {
    uint64_t model; /* its seq */
    uint64_t version;
    char model_name[ML_NAMED_SIZE];
};
int ml_named_version(struct ml_session *session, const char *text,
                     struct ml_named_version *ret_version) ML_MUST_USE;
/* A model alone (version 0) or a version. */
int ml_named_model_or_version(struct ml_session *session, const char *text,
                              struct ml_named_version *ret_version) ML_MUST_USE;

struct ml_named_subject {
    uint64_t seq;
    char name[ML_NAMED_SIZE]; /* of a run its id */
};
int ml_named_model(struct ml_session *session, const char *text,
                   struct ml_named_subject *ret_model) ML_MUST_USE;
/* A run that the ledger holds. */
int ml_named_run(struct ml_session *session, const char *text,
                 struct ml_named_subject *ret_run) ML_MUST_USE;

/* A version of a dataset, as of now the newest unless the text says which. */
struct ml_named_dataset {
    uint64_t record;                 /* that holds it */
    struct ml_named_subject subject; /* the dataset */
};
/* `reader` is over an open view; for those who read on in the record. */
int ml_named_dataset(struct ml_reader *reader, const char *text,
                     struct ml_named_dataset *ret_dataset) ML_MUST_USE;

/* A run's id as it stands in a reference: "runs:/ID" and "run:ID" are ID. Borrows. */
const char *ml_named_run_id(const char *text);

#endif
