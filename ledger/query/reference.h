/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References: how users name things (DESIGN sections 3 and 7).
 *
 *   churn/3  models:/churn/3  version:churn/3   a version
 *   models:/churn  model:churn                  a model
 *   models:/m-ID  logged_model:m-ID             a logged model of MLflow, where no model is so
 * called models:/churn/Staging                       the version in that stage (any case)
 *   models:/churn/latest                        the newest version that is not deleted
 *   models:/churn@champion  churn@champion      the version that an alias points to
 *   runs:/ID  run:ID  ID                        a run; the ledger may know it by its id alone
 *   runs:/ID/path                               a file among its outputs
 *   sha256:HEX md5:HEX md5-dir:HEX …            content; md5 stands for all kinds of it
 *   git:HEX  commit:HEX                         a commit (or a blob of Git)
 *   dataset:NAME  dataset:NAME@sha256:HEX       a dataset; one version of it
 *   pipeline:NAME  experiment:NAME  actor:ID
 *   #SEQ  SEQ                                   a record
 *
 * Digests may be cut to 7 or more hexadecimal digits as long as only one in the ledger begins so.
 * A bare word is whatever bears that name: a run or logged model by its id, or a model, dataset,
 * pipeline, experiment or actor. More than one of them is an error that lists them.
 */
#ifndef ML_QUERY_REFERENCE_H
#define ML_QUERY_REFERENCE_H

#include "ledger/query/reader.h"

enum {
    ML_REFERENCE_MAX = 4096, /* bytes of the text */
    ML_REFERENCE_HEX_MIN = 7,
};

enum ml_reference_form {
    ML_REFERENCE_WORD,    /* name: as it stands */
    ML_REFERENCE_RECORD,  /* number */
    ML_REFERENCE_MODEL,   /* name */
    ML_REFERENCE_VERSION, /* name, number; `bare`: may also be a word */
    ML_REFERENCE_STAGE,   /* name; part: the stage, or "latest" in any case */
    ML_REFERENCE_ALIAS,   /* name; part: the alias; `bare`: may also be a word */
    ML_REFERENCE_RUN,     /* name: id; part: path, or empty */
    ML_REFERENCE_DIGEST,  /* algorithm, digits */
    ML_REFERENCE_DATASET, /* name; digits: of its digest, or none */
    ML_REFERENCE_PIPELINE,
    ML_REFERENCE_EXPERIMENT,
    ML_REFERENCE_ACTOR,
    ML_REFERENCE_LOGGED_MODEL,
};

/* A parsed reference. The spans borrow the text that was parsed. */
struct ml_reference_text {
    enum ml_reference_form form;
    bool bare;
    struct ml_span whole;
    struct ml_span name;
    struct ml_span part;
    uint64_t number;
    Mledger__Algorithm algorithm;
    char digits[65]; /* lower-case hexadecimal; "" none */
};

/* Pure; thread-safe. MLEDGER_EUSAGE: the text is no reference; it says why. */
int ml_reference_parse(const char *text, struct ml_reference_text *ret_reference) ML_MUST_USE;

enum ml_target_kind {
    ML_TARGET_RECORD,       /* seq */
    ML_TARGET_MODEL,        /* seq */
    ML_TARGET_VERSION,      /* seq of the model, version */
    ML_TARGET_RUN,          /* seq; MLEDGER_NO_SEQ: no record started it. name: its id */
    ML_TARGET_CONTENT,      /* digests: each is of that content */
    ML_TARGET_DATASET,      /* seq of the record that holds the version */
    ML_TARGET_PIPELINE,     /* seq of its newest record */
    ML_TARGET_EXPERIMENT,   /* seq */
    ML_TARGET_ACTOR,        /* seq */
    ML_TARGET_LOGGED_MODEL, /* seq; name: its id */
};

struct ml_target {
    enum ml_target_kind kind;
    uint64_t seq;
    uint64_t version;
    const char *name;
    Mledger__Digest *const *digests;
    size_t n_digests;
};

/*
 * What it names as of the reader's record: versions in a stage and aliases as they were then, of
 * subjects that share a name the one that bore it then. The target lives in the reader's arena.
 * MLEDGER_ENOTFOUND: there is none ("there is no version 9 of model 'churn'; the newest is 3");
 * what was recorded after the reader's record is told of in the text, as missing by then.
 * MLEDGER_EUSAGE: there are several; the text lists them.
 */
int ml_reference_resolve(struct ml_reader *reader, const struct ml_reference_text *reference,
                         struct ml_target *ret_target) ML_MUST_USE;

#endif
