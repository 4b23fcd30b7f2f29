/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as Prometheus reads them (text exposition format 0.0.4). A family is begun, and its
 * samples follow:
 *
 *     ML_TRY(ml_exposition_family(text, "mledger_records", "gauge", "Records in the ledger."));
 *     ML_TRY(ml_exposition_sample(text, "mledger_records", NULL, (double)head.size));
 *
 * Errors: MLEDGER_ESYSTEM, memory is out.
 */
#ifndef ML_SERVE_EXPOSITION_H
#define ML_SERVE_EXPOSITION_H

#include "ledger/core/base.h"

#define ML_EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* `type` is counter, gauge or histogram; `help` one line without a backslash. */
int ml_exposition_family(struct ml_buf *text, const char *name, const char *type,
                         const char *help) ML_MUST_USE;

/* Ends with a NULL name. Values may be any text. */
struct ml_exposition_label {
    const char *name, *value;
};
/* `labels` NULL: none. */
int ml_exposition_sample(struct ml_buf *text, const char *name,
                         const struct ml_exposition_label *labels, double value) ML_MUST_USE;
/* A family with one sample. */
int ml_exposition_single(struct ml_buf *text, const char *name, const char *type, const char *help,
                         double value) ML_MUST_USE;

#endif
