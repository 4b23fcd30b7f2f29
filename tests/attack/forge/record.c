/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/record.h"

#include <stdlib.h>
#include <string.h>

enum { HASH_SIZE = 32, TAG_SIZE = 16, FIRST_KIND = 10 };

struct record record_unpack(struct bytes stored)
{
    struct record record = {0};
    const struct wire_message message = wire_parse(stored);
    for (size_t i = 0; i < message.count; i++) {
        const struct wire_field *field = &message.fields[i];
        if (field->number >= RECORD_PARTS)
            die("a record with a part of number %zu", (size_t)field->number);
        record.there[field->number] = true;
        record.parts[field->number] = field->value;
    }
    return record;
}

struct bytes record_pack(const struct record *record)
{
    struct bytes packed = {0};
    for (unsigned i = 1; i < RECORD_PARTS; i++)
        if (record->there[i])
            packed = bytes_join2(packed, wire_encode(i, WIRE_BYTES, record->parts[i]));
    return packed;
}

struct record record_load(struct store *store, uint64_t seq)
{
    struct bytes stored;
    if (!store_get(store, "records", bytes_u64(seq), &stored))
        die("there is no record %zu", (size_t)seq);
    return record_unpack(stored);
}

void record_save(struct store *store, uint64_t seq, const struct record *record)
{
    store_put(store, "records", bytes_u64(seq), record_pack(record));
}

static const struct wire_field *header_field(const struct record *record, enum header_field number)
{
    const struct wire_path path = {.depth = 1, .steps = {{.number = number}}};
    return wire_get(record->parts[RECORD_HEADER], &path);
}

uint64_t record_seq(const struct record *record)
{
    return wire_number(header_field(record, HEADER_SEQ));
}

struct bytes record_header_bytes(const struct record *record, enum header_field field)
{
    return header_field(record, field)->value;
}

void record_set_number(struct record *record, enum header_field field, uint64_t number)
{
    const struct wire_path path = {.depth = 1, .steps = {{.number = field}}};
    record->parts[RECORD_HEADER] =
        wire_set(record->parts[RECORD_HEADER], &path, WIRE_VARINT, wire_varint(number));
}

void record_set_bytes(struct record *record, enum header_field field, struct bytes bytes)
{
    const struct wire_path path = {.depth = 1, .steps = {{.number = field}}};
    record->parts[RECORD_HEADER] = wire_set(record->parts[RECORD_HEADER], &path, WIRE_BYTES, bytes);
}

/* The salts have 1, 2 and 3 for event, details and statements. */
struct bytes record_part_hash(const struct record *record, enum record_part part)
{
    if (part == RECORD_DETAILS && record->there[RECORD_DETAILS_HASH])
        return record->parts[RECORD_DETAILS_HASH];
    const struct wire_path path = {.depth = 1,
                                   .steps = {{.number = (uint64_t)part - RECORD_EVENT + 1}}};
    struct bytes salt = wire_get(record->parts[RECORD_SALTS], &path)->value;
    return seal_hash2(SEAL_PART, salt, record->parts[part]);
}

struct bytes record_subject(const struct record *record)
{
    return seal_hash2(SEAL_SUBJECT, record_part_hash(record, RECORD_EVENT),
                      record_part_hash(record, RECORD_DETAILS));
}

void record_seal(struct record *record)
{
    const struct bytes hashes[] = {record_part_hash(record, RECORD_EVENT),
                                   record_part_hash(record, RECORD_DETAILS),
                                   record_part_hash(record, RECORD_STATEMENTS)};
    record_set_bytes(record, HEADER_COMMITMENT, seal_hash(SEAL_COMMITMENT, hashes, 3));
}

void record_sign(struct record *record, const struct seal_key *key)
{
    record->there[RECORD_SIGNATURE] = true;
    record->parts[RECORD_SIGNATURE] =
        seal_sign(key, seal_pae("header", record->parts[RECORD_HEADER]));
}

struct bytes record_link(const struct record *record)
{
    return seal_hash(SEAL_LINK, &record->parts[RECORD_HEADER], 1);
}

struct bytes record_leaf(const struct record *record)
{
    return seal_hash2(SEAL_LEAF, record->parts[RECORD_SIGNATURE], record->parts[RECORD_HEADER]);
}

bool record_subject_salt(const struct record *record, struct bytes *ret_salt)
{
    const struct wire_message event = wire_parse(record->parts[RECORD_EVENT]);
    for (size_t i = 0; i < event.count; i++) {
        if (event.fields[i].number < FIRST_KIND)
            continue;
        const struct wire_message body = wire_parse(event.fields[i].value);
        const struct wire_field *first = wire_find(&body, (struct wire_step){.number = 1});
        bool salt = first && first->type == WIRE_BYTES && first->value.len == HASH_SIZE;
        if (salt)
            *ret_salt = first->value;
        return salt;
    }
    return false;
}

struct bytes record_tag(struct bytes salt, uint64_t seq)
{
    return bytes_slice(seal_hash2(SEAL_TAG, salt, bytes_u64(seq)), 0, TAG_SIZE);
}

static int compare_tags(const void *a, const void *b)
{
    return memcmp(((const struct bytes *)a)->data, ((const struct bytes *)b)->data, TAG_SIZE);
}

void record_set_tags(struct record *record, struct bytes *tags, size_t count)
{
    const struct wire_message header = wire_parse(record->parts[RECORD_HEADER]);
    struct bytes out = {0};
    for (size_t i = 0; i < header.count; i++)
        if (header.fields[i].number != HEADER_SUBJECT_TAGS)
            out = bytes_join2(out, wire_raw(&header.fields[i]));
    if (count > 1)
        qsort(tags, count, sizeof *tags, compare_tags);
    for (size_t i = 0; i < count; i++)
        out = bytes_join2(out, wire_encode(HEADER_SUBJECT_TAGS, WIRE_BYTES, tags[i]));
    record->parts[RECORD_HEADER] = out;
}

/* RFC 6962, section 2.1. */
struct bytes record_root_of(struct store *store, uint64_t from, uint64_t count)
{
    if (count == 1) {
        const struct record record = record_load(store, from);
        return record_leaf(&record);
    }
    uint64_t left = 1;
    while (left * 2 < count)
        left *= 2;
    return seal_hash2(SEAL_NODE, record_root_of(store, from, left),
                      record_root_of(store, from + left, count - left));
}

struct bytes record_root(struct store *store, uint64_t size)
{
    return size == 0 ? seal_sha256((struct bytes){0}) : record_root_of(store, 0, size);
}
