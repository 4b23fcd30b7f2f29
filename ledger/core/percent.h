/* SPDX-License-Identifier: Apache-2.0 */
/* Percent-encoding (RFC 3986, section 2.1). Pure; thread-safe. */
#ifndef ML_CORE_PERCENT_H
#define ML_CORE_PERCENT_H

#include "ledger/core/base.h"

/* Appends `text`: all but unreserved characters and those in `keep` is encoded. MLEDGER_ESYSTEM:
 * memory is out. */
int ml_percent_encode(const char *text, const char *keep, struct ml_buf *out) ML_MUST_USE;

#endif
