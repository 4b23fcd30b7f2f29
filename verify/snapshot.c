/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/store/known_file.h"

enum { VALUE_MAX = 64 << 20, HEAD_SIZE = 5 };

static const char first_line[] = "mledger state v1\n";

/* A file being written or read, with the hash of what has passed. */
struct stream {
    FILE *file;
    crypto_hash_sha256_state hash;
    struct ml_buf value;
};

static void stream_release(struct stream *stream)
{
    if (stream->file)
        fclose(stream->file);
    ml_buf_release(&stream->value);
}

/* ---- writing ---- */

static int put(struct stream *stream, const void *bytes, size_t len)
{
    crypto_hash_sha256_update(&stream->hash, bytes, len);
    return fwrite(bytes, 1, len, stream->file) == len
               ? MLEDGER_OK
               : ml_fail_errno(errno, "cannot write what was verified");
}

static int put_entry(struct ml_span key, struct ml_span value, void *context)
{
    if (!value.data && value.len == 0)
        return MLEDGER_OK; /* deleted */
    const uint8_t head[HEAD_SIZE] = {(uint8_t)key.len, (uint8_t)(value.len >> 24),
                                     (uint8_t)(value.len >> 16), (uint8_t)(value.len >> 8),
                                     (uint8_t)value.len};
    ML_TRY(put(context, head, sizeof head));
    ML_TRY(put(context, key.data, key.len));
    return value.len > 0 ? put(context, value.data, value.len) : MLEDGER_OK;
}

static int write_all(struct stream *stream, struct ml_verifier *verifier)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf frontier = {0};
    ML_TRY(ml_merkle_frontier_write(&verifier->frontier, &frontier));
    ML_TRY(put(stream, first_line, sizeof first_line - 1));
    ML_TRY(put_entry(ML_SPAN("F", 1), ml_buf_span(&frontier), stream));
    ML_TRY(ml_state_each(verifier->state, put_entry, stream));
    if (fflush(stream->file) != 0 || fsync(fileno(stream->file)) < 0)
        return ml_fail_errno(errno, "cannot write what was verified");
    return MLEDGER_OK;
}

int ml_snapshot_write(const char *known_dir, struct ml_verifier *verifier,
                      uint8_t ret_digest[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0}, temporary = {0};
    ML_CLEANUP(stream_release) struct stream stream = {0};
    char suffix[48];
    snprintf(suffix, sizeof suffix, ".state.%jd.new", (intmax_t)getpid());
    const uint8_t *identity = verifier->fold.head.identity;
    ML_TRY(ml_known_path(known_dir, identity, ".state", &path));
    ML_TRY(ml_known_path(known_dir, identity, suffix, &temporary));
    const char *name = (const char *)temporary.data;
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot write '%s'", name);
    stream.file = fdopen(fd, "w");
    if (!stream.file) {
        close(fd);
        unlink(name);
        return ml_fail_memory();
    }
    crypto_hash_sha256_init(&stream.hash);
    int result = write_all(&stream, verifier);
    if (result >= 0 && rename(name, (const char *)path.data) < 0)
        result = ml_fail_errno(errno, "cannot rename '%s'", name);
    if (result < 0)
        unlink(name);
    else
        crypto_hash_sha256_final(&stream.hash, ret_digest);
    return result;
}

/* ---- reading ---- */

/* MLEDGER_ENOTFOUND: it ends before. */
static int get(struct stream *stream, void *bytes, size_t len)
{
    if (fread(bytes, 1, len, stream->file) != len)
        return MLEDGER_ENOTFOUND;
    crypto_hash_sha256_update(&stream->hash, bytes, len);
    return MLEDGER_OK;
}

/* 1: an entry; 0: the end. */
static int get_entry(struct stream *stream, uint8_t key[UINT8_MAX], size_t *ret_key_len)
{
    uint8_t head[HEAD_SIZE];
    int first = fgetc(stream->file);
    if (first == EOF)
        return MLEDGER_OK;
    ungetc(first, stream->file);
    ML_TRY(get(stream, head, sizeof head));
    size_t len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    if (head[0] == 0 || head[0] > ML_STATE_KEY_MAX || len > VALUE_MAX)
        return MLEDGER_ENOTFOUND;
    ML_TRY(get(stream, key, head[0]));
    ml_buf_clear(&stream->value);
    ML_TRY(ml_buf_reserve(&stream->value, len + 1));
    ML_TRY(get(stream, stream->value.data, len));
    stream->value.len = len;
    *ret_key_len = head[0];
    return 1;
}

static int read_all(struct stream *stream, struct ml_state *state,
                    struct ml_merkle_frontier *ret_frontier)
{
    char line[sizeof first_line - 1];
    uint8_t key[UINT8_MAX];
    size_t len;
    ML_TRY(get(stream, line, sizeof line));
    if (memcmp(line, first_line, sizeof line) != 0)
        return MLEDGER_ENOTFOUND;
    int result = get_entry(stream, key, &len);
    ML_TRY(result);
    if (result == 0 || len != 1 || key[0] != 'F' ||
        ml_merkle_frontier_read(ml_buf_span(&stream->value), ret_frontier) < 0)
        return MLEDGER_ENOTFOUND;
    while ((result = get_entry(stream, key, &len)) > 0)
        ML_TRY(ml_state_put(state, ML_SPAN(key, len), ml_buf_span(&stream->value)));
    return result;
}

int ml_snapshot_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                     const uint8_t digest[ML_HASH_SIZE], struct ml_state *state,
                     struct ml_merkle_frontier *ret_frontier)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(stream_release) struct stream stream = {0};
    uint8_t found[ML_HASH_SIZE];
    ML_TRY(ml_known_path(known_dir, identity, ".state", &path));
    stream.file = fopen((const char *)path.data, "re");
    if (!stream.file && errno == ENOENT)
        return MLEDGER_ENOTFOUND;
    if (!stream.file)
        return ml_fail_errno(errno, "cannot read '%s'", (const char *)path.data);
    crypto_hash_sha256_init(&stream.hash);
    ML_TRY(read_all(&stream, state, ret_frontier));
    crypto_hash_sha256_final(&stream.hash, found);
    return memcmp(found, digest, ML_HASH_SIZE) == 0 ? MLEDGER_OK : MLEDGER_ENOTFOUND;
}
