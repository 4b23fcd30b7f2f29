/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_client/pin.h"

#include "ledger/core/checkpoint.h"
#include "ledger/core/hex.h"
#include "ledger/store/durable.h"
#include "ledger/store/known_file.h"

enum { PIN_MAX = 65536, NAME_BYTES = ML_HASH_SIZE / 2 };

static const char first_line[] = "mledger server v1";

void ml_pin_release(struct ml_pin *pin)
{
    free(pin->url);
    *pin = (struct ml_pin){0};
}

int ml_pin_add(struct ml_pin *pin, const struct ml_vkey *vkey)
{
    for (size_t i = 0; i < pin->n_vkeys; i++)
        if (memcmp(pin->vkeys[i].key, vkey->key, sizeof vkey->key) == 0)
            return MLEDGER_OK;
    if (pin->n_vkeys == ML_PIN_VKEYS)
        return ml_fail(MLEDGER_EUSAGE, "more than %d log keys of one ledger", ML_PIN_VKEYS);
    pin->vkeys[pin->n_vkeys++] = *vkey;
    return MLEDGER_OK;
}

static int path_of(const char *known_dir, const char *url, struct ml_buf *path)
{
    const struct ml_span bytes = ML_SPAN(url, strlen(url));
    uint8_t hash[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(NAME_BYTES)];
    ML_TRY(ml_sha256(hash, &bytes, 1));
    ml_hex_encode(hex, hash, NAME_BYTES);
    ML_TRY(ml_buf_printf(path, "%s/server-%s", known_dir, hex));
    return ml_buf_append_char(path, '\0');
}

/* Takes "WORD REST" off *text, one line. */
static int take_line(struct ml_span *text, const char *word, struct ml_span *ret_rest)
{
    const size_t len = strlen(word);
    struct ml_span line;
    if (!ml_tlog_line(text, &line) || line.len <= len + 1 || memcmp(line.data, word, len) != 0 ||
        line.data[len] != ' ')
        return ml_fail(MLEDGER_EINVALID, "no line '%s ...' where one is due", word);
    *ret_rest = ML_SPAN(line.data + len + 1, line.len - len - 1);
    return MLEDGER_OK;
}

static int take_vkeys(struct ml_span text, struct ml_pin *pin)
{
    do {
        struct ml_span rest;
        struct ml_vkey vkey;
        ML_TRY(take_line(&text, "vkey", &rest));
        ML_TRY(ml_vkey_parse(rest, &vkey));
        ML_TRY(ml_pin_add(pin, &vkey));
    } while (text.len > 0);
    return MLEDGER_OK;
}

static int parse(struct ml_span text, struct ml_pin *pin)
{
    struct ml_span line, rest;
    if (!ml_tlog_line(&text, &line) ||
        !ml_span_equal(line, ML_SPAN(first_line, sizeof first_line - 1)))
        return ml_fail(MLEDGER_EINVALID, "it does not begin with '%s'", first_line);
    ML_TRY(take_line(&text, "url", &rest));
    if (memchr(rest.data, '\0', rest.len))
        return ml_fail(MLEDGER_EINVALID, "the URL has a NUL in it");
    ML_CLEANUP(ml_buf_release) struct ml_buf url = {0};
    ML_TRY(ml_buf_append(&url, rest.data, rest.len));
    ML_TRY(ml_buf_take_text(&url, &pin->url));
    ML_TRY(take_line(&text, "identity", &rest));
    ML_TRY(ml_hex_decode((const char *)rest.data, rest.len, pin->identity, ML_HASH_SIZE));
    return take_vkeys(text, pin);
}

int ml_pin_parse(const char *name, struct ml_span text, struct ml_pin *ret_pin)
{
    *ret_pin = (struct ml_pin){0};
    const int result = parse(text, ret_pin);
    if (result >= 0)
        return result;
    ml_pin_release(ret_pin);
    struct ml_error error;
    ml_error_get(&error);
    if (error.code == MLEDGER_EUSAGE)
        error.code = MLEDGER_EINVALID;
    ml_error_put(&error);
    return ml_prefix("'%s'", name);
}

int ml_pin_read(const char *known_dir, const char *url, struct ml_pin *ret_pin)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    *ret_pin = (struct ml_pin){0};
    ML_TRY(path_of(known_dir, url, &path));
    const char *name = (const char *)path.data;
    ML_TRY(ml_durable_read(name, "pin of a server", PIN_MAX, &text));
    ML_TRY(ml_pin_parse(name, ml_buf_span(&text), ret_pin));
    if (strcmp(ret_pin->url, url) == 0)
        return MLEDGER_OK;
    ml_pin_release(ret_pin);
    return ml_fail(MLEDGER_EINVALID, "'%s' is not of '%s'", name, url);
}

int ml_pin_write(const char *known_dir, const struct ml_pin *pin)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(identity, pin->identity, ML_HASH_SIZE);
    ML_TRY(path_of(known_dir, pin->url, &path));
    ML_TRY(ml_buf_printf(&text, "%s\nurl %s\nidentity %s\n", first_line, pin->url, identity));
    for (size_t i = 0; i < pin->n_vkeys; i++) {
        ML_TRY(ml_buf_append_text(&text, "vkey "));
        ML_TRY(ml_vkey_write(&pin->vkeys[i], &text));
        ML_TRY(ml_buf_append_char(&text, '\n'));
    }
    ML_TRY(ml_known_dir_make(known_dir));
    return ml_durable_write((const char *)path.data, "pin of a server", ml_buf_span(&text), true);
}
