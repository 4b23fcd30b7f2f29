/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a client shows of itself: the Authorization header (RFC 9110 section 11.6.2), "Bearer TOKEN"
 * (RFC 6750) or "Basic" (RFC 7617), as MLflow clients send them for MLFLOW_TRACKING_TOKEN,
 * MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD; and tokens and hashes themselves.
 *
 * A token is "mledger_", 12 hexadecimal digits that name it, "_", and 43 characters that hold 256
 * random bits (base64url, RFC 4648). What is hashed is the last part.
 */
#ifndef ML_SERVE_GATE_CREDENTIAL_H
#define ML_SERVE_GATE_CREDENTIAL_H

#include "serve/gate/users.h"

enum {
    ML_CREDENTIAL_HEADER_MAX = 2048, /* bytes of the header's value */
    ML_CREDENTIAL_SECRET_MAX = 1024, /* bytes of a password */
    ML_TOKEN_SECRET_LEN = 43,
    ML_TOKEN_SIZE = 8 + ML_USER_TOKEN_DIGITS + 1 + ML_TOKEN_SECRET_LEN + 1,
    ML_USER_HASH_SIZE = 128, /* of an Argon2id hash as text, with its NUL */
};

struct ml_credential {
    enum ml_user_kind kind; /* token or password */
    char id[ML_USER_NAME_MAX + 1];
    char secret[ML_CREDENTIAL_SECRET_MAX + 1];
    size_t secret_len;
};
/* Wipes it. */
void ml_credential_release(struct ml_credential *credential);

/* Reads the header's value. MLEDGER_EINVALID: it is none of the two, or what it holds is no token
 * of ours, no base64, too long. Initialises *ret_credential in any case. */
int ml_credential_read(const char *authorization, struct ml_credential *ret_credential) ML_MUST_USE;

/* A new token, and its id. MLEDGER_ESYSTEM. */
int ml_token_make(char ret_token[ML_TOKEN_SIZE], char ret_id[ML_USER_TOKEN_DIGITS + 1]) ML_MUST_USE;
/* The part of a token that is secret and hashed. */
struct ml_span ml_token_secret(const char token[ML_TOKEN_SIZE]);

/* Argon2id with libsodium's interactive limits: 64 MiB and about a tenth of a second, as is each
 * check. MLEDGER_ESYSTEM: memory is out. */
int ml_secret_hash(struct ml_span secret, char ret_hash[ML_USER_HASH_SIZE]) ML_MUST_USE;
/* Whether it is the secret of that hash; in time that does not tell how wrong it is. */
bool ml_secret_matches(struct ml_span secret, const char *hash);

#endif
