/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Timestamps by authorities (RFC 3161): that a text existed at a time, said by somebody whom a
 * certificate names. Requests, responses and tokens are built, read and checked by OpenSSL's TS
 * functions; nothing here fetches, keeps or knows what time it is.
 *
 * What is stamped is SHA-256 of a text: of a checkpoint, the text that the log key signs. A token
 * is the DER of the ContentInfo that a response carries, with the authority's certificates in it.
 *
 * A certificate is judged at the time that the token itself gives, so that a token says in ten
 * years what it says now. What that leaves open: who steals an authority's key after its
 * certificate has expired can stamp times before that. Revocation lists are not looked at.
 *
 * Pure; thread-safe, roots too.
 */
#ifndef ML_CORE_TIMESTAMP_H
#define ML_CORE_TIMESTAMP_H

#include "ledger/core/base.h"

enum {
    ML_TIMESTAMP_NONCE_SIZE = 16,
    ML_TIMESTAMP_TOKEN_MAX = 16384,    /* bytes of a token, as records hold them */
    ML_TIMESTAMP_RESPONSE_MAX = 32768, /* bytes of a response */
    ML_TIMESTAMP_NAME_SIZE = 256,
};

#define ML_TIMESTAMP_QUERY_TYPE "application/timestamp-query"
#define ML_TIMESTAMP_REPLY_TYPE "application/timestamp-reply"

/* What a token says. */
struct ml_timestamp {
    int64_t time_us;     /* since 1970 UTC; finer digits are cut off */
    int64_t accuracy_us; /* the time is within so much of it; -1: the token does not say */
    char authority[ML_TIMESTAMP_NAME_SIZE]; /* subject of the signing certificate (RFC 2253), cut if
                                               longer; "" where the token holds none */
};

/* Appends a request for a token over `text`, with the authority's certificates. `nonce` is random,
 * and what tells the answer from an old one. MLEDGER_ESYSTEM: OpenSSL failed. */
int ml_timestamp_request(struct ml_span text, const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE],
                         struct ml_buf *buf) ML_MUST_USE;
/* Reads the response to that request and appends its token, which is over `text`, bears the nonce,
 * and is signed by a certificate in it; whether that may be trusted is ml_timestamp_verify()'s.
 * MLEDGER_EINVALID: it is no response, the authority refused (by its own words), or its token is
 * another than was asked for. MLEDGER_ESYSTEM. */
int ml_timestamp_response(struct ml_span response, struct ml_span text,
                          const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE],
                          struct ml_buf *buf) ML_MUST_USE;

/* Reads a token over `text`, checking everything but whom its certificates lead to.
 * MLEDGER_EINVALID: it is none, over another text, or not signed by a certificate in it. */
int ml_timestamp_read(struct ml_span token, struct ml_span text,
                      struct ml_timestamp *ret_timestamp) ML_MUST_USE;

/* Certificates to trust. */
struct ml_timestamp_roots;
/* Reads PEM; `name` is for errors. Every certificate in it is trusted, also one that another
 * issued. MLEDGER_EINVALID: it holds none, or something that is none. */
int ml_timestamp_roots_parse(struct ml_span pem, const char *name,
                             struct ml_timestamp_roots **ret_roots) ML_MUST_USE;
void ml_timestamp_roots_free(struct ml_timestamp_roots *roots); /* accepts NULL */
static inline void ml_timestamp_roots_freep(struct ml_timestamp_roots **roots)
{
    ml_timestamp_roots_free(*roots);
}

/* The same as reading, and that a certificate for timestamping, valid then, leads to one of the
 * roots. MLEDGER_EINVALID: it does not; OpenSSL's reason is in the text. */
int ml_timestamp_verify(struct ml_span token, struct ml_span text,
                        const struct ml_timestamp_roots *roots,
                        struct ml_timestamp *ret_timestamp) ML_MUST_USE;

#endif
