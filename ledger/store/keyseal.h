/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing the seed of a key with a passphrase: Argon2id 1.3 (RFC 9106, one lane) gives a key, and
 * XChaCha20-Poly1305 seals under it, with the lines of the file above as additional data.
 */
#ifndef ML_STORE_KEYSEAL_H
#define ML_STORE_KEYSEAL_H

#include "ledger/store/keytext.h"

/* Makes text->box out of text->seed and wipes the seed; the cost, salt and nonce are set, `head`
 * is the text above.
 * MLEDGER_ESYSTEM: not enough memory for the cost. */
int ml_keyseal_close(struct ml_keytext *text, struct ml_span head,
                     struct ml_span passphrase) ML_MUST_USE;
/* Makes text->seed out of text->box.
 * MLEDGER_ESYSTEM: not enough memory, or a wrong passphrase (or a changed text). */
int ml_keyseal_open(struct ml_keytext *text, struct ml_span head,
                    struct ml_span passphrase) ML_MUST_USE;

#endif
