/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed event on its way between people who state something about it: one JSON object that
 * carries exact bytes, so that it can be signed on machines without the ledger.
 *
 *     {"mledger_statements": 1,          version of this layout
 *      "ledger": HEX,                    identity of the ledger it is for
 *      "seen": {"seq": N, "link": HEX},  the newest record when it was made
 *      "event": BASE64,
 *      "details": BASE64,                left out if there are none
 *      "salts": {"event": HEX, "details": HEX},
 *      "statements": BASE64}             left out before the first
 *
 * event, details and statements are the bytes that will be stored (docs/FORMAT.md). Pure.
 */
#ifndef ML_CORE_SEALED_H
#define ML_CORE_SEALED_H

#include "ledger/core/draft.h"
#include "ledger/core/record.h"

struct ml_sealed {
    struct ml_draft *draft;       /* sealed; owned */
    uint8_t ledger[ML_HASH_SIZE]; /* identity */
    uint64_t seen_seq;
    uint8_t seen_link[ML_HASH_SIZE];
};

void ml_sealed_release(struct ml_sealed *sealed);

/* Reads it strictly. MLEDGER_EINVALID says what is wrong: another layout, an unknown, missing or
 * repeated key, bytes that the codec refuses, more than ML_LIMIT_JSON_LINE of them.
 * MLEDGER_ESYSTEM. */
int ml_sealed_parse(const char *text, size_t len, struct ml_sealed *ret_sealed) ML_MUST_USE;
/* Appends it, each member on a line of its own. MLEDGER_ESYSTEM: memory is out. */
int ml_sealed_write(const struct ml_sealed *sealed, struct ml_buf *text) ML_MUST_USE;

#endif
