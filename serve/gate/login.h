/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a secret is right, without being made to hash without end: what was right a short while
 * ago is remembered, wrong guesses are counted, and hashing is done in turns. Thread-safe.
 */
#ifndef ML_SERVE_GATE_LOGIN_H
#define ML_SERVE_GATE_LOGIN_H

#include "serve/gate/guesses.h"
#include "serve/gate/turns.h"
#include "serve/gate/verified.h"

enum {
    ML_LOGIN_AT_ONCE = 2,  /* hashings: 64 MiB each */
    ML_LOGIN_WAITING = 32, /* that wait for their turn; more are sent away */
};

struct ml_login {
    struct ml_verified verified;
    struct ml_guesses guesses;
    struct ml_turns turns;
    const char *nobody; /* a hash like others, of nothing that anybody knows */
};

/* MLEDGER_ESYSTEM. */
int ml_login_init(struct ml_login *login) ML_MUST_USE;
void ml_login_release(struct ml_login *login);

enum ml_login_answer {
    ML_LOGIN_RIGHT,
    ML_LOGIN_WRONG,
    ML_LOGIN_WAIT, /* too many wrong guesses; *ret_wait_s says how long */
    ML_LOGIN_BUSY, /* too many logins at once */
};

/* Whether this was right a short while ago: without hashing, waiting or counting. */
bool ml_login_knows(struct ml_login *login, const struct ml_credential *credential,
                    const struct ml_user *user, int64_t now_ms);
/* `user` is the one that the credential names, NULL: none, which takes as long to find out where
 * names are to be guessed (passwords; a token's name is random and no secret). `address`: where the
 * request came from; empty: not counted. `now_ms` is of a clock that does not go back. */
enum ml_login_answer ml_login_check(struct ml_login *login, const struct ml_credential *credential,
                                    const struct ml_user *user, const char *address, int64_t now_ms,
                                    unsigned *ret_wait_s);

#endif
