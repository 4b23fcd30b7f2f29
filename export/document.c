/* SPDX-License-Identifier: Apache-2.0 */
#include "export/document.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "ledger/core/json.h"
#include "ledger/core/percent.h"
#include "ledger/core/time.h"

#define DOCUMENT_MEMORY ((size_t)2 << 30)

const char ml_document_version[] = MLEDGER_VERSION;
const char ml_document_producer[] = ML_DOCUMENT_URN "producer:" MLEDGER_VERSION;

/* ---- building ---- */

void ml_put(struct ml_document *document, json_t *object, const char *key, json_t *value)
{
    if (!object)
        json_decref(value);
    else if (json_object_set_new_nocheck(object, key, value) < 0)
        document->failed = true;
}

void ml_add(struct ml_document *document, json_t *array, json_t *value)
{
    if (!array)
        json_decref(value);
    else if (json_array_append_new(array, value) < 0)
        document->failed = true;
}

static json_t *put_new(struct ml_document *document, json_t *object, const char *key, json_t *value)
{
    ml_put(document, object, key, value);
    return json_object_get(object, key);
}

static json_t *add_new(struct ml_document *document, json_t *array, json_t *value)
{
    size_t place = json_array_size(array);
    ml_add(document, array, value);
    return json_array_get(array, place);
}

json_t *ml_put_object(struct ml_document *document, json_t *object, const char *key)
{
    return put_new(document, object, key, json_object());
}

json_t *ml_put_array(struct ml_document *document, json_t *object, const char *key)
{
    return put_new(document, object, key, json_array());
}

json_t *ml_add_object(struct ml_document *document, json_t *array)
{
    return add_new(document, array, json_object());
}

json_t *ml_add_array(struct ml_document *document, json_t *array)
{
    return add_new(document, array, json_array());
}

void ml_put_text(struct ml_document *document, json_t *object, const char *key, const char *text)
{
    if (text)
        ml_put(document, object, key, json_string(text));
}

void ml_add_text(struct ml_document *document, json_t *array, const char *text)
{
    if (text)
        ml_add(document, array, json_string(text));
}

void ml_put_number(struct ml_document *document, json_t *object, const char *key, uint64_t number)
{
    ml_put(document, object, key, json_integer((json_int_t)number));
}

const char *ml_document_text(struct ml_document *document, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = len < 0 ? NULL : ml_arena_alloc(&document->arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    document->failed |= !text;
    return text;
}

/* ---- identifiers ---- */

/* Ids of nodes are unique and say what they are: "version:churn/3". Only the first ':' is ours, and
 * qualified names of PROV hold none, so it becomes a '/'. Nor may they end with a full stop. */
static int make_id(const char *text, struct ml_buf *out)
{
    const char *colon = strchr(text, ':');
    assert(colon);
    ML_TRY(ml_buf_append(out, text, (size_t)(colon - text)));
    ML_TRY(ml_buf_append_char(out, '/'));
    ML_TRY(ml_percent_encode(colon + 1, "/@", out));
    if (out->data[out->len - 1] != '.')
        return MLEDGER_OK;
    out->len--;
    return ml_buf_append_text(out, "%2E");
}

static int make_ids(struct ml_document *document)
{
    const struct ml_graph *graph = document->account->graph;
    document->ids = ml_arena_calloc(&document->arena, graph->n_nodes + 1, sizeof *document->ids);
    if (!document->ids)
        return ml_fail_memory();
    for (size_t i = 0; i < graph->n_nodes; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf id = {0};
        ML_TRY(make_id(graph->nodes[i].id, &id));
        document->ids[i] = ml_arena_text(&document->arena, (const char *)id.data, id.len);
        if (!document->ids[i])
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

const char *ml_document_uri(struct ml_document *document, size_t node)
{
    return ml_document_text(document, "%s%s", document->base, document->ids[node]);
}

const char *ml_document_uri_of(struct ml_document *document, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    const int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    assert(len >= 0 && (size_t)len < sizeof text); /* words and numbers of ours alone */
    (void)len;
    return ml_document_text(document, "%s%s", document->base, text);
}

static bool has_scheme(const char *source)
{
    size_t len = strspn(source, "abcdefghijklmnopqrstuvwxyz0123456789+.-");
    return len > 1 && source[len] == ':' && source[0] >= 'a' && source[0] <= 'z';
}

const char *ml_document_source(struct ml_document *document, const char *source)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (!source)
        return NULL;
    const char *scheme = has_scheme(source) ? "" : "file:";
    if (ml_buf_append_text(&text, scheme) < 0 ||
        ml_percent_encode(source, *scheme ? "/" : "/:?#[]@!$&'()*+,;=%", &text) < 0 ||
        ml_buf_append_char(&text, '\0') < 0) {
        document->failed = true;
        return NULL;
    }
    return ml_document_text(document, "%s", (const char *)text.data);
}

const char *ml_document_repository(struct ml_document *document, const char *repository)
{
    const char *at = repository ? strchr(repository, '@') : NULL;
    const char *colon = at ? strchr(at, ':') : NULL;
    if (!colon || has_scheme(repository) || (size_t)(at - repository) != strcspn(repository, "@/:"))
        return ml_document_source(document, repository);
    return ml_document_source(document,
                              ml_document_text(document, "ssh://%.*s/%s", (int)(colon - repository),
                                               repository, colon + 1));
}

static const char *uuid_of(struct ml_document *document, uint8_t bytes[16])
{
    char hex[ML_HEX_SIZE(16)];
    bytes[6] = (bytes[6] & 0x0f) | 0x80;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    ml_hex_encode(hex, bytes, 16);
    return ml_document_text(document, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
                            hex + 20);
}

const char *ml_document_uuid(struct ml_document *document, const struct ml_account_record *record,
                             const char *part)
{
    uint8_t hash[ML_HASH_SIZE];
    memcpy(hash, record->link, sizeof hash);
    if (part) {
        const struct ml_span parts[] = {ML_SPAN(record->link, sizeof record->link),
                                        ML_SPAN(part, strlen(part))};
        if (ml_sha256(hash, parts, ML_COUNT(parts)) < 0) {
            document->failed = true;
            return NULL;
        }
    }
    return uuid_of(document, hash);
}

/* ---- times and digests ---- */

const char *ml_document_time(struct ml_document *document, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    if (time_us < 0 || time_us > ML_TIME_MAX_US || ml_time_format(time_us, text) < 0)
        return NULL;
    return ml_document_text(document, "%s", text);
}

const char *ml_document_seconds(struct ml_document *document, int64_t time_us)
{
    const int64_t second = 1000000;
    return ml_document_time(document, time_us < 0 ? time_us : time_us - time_us % second);
}

static const Mledger__Digest *digest_of(const Mledger__Digest *const *digests, size_t count,
                                        Mledger__Algorithm algorithm)
{
    for (size_t i = 0; i < count; i++)
        if (digests[i]->algorithm == algorithm)
            return digests[i];
    return NULL;
}

const Mledger__Digest *ml_digest_sha256(const Mledger__Digest *const *digests, size_t count)
{
    return digest_of(digests, count, MLEDGER__ALGORITHM__SHA256);
}

const Mledger__Digest *ml_digest_md5(const Mledger__Digest *const *digests, size_t count)
{
    return digest_of(digests, count, MLEDGER__ALGORITHM__MD5);
}

const char *ml_document_share(struct ml_document *document, const struct ml_account_share *share)
{
    return ml_document_text(document, "%s %.4g %%", share->version, share->ppm / 10000.0);
}

const char *ml_document_hex(struct ml_document *document, const void *data, size_t len)
{
    char *text = ml_arena_alloc(&document->arena, ML_HEX_SIZE(len));
    document->failed |= !text;
    if (text)
        ml_hex_encode(text, data, len);
    return text;
}

/* ---- records ---- */

void ml_put_record(struct ml_document *document, json_t *object,
                   const struct ml_account_record *record)
{
    if (!record)
        return;
    ml_put_number(document, object, "seq", record->seq);
    ml_put_text(document, object, "link",
                ml_document_hex(document, record->link, sizeof record->link));
    ml_put_text(document, object, "recorded", ml_document_time(document, record->recorded_us));
    ml_put_text(document, object, "claimed", ml_document_time(document, record->claimed_us));
}

void ml_put_ledger(struct ml_document *document, json_t *object, const char *key)
{
    const struct ml_account *account = document->account;
    json_t *ledger = ml_put_object(document, object, key);
    ml_put_text(document, ledger, "name", account->ledger);
    ml_put_text(document, ledger, "identity", document->identity);
    ml_put_text(document, ledger, "origin", account->origin);
    ml_put_record(document, ml_put_object(document, ledger, "head"), account->head);
    json_t *unknown = ml_put_array(document, ledger, "not_known");
    for (size_t i = 0; i < account->graph->n_unknown; i++)
        ml_add_text(document, unknown, account->graph->unknown[i]);
    ml_put_text(document, ledger, "note", ML_DOCUMENT_NOTE);
}

bool ml_document_is_repeated(const struct ml_document *document, const size_t *edges, size_t index)
{
    const struct ml_edge *all = document->account->graph->edges;
    for (size_t i = 0; i < index; i++)
        if (all[edges[i]].from == all[edges[index]].from &&
            all[edges[i]].to == all[edges[index]].to)
            return true;
    return false;
}

bool ml_document_is_subject(const struct ml_document *document, size_t node)
{
    return document->whole_ledger ||
           (document->account->graph->nodes[node].flags & ML_NODE_START) != 0;
}

/* ---- the whole ---- */

int ml_document_init(struct ml_document *document, const struct ml_account *account, json_t *root)
{
    *document = (struct ml_document){.account = account, .root = root, .failed = !root};
    ml_arena_init(&document->arena, DOCUMENT_MEMORY);
    ml_hex_encode(document->identity, account->identity, sizeof account->identity);
    snprintf(document->base, sizeof document->base, "%s%s:", ML_DOCUMENT_URN, document->identity);
    document->whole_ledger = true;
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        if (account->graph->nodes[i].flags & ML_NODE_START)
            document->whole_ledger = false;
    return make_ids(document);
}

void ml_document_release(struct ml_document *document)
{
    json_decref(document->root);
    document->root = NULL;
    ml_arena_release(&document->arena);
}

int ml_document_write(const struct ml_document *document, bool indented, struct ml_buf *out)
{
    if (document->failed)
        return ml_fail_memory();
    ML_TRY(ml_json_dump(document->root, indented ? 2 : 0, out));
    return ml_buf_append_char(out, '\n');
}
