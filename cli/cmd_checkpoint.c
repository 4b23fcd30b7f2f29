/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a checkpoint, prints it, and keeps it in a record. */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/outfile.h"

static int print_json(struct ml_session *session, const struct ml_kept_checkpoint *kept)
{
    struct ml_head head;
    json_t *json, *receipt = NULL;
    ML_TRY(ml_ledger_head(session->ledger, &head));
    ML_TRY(ml_checkpoint_to_json(ml_buf_span(&kept->made.note), &json));
    int result =
        kept->recorded ? ml_receipt_to_json(&kept->receipt, head.identity, &receipt) : MLEDGER_OK;
    if (result >= 0)
        result = ml_endorsement_to_json(&kept->endorsement, json);
    if (result >= 0 &&
        (json_object_set_new(json, "leaves_made_again",
                             json_integer((json_int_t)(kept->made.size - kept->made.from))) != 0 ||
         json_object_set_new(json, "record", receipt ? receipt : json_null()) != 0))
        result = ml_fail_memory();
    if (result >= 0)
        ml_output_json(session->out, json);
    json_decref(json);
    return result;
}

static void print_file(struct ml_output *out, const struct ml_kept_checkpoint *kept,
                       const char *path)
{
    char count[ML_HUMAN_SIZE];
    ml_output_text(out, ML_ROLE_PLAIN, "checkpoint over %s record%s written to %s",
                   ml_human_count(count, kept->made.size), kept->made.size == 1 ? "" : "s", path);
    if (kept->endorsement.cosigned)
        ml_output_text(out, ML_ROLE_PLAIN, ", cosigned by %zu of %zu witnesses",
                       kept->endorsement.cosigned->done, kept->endorsement.cosigned->count);
    if (kept->endorsement.n_stamps > 0)
        ml_output_text(out, ML_ROLE_PLAIN, ", with %zu timestamp%s", kept->endorsement.n_stamps,
                       kept->endorsement.n_stamps == 1 ? "" : "s");
    if (kept->recorded)
        ml_output_text(out, ML_ROLE_DIM, ", recorded #%" PRIu64, kept->receipt.seq);
    ml_output_newline(out);
}

static int print(struct ml_session *session, const struct ml_kept_checkpoint *kept)
{
    const struct ml_invocation *invocation = session->invocation;
    const char *path = ml_option_text(invocation, "output", NULL);
    const struct ml_span note = ml_buf_span(&kept->made.note);
    bool file = path && strcmp(path, "-") != 0;
    if (file || !invocation->json)
        ML_TRY(ml_outfile_put(path, note, session->out));
    if (invocation->json)
        return print_json(session, kept);
    if (file)
        print_file(session->out, kept, path);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session;
    ML_CLEANUP(ml_kept_checkpoint_release) struct ml_kept_checkpoint kept = {0};
    struct ml_checkpointing checkpointing;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(
        ml_checkpointing_init(&session, !ml_option_given(invocation, "no-record"), &checkpointing));
    checkpointing.all_leaves = ml_option_given(invocation, "all");
    checkpointing.endorsed = true;
    ML_TRY(ml_checkpointing_take(&session, &checkpointing, &kept));
    return print(&session, &kept);
}

const struct ml_command ml_command_checkpoint = {
    .name = "checkpoint",
    .summary = "Sign what the ledger holds now, to keep elsewhere",
    .description =
        (const char *const[]){
            "A checkpoint is a few lines: origin, number of records and the root of the Merkle "
            "tree over them, signed by the ledger's log key (a C2SP tlog-checkpoint). Whoever "
            "keeps one can tell later that nothing under it was changed, taken out or put in, "
            "also by somebody with all the keys.",
            "Before it is signed, the leaves of the tree are made again from the records as they "
            "are stored; those under the last checkpoint that the key signed are taken from "
            "the tree, whose root must be the one that was signed.",
            "The checkpoint goes to standard output, is remembered for this user, and is recorded "
            "in the ledger with the recorder key, unless the record of the last one is all that "
            "is new.",
            "With --cosign the witnesses of your policy are asked first, each to cosign it if it "
            "goes on from what it cosigned before; with --tsa an authority is asked to stamp it. "
            "If one that is needed does not, nothing is kept: --partial keeps what there is.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "output",
             .letter = 'o',
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Write the checkpoint to this file."},
            {.name = "no-record", .help = "Do not record it in the ledger."},
            {.name = "all", .help = "Make every leaf again, also those under earlier checkpoints."},
            ML_OPTIONS_ENDORSING,
            ML_OPTION_LOG_KEY,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger checkpoint | tee -a /mnt/other/checkpoints",
                                             "Make one and keep it on another machine."},
                                            {"mledger checkpoint --json | jq .size",
                                             "How many records it covers."},
                                            {0}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
