/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the files that resolve references. */
#ifndef ML_QUERY_REFERENCE_PRIVATE_H
#define ML_QUERY_REFERENCE_PRIVATE_H

#include "ledger/query/reference.h"

/* reference_digest.c: content by its digest, or by its first digits where these name one alone. As
 * ml_reference_resolve(). */
int ml_reference_digest(struct ml_reader *reader, const struct ml_reference_text *reference,
                        struct ml_target *target) ML_MUST_USE;

#endif
