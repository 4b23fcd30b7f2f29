/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on the record at hand, and what they print of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/attack/forge/script.h"

void command_load(struct forge *forge, const struct line *line)
{
    forge->record = script_record(forge, line->words[1]);
    forge->packed = (struct bytes){0};
}

/* One that a record is stored with. */
static unsigned stored_part(const char *word)
{
    unsigned part = script_target(word).part;
    if (part >= RECORD_PARTS)
        die("a record is stored with no part '%s'", word);
    return part;
}

/* Parts of another record in place of those at hand. */
void command_take(struct forge *forge, const struct line *line)
{
    const struct record from = script_record(forge, line->words[1]);
    for (size_t i = 2; i < line->count; i++) {
        unsigned part = stored_part(line->words[i]);
        forge->record.there[part] = from.there[part];
        forge->record.parts[part] = from.parts[part];
    }
}

/* The part that is edited is there from now on. */
static struct bytes *edited(struct forge *forge, const struct target *target)
{
    if (target->part != PART_PACKED)
        forge->record.there[target->part] = true;
    return script_part(forge, target->part);
}

void command_set(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    const struct value value = script_value(forge, line->words[2]);
    struct bytes *part = edited(forge, &target);
    *part = wire_set(*part, &target.path, value.type, value.bytes);
}

void command_add(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    const struct value value = script_value(forge, line->words[2]);
    struct bytes *part = edited(forge, &target);
    *part = wire_add(*part, &target.path, value.type, value.bytes);
}

void command_cut(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part = wire_cut(*part, &target.path);
}

void command_whole(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    *edited(forge, &target) = script_value(forge, line->words[2]).bytes;
}

void command_drop(struct forge *forge, const struct line *line)
{
    unsigned part = stored_part(line->words[1]);
    forge->record.there[part] = false;
    forge->record.parts[part] = (struct bytes){0};
}

void command_flip_part(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part =
        bytes_flip(*part, script_number(line->words[2]), (unsigned)script_number(line->words[3]));
}

void command_displace(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part = wire_displace(*part, &target.path);
}

void command_repeat(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part = wire_repeat(*part, &target.path);
}

void command_stretch(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part = wire_stretch(*part, &target.path, *line->words[2]);
}

void command_replace(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    *part = wire_replace(*part, &target.path, bytes_from_hex(line->words[2]));
}

void command_append(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = edited(forge, &target);
    *part = wire_append(*part, &target.path, bytes_from_hex(line->words[2]));
}

/* The least that makes the field say something else. */
void command_alter(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    struct bytes *part = script_part(forge, target.part);
    if (target.path.depth == 0) {
        *part = bytes_flip(*part, part->len - 1, 0);
        return;
    }
    const struct wire_field *field = wire_get(*part, &target.path);
    struct bytes value;
    if (field->type == WIRE_VARINT)
        value = wire_varint(wire_number(field) + 1);
    else if (field->value.len > 0)
        value = bytes_flip(field->value, field->value.len - 1, 0);
    else
        value = bytes_text("x");
    *part = wire_set(*part, &target.path, field->type, value);
}

void command_pack(struct forge *forge, const struct line *line)
{
    (void)line;
    forge->packed = record_pack(&forge->record);
}

void command_save(struct forge *forge, const struct line *line)
{
    uint64_t seq = line->count > 1 ? script_number(line->words[1]) : record_seq(&forge->record);
    record_save(forge->store, seq, &forge->record);
}

/* What `pack` made, and perhaps was edited since. */
void command_store(struct forge *forge, const struct line *line)
{
    store_put(forge->store, "records", bytes_u64(script_number(line->words[1])), forge->packed);
}

void command_print(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    if (target.path.depth == 0) {
        puts(bytes_to_hex(*script_part(forge, target.part)));
        return;
    }
    const struct wire_field *field = wire_get(*script_part(forge, target.part), &target.path);
    if (field->type == WIRE_VARINT)
        printf("%" PRIu64 "\n", wire_number(field));
    else
        puts(bytes_to_hex(field->value));
}

void command_print_text(struct forge *forge, const struct line *line)
{
    const struct target target = script_target(line->words[1]);
    const struct bytes text = wire_get(*script_part(forge, target.part), &target.path)->value;
    printf("%.*s\n", (int)text.len, (const char *)text.data);
}

/* Hashes, keys, salts and tags: bytes that are no message, whatever they look like. */
static bool is_opaque(struct bytes value)
{
    return value.len == 16 || value.len == 20 || value.len == 32 || value.len == 64;
}

static bool is_printable(struct bytes value)
{
    for (size_t i = 0; i < value.len; i++)
        if (value.data[i] < 0x20)
            return false;
    return true;
}

static void list_fields(const char *path, struct bytes bytes)
{
    const struct wire_message message = wire_parse(bytes);
    for (size_t i = 0; i < message.count; i++) {
        const struct wire_field *field = &message.fields[i];
        size_t which = 0;
        for (size_t k = 0; k < i; k++)
            which += message.fields[k].number == field->number;
        char *below = bytes_alloc(strlen(path) + 48);
        snprintf(below, strlen(path) + 48, "%s.%" PRIu64 "[%zu]", path, field->number, which);
        struct wire_message inner;
        if (field->type == WIRE_BYTES && !is_opaque(field->value) && !is_printable(field->value) &&
            wire_try_parse(field->value, &inner) && inner.count > 0)
            list_fields(below, field->value);
        else
            puts(below);
    }
}

/* The targets of all fields of the parts that are there. */
void command_fields(struct forge *forge, const struct line *line)
{
    static const char *const names[] = {"",        "header",     "signature", "event",
                                        "details", "statements", "salts",     "details_hash"};
    (void)line;
    for (unsigned part = 1; part < RECORD_PARTS; part++) {
        if (!forge->record.there[part])
            continue;
        if (part == RECORD_SIGNATURE || part == RECORD_DETAILS_HASH)
            puts(names[part]);
        else
            list_fields(names[part], forge->record.parts[part]);
    }
}
