/* SPDX-License-Identifier: Apache-2.0 */
/* What `export` writes in others' formats: lineage and what the records say of it. */
#ifndef ML_CLI_EXPORT_DOCUMENT_H
#define ML_CLI_EXPORT_DOCUMENT_H

#include "cli/session.h"
#include "export/formats.h"

#define ML_EXPORT_OPTIONS_DOCUMENT                                                                 \
    ML_OPTION_AS_OF, ML_OPTION_UP, ML_OPTION_DOWN, ML_OPTION_DEPTH, ML_OPTIONS_RECORDED_ONLY,      \
        {.name = "table",                                                                          \
         .value = "TABLE",                                                                         \
         .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("nodes", "edges", "values")},     \
         .help = "Of csv: which table. By default nodes."},                                        \
        {.name = "post",                                                                           \
         .value = "URL",                                                                           \
         .help =                                                                                   \
             "Of openlineage: send each event to this endpoint, as Marquez has it "                \
             "(http://HOST:5000/api/v1/lineage). OPENLINEAGE_API_KEY, if set, says who asks."},    \
        {.name = "post-from",                                                                      \
         .value = "NUMBER",                                                                        \
         .rule = {.kind = ML_VALUE_NUMBER, .least = 1},                                            \
         .help = "Begin with this event, after one that was not taken."},                          \
        {.name = "sign",                                                                           \
         .help = "Wrap the document in a DSSE envelope, signed by --key or by your recorder "      \
                 "key. Of in-toto and slsa each line is wrapped by itself."},                      \
        ML_OPTIONS_SIGNING

/* Writes what REF… name, or the whole ledger, in `format` to -o or standard output. MLEDGER_EUSAGE,
 * MLEDGER_ENOTFOUND as ml_lineage(); MLEDGER_EREFUSED: the key may sign nothing here. */
int ml_export_document(const struct ml_invocation *invocation,
                       const struct ml_export_format *format, struct ml_output *out) ML_MUST_USE;

#endif
