/* SPDX-License-Identifier: Apache-2.0 */
#include <zstd.h>

#include "ledger/core/bundle_private.h"

struct ml_bundle_reader {
    ml_bundle_source *source;
    void *context;
    ZSTD_DCtx *zstd;
    struct ml_hasher hasher; /* over what was taken from `in`, until the trailer */
    struct ml_bundle_order order;
    size_t left; /* bytes of the item at hand that were not read yet */
    bool frame_ended;
    struct ml_buf item; /* its bytes, where they are wanted in one piece */
    size_t at, filled;  /* in `in` */
    uint8_t in[BUNDLE_PIECE];
};

bool ml_bundle_begins(struct ml_span start)
{
    /* The number at its end is the version. */
    size_t name = ML_BUNDLE_PREAMBLE_SIZE - 2;
    return start.len >= name && memcmp(start.data, ml_bundle_preamble, name) == 0;
}

/* ---- bytes of the file ---- */

static int refill(struct ml_bundle_reader *reader)
{
    size_t len = 0;
    ML_TRY(reader->source(reader->context, reader->in, sizeof reader->in, &len));
    reader->at = 0;
    reader->filled = len;
    return MLEDGER_OK;
}

/* Exactly `size` bytes, if there are as many; *ret_len says how many there were. */
static int take(struct ml_bundle_reader *reader, uint8_t *to, size_t size, size_t *ret_len)
{
    *ret_len = 0;
    while (*ret_len < size) {
        if (reader->at == reader->filled)
            ML_TRY(refill(reader));
        size_t len = reader->filled - reader->at;
        if (len == 0)
            return MLEDGER_OK;
        if (len > size - *ret_len)
            len = size - *ret_len;
        memcpy(to + *ret_len, reader->in + reader->at, len);
        reader->at += len;
        *ret_len += len;
    }
    return MLEDGER_OK;
}

static int cut_short(void)
{
    return ml_fail(MLEDGER_EINVALID, "the file is cut short");
}

/* ---- preamble and trailer ---- */

static int read_preamble(struct ml_bundle_reader *reader)
{
    uint8_t found[ML_BUNDLE_PREAMBLE_SIZE];
    size_t len;
    ML_TRY(take(reader, found, sizeof found, &len));
    if (!ml_bundle_begins(ML_SPAN(found, len)))
        return ml_fail(MLEDGER_EINVALID, "it is no mledger bundle");
    if (len < sizeof found)
        return cut_short();
    if (memcmp(found, ml_bundle_preamble, sizeof found) != 0)
        return ml_fail(MLEDGER_EINVALID, "it is a bundle of a version that is not known here");
    return ml_hasher_update(&reader->hasher, found, sizeof found);
}

/* The frame is one of zstd's own format: the decoder would pass over others, or read old ones. */
static int check_frame_magic(struct ml_bundle_reader *reader)
{
    static const uint8_t magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    if (reader->filled - reader->at < sizeof magic) {
        /* What is left is moved to the front, so that it can be looked at without being taken. */
        size_t len = reader->filled - reader->at, more = 1;
        memmove(reader->in, reader->in + reader->at, len);
        while (len < sizeof magic && more > 0) {
            ML_TRY(reader->source(reader->context, reader->in + len, sizeof magic - len, &more));
            len += more;
        }
        reader->at = 0;
        reader->filled = len;
    }
    if (reader->filled - reader->at < sizeof magic)
        return cut_short();
    if (memcmp(reader->in + reader->at, magic, sizeof magic) != 0)
        return ml_fail(MLEDGER_EINVALID, "what follows its beginning is no zstd frame");
    return MLEDGER_OK;
}

static int read_trailer(struct ml_bundle_reader *reader)
{
    struct ml_digests digests;
    uint8_t found[ML_BUNDLE_TRAILER_SIZE], more;
    size_t len;
    ML_TRY(ml_hasher_final(&reader->hasher, &digests));
    ML_TRY(take(reader, found, sizeof found, &len));
    if (len < sizeof found)
        return cut_short();
    if (memcmp(found, ml_bundle_trailer_header, BUNDLE_FRAME_HEADER) != 0)
        return ml_fail(MLEDGER_EINVALID, "what follows its frame is no trailer");
    if (memcmp(found + BUNDLE_FRAME_HEADER, digests.sha256, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID, "its bytes are not those that its trailer tells of");
    ML_TRY(take(reader, &more, 1, &len));
    if (len > 0)
        return ml_fail(MLEDGER_EINVALID, "bytes follow its trailer");
    return MLEDGER_OK;
}

/* ---- bytes of the frame ---- */

static int inflate_some(struct ml_bundle_reader *reader, ZSTD_outBuffer *out)
{
    if (reader->at == reader->filled)
        ML_TRY(refill(reader));
    ZSTD_inBuffer in = {reader->in, reader->filled, reader->at};
    size_t before = out->pos;
    size_t result = ZSTD_decompressStream(reader->zstd, out, &in);
    if (ZSTD_isError(result))
        return ml_fail(MLEDGER_EINVALID, "its frame is damaged: %s", ZSTD_getErrorName(result));
    if (result > 0 && in.pos == reader->at && out->pos == before && reader->filled == 0)
        return cut_short();
    ML_TRY(ml_hasher_update(&reader->hasher, reader->in + reader->at, in.pos - reader->at));
    reader->at = in.pos;
    reader->frame_ended = result == 0;
    return MLEDGER_OK;
}

/* `size` bytes, or fewer where the frame ends. */
static int inflate(struct ml_bundle_reader *reader, uint8_t *to, size_t size, size_t *ret_len)
{
    ZSTD_outBuffer out = {to, size, 0};
    while (out.pos < size && !reader->frame_ended)
        ML_TRY(inflate_some(reader, &out));
    *ret_len = out.pos;
    return MLEDGER_OK;
}

static int inflate_all(struct ml_bundle_reader *reader, uint8_t *to, size_t size)
{
    size_t len;
    ML_TRY(inflate(reader, to, size, &len));
    return len == size ? MLEDGER_OK
                       : ml_fail(MLEDGER_EINVALID, "its frame ends in the middle of an item");
}

/* ---- items ---- */

static int begin(struct ml_bundle_reader *reader)
{
    reader->zstd = ZSTD_createDCtx();
    if (!reader->zstd)
        return ml_fail_memory();
    size_t set = ZSTD_DCtx_setParameter(reader->zstd, ZSTD_d_windowLogMax, ML_BUNDLE_WINDOW_LOG);
    if (ZSTD_isError(set))
        return ml_fail(MLEDGER_ESYSTEM, "cannot decompress: %s", ZSTD_getErrorName(set));
    ML_TRY(ml_hasher_init(&reader->hasher, ML_HASH_SHA256));
    ML_TRY(read_preamble(reader));
    return check_frame_magic(reader);
}

int ml_bundle_reader_new(ml_bundle_source *source, void *context,
                         struct ml_bundle_reader **ret_reader)
{
    ML_CLEANUP(ml_bundle_reader_freep)
    struct ml_bundle_reader *reader = ml_calloc(1, sizeof *reader);
    if (!reader)
        return ml_fail_memory();
    reader->source = source;
    reader->context = context;
    ML_TRY(begin(reader));
    *ret_reader = ML_TAKE(reader);
    return MLEDGER_OK;
}

void ml_bundle_reader_free(struct ml_bundle_reader *reader)
{
    if (!reader)
        return;
    ZSTD_freeDCtx(reader->zstd);
    ml_hasher_release(&reader->hasher);
    ml_buf_release(&reader->item);
    free(reader);
}

/* Reads what is left of the item, piece by piece, and has it hashed, or not. */
static int drain(struct ml_bundle_reader *reader, struct ml_hasher *hasher)
{
    ML_CLEANUP(ml_freep) uint8_t *piece = NULL;
    if (reader->left > 0 && !(piece = malloc(BUNDLE_PIECE)))
        return ml_fail_memory();
    while (reader->left > 0) {
        size_t len = reader->left < BUNDLE_PIECE ? reader->left : (size_t)BUNDLE_PIECE;
        ML_TRY(inflate_all(reader, piece, len));
        if (hasher)
            ML_TRY(ml_hasher_update(hasher, piece, len));
        reader->left -= len;
    }
    return MLEDGER_OK;
}

static int end(struct ml_bundle_reader *reader)
{
    ML_TRY(ml_bundle_may_end(&reader->order));
    ML_TRY(read_trailer(reader));
    return MLEDGER_ENOTFOUND;
}

int ml_bundle_next(struct ml_bundle_reader *reader, struct ml_bundle_item *ret_item)
{
    uint8_t header[BUNDLE_ITEM_HEADER];
    size_t len;
    ML_TRY(drain(reader, NULL));
    ML_TRY(inflate(reader, header, sizeof header, &len));
    if (len == 0)
        return end(reader);
    if (len < sizeof header)
        return ml_fail(MLEDGER_EINVALID, "its frame ends in the middle of an item");
    size_t size = (size_t)header[1] << 24 | (size_t)header[2] << 16 | (size_t)header[3] << 8 |
                  (size_t)header[4];
    ML_TRY(ml_bundle_step(&reader->order, header[0], size));
    reader->left = size;
    *ret_item = (struct ml_bundle_item){(enum ml_bundle_kind)header[0], size};
    return MLEDGER_OK;
}

int ml_bundle_item_bytes(struct ml_bundle_reader *reader, struct ml_span *ret_bytes)
{
    ml_buf_clear(&reader->item);
    ML_TRY(ml_buf_reserve(&reader->item, reader->left));
    ML_TRY(inflate_all(reader, reader->item.data, reader->left));
    reader->item.len = reader->left;
    reader->left = 0;
    *ret_bytes = ml_buf_span(&reader->item);
    return MLEDGER_OK;
}

int ml_bundle_item_hash(struct ml_bundle_reader *reader, uint8_t ret_hash[ML_HASH_SIZE])
{
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_digests digests;
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_SHA256));
    ML_TRY(drain(reader, &hasher));
    ML_TRY(ml_hasher_final(&hasher, &digests));
    memcpy(ret_hash, digests.sha256, ML_HASH_SIZE);
    return MLEDGER_OK;
}
