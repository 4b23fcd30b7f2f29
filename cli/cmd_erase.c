/* SPDX-License-Identifier: Apache-2.0 */
/* Takes details out of the ledger for good. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/recording.h"
#include "ledger/store/erasure.h"

static const struct ml_value_rule seq_rule = {.kind = ML_VALUE_NUMBER};

/* A drafted erasure for each record named. */
static int add_erasures(struct ml_recording *recording)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    for (size_t i = 0; i < ml_argument_count(invocation, "SEQ"); i++) {
        Mledger__DetailsErased *erased;
        uint64_t seq = 0;
        ML_TRY(ml_value_check(&seq_rule, "SEQ", ml_argument_at(invocation, "SEQ", i), &seq));
        ML_TRY(ml_recording_add(recording, "details_erased", &erased));
        erased->record_ref = seq;
        ML_TRY(ml_session_describe(&recording->session, ml_recording_draft(recording)));
    }
    return MLEDGER_OK;
}

static int append_and_erase(struct ml_recording *recording, const struct ml_signer *signer)
{
    bool recorded = false;
    recording->receipts = ml_calloc(recording->count, sizeof *recording->receipts);
    if (!recording->receipts)
        return ml_fail_memory();
    int result = ml_ledger_erase(recording->session.ledger, signer, recording->drafts,
                                 recording->count, recording->receipts, &recorded);
    if (result >= 0)
        return result;
    if (!recorded)
        return ml_recording_failed(recording, result);
    ml_prefix("the erasure is recorded and not carried out");
    return ml_hint("mledger erase --finish");
}

static int erase(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
    const struct ml_signer *signer;
    ML_TRY(ml_recording_open(invocation, out, &recording));
    ML_TRY(add_erasures(&recording));
    ML_TRY(ml_session_signer(&recording.session, MLEDGER__ROLE__ADMIN, &signer));
    ML_TRY(append_and_erase(&recording, signer));
    json_t *seqs = json_array();
    for (size_t i = 0; i < recording.count; i++)
        if (json_array_append_new(
                seqs, json_integer(
                          (json_int_t)recording.drafts[i]->event->details_erased->record_ref)) != 0)
            return ml_fail_memory();
    ML_TRY(ml_recording_fact(&recording, "erased", seqs));
    return ml_recording_print(&recording, "erased the details of %zu record%s for good",
                              recording.count, recording.count == 1 ? "" : "s");
}

static int finish(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    uint64_t count = 0;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_ledger_erase_finish(session.ledger, &count));
    if (!invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN,
                       "erased the details of %" PRIu64 " record%s for good; "
                       "the ledger was written anew",
                       count, count == 1 ? "" : "s");
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:I}", "finished", (json_int_t)count);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    bool some = ml_argument_count(invocation, "SEQ") > 0;
    if (ml_option_given(invocation, "finish"))
        return some ? ml_fail(MLEDGER_EUSAGE, "--finish takes no records: it finishes what was "
                                              "recorded")
                    : finish(invocation, out);
    if (!some)
        return ml_fail(MLEDGER_EUSAGE, "which records are to lose their details?");
    if (!ml_option_given(invocation, "reason"))
        return ml_fail(MLEDGER_EUSAGE, "--reason is missing: an erasure says why");
    return erase(invocation, out);
}

const struct ml_command ml_command_erase = {
    .name = "erase",
    .summary = "Erase the details of records for good",
    .description =
        (const char *const[]){
            "Details hold what people wrote and who they are: names, reasons, free text, values of "
            "parameters, host, account. An admin records that those of a record are erased; then "
            "they are removed, with the attachments that nothing else names, and the ledger's file "
            "is written anew without them. The event, its signatures and the hash of the details "
            "stay, so chain, proofs, rules and lineage still hold, and say by which record the "
            "details were erased.",
            "It cannot be undone. Copies of the ledger that were made before, exports and backups "
            "still hold the details, and so do blocks that the disk has not used again.",
            "No other program may have the ledger open. Room for a second copy of it is needed "
            "meanwhile. Where several admins must agree, record details_erased with mledger "
            "statement, then run mledger erase --finish.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "SEQ",
                                               .min = 0,
                                               .max = ML_ANY_NUMBER,
                                               .rule = {.kind = ML_VALUE_NUMBER},
                                               .help = "The records, by their numbers. If one "
                                                       "cannot be erased, none is."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "finish",
             .help = "Carry out what was recorded and not carried out, because the machine stopped "
                     "in between or because it was recorded in another way."},
            ML_OPTIONS_RECORDING,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger erase 12 17 --reason 'request 2026-114'",
                                             "Erase the details of two records."},
                                            {0}},
    .exit_codes =
        (const struct ml_exit_code[]){
            {1, "A record is damaged, or the ledger holds what is no part of it."},
            {3, "It could not be done: another program has the ledger open, no room, no key."},
            {0, NULL}},
    .topic = ML_TOPIC_START,
    .run = run,
};
