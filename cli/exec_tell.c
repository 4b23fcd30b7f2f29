/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/exec.h"

#include <inttypes.h>
#include <stdarg.h>

#include "cli/outfile.h"
#include "cli/unrecorded.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"

static const char *program(const struct ml_exec *exec)
{
    return exec->invocation->program->name;
}

static int append(json_t *list, json_t *value)
{
    return json_array_append_new(list, value) < 0 ? ml_fail_memory() : MLEDGER_OK;
}

/* ---- what was recorded ---- */

static int note_receipts(struct ml_exec *exec)
{
    struct ml_recording *recording = &exec->recording;
    struct ml_head head;
    ML_TRY(ml_ledger_head(recording->session.ledger, &head));
    for (size_t i = 0; i < recording->count; i++) {
        json_t *json;
        ML_TRY(ml_receipt_to_json(&recording->receipts[i], head.identity, &json));
        ML_TRY(append(exec->records, json));
    }
    return MLEDGER_OK;
}

static void say_where(struct ml_exec *exec)
{
    const struct ml_recording *recording = &exec->recording;
    const uint64_t first = recording->receipts[0].seq;
    const uint64_t last = recording->receipts[recording->count - 1].seq;
    ml_output_text(&exec->out, ML_ROLE_DIM, "  #%" PRIu64, first);
    if (last != first)
        ml_output_text(&exec->out, ML_ROLE_DIM, " to #%" PRIu64, last);
    ml_output_newline(&exec->out);
}

int ml_exec_commit(struct ml_exec *exec)
{
    struct ml_recording *recording = &exec->recording;
    for (size_t i = 0; i < recording->count; i++)
        ML_TRY(ml_session_describe(&recording->session, recording->drafts[i]));
    if (!recording->session.ledger)
        return ml_error_set(&exec->closed);
    ML_TRY(ml_recording_commit(recording));
    return note_receipts(exec);
}

void ml_exec_tell(struct ml_exec *exec, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *sentence = NULL;
    va_list args;
    if (exec->invocation->quiet || exec->invocation->json)
        return;
    va_start(args, format);
    if (vasprintf(&sentence, format, args) < 0)
        sentence = NULL; /* undefined after a failure */
    va_end(args);
    ml_output_text(&exec->out, ML_ROLE_PLAIN, "%s: run %s%s", program(exec), exec->run_id,
                   sentence ? sentence : "");
    say_where(exec);
    (void)!ml_output_finish(&exec->out);
}

/* ---- what was not ---- */

/* `kept` is the file that holds it, or NULL. */
static int tell(struct ml_exec *exec, const char *what, const struct ml_error *error,
                const char *kept)
{
    const char *rule = error->rule && *error->rule ? error->rule : NULL;
    json_t *one = json_pack("{s:s, s:s}", "what", what, "reason", error->text);
    if (kept)
        json_object_set_new(one, "kept", json_string(kept));
    exec->incomplete = true;
    ML_TRY(append(exec->not_recorded, one));
    if (exec->invocation->json)
        return MLEDGER_OK;
    ml_output_text(&exec->out, ML_ROLE_WARN, "%s: run %s: not recorded: ", program(exec),
                   exec->run_id);
    ml_output_text(&exec->out, ML_ROLE_PLAIN, "%s: %s", what, error->text);
    if (rule)
        ml_output_text(&exec->out, ML_ROLE_PLAIN, " (rule %s)", rule);
    ml_output_newline(&exec->out);
    if (kept)
        ml_output_line(&exec->out, ML_ROLE_PLAIN, "  try: %s append %s", program(exec), kept);
    (void)!ml_output_finish(&exec->out);
    return MLEDGER_OK;
}

int ml_exec_tell_lost(struct ml_exec *exec, const char *what)
{
    struct ml_error error;
    ml_error_get(&error);
    return tell(exec, what, &error, NULL);
}

/* Where they cannot be kept either, they are shown. */
static void show_lines(struct ml_exec *exec, struct ml_span lines)
{
    ml_output_line(&exec->out, ML_ROLE_WARN,
                   "%s: %s; this would be recorded by '%s append':", program(exec),
                   mledger_error_text(), program(exec));
    ml_output_raw(&exec->out, lines.data, lines.len);
}

int ml_exec_tell_unrecorded(struct ml_exec *exec, const char *what)
{
    struct ml_error error;
    ML_CLEANUP(ml_freep) char *kept = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf lines = {0};
    ml_error_get(&error);
    const bool is_written = ml_unrecorded_lines(&exec->recording, &lines) >= 0;
    const bool is_kept = is_written && ml_unrecorded_keep(&exec->recording.session, exec->run_id,
                                                          ml_buf_span(&lines), &kept) >= 0;
    ML_TRY(tell(exec, what, &error, kept));
    if (is_written && !is_kept)
        show_lines(exec, ml_buf_span(&lines));
    return MLEDGER_OK;
}

int ml_exec_tell_changed(struct ml_exec *exec, const char *path)
{
    ML_TRY(append(exec->changed, json_string(path)));
    if (!exec->invocation->json)
        ml_output_line(&exec->out, ML_ROLE_WARN,
                       "%s: run %s: dependency '%s' changed while the command ran", program(exec),
                       exec->run_id, path);
    return MLEDGER_OK;
}

/* ---- the receipt ---- */

static const char *status_word(const struct ml_exec *exec)
{
    switch (ml_exec_status(exec)) {
    case MLEDGER__RUN_STATUS__FINISHED:
        return "finished";
    case MLEDGER__RUN_STATUS__KILLED:
        return "killed";
    default:
        return "failed";
    }
}

static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) < 0 ? ml_fail_memory() : MLEDGER_OK;
}

static int put_end(const struct ml_exec *exec, json_t *receipt)
{
    char ended[ML_TIME_TEXT_SIZE], text[256];
    ML_TRY(ml_time_format(exec->ended_us, ended));
    ml_exec_describe_end(exec, text, sizeof text);
    ML_TRY(put(receipt, "status", json_string(status_word(exec))));
    ML_TRY(put(receipt, "status_text", json_string(text)));
    if (exec->end.exit_status >= 0)
        ML_TRY(put(receipt, "exit_status", json_integer(exec->end.exit_status)));
    if (exec->end.signal)
        ML_TRY(put(receipt, "signal", json_integer(exec->end.signal)));
    if (exec->child.told)
        ML_TRY(put(receipt, "told_to_end", json_integer(exec->child.told)));
    return put(receipt, "ended_at", json_string(ended));
}

static int fill_receipt(const struct ml_exec *exec, json_t *receipt)
{
    const char *model = ml_option_text(exec->invocation, "model", NULL);
    ML_TRY(put(receipt, "run_id", json_string(exec->run_id)));
    ML_TRY(put_end(exec, receipt));
    if (exec->version) {
        ML_TRY(put(receipt, "model", json_string(model)));
        ML_TRY(put(receipt, "version", json_integer((json_int_t)exec->version)));
    }
    ML_TRY(put(receipt, "records", json_incref(exec->records)));
    ML_TRY(put(receipt, "changed", json_incref(exec->changed)));
    return put(receipt, "not_recorded", json_incref(exec->not_recorded));
}

static void decrefp(json_t **json)
{
    json_decref(*json);
}

int ml_exec_tell_all(struct ml_exec *exec)
{
    const char *path = ml_option_text(exec->invocation, "receipt", NULL);
    ML_CLEANUP(decrefp) json_t *receipt = json_object();
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (!receipt)
        return ml_fail_memory();
    if (!path && !exec->invocation->json)
        return MLEDGER_OK;
    ML_TRY(fill_receipt(exec, receipt));
    if (!path) {
        ml_output_json(&exec->out, receipt);
        return MLEDGER_OK;
    }
    ML_TRY(ml_json_dump(receipt, 0, &text));
    ML_TRY(ml_buf_append_char(&text, '\n'));
    return ml_outfile_put(path, ml_buf_span(&text), &exec->out);
}
