/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/keytext.h"

#include <sodium.h>
#include <stdio.h>

#include "ledger/core/base64.h"
#include "ledger/core/hex.h"

static_assert(ML_KEYTEXT_SALT_SIZE == crypto_pwhash_SALTBYTES, "libsodium's size");
static_assert(ML_KEYTEXT_NONCE_SIZE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "libsodium's");
static_assert(ML_KEYTEXT_BOX_SIZE ==
                  ML_ED25519_SEED_SIZE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
              "libsodium's size");

/* The text as far as it is not read yet. */
struct lines {
    const char *at;
    const char *end;
    unsigned number; /* of the line read last, from 1 */
};

/* The value that follows a name on its line. */
struct value {
    const char *text;
    size_t len;
};

static int wrong_line(const struct lines *lines, const char *what)
{
    return ml_fail(MLEDGER_EINVALID, "line %u: %s", lines->number, what);
}

/* Adds the line to an error of decoding. */
static int at_line(const struct lines *lines, int result)
{
    return result < 0 ? ml_prefix("line %u", lines->number) : result;
}

static bool begins_with(const struct lines *lines, const char *name)
{
    size_t len = strlen(name);
    return (size_t)(lines->end - lines->at) > len && memcmp(lines->at, name, len) == 0 &&
           lines->at[len] == ' ';
}

static int take(struct lines *lines, const char *name, struct value *ret_value)
{
    lines->number++;
    if (!begins_with(lines, name))
        return ml_fail(MLEDGER_EINVALID, "line %u: it does not begin with '%s '", lines->number,
                       name);
    const char *value = lines->at + strlen(name) + 1;
    const char *newline = memchr(value, '\n', (size_t)(lines->end - value));
    if (!newline)
        return wrong_line(lines, "it is cut short");
    *ret_value = (struct value){.text = value, .len = (size_t)(newline - value)};
    lines->at = newline + 1;
    return MLEDGER_OK;
}

static int take_hex(struct lines *lines, const char *name, uint8_t *ret_bytes, size_t len)
{
    struct value value = {0};
    ML_TRY(take(lines, name, &value));
    return at_line(lines, ml_hex_decode(value.text, value.len, ret_bytes, len));
}

static int take_base64(struct lines *lines, const char *name, uint8_t *ret_bytes, size_t len)
{
    struct value value = {0};
    ML_TRY(take(lines, name, &value));
    return at_line(lines, ml_base64_decode(value.text, value.len, ret_bytes, len));
}

static int take_purpose(struct lines *lines, enum mledger_key_purpose *ret_purpose)
{
    struct value value = {0};
    ML_TRY(take(lines, "purpose", &value));
    for (int purpose = MLEDGER_KEY_SIGNER; purpose <= MLEDGER_KEY_WITNESS; purpose++) {
        const char *name = mledger_key_purpose_name((enum mledger_key_purpose)purpose);
        if (strlen(name) == value.len && memcmp(name, value.text, value.len) == 0) {
            *ret_purpose = (enum mledger_key_purpose)purpose;
            return MLEDGER_OK;
        }
    }
    return wrong_line(lines, "there is no such purpose");
}

static int take_label(struct lines *lines, char ret_label[MLEDGER_KEY_LABEL_MAX + 1])
{
    struct value value = {0};
    ML_TRY(take(lines, "label", &value));
    if (!ml_key_label_is_good(ML_SPAN(value.text, value.len)))
        return wrong_line(lines, "the label is empty, too long, or no plain UTF-8");
    memcpy(ret_label, value.text, value.len);
    ret_label[value.len] = '\0';
    return MLEDGER_OK;
}

static int take_public(struct lines *lines, uint8_t ret_key[ML_ED25519_PUBLIC_SIZE])
{
    ML_TRY(take_hex(lines, "public", ret_key, ML_ED25519_PUBLIC_SIZE));
    return at_line(lines, ml_ed25519_key_check(ML_SPAN(ret_key, ML_ED25519_PUBLIC_SIZE)));
}

/* A number and the space after it, off the front of the value. */
static bool split_number(struct value *value, uint32_t *ret_number)
{
    uint64_t number = 0;
    size_t len = 0;
    while (len < value->len && value->text[len] >= '0' && value->text[len] <= '9' && len < 10)
        number = number * 10 + (uint64_t)(value->text[len++] - '0');
    bool leading_zero = len > 1 && value->text[0] == '0';
    if (len == 0 || leading_zero || number > UINT32_MAX || len == value->len ||
        value->text[len] != ' ')
        return false;
    value->text += len + 1;
    value->len -= len + 1;
    *ret_number = (uint32_t)number;
    return true;
}

static int take_cost(struct lines *lines, struct ml_keytext *text)
{
    struct value value = {0};
    ML_TRY(take(lines, "argon2id", &value));
    if (!split_number(&value, &text->passes) || !split_number(&value, &text->memory_kib))
        return wrong_line(lines, "passes and memory are no plain numbers");
    if (text->passes < 1 || text->passes > ML_KEYTEXT_PASSES_MAX)
        return wrong_line(lines, "the number of passes is not 1 to 16");
    if (text->memory_kib < ML_KEYTEXT_MEMORY_KIB_MIN ||
        text->memory_kib > ML_KEYTEXT_MEMORY_KIB_MAX)
        return wrong_line(lines, "the memory is not 8 to 1048576 KiB");
    return at_line(lines, ml_hex_decode(value.text, value.len, text->salt, sizeof text->salt));
}

static int take_sealed(struct lines *lines, struct ml_keytext *text)
{
    ML_TRY(take_cost(lines, text));
    ML_TRY(take_hex(lines, "nonce", text->nonce, sizeof text->nonce));
    return MLEDGER_OK;
}

static int take_format(struct lines *lines)
{
    struct value value = {0};
    ML_TRY(take(lines, "mledger-key", &value));
    if (value.len != 1 || value.text[0] != '1')
        return wrong_line(lines, "the file has another format than 1; a newer mledger wrote it");
    return MLEDGER_OK;
}

int ml_keytext_read(struct ml_span bytes, struct ml_keytext *ret_text)
{
    const char *begin = (const char *)bytes.data;
    struct lines lines = {.at = begin, .end = begin + bytes.len};
    ML_TRY(take_format(&lines));
    ML_TRY(take_purpose(&lines, &ret_text->purpose));
    ML_TRY(take_label(&lines, ret_text->label));
    ML_TRY(take_public(&lines, ret_text->public_key));
    ret_text->sealed = !begins_with(&lines, "seed");
    if (ret_text->sealed)
        ML_TRY(take_sealed(&lines, ret_text));
    ret_text->head_len = (size_t)(lines.at - begin);
    if (ret_text->sealed)
        ML_TRY(take_base64(&lines, "sealed", ret_text->box, sizeof ret_text->box));
    else
        ML_TRY(take_base64(&lines, "seed", ret_text->seed, sizeof ret_text->seed));
    lines.number++;
    if (lines.at != lines.end)
        return wrong_line(&lines, "nothing may follow here");
    return MLEDGER_OK;
}

/* Appends a line; the longest text is far below the limit. */
static size_t add_line(char out[ML_KEYTEXT_MAX], size_t len, const char *name, const char *value)
{
    int added = snprintf(out + len, ML_KEYTEXT_MAX - len, "%s %s\n", name, value);
    assert(added >= 0 && (size_t)added < ML_KEYTEXT_MAX - len);
    return len + (size_t)added;
}

static size_t add_hex(char out[ML_KEYTEXT_MAX], size_t len, const char *name, const uint8_t *bytes,
                      size_t bytes_len)
{
    char text[ML_HEX_SIZE(ML_ED25519_PUBLIC_SIZE)];
    assert(ML_HEX_SIZE(bytes_len) <= sizeof text);
    ml_hex_encode(text, bytes, bytes_len);
    return add_line(out, len, name, text);
}

static size_t add_cost(char out[ML_KEYTEXT_MAX], size_t len, const struct ml_keytext *text)
{
    char name[sizeof "argon2id 4294967295 4294967295"];
    snprintf(name, sizeof name, "argon2id %u %u", (unsigned)text->passes,
             (unsigned)text->memory_kib);
    return add_hex(out, len, name, text->salt, sizeof text->salt);
}

size_t ml_keytext_write_head(const struct ml_keytext *text, char out[ML_KEYTEXT_MAX])
{
    size_t len = add_line(out, 0, "mledger-key", "1");
    len = add_line(out, len, "purpose", mledger_key_purpose_name(text->purpose));
    len = add_line(out, len, "label", text->label);
    len = add_hex(out, len, "public", text->public_key, sizeof text->public_key);
    if (!text->sealed)
        return len;
    len = add_cost(out, len, text);
    return add_hex(out, len, "nonce", text->nonce, sizeof text->nonce);
}

size_t ml_keytext_write_last(const struct ml_keytext *text, char out[ML_KEYTEXT_MAX])
{
    const uint8_t *bytes = text->sealed ? text->box : text->seed;
    size_t bytes_len = text->sealed ? sizeof text->box : sizeof text->seed;
    size_t len = add_line(out, text->head_len, text->sealed ? "sealed" : "seed", "");
    len--; /* the value goes where the newline is */
    assert(ML_BASE64_LEN(bytes_len) + 2 <= ML_KEYTEXT_MAX - len);
    sodium_bin2base64(out + len, ML_BASE64_LEN(bytes_len) + 1, bytes, bytes_len,
                      sodium_base64_VARIANT_ORIGINAL);
    len += ML_BASE64_LEN(bytes_len);
    out[len++] = '\n';
    out[len] = '\0';
    return len;
}
