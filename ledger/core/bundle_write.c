/* SPDX-License-Identifier: Apache-2.0 */
#include <zstd.h>

#include "ledger/core/bundle_private.h"
#include "ledger/core/codec.h"
#include "ledger/core/note.h"
#include "ledger/core/record.h"

/* Magic number 0x184D2A5E, one of the sixteen that are free for applications. */
#define SKIPPABLE 0x5e, 0x2a, 0x4d, 0x18
const uint8_t ml_bundle_preamble[ML_BUNDLE_PREAMBLE_SIZE] = {
    SKIPPABLE, 17,  0,   0,   0,   'm', 'l', 'e', 'd', 'g', 'e',
    'r',       '-', 'b', 'u', 'n', 'd', 'l', 'e', ' ', '1', '\n'};
const uint8_t ml_bundle_trailer_header[BUNDLE_FRAME_HEADER] = {SKIPPABLE, ML_HASH_SIZE, 0, 0, 0};

/* Items in their order, with how many there may be and how large they may be. */
static const struct bundle_rule {
    int kind, rank;
    size_t count; /* of that rank; 0: any number */
    size_t least, most;
} rules[] = {
    {ML_BUNDLE_MANIFEST, 1, 1, 0, ML_BUNDLE_MANIFEST_MAX},
    {ML_BUNDLE_CHECKPOINT, 2, ML_BUNDLE_ANCHORS, 0, ML_NOTE_MAX},
    {ML_BUNDLE_TIMESTAMP, 2, ML_BUNDLE_ANCHORS, 0, ML_BUNDLE_TIMESTAMP_MAX},
    {ML_BUNDLE_OPEN, 3, 0, 1, ML_LIMIT_RECORD},
    {ML_BUNDLE_HIDDEN, 3, 0, ML_SIGNATURE_SIZE + 1, ML_SIGNATURE_SIZE + ML_LIMIT_HEADER},
    {ML_BUNDLE_ATTACHMENT, 4, 0, 0, ML_LIMIT_ATTACHMENT},
    {ML_BUNDLE_LINEAGE_JSON, 5, 1, 0, ML_BUNDLE_LINEAGE_MAX},
    {ML_BUNDLE_LINEAGE_SVG, 6, 1, 0, ML_BUNDLE_LINEAGE_MAX},
};
enum { RANK_MANIFEST = 1, RANK_ANCHOR = 2, RANK_RECORD = 3 };

static const struct bundle_rule *rule_of(int kind)
{
    for (size_t i = 0; i < ML_COUNT(rules); i++)
        if (rules[i].kind == kind)
            return &rules[i];
    return NULL;
}

/* From what stands before, `rule` may follow. */
static bool may_follow(const struct ml_bundle_order *order, const struct bundle_rule *rule)
{
    if (order->rank == 0)
        return rule->rank == RANK_MANIFEST;
    if (rule->kind == ML_BUNDLE_TIMESTAMP && order->rank < RANK_ANCHOR)
        return false;
    if (rule->rank > RANK_RECORD && order->rank < RANK_RECORD)
        return false;
    return rule->rank >= order->rank;
}

int ml_bundle_step(struct ml_bundle_order *order, int kind, size_t size)
{
    const struct bundle_rule *rule = rule_of(kind);
    if (!rule)
        return ml_fail(MLEDGER_EINVALID, "an item of the unknown kind 0x%02x", (unsigned)kind);
    if (!may_follow(order, rule))
        return ml_fail(MLEDGER_EINVALID, "an item '%c' that is out of order", kind);
    size_t run = rule->rank == order->rank ? order->run + 1 : 1;
    if (rule->count > 0 && run > rule->count)
        return ml_fail(MLEDGER_EINVALID, "more than %zu item%s '%c'", rule->count,
                       rule->count == 1 ? "" : "s", kind);
    if (size < rule->least || size > rule->most)
        return ml_fail(MLEDGER_EINVALID, "an item '%c' of %zu bytes, which has %zu to %zu", kind,
                       size, rule->least, rule->most);
    *order = (struct ml_bundle_order){rule->rank, run};
    return MLEDGER_OK;
}

int ml_bundle_may_end(const struct ml_bundle_order *order)
{
    if (order->rank < RANK_RECORD)
        return ml_fail(MLEDGER_EINVALID, "it holds no records");
    return MLEDGER_OK;
}

struct ml_bundle_writer {
    ml_bundle_sink *sink;
    void *context;
    ZSTD_CCtx *zstd;
    struct ml_hasher hasher;
    struct ml_bundle_order order;
    uint8_t out[BUNDLE_PIECE];
};

/* What stands before the trailer is hashed for it. */
static int give(struct ml_bundle_writer *writer, struct ml_span bytes)
{
    ML_TRY(ml_hasher_update(&writer->hasher, bytes.data, bytes.len));
    return writer->sink(writer->context, bytes);
}

static int compress(struct ml_bundle_writer *writer, struct ml_span bytes, ZSTD_EndDirective mode)
{
    ZSTD_inBuffer in = {bytes.data, bytes.len, 0};
    size_t left;
    do {
        ZSTD_outBuffer out = {writer->out, sizeof writer->out, 0};
        left = ZSTD_compressStream2(writer->zstd, &out, &in, mode);
        if (ZSTD_isError(left))
            return ml_fail(MLEDGER_ESYSTEM, "cannot compress: %s", ZSTD_getErrorName(left));
        ML_TRY(give(writer, ML_SPAN(writer->out, out.pos)));
    } while (mode == ZSTD_e_end ? left > 0 : in.pos < in.size);
    return MLEDGER_OK;
}

static int begin(struct ml_bundle_writer *writer)
{
    writer->zstd = ZSTD_createCCtx();
    if (!writer->zstd)
        return ml_fail_memory();
    /* Level 3, zstd's own default: its window stays below ours. */
    size_t set = ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, 3);
    if (ZSTD_isError(set))
        return ml_fail(MLEDGER_ESYSTEM, "cannot compress: %s", ZSTD_getErrorName(set));
    ML_TRY(ml_hasher_init(&writer->hasher, ML_HASH_SHA256));
    return give(writer, ML_SPAN(ml_bundle_preamble, sizeof ml_bundle_preamble));
}

int ml_bundle_writer_new(ml_bundle_sink *sink, void *context, struct ml_bundle_writer **ret_writer)
{
    ML_CLEANUP(ml_bundle_writer_freep)
    struct ml_bundle_writer *writer = ml_calloc(1, sizeof *writer);
    if (!writer)
        return ml_fail_memory();
    writer->sink = sink;
    writer->context = context;
    ML_TRY(begin(writer));
    *ret_writer = ML_TAKE(writer);
    return MLEDGER_OK;
}

void ml_bundle_writer_free(struct ml_bundle_writer *writer)
{
    if (!writer)
        return;
    ZSTD_freeCCtx(writer->zstd);
    ml_hasher_release(&writer->hasher);
    free(writer);
}

int ml_bundle_put(struct ml_bundle_writer *writer, enum ml_bundle_kind kind, struct ml_span bytes)
{
    ML_TRY(ml_bundle_step(&writer->order, (int)kind, bytes.len));
    const uint8_t header[BUNDLE_ITEM_HEADER] = {(uint8_t)kind, (uint8_t)(bytes.len >> 24),
                                                (uint8_t)(bytes.len >> 16),
                                                (uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    ML_TRY(compress(writer, ML_SPAN(header, sizeof header), ZSTD_e_continue));
    return compress(writer, bytes, ZSTD_e_continue);
}

int ml_bundle_finish(struct ml_bundle_writer *writer)
{
    ML_TRY(ml_bundle_may_end(&writer->order));
    ML_TRY(compress(writer, (struct ml_span){0}, ZSTD_e_end));
    struct ml_digests digests;
    ML_TRY(ml_hasher_final(&writer->hasher, &digests));
    ML_TRY(writer->sink(writer->context,
                        ML_SPAN(ml_bundle_trailer_header, sizeof ml_bundle_trailer_header)));
    return writer->sink(writer->context, ML_SPAN(digests.sha256, sizeof digests.sha256));
}
