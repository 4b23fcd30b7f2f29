/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DVC's hashes of files and directories. Three are computed of every content, since which one a
 * lock holds depends on the version of DVC that wrote it:
 *
 *   plain     MD5 of the bytes (DVC 3)
 *   chunked   MD5 with "\r\n" as "\n" in each chunk of 1 MiB that looks like text (3.x, legacy)
 *   once      the same where the first chunk decides for the whole file (DVC up to 2.58)
 *   crlf      MD5 with "\n" as "\r\n" in such chunks: what DVC saw where Git had converted a
 *             text file on checkout (core.autocrlf) that is here with its own line ends
 *
 * A chunk looks like text when its first 512 bytes have no NUL and at most 30% of them are
 * neither printable ASCII nor one of \n \r \t \f \b. A "\r\n" across two chunks stays.
 * A directory's is the MD5 of a JSON list of its files with their hashes, and ends in ".dir".
 */
#ifndef ML_INGEST_DVC_DIGEST_H
#define ML_INGEST_DVC_DIGEST_H

#include "ingest/dvc/reader.h"
#include "ledger/core/hash.h"

#define ML_DVC_DIGEST_SIZE 37 /* 32 hex digits, ".dir", NUL */

enum ml_dvc_variant { ML_DVC_PLAIN, ML_DVC_CHUNKED, ML_DVC_ONCE, ML_DVC_CRLF, ML_DVC_VARIANTS };

struct ml_dvc_digest {
    char text[ML_DVC_VARIANTS][ML_DVC_DIGEST_SIZE];
    uint8_t sha256[ML_HASH_SIZE]; /* of a file's bytes; of a directory all zero */
    uint64_t size;                /* bytes, of all files */
    uint64_t nfiles;              /* of a directory */
    bool is_dir;
};

/* Content in memory. */
int ml_dvc_digest_bytes(struct ml_span bytes, struct ml_dvc_digest *ret_digest) ML_MUST_USE;

/* What `fd` yields from its offset on; `name` is for errors, `progress` may be NULL. */
int ml_dvc_digest_file(int fd, const char *name, ml_hash_progress progress, void *ctx,
                       struct ml_dvc_digest *ret_digest) ML_MUST_USE;

/* The file or directory `relpath` of the project; .dvcignore is honoured.
 * MLEDGER_ENOTFOUND: there is none, or something in it is larger than options.hash_bytes_max. */
int ml_dvc_digest_path(struct ml_dvc_reader *reader, const char *relpath,
                       struct ml_dvc_digest *ret_digest) ML_MUST_USE;

enum ml_dvc_match {
    ML_DVC_DIFFERENT,
    ML_DVC_SAME,
    ML_DVC_SAME_BUT_LINES, /* but for the ends of its lines */
};
/* Whether the digest is what an item claims; one that claims no kind of MD5 is taken as same. */
enum ml_dvc_match ml_dvc_digest_match(const struct ml_dvc_digest *digest, const char *hash_name,
                                      const char *hash);

/* Name of a member of a directory with its hash, for a manifest. */
struct ml_dvc_member {
    const char *relpath;
    const char *md5;
};
/* The ".dir" hash of a directory with these members, in any order; they are sorted. */
int ml_dvc_digest_manifest(struct ml_dvc_member *members, size_t count,
                           char ret_text[ML_DVC_DIGEST_SIZE]) ML_MUST_USE;

#endif
