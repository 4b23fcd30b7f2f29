/* SPDX-License-Identifier: Apache-2.0 */
/* Importing what other tools wrote, and telling what came of it. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/human.h"
#include "cli/importing.h"
#include "cli/listing.h"
#include "cli/progress.h"
#include "ledger/core/time.h"

enum { SHOWN_MAX = 40 };

struct import {
    struct ml_importing importing;
    struct ml_progress progress;
    struct ml_import_report report;
};

static void import_release(struct import *import)
{
    ml_progress_finish(&import->progress);
    ml_import_report_release(&import->report);
    ml_importing_release(&import->importing);
}

/* ---- JSON ---- */

static int add_text(json_t *object, const char *key, const char *text)
{
    return text ? json_object_set_new(object, key, json_string(text)) : 0;
}

static json_t *kinds_json(const struct ml_import_report *report)
{
    json_t *kinds = json_object();
    for (unsigned i = 0; kinds && i < ML_IMPORT_KINDS; i++)
        if (report->kinds[i])
            json_object_set_new(kinds, ml_import_kind_name(i),
                                json_integer((json_int_t)report->kinds[i]));
    return kinds;
}

static json_t *read_json(const struct ml_import_report *report)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "stages", (json_int_t)report->stages,
                     "datasets", (json_int_t)report->datasets, "experiments",
                     (json_int_t)report->experiments, "runs", (json_int_t)report->runs, "models",
                     (json_int_t)report->models, "versions", (json_int_t)report->versions);
}

/* Of a history. */
static int add_commits(json_t *object, const struct ml_import_disagreement *one)
{
    if (!one->commit)
        return 0;
    return add_text(object, "commit", one->commit) ||
           add_text(object, "last_commit", one->last_commit) ||
           json_object_set_new(object, "commits", json_integer((json_int_t)one->commits));
}

static json_t *disagreements_json(const struct ml_import_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_disagreements; i++) {
        const struct ml_import_disagreement *one = &report->disagreements[i];
        json_t *object = json_pack("{s:s}", "kind", one->kind);
        if (add_text(object, "stage", one->stage) || add_text(object, "path", one->path) ||
            add_text(object, "recorded", one->recorded) || add_text(object, "found", one->found) ||
            add_commits(object, one) || json_array_append_new(list, object)) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *left_out_json(const struct ml_import_report *report)
{
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_left_out; i++)
        if (json_array_append_new(list, json_pack("{s:s, s:s}", "what", report->left_out[i].what,
                                                  "reason", report->left_out[i].reason))) {
            json_decref(list);
            return NULL;
        }
    return list;
}

static int print_json(const struct ml_import_report *report, struct ml_output *out)
{
    json_t *json =
        json_pack("{s:I, s:o, s:o, s:o, s:o}", "appended", (json_int_t)report->appended, "kinds",
                  kinds_json(report), "read", read_json(report), "disagreements",
                  disagreements_json(report), "left_out", left_out_json(report));
    int bad = json == NULL;
    if (json && report->commits) {
        bad |= json_object_set_new(json, "commits", json_integer((json_int_t)report->commits));
        bad |= json_object_set_new(json, "changes", json_integer((json_int_t)report->changes));
    }
    if (json && report->appended) {
        bad |= json_object_set_new(json, "first_seq", json_integer((json_int_t)report->first_seq));
        bad |= json_object_set_new(json, "last_seq", json_integer((json_int_t)report->last_seq));
    }
    if (!bad)
        ml_output_json(out, json);
    json_decref(json);
    return bad ? ml_fail_memory() : MLEDGER_OK;
}

/* ---- text ---- */

static void print_count(struct ml_output *out, uint64_t count, const char *thing, bool *first)
{
    char number[ML_HUMAN_SIZE];
    if (count == 0)
        return;
    ml_output_text(out, ML_ROLE_PLAIN, "%s%s %s%s", *first ? "" : ", ",
                   ml_human_count(number, count), thing, count == 1 ? "" : "s");
    *first = false;
}

static void print_read(const struct ml_import_report *report, struct ml_output *out)
{
    bool first = true;
    ml_output_text(out, ML_ROLE_PLAIN, "read ");
    print_count(out, report->commits, "commit", &first);
    print_count(out, report->changes, "change", &first);
    print_count(out, report->stages, "stage", &first);
    print_count(out, report->datasets, "dataset", &first);
    print_count(out, report->experiments, "experiment", &first);
    print_count(out, report->runs, "run", &first);
    print_count(out, report->models, "model", &first);
    print_count(out, report->versions, "version", &first);
    ml_output_line(out, ML_ROLE_PLAIN, first ? "nothing" : "");
}

static int print_kinds(const struct ml_import_report *report, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = NULL}, {.right = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing = {0};
    char number[ML_HUMAN_SIZE];
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (unsigned i = 0; i < ML_IMPORT_KINDS; i++) {
        if (report->kinds[i] == 0)
            continue;
        ML_TRY(ml_listing_add(&listing, ML_ROLE_PLAIN, "  %s", ml_import_kind_name(i)));
        ML_TRY(ml_listing_add(&listing, ML_ROLE_PLAIN, "%s",
                              ml_human_count(number, report->kinds[i])));
    }
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

static int print_appended(const struct ml_import_report *report, struct ml_output *out)
{
    char number[ML_HUMAN_SIZE];
    if (report->appended == 0) {
        ml_output_line(out, ML_ROLE_GOOD, "nothing new: the ledger has all of it");
        return MLEDGER_OK;
    }
    ml_output_text(out, ML_ROLE_GOOD, "appended %s record%s",
                   ml_human_count(number, report->appended), report->appended == 1 ? "" : "s");
    if (report->appended == 1)
        ml_output_line(out, ML_ROLE_DIM, "  #%" PRIu64, report->first_seq);
    else
        ml_output_line(out, ML_ROLE_DIM, "  #%" PRIu64 " to #%" PRIu64, report->first_seq,
                       report->last_seq);
    return print_kinds(report, out);
}

static void print_more(size_t count, struct ml_output *out)
{
    char number[ML_HUMAN_SIZE];
    if (count > SHOWN_MAX)
        ml_output_line(out, ML_ROLE_WARN, "and %s more; --json lists all",
                       ml_human_count(number, count - SHOWN_MAX));
}

static const char *or_dash(const char *text)
{
    return text && *text ? text : "-";
}

/* "0123456789ab", and of a history how often it stood there. */
static int add_commit(struct ml_listing *listing, const struct ml_import_disagreement *one)
{
    char number[ML_HUMAN_SIZE];
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%.12s", one->commit));
    return ml_listing_add(listing, ML_ROLE_DIM, "%s", ml_human_count(number, one->commits));
}

static int add_disagreement(struct ml_listing *listing, const struct ml_import_disagreement *one)
{
    if (one->commit)
        ML_TRY(add_commit(listing, one));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", or_dash(one->stage)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_WARN, "%s", one->kind));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", or_dash(one->path)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", or_dash(one->recorded)));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", or_dash(one->found));
}

static int print_disagreements(const struct ml_import_report *report, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "FIRST COMMIT"},
                                               {.heading = "COMMITS", .right = true},
                                               {.heading = "STAGE", .flexible = true},
                                               {.heading = "DISAGREEMENT"},
                                               {.heading = "AT", .flexible = true},
                                               {.heading = "RECORDED", .flexible = true},
                                               {.heading = "FOUND", .flexible = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing = {0};
    char number[ML_HUMAN_SIZE];
    const size_t skipped = report->commits ? 0 : 2;
    const uint64_t count = report->n_disagreements + report->more_disagreements;
    if (count == 0)
        return MLEDGER_OK;
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_WARN, "%s disagreement%s", ml_human_count(number, count),
                   count == 1 ? "" : "s");
    ml_listing_init(&listing, columns + skipped, ML_COUNT(columns) - skipped);
    for (size_t i = 0; i < report->n_disagreements && i < SHOWN_MAX; i++)
        ML_TRY(add_disagreement(&listing, &report->disagreements[i]));
    ml_listing_print(&listing, out);
    print_more(report->n_disagreements, out);
    return MLEDGER_OK;
}

static void print_left_out(const struct ml_import_report *report, struct ml_output *out)
{
    char number[ML_HUMAN_SIZE];
    if (report->n_left_out == 0)
        return;
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_WARN, "left out: %s", ml_human_count(number, report->n_left_out));
    for (size_t i = 0; i < report->n_left_out && i < SHOWN_MAX; i++) {
        ml_output_text(out, ML_ROLE_EMPHASIS, "  %s", report->left_out[i].what);
        ml_output_line(out, ML_ROLE_PLAIN, ": %s", report->left_out[i].reason);
    }
    print_more(report->n_left_out, out);
}

static int print_text(const struct ml_import_report *report, struct ml_output *out)
{
    print_read(report, out);
    ML_TRY(print_appended(report, out));
    ML_TRY(print_disagreements(report, out));
    print_left_out(report, out);
    return MLEDGER_OK;
}

/* ---- the commands ---- */

/* Files here are read anyway; what lies on a server is downloaded only when asked for. */
static bool skips_hashing(const struct ml_invocation *invocation, const char *place)
{
    if (ml_option_given(invocation, "no-hash"))
        return true;
    return invocation->command == &ml_command_import_mlflow && ml_importing_is_server(place) &&
           !ml_option_given(invocation, "artifacts");
}

/* Which part of a past; what is no time is a commit. */
static void choose_past(const struct ml_invocation *invocation, struct ml_import_options *options)
{
    if (invocation->command != &ml_command_import_dvc)
        return;
    const char *text = ml_option_text(invocation, "since", NULL);
    options->branch = ml_option_text(invocation, "branch", NULL);
    if (text && ml_time_parse_user(text, strlen(text), &options->since_us) < 0)
        options->since_commit = text;
}

static void choose(const struct ml_invocation *invocation, const char *place,
                   struct ml_import_options *options)
{
    options->name = ml_option_text(invocation, "name", NULL);
    options->keep_going = ml_option_given(invocation, "keep-going");
    options->skip_hashing = skips_hashing(invocation, place);
    choose_past(invocation, options);
}

static int carry_out(struct import *import, const struct ml_invocation *invocation,
                     ml_importer *run, const char *place, const char *things)
{
    struct ml_import_options *options = &import->importing.options;
    choose(invocation, place, options);
    options->progress = ml_progress_update;
    options->progress_context = &import->progress;
    ml_progress_start(&import->progress, "import", things, ML_PROGRESS_COUNT, invocation->quiet);
    int result = ml_importing_run(&import->importing, run, place, &import->report);
    ml_progress_finish(&import->progress);
    return result;
}

static bool is_good(const struct import *import, const struct ml_invocation *invocation)
{
    const struct ml_import_report *report = &import->report;
    const bool strict = ml_option_given(invocation, "strict");
    if (report->n_left_out && (strict || ml_option_given(invocation, "keep-going")))
        return false;
    return !(strict && report->n_disagreements + report->more_disagreements);
}

static int run_import(const struct ml_invocation *invocation, struct ml_output *out,
                      ml_importer *run, const char *where, const char *things)
{
    const char *place = ml_argument(invocation, where);
    ML_CLEANUP(import_release) struct import import = {0};
    ML_TRY(ml_importing_open(invocation, out, place, &import.importing));
    ML_TRY(carry_out(&import, invocation, run, place, things));
    ML_TRY(invocation->json ? print_json(&import.report, out) : print_text(&import.report, out));
    return is_good(&import, invocation) ? MLEDGER_OK : ML_ANSWER_NO;
}

/* Options that mean something only beside --history. */
static int check_history_options(const struct ml_invocation *invocation)
{
    static const char *const names[] = {"since", "branch"};
    for (size_t i = 0; i < ML_COUNT(names); i++)
        if (ml_option_given(invocation, names[i]))
            return ml_fail(MLEDGER_EUSAGE, "--%s says which commits: give --history too", names[i]);
    return MLEDGER_OK;
}

static int run_dvc(const struct ml_invocation *invocation, struct ml_output *out)
{
    if (ml_option_given(invocation, "history"))
        return run_import(invocation, out, ml_import_dvc_history, "DIR", "commits");
    ML_TRY(check_history_options(invocation));
    return run_import(invocation, out, ml_import_dvc, "DIR", "files");
}

static int follow_mlflow(const struct ml_invocation *invocation, struct ml_output *out)
{
    const char *place = ml_argument(invocation, "STORE");
    ML_CLEANUP(ml_importing_release) struct ml_importing importing;
    ML_TRY(ml_importing_open(invocation, out, place, &importing));
    choose(invocation, place, &importing.options);
    struct ml_follow_source source = {
        .kind = "mlflow", .place = place, .run = ml_import_mlflow, .must_be_there = true};
    return ml_follow(&importing, &source, 1);
}

static int run_mlflow(const struct ml_invocation *invocation, struct ml_output *out)
{
    if (ml_option_given(invocation, "follow"))
        return follow_mlflow(invocation, out);
    if (ml_option_given(invocation, "interval"))
        return ml_fail(MLEDGER_EUSAGE, "--interval says how often: give --follow too");
    return run_import(invocation, out, ml_import_mlflow, "STORE", "runs and models");
}

#define OPTION_KEEP_GOING                                                                          \
    {                                                                                              \
        .name = "keep-going",                                                                      \
        .help = "Leave out what is broken or refused, say so at the end and exit with 1; "         \
                "otherwise a broken file means that nothing is written."                           \
    }

const struct ml_command ml_command_import_dvc = {
    .name = "import dvc",
    .summary = "Record a DVC project as it stands",
    .description =
        (const char *const[]){
            "Reads dvc.yaml, dvc.lock, .dvc files and parameters below DIR, hashes the files in "
            "the work tree, and asks Git for the commit. The pipeline becomes one record with "
            "every stage and hash, each of its sources a dataset. What was hashed here is marked "
            "as seen, what only the lock says as claimed.",
            "Importing again appends only what changed. Where lock, dvc.yaml, files and commit "
            "disagree, that is recorded and shown.",
            "With --history the same is done for every commit of the past that touched the "
            "project; what an earlier import recorded is not read again, so one that was broken "
            "off goes on where it was.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "DIR",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_DIR},
             .help = "The project's root, or a folder with several projects below it."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "name",
             .value = "NAME",
             .help = "What the pipeline is called in the ledger, and its datasets before their "
                     "paths. Without it, after the Git remote or else the folder."},
            OPTION_KEEP_GOING,
            {.name = "strict", .help = "Exit with 1 when anything disagrees or is left out."},
            {.name = "no-hash", .help = "Do not read the data: all digests are claimed."},
            {.name = "history",
             .help = "Replay the past instead of what stands in the folder now: one record for "
                     "every commit that touched a file of DVC's, oldest first, with its time, its "
                     "people, and whether it was signed. Commits that came in through merged "
                     "branches count, and so do the annotated tags by which GTO keeps a registry: "
                     "they become models, versions and stages. Only commits and tags are read, so "
                     "the repository may be a bare one."},
            {.name = "since",
             .value = "DATE|COMMIT",
             .help = "With --history: only commits from this time on, or those that came after "
                     "this commit."},
            {.name = "branch",
             .value = "NAME",
             .help = "With --history: the branch whose past is replayed; without it the one that "
                     "is checked out."},
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger import dvc .", "Records the project in this folder."},
            {"mledger import dvc --strict --json .", "In CI: fails when something disagrees."},
            {"mledger import dvc --history .", "Records the project's whole past first."},
            {.line = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "Something was left out by --keep-going, or disagrees under --strict."}, {0, NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run_dvc,
};

const struct ml_command ml_command_import_mlflow = {
    .name = "import mlflow",
    .summary = "Record what an MLflow store or server holds",
    .description =
        (const char *const[]){
            "Reads an mlruns folder, or an SQLite database that MLflow keeps (read-only, also "
            "while "
            "MLflow has it open), or asks a tracking server: experiments, runs with parameters, "
            "metric histories, tags, "
            "dataset inputs and artifacts, which are hashed, and registered models with "
            "their versions, tags, aliases and the stage each is in. Times are those of MLflow. "
            "MLflow does not keep who moved a version to its stage, so that is recorded as "
            "imported state.",
            "Importing again appends only what is new.", NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "STORE",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_FILE},
             .help = "An mlruns folder, or the folder around it; or a database, as a path or as "
                     "sqlite:///PATH, whose artifacts are looked for in the folders mlruns and "
                     "mlartifacts beside it; or the http or https URL of a tracking server."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "name",
             .value = "NAME",
             .help = "Put NAME and a dot before ids and names of experiments and names of "
                     "models, so that several stores fit into one ledger."},
            OPTION_KEEP_GOING,
            {.name = "strict", .help = "Exit with 1 when anything is left out."},
            {.name = "no-hash",
             .help = "Do not read the artifacts: only their sizes are recorded."},
            {.name = "artifacts",
             .help = "Download the artifacts from the server and hash them; without it only their "
                     "sizes are recorded."},
            {.name = "follow",
             .help = "Go on: look again and again, and import what is new, until SIGINT or "
                     "SIGTERM. A line is printed for each import that appended something."},
            ML_OPTION_INTERVAL,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger import mlflow mlruns", "Records the store in this folder."},
            {"mledger import mlflow mlflow.db", "Records what a tracking server keeps."},
            {"mledger import mlflow --artifacts http://localhost:5000",
             "Asks a server; MLFLOW_TRACKING_TOKEN, or _USERNAME and _PASSWORD, say who asks."},
            {.line = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "Something was left out by --keep-going or under --strict."}, {0, NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run_mlflow,
};
