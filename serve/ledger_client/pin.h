/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which ledger a server had when it was first asked, and which log keys sign its checkpoints: a
 * file for each URL beside the known heads, KNOWN_DIR/server-HEX, where HEX is half of the SHA-256
 * of the URL:
 *
 *     mledger server v1
 *     url https://…
 *     identity HEX
 *     vkey VKEY                     one or more
 *
 * What is learnt at the first contact is as good as that contact; who wants better says the
 * identity, as `mledger init` printed it.
 */
#ifndef ML_SERVE_LEDGER_CLIENT_PIN_H
#define ML_SERVE_LEDGER_CLIENT_PIN_H

#include "ledger/core/hash.h"
#include "ledger/core/note.h"

enum { ML_PIN_VKEYS = 16 };

struct ml_pin {
    char *url; /* owned */
    uint8_t identity[ML_HASH_SIZE];
    struct ml_vkey vkeys[ML_PIN_VKEYS];
    size_t n_vkeys;
};
void ml_pin_release(struct ml_pin *pin);

/* Adds a key unless it is there. MLEDGER_EUSAGE: there are too many. */
int ml_pin_add(struct ml_pin *pin, const struct ml_vkey *vkey) ML_MUST_USE;

/* Reads the pin of a URL. MLEDGER_ENOTFOUND: there is none (no text is set). MLEDGER_EINVALID names
 * the file that is malformed, or is another URL's. Initialises *ret_pin in any case. */
int ml_pin_read(const char *known_dir, const char *url, struct ml_pin *ret_pin) ML_MUST_USE;
/* Writes it durably, whole. MLEDGER_ESYSTEM. */
int ml_pin_write(const char *known_dir, const struct ml_pin *pin) ML_MUST_USE;

/* Of text alone; `name` is for errors. */
int ml_pin_parse(const char *name, struct ml_span text, struct ml_pin *ret_pin) ML_MUST_USE;

#endif
