/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the tests of the rules share: more people and keys than the fixture has, statements that
 * say whatever a test wants them to say, and stories told as lines of JSON.
 *
 * Lines are written with ' where JSON has ", so that they can be read.
 */
#ifndef TESTS_RULES_H
#define TESTS_RULES_H

#include "tests/unit/ledger_fixture.h"

enum rules_key {
    CAROL,
    DAVE,
    ROBOT,
    RECOVERY,
    NEW_KEY,
    RULES_KEYS,
};

/* A key made from a fixed seed; nothing authorises it yet. */
const struct ml_signer *rules_signer(enum rules_key key);
/* Its public half in hexadecimal. */
const char *rules_hex(const struct ml_signer *signer);
/* printf into a static buffer, one of a few that are used in turn. */
const char *rules_line(const char *format, ...) ML_PRINTF(1, 2);

/* For cmocka: a ledger in *state, and its end. */
int rules_set_up(void **state);
int rules_tear_down(void **state);

struct ml_draft *rules_draft(const char *line);
/* Appends as `signer` and frees the draft. */
int rules_append(struct fixture *fixture, const struct ml_signer *signer, struct ml_draft *draft);
/* Both as alice. */
uint64_t rules_keeps(struct fixture *fixture, const char *line);
void rules_breaks(struct fixture *fixture, const char *line, const char *rule);
/* As `signer`; rule NULL: it is kept. */
void rules_expect(struct fixture *fixture, const struct ml_signer *signer, struct ml_draft *draft,
                  const char *rule);
/* Expects MLEDGER_EINVALID with `text` in its sentence. */
void rules_malformed(struct fixture *fixture, const char *line, const char *text);

/* Registers an actor and authorises its key, all by alice. `kind`: person or service; `roles`:
 * as in JSON, "['approver']". */
uint64_t rules_add_actor(struct fixture *fixture, enum rules_key key, const char *id,
                         const char *kind, const char *roles);
/* Authorises one more key of an actor. */
void rules_add_key(struct fixture *fixture, const struct ml_signer *signer, const char *actor,
                   const char *roles);

/* A sealed draft of the line, with a statement of the key. */
struct ml_draft *rules_stated(struct fixture *fixture, const char *line,
                              const struct ml_signer *signer, Mledger__Meaning meaning);
/* Adds a statement to a draft (sealing it if it is not). */
void rules_state(struct fixture *fixture, struct ml_draft *draft, const struct ml_signer *signer,
                 Mledger__Meaning meaning);

/* A statement of which everything can be altered before it is signed. */
struct rules_statement {
    Mledger__Statement message;
    uint8_t ledger[ML_HASH_SIZE], subject[ML_HASH_SIZE], seen_link[ML_HASH_SIZE];
    uint8_t nonce[ML_NONCE_SIZE];
};
/* What an honest signer would say now; the nonce is made of `nonce`. Seals the draft. */
void rules_statement_init(struct rules_statement *statement, struct fixture *fixture,
                          struct ml_draft *draft, Mledger__Meaning meaning, int nonce);
/* Signs it and adds it to the draft. */
void rules_statement_add(struct rules_statement *statement, struct ml_draft *draft,
                         const struct ml_signer *signer, bool break_signature);

/* A message's bytes, in the draft's arena. */
struct ml_span rules_pack(struct ml_draft *draft, const ProtobufCMessage *message);

/* Verifies the whole ledger, which must be without faults. */
void rules_verify(struct fixture *fixture);

#endif
