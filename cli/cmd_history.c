/* SPDX-License-Identifier: Apache-2.0 */
/* history: everything about one thing, in order. */
#include "ledger/query/history.h"

#include <inttypes.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/key_choice.h"
#include "cli/listing.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/query/standing.h"

static const char *const formats[] = {"text", "json", NULL};

struct history {
    struct ml_question question;
    struct ml_history answer;
};

static void history_release(struct history *history)
{
    ml_question_release(&history->question);
}

/* ---- asking ---- */

static int ask_of_key(struct history *history, const char *name)
{
    uint8_t key[ML_KEY_SIZE];
    struct ml_standing standing;
    ML_TRY(ml_key_find_known(&history->question.session, name, key, &standing));
    int result = ml_history_of_key(&history->question.reader, key, &history->answer);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "the key '%s' was not there as of #%" PRIu64, name,
                       history->question.moment.as_of);
    return result;
}

static bool may_be_key(const char *text)
{
    size_t len = strlen(text);
    return len >= ML_KEY_DIGITS_MIN && len <= (size_t)2 * ML_KEY_SIZE &&
           text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static int ask(struct history *history, const char *text)
{
    static const char key_prefix[] = "key:";
    struct ml_reference_text reference;
    struct ml_target target;
    if (strncmp(text, key_prefix, strlen(key_prefix)) == 0)
        return ask_of_key(history, text + strlen(key_prefix));
    ML_TRY(ml_reference_parse(text, &reference));
    int result = ml_reference_resolve(&history->question.reader, &reference, &target);
    if (result == MLEDGER_ENOTFOUND && may_be_key(text))
        return ask_of_key(history, text);
    ML_TRY(result);
    result = ml_history_of(&history->question.reader, &target, &history->answer);
    return result == MLEDGER_EUSAGE
               ? ml_hint("mledger lineage %s --down shows what came of it", text)
               : result;
}

static int gather_basis(struct history *history)
{
    struct ml_basis *basis = &history->question.basis;
    for (size_t i = 0; i < history->answer.n_keys; i++) {
        ML_TRY(ml_basis_add(basis, history->answer.keys[i].since.seq));
        ML_TRY(ml_basis_add(basis, history->answer.keys[i].until.seq));
    }
    for (size_t i = 0; i < history->answer.n_entries; i++) {
        const struct ml_history_entry *entry = &history->answer.entries[i];
        ML_TRY(ml_basis_add(basis, entry->change.seq));
        ML_TRY(ml_basis_add(basis, entry->erased_by));
        if (entry->erased_by != MLEDGER_NO_SEQ)
            ML_TRY(ml_basis_unknown(basis, "the details of #%" PRIu64 " were erased by #%" PRIu64,
                                    entry->change.seq, entry->erased_by));
    }
    return MLEDGER_OK;
}

/* ---- keys, as text ---- */

static const char *cause_name(Mledger__RevocationCause cause)
{
    switch (cause) {
    case MLEDGER__REVOCATION_CAUSE__RETIRED:
        return "retired";
    case MLEDGER__REVOCATION_CAUSE__LOST:
        return "lost";
    case MLEDGER__REVOCATION_CAUSE__COMPROMISED:
        return "compromised";
    default:
        return "replaced";
    }
}

static int append_roles(const struct ml_history_key *key, struct ml_buf *text)
{
    if (key->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_buf_append_text(text, "log key");
    for (size_t i = 0; i < key->n_roles; i++)
        ML_TRY(ml_buf_printf(text, "%s%s", i ? ", " : "", ml_role_name(key->roles[i])));
    return MLEDGER_OK;
}

static int print_end(const struct ml_history_key *key, struct ml_output *out)
{
    char time[ML_TIME_TEXT_SIZE];
    if (key->until.seq == MLEDGER_NO_SEQ) {
        ml_output_line(out, ML_ROLE_GOOD, "  it counts still");
        return MLEDGER_OK;
    }
    ML_TRY(ml_time_format(key->until.recorded_us, time));
    ml_output_line(out, ML_ROLE_WARN, "  until     %s  #%" PRIu64 "  %s; %s%s%s", time,
                   key->until.seq, cause_name(key->has_cause ? key->cause : 0), key->until.who,
                   key->until.reason ? ": " : "", key->until.reason ? key->until.reason : "");
    if (key->doubted_from != MLEDGER_NO_SEQ)
        ml_output_line(out, ML_ROLE_BAD, "  not to be trusted from #%" PRIu64 " on",
                       key->doubted_from);
    return MLEDGER_OK;
}

static int print_key(const struct ml_history_key *key, struct ml_output *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf roles = {0};
    char hex[ML_KEY_SHOWN_DIGITS + 1], time[ML_TIME_TEXT_SIZE];
    ml_key_short(hex, key->key);
    ML_TRY(append_roles(key, &roles));
    ML_TRY(ml_time_format(key->since.recorded_us, time));
    ml_output_line(out, ML_ROLE_EMPHASIS, "key %s of %s: %.*s; it speaks in %zu record%s", hex,
                   key->actor, (int)roles.len, (const char *)roles.data, key->n_signed,
                   key->n_signed == 1 ? "" : "s");
    ml_output_line(out, ML_ROLE_PLAIN, "  since     %s  #%" PRIu64 "  %s", time, key->since.seq,
                   key->since.who);
    return print_end(key, out);
}

/* ---- records, as text ---- */

static enum ml_role role_of(const struct ml_history_entry *entry)
{
    return entry->revoked ? ML_ROLE_BAD : entry->doubted ? ML_ROLE_WARN : ML_ROLE_PLAIN;
}

static int append_remarks(const struct ml_history_entry *entry, struct ml_buf *text)
{
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_buf_append_text(text, entry->summary));
    if (entry->change.reason)
        ML_TRY(ml_buf_printf(text, "%s%s", text->len ? ": " : "", entry->change.reason));
    if (ml_change_is_late(&entry->change)) {
        ML_TRY(ml_time_format(entry->change.claimed_us, time));
        ML_TRY(ml_buf_printf(text, " (claimed to have happened at %s)", time));
    }
    if (entry->erased_by != MLEDGER_NO_SEQ)
        ML_TRY(ml_buf_printf(text, " (details erased by #%" PRIu64 ")", entry->erased_by));
    if (entry->doubted)
        ML_TRY(ml_buf_append_text(text, " (IN DOUBT: by a key that was not to be trusted)"));
    return entry->revoked ? ml_buf_append_text(text, " (AFTER THE KEY'S END)") : MLEDGER_OK;
}

static int add_row(const struct ml_history_entry *entry, struct ml_listing *listing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf what = {0};
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(append_remarks(entry, &what));
    ML_TRY(ml_time_format(entry->change.recorded_us, time));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, entry->change.seq));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%.10s %.8s", time, time + 11));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", entry->kind));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", entry->subject));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", entry->change.who));
    return ml_listing_add(listing, role_of(entry), "%.*s", (int)what.len, (const char *)what.data);
}

static int print_text(const struct history *history, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "record", .right = true},
                                               {.heading = "time"},
                                               {.heading = "kind"},
                                               {.heading = "subject", .flexible = true},
                                               {.heading = "who", .flexible = true},
                                               {.heading = "what", .flexible = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    size_t doubted = 0, revoked = 0;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < history->answer.n_keys; i++)
        ML_TRY(print_key(&history->answer.keys[i], out));
    for (size_t i = 0; i < history->answer.n_entries; i++) {
        ML_TRY(add_row(&history->answer.entries[i], &listing));
        doubted += history->answer.entries[i].doubted;
        revoked += history->answer.entries[i].revoked;
    }
    ml_listing_print(&listing, out);
    if (history->answer.n_keys)
        ml_output_line(out, doubted || revoked ? ML_ROLE_WARN : ML_ROLE_PLAIN,
                       "%zu of %zu records in doubt, %zu signed after a key's end", doubted,
                       history->answer.n_entries, revoked);
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int put_text(json_t *object, const char *key, const char *text)
{
    return text && *text ? put(object, key, json_string(text)) : MLEDGER_OK;
}

static int put_seq(json_t *object, const char *key, uint64_t seq)
{
    return seq == MLEDGER_NO_SEQ ? MLEDGER_OK : put(object, key, json_integer((json_int_t)seq));
}

static int put_time(json_t *object, const char *key, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(time_us, text));
    return put(object, key, json_string(text));
}

static int put_key(json_t *object, const char *name, const uint8_t *key)
{
    char hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(hex, key, ML_KEY_SIZE);
    return put(object, name, json_string(hex));
}

static int put_change(json_t *object, const char *key, const struct ml_change *change)
{
    if (change->seq == MLEDGER_NO_SEQ)
        return put(object, key, json_null());
    json_t *json = json_object();
    ML_TRY(put(object, key, json));
    ML_TRY(put_seq(json, "seq", change->seq));
    ML_TRY(put_time(json, "recorded_at", change->recorded_us));
    ML_TRY(put_text(json, "who", change->who));
    return put_text(json, "reason", change->reason);
}

static int key_to_json(const struct ml_history_key *key, json_t *list)
{
    json_t *json = json_object(), *roles = json_array();
    ML_TRY(json_array_append_new(list, json) == 0 ? MLEDGER_OK : ml_fail_memory());
    ML_TRY(put(json, "roles", roles));
    ML_TRY(put_key(json, "key", key->key));
    ML_TRY(put_text(json, "actor", key->actor));
    for (size_t i = 0; i < key->n_roles; i++)
        if (json_array_append_new(roles, json_string(ml_role_name(key->roles[i]))) < 0)
            return ml_fail_memory();
    ML_TRY(put_change(json, "since", &key->since));
    ML_TRY(put_change(json, "until", &key->until));
    if (key->until.seq != MLEDGER_NO_SEQ)
        ML_TRY(put_text(json, "cause", cause_name(key->has_cause ? key->cause : 0)));
    ML_TRY(put_seq(json, "doubted_from", key->doubted_from));
    return put(json, "records", json_integer((json_int_t)key->n_signed));
}

static int entry_to_json(const struct ml_history_entry *entry, json_t *list)
{
    json_t *json = json_object();
    ML_TRY(json_array_append_new(list, json) == 0 ? MLEDGER_OK : ml_fail_memory());
    ML_TRY(put_seq(json, "seq", entry->change.seq));
    ML_TRY(put_time(json, "recorded_at", entry->change.recorded_us));
    if (entry->change.claimed_us != entry->change.recorded_us)
        ML_TRY(put_time(json, "claimed_at", entry->change.claimed_us));
    ML_TRY(put_text(json, "kind", entry->kind));
    ML_TRY(put_text(json, "subject", entry->subject));
    ML_TRY(put_text(json, "summary", entry->summary));
    ML_TRY(put_text(json, "reason", entry->change.reason));
    ML_TRY(put_text(json, "who", entry->change.who));
    ML_TRY(put_key(json, "signer", entry->signer));
    ML_TRY(put_seq(json, "details_erased_by", entry->erased_by));
    if (entry->doubted)
        ML_TRY(put(json, "in_doubt", json_true()));
    return entry->revoked ? put(json, "after_revocation", json_true()) : MLEDGER_OK;
}

static int fill_json(const struct history *history, json_t *json)
{
    json_t *keys = json_array();
    if (history->answer.n_keys)
        ML_TRY(put(json, "keys", json_incref(keys)));
    for (size_t i = 0; i < history->answer.n_keys; i++)
        ML_TRY(key_to_json(&history->answer.keys[i], keys));
    json_decref(keys);
    json_t *records = json_array();
    ML_TRY(put(json, "records", records));
    for (size_t i = 0; i < history->answer.n_entries; i++)
        ML_TRY(entry_to_json(&history->answer.entries[i], records));
    return MLEDGER_OK;
}

static int finish_json(struct history *history)
{
    json_t *json = json_object();
    int result = json ? fill_json(history, json) : ml_fail_memory();
    if (result >= 0)
        result = ml_question_finish_json(&history->question, json);
    json_decref(json);
    return result;
}

/* ---- all of it ---- */

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(history_release) struct history history = {0};
    ML_TRY(ml_question_open(invocation, formats, out, &history.question));
    ML_TRY(ask(&history, ml_argument(invocation, "WHAT")));
    ML_TRY(gather_basis(&history));
    if (history.question.answer.format == ML_ANSWER_JSON)
        return finish_json(&history);
    ML_TRY(print_text(&history, history.question.answer.out));
    return ml_question_finish(&history.question);
}

const struct ml_command ml_command_history = {
    .name = "history",
    .summary = "Show everything about one thing, in order",
    .description =
        (const char *const[]){
            "Of a model, version, run, dataset, pipeline or experiment: its records. Of an actor: "
            "what was said about it, what it signed, stated, or had done on its behalf, and its "
            "keys with the records from when to when they counted. Of a key: what it signed and "
            "stated, and what of that is in doubt because it was compromised.",
            "WHAT is a reference (churn/3, runs:/ID, dataset:NAME, actor:ID, ...), or a key: "
            "key:NAME, or at least 8 of its hexadecimal digits.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "WHAT", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){ML_OPTION_FORMAT(formats), ML_OPTIONS_QUESTION, {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger history churn/3", "What happened to a version."},
            {"mledger history actor:ben", "What somebody did, and by which keys."},
            {"mledger history e5e408365465e16d", "What a key signed, and what of it is in doubt."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such thing."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
