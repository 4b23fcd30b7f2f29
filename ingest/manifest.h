/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of a file or a directory, by its content as it is read here and now.
 *
 * A file is its bytes: SHA-256 and MD5 (which joins it to what DVC says), in one pass. A
 * directory is its manifest; the SHA-256 of the manifest's bytes is its identity. Files are
 * hashed on all cores.
 *
 * The manifest is text. Its first line is "mledger manifest 1"; then comes a line for each file:
 *
 *     MODE SP SIZE SP SHA256 SP MD5 SP PATH
 *
 *   1. Every line, the last one too, ends in one line feed (0x0a); SP is one space (0x20).
 *   2. MODE is what Git calls it: 100755 where the file's owner may execute it, else 100644.
 *   3. SIZE is the number of bytes, decimal, without leading zeros.
 *   4. SHA256 and MD5 are of the file's bytes, lower-case hexadecimal.
 *   5. PATH leads from the directory to the file, '/' between its parts. Of its bytes 0x00 to
 *      0x1f, 0x7f and '%' are written as '%' and two upper-case hexadecimal digits; where the
 *      whole PATH is no UTF-8 (RFC 3629), so are all from 0x80 up. The others stand as they are.
 *   6. Lines are in the order of the paths as they are before rule 5, compared byte by byte.
 *   7. Directories appear only in the paths of their files; one without files not at all.
 *   8. Symbolic links are followed: what counts is what a program reads there. A link that leads
 *      nowhere, or to a directory that it lies in, is an error, and so is anything that is
 *      neither a file nor a directory (a device, a socket, a pipe): it has no content to record.
 *   9. Whatever is named .git, .dvc or .mledger is left out, at any depth: it is not data.
 *
 * Owners, times and other permissions do not count, so that a copy is the same content.
 */
#ifndef ML_INGEST_MANIFEST_H
#define ML_INGEST_MANIFEST_H

#include "ingest/hashing.h"

#define ML_MANIFEST_FILES_MAX ((size_t)1000000)
#define ML_MANIFEST_DEPTH_MAX ((size_t)128)
#define ML_MANIFEST_PATH_MAX ((size_t)4095) /* bytes, from the directory */
#define ML_MANIFEST_BYTES_MAX ((size_t)256 << 20)

struct ml_manifest {
    bool is_directory;
    uint64_t size;  /* bytes; of a directory the sum of its files */
    uint64_t files; /* of a directory; of a file 1 */
    uint8_t sha256[ML_HASH_SIZE];
    /* Of a file its MD5; of a directory the MD5 of DVC's list of it ("….dir" in a dvc.lock),
     * where DVC would list the same files: not under a .dvcignore, and with names in UTF-8. */
    bool has_md5;
    uint8_t md5[ML_MD5_SIZE];
    struct ml_buf text; /* of a directory its manifest, else empty */
};
void ml_manifest_release(struct ml_manifest *manifest);

/*
 * Reads the file or directory `path`. `progress` may be NULL.
 * MLEDGER_ENOTFOUND: there is nothing at `path`.
 * MLEDGER_EINVALID: a directory without files, or over one of the limits above; something in it
 * that cannot be recorded (rule 8).
 * MLEDGER_ESYSTEM: something cannot be read; a file changed, or went away, while it was read.
 */
int ml_manifest_make(const char *path, ml_hashing_progress progress, void *context,
                     struct ml_manifest *ret_manifest) ML_MUST_USE;

/* Appends a path as rule 5 has it. MLEDGER_ESYSTEM: memory is out. */
int ml_manifest_append_path(struct ml_buf *text, const char *path) ML_MUST_USE;

#endif
