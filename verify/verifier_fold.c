/* SPDX-License-Identifier: Apache-2.0 */
/* What one record after another must be: numbers, chain, rules, tags; and what follows from it. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "verify/verifier_private.h"

/* Clocks of honest machines differ by less. */
static const int64_t AHEAD_MAX_US = INT64_C(24) * 60 * 60 * 1000000;

static int check_number(struct ml_verifier *verifier, uint64_t seq)
{
    uint64_t due = verifier->fold.head.size;
    if (seq == due)
        return MLEDGER_OK;
    verifier->link_known = false;
    verifier->fold.head.size = seq;
    if (seq == due + 1)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "gap", due, "the record is missing");
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "gap", due,
                            "records %" PRIu64 " to %" PRIu64 " are missing", due, seq - 1);
}

static int check_chain(struct ml_verifier *verifier, const Mledger__Header *header)
{
    static const uint8_t zeros[ML_HASH_SIZE];
    const uint8_t *due = header->seq == 0 ? zeros : verifier->fold.head.link;
    if (header->seq > 0 && !verifier->link_known)
        return MLEDGER_OK; /* the record before is not there; that was reported */
    if (memcmp(header->prev_link.data, due, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "chain", header->seq,
                            header->seq == 0
                                ? "the genesis record links to something before it"
                                : "its prev_link is not the link of the record before");
}

/* Both ascend. Tags of subjects that are hidden are only counted. */
static bool tags_fit(const Mledger__Header *header, const struct ml_fold_result *result)
{
    size_t found = 0;
    for (size_t i = 0; found < result->n_tags && i < header->n_subject_tags; i++)
        found += memcmp(header->subject_tags[i].data, result->tags[found], ML_TAG_SIZE) == 0;
    return header->n_subject_tags == result->n_subjects && found == result->n_tags;
}

static int check_tags(struct ml_verifier *verifier, const Mledger__Header *header,
                      const struct ml_fold_result *result)
{
    if (tags_fit(header, result))
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "subject-tags", header->seq,
                            "its subject tags are not those of the subjects that it names");
}

struct noting {
    struct ml_verifier *verifier;
    uint64_t seq;
};

/* An ml_attachment_visitor. */
static int note_attachment(const Mledger__Attachment *named, void *context)
{
    const struct noting *noting = context;
    struct ml_verifier *verifier = noting->verifier;
    struct ml_span size, key = ML_SPAN(named->sha256.data, named->sha256.len);
    int result = ml_state_get(verifier->attachments, key, &size);
    if (result == MLEDGER_OK && memcmp(size.data, &named->size, sizeof named->size) != 0)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "attachment-size", noting->seq,
                                "it gives an attachment another size than an earlier record");
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return ml_state_put(verifier->attachments, key, ML_SPAN(&named->size, sizeof named->size));
}

static int note_attachments(struct ml_verifier *verifier, uint64_t seq,
                            const struct ml_record *record)
{
    struct noting noting = {verifier, seq};
    ML_TRY(ml_message_attachments(&record->event->base, note_attachment, &noting));
    return record->details
               ? ml_message_attachments(&record->details->base, note_attachment, &noting)
               : MLEDGER_OK;
}

static int apply_rules(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    const struct ml_record *record = &item->record;
    const struct ml_fold_record fold_record = ml_fold_record_of(record, item->statement_subject);
    struct ml_fold_result result;
    if (ml_fold_apply(&verifier->fold, &fold_record, &result) < 0) {
        struct ml_error error;
        ml_error_get(&error);
        if (error.code == MLEDGER_ESYSTEM)
            return error.code;
        return ml_verify_report_error(verifier, "rule", &error, item->input.seq);
    }
    ML_TRY(check_tags(verifier, record->header, &result));
    ML_TRY(ml_verify_note_erasure(verifier, record));
    if (verifier->partial)
        ml_verify_note_unproven(verifier, item->input.seq, &result);
    ML_TRY(ml_verify_anchor_noted(verifier, record));
    ML_TRY(ml_verify_note_revocation(verifier, record));
    ML_TRY(ml_verify_timestamps(verifier, record));
    const struct ml_verify_source *source = verifier->source;
    return source->kept ? source->kept(source->context, record, &result) : MLEDGER_OK;
}

/* A record that is not understood must at least stand where one of its schema can: after it was
 * raised, by a record that is understood. */
static int check_schema(struct ml_verifier *verifier, const Mledger__Header *header)
{
    const struct ml_head *head = &verifier->fold.head;
    if (head->not_understood_from != MLEDGER_NO_SEQ ||
        (header->seq > 0 && header->format == head->next_format &&
         header->schema == head->next_schema))
        return MLEDGER_OK;
    (void)ml_refuse("schema", "schema %" PRIu32 " where %" PRIu32 " is due", header->schema,
                    head->next_schema);
    struct ml_error error;
    ml_error_get(&error);
    return ml_verify_report_error(verifier, "rule", &error, header->seq);
}

/* A record of a later schema, or one whose payload could not be read. */
static int pass_over(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    if (item->error.code < 0)
        return MLEDGER_OK;
    const Mledger__Header *header = item->record.header;
    ML_TRY(check_schema(verifier, header));
    if (header->kind == MLEDGER__KIND__TRUST &&
        verifier->fold.head.not_understood_from == MLEDGER_NO_SEQ) {
        verifier->fold.head.not_understood_from = header->seq;
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "authority", header->seq,
                                "it is a trust record of schema %" PRIu32
                                ", which this program does not know; "
                                "from here on authority is not proven",
                                header->schema));
    }
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "not-understood", header->seq,
                            "its schema %" PRIu32 " is not known to this program", header->schema);
}

/* Where the payload is open, or hidden on purpose, the rules judge the time. */
static int check_time(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    const Mledger__Header *header = item->record.header;
    bool judged =
        verifier->options->level == ML_VERIFY_FULL && (!item->input.entry || verifier->partial);
    if (judged || header->seq == 0 || header->recorded_at >= verifier->fold.head.recorded_at_us ||
        header->kind == MLEDGER__KIND__TRUST) /* may be a clock correction: its payload tells */
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "time", header->seq,
                            "it was recorded before the record that precedes it");
}

static int fold_payload(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    const struct ml_record *record = &item->record;
    if (item->error.code < 0)
        ML_TRY(ml_verify_report_error(verifier, item->error.rule, &item->error, item->input.seq));
    if (record->details_erased) {
        struct ml_seq_key key = ml_seq_key(item->input.seq);
        ML_TRY(
            ml_state_put(verifier->erased, ML_SPAN(key.bytes, sizeof key.bytes), ML_SPAN("", 0)));
    }
    if (!record->event)
        return pass_over(verifier, item);
    verifier->result.statements +=
        record->signed_statements ? record->signed_statements->n_statements : 0;
    ML_TRY(note_attachments(verifier, item->input.seq, record));
    ML_TRY(ml_verify_checkpoint(verifier, record));
    if (verifier->partial)
        ML_TRY(ml_verify_note_salt(verifier, record));
    /* A forged statement makes the record one that breaks a rule, and those change nothing. */
    return item->forged ? MLEDGER_OK : apply_rules(verifier, item);
}

static int fold_body(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    if (verifier->options->level == ML_VERIFY_CHAIN)
        return MLEDGER_OK;
    if (item->signature_error.code < 0)
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_FAULT, "signature", item->input.seq,
                                "it is not signed by the key that its header names"));
    verifier->result.hidden += item->input.entry;
    if (!item->input.entry)
        ML_TRY(fold_payload(verifier, item));
    else if (verifier->partial)
        ML_TRY(ml_verify_hide(verifier, item));
    return ml_verify_tree_append(verifier, item);
}

/* Where the claimed times begin to lie ahead. An admin's correction of the clock ends it. */
static void note_ahead(struct ml_verifier *verifier, const Mledger__Header *header)
{
    const int64_t now_us = verifier->options->now_us;
    bool ahead =
        now_us > 0 && header->recorded_at > now_us && header->recorded_at - now_us > AHEAD_MAX_US;
    bool corrects = header->kind == MLEDGER__KIND__TRUST &&
                    header->recorded_at < verifier->fold.head.recorded_at_us;
    if (ahead && verifier->ahead_from == MLEDGER_NO_SEQ)
        verifier->ahead_from = header->seq;
    else if (!ahead && corrects)
        verifier->ahead_from = MLEDGER_NO_SEQ;
}

static int fold_opened(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    ML_TRY(check_chain(verifier, item->record.header));
    ML_TRY(check_time(verifier, item));
    ML_TRY(fold_body(verifier, item));
    verifier->link_known = true;
    note_ahead(verifier, item->record.header);
    return ml_fold_advance(&verifier->fold, item->record.header, item->link, item->leaf);
}

int ml_verify_fold(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    uint64_t seq = item->input.seq;
    if (!item->decoded)
        return ml_verify_report_error(verifier, item->error.rule, &item->error, MLEDGER_NO_SEQ);
    verifier->result.records++;
    if (seq < verifier->fold.head.size)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "order", seq,
                                "it stands after a record of its own or a greater number");
    ML_TRY(check_number(verifier, seq));
    if (item->opened)
        return fold_opened(verifier, item);
    verifier->fold.head.size = seq + 1;
    verifier->link_known = false;
    return ml_verify_report_error(verifier, item->error.rule, &item->error, seq);
}
