/* SPDX-License-Identifier: Apache-2.0 */
/* The script that brings back what something was made from. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/question.h"
#include "export/recipe.h"
#include "export/shell.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/reference.h"

static const char *const formats[] = {"text", "json", NULL};

struct asked {
    struct ml_question question;
    struct ml_recipe recipe;
    struct ml_buf script;
};

static void release_asked(struct asked *asked)
{
    ml_recipe_release(&asked->recipe);
    ml_buf_release(&asked->script);
    ml_question_release(&asked->question);
}

static int resolve(struct asked *asked, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    return ml_reference_resolve(&asked->question.reader, &reference, ret_target);
}

static int write_corrections(struct asked *asked)
{
    const struct ml_corrections *corrections = &asked->question.basis.corrections;
    ML_TRY(ml_question_correct(&asked->question));
    if (corrections->count)
        ML_TRY(ml_buf_append_text(&asked->script, "# recorded later, and not in this script:\n"));
    for (size_t i = 0; i < corrections->count; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        ML_TRY(ml_correction_text(&corrections->list[i], &text));
        ML_TRY(ml_shell_comment(&asked->script, "%.*s", (int)text.len, (const char *)text.data));
    }
    return MLEDGER_OK;
}

static int write_script(struct asked *asked)
{
    struct ml_question *question = &asked->question;
    struct ml_draw_frame frame = ml_moment_frame(&question->moment, "");
    ML_TRY(ml_recipe_write(&question->reader, &asked->recipe, &question->basis, &frame,
                           &asked->script));
    ml_basis_settle(&question->basis);
    ML_TRY(ml_buf_append_text(&asked->script, "\n# records used:"));
    for (size_t i = 0; i < question->basis.n_seqs; i++)
        ML_TRY(ml_buf_printf(&asked->script, " #%" PRIu64, question->basis.seqs[i]));
    ML_TRY(ml_buf_append_char(&asked->script, '\n'));
    return write_corrections(asked);
}

static int finish_json(struct asked *asked)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    ML_TRY(ml_buf_append_char(&asked->script, '\0'));
    ML_TRY(ml_json_put(json, "of", ml_json_text(asked->recipe.name)));
    ML_TRY(ml_json_put(json, "script", ml_json_text((char *)asked->script.data)));
    return ml_question_finish_json(&asked->question, json);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_asked) struct asked asked = {0};
    struct ml_target target;
    ML_TRY(ml_question_open(invocation, formats, out, &asked.question));
    ML_TRY(resolve(&asked, ml_argument(invocation, "REF"), &target));
    ML_TRY(ml_recipe_read(&asked.question.reader, &target, &asked.question.basis, &asked.recipe));
    ML_TRY(write_script(&asked));
    if (asked.question.answer.format == ML_ANSWER_JSON)
        return finish_json(&asked);
    ml_output_raw(asked.question.answer.out, asked.script.data, asked.script.len);
    return ml_question_finish_bare(&asked.question);
}

const struct ml_command ml_command_recipe = {
    .name = "recipe",
    .summary = "Write the script that brings back code, data and parameters",
    .description =
        (const char *const[]){
            "A script for the shell: git checkout of the commit, the lock file of the training, "
            "dvc "
            "checkout of what DVC tracks, each file held against its digest, the parameters of the "
            "run in recipe-params.json. Called with the word run it runs the commands, too. What "
            "no "
            "record says stands there as a comment.",
            "Everything that was recorded stands in quotes or comments, so that no name can do "
            "anything; the commands of the pipeline are what their authors wrote. Read the script "
            "before it runs.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF",
             .min = 1,
             .max = 1,
             .rule = {.kind = ML_VALUE_REF},
             .help = "A version (churn/3), a run (runs:/ID), or pipeline:NAME."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){ML_OPTIONS_QUESTION, ML_OPTION_FORMAT(formats), {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger recipe churn/3 -o recipe.sh", "How to have version 3 again."}, {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such thing."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
