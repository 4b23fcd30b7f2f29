/* SPDX-License-Identifier: Apache-2.0 */
/* The graph of a pipeline as a DVC project had it. */
#include <inttypes.h>

#include "cli/answer.h"
#include "cli/commands.h"
#include "cli/dag_answer.h"
#include "cli/moment.h"
#include "export/dag_text.h"
#include "export/draw_pipeline.h"
#include "ledger/core/codec.h"
#include "ledger/query/reference.h"
#include "ledger/query/state_walk.h"

static const char *const formats[] = {"text", "json", "dot", "mermaid", "svg", "png", "pdf", NULL};

struct dag {
    struct ml_session session;
    struct ml_moment moment;
    struct ml_reader reader;
    struct ml_snapshots snapshots;
    struct ml_pipeline_graph graph;
    struct ml_dag answer;
};

static void dag_release(struct dag *dag)
{
    ml_pipeline_graph_release(&dag->graph);
    ml_snapshots_release(&dag->snapshots);
    ml_reader_release(&dag->reader);
    ml_moment_release(&dag->moment);
    ml_session_release(&dag->session);
}

/* ---- which pipeline ---- */

struct pipelines {
    uint64_t as_of, seq;
    size_t count;
    struct ml_buf names;
};

static int visit_pipeline(uint64_t seq, const Mledger__SubjectState *subject, void *context)
{
    struct pipelines *pipelines = context;
    if (seq > pipelines->as_of)
        return 0;
    pipelines->seq = seq;
    ML_TRY(
        ml_buf_printf(&pipelines->names, "%s'%s'", pipelines->count++ ? ", " : "", subject->name));
    return 0;
}

/* The one that there is; nobody should have to type its name. */
static int only_pipeline(struct dag *dag, uint64_t *ret_subject)
{
    struct pipelines pipelines = {.as_of = dag->moment.as_of};
    int result = ml_subject_walk(&dag->moment.view, MLEDGER__SUBJECT_KIND__PIPELINE, visit_pipeline,
                                 &pipelines);
    if (result >= 0 && pipelines.count == 0) {
        ml_fail(MLEDGER_ENOTFOUND, "no pipeline is recorded");
        result = ml_hint("mledger import dvc DIR records one");
    } else if (result >= 0 && pipelines.count > 1) {
        result = ml_fail(MLEDGER_EUSAGE, "there are several pipelines, name one: %.*s",
                         (int)(pipelines.names.len > 512 ? 512 : pipelines.names.len),
                         (const char *)pipelines.names.data);
    }
    ml_buf_release(&pipelines.names);
    ML_TRY(result);
    *ret_subject = pipelines.seq;
    return MLEDGER_OK;
}

/* The newest snapshot at the moment asked about. */
static int newest_of(struct dag *dag, uint64_t subject, uint64_t *ret_seq)
{
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    return ml_view_index_last(&dag->moment.view, &prefix, dag->moment.as_of, ret_seq);
}

/* A bare name is that of a pipeline here, whatever else bears it and whatever it looks like. */
static int resolve(struct dag *dag, const char *reference, uint64_t *ret_seq)
{
    static const char prefix[] = "pipeline:";
    struct ml_reference_text text;
    struct ml_target target;
    bool prefixed = strncmp(reference, prefix, strlen(prefix)) == 0;
    if (*reference == '#' || reference[strspn(reference, "0123456789")] == '\0') {
        ML_TRY(ml_reference_parse(reference, &text));
    } else {
        const char *name = prefixed ? reference + strlen(prefix) : reference;
        text = (struct ml_reference_text){.form = ML_REFERENCE_PIPELINE,
                                          .whole = ML_SPAN(reference, strlen(reference)),
                                          .name = ML_SPAN(name, strlen(name))};
    }
    ML_TRY(ml_reference_resolve(&dag->reader, &text, &target));
    *ret_seq = target.seq;
    return MLEDGER_OK;
}

static int find_seq(struct dag *dag, const char *reference, uint64_t *ret_seq)
{
    uint64_t subject;
    if (reference)
        return resolve(dag, reference, ret_seq);
    ML_TRY(only_pipeline(dag, &subject));
    return newest_of(dag, subject, ret_seq);
}

/* ---- its snapshot ---- */

static int read_disagreements(struct dag *dag, const struct ml_snapshot *snapshot)
{
    const Mledger__PipelineRecorded *recorded = snapshot->recorded;
    const Mledger__PipelineSnapshot *body = recorded->snapshot;
    if (!body) {
        struct ml_span bytes;
        ProtobufCMessage *message;
        ML_TRY(ml_view_attachment(&dag->moment.view, recorded->snapshot_attachment->sha256.data,
                                  &bytes));
        ML_TRY(ml_codec_unpack(&mledger__pipeline_snapshot__descriptor, bytes, &dag->reader.arena,
                               &message));
        body = (const Mledger__PipelineSnapshot *)message;
    }
    dag->answer.disagreements = body->disagreements;
    dag->answer.n_disagreements = body->n_disagreements;
    return MLEDGER_OK;
}

static int load(struct dag *dag, const char *reference)
{
    struct ml_snapshot *snapshot;
    uint64_t seq;
    ml_reader_init(&dag->reader, &dag->moment.view, dag->moment.as_of);
    dag->snapshots.reader = &dag->reader;
    ML_TRY(find_seq(dag, reference, &seq));
    ML_TRY(ml_snapshot_load(&dag->snapshots, seq, &snapshot));
    if (!snapshot)
        return ml_fail_seq(MLEDGER_EUSAGE, seq, "record %" PRIu64 " holds no pipeline", seq);
    dag->answer.snapshot = snapshot;
    dag->answer.outs = ml_option_given(dag->session.invocation, "outs");
    ML_TRY(read_disagreements(dag, snapshot));
    const struct ml_pipeline_stages stages = {snapshot->stages, snapshot->n_stages};
    dag->answer.graph = &dag->graph;
    return ml_pipeline_graph(&stages, dag->answer.outs, &dag->graph);
}

/* ---- the answer ---- */

static int draw(const struct dag *dag, struct ml_answer *answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf query = {0};
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    const struct ml_snapshot *snapshot = dag->answer.snapshot;
    const struct ml_draw_pipeline pipeline = {
        .stages = {snapshot->stages, snapshot->n_stages},
        .disagreements = dag->answer.disagreements,
        .n_disagreements = dag->answer.n_disagreements,
        .seq = snapshot->seq,
        .outs = dag->answer.outs,
    };
    ML_TRY(ml_buf_printf(&query, "pipeline %s, record #%" PRIu64, snapshot->recorded->name,
                         snapshot->seq));
    ML_TRY(ml_buf_append_char(&query, '\0'));
    struct ml_draw_frame frame = ml_moment_frame(&dag->moment, (const char *)query.data);
    ML_TRY(ml_draw_pipeline(&pipeline, &frame, &drawing));
    return ml_answer_draw(
        answer, &drawing,
        (size_t)ml_option_number(dag->session.invocation, "max-nodes", ML_DRAW_NODES_READABLE));
}

static int print_graph(const struct dag *dag, struct ml_answer *answer)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(answer->format == ML_ANSWER_DOT ? ml_dag_dot(&dag->graph, &text)
                                           : ml_dag_mermaid(&dag->graph, &text));
    ml_output_raw(answer->out, text.data, text.len);
    return MLEDGER_OK;
}

static int print_json(const struct dag *dag, struct ml_answer *answer)
{
    json_t *json;
    ML_TRY(ml_dag_to_json(&dag->answer, &json));
    ml_output_json(answer->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int print(const struct dag *dag, struct ml_answer *answer)
{
    switch (answer->format) {
    case ML_ANSWER_TEXT:
        return ml_dag_print(&dag->answer, answer->out);
    case ML_ANSWER_JSON:
        return print_json(dag, answer);
    case ML_ANSWER_DOT:
    case ML_ANSWER_MERMAID:
        return print_graph(dag, answer);
    default:
        return draw(dag, answer);
    }
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(dag_release) struct dag dag = {0};
    ML_CLEANUP(ml_answer_release) struct ml_answer answer = {0};
    ML_TRY(ml_answer_open(invocation, formats, out, &answer));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &dag.session));
    ML_TRY(ml_moment_open(&dag.session, &dag.moment));
    ML_TRY(load(&dag, ml_argument(invocation, "PIPELINE")));
    ML_TRY(print(&dag, &answer));
    return ml_answer_finish(&answer);
}

const struct ml_command ml_command_dag = {
    .name = "dag",
    .summary = "Show the graph of a recorded DVC pipeline",
    .description =
        (const char *const[]){
            "Shows the newest snapshot of a pipeline, or the one in record #SEQ: what each stage "
            "made, with digests, what it needs, and where lock, files and commit disagree. A "
            "ledger "
            "with one pipeline needs no name.",
            "The formats dot and mermaid are those of dvc dag, in an order that does not change "
            "from "
            "run to run. The text, JSON and pictures say more.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "PIPELINE",
                                               .min = 0,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_REF},
                                               .help = "The pipeline's name, or #SEQ."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            ML_OPTION_AS_OF,
            {.name = "outs", .help = "Show outputs and what they were made from, not stages."},
            {.name = "format",
             .value = "FORMAT",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = formats},
             .help = "The form of the answer. By default text."},
            ML_OPTION_OUTPUT,
            ML_OPTION_OPEN,
            {.name = "max-nodes",
             .value = "N",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = ML_DRAW_NODES_MAX},
             .help = "Fold a picture until it has at most this many nodes (by default 150)."},
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger dag", "What the pipeline's stages made, and from what."},
            {"mledger dag churn --as-of 2026-03-01 -o churn.png", "As it was then, as a picture."},
            {"mledger dag --format dot", "What dvc dag --dot prints."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such pipeline, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
