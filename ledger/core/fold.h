/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fold: what one record after another does to the state, and the rules that each must keep.
 *
 * Append calls ml_fold_apply() before it stores a record and verify calls it on every record it
 * reads: there is one set of rules. A record that breaks one leaves the state as it was, the
 * error names the rule (MLEDGER_EREFUSED). Rules read trust records and the record's own
 * subjects, never details. The names of rules are stable; docs/FINDINGS.md lists them.
 *
 * Pure: no store, no file, no clock. Not thread-safe.
 */
#ifndef ML_CORE_FOLD_H
#define ML_CORE_FOLD_H

#include "ledger/core/record.h"
#include "ledger/core/state.h"
#include "ledger/core/state_key.h"
#include "proto/state.pb-c.h"

/* What state and index hold for the same records. Raised by every change of it: data of another
 * layout would answer wrong without a word, so it is not read, but made again from the records. */
enum { ML_DERIVED_LAYOUT = 1 };

/* What stands at the end of the records folded so far. */
struct ml_head {
    uint64_t size; /* records; 0: none, and nothing below is set */
    uint32_t format, schema;
    uint32_t next_format, next_schema; /* what the next record must carry */
    uint8_t link[ML_HASH_SIZE];        /* of the last record */
    int64_t recorded_at_us;            /* of the last record */
    uint8_t identity[ML_HASH_SIZE];    /* leaf of record 0 */
    uint32_t threshold, admins;
    uint64_t not_understood_from; /* MLEDGER_NO_SEQ: all understood */
    char name[256];
    char origin[256];
};

/* Finds the link of an earlier record, for statements that say what their signer saw.
 * MLEDGER_ENOTFOUND when there is no such record. */
typedef int ml_link_at(void *context, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE]);

/*
 * What is hidden from a fold: it is shown some payloads, and of other records the headers alone (an
 * evidence bundle). All trust records are shown, so who may do what is always known. A rule is then
 * judged where everything that it reads is shown. Where it is not, the rule is named as unproven:
 * never refused for what might be hidden, never passed in silence. What can be judged all the same
 * is: that a name is borne, a nonce used, an id taken by a record that is shown is a refusal
 * whatever else there may be.
 */
struct ml_fold_hidden {
    /* The payload of record `seq`, which was folded before, is hidden. */
    bool (*is_hidden)(void *context, uint64_t seq);
    /* Every record of the subject is shown, as its tags prove. Not asked of actors. */
    bool (*is_whole)(void *context, uint64_t subject);
    void *context;
};

/* What the state says of a key, kept from one record to the next: most are signed by one. */
struct ml_fold_signer {
    bool is_known;
    uint8_t key[ML_KEY_SIZE];
    uint64_t actor;
    unsigned roles;
};

struct ml_fold {
    struct ml_state *state; /* borrowed */
    ml_link_at *link_at;
    void *link_context;
    const struct ml_fold_hidden *hidden; /* NULL: nothing is. Set after ml_fold_init(); borrowed */
    uint64_t n_hidden;                   /* records; until the first one everything is shown */
    struct ml_head head;
    struct ml_fold_signer signer; /* of the last record; forgotten with each trust record */
    struct ml_arena arena;        /* of the record at hand */
};

/* Starts from what `state` holds: the head stored there, or an empty ledger. On failure there is
 * nothing to release. */
int ml_fold_init(struct ml_fold *fold, struct ml_state *state, ml_link_at *link_at,
                 void *link_context) ML_MUST_USE;
void ml_fold_release(struct ml_fold *fold);
/* To be called when changes to the state were taken back. */
static inline void ml_fold_forget(struct ml_fold *fold)
{
    fold->signer.is_known = false;
}
/* Puts the head into the state; before that the state holds the head it started from. */
int ml_fold_store_head(struct ml_fold *fold) ML_MUST_USE;

enum {
    ML_FOLD_SUBJECTS = ML_TAG_SIZE * 4, /* as many as a header has tags */
    ML_FOLD_UNPROVEN = 32,              /* more than there are rules that can go unproven */
};

/* One record as the rules see it. Signatures of statements were checked before. */
struct ml_fold_record {
    uint64_t seq;
    uint32_t format, schema;
    int64_t recorded_at_us;
    const uint8_t *signer; /* 32 bytes */
    const Mledger__Event *event;
    const Mledger__Statements *signed_statements; /* NULL: none */
    const Mledger__Statement *const *statements;  /* as many */
    const uint8_t *statement_subject;             /* 32 bytes; may be NULL without statements */
};

/* A record that was opened, whose payload is there; all is borrowed from it. */
struct ml_fold_record ml_fold_record_of(const struct ml_record *record,
                                        const uint8_t *statement_subject);

/* What the rules found out about it. */
struct ml_fold_result {
    size_t n_subjects;
    uint64_t subjects[ML_FOLD_SUBJECTS]; /* the record's subjects, ascending */
    size_t n_tags;                       /* n_subjects, less the subjects whose salt is hidden */
    uint8_t tags[ML_FOLD_SUBJECTS][ML_TAG_SIZE]; /* ascending */
    uint64_t author;                             /* actor, MLEDGER_NO_SEQ: unknown */
    size_t n_unproven;                           /* 0 unless something is hidden */
    const char *unproven[ML_FOLD_UNPROVEN];
};

/*
 * Checks the record against every rule and folds it into the state. Afterwards
 * ml_fold_advance() must follow, once its header exists.
 * MLEDGER_EREFUSED: a rule forbids it; MLEDGER_EINVALID: it makes no sense where it stands.
 */
int ml_fold_apply(struct ml_fold *fold, const struct ml_fold_record *record,
                  struct ml_fold_result *ret_result) ML_MUST_USE;
/* A record whose payload is hidden, in place of ml_fold_apply(), where fold->hidden is set: checks
 * the rules that its header decides, of place and of its signer. MLEDGER_EREFUSED, MLEDGER_EINVALID
 * as above. ml_fold_advance() must follow, whatever the result. */
int ml_fold_hide(struct ml_fold *fold, const Mledger__Header *header) ML_MUST_USE;
/* The header of the record just applied or hidden: moves the head past it. The leaf of
 * record 0 becomes the identity; NULL: the caller sets it, once there is a signature. */
int ml_fold_advance(struct ml_fold *fold, const Mledger__Header *header,
                    const uint8_t link[ML_HASH_SIZE], const uint8_t *leaf) ML_MUST_USE;

/* Must admins stand behind the record? Of trust records a few need only a recorder. */
bool ml_fold_needs_admins(const Mledger__Event *event);

/* Looking things up in the state; messages live in `arena`. MLEDGER_ENOTFOUND sets no text. */
int ml_state_subject(struct ml_state *state, uint64_t seq, struct ml_arena *arena,
                     Mledger__SubjectState **ret_subject) ML_MUST_USE;
int ml_state_version(struct ml_state *state, uint64_t model, uint64_t version,
                     struct ml_arena *arena, Mledger__VersionState **ret_version) ML_MUST_USE;
int ml_state_key_entry(struct ml_state *state, const uint8_t key[ML_KEY_SIZE],
                       struct ml_arena *arena, Mledger__KeyState **ret_key) ML_MUST_USE;
/* The record or version that a name leads to. */
int ml_state_pointer(struct ml_state *state, const struct ml_state_key *key,
                     uint64_t *ret_target) ML_MUST_USE;
/* The subject that bears `name`, deleted or not: an actor or experiment also by its id. */
int ml_state_find(struct ml_state *state, Mledger__SubjectKind kind, const char *name,
                  uint64_t *ret_seq) ML_MUST_USE;

#endif
