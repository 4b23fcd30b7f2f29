/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/evidence.h"

#include "ledger/core/event.h"

enum { PROGRESS_EVERY = 4096 };

struct writing {
    struct ml_view *view;
    const struct ml_evidence *evidence;
    struct ml_bundle_writer *bundle;
    struct ml_evidence_counts counts;
    struct ml_arena arena;                /* of the record at hand */
    struct ml_buf entry;                  /* signature || header of a hidden one */
    uint8_t (*attachments)[ML_HASH_SIZE]; /* that open records name, some more than once */
    size_t n_attachments, cap_attachments;
};

static void writing_release(struct writing *writing)
{
    ml_bundle_writer_free(writing->bundle);
    ml_arena_release(&writing->arena);
    ml_buf_release(&writing->entry);
    free(writing->attachments);
}

/* ---- manifest ---- */

static int hash_of(struct ml_span bytes, uint8_t hash[ML_HASH_SIZE], protobuf_c_boolean *has,
                   ProtobufCBinaryData *field)
{
    if (bytes.len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_sha256(hash, &bytes, 1));
    *has = true;
    *field = (ProtobufCBinaryData){ML_HASH_SIZE, hash};
    return MLEDGER_OK;
}

static int put_manifest(struct writing *writing)
{
    const struct ml_evidence *evidence = writing->evidence;
    const struct ml_scope *scope = evidence->scope;
    uint8_t json[ML_HASH_SIZE], svg[ML_HASH_SIZE];
    Mledger__BundleManifest manifest = MLEDGER__BUNDLE_MANIFEST__INIT;
    manifest.identity = (ProtobufCBinaryData){ML_HASH_SIZE, writing->view->head.identity};
    manifest.origin = writing->view->head.origin;
    manifest.size = scope->size;
    manifest.target = scope->target;
    manifest.has_seq = scope->seq != MLEDGER_NO_SEQ;
    manifest.seq = manifest.has_seq ? scope->seq : 0;
    manifest.has_version = scope->version != 0;
    manifest.version = scope->version;
    /* protobuf-c's types are not const; nothing is changed through them. */
    manifest.reference = (char *)(uintptr_t)evidence->reference;
    manifest.subjects = scope->subjects;
    manifest.n_subjects = scope->n_subjects;
    manifest.log_vkeys = (char **)(uintptr_t)evidence->log_vkeys;
    manifest.n_log_vkeys = evidence->n_log_vkeys;
    ML_TRY(
        hash_of(evidence->lineage_json, json, &manifest.has_lineage_json, &manifest.lineage_json));
    ML_TRY(hash_of(evidence->lineage_svg, svg, &manifest.has_lineage_svg, &manifest.lineage_svg));
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_codec_pack(&manifest.base, &bytes));
    return ml_bundle_put(writing->bundle, ML_BUNDLE_MANIFEST, ml_buf_span(&bytes));
}

static int put_anchors(struct writing *writing)
{
    for (size_t i = 0; i < writing->evidence->n_anchors; i++) {
        const struct ml_evidence_anchor *anchor = &writing->evidence->anchors[i];
        ML_TRY(ml_bundle_put(writing->bundle, ML_BUNDLE_CHECKPOINT, anchor->note));
        for (size_t k = 0; k < anchor->n_timestamps; k++)
            ML_TRY(ml_bundle_put(writing->bundle, ML_BUNDLE_TIMESTAMP, anchor->timestamps[k]));
    }
    return MLEDGER_OK;
}

/* ---- records ---- */

static int note_attachment(const Mledger__Attachment *attachment, void *context)
{
    struct writing *writing = context;
    ML_TRY(ml_grow(&writing->attachments, &writing->cap_attachments, writing->n_attachments + 1,
                   sizeof *writing->attachments));
    memcpy(writing->attachments[writing->n_attachments++], attachment->sha256.data, ML_HASH_SIZE);
    return MLEDGER_OK;
}

/* It came from the ledger itself, so it is damage and not bad input. */
static int damaged(uint64_t seq)
{
    struct ml_error error;
    ml_error_get(&error);
    if (error.code == MLEDGER_EINVALID)
        error.code = MLEDGER_EDAMAGED;
    ml_error_put(&error);
    return ml_about_seq(seq);
}

static int put_open(struct writing *writing, struct ml_span bytes, struct ml_record *record)
{
    if (ml_record_read_payload(record, &writing->arena) < 0)
        return damaged(record->header->seq);
    if (record->event)
        ML_TRY(ml_message_attachments(&record->event->base, note_attachment, writing));
    if (record->details)
        ML_TRY(ml_message_attachments(&record->details->base, note_attachment, writing));
    writing->counts.opened++;
    return ml_bundle_put(writing->bundle, ML_BUNDLE_OPEN, bytes);
}

static int put_hidden(struct writing *writing, const struct ml_record *record)
{
    struct ml_buf *entry = &writing->entry;
    ml_buf_clear(entry);
    ML_TRY(ml_buf_append(entry, record->stored->signature.data, ML_SIGNATURE_SIZE));
    ML_TRY(ml_buf_append(entry, record->header_bytes.data, record->header_bytes.len));
    return ml_bundle_put(writing->bundle, ML_BUNDLE_HIDDEN, ml_buf_span(entry));
}

static int put_record(struct writing *writing, uint64_t seq)
{
    struct ml_span bytes;
    struct ml_record record;
    int result = ml_view_bytes(writing->view, seq, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the record is missing");
    ML_TRY(result);
    ml_arena_clear(&writing->arena);
    if (ml_record_open(bytes, seq, &writing->arena, &record) < 0)
        return damaged(seq);
    writing->counts.records++;
    return ml_scope_opens(writing->evidence->scope, seq, record.header->kind)
               ? put_open(writing, bytes, &record)
               : put_hidden(writing, &record);
}

static int put_records(struct writing *writing)
{
    const struct ml_evidence *evidence = writing->evidence;
    uint64_t size = evidence->scope->size;
    for (uint64_t seq = 0; seq < size; seq++) {
        ML_TRY(put_record(writing, seq));
        if (evidence->progress && seq % PROGRESS_EVERY == 0)
            ML_TRY(evidence->progress(seq, size, evidence->progress_context));
    }
    return MLEDGER_OK;
}

/* ---- attachments ---- */

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, ML_HASH_SIZE);
}

static int put_attachment(struct writing *writing, const uint8_t sha256[ML_HASH_SIZE])
{
    struct ml_span bytes;
    int result = ml_view_attachment(writing->view, sha256, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_EDAMAGED, "an attachment that an open record names is missing");
    ML_TRY(result);
    writing->counts.attachments++;
    return ml_bundle_put(writing->bundle, ML_BUNDLE_ATTACHMENT, bytes);
}

/* Each once, in the order of their hashes. */
static int put_attachments(struct writing *writing)
{
    if (writing->n_attachments > 1)
        qsort(writing->attachments, writing->n_attachments, sizeof *writing->attachments,
              compare_hashes);
    for (size_t i = 0; i < writing->n_attachments; i++)
        if (i == 0 || compare_hashes(writing->attachments[i - 1], writing->attachments[i]) != 0)
            ML_TRY(put_attachment(writing, writing->attachments[i]));
    return MLEDGER_OK;
}

static int write_all(struct writing *writing)
{
    const struct ml_evidence *evidence = writing->evidence;
    ML_TRY(put_manifest(writing));
    ML_TRY(put_anchors(writing));
    ML_TRY(put_records(writing));
    ML_TRY(put_attachments(writing));
    if (evidence->lineage_json.len > 0)
        ML_TRY(ml_bundle_put(writing->bundle, ML_BUNDLE_LINEAGE_JSON, evidence->lineage_json));
    if (evidence->lineage_svg.len > 0)
        ML_TRY(ml_bundle_put(writing->bundle, ML_BUNDLE_LINEAGE_SVG, evidence->lineage_svg));
    return ml_bundle_finish(writing->bundle);
}

int ml_evidence_write(struct ml_view *view, const struct ml_evidence *evidence,
                      ml_bundle_sink *sink, void *context, struct ml_evidence_counts *ret_counts)
{
    ML_CLEANUP(writing_release) struct writing writing = {.view = view, .evidence = evidence};
    ml_arena_init(&writing.arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_bundle_writer_new(sink, context, &writing.bundle));
    ML_TRY(write_all(&writing));
    *ret_counts = writing.counts;
    return MLEDGER_OK;
}
