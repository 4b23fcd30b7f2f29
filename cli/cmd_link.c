/* SPDX-License-Identifier: Apache-2.0 */
/* link: a person confirms that a run was the execution of a pipeline stage. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/named.h"
#include "cli/recording.h"
#include "cli/suggest.h"
#include "ledger/query/inference.h"

/* What is looked for, and over what. */
struct search {
    struct ml_reader reader;
    struct ml_snapshots snapshots;
    const char *stage;    /* its address */
    const char *pipeline; /* --pipeline, or NULL: the one that is inferred */
    uint64_t run;
};

/* "#12", "12" and a pipeline's name or reference: seq of a pipeline_recorded. */
static int find_named(struct search *search, uint64_t *ret_seq)
{
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(search->pipeline, &reference));
    if (reference.form == ML_REFERENCE_WORD) {
        reference.form = ML_REFERENCE_PIPELINE;
        reference.bare = false;
    }
    ML_TRY(ml_reference_resolve(&search->reader, &reference, &target));
    if (target.kind != ML_TARGET_PIPELINE && target.kind != ML_TARGET_RECORD)
        return ml_fail(MLEDGER_EUSAGE, "--pipeline must be a pipeline or its record, not '%s'",
                       search->pipeline);
    *ret_seq = target.seq;
    return MLEDGER_OK;
}

/* The snapshot in which the ledger's own inference finds the stage. */
static int find_inferred(struct search *search, uint64_t *ret_seq)
{
    struct ml_inference inference;
    ML_TRY(ml_infer(&search->snapshots, search->run, &inference));
    for (size_t i = 0; i < inference.n_matches; i++) {
        const struct ml_match *match = &inference.matches[i];
        if (strcmp(match->snapshot->stages[match->stage]->address, search->stage) == 0) {
            *ret_seq = match->snapshot->seq;
            return MLEDGER_OK;
        }
    }
    ml_fail(MLEDGER_EUSAGE, "the ledger does not infer that the run was stage '%s'", search->stage);
    return ml_hint("name the pipeline, or its record: --pipeline NAME|SEQ");
}

static int check_stage(struct search *search, uint64_t seq)
{
    struct ml_snapshot *snapshot;
    struct ml_suggestion near;
    ML_TRY(ml_snapshot_load(&search->snapshots, seq, &snapshot));
    if (!snapshot)
        return ml_fail_seq(MLEDGER_EUSAGE, seq, "it holds no pipeline");
    if (ml_snapshot_stage(snapshot, search->stage) != SIZE_MAX)
        return MLEDGER_OK;
    ml_suggestion_init(&near, search->stage, strlen(search->stage));
    for (size_t i = 0; i < snapshot->n_stages; i++)
        ml_suggestion_offer(&near, snapshot->stages[i]->address);
    if (near.best)
        return ml_fail_seq(MLEDGER_ENOTFOUND, seq,
                           "pipeline '%s' has no stage '%s'; did you mean '%s'?",
                           snapshot->recorded->name, search->stage, near.best);
    return ml_fail_seq(MLEDGER_ENOTFOUND, seq, "pipeline '%s' has no stage '%s'",
                       snapshot->recorded->name, search->stage);
}

static int search_in_view(struct ml_view *view, struct search *search, uint64_t *ret_seq)
{
    ml_reader_init(&search->reader, view, view->head.size - 1);
    search->snapshots = (struct ml_snapshots){.reader = &search->reader};
    uint64_t seq = MLEDGER_NO_SEQ;
    int result = search->pipeline ? find_named(search, &seq) : find_inferred(search, &seq);
    if (result >= 0)
        result = check_stage(search, seq);
    if (result >= 0)
        *ret_seq = seq;
    ml_snapshots_release(&search->snapshots);
    ml_reader_release(&search->reader);
    return result;
}

static int find_record(struct ml_session *session, struct search *search, uint64_t *ret_seq)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(session->ledger, &view));
    const int result = search_in_view(&view, search, ret_seq);
    ml_view_end(&view);
    return result;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    struct ml_named_subject run;
    uint64_t seq;
    Mledger__LinkConfirmed *link;
    struct search search = {.stage = ml_argument(invocation, "STAGE"),
                            .pipeline = ml_option_text(invocation, "pipeline", NULL)};
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(ml_named_run(&recording.session, ml_argument(invocation, "RUN"), &run));
    search.run = run.seq;
    ML_TRY(find_record(&recording.session, &search, &seq));
    ML_TRY(ml_recording_add(&recording, "link_confirmed", &link));
    link->run = run.seq;
    link->record_ref = seq;
    link->stage = ml_draft_text(ml_recording_draft(&recording), search.stage);
    if (!link->stage)
        return ml_fail_memory();
    ML_TRY(ml_recording_fact(&recording, "run_id", json_string(run.name)));
    ML_TRY(ml_recording_fact(&recording, "pipeline_record", json_integer((json_int_t)seq)));
    ML_TRY(ml_recording_commit(&recording));
    return ml_recording_print(&recording, "run %s was stage %s of record #%" PRIu64, run.name,
                              search.stage, seq);
}

const struct ml_command ml_command_link = {
    .name = "link",
    .summary = "Confirm that a run was a stage of a pipeline",
    .description =
        (const char *const[]){
            "The ledger infers from commits and parameters which stage a run was; an inference is "
            "drawn dotted and never recorded by itself. Here a person confirms one, signed. "
            "Without --pipeline the stage is looked for where the ledger infers it.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "RUN",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_RUN},
                                               .help = "The run: its id, or runs:/ID."},
                                              {.name = "STAGE",
                                               .min = 1,
                                               .max = 1,
                                               .help = "The stage as DVC says it: train, "
                                                       "sub/dvc.yaml:train."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "pipeline",
             .value = "NAME|SEQ",
             .help = "The pipeline (its newest record), or the record that holds the stage."},
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger link 4f2a train", "Confirm an inference."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
