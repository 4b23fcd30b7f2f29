/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ed25519 signatures (RFC 8032, PureEdDSA) through libsodium, under one strict policy, so that no
 * two verifiers of ours ever disagree and nobody can alter a signature that verifies:
 *
 *   key        32 bytes that are the canonical encoding of a point of the prime-order group.
 *              Refused: y >= p, no point on the curve, small order, mixed order.
 *   signature  64 bytes R || S with S < L, R the canonical encoding of a point that is not of
 *              small order, and S·B = R + k·A exactly (without the cofactor), where
 *              k = SHA-512(R || key || message).
 *
 * For a key that passes ml_ed25519_key_check(), S·B - k·A lies in the prime-order group, so an R
 * with a part of small order can never be equal to it: whatever the policy names is refused by
 * the two functions together. The check of a key costs about as much as a verification; it is made
 * once, when a key enters (a key is authorised, a key file is read), and never per signature.
 *
 * Threads: every function may be called from any thread.
 */
#ifndef ML_CORE_ED25519_H
#define ML_CORE_ED25519_H

#include "ledger/core/base.h"

#define ML_ED25519_PUBLIC_SIZE 32
#define ML_ED25519_SEED_SIZE 32      /* the private key of RFC 8032 */
#define ML_ED25519_SECRET_SIZE 64    /* seed || public key, as libsodium signs with */
#define ML_ED25519_SIGNATURE_SIZE 64 /* R || S */

/* Sets libsodium up, once per process; the functions below do it themselves. Others that use
 * libsodium's random numbers or secret memory call it first.
 * MLEDGER_ESYSTEM: libsodium cannot be used on this machine. */
int ml_sodium_ready(void) ML_MUST_USE;

/* Whether `key` is one that may ever be authorised. `key` has any length.
 * MLEDGER_EINVALID: it is not, for one of the reasons above. MLEDGER_ESYSTEM as above. */
int ml_ed25519_key_check(struct ml_span key) ML_MUST_USE;

/* Whether `signature` (of any length) is `key`'s on `message`. `key` has passed
 * ml_ed25519_key_check().
 * MLEDGER_EINVALID: it is not. MLEDGER_ESYSTEM as above. */
int ml_ed25519_verify(struct ml_span signature, struct ml_span message,
                      const uint8_t key[ML_ED25519_PUBLIC_SIZE]) ML_MUST_USE;

/* The key pair of a seed. ret_secret is the caller's to wipe. MLEDGER_ESYSTEM as above. */
int ml_ed25519_keypair(const uint8_t seed[ML_ED25519_SEED_SIZE],
                       uint8_t ret_public[ML_ED25519_PUBLIC_SIZE],
                       uint8_t ret_secret[ML_ED25519_SECRET_SIZE]) ML_MUST_USE;

/* Signs deterministically. `secret` is from ml_ed25519_keypair(): a secret whose two halves do
 * not belong together would give the key away. MLEDGER_ESYSTEM as above. */
int ml_ed25519_sign(const uint8_t secret[ML_ED25519_SECRET_SIZE], struct ml_span message,
                    uint8_t ret_signature[ML_ED25519_SIGNATURE_SIZE]) ML_MUST_USE;

#endif
