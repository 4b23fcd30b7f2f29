/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A sealed event on its way between people who state something about it: a file of one JSON
 * object that carries exact bytes, so that it can be signed on machines without the ledger.
 *
 *     {"mledger_statements": 1,          version of this layout
 *      "ledger": HEX,                    identity of the ledger it is for
 *      "seen": {"seq": N, "link": HEX},  the newest record when it was made
 *      "event": BASE64,
 *      "details": BASE64,                left out if there are none
 *      "salts": {"event": HEX, "details": HEX},
 *      "statements": BASE64}             left out before the first
 *
 * event, details and statements are the bytes that will be stored (docs/FORMAT.md).
 */
#ifndef ML_CLI_STATEMENT_FILE_H
#define ML_CLI_STATEMENT_FILE_H

#include "ledger/core/draft.h"
#include "ledger/store/ledger.h"

struct ml_statement_file {
    struct ml_draft *draft;       /* sealed; owned */
    uint8_t ledger[ML_HASH_SIZE]; /* identity */
    uint64_t seen_seq;
    uint8_t seen_link[ML_HASH_SIZE];
};

void ml_statement_file_release(struct ml_statement_file *file);

/* Reads it strictly. MLEDGER_EINVALID names the file and what is wrong with it: another layout, an
 * unknown, missing or repeated key, bytes that the codec refuses. MLEDGER_ESYSTEM. */
int ml_statement_file_read(const char *path, struct ml_statement_file *ret_file) ML_MUST_USE;
/* Writes it whole: beside, then renamed. Without `replace` a file that is there is left alone
 * (MLEDGER_ESYSTEM). */
int ml_statement_file_write(const char *path, const struct ml_statement_file *file,
                            bool replace) ML_MUST_USE;

#endif
