/* SPDX-License-Identifier: Apache-2.0 */
/* Packs what proves something about one thing, for somebody who has no ledger. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/bundle_lineage.h"
#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/evidence_file.h"
#include "cli/human.h"

struct bundling {
    struct ml_session session;
    struct ml_view view;
    bool viewing;
    struct ml_scope scope;
    struct ml_outfile target;
    struct ml_buf lineage_json, lineage_svg;
    struct ml_kept_checkpoint kept; /* without a note: none was made */
    struct ml_evidence_kit kit;
};

static void bundling_release(struct bundling *bundling)
{
    ml_scope_release(&bundling->scope);
    ml_outfile_release(&bundling->target);
    ml_buf_release(&bundling->lineage_json);
    ml_buf_release(&bundling->lineage_svg);
    ml_kept_checkpoint_release(&bundling->kept);
    ml_evidence_kit_release(&bundling->kit);
    if (bundling->viewing)
        ml_view_end(&bundling->view);
    ml_session_release(&bundling->session);
}

/* A new one, where the log key is at hand; before the view, which it must not be newer than. */
static int make_checkpoint(struct bundling *bundling)
{
    struct ml_checkpointing checkpointing;
    if (ml_checkpointing_init(&bundling->session, false, &checkpointing) < 0) {
        if (ml_option_given(bundling->session.invocation, "log-key"))
            return ml_failed();
        ml_error_clear();
        return MLEDGER_OK;
    }
    ML_TRY(ml_checkpointing_take(&bundling->session, &checkpointing, &bundling->kept));
    bundling->kit.anchors[bundling->kit.n_anchors++] =
        (struct ml_evidence_anchor){.note = ml_buf_span(&bundling->kept.made.note)};
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int write_bundle(struct bundling *bundling, const char *reference,
                        struct ml_evidence_counts *ret_counts)
{
    const struct ml_evidence evidence = {
        .scope = &bundling->scope,
        .reference = reference,
        .lineage_json = ml_buf_span(&bundling->lineage_json),
        .lineage_svg = ml_buf_span(&bundling->lineage_svg),
    };
    return ml_evidence_save(&bundling->view, &evidence, &bundling->kit, &bundling->target,
                            bundling->session.invocation->quiet, ret_counts);
}

static int print(struct bundling *bundling, const struct ml_evidence_counts *counts)
{
    struct ml_output *out = bundling->session.out;
    if (bundling->session.invocation->json) {
        json_t *json = json_pack(
            "{s:s, s:I, s:I, s:I, s:I, s:I}", "file", bundling->target.path, "records",
            (json_int_t)counts->records, "opened", (json_int_t)counts->opened, "hidden",
            (json_int_t)(counts->records - counts->opened), "attachments",
            (json_int_t)counts->attachments, "checkpoints", (json_int_t)bundling->kit.n_anchors);
        if (!json)
            return ml_fail_memory();
        ml_output_json(out, json);
        json_decref(json);
        return MLEDGER_OK;
    }
    char opened[ML_HUMAN_SIZE], records[ML_HUMAN_SIZE];
    ml_output_line(out, ML_ROLE_PLAIN, "wrote %s: %s of %s records open", bundling->target.path,
                   ml_human_count(opened, counts->opened),
                   ml_human_count(records, counts->records));
    if (bundling->kit.n_anchors == 0)
        ml_output_line(out, ML_ROLE_WARN,
                       "it holds no checkpoint, so nobody can tell that its end is the ledger's: "
                       "mledger checkpoint makes one");
    return MLEDGER_OK;
}

static int check_usage(const struct ml_invocation *invocation, const char *reference)
{
    bool all = ml_option_given(invocation, "all");
    if (all && reference)
        return ml_fail(MLEDGER_EUSAGE, "name something, or give --all, and not both");
    if (!all && !reference)
        return ml_fail(MLEDGER_EUSAGE, "name what it is to be about, or give --all");
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(bundling_release) struct bundling bundling = {0};
    const char *reference = ml_argument(invocation, "REF");
    struct ml_evidence_counts counts;
    ml_evidence_kit_init(&bundling.kit);
    ML_TRY(check_usage(invocation, reference));
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &bundling.session));
    ML_TRY(ml_outfile_open(&bundling.target, ml_option_text(invocation, "output", NULL), out));
    ML_TRY(make_checkpoint(&bundling));
    ML_TRY(ml_view_begin(bundling.session.ledger, &bundling.view));
    bundling.viewing = true;
    ML_TRY(ml_scope_find(&bundling.view, reference, &bundling.scope));
    ML_TRY(ml_evidence_kit_fill(&bundling.kit, &bundling.view));
    if (reference && bundling.scope.target != MLEDGER__BUNDLE_TARGET__ACTOR_TARGET &&
        !ml_option_given(invocation, "no-lineage"))
        ML_TRY(ml_bundle_lineage(&bundling.view, &bundling.scope, reference, &bundling.lineage_json,
                                 &bundling.lineage_svg));
    ML_TRY(write_bundle(&bundling, reference, &counts));
    return bundling.target.path && !invocation->quiet ? print(&bundling, &counts) : MLEDGER_OK;
}

const struct ml_command ml_command_bundle = {
    .name = "bundle",
    .summary = "Pack evidence about one thing into a file",
    .description =
        (const char *const[]){
            "The file holds every header of the ledger with its signature, so that nothing can "
            "have been left out or put elsewhere, and the payloads of those records alone that "
            "are about REF, and of the trust records; all others stay hidden behind their "
            "commitments. With them go a checkpoint made now, if the log key is at hand, and the "
            "newest that was recorded, with what witnesses and time stamping authorities put on "
            "it; the attachments that open records name; and the lineage as far as open records "
            "tell it, as JSON and as a picture.",
            "In scope are, of a model or a version of one, the model and every run and logged "
            "model that its versions name; of a logged model, the runs that made it; of an "
            "experiment, its runs; of anything else, that alone.",
            "mledger-verify FILE checks it, and needs nothing else but the key of the log, which "
            "the recipient should have from elsewhere.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "REF", .min = 0, .max = 1, .rule = {.kind = ML_VALUE_REF}}, {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "all", .help = "Open every record, instead of those about REF."},
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .required = true,
             .help = "Write to this file, which is put in its place once it is whole; - is "
                     "standard output."},
            {.name = "no-lineage", .help = "Leave the lineage out."},
            ML_OPTION_LOG_KEY,
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger bundle models:/churn/3 -o churn-3.evidence",
             "What an auditor needs to judge version 3."},
            {"mledger-verify churn-3.evidence --vkey example.org/churn+1b2c3d4e+...",
             "What the auditor does with it."},
            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "There is no such thing, or a record is damaged."},
                                      {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
