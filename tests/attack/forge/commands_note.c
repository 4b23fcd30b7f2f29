/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What travels. Signed notes (C2SP signed-note v1.0.0): any text, signed as a log or a witness
 * would; what it says, and whether it may be signed, is the attack's business. And the record at
 * hand as a line of an export, whatever it is.
 */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "tests/attack/forge/script.h"

enum { ALGORITHM_ED25519 = 1, ALGORITHM_COSIGNATURE = 4, KEY_ID_SIZE = 4 };

static const char *base64(struct bytes bytes)
{
    size_t size = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    char *text = bytes_alloc(size);
    return sodium_bin2base64(text, size, bytes.data, bytes.len, sodium_base64_VARIANT_ORIGINAL);
}

static struct bytes key_id(const char *name, uint8_t algorithm, struct bytes public_key)
{
    const struct bytes parts[] = {bytes_text(name), bytes_text("\n"), bytes_copy(&algorithm, 1),
                                  public_key};
    return bytes_slice(seal_sha256(bytes_join(parts, 4)), 0, KEY_ID_SIZE);
}

static void print_signature(const char *name, struct bytes id, struct bytes signature)
{
    printf("\u2014 %s %s\n", name, base64(bytes_join2(id, signature)));
}

/* The note's text ends where its signatures begin; a text alone has none. */
static struct bytes text_of(struct bytes note)
{
    for (size_t i = 0; i + 1 < note.len; i++)
        if (memcmp(note.data + i, "\n\n", 2) == 0)
            return bytes_slice(note, 0, i + 1);
    return note;
}

/* Prints the file's text as a note that the key has signed; the first line is its name, unless
 * another is given. */
void command_note(struct forge *forge, const struct line *line)
{
    (void)forge;
    const struct seal_key key = seal_key_read(line->words[2]);
    struct bytes text = bytes_from_file(line->words[1]);
    size_t len = 0;
    while (len < text.len && text.data[len] != '\n')
        len++;
    const char *name = (const char *)bytes_join2(bytes_slice(text, 0, len), bytes_copy("", 1)).data;
    if (line->count > 3)
        name = line->words[3];
    fwrite(text.data, 1, text.len, stdout);
    putchar('\n');
    print_signature(name, key_id(name, ALGORITHM_ED25519, key.public_key), seal_sign(&key, text));
}

/* Prints one more line of a note: a witness's cosignature/v1. */
void command_cosign(struct forge *forge, const struct line *line)
{
    (void)forge;
    const struct seal_key key = seal_key_read(line->words[2]);
    uint64_t time = script_number(line->words[4]);
    char head[64];
    snprintf(head, sizeof head, "cosignature/v1\ntime %" PRIu64 "\n", time);
    struct bytes message = bytes_join2(bytes_text(head), text_of(bytes_from_file(line->words[1])));
    print_signature(line->words[3], key_id(line->words[3], ALGORITHM_COSIGNATURE, key.public_key),
                    bytes_join2(bytes_u64(time), seal_sign(&key, message)));
}

/* Prints the verifier key of a witness. */
void command_witness(struct forge *forge, const struct line *line)
{
    (void)forge;
    const uint8_t algorithm = ALGORITHM_COSIGNATURE;
    const struct seal_key key = seal_key_read(line->words[1]);
    printf("%s+%s+%s\n", line->words[2],
           bytes_to_hex(key_id(line->words[2], algorithm, key.public_key)),
           base64(bytes_join2(bytes_copy(&algorithm, 1), key.public_key)));
}

void command_base64(struct forge *forge, const struct line *line)
{
    puts(base64(script_value(forge, line->words[1]).bytes));
}

/* ,"NAME":"BASE64" */
static void print_part(const struct record *record, enum record_part part, const char *name)
{
    if (record->there[part])
        printf(",\"%s\":\"%s\"", name, base64(record->parts[part]));
}

static void print_salts(const struct record *record)
{
    static const char *const names[] = {"", "event", "details", "statements"};
    const struct wire_message salts = wire_parse(record->parts[RECORD_SALTS]);
    fputs(",\"salts\":{", stdout);
    for (size_t i = 0; i < salts.count; i++)
        printf("%s\"%s\":\"%s\"", i ? "," : "", names[salts.fields[i].number & 3],
               bytes_to_hex(salts.fields[i].value));
    putchar('}');
}

/* docs/FORMAT.md, section 11. The seq may be said to be another than the header's. */
void command_export(struct forge *forge, const struct line *line)
{
    const struct record *record = &forge->record;
    uint64_t seq = line->count > 1 ? script_number(line->words[1]) : record_seq(record);
    printf("{\"seq\":%" PRIu64 ",\"dsse\":{\"payloadType\":"
           "\"application/vnd.mledger.header.v1+protobuf\",\"payload\":\"%s\",",
           seq, base64(record->parts[RECORD_HEADER]));
    printf("\"signatures\":[{\"keyid\":\"%s\",\"sig\":\"%s\"}]}",
           bytes_to_hex(record_header_bytes(record, HEADER_SIGNER)),
           base64(record->parts[RECORD_SIGNATURE]));
    print_part(record, RECORD_EVENT, "event");
    print_part(record, RECORD_DETAILS, "details");
    print_part(record, RECORD_STATEMENTS, "statements");
    print_salts(record);
    if (record->there[RECORD_DETAILS_HASH])
        printf(",\"details_hash\":\"%s\"", bytes_to_hex(record->parts[RECORD_DETAILS_HASH]));
    puts("}");
}
