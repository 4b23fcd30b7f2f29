/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of webhooks: what signs their notices, so that a receiver can tell them from anybody's.
 *
 * They are never in the ledger, which cannot forget, nor in its directory, which backups copy and
 * auditors are given. Each is a file of its own, mode 0600, in a directory of the user's that the
 * caller names, under the 16 random bytes by which the ledger's record names it, in hexadecimal. So
 * a secret is replaced by a new file: the old one goes when the record that names the new one is in
 * the ledger, and whatever is cut off between leaves a file that nothing names.
 *
 * Thread-safe.
 */
#ifndef ML_SERVE_WEBHOOK_SECRET_H
#define ML_SERVE_WEBHOOK_SECRET_H

#include "ledger/store/secret.h"

enum {
    ML_WEBHOOK_SECRET_ID_SIZE = 16,
    ML_WEBHOOK_SECRET_MAX = 4096, /* bytes of a secret; at least one */
};

/* Keeps the secret, durably, in `dir`, which is made.
 * MLEDGER_EUSAGE: it is empty or too long. MLEDGER_ESYSTEM: it cannot be written. */
int ml_webhook_secret_put(const char *dir, const char *secret,
                          uint8_t ret_id[ML_WEBHOOK_SECRET_ID_SIZE]) ML_MUST_USE;
/* In secret memory (ledger/store/secret.h). */
struct ml_webhook_secret {
    size_t len;
    uint8_t bytes[ML_WEBHOOK_SECRET_MAX];
};
static inline void ml_webhook_secret_freep(struct ml_webhook_secret **secret)
{
    ml_secret_release(*secret);
}
/* The caller frees it with ml_secret_release(). MLEDGER_ENOTFOUND: it is not there.
 * MLEDGER_EINVALID: it is no such file. MLEDGER_ESYSTEM: it cannot be read, or others can read it
 * too. */
int ml_webhook_secret_get(const char *dir, const uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE],
                          struct ml_webhook_secret **ret_secret) ML_MUST_USE;
/* Forgets it, if it is there. */
void ml_webhook_secret_drop(const char *dir, const uint8_t id[ML_WEBHOOK_SECRET_ID_SIZE]);

#endif
