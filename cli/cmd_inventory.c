/* SPDX-License-Identifier: Apache-2.0 */
/* The stock of models: where their versions are, who answers for them. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/csv.h"
#include "cli/human.h"
#include "cli/listing.h"
#include "cli/question.h"
#include "cli/remote_question.h"
#include "ledger/core/time.h"
#include "ledger/query/inventory_json.h"

static const char *const formats[] = {"text", "json", "csv", NULL};

enum { DATE_SIZE = sizeof("2026-03-01") };

/* ---- text ---- */

static const char *date_of(int64_t time_us, char text[ML_TIME_TEXT_SIZE])
{
    if (ml_time_format(time_us, text) < 0)
        return "?";
    text[DATE_SIZE - 1] = '\0';
    return text;
}

static int join_aliases(const struct ml_inventory_version *version, struct ml_buf *text)
{
    for (size_t i = 0; i < version->n_aliases; i++)
        ML_TRY(ml_buf_printf(text, "%s%s", i ? ", " : "", version->aliases[i]));
    return ml_buf_append_char(text, '\0');
}

/* "scoring (eu) 10%" */
static int join_deployments(const struct ml_inventory_version *version, struct ml_buf *text)
{
    for (size_t i = 0; i < version->n_deployments; i++) {
        const struct ml_inventory_deployment *one = &version->deployments[i];
        ML_TRY(ml_buf_printf(text, "%s%s", i ? ", " : "", one->endpoint));
        if (one->environment)
            ML_TRY(ml_buf_printf(text, " (%s)", one->environment));
        if (one->share_ppm != 1000000)
            ML_TRY(ml_buf_printf(text, " %g%%", one->share_ppm / 10000.0));
    }
    return ml_buf_append_char(text, '\0');
}

static int add_validation(struct ml_listing *listing, const struct ml_inventory_version *version)
{
    char date[ML_TIME_TEXT_SIZE];
    bool passed = version->validation && strcmp(version->validation, "passed") == 0;
    if (!version->validation)
        return ml_listing_add(listing, ML_ROLE_DIM, "never");
    return ml_listing_add(listing, passed ? ML_ROLE_PLAIN : ML_ROLE_BAD, "%s%s",
                          passed ? "" : "not passed ", date_of(version->validation_us, date));
}

static int add_version(struct ml_listing *listing, const struct ml_inventory_version *version)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf aliases = {0}, deployments = {0};
    char date[ML_TIME_TEXT_SIZE];
    ML_TRY(join_aliases(version, &aliases));
    ML_TRY(join_deployments(version, &deployments));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%" PRIu64, version->version));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s%s", version->stage,
                          version->deleted ? ", deleted" : ""));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", date_of(version->stage_us, date)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (const char *)aliases.data));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (const char *)deployments.data));
    ML_TRY(add_validation(listing, version));
    return ml_listing_add(listing, version->n_exceptions ? ML_ROLE_WARN : ML_ROLE_PLAIN, "%zu",
                          version->n_exceptions);
}

static int add_no_version(struct ml_listing *listing)
{
    for (int i = 0; i < 7; i++)
        ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%s", i == 0 ? "none" : ""));
    return MLEDGER_OK;
}

static int add_row(struct ml_listing *listing, const struct ml_inventory_model *model, size_t i)
{
    char date[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s%s", model->name,
                          model->deleted ? " (deleted)" : ""));
    ML_TRY(i < model->n_versions ? add_version(listing, &model->versions[i])
                                 : add_no_version(listing));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", model->owner ? model->owner : "?"));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s by %s", date_of(model->last_us, date),
                          model->last_actor);
}

static int fill(const struct ml_inventory *inventory, struct ml_listing *listing)
{
    for (size_t i = 0; i < inventory->count; i++) {
        const struct ml_inventory_model *model = &inventory->models[i];
        size_t rows = model->n_versions ? model->n_versions : 1;
        for (size_t k = 0; k < rows; k++)
            ML_TRY(add_row(listing, model, k));
    }
    return MLEDGER_OK;
}

static int print_text(const struct ml_inventory *inventory, struct ml_output *out)
{
    static const struct ml_column columns[] = {
        {.heading = "MODEL", .flexible = true},
        {.heading = "VERSION", .right = true},
        {.heading = "STAGE"},
        {.heading = "SINCE"},
        {.heading = "ALIASES", .flexible = true},
        {.heading = "SERVES", .flexible = true},
        {.heading = "VALIDATED"},
        {.heading = "EXCEPTIONS", .right = true},
        {.heading = "OWNER", .flexible = true},
        {.heading = "MODEL CHANGED"},
    };
    char shown[ML_HUMAN_SIZE], all[ML_HUMAN_SIZE];
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    ML_TRY(fill(inventory, &listing));
    ml_listing_print(&listing, out);
    ml_output_line(out, ML_ROLE_PLAIN, "%s of %s models", ml_human_count(shown, inventory->count),
                   ml_human_count(all, inventory->n_looked_at));
    return ml_output_check(out);
}

/* ---- CSV ---- */

static int csv_version(struct ml_csv *csv, const struct ml_inventory_version *version)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf aliases = {0}, deployments = {0};
    ML_TRY(join_aliases(version, &aliases));
    ML_TRY(join_deployments(version, &deployments));
    ml_csv_number(csv, version->version);
    ml_csv_text(csv, version->stage);
    ml_csv_number(csv, version->stage_seq);
    ml_csv_time(csv, version->stage_seq, version->stage_us);
    ml_csv_text(csv, (const char *)aliases.data);
    ml_csv_text(csv, (const char *)deployments.data);
    ml_csv_text(csv, version->validation);
    ml_csv_time(csv, version->validation ? version->validation_seq : MLEDGER_NO_SEQ,
                version->validation_us);
    ml_csv_time(csv, version->registered_seq, version->registered_us);
    ml_csv_number(csv, version->n_exceptions);
    return MLEDGER_OK;
}

static int csv_row(struct ml_csv *csv, const struct ml_inventory_model *model, size_t i)
{
    ml_csv_text(csv, model->name);
    if (i < model->n_versions)
        ML_TRY(csv_version(csv, &model->versions[i]));
    for (int k = 0; i >= model->n_versions && k < 10; k++)
        ml_csv_text(csv, NULL);
    ml_csv_text(csv, model->owner);
    ml_csv_number(csv, model->last_seq);
    ml_csv_time(csv, model->last_seq, model->last_us);
    ml_csv_text(csv, model->last_actor);
    ml_csv_end(csv);
    return MLEDGER_OK;
}

static int print_csv(const struct ml_inventory *inventory, struct ml_output *out)
{
    static const char *const headings[] = {"model",       "version",    "stage",      "stage_seq",
                                           "stage_since", "aliases",    "serves",     "validation",
                                           "validated",   "registered", "exceptions", "owner",
                                           "last_seq",    "last_time",  "last_actor", NULL};
    struct ml_csv csv = {.out = out};
    ml_csv_row(&csv, headings);
    for (size_t i = 0; i < inventory->count; i++) {
        const struct ml_inventory_model *model = &inventory->models[i];
        size_t rows = model->n_versions ? model->n_versions : 1;
        for (size_t k = 0; k < rows; k++)
            ML_TRY(csv_row(&csv, model, k));
    }
    return ml_output_check(out);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "inventory",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_OPTION, "where", "where"},
                                             {ML_REMOTE_FLAG, "all-versions", "all_versions"},
                                             {ML_REMOTE_FLAG, "deleted", "deleted"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

/* ---- all of it ---- */

struct stocktaking {
    struct ml_question question;
    struct ml_arena arena;
    struct ml_filter filter;
    struct ml_inventory inventory;
};

static void stocktaking_release(struct stocktaking *stocktaking)
{
    ml_inventory_release(&stocktaking->inventory);
    ml_arena_release(&stocktaking->arena);
    ml_question_release(&stocktaking->question);
}

static int read_filter(const struct ml_invocation *invocation, struct stocktaking *stocktaking)
{
    for (size_t i = 0; i < ml_option_count(invocation, "where"); i++)
        ML_TRY(ml_filter_parse(ml_option_at(invocation, "where", i), &stocktaking->arena,
                               &stocktaking->filter));
    return MLEDGER_OK;
}

/* Ages count back from the moment asked about: now, or that of --as-of. */
static int find_now(struct ml_question *question, int64_t *ret_now_us)
{
    if (!ml_option_given(question->session.invocation, "as-of")) {
        *ret_now_us = ml_time_now_us();
        return MLEDGER_OK;
    }
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&question->reader, question->moment.as_of, &record));
    *ret_now_us = record->header->recorded_at;
    return MLEDGER_OK;
}

static int take_stock(const struct ml_invocation *invocation, struct stocktaking *stocktaking)
{
    struct ml_question *question = &stocktaking->question;
    struct ml_inventory_options options = {
        .as_of = question->moment.as_of,
        .filter = &stocktaking->filter,
        .all_versions = ml_option_given(invocation, "all-versions"),
        .deleted = ml_option_given(invocation, "deleted"),
    };
    ML_TRY(find_now(question, &options.now_us));
    return ml_inventory(&question->moment.view, &options, &question->basis,
                        &stocktaking->inventory);
}

static int finish_json(struct stocktaking *stocktaking)
{
    json_t *json;
    ML_TRY(ml_inventory_to_json(&stocktaking->inventory, &json));
    int result = ml_question_finish_json(&stocktaking->question, json);
    json_decref(json);
    return result;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(stocktaking_release) struct stocktaking stocktaking = {0};
    struct ml_question *question = &stocktaking.question;
    ml_arena_init(&stocktaking.arena, SIZE_MAX / 2);
    ML_TRY(read_filter(invocation, &stocktaking));
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, question));
    ML_TRY(take_stock(invocation, &stocktaking));
    if (question->answer.format == ML_ANSWER_JSON)
        return finish_json(&stocktaking);
    ML_TRY(question->answer.format == ML_ANSWER_CSV
               ? print_csv(&stocktaking.inventory, question->answer.out)
               : print_text(&stocktaking.inventory, question->answer.out));
    return ml_question_finish(question);
}

const struct ml_command ml_command_inventory = {
    .name = "inventory",
    .summary = "List all models, where they are and who answers for them",
    .description =
        (const char *const[]){
            "One line for each version that matters: that is in a stage other than None and "
            "Archived, bears an alias, or serves an endpoint; of a model without any, the newest. "
            "The owner is the model's tag 'owner', else who created it. MODEL CHANGED is the "
            "newest record about the model or any of its versions.",
            "--where lists the versions that meet conditions, and the models that have any: "
            "FIELD OPERATOR VALUE, several with commas between them. Texts are compared by = and "
            "!=, or by a pattern with ~ and !~: name, owner, stage, alias, deployed (an endpoint), "
            "validation (passed, not_passed, none), holdout (yes, no: whether its run or a "
            "validation names data that it was tested on), tag.KEY (of the version, else of the "
            "model). Numbers by = != < <= > >=: version, metric.KEY (of its run, the newest). "
            "Times by < <= > >=: registered, changed, validated. So are ages (12h, 30d, 6w, 12mo, "
            "2y, back from now or from --as-of): registered-age, changed-age, validated-age, and "
            "data-age, that of the oldest training data which its run names. A|B means either; "
            "none is what is not recorded; a value may stand in double quotes.",
            "EXCEPTIONS counts what mledger report exceptions finds of the version, without the "
            "checks that follow lineage; it is also a number for --where.",
            "Where what a condition asks for is not recorded, the version is left out and that is "
            "said under 'not known'.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "where",
             .value = "CONDITION,...",
             .repeated = true,
             .help = "List the versions for which this holds; given again, that too."},
            {.name = "all-versions", .help = "List every version, not those alone that matter."},
            {.name = "deleted", .help = "Deleted models and versions too."},
            ML_OPTION_FORMAT(formats),
            ML_OPTIONS_QUESTION,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger inventory --where 'stage=Production,data-age>12mo'",
             "What is in Production and was trained on data older than twelve months."},
            {"mledger inventory --where 'name~credit*,metric.auc<0.8'",
             "Credit models below a threshold."},
            {"mledger inventory --where 'stage=Production,holdout=no' --format csv -o open.csv",
             "What was never tested on data of its own, for a spreadsheet."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{0, "Also when nothing is listed."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
