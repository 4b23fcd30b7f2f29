/* SPDX-License-Identifier: Apache-2.0 */
/* history: everything about one thing, in order. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/interval_text.h"
#include "cli/key_choice.h"
#include "cli/listing.h"
#include "cli/remote_question.h"
#include "ledger/core/time.h"
#include "ledger/query/history_answer.h"
#include "ledger/query/json_parts.h"
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

/* ---- keys, as text ---- */

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
                   key->until.seq, ml_history_cause(key), key->until.who,
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

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "history",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_KEYS, "WHAT", "what"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

/* ---- all of it ---- */

static int finish_json(struct history *history)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_TRY(ml_history_to_json(&history->answer, &json));
    return ml_question_finish_json(&history->question, json);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(history_release) struct history history = {0};
    struct ml_question *question = &history.question;
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, question));
    const struct ml_key_names names = ml_key_names_of(&question->session);
    ML_TRY(ml_history_ask(&question->reader, ml_argument(invocation, "WHAT"), &names,
                          &question->basis, &history.answer));
    if (question->answer.format == ML_ANSWER_JSON)
        return finish_json(&history);
    ML_TRY(print_text(&history, question->answer.out));
    return ml_question_finish(question);
}

const struct ml_command ml_command_history = {
    .name = "history",
    .summary = "Show everything about one thing, in order",
    .description =
        (const char *const[]){
            "Of a model, version, run, dataset, pipeline or experiment: its records. Of content "
            "(a digest): those that name it. Of an actor: "
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
        (const struct ml_option[]){
            ML_OPTION_FORMAT(formats), ML_OPTIONS_QUESTION, ML_OPTIONS_REMOTE, {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger history churn/3", "What happened to a version."},
            {"mledger history actor:ben", "What somebody did, and by which keys."},
            {"mledger history e5e408365465e16d", "What a key signed, and what of it is in doubt."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such thing."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
