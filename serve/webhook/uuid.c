/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/webhook/uuid.h"

#include <sodium.h>

#include "ledger/core/ed25519.h"
#include "ledger/core/hash.h"
#include "ledger/core/hex.h"

enum { UUID_BYTES = 16 };

/* Version and variant (RFC 9562 section 4) replace six bits. */
static void write_text(uint8_t bytes[UUID_BYTES], uint8_t version, char ret_text[ML_UUID_SIZE])
{
    static const uint8_t groups[] = {4, 2, 2, 2, 6};
    char *to = ret_text;
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | version << 4);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < ML_COUNT(groups); i++) {
        if (i > 0)
            *to++ = '-';
        ml_hex_encode(to, bytes, groups[i]);
        bytes += groups[i];
        to += (size_t)groups[i] * 2;
    }
}

int ml_uuid_random(char ret_text[ML_UUID_SIZE])
{
    uint8_t bytes[UUID_BYTES];
    ML_TRY(ml_sodium_ready());
    randombytes_buf(bytes, sizeof bytes);
    write_text(bytes, 4, ret_text);
    return MLEDGER_OK;
}

int ml_uuid_of(const struct ml_span *parts, size_t count, char ret_text[ML_UUID_SIZE])
{
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(ml_sha256(hash, parts, count));
    write_text(hash, 8, ret_text);
    return MLEDGER_OK;
}
