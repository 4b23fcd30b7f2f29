/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/index.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/hash.h"

enum { DIGEST_SIZE = 32, NAME_SIZE = 16, KEY_SIZE = 16 };

/* Of the stages in an attachment: some ten times what 65,536 stages take. */
#define SNAPSHOT_MEMORY ((size_t)512 << 20)

static struct ml_state_key begin(enum ml_index_kind kind)
{
    struct ml_state_key key = {.len = 1};
    key.bytes[0] = (uint8_t)kind;
    return key;
}

static void add_number(struct ml_state_key *key, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        key->bytes[key->len++] = (uint8_t)(number >> shift);
}

static struct ml_state_key numbered(enum ml_index_kind kind, uint64_t number)
{
    struct ml_state_key key = begin(kind);
    add_number(&key, number);
    return key;
}

struct ml_state_key ml_index_subject_prefix(uint64_t subject)
{
    return numbered(ML_INDEX_SUBJECT, subject);
}

struct ml_state_key ml_index_place_prefix(uint64_t model)
{
    return numbered(ML_INDEX_PLACE, model);
}

struct ml_state_key ml_index_version_place_prefix(uint64_t model, uint64_t version)
{
    struct ml_state_key key = numbered(ML_INDEX_VERSION_PLACE, model);
    add_number(&key, version);
    return key;
}

struct ml_state_key ml_index_reference_prefix(uint64_t target)
{
    return numbered(ML_INDEX_REFERENCE, target);
}

struct ml_state_key ml_index_version_prefix(uint64_t model, uint64_t version)
{
    struct ml_state_key key = numbered(ML_INDEX_VERSION, model);
    add_number(&key, version);
    return key;
}

struct ml_state_key ml_index_digest_prefix(Mledger__Algorithm algorithm, struct ml_span value,
                                           bool out)
{
    struct ml_state_key key = begin(ML_INDEX_DIGEST);
    key.bytes[key.len++] = (uint8_t)algorithm;
    size_t len = value.len < DIGEST_SIZE ? value.len : DIGEST_SIZE;
    memset(key.bytes + key.len, 0, DIGEST_SIZE);
    memcpy(key.bytes + key.len, value.data, len);
    key.len += DIGEST_SIZE;
    key.bytes[key.len++] = out;
    return key;
}

static int name_prefix(enum ml_index_kind kind, const char *name, struct ml_state_key *ret_prefix)
{
    struct ml_state_key key = begin(kind);
    uint8_t hash[ML_HASH_SIZE];
    const struct ml_span part = ML_SPAN(name, strlen(name));
    ML_TRY(ml_sha256(hash, &part, 1));
    memcpy(key.bytes + key.len, hash, NAME_SIZE);
    key.len += NAME_SIZE;
    *ret_prefix = key;
    return MLEDGER_OK;
}

int ml_index_run_id_prefix(const char *run_id, struct ml_state_key *ret_prefix)
{
    return name_prefix(ML_INDEX_RUN_ID, run_id, ret_prefix);
}

int ml_index_endpoint_prefix(const char *endpoint, struct ml_state_key *ret_prefix)
{
    return name_prefix(ML_INDEX_ENDPOINT, endpoint, ret_prefix);
}

int ml_index_policy_prefix(const char *stage, struct ml_state_key *ret_prefix)
{
    return name_prefix(ML_INDEX_POLICY, stage, ret_prefix);
}

struct ml_state_key ml_index_checkpoint_prefix(void)
{
    return begin(ML_INDEX_CHECKPOINT);
}

struct ml_state_key ml_index_clock_prefix(void)
{
    return begin(ML_INDEX_CLOCK);
}

struct ml_state_key ml_index_registry_prefix(void)
{
    return begin(ML_INDEX_REGISTRY);
}

struct ml_state_key ml_index_key_prefix(const uint8_t *signer)
{
    struct ml_state_key key = begin(ML_INDEX_KEY);
    memcpy(key.bytes + key.len, signer, KEY_SIZE);
    key.len += KEY_SIZE;
    return key;
}

struct ml_state_key ml_index_artifacts_prefix(void)
{
    return begin(ML_INDEX_ARTIFACTS);
}

struct ml_state_key ml_index_incident_prefix(void)
{
    return begin(ML_INDEX_INCIDENT);
}

uint64_t ml_index_seq(struct ml_span key)
{
    assert(key.len > 8);
    uint64_t seq = 0;
    for (size_t i = key.len - 8; i < key.len; i++)
        seq = seq << 8 | key.data[i];
    return seq;
}

bool ml_digest_is_empty(const Mledger__Digest *digest)
{
    static const uint8_t empty_sha256[32] = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14,
                                             0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24,
                                             0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c,
                                             0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};
    static const uint8_t empty_md5[16] = {0xd4, 0x1d, 0x8c, 0xd9, 0x8f, 0x00, 0xb2, 0x04,
                                          0xe9, 0x80, 0x09, 0x98, 0xec, 0xf8, 0x42, 0x7e};
    static const uint8_t empty_dir[16] = {0xd7, 0x51, 0x71, 0x39, 0x88, 0x98, 0x7e, 0x93,
                                          0x31, 0x98, 0x03, 0x63, 0xe2, 0x41, 0x89, 0xce};
    static const uint8_t empty_blob[20] = {0xe6, 0x9d, 0xe2, 0x9b, 0xb2, 0xd1, 0xd6,
                                           0x43, 0x4b, 0x8b, 0x29, 0xae, 0x77, 0x5a,
                                           0xd8, 0xc2, 0xe4, 0x8c, 0x53, 0x91};
    struct ml_span value = ML_SPAN(digest->value.data, digest->value.len);
    return ml_span_equal(value, ML_SPAN(empty_sha256, sizeof empty_sha256)) ||
           ml_span_equal(value, ML_SPAN(empty_md5, sizeof empty_md5)) ||
           ml_span_equal(value, ML_SPAN(empty_dir, sizeof empty_dir)) ||
           ml_span_equal(value, ML_SPAN(empty_blob, sizeof empty_blob));
}

/* Where the keys of one record go. */
struct walk {
    uint64_t seq;
    ml_index_visitor *visit;
    void *context;
};

static int emit(const struct walk *walk, struct ml_state_key key)
{
    add_number(&key, walk->seq);
    return walk->visit(ml_state_key_span(&key), walk->context);
}

static int emit_reference(const struct ml_reference *reference, void *context)
{
    if (reference->role == ML_FIELD_SUBJECT)
        return MLEDGER_OK;
    return emit(context, ml_index_reference_prefix(reference->seq));
}

static int emit_digest(const Mledger__Digest *digest, bool output, void *context)
{
    if (ml_digest_is_empty(digest))
        return MLEDGER_OK;
    return emit(context,
                ml_index_digest_prefix(digest->algorithm,
                                       ML_SPAN(digest->value.data, digest->value.len), output));
}

/* Every message that names a model and a version. */
static int emit_versions(const struct walk *walk, const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    uint64_t model, version;
    if (ml_field_number(message, "version", &version) &&
        (ml_field_number(message, "model", &model) ||
         ml_field_number(message, "model_ref", &model)))
        ML_TRY(emit(walk, ml_index_version_prefix(model, version)));
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE ||
            field->descriptor == &mledger__digest__descriptor)
            continue;
        size_t count = ml_field_count(message, field);
        for (size_t k = 0; k < count; k++)
            ML_TRY(emit_versions(walk, *(ProtobufCMessage *const *)ml_field_at(message, field, k)));
    }
    return MLEDGER_OK;
}

/* Runs that are named by their id alone; they join if the run is recorded later. */
static int emit_run_id(const struct walk *walk, const Mledger__Event *event)
{
    const char *run_id = NULL;
    if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED &&
        !event->version_registered->has_run_ref)
        run_id = event->version_registered->run_id;
    if (event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
        run_id = event->run_started->parent_run_id;
    if (!run_id)
        return MLEDGER_OK;
    struct ml_state_key prefix;
    ML_TRY(ml_index_run_id_prefix(run_id, &prefix));
    return emit(walk, prefix);
}

/* Files that can be looked for. Datasets and pipelines name some in every record that they have. */
static bool names_artifacts(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        return event->artifact_recorded->n_artifacts > 0;
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return event->run_logged->n_outputs > 0;
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return event->version_registered->n_artifacts > 0;
    default:
        return false;
    }
}

static bool is_of_registry(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_TAGS_SET:
        return event->tags_set->has_model;
    case MLEDGER__EVENT__KIND_TAGS_DELETED:
        return event->tags_deleted->has_model;
    case MLEDGER__EVENT__KIND_WEBHOOK_SET:
    case MLEDGER__EVENT__KIND_WEBHOOK_DELETED:
        return true;
    default:
        return event->kind_case >= MLEDGER__EVENT__KIND_MODEL_CREATED &&
               event->kind_case < MLEDGER__EVENT__KIND_VALIDATION_RECORDED;
    }
}

static int emit_keys(const struct walk *walk, const struct ml_index_record *record)
{
    const Mledger__Statements *statements = record->signed_statements;
    ML_TRY(emit(walk, ml_index_key_prefix(record->signer)));
    for (size_t i = 0; statements && i < statements->n_statements; i++)
        ML_TRY(emit(walk, ml_index_key_prefix(statements->statements[i]->key.data)));
    return MLEDGER_OK;
}

static int emit_endpoint(const struct walk *walk, const Mledger__Event *event)
{
    struct ml_state_key prefix;
    if (event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
        return MLEDGER_OK;
    ML_TRY(ml_index_endpoint_prefix(event->deployment_recorded->endpoint, &prefix));
    return emit(walk, prefix);
}

static int emit_policy(const struct walk *walk, const Mledger__Event *event)
{
    struct ml_state_key prefix;
    if (event->kind_case != MLEDGER__EVENT__KIND_POLICY_SET)
        return MLEDGER_OK;
    ML_TRY(ml_index_policy_prefix(event->policy_set->stage, &prefix));
    return emit(walk, prefix);
}

static bool says_where(const Mledger__Event *event)
{
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_MODEL_DELETED:
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
    case MLEDGER__EVENT__KIND_ALIAS_SET:
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
    case MLEDGER__EVENT__KIND_APPROVAL_RECORDED:
        return true;
    default:
        return false;
    }
}

static int emit_place(const struct walk *walk, const ProtobufCMessage *message)
{
    uint64_t model, version;
    if (!ml_field_number(message, "model", &model))
        return MLEDGER_OK;
    ML_TRY(emit(walk, ml_index_place_prefix(model)));
    return ml_field_number(message, "version", &version)
               ? emit(walk, ml_index_version_place_prefix(model, version))
               : MLEDGER_OK;
}

static int emit_places(const struct walk *walk, const Mledger__Event *event)
{
    if (says_where(event))
        return emit_place(walk, ml_event_body(event));
    if (event->kind_case != MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED)
        return MLEDGER_OK;
    for (size_t i = 0; i < event->deployment_recorded->n_targets; i++)
        ML_TRY(emit_place(walk, &event->deployment_recorded->targets[i]->base));
    return MLEDGER_OK;
}

const Mledger__Attachment *ml_index_attachment(const Mledger__Event *event)
{
    if (!event || event->kind_case != MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
        return NULL;
    return event->pipeline_recorded->snapshot_attachment;
}

/* The memory that it may take is a constant, so that everybody comes to the same keys. */
int ml_index_attached_keys(const struct ml_index_record *record, ml_index_visitor *visit,
                           void *context)
{
    struct walk walk = {.seq = record->seq, .visit = visit, .context = context};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ProtobufCMessage *snapshot;
    ml_arena_init(&arena, SNAPSHOT_MEMORY);
    if (record->attachment.len == 0)
        return MLEDGER_OK;
    int result = ml_codec_unpack(&mledger__pipeline_snapshot__descriptor, record->attachment,
                                 &arena, &snapshot);
    if (result == MLEDGER_EINVALID)
        return MLEDGER_OK; /* nobody looks into attachments when they are recorded */
    ML_TRY(result);
    return ml_message_digests(snapshot, emit_digest, &walk);
}

int ml_index_keys(const struct ml_index_record *record, ml_index_visitor *visit, void *context)
{
    struct walk walk = {.seq = record->seq, .visit = visit, .context = context};
    const Mledger__Event *event = record->event;
    for (size_t i = 0; i < record->n_subjects; i++)
        ML_TRY(emit(&walk, ml_index_subject_prefix(record->subjects[i])));
    ML_TRY(ml_event_references(event, emit_reference, &walk));
    ML_TRY(ml_event_digests(event, emit_digest, &walk));
    const ProtobufCMessage *body = ml_event_body(event);
    if (body && ml_event_kind(event) != MLEDGER__KIND__TRUST)
        ML_TRY(emit_versions(&walk, body));
    if (event->kind_case == MLEDGER__EVENT__KIND_CHECKPOINT_NOTED)
        ML_TRY(emit(&walk, ml_index_checkpoint_prefix()));
    if (event->kind_case == MLEDGER__EVENT__KIND_CLOCK_CORRECTED)
        ML_TRY(emit(&walk, ml_index_clock_prefix()));
    if (is_of_registry(event))
        ML_TRY(emit(&walk, ml_index_registry_prefix()));
    ML_TRY(emit_keys(&walk, record));
    ML_TRY(emit_endpoint(&walk, event));
    ML_TRY(emit_places(&walk, event));
    ML_TRY(emit_policy(&walk, event));
    if (names_artifacts(event))
        ML_TRY(emit(&walk, ml_index_artifacts_prefix()));
    if (event->kind_case == MLEDGER__EVENT__KIND_INCIDENT_RECORDED)
        ML_TRY(emit(&walk, ml_index_incident_prefix()));
    ML_TRY(ml_index_attached_keys(record, visit, context));
    return emit_run_id(&walk, event);
}
