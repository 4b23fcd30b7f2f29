/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/report.h"

#include <inttypes.h>

#include "cli/display.h"
#include "cli/output.h"

int ml_report_exit_code(int result)
{
    if (result >= ML_ANSWER_SIGNAL(0))
        return 128 + result - ML_ANSWER_SIGNAL(0);
    if (result >= ML_ANSWER_EXIT(0))
        return result - ML_ANSWER_EXIT(0);
    if (result > 0)
        return ML_EXIT_NO;
    switch (result) {
    case MLEDGER_OK:
        return ML_EXIT_GOOD;
    case MLEDGER_ENOTFOUND:
    case MLEDGER_EDAMAGED:
        return ML_EXIT_NO;
    case MLEDGER_EUSAGE:
        return ML_EXIT_USAGE;
    case MLEDGER_EREFUSED:
        return ML_EXIT_REFUSED;
    default:
        return ML_EXIT_FAILED;
    }
}

int ml_report_exit_code_of(const struct ml_command *command, int result)
{
    return command && command->wraps && result < 0 ? ML_EXIT_WRAPPER : ml_report_exit_code(result);
}

static const char *code_name(int code)
{
    switch (code) {
    case MLEDGER_ENOTFOUND:
        return "not-found";
    case MLEDGER_EINVALID:
        return "invalid";
    case MLEDGER_EREFUSED:
        return "refused";
    case MLEDGER_EDAMAGED:
        return "damaged";
    case MLEDGER_EUSAGE:
        return "usage";
    default:
        return "system";
    }
}

static void report_text(struct ml_output *out, const char *program)
{
    ml_output_text(out, ML_ROLE_PLAIN, "%s: ", program);
    if (mledger_error_seq() != MLEDGER_NO_SEQ)
        ml_output_text(out, ML_ROLE_PLAIN, "record %" PRIu64 ": ", mledger_error_seq());
    ml_output_text(out, ML_ROLE_PLAIN, "%s", mledger_error_text());
    if (*mledger_error_rule())
        ml_output_text(out, ML_ROLE_PLAIN, " (rule %s)", mledger_error_rule());
    ml_output_newline(out);
    if (*mledger_error_hint())
        ml_output_line(out, ML_ROLE_PLAIN, "  try: %s", mledger_error_hint());
}

/* The text may quote bytes that are no UTF-8, which JSON cannot hold: they come escaped. */
static void set_text(json_t *object, const char *key, const char *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    json_t *value = json_string(text);
    if (!value && ml_display_escape(&shown, text, strlen(text)) == MLEDGER_OK)
        value = json_stringn((char *)shown.data, shown.len);
    json_object_set_new(object, key, value);
}

static void report_json(struct ml_output *out, const struct ml_command *command)
{
    json_t *error = json_object(), *whole = json_object();
    set_text(error, "code", code_name(mledger_error_code()));
    json_object_set_new(error, "exit",
                        json_integer(ml_report_exit_code_of(command, mledger_error_code())));
    set_text(error, "text", mledger_error_text());
    if (mledger_error_seq() != MLEDGER_NO_SEQ)
        json_object_set_new(error, "seq", json_integer((json_int_t)mledger_error_seq()));
    if (*mledger_error_rule())
        set_text(error, "rule", mledger_error_rule());
    if (*mledger_error_hint())
        set_text(error, "hint", mledger_error_hint());
    json_object_set_new(whole, "error", error);
    out->terminal = false; /* one line always */
    ml_output_json(out, whole);
    json_decref(whole);
}

void ml_report_error(FILE *stream, const struct ml_program *program,
                     const struct ml_command *command, bool json)
{
    struct ml_output out;
    ml_output_init(&out, stream, ML_COLOR_NEVER);
    if (json)
        report_json(&out, command);
    else
        report_text(&out, program->name);
    fflush(stream);
}
