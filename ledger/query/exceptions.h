/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an auditor would stop at: named checks over models, their runs and pipelines, each with the
 * records that it rests on and one sentence. The pitfalls are those of guides to running models.
 *
 * An exception is no proof of harm, and none found is no proof of the contrary: a check sees what
 * is recorded. What it cannot tell it says under what is not known, never as an exception.
 *
 * Costs: the records of the models, and of the runs and inputs of their versions; "run-not-ended"
 * goes over the state of all runs; the pipelines' newest snapshots; "leak-derived" and
 * "leak-ancestor" walk the lineage of inputs.
 */
#ifndef ML_QUERY_EXCEPTIONS_H
#define ML_QUERY_EXCEPTIONS_H

#include "ledger/query/basis.h"
#include "ledger/query/model_past.h"

struct ml_exception_check {
    const char *name;     /* "approval-late" */
    const char *sentence; /* what it finds */
    const char *decided;  /* how, and what it cannot tell */
    bool asked;           /* made only when it is named */
};

enum { ML_EXCEPTION_CHECKS = 21 };
extern const struct ml_exception_check *const ml_exception_checks[ML_EXCEPTION_CHECKS];
/* Its place in the list; SIZE_MAX: there is none of that name. */
size_t ml_exception_check_find(const char *name);

/* Wants those that are made unless they are named, or none. */
void ml_exception_checks_usual(bool usual, bool wanted[ML_EXCEPTION_CHECKS]);
/* Wants one by its name. MLEDGER_EUSAGE: there is none. */
int ml_exception_check_want(const char *name, bool wanted[ML_EXCEPTION_CHECKS]) ML_MUST_USE;
/* The model that a reference names; MLEDGER_NO_SEQ for NULL. MLEDGER_EUSAGE: it names something
 * else. Errors as ml_reference_resolve(). */
int ml_exceptions_model(struct ml_reader *reader, const char *name,
                        uint64_t *ret_model) ML_MUST_USE;

struct ml_exception {
    const struct ml_exception_check *check;
    const char *what;        /* "churn/3", "run 4f2a", "pipeline churn" */
    uint64_t model, version; /* MLEDGER_NO_SEQ and 0: of no version */
    const char *text;        /* one sentence without a full stop */
    const uint64_t *seqs;    /* ascending */
    size_t n_seqs;
};

struct ml_exceptions_options {
    uint64_t as_of;
    int64_t as_of_us; /* the time there */
    uint64_t model;   /* the one looked at; MLEDGER_NO_SEQ: all, and runs and pipelines too */
    bool wanted[ML_EXCEPTION_CHECKS];
};

struct ml_exceptions {
    struct ml_exception *list; /* in the order of the checks, then as they were found */
    size_t count, cap;
    size_t counts[ML_EXCEPTION_CHECKS]; /* found by each */
    struct ml_arena arena;
};

/* What exceptions rest on, and what could not be told, goes into `basis`. Initialises *ret_found in
 * any case, to be released. MLEDGER_ENOTFOUND: there was no such model. */
int ml_exceptions(struct ml_view *view, const struct ml_exceptions_options *options,
                  struct ml_basis *basis, struct ml_exceptions *ret_found) ML_MUST_USE;
void ml_exceptions_release(struct ml_exceptions *found);

/* How many there are of a version of a model that was folded already, by the checks that need no
 * walk of lineage. What they rest on goes into `basis` (NULL: nowhere). */
int ml_exceptions_count(struct ml_reader *reader, const struct ml_model_past *past,
                        uint64_t version, int64_t as_of_us, struct ml_basis *basis,
                        size_t *ret_count) ML_MUST_USE;

#endif
