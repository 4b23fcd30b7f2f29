/* SPDX-License-Identifier: Apache-2.0 */
/* What learned from something that turned out bad, and what did not. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/impact_print.h"
#include "cli/key_choice.h"
#include "export/draw_impact.h"
#include "ledger/core/codec.h"
#include "ledger/query/as_of.h"
#include "ledger/query/impact_json.h"
#include "ledger/query/reference.h"

static const char *const formats[] = {"text", "json", "svg", "png", "pdf", "dot", "mermaid", NULL};
static const char key_prefix[] = "key:";

/* What is asked about, as it is read from the command line. */
struct asked {
    struct ml_question question;
    struct ml_target *targets;
    uint64_t *records;
    size_t n_targets, cap_targets, n_records, cap_records;
    uint64_t since; /* the first record of a key that counts */
    struct ml_impact impact;
};

static void release_asked(struct asked *asked)
{
    ml_impact_release(&asked->impact);
    ml_question_release(&asked->question);
    free(asked->targets);
    free(asked->records);
}

/* ---- keys ---- */

/* A record that several keys signed counts once. */
static int compare_seqs(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static void settle_records(struct asked *asked)
{
    size_t kept = 0;
    if (asked->n_records)
        qsort(asked->records, asked->n_records, sizeof *asked->records, compare_seqs);
    for (size_t i = 0; i < asked->n_records; i++)
        if (kept == 0 || asked->records[i] != asked->records[kept - 1])
            asked->records[kept++] = asked->records[i];
    asked->n_records = kept;
}

/* The index knows a key by its first half. */
static int is_by(struct asked *asked, uint64_t seq, const uint8_t key[ML_KEY_SIZE], bool *ret_is)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&asked->question.reader, seq, &record));
    *ret_is = memcmp(record->header->signer.data, key, ML_KEY_SIZE) == 0;
    for (size_t i = 0; record->signed_statements && i < record->signed_statements->n_statements;
         i++)
        *ret_is |=
            memcmp(record->signed_statements->statements[i]->key.data, key, ML_KEY_SIZE) == 0;
    return MLEDGER_OK;
}

static int add_key(struct asked *asked, const char *name)
{
    struct ml_question *question = &asked->question;
    uint8_t key[ML_KEY_SIZE];
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_key_find_in(&question->session, &question->moment.view, name, key));
    struct ml_state_key prefix = ml_index_key_prefix(key);
    ML_TRY(ml_reader_seqs(&question->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    ML_TRY(ml_grow(&asked->records, &asked->cap_records, asked->n_records + count,
                   sizeof *asked->records));
    size_t before = asked->n_records;
    for (size_t i = 0; i < count; i++) {
        bool is;
        ML_TRY(is_by(asked, seqs[i], key, &is));
        if (is && seqs[i] >= asked->since)
            asked->records[asked->n_records++] = seqs[i];
    }
    if (asked->n_records > before)
        return MLEDGER_OK;
    return ml_basis_unknown(&question->basis, "key '%s' signed no record%s", name,
                            asked->since ? " since then" : "");
}

static int find_since(struct asked *asked, const char *since)
{
    struct ml_as_of moment;
    ML_TRY(ml_as_of_parse(since, &moment));
    ML_TRY(ml_as_of_since(&asked->question.moment.view, &moment, &asked->since));
    if (moment.kind != ML_AS_OF_TIME)
        return MLEDGER_OK;
    return ml_basis_unknown(&asked->question.basis,
                            "since #%" PRIu64 " goes by times that the ledger's own keys wrote, "
                            "which who stole one could choose",
                            asked->since);
}

/* ---- anything ---- */

static int add_reference(struct asked *asked, const char *text)
{
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(text, &reference));
    int result = ml_reference_resolve(&asked->question.reader, &reference, &target);
    if (result == MLEDGER_ENOTFOUND && reference.form == ML_REFERENCE_WORD) {
        struct ml_error error;
        ml_error_get(&error);
        result = add_key(asked, text);
        return result == MLEDGER_ENOTFOUND ? ml_error_set(&error) : result;
    }
    ML_TRY(result);
    if (target.kind == ML_TARGET_ACTOR) {
        ml_fail(MLEDGER_EUSAGE, "an actor has no lineage; each of their keys has");
        return ml_hint("mledger key list; mledger impact key:NAME");
    }
    ML_TRY(ml_grow(&asked->targets, &asked->cap_targets, asked->n_targets + 1, sizeof target));
    asked->targets[asked->n_targets++] = target;
    return MLEDGER_OK;
}

static int add_all(struct asked *asked)
{
    const struct ml_invocation *invocation = asked->question.session.invocation;
    const char *since = ml_option_text(invocation, "since", NULL);
    if (since)
        ML_TRY(find_since(asked, since));
    bool any_key = false;
    for (size_t i = 0; i < ml_argument_count(invocation, "WHAT"); i++) {
        const char *text = ml_argument_at(invocation, "WHAT", i);
        bool is_key = strncmp(text, key_prefix, sizeof key_prefix - 1) == 0;
        size_t targets = asked->n_targets;
        ML_TRY(is_key ? add_key(asked, text + sizeof key_prefix - 1) : add_reference(asked, text));
        any_key |= asked->n_targets == targets;
    }
    settle_records(asked);
    if (since && !any_key)
        return ml_fail(MLEDGER_EUSAGE, "--since is about the records of a key, and none is named");
    return MLEDGER_OK;
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

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(release_asked) struct asked asked = {0};
    ML_TRY(ml_question_open(invocation, formats, out, &asked.question));
    ML_TRY(add_all(&asked));
    const struct ml_impact_question question = {
        .starts = {.targets = asked.targets,
                   .n_targets = asked.n_targets,
                   .records = asked.records,
                   .n_records = asked.n_records},
        .same_content = !ml_option_given(invocation, "no-same-content"),
        .inferred = !ml_option_given(invocation, "no-inferred"),
    };
    ML_TRY(ml_impact(&asked.question.reader, &question, &asked.question.basis, &asked.impact));
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
    .run = run,
};
