/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/record_print.h"

#include <inttypes.h>

#include "cli/key_choice.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/record_text.h"

enum { LABEL_WIDTH = 20, INDENT = 2 };

struct print {
    struct ml_output *out;
    struct ml_view *view; /* NULL: names are not known */
    const json_t *body;   /* of the event, for the keys that values belong to */
};

static void indent(const struct print *print, unsigned depth)
{
    ml_output_spaces(print->out, (size_t)depth * INDENT);
}

static void label(const struct print *print, unsigned depth, const char *name)
{
    size_t len = strlen(name), width = LABEL_WIDTH - (size_t)depth * INDENT;
    indent(print, depth);
    ml_output_text(print->out, ML_ROLE_DIM, "%s", name);
    ml_output_spaces(print->out, depth * INDENT < LABEL_WIDTH && len < width ? width - len : 1);
}

static void heading(const struct print *print, const char *text)
{
    ml_output_newline(print->out);
    ml_output_line(print->out, ML_ROLE_EMPHASIS, "%s", text);
}

/* Whether a field of that name holds the number of a subject. */
static bool names_subject(const char *key)
{
    static const char *const names[] = {"actor",    "experiment", "run",        "dataset",
                                        "pipeline", "model",      "predecessor"};
    size_t len = strlen(key);
    const size_t suffix = sizeof "_ref" - 1;
    bool reference = len > suffix && strcmp(key + len - suffix, "_ref") == 0;
    if (reference)
        return strcmp(key, "record_ref") != 0;
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (strcmp(names[i], key) == 0)
            return true;
    return false;
}

static int print_number(const struct print *print, const char *key, json_int_t number)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
    bool subject = names_subject(key);
    bool record = subject || strcmp(key, "record_ref") == 0;
    ml_output_text(print->out, ML_ROLE_PLAIN, "%s%" JSON_INTEGER_FORMAT, record ? "#" : "", number);
    if (subject && print->view && number >= 0) {
        ML_TRY(ml_subject_text(print->view, (uint64_t)number, &name));
        ml_output_text(print->out, ML_ROLE_PLAIN, " %.*s", (int)name.len, (char *)name.data);
    }
    ml_output_newline(print->out);
    return MLEDGER_OK;
}

static int print_scalar(const struct print *print, const char *key, const json_t *value)
{
    char *dump;
    switch (json_typeof(value)) {
    case JSON_STRING:
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s", json_string_value(value));
        return MLEDGER_OK;
    case JSON_INTEGER:
        return print_number(print, key, json_integer_value(value));
    case JSON_TRUE:
        ml_output_line(print->out, ML_ROLE_PLAIN, "yes");
        return MLEDGER_OK;
    default:
        dump = json_dumps(value, JSON_ENCODE_ANY);
        if (!dump)
            return ml_fail_memory();
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s", dump);
        free(dump);
        return MLEDGER_OK;
    }
}

static void print_digest(const struct print *print, const json_t *value)
{
    const char *standing = json_string_value(json_object_get(value, "standing"));
    bool seen = standing && strcmp(standing, "seen") == 0;
    ml_output_text(print->out, ML_ROLE_PLAIN, "%s ",
                   json_string_value(json_object_get(value, "digest")));
    ml_output_line(print->out, seen ? ML_ROLE_GOOD : ML_ROLE_WARN, "%s", seen ? "seen" : "claimed");
}

/* A number with the text that was written, or text alone. */
static const char *value_text(const json_t *value)
{
    const json_t *text = json_is_object(value) ? json_object_get(value, "text") : value;
    return json_string_value(text);
}

static int print_object(const struct print *print, unsigned depth, const json_t *object);

static bool is_digest(const json_t *value)
{
    return json_object_get(value, "digest") && json_object_get(value, "standing");
}

static int print_value(const struct print *print, unsigned depth, const char *key,
                       const json_t *value)
{
    if (json_is_object(value) && !is_digest(value)) {
        indent(print, depth);
        ml_output_line(print->out, ML_ROLE_DIM, "%s", key);
        return print_object(print, depth + 1, value);
    }
    label(print, depth, key);
    if (!json_is_object(value))
        return print_scalar(print, key, value);
    print_digest(print, value);
    return MLEDGER_OK;
}

/* The key that the i-th of the values belongs to, NULL if the event has no such list itself. */
static const char *key_of_value(const struct print *print, const char *values, size_t i)
{
    static const char *const lists[][2] = {{"param_values", "params"},
                                           {"metric_values", "metrics"},
                                           {"tag_values", "tags"},
                                           {"check_values", "checks"}};
    for (size_t k = 0; k < ML_COUNT(lists); k++) {
        if (strcmp(lists[k][0], values) != 0)
            continue;
        const json_t *item = json_array_get(json_object_get(print->body, lists[k][1]), i);
        if (json_is_string(item))
            return json_string_value(item);
        const char *key = json_string_value(json_object_get(item, "key"));
        return key ? key : json_string_value(json_object_get(item, "name"));
    }
    return NULL;
}

static int print_list(const struct print *print, unsigned depth, const char *key,
                      const json_t *list)
{
    size_t i;
    const json_t *item;
    for (i = 0; (item = json_array_get(list, i)) != NULL; i++) {
        const char *of = key_of_value(print, key, i);
        const char *text = of ? value_text(item) : NULL;
        if (!text) {
            ML_TRY(print_value(print, depth, key, item));
            continue;
        }
        label(print, depth, key);
        ml_output_text(print->out, ML_ROLE_PLAIN, "%s", of);
        ml_output_text(print->out, ML_ROLE_DIM, " = ");
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s", text);
    }
    return MLEDGER_OK;
}

static int print_object(const struct print *print, unsigned depth, const json_t *object)
{
    /* jansson iterates over what is not const, and changes nothing. */
    json_t *mutable = (json_t *)(uintptr_t)object;
    const char *key;
    json_t *value;
    json_object_foreach(mutable, key, value)
    {
        ML_TRY(json_is_array(value) ? print_list(print, depth, key, value)
                                    : print_value(print, depth, key, value));
    }
    return MLEDGER_OK;
}

/* Where an imported event was read, and in which tag of Git. */
static void print_source(const struct print *print, const Mledger__Event *event)
{
    if (event->has_imported_from) {
        label(print, 1, "imported from");
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s", ml_source_text(event->imported_from));
    }
    if (event->git_tag) {
        label(print, 1, "git tag");
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s%s", event->git_tag->name,
                       event->git_tag->signed_ ? " (signed; by whom was not checked)" : "");
    }
}

/* The JSON of the event stays in print->body: the caller's to release. */
static int print_event(struct print *print, const Mledger__Event *event)
{
    json_t *json;
    ML_TRY(ml_json_from_message(ml_event_body(event), &json));
    print->body = json;
    heading(print, ml_event_name(event));
    int result = print_object(print, 1, json);
    ML_TRY(result);
    if (event->has_on_behalf_of_actor_ref) {
        label(print, 1, "on_behalf_of");
        ML_TRY(print_number(print, "actor", (json_int_t)event->on_behalf_of_actor_ref));
    }
    print_source(print, event);
    return MLEDGER_OK;
}

static int print_details(const struct print *print, const Mledger__Details *details)
{
    json_t *json;
    ML_TRY(ml_json_from_message(&details->base, &json));
    heading(print, "details");
    int result = print_object(print, 1, json);
    json_decref(json);
    return result;
}

/* Prints both; the values in the details are told with the event's keys. */
static int print_payload(struct print *print, const Mledger__Event *event,
                         const Mledger__Details *details)
{
    int result = print_event(print, event);
    json_t *body = (json_t *)(uintptr_t)print->body;
    if (result >= 0 && details)
        result = print_details(print, details);
    print->body = NULL;
    json_decref(body);
    return result;
}

int ml_event_print(struct ml_output *out, struct ml_view *view, const Mledger__Event *event,
                   const Mledger__Details *details)
{
    struct print print = {.out = out, .view = view};
    return print_payload(&print, event, details);
}

static int print_signer(const struct print *print, const uint8_t key[ML_KEY_SIZE])
{
    struct ml_standing standing;
    char digits[ML_KEY_SHOWN_DIGITS + 1];
    ml_key_short(digits, key);
    if (!print->view) {
        ml_output_text(print->out, ML_ROLE_PLAIN, "key %s", digits);
        return MLEDGER_OK;
    }
    ML_TRY(ml_standing_read(print->view, key, &standing));
    ml_output_text(print->out, ML_ROLE_PLAIN, "%s",
                   standing.known ? standing.actor_id : "an unknown key");
    ml_output_text(print->out, ML_ROLE_DIM, ", key %s", digits);
    if (standing.known && !standing.living)
        ml_output_text(print->out, ML_ROLE_WARN, ", which ended with #%" PRIu64,
                       standing.until_seq);
    return MLEDGER_OK;
}

static void print_verdict(const struct print *print, int verified)
{
    if (verified >= 0)
        ml_output_line(print->out, ML_ROLE_GOOD, ", signature good");
    else
        ml_output_line(print->out, ML_ROLE_BAD, ", signature BAD");
}

static int print_header(const struct print *print, const struct ml_record *record)
{
    const Mledger__Header *header = record->header;
    uint8_t link[ML_HASH_SIZE];
    char time[ML_TIME_TEXT_SIZE], hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ML_TRY(ml_time_format(header->recorded_at, time));
    ML_TRY(ml_link(record->header_bytes, link));
    ml_hex_encode(hex, link, ML_HASH_SIZE);
    label(print, 0, "record");
    ml_output_line(print->out, ML_ROLE_EMPHASIS, "#%" PRIu64, header->seq);
    label(print, 0, "recorded");
    ml_output_line(print->out, ML_ROLE_PLAIN, "%s", time);
    label(print, 0, "signed by");
    ML_TRY(print_signer(print, header->signer.data));
    print_verdict(print, ml_record_verify_signature(record));
    label(print, 0, "link");
    ml_output_line(print->out, ML_ROLE_PLAIN, "%s", hex);
    ml_hex_encode(hex, header->prev_link.data, ML_HASH_SIZE);
    label(print, 0, "follows");
    ml_output_line(print->out, ML_ROLE_PLAIN, "%s", hex);
    for (size_t i = 0; i < header->n_subject_tags; i++) {
        ml_hex_encode(hex, header->subject_tags[i].data, ML_TAG_SIZE);
        label(print, 0, "subject tag");
        ml_output_line(print->out, ML_ROLE_PLAIN, "%s", hex);
    }
    return MLEDGER_OK;
}

static const char *meaning_word(Mledger__Meaning meaning)
{
    static const char *const words[] = {[MLEDGER__MEANING__AUTHORED] = "authored",
                                        [MLEDGER__MEANING__REVIEWED] = "reviewed",
                                        [MLEDGER__MEANING__APPROVED] = "approved",
                                        [MLEDGER__MEANING__REQUESTED] = "requested",
                                        [MLEDGER__MEANING__POSSESSION] = "key held"};
    size_t i = (size_t)meaning;
    return i < ML_COUNT(words) && words[i] ? words[i] : "?";
}

static int print_statement(const struct print *print, const Mledger__SignedStatement *stored,
                           const Mledger__Statement *statement)
{
    char time[ML_TIME_TEXT_SIZE];
    label(print, 1, meaning_word(statement->meaning));
    ml_output_text(print->out, ML_ROLE_PLAIN, "by ");
    ML_TRY(print_signer(print, stored->key.data));
    ml_output_text(print->out, ML_ROLE_PLAIN, ", who had seen #%" PRIu64, statement->seen_seq);
    if (statement->has_expiry) {
        ML_TRY(ml_time_format(statement->expiry, time));
        ml_output_text(print->out, ML_ROLE_PLAIN, ", good until %s", time);
    }
    print_verdict(print, ml_dsse_verify(ML_STATEMENT_TYPE,
                                        ML_SPAN(stored->statement.data, stored->statement.len),
                                        stored->key.data, stored->signature.data));
    return MLEDGER_OK;
}

static int print_statements(const struct print *print, const struct ml_record *record)
{
    if (!record->signed_statements)
        return MLEDGER_OK;
    heading(print, "statements");
    for (size_t i = 0; i < record->signed_statements->n_statements; i++)
        ML_TRY(print_statement(print, record->signed_statements->statements[i],
                               record->statements[i]));
    return MLEDGER_OK;
}

/* What became of the details: also where they were to be erased and are still here. */
static int print_erased(const struct print *print, const struct ml_record *record)
{
    uint64_t by = MLEDGER_NO_SEQ;
    if (print->view)
        ML_TRY(ml_record_erased_by(print->view, record, &by));
    if (by == MLEDGER_NO_SEQ && !record->details_erased)
        return MLEDGER_OK;
    heading(print, "details");
    if (!print->view)
        ml_output_line(print->out, ML_ROLE_WARN, "  not there");
    else if (by == MLEDGER_NO_SEQ)
        ml_output_line(print->out, ML_ROLE_BAD, "  missing, and no record erased them");
    else if (record->details_erased)
        ml_output_line(print->out, ML_ROLE_WARN, "  erased by #%" PRIu64, by);
    else
        ml_output_line(print->out, ML_ROLE_BAD,
                       "  erased by #%" PRIu64 " and still here: mledger erase --finish", by);
    return MLEDGER_OK;
}

int ml_record_print(struct ml_output *out, struct ml_view *view, const struct ml_record *record)
{
    struct print print = {.out = out, .view = view};
    ML_TRY(print_header(&print, record));
    if (record->event)
        ML_TRY(print_payload(&print, record->event, record->details));
    else
        ml_output_line(out, ML_ROLE_WARN, "its schema is not known to this program");
    ML_TRY(print_erased(&print, record));
    return print_statements(&print, record);
}
