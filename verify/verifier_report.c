/* SPDX-License-Identifier: Apache-2.0 */
/* Findings, counted and handed to whoever listens. */
#include <stdarg.h>
#include <stdio.h>

#include "verify/verifier.h"

static int give(struct ml_verifier *verifier, const struct ml_finding *finding)
{
    switch (finding->severity) {
    case ML_SEVERITY_FAULT:
        verifier->result.faults++;
        break;
    case ML_SEVERITY_DOUBT:
        verifier->result.doubts++;
        break;
    case ML_SEVERITY_NOT_PROVEN:
        verifier->result.not_proven++;
        break;
    }
    const struct ml_verify_options *options = verifier->options;
    return options->visit ? options->visit(finding, options->visit_context) : MLEDGER_OK;
}

int ml_verify_report(struct ml_verifier *verifier, enum ml_severity severity, const char *code,
                     uint64_t seq, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct ml_finding finding = {
        .code = code, .severity = severity, .rule = "", .seq = seq, .text = text};
    return give(verifier, &finding);
}

int ml_verify_report_rule(struct ml_verifier *verifier, enum ml_severity severity, const char *code,
                          const char *rule, uint64_t seq, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const struct ml_finding finding = {
        .code = code, .severity = severity, .rule = rule, .seq = seq, .text = text};
    return give(verifier, &finding);
}

int ml_verify_report_error(struct ml_verifier *verifier, const char *code,
                           const struct ml_error *error, uint64_t seq)
{
    bool rule = strcmp(code, "rule") == 0;
    const struct ml_finding finding = {.code = code,
                                       .severity = ML_SEVERITY_FAULT,
                                       .rule = rule && error->rule ? error->rule : "",
                                       .seq = seq,
                                       .text = error->text};
    return give(verifier, &finding);
}
