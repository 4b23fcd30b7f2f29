/* SPDX-License-Identifier: Apache-2.0 */
/* The lineage that goes into an evidence bundle: as far as its open records tell it. */
#ifndef ML_CLI_BUNDLE_LINEAGE_H
#define ML_CLI_BUNDLE_LINEAGE_H

#include "ledger/query/scope.h"

/* Appends {"derived": true, "signed": false, "lineage": …} and the picture. Nothing is in them that
 * a hidden record tells. Errors as ml_lineage() and ml_drawing_render(). */
int ml_bundle_lineage(struct ml_view *view, const struct ml_scope *scope, const char *reference,
                      struct ml_buf *json, struct ml_buf *svg) ML_MUST_USE;

#endif
