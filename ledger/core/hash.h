/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 (FIPS 180-4), the one hash of the ledger, and MD5 (RFC 1321), which is computed only
 * because DVC names files by it and which nothing here trusts.
 *
 * libcrypto does the work, so that the processor's SHA instructions are used; its algorithms are
 * fetched once per process and its context is kept per thread, which makes hashing a header of
 * 200 bytes about as cheap as its blocks.
 *
 * Threads: every function may be called from any thread; a struct ml_hasher belongs to one
 * thread at a time.
 */
#ifndef ML_CORE_HASH_H
#define ML_CORE_HASH_H

#include "ledger/core/base.h"

#define ML_HASH_SIZE 32
#define ML_MD5_SIZE 16

/* SHA-256 over the concatenation of `count` parts; a part may be empty. Domain prefixes (0x02
 * before a commitment and so on) are parts of the caller's. ret_hash may lie inside a part.
 * MLEDGER_ESYSTEM: memory is out, or libcrypto is configured to refuse SHA-256. */
int ml_sha256(uint8_t ret_hash[ML_HASH_SIZE], const struct ml_span *parts,
              size_t count) ML_MUST_USE;

/* What a struct ml_hasher computes; or-ed together. */
enum ml_hash_algorithm {
    ML_HASH_SHA256 = 1,
    ML_HASH_MD5 = 2,
};

/* The digests of one content. Those that were not asked for are zero. */
struct ml_digests {
    uint64_t size; /* bytes hashed */
    uint8_t sha256[ML_HASH_SIZE];
    uint8_t md5[ML_MD5_SIZE];
};

/* Hashes content that comes in pieces, by several algorithms in one pass. All zero is a hasher
 * that can be released. */
struct ml_hasher {
    struct evp_md_ctx_st *sha256; /* NULL unless asked for */
    struct evp_md_ctx_st *md5;
    uint64_t size;
};

/* `algorithms` is one or more of enum ml_hash_algorithm.
 * MLEDGER_ESYSTEM: memory is out, or libcrypto refuses an algorithm (MD5 under FIPS). */
int ml_hasher_init(struct ml_hasher *hasher, unsigned algorithms) ML_MUST_USE;
/* MLEDGER_ESYSTEM: libcrypto failed. */
int ml_hasher_update(struct ml_hasher *hasher, const void *data, size_t len) ML_MUST_USE;
/* Once per hasher, and the last call but release. MLEDGER_ESYSTEM as above. */
int ml_hasher_final(struct ml_hasher *hasher, struct ml_digests *ret_digests) ML_MUST_USE;
void ml_hasher_release(struct ml_hasher *hasher);

/* Called after each piece with the bytes hashed so far. A negative result, whose error it has
 * set, ends the hashing and is returned. */
typedef int (*ml_hash_progress)(void *ctx, uint64_t done);

/* Hashes what `fd` yields from its present offset to its end, in one pass: of a large file the two
 * algorithms go over the same pieces on two cores (ledger/core/parallel.h). `name` is for error
 * texts.
 * `progress` may be NULL.
 * MLEDGER_ESYSTEM: reading failed, or any error of the hasher. The offset is then undefined. */
int ml_hash_file(int fd, const char *name, unsigned algorithms, ml_hash_progress progress,
                 void *ctx, struct ml_digests *ret_digests) ML_MUST_USE;

#endif
