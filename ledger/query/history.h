/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Everything that the records say about one thing, in their order: of a model, version, run,
 * dataset, pipeline or experiment what is tagged with it or concerns it; of content what names it,
 * be it in an attachment; of an actor what was said
 * about it and what it signed, stated, or had done on its behalf; of a key what it signed and
 * stated. Of an actor's keys and of a key also from when to when they counted.
 *
 * Found through the indexes, so it costs the size of the answer; of an actor also a look at each
 * key that the ledger ever knew. Everything lives in the reader's arena.
 */
#ifndef ML_QUERY_HISTORY_H
#define ML_QUERY_HISTORY_H

#include "ledger/query/basis.h"
#include "ledger/query/reference.h"

struct ml_history_entry {
    struct ml_change change;
    const char *kind;    /* "stage_transitioned" */
    const char *subject; /* as ml_record_subject() */
    const char *summary; /* as ml_record_summary() */
    const uint8_t *signer;
    uint64_t erased_by; /* MLEDGER_NO_SEQ: its details were not erased */
    bool doubted;       /* a key speaks in it that was not to be trusted any more by then … */
    bool revoked;       /* … or that had ended: append refuses such a record */
};

/* A key and when it counted: from the record after `since` on until before `until`. */
struct ml_history_key {
    const uint8_t *key;
    Mledger__KeyPurpose purpose;
    const Mledger__Role *roles;
    size_t n_roles;
    const char *actor;             /* id */
    uint64_t actor_seq;            /* its subject */
    struct ml_change since, until; /* until.seq MLEDGER_NO_SEQ: it counts still at as_of */
    bool has_cause;
    Mledger__RevocationCause cause;
    uint64_t doubted_from; /* MLEDGER_NO_SEQ: it never was in doubt */
    size_t n_signed;       /* records it signed or stated something on */
};

struct ml_history {
    struct ml_history_entry *entries;
    size_t n_entries;
    struct ml_history_key *keys;
    size_t n_keys;
};

/* `target` as ml_reference_resolve() gives it. What it is about is told to `basis`. MLEDGER_EUSAGE:
 * a record, which has no history of its own. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_history_of(struct ml_reader *reader, const struct ml_target *target, struct ml_basis *basis,
                  struct ml_history *ret_history) ML_MUST_USE;
/* Of a key that the ledger knows. MLEDGER_ENOTFOUND: not at as_of. */
int ml_history_of_key(struct ml_reader *reader, const uint8_t key[ML_KEY_SIZE],
                      struct ml_basis *basis, struct ml_history *ret_history) ML_MUST_USE;

#endif
