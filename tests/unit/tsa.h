/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timestamping authority for tests, by OpenSSL's own functions: a root of its own, a certificate
 * for timestamping below it, and answers to requests.
 */
#ifndef ML_TEST_TSA_H
#define ML_TEST_TSA_H

#include "ledger/core/base.h"

/* Its certificates are good from 2020-01-01 to 2030-01-01. */
#define TSA_VALID_FROM INT64_C(1577836800)
#define TSA_VALID_UNTIL INT64_C(1893456000)

struct tsa;

/* An authority called `name`. Aborts if OpenSSL cannot do it. */
struct tsa *tsa_new(const char *name);
void tsa_free(struct tsa *tsa);

/* Its clock: seconds since 1970 and microseconds. */
void tsa_set_clock(struct tsa *tsa, int64_t seconds, long micros);
/* Its accuracy; all 0: it says none. */
void tsa_set_accuracy(struct tsa *tsa, int seconds, int millis, int micros);
/* Whether it knows SHA-256: one that does not refuses. */
void tsa_set_capable(struct tsa *tsa, bool capable);

/* The certificate of its root, and its own, in PEM. */
void tsa_root_pem(const struct tsa *tsa, struct ml_buf *pem);
void tsa_own_pem(const struct tsa *tsa, struct ml_buf *pem);
/* Answers a request in DER. */
void tsa_respond(struct tsa *tsa, struct ml_span request, struct ml_buf *response);

#endif
