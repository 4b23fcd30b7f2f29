/* SPDX-License-Identifier: Apache-2.0 */
/* What changed from one version to another. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/remote_question.h"
#include "cli/side_by_side.h"
#include "export/draw_difference.h"
#include "ingest/git_range.h"
#include "ledger/query/difference.h"
#include "ledger/query/json_parts.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", "dot", "mermaid", NULL};

enum { COMMITS_SHOWN = 50, SEQS_SHOWN = 3, VALUE_CHARS = 40 };

struct diff {
    struct ml_question question;
    struct ml_difference difference;
    bool all; /* what did not change, too */
    struct ml_pool pool;
    struct ml_git_range range; /* of the code, where it is at hand */
};

static void release_diff(struct diff *diff)
{
    ml_difference_release(&diff->difference);
    ml_question_release(&diff->question);
    ml_pool_release(&diff->pool);
}

/* ---- the commits between ---- */

/* The code of what was asked about: its run's, else that of the one pipeline. */
static const struct ml_difference_line *code_line(const struct ml_difference *difference)
{
    const struct ml_difference_line *found = NULL;
    for (size_t i = 0; i < difference->count; i++) {
        const struct ml_difference_line *line = &difference->lines[i];
        if (line->kind == ML_FACT_CODE && line->change == ML_CHANGED &&
            (!found || strcmp(line->key, "run") == 0))
            found = line;
    }
    return found;
}

/* What the repository does not tell is no reason to give no answer. */
static int find_range(struct diff *diff)
{
    ML_CLEANUP(ml_git_freep) struct ml_git *git = NULL;
    const struct ml_invocation *invocation = diff->question.session.invocation;
    const char *repository = ml_option_text(invocation, "repo", NULL);
    const struct ml_difference_line *line = code_line(&diff->difference);
    if (!line)
        return MLEDGER_OK;
    int result = ml_git_open(repository ? repository : ".", &git);
    if (result >= 0)
        result = ml_git_range(git, line->before->value, line->after->value, COMMITS_SHOWN,
                              &diff->pool, &diff->range);
    if (result >= 0)
        return MLEDGER_OK;
    if (repository)
        return result;
    return ml_basis_unknown(&diff->question.basis,
                            "the commits between %.12s and %.12s: %s (--repo DIR)",
                            line->before->value, line->after->value, mledger_error_text());
}

/* ---- text ---- */

static const char *sign_of(enum ml_difference_change change)
{
    static const char *const signs[] = {[ML_SAME] = " ",
                                        [ML_ADDED] = "+",
                                        [ML_REMOVED] = "-",
                                        [ML_CHANGED] = "~",
                                        [ML_UNTOLD] = "?"};
    return signs[change];
}

static enum ml_role role_of(enum ml_difference_change change)
{
    static const enum ml_role roles[] = {[ML_SAME] = ML_ROLE_DIM,
                                         [ML_ADDED] = ML_ROLE_GOOD,
                                         [ML_REMOVED] = ML_ROLE_BAD,
                                         [ML_CHANGED] = ML_ROLE_WARN,
                                         [ML_UNTOLD] = ML_ROLE_WARN};
    return roles[change];
}

/* A digest or a commit is told by its beginning; JSON has all of it. */
static int shown_value(const struct ml_fact *fact, struct ml_buf *text)
{
    if (!fact)
        return ml_buf_append_char(text, '\0');
    const char *value = fact->value ? fact->value : "(not known)";
    const char *colon = strchr(value, ':');
    bool is_digest = fact->kind == ML_FACT_DATA || fact->kind == ML_FACT_ENVIRONMENT;
    if (fact->kind == ML_FACT_CODE && fact->value)
        ML_TRY(ml_buf_printf(text, "%.12s", value));
    else if (is_digest && colon && fact->value && strlen(colon) > 13)
        ML_TRY(ml_buf_printf(text, "%.*s", (int)(colon - value) + 13, value));
    else
        ML_TRY(ml_buf_append_text(text, value));
    return ml_buf_append_char(text, '\0');
}

static int add_value(struct ml_listing *listing, const struct ml_fact *fact)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(shown_value(fact, &text));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (char *)text.data);
}

static int add_line(struct ml_listing *listing, const struct ml_difference_line *line)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf seqs = {0};
    enum ml_role role = role_of(line->change);
    if (line->before)
        ML_TRY(ml_side_seqs(line->before, SEQS_SHOWN, &seqs));
    ML_TRY(ml_buf_append_text(&seqs, line->before && line->after ? " / " : ""));
    if (line->after)
        ML_TRY(ml_side_seqs(line->after, SEQS_SHOWN, &seqs));
    ML_TRY(ml_buf_append_char(&seqs, '\0'));
    ML_TRY(ml_listing_add(listing, role, "  %s", sign_of(line->change)));
    ML_TRY(ml_listing_add(listing, role, "%s", line->key));
    ML_TRY(add_value(listing, line->before));
    ML_TRY(add_value(listing, line->after));
    return ml_listing_add(listing, ML_ROLE_DIM, "%s", (char *)seqs.data);
}

static void print_commits(const struct diff *diff, struct ml_output *out)
{
    for (size_t i = 0; i < diff->range.count; i++)
        ml_output_line(out, ML_ROLE_PLAIN, "      %.12s %s", diff->range.commits[i].id,
                       diff->range.commits[i].summary);
    if (diff->range.more)
        ml_output_line(out, ML_ROLE_DIM, "      and more: git log says them all");
}

/* The lines of one kind; those that say the same are counted unless they are wanted. */
static int print_kind(const struct diff *diff, enum ml_fact_kind kind, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = NULL},
                                               {.heading = NULL, .flexible = true},
                                               {.heading = NULL, .flexible = true},
                                               {.heading = NULL, .flexible = true},
                                               {.heading = NULL}};
    const struct ml_difference *difference = &diff->difference;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    size_t count = 0, same = 0;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < difference->count; i++) {
        if (difference->lines[i].kind != kind)
            continue;
        count++;
        same += difference->lines[i].change == ML_SAME;
        if (diff->all || difference->lines[i].change != ML_SAME)
            ML_TRY(add_line(&listing, &difference->lines[i]));
    }
    if (count == 0)
        return MLEDGER_OK;
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s", ml_fact_kind_name(kind));
    ml_output_line(out, ML_ROLE_DIM, "%s", same == count ? ": the same" : "");
    ml_listing_print(&listing, out);
    if (kind == ML_FACT_CODE)
        print_commits(diff, out);
    if (same && same < count && !diff->all)
        ml_output_line(out, ML_ROLE_DIM, "    %zu the same", same);
    return MLEDGER_OK;
}

static int print_text(struct diff *diff)
{
    struct ml_output *out = diff->question.answer.out;
    ml_output_line(out, ML_ROLE_EMPHASIS, "%s \xe2\x86\x92 %s", diff->difference.before.name,
                   diff->difference.after.name);
    for (enum ml_fact_kind kind = 0; kind < ML_FACT_KINDS; kind++)
        ML_TRY(print_kind(diff, kind, out));
    return ml_question_finish(&diff->question);
}

/* ---- the other forms ---- */

static int put_commits(const struct diff *diff, json_t *json)
{
    json_t *list, *one;
    if (diff->range.count == 0)
        return MLEDGER_OK;
    ML_TRY(ml_json_put_empty(json, "commits", json_array(), &list));
    for (size_t i = 0; i < diff->range.count; i++) {
        ML_TRY(ml_json_add_empty(list, json_object(), &one));
        ML_TRY(ml_json_put(one, "commit", ml_json_text(diff->range.commits[i].id)));
        ML_TRY(ml_json_put(one, "summary", ml_json_text(diff->range.commits[i].summary)));
    }
    return ml_json_put(json, "more_commits", json_boolean(diff->range.more));
}

static int print_json(struct diff *diff)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_TRY(ml_difference_to_json(&diff->difference, &json));
    ML_TRY(put_commits(diff, json));
    return ml_question_finish_json(&diff->question, json);
}

static int draw(struct diff *diff)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    const struct ml_difference *difference = &diff->difference;
    ML_TRY(ml_buf_printf(&query, "what changed from %s to %s", difference->before.name,
                         difference->after.name));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame = ml_moment_frame(&diff->question.moment, (char *)query.data);
    ML_TRY(ml_draw_difference(difference->before.graph, difference->after.graph, &frame, &drawing));
    size_t most = (size_t)ml_option_number(diff->question.session.invocation, "max-nodes",
                                           ML_DRAW_NODES_READABLE);
    ML_TRY(ml_answer_draw(&diff->question.answer, &drawing, most));
    return ml_question_finish(&diff->question);
}

/* ---- of a server ---- */

static const struct ml_remote_question remote_question = {
    .path = "diff",
    .words = (const struct ml_remote_word[]){{ML_REMOTE_ARGUMENT, "BEFORE", "before"},
                                             {ML_REMOTE_ARGUMENT, "AFTER", "after"},
                                             ML_REMOTE_AS_OF,
                                             {.word = NULL}},
    .formats = formats,
};

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_diff) struct diff diff = {.all = ml_option_given(invocation, "all")};
    if (ml_remote_is(invocation))
        return ml_remote_question(invocation, &remote_question, out);
    ML_TRY(ml_question_open(invocation, formats, out, &diff.question));
    ML_TRY(ml_difference_ask(&diff.question.reader, ml_argument(invocation, "BEFORE"),
                             ml_argument(invocation, "AFTER"), &diff.question.basis,
                             &diff.difference));
    ML_TRY(find_range(&diff));
    if (ml_answer_is_picture(&diff.question.answer))
        return draw(&diff);
    return diff.question.answer.format == ML_ANSWER_JSON ? print_json(&diff) : print_text(&diff);
}

const struct ml_command ml_command_diff = {
    .name = "diff",
    .summary = "Show what changed from one version to another",
    .description =
        (const char *const[]){
            "Lays what two versions (or runs) were made from side by side: data, code, parameters, "
            "metrics, environment, decisions. + is only in the second, - only in the first, ~ is "
            "another value, ? is in both but its value is not known; each line names its records. "
            "Where the Git repository is at hand (the "
            "directory one stands in, or --repo) the commits between are listed.",
            "Data is the same if its content is. Numbers are compared as they were written.", NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "BEFORE", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}},
            {.name = "AFTER", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_REF}},
            {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "all", .help = "List what did not change, too."},
                                          {.name = "repo",
                                           .value = "DIR",
                                           .rule = {.kind = ML_VALUE_DIR},
                                           .help = "The Git repository of the code."},
                                          ML_OPTIONS_QUESTION,
                                          ML_OPTION_OPEN,
                                          ML_OPTION_FORMAT(formats),
                                          ML_OPTION_MAX_NODES,
                                          ML_OPTIONS_REMOTE,
                                          {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger diff churn/2 churn/3", "What is new in version 3."},
            {"mledger diff models:/churn/Production churn@challenger -o diff.svg",
             "The same of what is in Production and what may follow it, as a picture."},
            {0}},
    .exit_codes = (const struct ml_exit_code[]){{1, "There is no such version."}, {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
