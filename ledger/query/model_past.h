/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model with all its versions as they stood at a past record, folded from the records that are
 * tagged with the model, in one walk: where versions were, who judged them, where they were put to
 * work. Of a single version's stages version_past.h tells.
 *
 * Everything lives in the reader's arena. Cost: the model's own records, and one look for each
 * endpoint that they name.
 */
#ifndef ML_QUERY_MODEL_PAST_H
#define ML_QUERY_MODEL_PAST_H

#include "ledger/query/reader.h"

struct ml_model_version {
    uint64_t version;
    const struct ml_record *record; /* that registered it */
    const Mledger__VersionRegistered *registered;
    uint64_t author;   /* actor; MLEDGER_NO_SEQ: unknown, as everywhere here */
    const char *stage; /* where it is */
    uint64_t stage_seq;
    int64_t stage_us;
    uint64_t deleted_seq; /* MLEDGER_NO_SEQ: it is not */
    uint64_t last_seq;    /* the newest record about it */
    int64_t last_us;
};

/* A version enters a stage. */
struct ml_model_transition {
    uint64_t version;
    const char *from, *to; /* `from` NULL: imported, and where it came from is not known */
    const struct ml_record *record;
    uint64_t author;
    bool imported; /* found there in another registry: when it got there is not known */
};

struct ml_model_approval {
    const Mledger__ApprovalRecorded *event;
    const struct ml_record *record;
    uint64_t actor; /* whose key stated it */
};

struct ml_model_validation {
    const Mledger__ValidationRecorded *event;
    const struct ml_record *record;
};

struct ml_model_deployment {
    const Mledger__DeploymentRecorded *event;
    const struct ml_record *record;
    uint64_t until_seq; /* the next record about the endpoint; MLEDGER_NO_SEQ: it is in force */
};

struct ml_model_tag {
    uint64_t version; /* 0: of the model itself */
    const char *key;
    const char *text; /* NULL: erased */
    uint64_t seq;
};

struct ml_model_alias {
    const char *alias;
    uint64_t version;
    uint64_t seq;
};

/* Lists are in the order of their records, versions by their number. */
struct ml_model_past {
    uint64_t seq; /* of the record that created it */
    const struct ml_record *created;
    const char *name; /* that it bore then */
    uint64_t author;
    uint64_t deleted_seq;
    uint64_t last_seq; /* the newest record about it, or any version of it */
    int64_t last_us;
    struct ml_model_version *versions;
    size_t n_versions, cap_versions;
    struct ml_model_transition *transitions;
    size_t n_transitions, cap_transitions;
    struct ml_model_approval *approvals;
    size_t n_approvals, cap_approvals;
    struct ml_model_validation *validations;
    size_t n_validations, cap_validations;
    struct ml_model_deployment *deployments;
    size_t n_deployments, cap_deployments;
    struct ml_model_tag *tags; /* that are set */
    size_t n_tags, cap_tags;
    struct ml_model_alias *aliases; /* that are set */
    size_t n_aliases, cap_aliases;
};

/* Of the model that record `seq` created. MLEDGER_ENOTFOUND (without a text): there was none then.
 * MLEDGER_EDAMAGED, MLEDGER_ESYSTEM as of reading. */
int ml_model_past(struct ml_reader *reader, uint64_t seq,
                  struct ml_model_past *ret_past) ML_MUST_USE;

/* NULL: there is none of that number. */
struct ml_model_version *ml_model_version(const struct ml_model_past *past, uint64_t version);
/* The text of the tag (version 0: of the model); NULL: not set, or erased. */
const struct ml_model_tag *ml_model_tag(const struct ml_model_past *past, uint64_t version,
                                        const char *key);
/* The newest validation of the version, NULL if there is none. */
const struct ml_model_validation *ml_model_validation(const struct ml_model_past *past,
                                                      uint64_t version);

#endif
