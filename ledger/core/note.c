/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/note.h"

#include <inttypes.h>

#include "ledger/core/base64.h"
#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/core/utf8.h"

/* U+2014 and a space, which begin the line of a signature. */
static const char dash[] = "\xe2\x80\x94 ";
enum { DASH_LEN = sizeof dash - 1, ID_DIGITS = 2 * ML_NOTE_ID_SIZE, QUOTED = 80 };

/* The code point at the beginning of well-formed UTF-8. */
static uint32_t code_point(struct ml_span text, size_t *ret_len)
{
    uint8_t first = text.data[0];
    size_t len = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    assert(len <= text.len);
    uint32_t point = len == 1 ? first : first & (0x7fu >> len);
    for (size_t i = 1; i < len; i++)
        point = point << 6 | (text.data[i] & 0x3fu);
    *ret_len = len;
    return point;
}

/* The property White_Space of the Unicode Standard; those below U+0020 are control characters. */
static bool is_space(uint32_t point)
{
    return point == 0x20 || point == 0x85 || point == 0xa0 || point == 0x1680 ||
           (point >= 0x2000 && point <= 0x200a) || point == 0x2028 || point == 0x2029 ||
           point == 0x202f || point == 0x205f || point == 0x3000;
}

bool ml_note_name_is_good(struct ml_span name)
{
    if (name.len == 0 || !ml_utf8_is_valid(name))
        return false;
    for (size_t len; name.len > 0; name.data += len, name.len -= len) {
        uint32_t point = code_point(name, &len);
        if (point < 0x20 || point == '+' || is_space(point))
            return false;
    }
    return true;
}

int ml_vkey_make(enum ml_vkey_type type, struct ml_span name,
                 const uint8_t key[ML_ED25519_PUBLIC_SIZE], struct ml_vkey *ret_vkey)
{
    struct ml_vkey vkey = {.type = type};
    uint8_t hash[ML_HASH_SIZE], type_byte = (uint8_t)type;
    if (name.len > ML_NOTE_NAME_MAX || !ml_note_name_is_good(name))
        return ml_fail(MLEDGER_EUSAGE,
                       "'%.*s' cannot name a key on a signed note: "
                       "it is empty or too long, or has a space, '+' or control character in it",
                       (int)(name.len < QUOTED ? name.len : QUOTED), (const char *)name.data);
    const struct ml_span parts[] = {name, ML_SPAN("\n", 1), ML_SPAN(&type_byte, 1),
                                    ML_SPAN(key, ML_ED25519_PUBLIC_SIZE)};
    ML_TRY(ml_sha256(hash, parts, ML_COUNT(parts)));
    memcpy(vkey.id, hash, ML_NOTE_ID_SIZE);
    memcpy(vkey.key, key, ML_ED25519_PUBLIC_SIZE);
    memcpy(vkey.name, name.data, name.len);
    *ret_vkey = vkey;
    return MLEDGER_OK;
}

static int bad_vkey(struct ml_span text, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "'%.*s' is no verifier key: %s",
                   (int)(text.len < QUOTED ? text.len : QUOTED), (const char *)text.data, what);
}

/* Parts name+id+base64; base64 may have a '+' in it. */
static bool split_vkey(struct ml_span text, struct ml_span parts[3])
{
    struct ml_span rest = text;
    for (int i = 0; i < 2; i++) {
        const uint8_t *plus = rest.len > 0 ? memchr(rest.data, '+', rest.len) : NULL;
        if (!plus)
            return false;
        parts[i] = ML_SPAN(rest.data, (size_t)(plus - rest.data));
        rest = ML_SPAN(plus + 1, rest.len - parts[i].len - 1);
    }
    parts[2] = rest;
    return true;
}

int ml_vkey_parse(struct ml_span text, struct ml_vkey *ret_vkey)
{
    struct ml_span parts[3];
    uint8_t id[ML_NOTE_ID_SIZE], typed[1 + ML_ED25519_PUBLIC_SIZE];
    struct ml_vkey vkey;
    if (!ml_utf8_is_text(text))
        return ml_fail(MLEDGER_EINVALID, "a verifier key is not UTF-8 text");
    if (!split_vkey(text, parts))
        return bad_vkey(text, "it is not NAME+ID+BASE64");
    if (parts[0].len > ML_NOTE_NAME_MAX || !ml_note_name_is_good(parts[0]))
        return bad_vkey(text, "its name is empty or too long, or has a space in it");
    if (parts[1].len != ID_DIGITS ||
        ml_hex_decode((const char *)parts[1].data, parts[1].len, id, sizeof id) < 0)
        return bad_vkey(text, "its id is not 8 lower-case hexadecimal digits");
    if (ml_base64_decode((const char *)parts[2].data, parts[2].len, typed, sizeof typed) < 0)
        return bad_vkey(text, "its key is not a type and 32 bytes in base64");
    if (typed[0] != ML_VKEY_ED25519 && typed[0] != ML_VKEY_COSIGNATURE)
        return bad_vkey(text, "it is of a type that is not known here");
    ML_TRY(ml_vkey_make((enum ml_vkey_type)typed[0], parts[0], typed + 1, &vkey));
    if (memcmp(vkey.id, id, sizeof id) != 0)
        return bad_vkey(text, "its id is not that of its name and key");
    int result = ml_ed25519_key_check(ML_SPAN(vkey.key, sizeof vkey.key));
    if (result == MLEDGER_EINVALID)
        return bad_vkey(text, "its key is none that can be trusted");
    ML_TRY(result);
    *ret_vkey = vkey;
    return MLEDGER_OK;
}

int ml_vkey_write(const struct ml_vkey *vkey, struct ml_buf *buf)
{
    uint8_t typed[1 + ML_ED25519_PUBLIC_SIZE] = {(uint8_t)vkey->type};
    memcpy(typed + 1, vkey->key, ML_ED25519_PUBLIC_SIZE);
    ML_TRY(ml_buf_append_text(buf, vkey->name));
    ML_TRY(ml_buf_append_char(buf, '+'));
    ML_TRY(ml_hex_append(buf, vkey->id, ML_NOTE_ID_SIZE));
    ML_TRY(ml_buf_append_char(buf, '+'));
    return ml_base64_append(buf, typed, sizeof typed);
}

static int no_note(const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "not a signed note: %s", what);
}

static int check_characters(struct ml_span bytes)
{
    if (bytes.len > ML_NOTE_MAX)
        return no_note("it is longer than 1000000 bytes");
    if (!ml_utf8_is_valid(bytes))
        return no_note("it is not UTF-8");
    for (size_t i = 0; i < bytes.len; i++)
        if (bytes.data[i] < 0x20 && bytes.data[i] != '\n')
            return no_note("it has a control character in it");
    return MLEDGER_OK;
}

/* Where the text ends and the signatures begin: at the last empty line. */
static bool split_note(struct ml_span bytes, struct ml_span *ret_text, struct ml_span *ret_lines)
{
    for (size_t i = bytes.len; i >= 2; i--) {
        if (bytes.data[i - 1] != '\n' || bytes.data[i - 2] != '\n')
            continue;
        *ret_text = ML_SPAN(bytes.data, i - 1);
        *ret_lines = ML_SPAN(bytes.data + i, bytes.len - i);
        return true;
    }
    return false;
}

/* `line` is without its line feed. There is room for all that is decoded. */
static int parse_signature(struct ml_span line, struct ml_note *note)
{
    if (line.len < DASH_LEN || memcmp(line.data, dash, DASH_LEN) != 0)
        return no_note("a line after the text is no signature");
    struct ml_span name = {line.data + DASH_LEN, line.len - DASH_LEN};
    const uint8_t *space = name.len > 0 ? memchr(name.data, ' ', name.len) : NULL;
    if (!space)
        return no_note("a signature has no name or no value");
    size_t value_len = name.len - (size_t)(space - name.data) - 1;
    name.len = (size_t)(space - name.data);
    if (!ml_note_name_is_good(name))
        return no_note("a signature's name has a space or '+' in it, or is empty");
    if (note->count == ML_NOTE_SIGNATURES_MAX)
        return no_note("it has more than 100 signatures");
    size_t before = note->decoded.len;
    int result = ml_base64_append_decoded(&note->decoded, (const char *)space + 1, value_len);
    if (result == MLEDGER_EINVALID ||
        (result >= 0 && note->decoded.len - before <= ML_NOTE_ID_SIZE))
        return no_note("a signature is not a key id and more in base64");
    ML_TRY(result);
    const uint8_t *value = note->decoded.data + before;
    note->signatures[note->count++] = (struct ml_note_signature){
        .line = {line.data, line.len + 1},
        .name = name,
        .id = {value, ML_NOTE_ID_SIZE},
        .bytes = {value + ML_NOTE_ID_SIZE, note->decoded.len - before - ML_NOTE_ID_SIZE},
    };
    return MLEDGER_OK;
}

int ml_note_parse(struct ml_span bytes, struct ml_note *ret_note)
{
    struct ml_span lines;
    *ret_note = (struct ml_note){0};
    ML_TRY(check_characters(bytes));
    if (!split_note(bytes, &ret_note->text, &lines))
        return no_note("no empty line parts text and signatures");
    if (lines.len == 0)
        return no_note("it has no signatures");
    if (lines.data[lines.len - 1] != '\n')
        return no_note("its last line does not end");
    ML_TRY(ml_buf_reserve(&ret_note->decoded, lines.len)); /* so that it never moves */
    while (lines.len > 0) {
        const uint8_t *end = memchr(lines.data, '\n', lines.len);
        struct ml_span line = {lines.data, (size_t)(end - lines.data)};
        ML_TRY(parse_signature(line, ret_note));
        lines = ML_SPAN(end + 1, lines.len - line.len - 1);
    }
    return MLEDGER_OK;
}

void ml_note_release(struct ml_note *note)
{
    ml_buf_release(&note->decoded);
    *note = (struct ml_note){0};
}

static bool is_by(const struct ml_note_signature *signature, const struct ml_vkey *key)
{
    return ml_span_equal(signature->name, ML_SPAN(key->name, strlen(key->name))) &&
           memcmp(signature->id.data, key->id, ML_NOTE_ID_SIZE) == 0;
}

bool ml_note_names(const struct ml_note *note, const struct ml_vkey *key)
{
    for (size_t i = 0; i < note->count; i++)
        if (is_by(&note->signatures[i], key))
            return true;
    return false;
}

int ml_cosignature_message(struct ml_span text, int64_t time, struct ml_buf *buf)
{
    assert(time >= 0);
    ML_TRY(ml_buf_printf(buf, "cosignature/v1\ntime %" PRIi64 "\n", time));
    return ml_buf_append(buf, text.data, text.len);
}

/* MLEDGER_EINVALID also for a time past 2^63 - 1. */
static int verify_cosignature(struct ml_span text, struct ml_span bytes, const struct ml_vkey *key,
                              int64_t *ret_time)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf message = {0};
    uint64_t time = 0;
    if (bytes.len != ML_COSIGNATURE_SIZE)
        return MLEDGER_EINVALID;
    for (int i = 0; i < 8; i++)
        time = time << 8 | bytes.data[i];
    if (time > INT64_MAX)
        return MLEDGER_EINVALID;
    ML_TRY(ml_cosignature_message(text, (int64_t)time, &message));
    ML_TRY(
        ml_ed25519_verify(ML_SPAN(bytes.data + 8, bytes.len - 8), ml_buf_span(&message), key->key));
    *ret_time = (int64_t)time;
    return MLEDGER_OK;
}

static int verify_one(const struct ml_note *note, const struct ml_note_signature *signature,
                      const struct ml_vkey *key, struct ml_note_seal *seal)
{
    int64_t time = 0;
    int result = key->type == ML_VKEY_COSIGNATURE
                     ? verify_cosignature(note->text, signature->bytes, key, &time)
                     : ml_ed25519_verify(signature->bytes, note->text, key->key);
    if (result == MLEDGER_EINVALID)
        return ml_fail(MLEDGER_EINVALID, "the signature of '%s' on the note does not hold",
                       key->name);
    ML_TRY(result);
    seal->valid = true;
    if (time > seal->time)
        seal->time = time;
    return MLEDGER_OK;
}

int ml_note_verify(const struct ml_note *note, const struct ml_vkey *keys, size_t n_keys,
                   struct ml_note_seal *ret_seals)
{
    bool any = false;
    ML_CLEANUP(ml_freep) struct ml_note_seal *seals = ml_calloc(n_keys + 1, sizeof *seals);
    if (!seals)
        return ml_fail_memory();
    for (size_t i = 0; i < note->count; i++)
        for (size_t k = 0; k < n_keys; k++)
            if (is_by(&note->signatures[i], &keys[k])) {
                ML_TRY(verify_one(note, &note->signatures[i], &keys[k], &seals[k]));
                any = true;
            }
    if (!any)
        return ml_fail(MLEDGER_EINVALID, "the note bears no signature by a key that is trusted");
    if (ret_seals)
        memcpy(ret_seals, seals, n_keys * sizeof *seals);
    return MLEDGER_OK;
}

int ml_note_append_signature(struct ml_buf *buf, const struct ml_vkey *vkey,
                             struct ml_span signature)
{
    uint8_t value[ML_NOTE_ID_SIZE + ML_COSIGNATURE_SIZE];
    assert(signature.len <= ML_COSIGNATURE_SIZE);
    memcpy(value, vkey->id, ML_NOTE_ID_SIZE);
    memcpy(value + ML_NOTE_ID_SIZE, signature.data, signature.len);
    ML_TRY(ml_buf_printf(buf, "%s%s ", dash, vkey->name));
    ML_TRY(ml_base64_append(buf, value, ML_NOTE_ID_SIZE + signature.len));
    return ml_buf_append_char(buf, '\n');
}
