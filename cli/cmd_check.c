/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check: files against the ledger. As JSON:
 *
 *   {"files": 14, "bytes": 3400, "counts": {"same": 11, "modified": 1, …},
 *    "entries": [{"state": "modified", "place": "workspace", "path": "data/raw.csv",
 *                 "records": [2, 3], "named_by": "pipeline churn", "recorded": "sha256:…",
 *                 "found": "sha256:…", "recorded_size": 118, "found_size": 120, "weak": true,
 *                 "note": "…"}],
 *    "basis": …}
 *
 * counts has every state (ml_check_state_name()); entries has what is as recorded only with --all;
 * of an entry named_by, recorded, found, the sizes, weak (if true) and note are there if they are
 * known. "place" is workspace, cache or artifacts.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "cli/question.h"
#include "ingest/check.h"
#include "ledger/query/digest_text.h"

static const char *const formats[] = {"text", "json", NULL};

enum { HOW_SIZE = 256, DIGITS_SHOWN = 12 };

struct checking {
    struct ml_question question;
    struct ml_check *check;
};

static void checking_release(struct checking *checking)
{
    ml_check_free(checking->check);
    ml_question_release(&checking->question);
}

static bool is_shown(const struct ml_check_entry *entry, bool all)
{
    return all || entry->state != ML_CHECK_SAME;
}

static void digest_text(const struct ml_check_digest *digest, size_t digits,
                        char ret_text[ML_DIGEST_TEXT_SIZE])
{
    uint8_t value[ML_HASH_SIZE];
    memcpy(value, digest->value, sizeof value);
    const Mledger__Digest message = {.algorithm = digest->algorithm,
                                     .value = {.len = digest->len, .data = value}};
    ml_digest_text(&message, digits, ret_text);
}

/* ---- text ---- */

static enum ml_role role_of(enum ml_check_state state)
{
    if (state == ML_CHECK_SAME)
        return ML_ROLE_GOOD;
    return ml_check_is_fault(state) ? ML_ROLE_BAD : ML_ROLE_WARN;
}

/* The words of the JSON, as people write them. */
static const char *word_of(enum ml_check_state state)
{
    return state == ML_CHECK_LINE_ENDS  ? "line ends"
           : state == ML_CHECK_UNCACHED ? "not cached"
                                        : ml_check_state_name(state);
}

static int add_sizes(const struct ml_check_entry *entry, struct ml_buf *text)
{
    if (!entry->has_recorded_size || !entry->has_found_size ||
        entry->recorded_size == entry->found_size)
        return MLEDGER_OK;
    return ml_buf_printf(text, "%s%" PRIu64 " bytes, recorded %" PRIu64, text->len ? "; " : "",
                         entry->found_size, entry->recorded_size);
}

/* "sha256:3fa9c01d22ab, recorded 0123456789ab; 120 bytes, recorded 118; a note" */
static int describe(const struct ml_check_entry *entry, struct ml_buf *text)
{
    char recorded[ML_DIGEST_TEXT_SIZE], found[ML_DIGEST_TEXT_SIZE];
    const bool differs =
        entry->found.algorithm && entry->recorded.algorithm &&
        memcmp(entry->recorded.value, entry->found.value, entry->recorded.len) != 0;
    if (entry->state != ML_CHECK_SAME && differs) {
        digest_text(&entry->recorded, DIGITS_SHOWN, recorded);
        digest_text(&entry->found, DIGITS_SHOWN, found);
        ML_TRY(ml_buf_printf(text, "%s, recorded %s", found, strchr(recorded, ':') + 1));
    }
    if (entry->state != ML_CHECK_SAME)
        ML_TRY(add_sizes(entry, text));
    if (entry->note)
        ML_TRY(ml_buf_printf(text, "%s%s", text->len ? "; " : "", entry->note));
    return ml_buf_append_char(text, '\0');
}

static int add_records(const struct ml_check_entry *entry, struct ml_listing *listing)
{
    if (entry->n_seqs == 0)
        return ml_listing_add(listing, ML_ROLE_DIM, "-");
    const uint64_t newest = entry->seqs[entry->n_seqs - 1];
    if (entry->n_seqs == 1)
        return ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, newest);
    return ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64 " +%zu", newest, entry->n_seqs - 1);
}

static int add_row(const struct ml_check_entry *entry, struct ml_listing *listing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf how = {0};
    ML_TRY(describe(entry, &how));
    ML_TRY(ml_listing_add(listing, role_of(entry->state), "%s", word_of(entry->state)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", entry->path));
    ML_TRY(add_records(entry, listing));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", entry->what ? entry->what : ""));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (char *)how.data);
}

static int print_entries(const struct ml_check *check, bool all, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "STATE"},
                                               {.heading = "PATH", .flexible = true},
                                               {.heading = "RECORD"},
                                               {.heading = "NAMED BY"},
                                               {.heading = "HOW"}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing = {0};
    size_t shown = 0;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < check->n_entries; i++) {
        if (!is_shown(&check->entries[i], all))
            continue;
        ML_TRY(add_row(&check->entries[i], &listing));
        shown++;
    }
    ml_listing_print(&listing, out);
    if (shown)
        ml_output_newline(out);
    return MLEDGER_OK;
}

/* "read 14 files, 3.4 MiB: 11 as recorded, 1 modified, 2 unrecorded" */
static void print_sum(const struct ml_check *check, struct ml_output *out)
{
    char files[ML_HUMAN_SIZE], bytes[ML_HUMAN_SIZE], count[ML_HUMAN_SIZE];
    ml_output_text(out, ML_ROLE_PLAIN, "read %s file%s, %s: %s as recorded",
                   ml_human_count(files, check->files), check->files == 1 ? "" : "s",
                   ml_human_size(bytes, check->bytes),
                   ml_human_count(count, check->counts[ML_CHECK_SAME]));
    for (int state = ML_CHECK_MODIFIED; state < ML_CHECK_STATES; state++)
        if (check->counts[state])
            ml_output_text(out, role_of(state), ", %s %s",
                           ml_human_count(count, check->counts[state]), word_of(state));
    ml_output_newline(out);
}

/* ---- JSON ---- */

static int set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) < 0 ? ml_fail_memory() : MLEDGER_OK;
}

static int set_digest(json_t *object, const char *key, const struct ml_check_digest *digest)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (!digest->algorithm)
        return MLEDGER_OK;
    digest_text(digest, 0, text);
    return set(object, key, json_string(text));
}

static json_t *seqs_json(const struct ml_check_entry *entry)
{
    json_t *seqs = json_array();
    for (size_t i = 0; i < entry->n_seqs; i++)
        json_array_append_new(seqs, json_integer((json_int_t)entry->seqs[i]));
    return seqs;
}

static int fill_entry(const struct ml_check_entry *entry, json_t *object)
{
    ML_TRY(set(object, "state", json_string(ml_check_state_name(entry->state))));
    ML_TRY(set(object, "place", json_string(ml_check_place_name(entry->place))));
    ML_TRY(set(object, "path", json_string(entry->path)));
    ML_TRY(set(object, "records", seqs_json(entry)));
    if (entry->what)
        ML_TRY(set(object, "named_by", json_string(entry->what)));
    ML_TRY(set_digest(object, "recorded", &entry->recorded));
    ML_TRY(set_digest(object, "found", &entry->found));
    if (entry->has_recorded_size)
        ML_TRY(set(object, "recorded_size", json_integer((json_int_t)entry->recorded_size)));
    if (entry->has_found_size)
        ML_TRY(set(object, "found_size", json_integer((json_int_t)entry->found_size)));
    if (entry->weak)
        ML_TRY(set(object, "weak", json_true()));
    return entry->note ? set(object, "note", json_string(entry->note)) : MLEDGER_OK;
}

static int fill_entries(const struct ml_check *check, bool all, json_t *list)
{
    for (size_t i = 0; i < check->n_entries; i++) {
        if (!is_shown(&check->entries[i], all))
            continue;
        json_t *object = json_object();
        if (json_array_append_new(list, object) < 0)
            return ml_fail_memory();
        ML_TRY(fill_entry(&check->entries[i], object));
    }
    return MLEDGER_OK;
}

static int fill(const struct ml_check *check, bool all, json_t *json)
{
    json_t *counts = json_object(), *entries = json_array();
    ML_TRY(set(json, "files", json_integer((json_int_t)check->files)));
    ML_TRY(set(json, "bytes", json_integer((json_int_t)check->bytes)));
    ML_TRY(set(json, "counts", counts));
    for (int state = 0; state < ML_CHECK_STATES; state++)
        ML_TRY(set(counts, ml_check_state_name(state),
                   json_integer((json_int_t)check->counts[state])));
    ML_TRY(set(json, "entries", entries));
    return fill_entries(check, all, entries);
}

static int print_json(struct checking *checking, bool all)
{
    json_t *json = json_object();
    int result = json ? fill(checking->check, all, json) : ml_fail_memory();
    if (result == MLEDGER_OK)
        result = ml_question_finish_json(&checking->question, json);
    json_decref(json);
    return result;
}

/* ---- the command ---- */

static int ask(const struct ml_invocation *invocation, struct checking *checking)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    const size_t count = ml_argument_count(invocation, "REF");
    ML_CLEANUP(ml_freep) const char **references = ml_calloc(count + 1, sizeof *references);
    if (!references)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        references[i] = ml_argument_at(invocation, "REF", i);
    ml_progress_start(&progress, "check", "", ML_PROGRESS_BYTES, invocation->quiet);
    const struct ml_check_options options = {.references = references,
                                             .n_references = count,
                                             .outside = ml_option_given(invocation, "outside"),
                                             .progress = ml_progress_update,
                                             .progress_context = &progress};
    return ml_check_run(&checking->question.reader, ml_argument(invocation, "DIR"), &options,
                        &checking->question.basis, &checking->check);
}

static bool is_good(const struct ml_check *check, bool strict)
{
    for (int state = 0; state < ML_CHECK_STATES; state++)
        if (check->counts[state] && state != ML_CHECK_SAME && (strict || ml_check_is_fault(state)))
            return false;
    return true;
}

static int print_text(struct checking *checking, bool all)
{
    struct ml_output *out = checking->question.answer.out;
    ML_TRY(print_entries(checking->check, all, out));
    print_sum(checking->check, out);
    return ml_question_finish(&checking->question);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(checking_release) struct checking checking = {0};
    const bool all = ml_option_given(invocation, "all");
    ML_TRY(ml_question_open(invocation, formats, out, &checking.question));
    ML_TRY(ask(invocation, &checking));
    ML_TRY(checking.question.answer.format == ML_ANSWER_JSON ? print_json(&checking, all)
                                                             : print_text(&checking, all));
    return is_good(checking.check, ml_option_given(invocation, "strict")) ? MLEDGER_OK
                                                                          : ML_ANSWER_NO;
}

const struct ml_command ml_command_check = {
    .name = "check",
    .summary = "Read files again and hold them against what was recorded",
    .description =
        (const char *const[]){
            "Reads the files of DIR that the ledger names, whole, and says which are modified or "
            "missing, with the record that says what they were: files of DVC's workspace and "
            "cache, "
            "artifacts of MLflow's runs, datasets and artifacts recorded by hand. No time of a "
            "file, no cache and no lock is believed.",
            "Without REF the newest pipeline snapshots, dataset versions and artifacts that name "
            "paths in DIR count. With REF only what that names: a version, a run, an experiment, a "
            "dataset, a pipeline, a record, or content by its digest.",
            "Where a hash of DVC's before 3.0 (md5-dos2unix) is all that is recorded, the size "
            "tells a change of line ends, which the hash does not see. Names and links that lead "
            "out of DIR are not followed. Unrecorded is what lies in a recorded directory, in a "
            "run's artifacts or in the cache without a record of it.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "DIR",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_DIR},
             .help = "A DVC project, a folder with an MLflow store, or one around several."},
            {.name = "REF",
             .min = 0,
             .max = ML_ANY_NUMBER,
             .rule = {.kind = ML_VALUE_REF},
             .help = "What to check."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "strict", .help = "Exit with 1 also for what is unrecorded or not cached."},
            {.name = "all", .help = "List what is as recorded, too."},
            {.name = "outside", .help = "Follow names and links that lead out of DIR."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger check .", "Ask whether everything here is what the ledger says."},
            {"mledger check . churn@champion",
             "Ask whether the model in use is what was registered."},
            {NULL, NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "Something is modified, missing, or could not be read; or REF names nothing."},
            {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
