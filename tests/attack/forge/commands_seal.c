/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that make a record fit again: hashes, signatures, statements, tags, the chain. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "tests/attack/forge/script.h"

enum { KEYS_MAX = 64, TAGS_MAX = 64 };

/* Numbers of the fields of Statement and SignedStatement. */
enum {
    STATEMENT_LEDGER = 1,
    STATEMENT_SUBJECT,
    STATEMENT_MEANING,
    STATEMENT_SEEN_SEQ,
    STATEMENT_SEEN_LINK,
    STATEMENT_NONCE,
    STATEMENT_EXPIRY,
};
enum { SIGNED_STATEMENT = 1, SIGNED_KEY, SIGNED_SIGNATURE };

void command_seal(struct forge *forge, const struct line *line)
{
    (void)line;
    record_seal(&forge->record);
}

void command_chain(struct forge *forge, const struct line *line)
{
    (void)line;
    const struct record before = record_load(forge->store, record_seq(&forge->record) - 1);
    record_set_bytes(&forge->record, HEADER_PREV_LINK, record_link(&before));
}

/* The tags of these subjects; the record at hand may be one. */
void command_tags(struct forge *forge, const struct line *line)
{
    struct bytes tags[TAGS_MAX], salt;
    uint64_t seq = record_seq(&forge->record);
    size_t count = 0;
    if (line->count - 1 > TAGS_MAX)
        die("too many tags");
    for (size_t i = 1; i < line->count; i++) {
        uint64_t subject = script_number(line->words[i]);
        const struct record creator =
            subject == seq ? forge->record : record_load(forge->store, subject);
        if (!record_subject_salt(&creator, &salt))
            die("record %s creates no subject", line->words[i]);
        tags[count++] = record_tag(salt, seq);
    }
    record_set_tags(&forge->record, tags, count);
}

void command_sign(struct forge *forge, const struct line *line)
{
    const struct seal_key key = seal_key_read(line->words[1]);
    record_set_bytes(&forge->record, HEADER_SIGNER, key.public_key);
    record_sign(&forge->record, &key);
}

void command_signature(struct forge *forge, const struct line *line)
{
    const struct seal_key key = seal_key_read(line->words[1]);
    record_sign(&forge->record, &key);
}

static uint64_t meaning_number(const char *word)
{
    static const char *const words[] = {"",         "authored",  "reviewed",
                                        "approved", "requested", "possession"};
    for (uint64_t i = 1; i < sizeof words / sizeof *words; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    die("no statement means '%s'", word);
}

static struct bytes field(uint64_t number, struct value value)
{
    return wire_encode(number, value.type, value.bytes);
}

/* What a statement says unless the line says otherwise: NAME=VALUE. */
static struct value statement_field(struct forge *forge, const struct line *line, const char *name,
                                    struct value otherwise)
{
    size_t len = strlen(name);
    for (size_t i = 3; i < line->count; i++)
        if (strncmp(line->words[i], name, len) == 0 && line->words[i][len] == '=')
            return script_value(forge, line->words[i] + len + 1);
    return otherwise;
}

static struct value number_value(uint64_t number)
{
    return (struct value){WIRE_VARINT, wire_varint(number)};
}

static struct value bytes_value(struct bytes bytes)
{
    return (struct value){WIRE_BYTES, bytes};
}

static struct bytes make_statement(struct forge *forge, const struct line *line)
{
    struct value seen =
        statement_field(forge, line, "seen", number_value(record_seq(&forge->record) - 1));
    const struct wire_field seen_field = {.type = WIRE_VARINT, .value = seen.bytes};
    const struct record seen_record = record_load(forge->store, wire_number(&seen_field));
    struct value identity = script_value(forge, "identity");
    const struct bytes parts[] = {
        field(STATEMENT_LEDGER, statement_field(forge, line, "ledger", identity)),
        field(STATEMENT_SUBJECT, bytes_value(record_subject(&forge->record))),
        field(STATEMENT_MEANING, number_value(meaning_number(line->words[2]))),
        field(STATEMENT_SEEN_SEQ, seen),
        field(STATEMENT_SEEN_LINK,
              statement_field(forge, line, "link", bytes_value(record_link(&seen_record)))),
        field(STATEMENT_NONCE, statement_field(forge, line, "nonce", bytes_value(seal_random(16)))),
    };
    struct bytes statement = bytes_join(parts, sizeof parts / sizeof *parts);
    struct value expiry = statement_field(forge, line, "expiry", number_value(0));
    if (expiry.bytes.len == 1)
        return statement;
    return bytes_join2(statement, field(STATEMENT_EXPIRY, expiry));
}

static struct bytes sign_statement(const struct seal_key *key, struct bytes statement)
{
    const struct bytes parts[] = {
        wire_encode(SIGNED_STATEMENT, WIRE_BYTES, statement),
        wire_encode(SIGNED_KEY, WIRE_BYTES, key->public_key),
        wire_encode(SIGNED_SIGNATURE, WIRE_BYTES, seal_sign(key, seal_pae("statement", statement))),
    };
    return bytes_join(parts, 3);
}

/* One more statement, of this key, on the event and details at hand. */
void command_state(struct forge *forge, const struct line *line)
{
    const struct seal_key key = seal_key_read(line->words[1]);
    struct bytes *statements = &forge->record.parts[RECORD_STATEMENTS];
    forge->record.there[RECORD_STATEMENTS] = true;
    *statements = bytes_join2(
        *statements, wire_encode(1, WIRE_BYTES, sign_statement(&key, make_statement(forge, line))));
}

/* Signs a statement anew, as its bytes are now. */
void command_restate(struct forge *forge, const struct line *line)
{
    const struct seal_key key = seal_key_read(line->words[2]);
    struct bytes *statements = &forge->record.parts[RECORD_STATEMENTS];
    struct wire_path path = {
        .depth = 2,
        .steps = {{.number = 1, .which = script_number(line->words[1])}, {.number = 1}}};
    struct bytes statement = wire_get(*statements, &path)->value;
    path.depth = 1;
    *statements = wire_set(*statements, &path, WIRE_BYTES, sign_statement(&key, statement));
}

/* --- the whole chain -----------------------------------------------------------------------------
 */

struct keys {
    size_t count;
    struct seal_key keys[KEYS_MAX];
};

static struct keys read_keys(const char *dir)
{
    struct keys keys = {0};
    DIR *stream = opendir(dir);
    if (!stream)
        die("cannot open '%s'", dir);
    for (const struct dirent *entry; (entry = readdir(stream));) {
        size_t len = strlen(entry->d_name), room = strlen(dir) + len + 2;
        if (len < 4 || strcmp(entry->d_name + len - 4, ".key") != 0 || keys.count == KEYS_MAX)
            continue;
        char *path = bytes_alloc(room);
        snprintf(path, room, "%s/%s", dir, entry->d_name);
        keys.keys[keys.count++] = seal_key_read(path);
    }
    closedir(stream);
    return keys;
}

static const struct seal_key *find_key(const struct keys *keys, struct bytes public_key)
{
    for (size_t i = 0; i < keys->count; i++)
        if (bytes_equal(keys->keys[i].public_key, public_key))
            return &keys->keys[i];
    return NULL;
}

/* What changed since the statement was made: identity, seen_link, subject. */
static struct bytes rebuild_statement(struct forge *forge, struct bytes statement)
{
    static const uint64_t numbers[] = {STATEMENT_LEDGER, STATEMENT_SUBJECT, STATEMENT_SEEN_LINK};
    struct wire_path path = {.depth = 1, .steps = {{.number = STATEMENT_SEEN_SEQ}}};
    const struct record seen = record_load(forge->store, wire_number(wire_get(statement, &path)));
    const struct bytes values[] = {script_value(forge, "identity").bytes,
                                   record_subject(&forge->record), record_link(&seen)};
    for (size_t i = 0; i < 3; i++) {
        path.steps[0].number = numbers[i];
        statement = wire_set(statement, &path, WIRE_BYTES, values[i]);
    }
    return statement;
}

static void rebuild_statements(struct forge *forge, const struct keys *keys)
{
    struct bytes *part = &forge->record.parts[RECORD_STATEMENTS], out = {0};
    if (!forge->record.there[RECORD_STATEMENTS])
        return;
    const struct wire_message statements = wire_parse(*part);
    for (size_t i = 0; i < statements.count; i++) {
        const struct wire_message one = wire_parse(statements.fields[i].value);
        const struct seal_key *key =
            find_key(keys, wire_find(&one, (struct wire_step){.number = SIGNED_KEY})->value);
        struct bytes statement =
            wire_find(&one, (struct wire_step){.number = SIGNED_STATEMENT})->value;
        struct bytes raw = wire_raw(&statements.fields[i]);
        if (key)
            raw = wire_encode(1, WIRE_BYTES,
                              sign_statement(key, rebuild_statement(forge, statement)));
        out = bytes_join2(out, raw);
    }
    *part = out;
}

/* Whoever has all salts finds whose tag it is by trying them. */
static struct bytes retag(struct forge *forge, struct bytes tag, uint64_t old_seq, uint64_t seq)
{
    struct bytes salt;
    if (record_subject_salt(&forge->record, &salt) && bytes_equal(record_tag(salt, old_seq), tag))
        return record_tag(salt, seq);
    for (uint64_t i = 0; i < seq; i++) {
        const struct record creator = record_load(forge->store, i);
        if (record_subject_salt(&creator, &salt) && bytes_equal(record_tag(salt, old_seq), tag))
            return record_tag(salt, seq);
    }
    return tag;
}

static void rebuild_tags(struct forge *forge, uint64_t old_seq, uint64_t seq)
{
    struct bytes tags[TAGS_MAX];
    size_t count = 0;
    const struct wire_message header = wire_parse(forge->record.parts[RECORD_HEADER]);
    for (size_t i = 0; i < header.count; i++)
        if (header.fields[i].number == HEADER_SUBJECT_TAGS && count < TAGS_MAX)
            tags[count++] = retag(forge, header.fields[i].value, old_seq, seq);
    record_set_tags(&forge->record, tags, count);
}

/* Numbers, tags, statements, commitments, links and signatures from a record on, as far as the
 * folder holds the keys. */
void command_rebuild(struct forge *forge, const struct line *line)
{
    const struct keys keys = read_keys(line->words[2]);
    size_t count = store_count(forge->store, "records");
    for (uint64_t seq = script_number(line->words[1]); seq < count; seq++) {
        forge->record = record_load(forge->store, seq);
        uint64_t old_seq = record_seq(&forge->record);
        record_set_number(&forge->record, HEADER_SEQ, seq);
        rebuild_tags(forge, old_seq, seq);
        rebuild_statements(forge, &keys);
        record_seal(&forge->record);
        if (seq > 0)
            command_chain(forge, NULL);
        const struct seal_key *key =
            find_key(&keys, record_header_bytes(&forge->record, HEADER_SIGNER));
        if (key)
            record_sign(&forge->record, key);
        record_save(forge->store, seq, &forge->record);
    }
}
