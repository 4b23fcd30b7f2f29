/* SPDX-License-Identifier: Apache-2.0 */
/* From a draft to a record that lacks nothing but its signature. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/index.h"
#include "ledger/store/append_private.h"
#include "ledger/store/attachment.h"
#include "ledger/store/erasure.h"

enum { CLOCK_BACK_US = 2 * 1000 * 1000 }; /* so far back the last time is used again */

static int pack_into(struct ml_arena *arena, const ProtobufCMessage *message, const char *part,
                     size_t limit, struct ml_span *ret_bytes)
{
    ML_TRY(ml_codec_check(message));
    size_t size = protobuf_c_message_get_packed_size(message);
    if (size > limit)
        return ml_fail(MLEDGER_EINVALID, "%s of %zu bytes, over %zu", part, size, limit);
    uint8_t *bytes = ml_arena_alloc(arena, size);
    if (!bytes)
        return ml_fail_memory();
    protobuf_c_message_pack(message, bytes);
    *ret_bytes = ML_SPAN(bytes, size);
    return MLEDGER_OK;
}

/* A draft's payload as it will be stored and as the rules see it. */
struct payload {
    const Mledger__Event *event;
    const Mledger__Details *details; /* NULL: none */
    const Mledger__Statements *signed_statements;
    const Mledger__Statement **statements;
    uint8_t hashes[ML_PARTS][ML_HASH_SIZE];
    uint8_t statement_subject[ML_HASH_SIZE];
};

static int decode_statements(struct ml_append *append, struct ml_span bytes,
                             struct payload *payload)
{
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, bytes, &append->arena, &message));
    const Mledger__Statements *list = (const Mledger__Statements *)message;
    if (list->n_statements > ML_LIMIT_STATEMENT_COUNT)
        return ml_fail(MLEDGER_EINVALID, "%zu statements, over %d", list->n_statements,
                       ML_LIMIT_STATEMENT_COUNT);
    payload->signed_statements = list;
    payload->statements =
        ml_arena_calloc(&append->arena, list->n_statements, sizeof *payload->statements);
    if (!payload->statements)
        return ml_fail_memory();
    for (size_t i = 0; i < list->n_statements; i++) {
        const Mledger__SignedStatement *one = list->statements[i];
        ML_TRY(ml_codec_unpack(&mledger__statement__descriptor, ml_binary_span(one->statement),
                               &append->arena, &message));
        payload->statements[i] = (const Mledger__Statement *)message;
        if (ml_dsse_verify(ML_STATEMENT_TYPE, ml_binary_span(one->statement), one->key.data,
                           one->signature.data) < 0)
            return ml_refuse("statement-signature", "statement %zu is not signed by its key", i);
    }
    return MLEDGER_OK;
}

static int check_size(const char *part, struct ml_span bytes, size_t limit)
{
    if (bytes.len > limit)
        return ml_fail(MLEDGER_EINVALID, "%s of %zu bytes, over %zu", part, bytes.len, limit);
    return MLEDGER_OK;
}

/* The draft was sealed, because statements were made on it: nothing is filled in. */
static int take_exact_bytes(struct ml_append *append, const struct ml_draft *draft,
                            struct ml_built *record, struct payload *payload)
{
    ML_TRY(check_size("event", draft->event_bytes, ML_LIMIT_EVENT));
    ML_TRY(check_size("details", draft->details_bytes, ML_LIMIT_DETAILS));
    ML_TRY(check_size("statements", draft->statements_bytes, ML_LIMIT_STATEMENTS));
    ProtobufCMessage *message;
    record->event = draft->event_bytes;
    ML_TRY(ml_codec_unpack(&mledger__event__descriptor, record->event, &append->arena, &message));
    payload->event = (const Mledger__Event *)message;
    record->has_details = draft->details_bytes.len > 0;
    record->details = draft->details_bytes;
    if (record->has_details) {
        ML_TRY(ml_codec_unpack(&mledger__details__descriptor, record->details, &append->arena,
                               &message));
        payload->details = (const Mledger__Details *)message;
    }
    ML_TRY(ml_event_check(payload->event, payload->details, false));
    memcpy(record->salts[0], draft->event_salt, ML_SALT_SIZE);
    memcpy(record->salts[1], draft->details_salt, ML_SALT_SIZE);
    record->has_statements = draft->statements_bytes.len > 0;
    record->statements = draft->statements_bytes;
    return record->has_statements ? decode_statements(append, record->statements, payload)
                                  : MLEDGER_OK;
}

static int serialise(struct ml_append *append, struct ml_draft *draft, struct ml_built *record,
                     struct payload *payload)
{
    ML_TRY(ml_draft_complete(draft, append->state, record->seq, &append->random));
    ML_TRY(ml_erasure_complete(append->txn, append->state, draft));
    ML_TRY(ml_event_check(draft->event, draft->details, false));
    ML_TRY(pack_into(&append->arena, &draft->event->base, "event", ML_LIMIT_EVENT, &record->event));
    payload->event = draft->event;
    payload->details = draft->details;
    if (draft->details)
        ML_TRY(pack_into(&append->arena, &draft->details->base, "details", ML_LIMIT_DETAILS,
                         &record->details));
    /* Details without any field are the empty string: nothing to say, not an empty message. */
    record->has_details = record->details.len > 0;
    ml_random_fill(&append->random, record->salts[0], ML_SALT_SIZE);
    ml_random_fill(&append->random, record->salts[1], ML_SALT_SIZE);
    return MLEDGER_OK;
}

static int hash_parts(struct ml_built *record, struct payload *payload)
{
    ML_TRY(ml_part_hash(record->salts[0], record->event, payload->hashes[0]));
    ML_TRY(ml_part_hash(record->salts[1], record->details, payload->hashes[1]));
    ML_TRY(ml_part_hash(record->salts[2], record->statements, payload->hashes[2]));
    return ml_statement_subject(payload->hashes[0], payload->hashes[1], payload->statement_subject);
}

/* The time of a record. Small steps back are smoothed over, greater ones need an admin. */
static int choose_time(const struct ml_append *append, const Mledger__Event *event,
                       int64_t *ret_time_us)
{
    const struct ml_head *head = &append->fold.head;
    bool correction = event->kind_case == MLEDGER__EVENT__KIND_CLOCK_CORRECTED;
    if (head->size == 0 || append->now_us >= head->recorded_at_us || correction) {
        *ret_time_us = append->now_us;
        return MLEDGER_OK;
    }
    if (head->recorded_at_us - append->now_us > CLOCK_BACK_US) {
        ml_fail(MLEDGER_ESYSTEM, "the clock is %" PRId64 " seconds behind record %" PRIu64,
                (head->recorded_at_us - append->now_us) / 1000000, head->size - 1);
        return ml_hint("set the clock; if the record's time is wrong: "
                       "mledger clock correct --key NAME-OF-AN-ADMIN");
    }
    *ret_time_us = head->recorded_at_us;
    return MLEDGER_OK;
}

static int build_header(struct ml_append *append, struct ml_built *record,
                        const struct payload *payload, const struct ml_fold_result *result)
{
    Mledger__Header header = MLEDGER__HEADER__INIT;
    uint8_t commitment[ML_HASH_SIZE];
    ML_TRY(ml_commitment(payload->hashes[0], payload->hashes[1], payload->hashes[2], commitment));
    ProtobufCBinaryData tags[ML_FOLD_SUBJECTS];
    for (size_t i = 0; i < result->n_subjects; i++)
        tags[i] = ml_binary(ML_SPAN(result->tags[i], ML_TAG_SIZE));
    header.format = record->format;
    header.schema = record->schema;
    header.seq = record->seq;
    header.prev_link = ml_binary(ML_SPAN(append->fold.head.link, ML_HASH_SIZE));
    header.recorded_at = record->recorded_at_us;
    header.signer = ml_binary(ML_SPAN(record->signer->key, ML_KEY_SIZE));
    header.kind = ml_event_kind(payload->event);
    header.commitment = ml_binary(ML_SPAN(commitment, ML_HASH_SIZE));
    header.n_subject_tags = result->n_subjects;
    header.subject_tags = tags;
    ML_TRY(pack_into(&append->arena, &header.base, "header", ML_LIMIT_HEADER, &record->header));
    ML_TRY(ml_link(record->header, record->link));
    return ml_fold_advance(&append->fold, &header, record->link, NULL);
}

static int keep_key(struct ml_span key, void *context)
{
    struct ml_append *append = context;
    ML_TRY(ml_grow(&append->keys, &append->cap_keys, append->n_keys + 1, sizeof *append->keys));
    struct ml_index_key *kept = &append->keys[append->n_keys++];
    assert(key.len <= sizeof kept->bytes);
    memset(kept, 0, sizeof *kept);
    kept->len = (uint8_t)key.len;
    memcpy(kept->bytes, key.data, key.len);
    return MLEDGER_OK;
}

static int fold_draft(struct ml_append *append, struct ml_built *record,
                      const struct payload *payload, struct ml_fold_result *result)
{
    const struct ml_fold_record fold_record = {
        .seq = record->seq,
        .format = record->format,
        .schema = record->schema,
        .recorded_at_us = record->recorded_at_us,
        .signer = record->signer->key,
        .event = payload->event,
        .signed_statements = payload->signed_statements,
        .statements = payload->statements,
        .statement_subject = payload->statement_subject,
    };
    return ml_fold_apply(&append->fold, &fold_record, result);
}

/* What the record must carry, which this program must be able to write; a ledger may not be
 * raised beyond what the one who raises it knows. */
static int choose_schema(const struct ml_append *append, const Mledger__Event *event,
                         struct ml_built *record)
{
    const struct ml_head *head = &append->fold.head;
    uint32_t format = head->size ? head->next_format : ML_FORMAT;
    uint32_t schema = head->size ? head->next_schema : ML_SCHEMA;
    record->format = format;
    record->schema = schema;
    if (event->kind_case == MLEDGER__EVENT__KIND_SCHEMA_RAISED) {
        format = event->schema_raised->format;
        schema = event->schema_raised->schema;
    }
    if (format > ML_FORMAT || schema > ML_SCHEMA)
        return ml_refuse("schema-newer",
                         "format %" PRIu32 " and schema %" PRIu32
                         " are newer than this program, which writes %d and %d",
                         format, schema, ML_FORMAT, ML_SCHEMA);
    return MLEDGER_OK;
}

/* It comes with the draft, or is in the store. */
static int find_attachment(const struct ml_append *append, const struct ml_draft *draft,
                           const Mledger__Event *event, struct ml_span *ret_bytes)
{
    const Mledger__Attachment *named = ml_index_attachment(event);
    for (size_t i = 0; named && i < draft->n_attachments; i++)
        if (memcmp(draft->attachments[i].sha256, named->sha256.data, ML_HASH_SIZE) == 0) {
            *ret_bytes = ml_buf_span(&draft->attachments[i].bytes);
            return MLEDGER_OK;
        }
    return ml_txn_indexed_attachment(append->txn, event, ret_bytes);
}

static int build(struct ml_append *append, struct ml_draft *draft, struct ml_built *record)
{
    struct payload payload = {0};
    if (draft->statements_salt)
        memcpy(record->salts[2], draft->statements_salt, ML_SALT_SIZE);
    else
        ml_random_fill(&append->random, record->salts[2], ML_SALT_SIZE);
    ML_TRY(draft->event_bytes.len ? take_exact_bytes(append, draft, record, &payload)
                                  : serialise(append, draft, record, &payload));
    ML_TRY(choose_schema(append, payload.event, record));
    ML_TRY(choose_time(append, payload.event, &record->recorded_at_us));
    ML_TRY(hash_parts(record, &payload));
    struct ml_fold_result result;
    ML_TRY(fold_draft(append, record, &payload, &result));
    ML_TRY(ml_append_check(append, draft, payload.event, payload.details));
    ML_TRY(build_header(append, record, &payload, &result));
    struct ml_span attachment;
    ML_TRY(find_attachment(append, draft, payload.event, &attachment));
    const struct ml_index_record indexed = {
        .seq = record->seq,
        .event = payload.event,
        .signer = record->signer->key,
        .signed_statements = payload.signed_statements,
        .subjects = result.subjects,
        .n_subjects = result.n_subjects,
        .attachment = attachment,
    };
    return ml_index_keys(&indexed, keep_key, append);
}

int ml_append_build(struct ml_append *append, const struct ml_signer *signer,
                    struct ml_draft *draft)
{
    struct ml_built *record = &append->built[append->n_built];
    *record = (struct ml_built){.signer = signer, .seq = append->fold.head.size};
    ML_TRY(build(append, draft, record));
    append->n_built++;
    return MLEDGER_OK;
}
