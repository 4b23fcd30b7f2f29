/* SPDX-License-Identifier: Apache-2.0 */
/*
 * TLS of a server, by GnuTLS: the server's certificate with its key, read again for new connections
 * when the files changed; and certificates that clients show, which must come from an authority of
 * the server's choice. TLS 1.2 and 1.3. Thread-safe.
 */
#ifndef ML_SERVE_TLS_H
#define ML_SERVE_TLS_H

#include "ledger/core/hash.h"

/* What libmicrohttpd is told of protocols and ciphers (GnuTLS: priority strings). Never written to;
 * it takes no other pointers. */
extern char ml_tls_priorities[];

enum { ML_TLS_FILE_MAX = 1 << 20 };

struct ml_tls;

struct ml_tls_options {
    const char *certificate; /* PEM: the server's, then those between it and an authority; copied */
    const char *key;         /* PEM, unsealed; copied */
    const char *client_ca;   /* PEM: whom client certificates come from; NULL: none is asked for */
    /* Is told when files that changed cannot be used, once for each state of them; the former ones
     * go on. The error is this thread's. Or NULL. */
    void (*failed)(void *context);
    void *context;
};

/* MLEDGER_ESYSTEM: a file cannot be read. MLEDGER_EINVALID: it holds no certificate or key, or they
 * do not belong together; the text names it. */
int ml_tls_new(const struct ml_tls_options *options, struct ml_tls **ret_tls) ML_MUST_USE;
void ml_tls_free(struct ml_tls *tls);

/* Prepares a session that begins (gnutls_session_t). MLEDGER_ESYSTEM. */
int ml_tls_begin(struct ml_tls *tls, void *session) ML_MUST_USE;
/* After its handshake: 1: the client has shown a certificate that the authority made for clients,
 * *ret_sha256 of its DER form; 0: it has shown none.
 * MLEDGER_EINVALID: it is not trusted; the text says why. */
int ml_tls_peer(void *session, uint8_t ret_sha256[ML_HASH_SIZE]) ML_MUST_USE;
/* Whether the server's certificate is for a host of this name. */
bool ml_tls_is_for(struct ml_tls *tls, const char *host);

/* SHA-256 of the DER form of the first certificate in a PEM file. Errors as ml_tls_new(). */
int ml_tls_fingerprint(const char *path, uint8_t ret_sha256[ML_HASH_SIZE]) ML_MUST_USE;

#endif
