/* SPDX-License-Identifier: Apache-2.0 */
/* All of one record. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/record_print.h"
#include "cli/remote_named.h"
#include "ledger/core/json.h"
#include "ledger/query/record_row.h"
#include "ledger/query/reference.h"

/* The record that tells most of the thing: the one that created or registered it. */
static int record_of(struct ml_reader *reader, const struct ml_target *target, const char *text,
                     uint64_t *ret_seq)
{
    Mledger__VersionState *version;
    if (target->kind == ML_TARGET_VERSION) {
        ML_TRY(ml_state_version(reader->view->state, target->seq, target->version, &reader->arena,
                                &version));
        *ret_seq = version->registered_seq;
        return MLEDGER_OK;
    }
    if (target->kind == ML_TARGET_CONTENT) {
        ml_fail(MLEDGER_EUSAGE, "'%s' is content, which many records may name", text);
        return ml_hint("mledger lineage %s", text);
    }
    if (target->seq == MLEDGER_NO_SEQ) {
        ml_fail(MLEDGER_ENOTFOUND, "no record started run '%s'; others name it", target->name);
        return ml_hint("mledger lineage %s", text);
    }
    *ret_seq = target->seq;
    return MLEDGER_OK;
}

static int resolve(struct ml_view *view, const char *text, uint64_t *ret_seq)
{
    struct ml_reader reader;
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(text, &reference));
    ml_reader_init(&reader, view, view->head.size - 1);
    int result = ml_reference_resolve(&reader, &reference, &target);
    if (result >= 0)
        result = record_of(&reader, &target, text, ret_seq);
    ml_reader_release(&reader);
    return result;
}

static int show_record(struct ml_session *session, struct ml_view *view, uint64_t seq)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    json_t *json;
    ml_arena_init(&arena, SIZE_MAX / 2);
    ML_TRY(ml_view_record(view, seq, &arena, &record));
    if (!session->invocation->json)
        return ml_record_print(session->out, view, &record);
    ML_TRY(ml_record_shown_to_json(view, &record, &json));
    ml_output_json(session->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

/* A record of a server's ledger: what is shown is its bytes, which are proven. */
static int show_remote(struct ml_remote *remote, uint64_t seq)
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record proof;
    struct ml_output *out = remote->session.out;
    json_t *json;
    bool proven;
    ML_TRY(ml_trust_record(&remote->trust, seq, &proof, &proven));
    if (remote->session.invocation->json) {
        ML_TRY(ml_record_to_json(&proof.record, &json));
        ml_output_json(out, json);
        json_decref(json);
        return MLEDGER_OK;
    }
    ML_TRY(ml_record_print(out, NULL, &proof.record));
    ml_output_newline(out);
    if (proven)
        ml_output_line(out, ML_ROLE_GOOD,
                       "proven to be in the ledger, under a checkpoint over %" PRIu64 " records",
                       remote->trust.checkpoint.size);
    else
        ml_output_line(out, ML_ROLE_WARN,
                       "not proven to be in the ledger: no checkpoint covers it yet");
    return MLEDGER_OK;
}

static int run_remote(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    const char *text = ml_argument(invocation, "REF");
    struct ml_reference_text reference;
    uint64_t seq;
    ML_TRY(ml_reference_parse(text, &reference));
    ML_TRY(ml_remote_open_covered(invocation, out, &remote));
    if (reference.form == ML_REFERENCE_RECORD)
        seq = reference.number;
    else
        ML_TRY(ml_remote_resolve(&remote, text, &seq));
    return show_remote(&remote, seq);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    struct ml_view view;
    uint64_t seq = 0;
    if (ml_remote_is(invocation))
        return run_remote(invocation, out);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(ml_view_begin(session.ledger, &view));
    int result = resolve(&view, ml_argument(invocation, "REF"), &seq);
    if (result >= 0)
        result = show_record(&session, &view, seq);
    ml_view_end(&view);
    return result;
}

const struct ml_command ml_command_show = {
    .name = "show",
    .summary = "Show all of one record",
    .description =
        (const char *const[]){
            "REF is a record's number, or names a thing: then the record that created or "
            "registered it is shown. --json gives the same as one object.",
            "With --ledger URL the record comes from a server, and is shown if it is signed and "
            "stands under a checkpoint that goes on from what was seen; which record REF names is "
            "the server's word.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "REF",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_REF},
                                               .help = "12, churn/3, runs:/ID, dataset:NAME, "
                                                       "..."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_REMOTE, {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger show 12", "Show record 12."},
                                    {"mledger show churn/3", "Show the registration of a version."},
                                    {0}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
