/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger: made, opened, appended to, read. docs/FORMAT.md specifies what it holds, DESIGN
 * section 7 the JSON that goes in and out. Verification is mledger/verify.h's.
 *
 * Threads: every function may be called from any thread at once, but nothing else may run when a
 * ledger is closed. Appends of several threads share transactions. Processes: several may have
 * one ledger open, on one machine; a child made by fork() must open it anew. The library keeps a
 * few threads of its own, which end with the process.
 *
 * Memory: what is returned through `char **` or as an array is the caller's, freed with
 * mledger_free().
 */
#ifndef MLEDGER_LEDGER_H
#define MLEDGER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mledger/error.h"
#include "mledger/key.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MLEDGER_HASH_SIZE 32
#define MLEDGER_NAME_MAX 255 /* bytes of a ledger's name and origin */

/* An open ledger. */
struct mledger_ledger;

/* How to open. All zero is a good beginning. */
struct mledger_options {
    bool read_only;
    /* Directory where the newest head of each ledger is noted, so that a rollback is noticed; made
     * if it is not there. NULL: nowhere. */
    const char *known_dir;
    /* Bytes of address space to map at first; it grows by itself. 0: a good default. */
    size_t map_bytes;
};

/* Opens the ledger in directory `dir`. `options` may be NULL.
 * MLEDGER_ENOTFOUND: there is none. MLEDGER_EDAMAGED: what is there is none, or is damaged.
 * MLEDGER_ESYSTEM: it cannot be opened, or this process has it open already. */
MLEDGER_API int mledger_open(const char *dir, const struct mledger_options *options,
                             struct mledger_ledger **ret_ledger) MLEDGER_MUST_USE;
/* Accepts NULL. */
MLEDGER_API void mledger_close(struct mledger_ledger *ledger);

/* What founds a ledger; all of it is borrowed for the call. */
struct mledger_founding {
    const char *name;
    const char *origin;            /* of its checkpoints, e.g. example.org/models */
    const char *actor_id;          /* the first actor, a person with every role */
    const char *person;            /* that person's name, kept in the details; or NULL */
    const struct mledger_key *key; /* a signer key, the actor's; gets every role */
    const uint8_t *log_key;        /* public half of a log key, MLEDGER_KEY_PUBLIC_SIZE bytes */
    const uint8_t *recovery_key;   /* public half of a recovery key; or NULL */
};

/* Makes a ledger in `dir`, which must hold none (the directory is made), and its record 0.
 * MLEDGER_EUSAGE: there is a ledger, or a field that must be there is NULL. MLEDGER_EREFUSED: a
 * rule of record 0 (docs/FINDINGS.md). MLEDGER_EINVALID: a name is empty, too long, no text.
 * MLEDGER_ESYSTEM: it could not be written. */
MLEDGER_API int mledger_create(const char *dir, const struct mledger_options *options,
                               const struct mledger_founding *founding,
                               struct mledger_ledger **ret_ledger) MLEDGER_MUST_USE;

/* That a record is in the ledger for good. */
struct mledger_receipt {
    uint64_t seq;
    int64_t recorded_at_us;          /* microseconds since 1970-01-01 UTC */
    uint8_t link[MLEDGER_HASH_SIZE]; /* of the record */
};

/*
 * Appends the events in `lines`, all or none: lines of JSON, `len` bytes, each
 *
 *     {"run_started": {"run_id": "r1", "experiment": "churn"}, "details": {"user": "ann"}}
 *
 * with what the ledger assigns left out and subjects named as users name them. Empty lines are
 * passed over. Every header is signed by `key`. When it returns, the records are durable.
 * ret_receipts (or NULL) gets an array of as many as there were lines, ret_count (or NULL) how
 * many.
 *
 * MLEDGER_EINVALID: a line is malformed; the text names it, "line 3: …". MLEDGER_EREFUSED: a rule
 * forbids one; mledger_error_rule() says which. MLEDGER_EDAMAGED: the ledger is behind what is
 * known of it. MLEDGER_ESYSTEM: it could not be written, or the clock went back. MLEDGER_EUSAGE:
 * `len` is over 1 GiB, or there are more than 1,000,000 lines.
 */
MLEDGER_API int mledger_append(struct mledger_ledger *ledger, const struct mledger_key *key,
                               const char *lines, size_t len, struct mledger_receipt **ret_receipts,
                               size_t *ret_count) MLEDGER_MUST_USE;

/* The end of the ledger as it is now. */
struct mledger_head {
    uint64_t size;                       /* records; at least 1 */
    int64_t recorded_at_us;              /* of the last one */
    uint8_t link[MLEDGER_HASH_SIZE];     /* of the last one */
    uint8_t root[MLEDGER_HASH_SIZE];     /* of the Merkle tree over all */
    uint8_t identity[MLEDGER_HASH_SIZE]; /* of the ledger: the leaf of record 0 */
    char name[MLEDGER_NAME_MAX + 1];
    char origin[MLEDGER_NAME_MAX + 1];
};
/* MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
MLEDGER_API int mledger_head_read(struct mledger_ledger *ledger,
                                  struct mledger_head *ret_head) MLEDGER_MUST_USE;

/* Record `seq` as JSON for people, one line; a NUL ends it.
 * MLEDGER_ENOTFOUND: there is none yet. MLEDGER_EDAMAGED: it cannot be read. MLEDGER_ESYSTEM. */
MLEDGER_API int mledger_record_json(struct mledger_ledger *ledger, uint64_t seq,
                                    char **ret_json) MLEDGER_MUST_USE;
/* Record `seq` as an export line (docs/FORMAT.md, section 11): its exact bytes, with a DSSE
 * envelope as it stands. No line feed; a NUL ends it. Errors as above. */
MLEDGER_API int mledger_record_export(struct mledger_ledger *ledger, uint64_t seq,
                                      char **ret_line) MLEDGER_MUST_USE;

#ifdef __cplusplus
}
#endif
#endif
