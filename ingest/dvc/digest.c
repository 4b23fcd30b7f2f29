/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/core/hash.h"
#include "ledger/core/hex.h"

#define CHUNK ((size_t)1 << 20)
#define PROBE ((size_t)512)

struct hashing {
    struct ml_hasher hashers[ML_DVC_VARIANTS];
    uint8_t *converted; /* 2 * CHUNK bytes */
    bool first_is_text, has_first;
};

static void hashing_release(struct hashing *hashing)
{
    for (int i = 0; i < ML_DVC_VARIANTS; i++)
        ml_hasher_release(&hashing->hashers[i]);
    free(hashing->converted);
}

static int hashing_init(struct hashing *hashing)
{
    for (int i = 0; i < ML_DVC_VARIANTS; i++)
        ML_TRY(ml_hasher_init(&hashing->hashers[i],
                              i == ML_DVC_PLAIN ? ML_HASH_MD5 | ML_HASH_SHA256 : ML_HASH_MD5));
    hashing->converted = malloc(2 * CHUNK);
    return hashing->converted ? 0 : ml_fail_memory();
}

static bool looks_like_text(const uint8_t *data, size_t len)
{
    size_t odd = 0;
    if (len > PROBE)
        len = PROBE;
    for (size_t i = 0; i < len; i++) {
        if (data[i] == 0)
            return false;
        odd += !(data[i] >= 32 && data[i] <= 126) && !strchr("\n\r\t\f\b", data[i]);
    }
    return odd * 10 <= len * 3;
}

static size_t to_unix(const uint8_t *data, size_t len, uint8_t *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++)
        if (data[i] != '\r' || i + 1 == len || data[i + 1] != '\n')
            out[kept++] = data[i];
    return kept;
}

static size_t to_dos(const uint8_t *data, size_t len, uint8_t *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\n' && (i == 0 || data[i - 1] != '\r'))
            out[kept++] = '\r';
        out[kept++] = data[i];
    }
    return kept;
}

/* At most CHUNK bytes. */
static int add_chunk(struct hashing *hashing, const uint8_t *data, size_t len)
{
    const bool is_text = looks_like_text(data, len);
    if (!hashing->has_first) {
        hashing->has_first = true;
        hashing->first_is_text = is_text;
    }
    struct ml_hasher *hashers = hashing->hashers;
    uint8_t *out = hashing->converted;
    const bool once = hashing->first_is_text;
    ML_TRY(ml_hasher_update(&hashers[ML_DVC_PLAIN], data, len));
    const size_t unix_len = to_unix(data, len, out);
    ML_TRY(
        ml_hasher_update(&hashers[ML_DVC_CHUNKED], is_text ? out : data, is_text ? unix_len : len));
    ML_TRY(ml_hasher_update(&hashers[ML_DVC_ONCE], once ? out : data, once ? unix_len : len));
    const size_t dos_len = to_dos(data, len, out);
    return ml_hasher_update(&hashers[ML_DVC_CRLF], is_text ? out : data, is_text ? dos_len : len);
}

static int finish(struct hashing *hashing, struct ml_dvc_digest *ret_digest)
{
    struct ml_dvc_digest digest = {0};
    for (int i = 0; i < ML_DVC_VARIANTS; i++) {
        struct ml_digests digests;
        ML_TRY(ml_hasher_final(&hashing->hashers[i], &digests));
        ml_hex_encode(digest.text[i], digests.md5, ML_MD5_SIZE);
        if (i != ML_DVC_PLAIN)
            continue;
        digest.size = digests.size;
        memcpy(digest.sha256, digests.sha256, sizeof(digest.sha256));
    }
    digest.nfiles = 1;
    *ret_digest = digest;
    return 0;
}

int ml_dvc_digest_bytes(struct ml_span bytes, struct ml_dvc_digest *ret_digest)
{
    ML_CLEANUP(hashing_release) struct hashing hashing = {0};
    ML_TRY(hashing_init(&hashing));
    for (size_t at = 0; at < bytes.len; at += CHUNK) {
        const size_t left = bytes.len - at;
        ML_TRY(add_chunk(&hashing, bytes.data + at, left < CHUNK ? left : CHUNK));
    }
    return finish(&hashing, ret_digest);
}

/* Fills the chunk as far as the file goes, so that chunks are DVC's. */
static int read_chunk(int fd, const char *name, uint8_t *chunk, size_t *ret_len)
{
    size_t len = 0;
    while (len < CHUNK) {
        const ssize_t got = read(fd, chunk + len, CHUNK - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read '%s'", name);
        if (got == 0)
            break;
        len += (size_t)got;
    }
    *ret_len = len;
    return 0;
}

int ml_dvc_digest_file(int fd, const char *name, ml_hash_progress progress, void *ctx,
                       struct ml_dvc_digest *ret_digest)
{
    ML_CLEANUP(hashing_release) struct hashing hashing = {0};
    ML_CLEANUP(ml_freep) uint8_t *chunk = malloc(CHUNK);
    size_t len = 0;
    if (!chunk)
        return ml_fail_memory();
    ML_TRY(hashing_init(&hashing));
    do {
        ML_TRY(read_chunk(fd, name, chunk, &len));
        if (len > 0)
            ML_TRY(add_chunk(&hashing, chunk, len));
        if (len > 0 && progress)
            ML_TRY(progress(ctx, hashing.hashers[ML_DVC_PLAIN].size));
    } while (len == CHUNK);
    return finish(&hashing, ret_digest);
}

enum ml_dvc_match ml_dvc_digest_match(const struct ml_dvc_digest *digest, const char *hash_name,
                                      const char *hash)
{
    const bool plain = strcmp(hash_name, "md5") == 0;
    if (!plain && strcmp(hash_name, "md5-dos2unix") != 0)
        return ML_DVC_SAME;
    if (plain && strcmp(hash, digest->text[ML_DVC_PLAIN]) == 0)
        return ML_DVC_SAME;
    const bool as_unix = strcmp(hash, digest->text[ML_DVC_CHUNKED]) == 0 ||
                         strcmp(hash, digest->text[ML_DVC_ONCE]) == 0;
    if (!plain && as_unix)
        return ML_DVC_SAME;
    if (as_unix || strcmp(hash, digest->text[ML_DVC_CRLF]) == 0)
        return ML_DVC_SAME_BUT_LINES;
    return ML_DVC_DIFFERENT;
}
