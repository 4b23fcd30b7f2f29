/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a log and a witness say to each other (C2SP tlog-witness, add-checkpoint), and how a
 * witness decides; not how it travels or where a witness keeps what it knows.
 *
 * The body of a request:
 *
 *     old N                        decimal, no leading zeros: the size that the witness knows
 *     BASE64                       hashes of the consistency proof from N, at most 63
 *     (an empty line)
 *     the checkpoint, a signed note, to the end
 *
 * The answer is the lines of one or more cosignatures, or a status below; for 409 with the
 * size that the witness knows, and a line feed.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_WITNESS_H
#define ML_CORE_WITNESS_H

#include "ledger/core/checkpoint.h"
#include "ledger/core/merkle_proof.h"

enum {
    ML_WITNESS_HASHES_MAX = 63,
    /* "old ", the hashes, the note, each with what belongs to it. */
    ML_WITNESS_REQUEST_MAX =
        32 + (ML_WITNESS_HASHES_MAX + 1) * ((ML_HASH_SIZE + 2) / 3 * 4 + 1) + ML_NOTE_MAX,
    ML_WITNESS_ANSWER_MAX = 65536, /* bytes that a log reads of an answer */
};

#define ML_WITNESS_PATH "/add-checkpoint"
#define ML_WITNESS_SIZE_TYPE "text/x.tlog.size" /* content type of a 409 */

/* A request as read. `note` and `checkpoint` borrow what was parsed. */
struct ml_witness_request {
    uint64_t old_size;
    size_t count;
    uint8_t hashes[ML_WITNESS_HASHES_MAX][ML_HASH_SIZE];
    struct ml_span note_bytes;
    struct ml_note note;
    struct ml_checkpoint checkpoint;
};

/* Reads all of `bytes`, which must outlive the request; nothing in it is checked yet. Initialises
 * *ret_request in any case, so that it can be released.
 * MLEDGER_EINVALID: no request, by the rules above. MLEDGER_ESYSTEM. */
int ml_witness_request_parse(struct ml_span bytes,
                             struct ml_witness_request *ret_request) ML_MUST_USE;
void ml_witness_request_release(struct ml_witness_request *request);

/* Appends a request. MLEDGER_EUSAGE: the proof has more hashes than a request may.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_witness_request_write(uint64_t old_size, const struct ml_merkle_proof *proof,
                             struct ml_span note, struct ml_buf *buf) ML_MUST_USE;

/* What the answer's status says (the HTTP status codes that the specification gives). */
enum ml_witness_status {
    ML_WITNESS_COSIGN = 200,
    ML_WITNESS_BAD_REQUEST = 400,  /* not a request, or old is above the checkpoint's size */
    ML_WITNESS_FORBIDDEN = 403,    /* no signature by a key of the log's, or one that fails */
    ML_WITNESS_UNKNOWN_LOG = 404,  /* no log of that origin is witnessed here */
    ML_WITNESS_CONFLICT = 409,     /* the witness knows another size than old */
    ML_WITNESS_INCONSISTENT = 422, /* the proof does not hold */
};

/* What a witness last cosigned for an origin; size 0: nothing yet. */
struct ml_witness_known {
    uint64_t size;
    uint8_t root[ML_HASH_SIZE];
};

/* A verdict, and why, for the log of the witness; "" when it is to be cosigned. */
struct ml_witness_verdict {
    enum ml_witness_status status;
    const char *reason; /* a string constant */
};

/* Whether one of `logs` (vkeys of type 0x01, named as their origin) speaks for the request's
 * origin, and signed it. Gives COSIGN, UNKNOWN_LOG or FORBIDDEN. MLEDGER_ESYSTEM. */
int ml_witness_check_log(const struct ml_witness_request *request, const struct ml_vkey *logs,
                         size_t n_logs, struct ml_witness_verdict *ret_verdict) ML_MUST_USE;
/* Appends the request's note with the signatures of `logs` alone, which ml_witness_check_log() has
 * found good: what a witness keeps. */
int ml_witness_kept_note(const struct ml_witness_request *request, const struct ml_vkey *logs,
                         size_t n_logs, struct ml_buf *buf) ML_MUST_USE;
/* Whether the checkpoint goes on from what is known. Gives COSIGN, BAD_REQUEST, CONFLICT or
 * INCONSISTENT. MLEDGER_ESYSTEM. */
int ml_witness_check_growth(const struct ml_witness_request *request,
                            const struct ml_witness_known *known,
                            struct ml_witness_verdict *ret_verdict) ML_MUST_USE;

/* The size in the body of a 409: a decimal number and a line feed. MLEDGER_EINVALID: none. */
int ml_witness_size_parse(struct ml_span body, uint64_t *ret_size) ML_MUST_USE;

/*
 * Takes the cosignature of `witness` out of the body of a 200 and appends its line to `note`, if
 * it is good: over this note's text, with a time (C2SP: never 0). Other witnesses' lines are
 * ignored; the same witness's line, if `note` has one already, gives way to the new one.
 * MLEDGER_EINVALID: the answer is no lines of signatures, has none of the witness, or one that
 * does not hold; the note is as before then. MLEDGER_ESYSTEM.
 */
int ml_witness_answer_apply(struct ml_span body, const struct ml_vkey *witness,
                            struct ml_buf *note) ML_MUST_USE;

#endif
