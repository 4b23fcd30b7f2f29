/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/codec.h"

#include "ledger/core/canonical.h"
#include "ledger/core/utf8.h"
#include "proto/bundle.pb-c.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"

#define MEMBER(message, offset) ((const void *)((const uint8_t *)(message) + (offset)))

static const uint64_t CANONICAL_NAN = 0x7ff8000000000000U;

size_t ml_field_size(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_BOOL:
        return sizeof(protobuf_c_boolean);
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default: /* 32-bit numbers and enums */
        return 4;
    }
}

static bool is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *member = MEMBER(message, field->offset);
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)MEMBER(message, field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(void *const *)member != NULL;
    if (field->label == PROTOBUF_C_LABEL_REQUIRED)
        return true;
    return *(const protobuf_c_boolean *)MEMBER(message, field->quantifier_offset);
}

size_t ml_field_count(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)MEMBER(message, field->quantifier_offset);
    return is_present(message, field);
}

const void *ml_field_at(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                        size_t i)
{
    const void *member = MEMBER(message, field->offset);
    if (field->label != PROTOBUF_C_LABEL_REPEATED)
        return member;
    return *(const uint8_t *const *)member + i * ml_field_size(field);
}

bool ml_field_number(const ProtobufCMessage *message, const char *name, uint64_t *ret_number)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    if (!field || field->type != PROTOBUF_C_TYPE_UINT64 ||
        field->label == PROTOBUF_C_LABEL_REPEATED || ml_field_count(message, field) == 0)
        return false;
    memcpy(ret_number, ml_field_at(message, field, 0), sizeof *ret_number);
    return true;
}

/* Bytes whose size the schema fixes; the fields of a type stand together. */
static const struct {
    const ProtobufCMessageDescriptor *type;
    const char *field;
    size_t size;
} fixed_sizes[] = {
    {&mledger__header__descriptor, "prev_link", 32},
    {&mledger__header__descriptor, "signer", 32},
    {&mledger__header__descriptor, "commitment", 32},
    {&mledger__header__descriptor, "subject_tags", 16},
    {&mledger__salts__descriptor, "event", 32},
    {&mledger__salts__descriptor, "details", 32},
    {&mledger__salts__descriptor, "statements", 32},
    {&mledger__signed_record__descriptor, "signature", 64},
    {&mledger__signed_record__descriptor, "details_hash", 32},
    {&mledger__statement__descriptor, "ledger", 32},
    {&mledger__statement__descriptor, "subject", 32},
    {&mledger__statement__descriptor, "seen_link", 32},
    {&mledger__statement__descriptor, "nonce", 16},
    {&mledger__signed_statement__descriptor, "key", 32},
    {&mledger__signed_statement__descriptor, "signature", 64},
    {&mledger__attachment__descriptor, "sha256", 32},
    {&mledger__predecessor__descriptor, "identity", 32},
    {&mledger__predecessor__descriptor, "kept_link", 32},
    {&mledger__ledger_created__descriptor, "subject_salt", 32},
    {&mledger__ledger_created__descriptor, "key", 32},
    {&mledger__ledger_created__descriptor, "log_key", 32},
    {&mledger__ledger_created__descriptor, "recovery_key", 32},
    {&mledger__actor_registered__descriptor, "subject_salt", 32},
    {&mledger__key_authorized__descriptor, "key", 32},
    {&mledger__key_rotated__descriptor, "old_key", 32},
    {&mledger__key_rotated__descriptor, "key", 32},
    {&mledger__key_revoked__descriptor, "key", 32},
    {&mledger__log_key_authorized__descriptor, "key", 32},
    {&mledger__log_key_revoked__descriptor, "key", 32},
    {&mledger__checkpoint_noted__descriptor, "root", 32},
    {&mledger__details_erased__descriptor, "attachments", 32},
    {&mledger__verification_recorded__descriptor, "head_link", 32},
    {&mledger__experiment_created__descriptor, "subject_salt", 32},
    {&mledger__run_started__descriptor, "subject_salt", 32},
    {&mledger__run_started__descriptor, "changes_sha256", 32},
    {&mledger__run_started__descriptor, "environment_sha256", 32},
    {&mledger__dataset_recorded__descriptor, "subject_salt", 32},
    {&mledger__pipeline_recorded__descriptor, "subject_salt", 32},
    {&mledger__logged_model_created__descriptor, "subject_salt", 32},
    {&mledger__model_created__descriptor, "subject_salt", 32},
    {&mledger__webhook_set__descriptor, "secret_id", 16},
    {&mledger__bundle_manifest__descriptor, "identity", 32},
    {&mledger__bundle_manifest__descriptor, "lineage_json", 32},
    {&mledger__bundle_manifest__descriptor, "lineage_svg", 32},
};

size_t ml_codec_fixed_size(const ProtobufCMessageDescriptor *type,
                           const ProtobufCFieldDescriptor *field)
{
    size_t i = 0;
    while (i < ML_COUNT(fixed_sizes) && fixed_sizes[i].type != type)
        i++;
    for (; i < ML_COUNT(fixed_sizes) && fixed_sizes[i].type == type; i++)
        if (strcmp(fixed_sizes[i].field, field->name) == 0)
            return fixed_sizes[i].size;
    return 0;
}

/* Size of a digest's value, 0 for an algorithm that is unknown. */
static bool digest_size_fits(const Mledger__Digest *digest)
{
    switch (digest->algorithm) {
    case MLEDGER__ALGORITHM__SHA256:
        return digest->value.len == 32;
    case MLEDGER__ALGORITHM__MD5:
    case MLEDGER__ALGORITHM__MD5_DOS2UNIX:
    case MLEDGER__ALGORITHM__MD5_DIR:
        return digest->value.len == 16;
    case MLEDGER__ALGORITHM__GIT:
        return digest->value.len == 20 || digest->value.len == 32;
    default:
        return false;
    }
}

static int fail_field(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field,
                      const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "%s in field '%s' of %s", what, field->name, type->short_name);
}

static int check_text(const ProtobufCMessageDescriptor *type, const ProtobufCFieldDescriptor *field,
                      const char *text)
{
    size_t len = strlen(text);
    if (len > ML_LIMIT_TEXT)
        return fail_field(type, field, "text too long");
    if (!ml_utf8_is_text(ML_SPAN(text, len)))
        return fail_field(type, field, "invalid UTF-8");
    return MLEDGER_OK;
}

static int check_bytes(const ProtobufCMessageDescriptor *type,
                       const ProtobufCFieldDescriptor *field, const ProtobufCBinaryData *bytes)
{
    size_t fixed = ml_codec_fixed_size(type, field);
    if (fixed && bytes->len != fixed)
        return fail_field(type, field, "wrong number of bytes");
    return MLEDGER_OK;
}

static int check_element(const ProtobufCMessageDescriptor *type,
                         const ProtobufCFieldDescriptor *field, const void *element)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return check_text(type, field, *(char *const *)element);
    case PROTOBUF_C_TYPE_BYTES:
        return check_bytes(type, field, element);
    case PROTOBUF_C_TYPE_MESSAGE:
        return ml_codec_check(*(ProtobufCMessage *const *)element);
    case PROTOBUF_C_TYPE_BOOL:
        if (*(const protobuf_c_boolean *)element != 1)
            return fail_field(type, field, "a false that should be absent");
        return MLEDGER_OK;
    case PROTOBUF_C_TYPE_ENUM:
        if (*(const int32_t *)element == 0 ||
            !protobuf_c_enum_descriptor_get_value(field->descriptor, *(const int32_t *)element))
            return fail_field(type, field, "unknown value");
        return MLEDGER_OK;
    case PROTOBUF_C_TYPE_DOUBLE: {
        double number = *(const double *)element;
        if (number != number && memcmp(element, &CANONICAL_NAN, sizeof CANONICAL_NAN) != 0)
            return fail_field(type, field, "a NaN that is not the canonical one");
        return MLEDGER_OK;
    }
    default:
        return MLEDGER_OK;
    }
}

static int check_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    size_t count = ml_field_count(message, field);
    if (count == 0 && field->label == PROTOBUF_C_LABEL_REQUIRED)
        return fail_field(message->descriptor, field, "nothing");
    if (count > ML_LIMIT_REPEATED)
        return fail_field(message->descriptor, field, "too many elements");
    for (size_t i = 0; i < count; i++)
        ML_TRY(check_element(message->descriptor, field, ml_field_at(message, field, i)));
    return MLEDGER_OK;
}

int ml_codec_check(const ProtobufCMessage *message)
{
    const ProtobufCMessageDescriptor *type = message->descriptor;
    if (message->n_unknown_fields > 0)
        return ml_fail(MLEDGER_EINVALID, "unknown field %u in %s", message->unknown_fields[0].tag,
                       type->short_name);
    for (unsigned i = 0; i < type->n_fields; i++)
        if (!ml_field_is_unchosen(message, &type->fields[i]))
            ML_TRY(check_field(message, &type->fields[i]));
    if (type == &mledger__digest__descriptor && !digest_size_fits((const Mledger__Digest *)message))
        return ml_fail(MLEDGER_EINVALID, "wrong number of bytes in a Digest");
    return MLEDGER_OK;
}

int ml_codec_unpack(const ProtobufCMessageDescriptor *type, struct ml_span bytes,
                    struct ml_arena *arena, ProtobufCMessage **ret_message)
{
    ProtobufCAllocator allocator = ml_arena_allocator(arena);
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, bytes.len, bytes.data);
    if (!message && (arena->is_full || arena->is_out))
        return ml_arena_fail(arena, type->short_name);
    if (!message)
        return ml_fail(MLEDGER_EINVALID, "no valid %s message", type->short_name);
    ML_TRY(ml_codec_check(message));
    if (!ml_canonical(type, bytes))
        return ml_fail(MLEDGER_EINVALID, "%s is not in canonical encoding", type->short_name);
    *ret_message = message;
    return MLEDGER_OK;
}

int ml_codec_pack(const ProtobufCMessage *message, struct ml_buf *out)
{
    ML_TRY(ml_codec_check(message));
    size_t size = protobuf_c_message_get_packed_size(message);
    if (size == 0)
        return MLEDGER_OK;
    ML_TRY(ml_buf_reserve(out, size));
    protobuf_c_message_pack(message, out->data + out->len);
    out->len += size;
    return MLEDGER_OK;
}
