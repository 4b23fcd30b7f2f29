/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers as other software expects them: UUIDs (RFC 9562). Thread-safe. */
#ifndef ML_SERVE_WEBHOOK_UUID_H
#define ML_SERVE_WEBHOOK_UUID_H

#include "ledger/core/base.h"

enum { ML_UUID_SIZE = 37 }; /* with its NUL */

/* Version 4: random. MLEDGER_ESYSTEM: libsodium cannot be used. */
int ml_uuid_random(char ret_text[ML_UUID_SIZE]) ML_MUST_USE;
/* Version 8: the first 122 bits that count of a hash, so that the same parts have the same one.
 * MLEDGER_ESYSTEM as ml_sha256(). */
int ml_uuid_of(const struct ml_span *parts, size_t count, char ret_text[ML_UUID_SIZE]) ML_MUST_USE;

#endif
