/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct name {
    const char *name;
    unsigned number;
};

static const struct name part_names[] = {
    {"header", RECORD_HEADER},
    {"signature", RECORD_SIGNATURE},
    {"event", RECORD_EVENT},
    {"details", RECORD_DETAILS},
    {"statements", RECORD_STATEMENTS},
    {"salts", RECORD_SALTS},
    {"details_hash", RECORD_DETAILS_HASH},
    {"packed", PART_PACKED},
};

static const struct name header_names[] = {
    {"format", HEADER_FORMAT},
    {"schema", HEADER_SCHEMA},
    {"seq", HEADER_SEQ},
    {"prev_link", HEADER_PREV_LINK},
    {"recorded_at", HEADER_RECORDED_AT},
    {"signer", HEADER_SIGNER},
    {"kind", HEADER_KIND},
    {"commitment", HEADER_COMMITMENT},
    {"subject_tags", HEADER_SUBJECT_TAGS},
};

/* 0: none bears the name. */
static unsigned find_name(const struct name *names, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(names[i].name) == len && memcmp(names[i].name, text, len) == 0)
            return names[i].number;
    return 0;
}

uint64_t script_number(const char *word)
{
    char *end;
    errno = 0;
    uint64_t number = strtoull(word, &end, 10);
    if (*word == '\0' || *end != '\0' || errno != 0)
        die("'%s' is no number", word);
    return number;
}

/* NUMBER or NUMBER[WHICH]; of a header a name too. */
static struct wire_step read_step(const char *text, size_t len, bool header)
{
    struct wire_step step = {0};
    const char *bracket = memchr(text, '[', len);
    size_t name_len = bracket ? (size_t)(bracket - text) : len;
    if (bracket)
        step.which = strtoull(bracket + 1, NULL, 10);
    if (header)
        step.number =
            find_name(header_names, sizeof header_names / sizeof *header_names, text, name_len);
    if (step.number == 0)
        step.number = strtoull(text, NULL, 10);
    if (step.number == 0)
        die("'%.*s' is no field", (int)len, text);
    return step;
}

struct target script_target(const char *word)
{
    size_t len = strcspn(word, ".");
    struct target target = {
        .part = find_name(part_names, sizeof part_names / sizeof *part_names, word, len)};
    if (target.part == 0)
        die("'%s' begins with no part of a record", word);
    for (word += len; *word == '.'; word += len) {
        word++;
        len = strcspn(word, ".");
        if (target.path.depth == WIRE_DEPTH)
            die("too deep");
        target.path.steps[target.path.depth] =
            read_step(word, len, target.part == RECORD_HEADER && target.path.depth == 0);
        target.path.depth++;
    }
    return target;
}

struct bytes *script_part(struct forge *forge, unsigned part)
{
    return part == PART_PACKED ? &forge->packed : &forge->record.parts[part];
}

/* What stands behind the prefix; NULL: it begins otherwise. */
static const char *behind(const char *word, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(word, prefix, len) == 0 ? word + len : NULL;
}

static struct bytes zeros(uint64_t len)
{
    return (struct bytes){bytes_alloc(len), len};
}

/* N:HEX */
static struct bytes times(const char *word)
{
    size_t len = strcspn(word, ":");
    struct bytes number = bytes_join2(bytes_copy(word, len), bytes_copy("", 1));
    if (word[len] == '\0')
        die("'%s' says no number and bytes", word);
    struct bytes one = bytes_from_hex(word + len + 1);
    uint64_t count = script_number((const char *)number.data);
    uint8_t *all = bytes_alloc(count * one.len);
    for (uint64_t i = 0; i < count; i++)
        memcpy(all + i * one.len, one.data, one.len);
    return (struct bytes){all, count * one.len};
}

static struct bytes leaf_of(struct store *store, uint64_t seq)
{
    const struct record record = record_load(store, seq);
    return record_leaf(&record);
}

static struct bytes link_of(struct store *store, uint64_t seq)
{
    const struct record record = record_load(store, seq);
    return record_link(&record);
}

/* Values that are bytes; false: it is none. */
static bool read_bytes(struct forge *forge, const char *word, struct bytes *ret_bytes)
{
    const char *rest;
    if ((rest = behind(word, "hex:")))
        *ret_bytes = bytes_from_hex(rest);
    else if ((rest = behind(word, "text:")))
        *ret_bytes = bytes_text(rest);
    else if ((rest = behind(word, "zeros:")))
        *ret_bytes = zeros(script_number(rest));
    else if ((rest = behind(word, "times:")))
        *ret_bytes = times(rest);
    else if ((rest = behind(word, "key:")))
        *ret_bytes = seal_key_read(rest).public_key;
    else if ((rest = behind(word, "link:")))
        *ret_bytes = link_of(forge->store, script_number(rest));
    else if ((rest = behind(word, "leaf:")))
        *ret_bytes = leaf_of(forge->store, script_number(rest));
    else if ((rest = behind(word, "root:")))
        *ret_bytes = record_root(forge->store, script_number(rest));
    else if ((rest = behind(word, "file:")))
        *ret_bytes = bytes_from_file(rest);
    else if (strcmp(word, "details-hash") == 0)
        *ret_bytes = record_part_hash(&forge->record, RECORD_DETAILS);
    else if (strcmp(word, "identity") == 0)
        *ret_bytes = leaf_of(forge->store, 0);
    else
        return false;
    return true;
}

struct value script_value(struct forge *forge, const char *word)
{
    struct bytes bytes;
    const char *rest = behind(word, "double:");
    if (rest)
        return (struct value){WIRE_FIXED64, bytes_from_hex(rest)};
    if (read_bytes(forge, word, &bytes))
        return (struct value){WIRE_BYTES, bytes};
    /* A negative number is the varint of its two's complement. */
    uint64_t number = *word == '-' ? 0 - script_number(word + 1) : script_number(word);
    return (struct value){WIRE_VARINT, wire_varint(number)};
}

struct record script_record(struct forge *forge, const char *word)
{
    const char *hash = strchr(word, '#');
    if (!hash)
        return record_load(forge->store, script_number(word));
    struct bytes dir = bytes_join2(bytes_copy(word, (size_t)(hash - word)), bytes_copy("", 1));
    struct store *other = store_open((const char *)dir.data, false);
    struct record record = record_load(other, script_number(hash + 1));
    store_close(other);
    return record;
}
