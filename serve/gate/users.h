/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask a server: each user is a token, a password or a client certificate, and the actor of
 * the ledger that it stands for. And the text of the file that keeps them (docs/FORMAT.md): JSON
 * lines, the first of which names the ledger.
 *
 * No file, no clock, no hashing here. A list that is read may be shared by threads.
 */
#ifndef ML_SERVE_GATE_USERS_H
#define ML_SERVE_GATE_USERS_H

#include "ledger/core/arena.h"
#include "ledger/core/hash.h"

enum {
    ML_USERS_MAX = 10000,            /* in a file, with those that were revoked */
    ML_USERS_TEXT_MAX = 8 << 20,     /* bytes of it */
    ML_USER_NAME_MAX = 255,          /* bytes of an actor's id or a label */
    ML_USER_TOKEN_DIGITS = 12,       /* hexadecimal digits of a token's id */
    ML_USER_CERTIFICATE_DIGITS = 64, /* of a certificate's SHA-256 */
};

enum ml_user_kind { ML_USER_TOKEN, ML_USER_PASSWORD, ML_USER_CERTIFICATE };

struct ml_user {
    enum ml_user_kind kind;
    /* Of a token its public part, of a password the name that is given with it, of a certificate
     * the SHA-256 of its DER form, in hexadecimal. */
    const char *id;
    const char *actor;
    const char *hash;  /* as crypto_pwhash_str() gives it; NULL: a certificate */
    const char *label; /* for people; NULL: none */
    int64_t created_us;
    int64_t expires_us; /* 0: never */
    int64_t revoked_us; /* 0: it is not */
    bool read_only;
};

struct ml_users {
    struct ml_arena arena; /* of all text in it */
    struct ml_user **list; /* in the order of the file */
    size_t count, cap;
    struct ml_user **sorted; /* by kind, id and place; made by reading and by ml_users_add() */
};

void ml_users_init(struct ml_users *users);
void ml_users_release(struct ml_users *users);

/* Reads a file's text; `name` is for errors. Initialises *ret_users in any case.
 * MLEDGER_EINVALID names the file and its line: it is malformed, of another ledger, too long, or
 * says twice who somebody is. */
int ml_users_parse(const char *name, struct ml_span text, const uint8_t ledger[ML_HASH_SIZE],
                   struct ml_users *ret_users) ML_MUST_USE;
int ml_users_write(const struct ml_users *users, const uint8_t ledger[ML_HASH_SIZE],
                   struct ml_buf *text) ML_MUST_USE;

/* The one of that kind and id, of several the last; revoked and expired ones too. NULL: none. */
struct ml_user *ml_users_find(const struct ml_users *users, enum ml_user_kind kind, const char *id);
/* Neither revoked nor expired. */
bool ml_user_lives(const struct ml_user *user, int64_t now_us);

/* Adds a copy. MLEDGER_EINVALID: it is malformed; there is one of that kind and id that was not
 * revoked; or there are too many. */
int ml_users_add(struct ml_users *users, const struct ml_user *user) ML_MUST_USE;

/* "token", "password", "certificate". */
const char *ml_user_kind_name(enum ml_user_kind kind);

#endif
