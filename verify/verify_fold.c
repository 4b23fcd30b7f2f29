/* SPDX-License-Identifier: Apache-2.0 */
/* What one record after another must be: numbers, chain, rules, tags; and what follows from it. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/index.h"
#include "verify/verify_private.h"

static int check_number(struct ml_verify *verify, uint64_t seq)
{
    uint64_t due = verify->fold.head.size;
    if (seq == due)
        return MLEDGER_OK;
    verify->link_known = false;
    verify->fold.head.size = seq;
    if (seq == due + 1)
        return ml_verify_report(verify, ML_SEVERITY_FAULT, "gap", due, "the record is missing");
    return ml_verify_report(verify, ML_SEVERITY_FAULT, "gap", due,
                            "records %" PRIu64 " to %" PRIu64 " are missing", due, seq - 1);
}

static int check_chain(struct ml_verify *verify, const Mledger__Header *header)
{
    static const uint8_t zeros[ML_HASH_SIZE];
    const uint8_t *due = header->seq == 0 ? zeros : verify->fold.head.link;
    if (header->seq > 0 && !verify->link_known)
        return MLEDGER_OK; /* the record before is not there; that was reported */
    if (memcmp(header->prev_link.data, due, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(verify, ML_SEVERITY_FAULT, "chain", header->seq,
                            header->seq == 0
                                ? "the genesis record links to something before it"
                                : "its prev_link is not the link of the record before");
}

static int check_tags(struct ml_verify *verify, const Mledger__Header *header,
                      const struct ml_fold_result *result)
{
    bool equal = header->n_subject_tags == result->n_subjects;
    for (size_t i = 0; equal && i < result->n_subjects; i++)
        equal = memcmp(header->subject_tags[i].data, result->tags[i], ML_TAG_SIZE) == 0;
    if (equal)
        return MLEDGER_OK;
    return ml_verify_report(verify, ML_SEVERITY_FAULT, "subject-tags", header->seq,
                            "its subject tags are not those of the subjects that it names");
}

static int note_attachment(struct ml_verify *verify, uint64_t seq, const Mledger__Attachment *named)
{
    struct ml_span size, key = ML_SPAN(named->sha256.data, named->sha256.len);
    int result = ml_state_get(verify->attachments, key, &size);
    if (result == MLEDGER_OK && memcmp(size.data, &named->size, sizeof named->size) != 0)
        return ml_verify_report(verify, ML_SEVERITY_FAULT, "attachment-size", seq,
                                "it gives an attachment another size than an earlier record");
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return ml_state_put(verify->attachments, key, ML_SPAN(&named->size, sizeof named->size));
}

static int note_attachments(struct ml_verify *verify, uint64_t seq, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (type == &mledger__attachment__descriptor)
        return note_attachment(verify, seq, (const Mledger__Attachment *)message);
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
            field->descriptor == &mledger__digest__descriptor)
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(note_attachments(verify, seq,
                                    *(ProtobufCMessage *const *)ml_field_at(message, field, k)));
    }
    return MLEDGER_OK;
}

/* The keys of one record, each once, as the store holds them. */
struct keys {
    struct ml_state_key *keys;
    size_t count, cap;
};

static int collect_key(struct ml_span key, void *context)
{
    struct keys *keys = context;
    ML_TRY(ml_grow(&keys->keys, &keys->cap, keys->count + 1, sizeof *keys->keys));
    struct ml_state_key *kept = &keys->keys[keys->count++];
    memset(kept, 0, sizeof *kept);
    kept->len = key.len;
    memcpy(kept->bytes, key.data, key.len);
    return MLEDGER_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct ml_state_key));
}

static int add_index_keys(struct ml_verify *verify, const struct ml_record *record,
                          const struct ml_fold_result *result)
{
    struct keys keys = {0};
    int outcome = ml_index_keys(record->header->seq, record->event, result->subjects,
                                result->n_subjects, collect_key, &keys);
    if (outcome >= 0 && keys.count > 1)
        qsort(keys.keys, keys.count, sizeof *keys.keys, compare_keys);
    for (size_t i = 0; outcome >= 0 && i < keys.count; i++)
        if (i == 0 || compare_keys(&keys.keys[i - 1], &keys.keys[i]) != 0)
            ml_multiset_add(&verify->index, ml_state_key_span(&keys.keys[i]));
    free(keys.keys);
    return outcome;
}

static int note_revocation(struct ml_verify *verify, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_KEY_REVOKED)
        return MLEDGER_OK;
    const Mledger__KeyRevoked *revoked = record->event->key_revoked;
    if (!revoked->has_since_seq || revoked->since_seq >= record->header->seq)
        return MLEDGER_OK;
    ML_TRY(ml_grow(&verify->doubts, &verify->cap_doubts, verify->n_doubts + 1,
                   sizeof *verify->doubts));
    struct ml_doubt *doubt = &verify->doubts[verify->n_doubts++];
    memcpy(doubt->key, revoked->key.data, ML_KEY_SIZE);
    doubt->from = revoked->since_seq;
    doubt->until = record->header->seq;
    return MLEDGER_OK;
}

static int apply_rules(struct ml_verify *verify, const struct ml_verify_item *item)
{
    const struct ml_record *record = &item->record;
    const struct ml_fold_record fold_record = {
        .seq = record->header->seq,
        .format = record->header->format,
        .schema = record->header->schema,
        .recorded_at_us = record->header->recorded_at,
        .signer = record->header->signer.data,
        .event = record->event,
        .signed_statements = record->signed_statements,
        .statements = record->statements,
        .statement_subject = item->statement_subject,
    };
    struct ml_fold_result result;
    if (ml_fold_apply(&verify->fold, &fold_record, &result) < 0) {
        struct ml_error error;
        ml_error_get(&error);
        if (error.code == MLEDGER_ESYSTEM)
            return error.code;
        return ml_verify_report_error(verify, "rule", &error, item->seq);
    }
    ML_TRY(check_tags(verify, record->header, &result));
    ML_TRY(add_index_keys(verify, record, &result));
    ML_TRY(ml_verify_note_erasure(verify, record));
    return note_revocation(verify, record);
}

/* A record that is not understood must at least stand where one of its schema can: after it was
 * raised, by a record that is understood. */
static int check_schema(struct ml_verify *verify, const Mledger__Header *header)
{
    const struct ml_head *head = &verify->fold.head;
    if (head->not_understood_from != MLEDGER_NO_SEQ ||
        (header->seq > 0 && header->format == head->next_format &&
         header->schema == head->next_schema))
        return MLEDGER_OK;
    (void)ml_refuse("schema", "schema %" PRIu32 " where %" PRIu32 " is due", header->schema,
                    head->next_schema);
    struct ml_error error;
    ml_error_get(&error);
    return ml_verify_report_error(verify, "rule", &error, header->seq);
}

/* A record of a later schema, or one whose payload could not be read. */
static int pass_over(struct ml_verify *verify, const struct ml_verify_item *item)
{
    if (item->error.code < 0)
        return MLEDGER_OK;
    const Mledger__Header *header = item->record.header;
    ML_TRY(check_schema(verify, header));
    if (header->kind == MLEDGER__KIND__TRUST &&
        verify->fold.head.not_understood_from == MLEDGER_NO_SEQ) {
        verify->fold.head.not_understood_from = header->seq;
        ML_TRY(ml_verify_report(verify, ML_SEVERITY_NOT_PROVEN, "authority", header->seq,
                                "it is a trust record of schema %" PRIu32
                                ", which this program does not know; "
                                "from here on authority is not proven",
                                header->schema));
    }
    return ml_verify_report(verify, ML_SEVERITY_NOT_PROVEN, "not-understood", header->seq,
                            "its schema %" PRIu32 " is not known to this program", header->schema);
}

static int check_time(struct ml_verify *verify, const Mledger__Header *header)
{
    if (verify->options->level == ML_VERIFY_FULL || header->seq == 0 ||
        header->recorded_at >= verify->fold.head.recorded_at_us ||
        header->kind == MLEDGER__KIND__TRUST) /* may be a clock correction: the full level tells */
        return MLEDGER_OK;
    return ml_verify_report(verify, ML_SEVERITY_FAULT, "time", header->seq,
                            "it was recorded before the record that precedes it");
}

static int put_node(void *context, unsigned level, uint64_t index,
                    const uint8_t hash[ML_HASH_SIZE]);

static int fold_payload(struct ml_verify *verify, const struct ml_verify_item *item)
{
    const struct ml_record *record = &item->record;
    if (item->error.code < 0)
        ML_TRY(ml_verify_report_error(verify, item->error.rule, &item->error, item->seq));
    if (item->signature_error.code < 0)
        ML_TRY(ml_verify_report(verify, ML_SEVERITY_FAULT, "signature", item->seq,
                                "it is not signed by the key that its header names"));
    if (record->details_erased) {
        struct ml_key_u64 key = ml_key_u64(item->seq);
        ML_TRY(ml_state_put(verify->erased, ML_SPAN(key.bytes, sizeof key.bytes), ML_SPAN("", 0)));
    }
    if (!record->event)
        return pass_over(verify, item);
    verify->result.statements +=
        record->signed_statements ? record->signed_statements->n_statements : 0;
    ML_TRY(note_attachments(verify, item->seq, &record->event->base));
    if (record->details)
        ML_TRY(note_attachments(verify, item->seq, &record->details->base));
    return apply_rules(verify, item);
}

int ml_verify_fold(struct ml_verify *verify, const struct ml_verify_item *item)
{
    ML_TRY(check_number(verify, item->seq));
    verify->result.records++;
    if (!item->opened) {
        ML_TRY(ml_verify_report_error(verify, item->error.rule, &item->error, item->seq));
        verify->fold.head.size = item->seq + 1;
        verify->link_known = false;
        return MLEDGER_OK;
    }
    const Mledger__Header *header = item->record.header;
    ML_TRY(check_chain(verify, header));
    ML_TRY(check_time(verify, header));
    if (verify->options->level == ML_VERIFY_FULL) {
        ML_TRY(fold_payload(verify, item));
        ML_TRY(ml_merkle_append(&verify->frontier, item->leaf, put_node, verify));
    }
    verify->link_known = true;
    return ml_fold_advance(&verify->fold, header, item->link, item->leaf);
}

/* A node of the tree has become complete: the store must hold the same. */
static int put_node(void *context, unsigned level, uint64_t index, const uint8_t hash[ML_HASH_SIZE])
{
    struct ml_verify *verify = context;
    if (level < ML_TREE_LEVEL)
        return MLEDGER_OK;
    verify->tree_nodes++;
    uint8_t key[9];
    struct ml_key_u64 number = ml_key_u64(index);
    key[0] = (uint8_t)level;
    memcpy(key + 1, number.bytes, sizeof number.bytes);
    struct ml_span stored;
    int result = ml_kv_get(verify->txn, ML_TABLE_TREE, ML_SPAN(key, sizeof key), &stored);
    if (result == MLEDGER_OK && ml_span_equal(stored, ML_SPAN(hash, ML_HASH_SIZE)))
        return MLEDGER_OK;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return ml_verify_report(verify, ML_SEVERITY_FAULT, "tree", MLEDGER_NO_SEQ,
                            "derived data damaged: node %" PRIu64 " of level %u of the tree is %s",
                            index, level, result == MLEDGER_OK ? "another" : "missing");
}
