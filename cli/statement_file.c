/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/statement_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/core/base64.h"
#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

enum { LAYOUT = 1, FILE_MAX = ML_LIMIT_JSON_LINE };

void ml_statement_file_release(struct ml_statement_file *file)
{
    ml_draft_free(file->draft);
    file->draft = NULL;
}

static void json_release(json_t **json)
{
    json_decref(*json);
}

static int read_all(const char *path, struct ml_buf *text)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t got;
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    while ((got = read(fd, chunk, sizeof chunk)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read '%s'", path);
        if (text->len + (size_t)got > FILE_MAX)
            return ml_fail(MLEDGER_EINVALID, "more than %d bytes", FILE_MAX);
        ML_TRY(ml_buf_append(text, chunk, (size_t)got));
    }
    return MLEDGER_OK;
}

/* The text under `key`; NULL if it is not there. */
static int read_text(const json_t *json, const char *key, const char **ret_text)
{
    const json_t *value = json_object_get(json, key);
    if (value && !json_is_string(value))
        return ml_fail(MLEDGER_EINVALID, "'%s' is no text", key);
    *ret_text = json_string_value(value);
    return MLEDGER_OK;
}

static int read_hex(const json_t *json, const char *key, uint8_t *bytes, size_t len)
{
    const char *text;
    ML_TRY(read_text(json, key, &text));
    if (!text)
        return ml_fail(MLEDGER_EINVALID, "'%s' is missing", key);
    if (ml_hex_decode(text, strlen(text), bytes, len) < 0)
        return ml_prefix("'%s'", key);
    return MLEDGER_OK;
}

/* The bytes under `key` in the draft's arena; an empty span if it is not there. */
static int read_base64(const json_t *json, const char *key, struct ml_draft *draft,
                       struct ml_span *ret_bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    const char *text;
    ML_TRY(read_text(json, key, &text));
    if (!text)
        return MLEDGER_OK;
    if (ml_base64_append_decoded(&bytes, text, strlen(text)) < 0)
        return ml_prefix("'%s'", key);
    if (bytes.len == 0)
        return ml_fail(MLEDGER_EINVALID, "'%s' is empty", key);
    char *copy = ml_arena_text(&draft->arena, (char *)bytes.data, bytes.len);
    if (!copy)
        return ml_fail_memory();
    *ret_bytes = ML_SPAN(copy, bytes.len);
    return MLEDGER_OK;
}

static int read_salt(const json_t *salts, const char *key, struct ml_draft *draft,
                     const uint8_t **ret_salt)
{
    uint8_t *salt = ml_arena_alloc(&draft->arena, ML_SALT_SIZE);
    if (!salt)
        return ml_fail_memory();
    ML_TRY(read_hex(salts, key, salt, ML_SALT_SIZE));
    *ret_salt = salt;
    return MLEDGER_OK;
}

static int unpack(struct ml_draft *draft, const ProtobufCMessageDescriptor *type,
                  struct ml_span bytes, const char *key, void *ret_message)
{
    ProtobufCMessage *message;
    if (ml_codec_unpack(type, bytes, &draft->arena, &message) < 0)
        return ml_prefix("'%s'", key);
    *(void **)ret_message = message;
    return MLEDGER_OK;
}

static int read_draft(const json_t *json, struct ml_draft *draft)
{
    const json_t *salts = json_object_get(json, "salts");
    Mledger__Statements *statements = NULL;
    ML_TRY(read_base64(json, "event", draft, &draft->event_bytes));
    if (draft->event_bytes.len == 0)
        return ml_fail(MLEDGER_EINVALID, "'event' is missing");
    ML_TRY(read_base64(json, "details", draft, &draft->details_bytes));
    ML_TRY(read_base64(json, "statements", draft, &draft->statements_bytes));
    if (!json_is_object(salts) || json_object_size(salts) != 2)
        return ml_fail(MLEDGER_EINVALID, "'salts' must hold 'event' and 'details'");
    ML_TRY(read_salt(salts, "event", draft, &draft->event_salt));
    ML_TRY(read_salt(salts, "details", draft, &draft->details_salt));
    ML_TRY(unpack(draft, &mledger__event__descriptor, draft->event_bytes, "event", &draft->event));
    if (draft->details_bytes.len)
        ML_TRY(unpack(draft, &mledger__details__descriptor, draft->details_bytes, "details",
                      &draft->details));
    if (draft->statements_bytes.len)
        ML_TRY(unpack(draft, &mledger__statements__descriptor, draft->statements_bytes,
                      "statements", &statements));
    return MLEDGER_OK;
}

static int check_keys(const json_t *json)
{
    static const char *const known[] = {
        "mledger_statements", "ledger", "seen", "event", "details", "salts", "statements"};
    size_t found = 0;
    for (size_t i = 0; i < ML_COUNT(known); i++)
        found += json_object_get(json, known[i]) != NULL;
    if (json_integer_value(json_object_get(json, "mledger_statements")) != LAYOUT)
        return ml_fail(MLEDGER_EINVALID, "it is no file of statements of layout %d", LAYOUT);
    if (found != json_object_size(json))
        return ml_fail(MLEDGER_EINVALID, "it holds a key that is not known");
    return MLEDGER_OK;
}

static int read_seen(const json_t *json, struct ml_statement_file *file)
{
    const json_t *seen = json_object_get(json, "seen");
    const json_t *seq = json_object_get(seen, "seq");
    if (!json_is_integer(seq) || json_integer_value(seq) < 0 || json_object_size(seen) != 2)
        return ml_fail(MLEDGER_EINVALID, "'seen' must hold 'seq' and 'link'");
    file->seen_seq = (uint64_t)json_integer_value(seq);
    return read_hex(seen, "link", file->seen_link, ML_HASH_SIZE);
}

static int read_file(const char *path, struct ml_statement_file *file)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(json_release) json_t *json = NULL;
    ML_TRY(read_all(path, &text));
    ML_TRY(ml_json_parse((char *)text.data, text.len, &json));
    ML_TRY(check_keys(json));
    ML_TRY(read_hex(json, "ledger", file->ledger, ML_HASH_SIZE));
    ML_TRY(read_seen(json, file));
    ML_TRY(ml_draft_new(&file->draft));
    return read_draft(json, file->draft);
}

int ml_statement_file_read(const char *path, struct ml_statement_file *ret_file)
{
    struct ml_statement_file file = {0};
    int result = read_file(path, &file);
    if (result < 0) {
        ml_statement_file_release(&file);
        return result == MLEDGER_EINVALID ? ml_prefix("%s", path) : result;
    }
    *ret_file = file;
    return MLEDGER_OK;
}

static json_t *base64_json(struct ml_span bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (ml_base64_append(&text, bytes.data, bytes.len) < 0)
        return NULL;
    return json_stringn((char *)text.data, text.len);
}

static int to_json(const struct ml_statement_file *file, json_t **ret_json)
{
    const struct ml_draft *draft = file->draft;
    char ledger[ML_HEX_SIZE(ML_HASH_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char event_salt[ML_HEX_SIZE(ML_SALT_SIZE)], details_salt[ML_HEX_SIZE(ML_SALT_SIZE)];
    ml_hex_encode(ledger, file->ledger, ML_HASH_SIZE);
    ml_hex_encode(link, file->seen_link, ML_HASH_SIZE);
    ml_hex_encode(event_salt, draft->event_salt, ML_SALT_SIZE);
    ml_hex_encode(details_salt, draft->details_salt, ML_SALT_SIZE);
    json_t *json = json_pack("{s:i, s:s, s:{s:I, s:s}, s:o}", "mledger_statements", LAYOUT,
                             "ledger", ledger, "seen", "seq", (json_int_t)file->seen_seq, "link",
                             link, "event", base64_json(draft->event_bytes));
    int bad = json == NULL;
    if (draft->details_bytes.len)
        bad |= json_object_set_new(json, "details", base64_json(draft->details_bytes));
    bad |= json_object_set_new(
        json, "salts", json_pack("{s:s, s:s}", "event", event_salt, "details", details_salt));
    if (draft->statements_bytes.len)
        bad |= json_object_set_new(json, "statements", base64_json(draft->statements_bytes));
    if (bad) {
        json_decref(json);
        return ml_fail_memory();
    }
    *ret_json = json;
    return MLEDGER_OK;
}

static int write_text(int fd, const char *name, const struct ml_buf *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t written = write(fd, text->data + done, text->len - done);
        if (written < 0 && errno != EINTR)
            return ml_fail_errno(errno, "cannot write '%s'", name);
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(fd) == 0 ? MLEDGER_OK : ml_fail_errno(errno, "cannot write '%s'", name);
}

/* link() does not replace, rename() does. */
static int put_in_place(const char *temporary, const char *path, bool replace)
{
    if (replace ? rename(temporary, path) == 0 : link(temporary, path) == 0)
        return MLEDGER_OK;
    return ml_fail_errno(errno, "cannot write '%s'", path);
}

static int write_file(const char *path, const struct ml_buf *text, bool replace)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf temporary = {0};
    ML_TRY(ml_buf_printf(&temporary, "%s.%jd.new", path, (intmax_t)getpid()));
    ML_TRY(ml_buf_append_char(&temporary, '\0'));
    const char *name = (char *)temporary.data;
    ML_CLEANUP(ml_closep) int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot write '%s'", name);
    int result = write_text(fd, name, text);
    if (result >= 0)
        result = put_in_place(name, path, replace);
    if (result < 0 || !replace)
        unlink(name);
    return result;
}

int ml_statement_file_write(const char *path, const struct ml_statement_file *file, bool replace)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(json_release) json_t *json = NULL;
    ML_TRY(to_json(file, &json));
    ML_TRY(ml_json_dump(json, 2, &text));
    ML_TRY(ml_buf_append_char(&text, '\n'));
    return write_file(path, &text, replace);
}
