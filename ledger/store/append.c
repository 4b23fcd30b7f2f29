/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one write path: a group of callers' drafts becomes records in one transaction.
 *
 *   1. in order, for each draft: complete it, fold it through the rules, serialise, commit to
 *      it, chain its header. A draft that is refused takes back what its caller's drafts did.
 *   2. sign all headers on all cores; meanwhile state and indexes go into the store.
 *   3. leaves, tree and records, which need the signatures; then the store commits.
 *
 * The store may run this from the beginning again, so nothing here survives a run.
 */
#include <inttypes.h>
#include <sodium.h>
#include <time.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/index.h"
#include "ledger/core/parallel.h"
#include "ledger/core/time.h"
#include "ledger/store/known_head.h"
#include "ledger/store/ledger_private.h"
#include "ledger/store/tree.h"

enum {
    CLOCK_BACK_US = 2 * 1000 * 1000, /* so far back the last time is used again */
    SIGN_GRAIN = 8,                  /* signatures that a thread takes at once */
    PARTS = 3,
};

/* A record, whole but for its signature until step 2. Spans lie in the arena or the draft. */
struct built {
    const struct ml_signer *signer;
    uint64_t seq;
    int64_t recorded_at_us;
    struct ml_span header, event, details, statements;
    bool has_details, has_statements;
    uint8_t salts[PARTS][ML_SALT_SIZE]; /* event, details, statements */
    uint8_t link[ML_HASH_SIZE];
    uint8_t signature[ML_SIGNATURE_SIZE];
};

/* An index key; ended by its length so that an array of them sorts in place. */
struct index_key {
    uint8_t len;
    uint8_t bytes[63];
};

struct append {
    struct ml_ledger *ledger;
    struct ml_waiter *waiters;
    struct ml_kv_txn *txn;
    struct ml_state *state;
    struct ml_fold fold;
    struct ml_arena arena;
    struct ml_random random;
    int64_t now_us;
    struct built *built;
    size_t n_built, cap_built;
    struct index_key *keys;
    size_t n_keys, cap_keys;
    struct ml_merkle_frontier frontier;
    bool nothing_to_write;
};

static struct ml_span span_of(ProtobufCBinaryData bytes)
{
    return ML_SPAN(bytes.data, bytes.len);
}

static ProtobufCBinaryData binary_of(struct ml_span span)
{
    return (ProtobufCBinaryData){.len = span.len, .data = (uint8_t *)(uintptr_t)span.data};
}

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
    uint8_t hashes[PARTS][ML_HASH_SIZE];
    uint8_t statement_subject[ML_HASH_SIZE];
};

static int decode_statements(struct append *append, struct ml_span bytes, struct payload *payload)
{
    ProtobufCMessage *message;
    ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, bytes, &append->arena, &message));
    const Mledger__Statements *list = (const Mledger__Statements *)message;
    payload->signed_statements = list;
    payload->statements =
        ml_arena_calloc(&append->arena, list->n_statements, sizeof *payload->statements);
    if (!payload->statements)
        return ml_fail_memory();
    for (size_t i = 0; i < list->n_statements; i++) {
        const Mledger__SignedStatement *one = list->statements[i];
        ML_TRY(ml_codec_unpack(&mledger__statement__descriptor, span_of(one->statement),
                               &append->arena, &message));
        payload->statements[i] = (const Mledger__Statement *)message;
        if (ml_dsse_verify(ML_STATEMENT_TYPE, span_of(one->statement), one->key.data,
                           one->signature.data) < 0)
            return ml_refuse("statement-signature", "statement %zu is not signed by its key", i);
    }
    return MLEDGER_OK;
}

/* The draft was sealed, because statements were made on it: nothing is filled in. */
static int take_exact_bytes(struct append *append, const struct ml_draft *draft,
                            struct built *record, struct payload *payload)
{
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

static int serialise(struct append *append, struct ml_draft *draft, struct built *record,
                     struct payload *payload)
{
    ML_TRY(ml_draft_complete(draft, append->state, &append->random));
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

static int hash_parts(struct built *record, struct payload *payload)
{
    ML_TRY(ml_part_hash(record->salts[0], record->event, payload->hashes[0]));
    ML_TRY(ml_part_hash(record->salts[1], record->details, payload->hashes[1]));
    ML_TRY(ml_part_hash(record->salts[2], record->statements, payload->hashes[2]));
    return ml_statement_subject(payload->hashes[0], payload->hashes[1], payload->statement_subject);
}

/* The time of a record. Small steps back are smoothed over, greater ones need an admin. */
static int choose_time(const struct append *append, const Mledger__Event *event,
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

static int build_header(struct append *append, struct built *record, const struct payload *payload,
                        const struct ml_fold_result *result)
{
    Mledger__Header header = MLEDGER__HEADER__INIT;
    uint8_t commitment[ML_HASH_SIZE];
    ML_TRY(ml_commitment(payload->hashes[0], payload->hashes[1], payload->hashes[2], commitment));
    ProtobufCBinaryData tags[ML_FOLD_SUBJECTS];
    for (size_t i = 0; i < result->n_subjects; i++)
        tags[i] = binary_of(ML_SPAN(result->tags[i], ML_TAG_SIZE));
    header.format = append->fold.head.next_format;
    header.schema = append->fold.head.next_schema;
    header.seq = record->seq;
    header.prev_link = binary_of(ML_SPAN(append->fold.head.link, ML_HASH_SIZE));
    header.recorded_at = record->recorded_at_us;
    header.signer = binary_of(ML_SPAN(record->signer->key, ML_KEY_SIZE));
    header.kind = ml_event_kind(payload->event);
    header.commitment = binary_of(ML_SPAN(commitment, ML_HASH_SIZE));
    header.n_subject_tags = result->n_subjects;
    header.subject_tags = tags;
    if (payload->event->kind_case == MLEDGER__EVENT__KIND_SCHEMA_RAISED) {
        header.format = append->fold.head.format;
        header.schema = append->fold.head.schema;
    }
    ML_TRY(pack_into(&append->arena, &header.base, "header", ML_LIMIT_HEADER, &record->header));
    ML_TRY(ml_link(record->header, record->link));
    return ml_fold_advance(&append->fold, &header, record->link, NULL);
}

static int keep_key(struct ml_span key, void *context)
{
    struct append *append = context;
    ML_TRY(ml_grow(&append->keys, &append->cap_keys, append->n_keys + 1, sizeof *append->keys));
    struct index_key *kept = &append->keys[append->n_keys++];
    assert(key.len <= sizeof kept->bytes);
    memset(kept, 0, sizeof *kept);
    kept->len = (uint8_t)key.len;
    memcpy(kept->bytes, key.data, key.len);
    return MLEDGER_OK;
}

static int fold_draft(struct append *append, struct built *record, const struct payload *payload,
                      struct ml_fold_result *result)
{
    const struct ml_head *head = &append->fold.head;
    const struct ml_fold_record fold_record = {
        .seq = record->seq,
        .format = head->size ? head->next_format : ML_FORMAT,
        .schema = head->size ? head->next_schema : ML_SCHEMA,
        .recorded_at_us = record->recorded_at_us,
        .signer = record->signer->key,
        .event = payload->event,
        .signed_statements = payload->signed_statements,
        .statements = payload->statements,
        .statement_subject = payload->statement_subject,
    };
    return ml_fold_apply(&append->fold, &fold_record, result);
}

static bool brings_attachment(const struct ml_draft *draft, const Mledger__Attachment *named)
{
    for (size_t i = 0; i < draft->n_attachments; i++)
        if (memcmp(draft->attachments[i].sha256, named->sha256.data, ML_HASH_SIZE) == 0)
            return draft->attachments[i].bytes.len == named->size;
    return false;
}

static int check_attachment(const struct append *append, const struct ml_draft *draft,
                            const Mledger__Attachment *named)
{
    if (brings_attachment(draft, named))
        return MLEDGER_OK;
    struct ml_span bytes;
    int result = ml_kv_get(append->txn, ML_TABLE_ATTACHMENTS, span_of(named->sha256), &bytes);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || bytes.len != named->size)
        return ml_refuse("attachment-missing",
                         "an attachment that it names is not there, or of another size");
    return MLEDGER_OK;
}

/* Every attachment that event or details name comes with the draft or is in the store. */
static int check_attachments(const struct append *append, const struct ml_draft *draft,
                             const ProtobufCMessage *message)
{
    if (message->descriptor == &mledger__attachment__descriptor)
        return check_attachment(append, draft, (const Mledger__Attachment *)message);
    const ProtobufCMessageDescriptor *type = message->descriptor;
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
            field->descriptor == &mledger__digest__descriptor)
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(check_attachments(append, draft,
                                     *(ProtobufCMessage *const *)ml_field_at(message, field, k)));
    }
    return MLEDGER_OK;
}

static int build_record(struct append *append, const struct ml_signer *signer,
                        struct ml_draft *draft)
{
    ML_TRY(ml_grow(&append->built, &append->cap_built, append->n_built + 1, sizeof *append->built));
    struct built *record = &append->built[append->n_built];
    *record = (struct built){.signer = signer, .seq = append->fold.head.size};
    struct payload payload = {0};
    ml_random_fill(&append->random, record->salts[2], ML_SALT_SIZE);
    ML_TRY(draft->event_bytes.len ? take_exact_bytes(append, draft, record, &payload)
                                  : serialise(append, draft, record, &payload));
    ML_TRY(choose_time(append, payload.event, &record->recorded_at_us));
    ML_TRY(hash_parts(record, &payload));
    struct ml_fold_result result;
    ML_TRY(fold_draft(append, record, &payload, &result));
    ML_TRY(check_attachments(append, draft, &payload.event->base));
    if (payload.details)
        ML_TRY(check_attachments(append, draft, &payload.details->base));
    ML_TRY(build_header(append, record, &payload, &result));
    ML_TRY(ml_index_keys(record->seq, payload.event, result.subjects, result.n_subjects, keep_key,
                         append));
    append->n_built++;
    return MLEDGER_OK;
}

static int build_drafts(struct append *append, struct ml_waiter *waiter)
{
    for (size_t i = 0; i < waiter->count; i++) {
        waiter->failed = i;
        ML_TRY(build_record(append, waiter->signer, waiter->drafts[i]));
    }
    waiter->failed = waiter->count;
    return MLEDGER_OK;
}

/* All of one caller's drafts, or none of them. Only faults of the store and of memory end the
 * whole group. */
static int build_waiter(struct append *append, struct ml_waiter *waiter)
{
    const struct ml_head head = append->fold.head;
    const size_t n_built = append->n_built, n_keys = append->n_keys;
    ml_state_mark(append->state);
    waiter->result = build_drafts(append, waiter);
    if (waiter->result >= 0) {
        ml_state_keep(append->state);
        return MLEDGER_OK;
    }
    ml_error_get(&waiter->error);
    ml_state_rollback(append->state);
    append->fold.head = head;
    append->n_built = n_built;
    append->n_keys = n_keys;
    return waiter->result == MLEDGER_EDAMAGED ? waiter->result : MLEDGER_OK;
}

static int sign_one(struct built *record, struct ml_buf *encoded)
{
    ml_buf_clear(encoded);
    ML_TRY(ml_dsse_encode(ML_HEADER_TYPE, record->header, encoded));
    return record->signer->sign(record->signer->context, ml_buf_span(encoded), record->signature);
}

static int sign_range(size_t begin, size_t end, void *context)
{
    struct append *append = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    for (size_t i = begin; i < end; i++)
        ML_TRY(sign_one(&append->built[i], &encoded));
    return MLEDGER_OK;
}

static int compare_keys(const void *a, const void *b)
{
    return memcmp(((const struct index_key *)a)->bytes, ((const struct index_key *)b)->bytes,
                  sizeof((const struct index_key *)a)->bytes);
}

static int put_index(struct append *append)
{
    qsort(append->keys, append->n_keys, sizeof *append->keys, compare_keys);
    for (size_t i = 0; i < append->n_keys; i++)
        ML_TRY(ml_kv_put(append->txn, ML_TABLE_INDEX,
                         ML_SPAN(append->keys[i].bytes, append->keys[i].len), ML_SPAN("", 0)));
    return MLEDGER_OK;
}

static int put_state(struct ml_span key, struct ml_span value, void *context)
{
    struct append *append = context;
    if (value.data)
        return ml_kv_put(append->txn, ML_TABLE_STATE, key, value);
    int result = ml_kv_delete(append->txn, ML_TABLE_STATE, key);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

static int put_attachments(struct append *append, const struct ml_draft *draft)
{
    for (size_t i = 0; i < draft->n_attachments; i++)
        ML_TRY(ml_kv_put(append->txn, ML_TABLE_ATTACHMENTS,
                         ML_SPAN(draft->attachments[i].sha256, ML_HASH_SIZE),
                         ml_buf_span(&draft->attachments[i].bytes)));
    return MLEDGER_OK;
}

static int put_all_attachments(struct append *append)
{
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        for (size_t i = 0; waiter->result >= 0 && i < waiter->count; i++)
            ML_TRY(put_attachments(append, waiter->drafts[i]));
    return MLEDGER_OK;
}

static int put_derived(struct append *append)
{
    ML_TRY(put_all_attachments(append));
    ML_TRY(put_index(append));
    ML_TRY(ml_fold_store_head(&append->fold));
    return ml_state_each(append->state, put_state, append);
}

static int put_record(struct append *append, struct built *built)
{
    Mledger__SignedRecord record = MLEDGER__SIGNED_RECORD__INIT;
    Mledger__Salts salts = MLEDGER__SALTS__INIT;
    salts.event = binary_of(ML_SPAN(built->salts[0], ML_SALT_SIZE));
    salts.has_details = true;
    salts.details = binary_of(ML_SPAN(built->salts[1], ML_SALT_SIZE));
    salts.statements = binary_of(ML_SPAN(built->salts[2], ML_SALT_SIZE));
    record.header = binary_of(built->header);
    record.signature = binary_of(ML_SPAN(built->signature, ML_SIGNATURE_SIZE));
    record.event = binary_of(built->event);
    record.has_details = built->has_details;
    record.details = binary_of(built->details);
    record.has_statements = built->has_statements;
    record.statements = binary_of(built->statements);
    record.salts = &salts;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_TRY(ml_codec_pack(&record.base, &bytes));
    struct ml_key_u64 key = ml_key_u64(built->seq);
    return ml_kv_append(append->txn, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes),
                        ml_buf_span(&bytes));
}

static int put_records(struct append *append)
{
    for (size_t i = 0; i < append->n_built; i++) {
        struct built *record = &append->built[i];
        uint8_t leaf[ML_HASH_SIZE];
        ML_TRY(ml_leaf(record->signature, record->header, leaf));
        ML_TRY(ml_tree_append(append->txn, &append->frontier, leaf));
        if (record->seq == 0)
            memcpy(append->fold.head.identity, leaf, ML_HASH_SIZE);
        ML_TRY(put_record(append, record));
    }
    return ml_tree_store_frontier(append->txn, &append->frontier);
}

/* Record 0 is signed first: its leaf is the ledger's identity, part of the state. */
static int write_group(struct append *append)
{
    bool genesis = append->built[0].seq == 0;
    struct ml_job job;
    ml_job_start(&job, append->n_built, SIGN_GRAIN, sign_range, append);
    int derived = genesis ? MLEDGER_OK : put_derived(append);
    struct ml_error error;
    ml_error_get(&error);
    int signatures = ml_job_wait(&job);
    if (derived < 0)
        return ml_error_set(&error);
    ML_TRY(signatures);
    ML_TRY(put_records(append));
    return genesis ? put_derived(append) : MLEDGER_OK;
}

static void release_run(struct append *append)
{
    ml_fold_release(&append->fold);
    ml_state_free(append->state);
    append->state = NULL;
}

static int run(struct append *append)
{
    ML_TRY(ml_known_head_check(append->ledger, append->txn, &append->fold.head));
    ML_TRY(ml_tree_load_frontier(append->txn, &append->frontier));
    if (append->frontier.size != append->fold.head.size)
        return ml_fail(MLEDGER_EDAMAGED, "the derived tree and state do not agree; "
                                         "try mledger verify, then mledger reindex");
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next)
        ML_TRY(build_waiter(append, waiter));
    append->nothing_to_write = append->n_built == 0;
    if (append->nothing_to_write)
        return MLEDGER_EUSAGE;
    return write_group(append);
}

static int append_in_transaction(struct ml_kv_txn *txn, void *context)
{
    struct append *append = context;
    append->txn = txn;
    append->n_built = append->n_keys = 0;
    append->nothing_to_write = false;
    ml_arena_clear(&append->arena);
    ML_TRY(ml_state_over(txn, &append->state));
    int result = ml_fold_init(&append->fold, append->state, ml_txn_link_at, txn);
    if (result >= 0)
        result = run(append);
    release_run(append);
    return result;
}

/* Receipts follow the order in which the records were built. */
static void give_receipts(const struct append *append)
{
    size_t next = 0;
    for (struct ml_waiter *waiter = append->waiters; waiter; waiter = waiter->next) {
        if (waiter->result < 0)
            continue;
        for (size_t i = 0; i < waiter->count; i++, next++) {
            if (!waiter->receipts)
                continue;
            const struct built *record = &append->built[next];
            waiter->receipts[i].seq = record->seq;
            waiter->receipts[i].recorded_at_us = record->recorded_at_us;
            memcpy(waiter->receipts[i].link, record->link, ML_HASH_SIZE);
        }
    }
}

static int64_t now_us(const struct ml_ledger *ledger)
{
    const struct ml_ledger_options *options = &ledger->options;
    return options->now ? options->now(options->now_context) : ml_time_now_us();
}

int ml_append_group(struct ml_ledger *ledger, struct ml_waiter *waiters)
{
    struct append append = {.ledger = ledger, .waiters = waiters, .now_us = now_us(ledger)};
    ml_arena_init(&append.arena, SIZE_MAX / 2);
    int result = ml_kv_update(ledger->kv, append_in_transaction, &append);
    if (result >= 0) {
        give_receipts(&append);
        /* The records are in; should this fail, the next append does it first, or refuses. */
        const struct built *last = &append.built[append.n_built - 1];
        (void)!ml_known_head_note(ledger, append.fold.head.identity, last->seq + 1, last->link);
        ml_error_clear();
    }
    if (append.nothing_to_write)
        result = MLEDGER_OK;
    ml_random_release(&append.random);
    ml_arena_release(&append.arena);
    free(append.built);
    free(append.keys);
    return result;
}
