/* SPDX-License-Identifier: Apache-2.0 */
/* A ledger in a temporary directory, with a fixed clock and keys made from fixed seeds. */
#ifndef TESTS_LEDGER_FIXTURE_H
#define TESTS_LEDGER_FIXTURE_H

#include "ledger/core/json.h"
#include "ledger/store/ledger.h"

enum fixture_actor {
    ALICE,    /* first actor: admin */
    RECORDER, /* a key of alice's: recorder */
    BOB,      /* not registered until fixture_add_bob() */
    LOG_KEY,
    FIXTURE_KEYS,
};

struct fixture {
    char dir[64];
    char known[80];
    _Atomic int64_t now_us; /* servers of a test read it in threads of their own */
    uint8_t secret[FIXTURE_KEYS][64];
    struct ml_signer signers[FIXTURE_KEYS];
    struct ml_ledger *ledger;
};

/* Makes the directory and a ledger with its genesis. Asserts that everything works. */
void fixture_init(struct fixture *fixture);
/* Closes and removes everything. */
void fixture_release(struct fixture *fixture);
/* The two for cmocka: a ledger of its own for each test, in *state. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);
/* Closes and opens the ledger again. */
void fixture_reopen(struct fixture *fixture);
/* Appends one JSON line, signed by `actor`; gives the result, the record's seq in *ret_seq. */
int fixture_append(struct fixture *fixture, enum fixture_actor actor, const char *line,
                   uint64_t *ret_seq);
/* The same, which must work; gives the seq. */
uint64_t fixture_add(struct fixture *fixture, const char *line);
/* Expects that the line is refused by `rule`. */
void fixture_refused(struct fixture *fixture, const char *line, const char *rule);
/* A draft from a JSON line; asserts. */
struct ml_draft *fixture_draft(const char *line);
/* Statement of `actor`'s key on the draft, which gets sealed; see ledger/store/statement.h. */
void fixture_state(struct fixture *fixture, struct ml_draft *draft, enum fixture_actor actor,
                   Mledger__Meaning meaning);
/* Appends a draft and frees it. */
int fixture_append_draft(struct fixture *fixture, enum fixture_actor actor, struct ml_draft *draft,
                         uint64_t *ret_seq);
/* Registers bob, a person and approver, with his key. */
void fixture_add_bob(struct fixture *fixture);
/* The ledger's log key, for the caller to free: mledger_key_free(). */
struct mledger_key *fixture_log_key(void);
/* Makes a checkpoint, which must work, and notes it in a record, whose seq it gives. */
uint64_t fixture_checkpoint(struct fixture *fixture);
/* Runs `visit` on each stored value of `table`, in a write transaction; for damaging it. */
void fixture_put(struct fixture *fixture, unsigned table, struct ml_span key, struct ml_span value);
/* Takes a key out of a table of the store, which must work. */
void fixture_remove_key(struct fixture *fixture, unsigned table, struct ml_span key);

#endif
