/* SPDX-License-Identifier: Apache-2.0 */
/* What learned from something that turned out bad, and what did not. */
#include "cli/commands.h"
#include "cli/impact_print.h"
#include "cli/key_choice.h"
#include "cli/remote_question.h"
#include "export/draw_impact.h"
#include "ledger/query/impact_json.h"
#include "ledger/query/impact_words.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", "dot", "mermaid", NULL};

struct asked {
    struct ml_question question;
    const char **what;
    struct ml_impact impact;
};

static void release_asked(struct asked *asked)
{
    ml_impact_release(&asked->impact);
    ml_question_release(&asked->question);
    free(asked->what);
}

static int ask(struct asked *asked)
{
    struct ml_question *question = &asked->question;
    const struct ml_invocation *invocation = question->session.invocation;
    const size_t count = ml_argument_count(invocation, "WHAT");
    const struct ml_key_names names = ml_key_names_of(&question->session);
    asked->what = ml_calloc(count, sizeof *asked->what);
    if (!asked->what)
        return ml_fail_memory();
    for (size_t i = 0; i < count; i++)
        asked->what[i] = ml_argument_at(invocation, "WHAT", i);
    const struct ml_impact_words words = {
        .what = asked->what,
        .count = count,
        .since = ml_option_text(invocation, "since", NULL),
        .same_content = !ml_option_given(invocation, "no-same-content"),
        .inferred = !ml_option_given(invocation, "no-inferred"),
        .names = &names,
    };
    return ml_impact_ask(&question->reader, &words, &question->basis, &asked->impact);
}

/* ---- the answer ---- */

static int finish_json(struct asked *asked)
{
    json_t *json;
    ML_TRY(ml_impact_to_json(&asked->impact, &json));
    int result = ml_question_finish_json(&asked->question, json);
    json_decref(json);
    return result;
}

/* When each node of the graph was recorded. */
static int read_times(struct asked *asked, int64_t *times_us)
{
    const struct ml_graph *graph = asked->impact.graph;
    for (size_t i = 0; i < graph->n_nodes; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&asked->question.reader, graph->nodes[i].seq, &record));
        times_us[i] = record->header->recorded_at;
    }
    return MLEDGER_OK;
}

static int draw(struct asked *asked)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    const struct ml_invocation *invocation = asked->question.session.invocation;
    ML_TRY(ml_buf_append_text(&query, "impact of"));
    for (size_t i = 0; i < ml_argument_count(invocation, "WHAT"); i++)
        ML_TRY(ml_buf_printf(&query, "%s %s", i ? "," : "", ml_argument_at(invocation, "WHAT", i)));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame = ml_moment_frame(&asked->question.moment, (char *)query.data);
    ML_CLEANUP(ml_freep)
    int64_t *times_us = ml_calloc(asked->impact.graph->n_nodes + 1, sizeof *times_us);
    if (!times_us)
        return ml_fail_memory();
    ML_TRY(read_times(asked, times_us));
    ML_TRY(ml_draw_impact(&asked->impact, times_us, &frame, &drawing));
    return ml_answer_draw(
        &asked->question.answer, &drawing,
        (size_t)ml_option_number(invocation, "max-nodes", ML_DRAW_NODES_READABLE));
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "impact",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_KEYS, "WHAT", "what"},
                                             {ML_REMOTE_OPTION, "since", "since"},
                                             {ML_REMOTE_NOT, "no-same-content", "same_content"},
                                             {ML_REMOTE_NOT, "no-inferred", "inferred"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_asked) struct asked asked = {0};
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &asked.question));
    ML_TRY(ask(&asked));
    if (asked.question.answer.format == ML_ANSWER_JSON)
        return finish_json(&asked);
    ML_TRY(ml_answer_is_picture(&asked.question.answer)
               ? draw(&asked)
               : ml_impact_print(&asked.question, &asked.impact));
    return ml_question_finish(&asked.question);
}

const struct ml_command ml_command_impact = {
    .name = "impact",
    .summary = "Show what learned from something, and what did not",
    .description =
        (const char *const[]){
            "For what turned out bad: content or a dataset that is poisoned, a commit with a bug, "
            "a "
            "base model, a run, the list of packages (requirements.txt, conda.yaml, ...) that "
            "names a vulnerable one, or a key that was stolen. Lists every model version that "
            "learned from it, directly or through base models, with the stages and deployments in "
            "which it was, from when (that record is in it) to when (that record is not); then the "
            "versions of these models that were not reached, the one to go back to first.",
            "A version is affected where every output on the way names the inputs it was made "
            "from. Where one does not, all that its run or stage read counts, and the version may "
            "be affected. What was read only to test or validate on taught it nothing, but what "
            "was measured there is in doubt: measured on it. A way is recorded, or joined "
            "somewhere by the same content alone, or inferred somewhere.",
            "WHAT is content (sha256:..., md5:...), dataset:NAME@DIGEST, a commit (git:...), a run "
            "(runs:/ID), a version (churn/3), the number of a record (#12), or a key (key:NAME, "
            "its file or its first digits). Several are answered together.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "WHAT", .min = 1, .max = ML_ANY_NUMBER, .rule = {.kind = ML_VALUE_REF}},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "since",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "Of a key, only what it signed from this record or time on."},
            ML_OPTIONS_QUESTION,
            ML_OPTION_OPEN,
            ML_OPTION_FORMAT(formats),
            ML_OPTION_MAX_NODES,
            ML_OPTIONS_RECORDED_ONLY,
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger impact sha256:96cb09118761",
                                             "What learned from these bytes."},
                                            {"mledger impact git:7e9880e0a807 -o impact.svg",
                                             "The same of a commit, as a picture."},
                                            {"mledger impact key:ci --since 2026-03-01",
                                             "What a stolen key signed, and what came of it."},
                                            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such thing, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
