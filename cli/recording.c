/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/recording.h"

#include <stdarg.h>

#include "cli/values.h"
#include "ledger/core/time.h"

/* The option's value if the command has the option and it was given. */
static const char *remark(const struct ml_invocation *invocation, const char *name)
{
    if (!ml_option_find(invocation->command, name, strlen(name)))
        return NULL;
    return ml_option_text(invocation, name, NULL);
}

static int read_occurred(const struct ml_invocation *invocation, int64_t *ret_time_us)
{
    const char *time = remark(invocation, "occurred-at");
    *ret_time_us = ml_time_now_us();
    return time ? ml_values_time("--occurred-at", time, ret_time_us) : MLEDGER_OK;
}

int ml_recording_open(const struct ml_invocation *invocation, struct ml_output *out,
                      struct ml_recording *ret_recording)
{
    *ret_recording = (struct ml_recording){0};
    ML_TRY(read_occurred(invocation, &ret_recording->occurred_at_us));
    return ml_session_open(invocation, out, ML_SESSION_WRITE, &ret_recording->session);
}

void ml_recording_clear(struct ml_recording *recording)
{
    for (size_t i = 0; i < recording->count; i++)
        ml_draft_free(recording->drafts[i]);
    recording->count = recording->main = 0;
    free(ML_TAKE(recording->receipts));
}

void ml_recording_release(struct ml_recording *recording)
{
    ml_recording_clear(recording);
    free(recording->drafts);
    json_decref(recording->facts);
    ml_session_release(&recording->session);
}

static int describe(const struct ml_invocation *invocation, int64_t occurred_at_us,
                    struct ml_draft *draft)
{
    const char *reason = remark(invocation, "reason");
    const char *description = remark(invocation, "description");
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    details->has_occurred_at = true;
    details->occurred_at = occurred_at_us;
    details->reason = ml_draft_text(draft, reason);
    details->description = ml_draft_text(draft, description);
    if ((reason && !details->reason) || (description && !details->description))
        return ml_fail_memory();
    return MLEDGER_OK;
}

/* A draft of this kind with what the command line says in its details. */
static int make(const struct ml_invocation *invocation, int64_t occurred_at_us, const char *kind,
                struct ml_draft **ret_draft, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    void *body = ml_draft_set_kind(draft, kind);
    if (!body)
        return ml_fail_memory();
    ML_TRY(describe(invocation, occurred_at_us, draft));
    *ret_draft = ML_TAKE(draft);
    *(void **)ret_body = body;
    return MLEDGER_OK;
}

int ml_recording_draft_alone(struct ml_session *session, const char *kind,
                             struct ml_draft **ret_draft, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    int64_t occurred_at_us;
    void *body;
    ML_TRY(read_occurred(session->invocation, &occurred_at_us));
    ML_TRY(make(session->invocation, occurred_at_us, kind, &draft, &body));
    ML_TRY(ml_session_describe(session, draft));
    *ret_draft = ML_TAKE(draft);
    *(void **)ret_body = body;
    return MLEDGER_OK;
}

int ml_recording_add(struct ml_recording *recording, const char *kind, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    void *body;
    ML_TRY(make(recording->session.invocation, recording->occurred_at_us, kind, &draft, &body));
    ML_TRY(ml_grow(&recording->drafts, &recording->cap, recording->count + 1,
                   sizeof(struct ml_draft *)));
    recording->drafts[recording->count++] = ML_TAKE(draft);
    *(void **)ret_body = body;
    return MLEDGER_OK;
}

struct ml_draft *ml_recording_draft(const struct ml_recording *recording)
{
    assert(recording->count > 0);
    return recording->drafts[recording->count - 1];
}

int ml_recording_fact(struct ml_recording *recording, const char *key, json_t *value)
{
    if (!recording->facts)
        recording->facts = json_object();
    return json_object_set_new(recording->facts, key, value) < 0 ? ml_fail_memory() : MLEDGER_OK;
}

int ml_recording_failed(struct ml_recording *recording, int result)
{
    struct ml_error error;
    struct ml_head head;
    ml_error_get(&error);
    if (error.seq == MLEDGER_NO_SEQ)
        return result;
    if (ml_ledger_head(recording->session.ledger, &head) >= 0 && error.seq >= head.size)
        error.seq = MLEDGER_NO_SEQ;
    return ml_error_set(&error);
}

int ml_recording_commit(struct ml_recording *recording)
{
    struct ml_session *session = &recording->session;
    const struct ml_signer *signer;
    ML_TRY(ml_session_signer(session, MLEDGER__ROLE__RECORDER, &signer));
    for (size_t i = 0; i < recording->count; i++)
        ML_TRY(ml_session_describe(session, recording->drafts[i]));
    recording->receipts = ml_calloc(recording->count, sizeof *recording->receipts);
    if (!recording->receipts)
        return ml_fail_memory();
    const int result = ml_ledger_append(session->ledger, signer, recording->drafts,
                                        recording->count, recording->receipts, NULL);
    return result < 0 ? ml_recording_failed(recording, result) : result;
}

/* Receipts of the records besides the main one. */
static int print_also(const struct ml_recording *recording, const struct ml_head *head,
                      json_t *answer)
{
    if (recording->count < 2)
        return MLEDGER_OK;
    json_t *also = json_array();
    if (json_object_set_new(answer, "also", also) < 0)
        return ml_fail_memory();
    for (size_t i = 0; i < recording->count; i++) {
        json_t *one;
        if (i == recording->main)
            continue;
        ML_TRY(ml_receipt_to_json(&recording->receipts[i], head->identity, &one));
        if (json_array_append_new(also, one) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static void decrefp(json_t **json)
{
    json_decref(*json);
}

static int print_json(struct ml_recording *recording)
{
    struct ml_head head;
    ML_CLEANUP(decrefp) json_t *answer = NULL;
    ML_TRY(ml_ledger_head(recording->session.ledger, &head));
    ML_TRY(ml_receipt_to_json(&recording->receipts[recording->main], head.identity, &answer));
    if (recording->facts && json_object_update(answer, recording->facts) < 0)
        return ml_fail_memory();
    ML_TRY(print_also(recording, &head, answer));
    ml_output_json(recording->session.out, answer);
    return MLEDGER_OK;
}

int ml_recording_print(struct ml_recording *recording, const char *format, ...)
{
    struct ml_session *session = &recording->session;
    if (session->invocation->json)
        return print_json(recording);
    for (size_t i = 0; i < recording->count; i++)
        ML_TRY(ml_session_print_receipt(session, &recording->receipts[i]));
    if (!format)
        return MLEDGER_OK;
    ML_CLEANUP(ml_freep) char *line = NULL;
    va_list args;
    va_start(args, format);
    const int len = vasprintf(&line, format, args);
    va_end(args);
    if (len < 0) {
        line = NULL; /* undefined after a failure */
        return ml_fail_memory();
    }
    ml_output_line(session->out, ML_ROLE_PLAIN, "%s", line);
    return MLEDGER_OK;
}
