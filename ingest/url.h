/* SPDX-License-Identifier: Apache-2.0 */
/* URLs being put together: what is appended is percent-encoded but for what RFC 3986 calls
 * unreserved. */
#ifndef ML_INGEST_URL_H
#define ML_INGEST_URL_H

#include "ledger/core/base.h"

/* Appends one part of a path. MLEDGER_ESYSTEM, as below: memory is out. */
int ml_url_part(struct ml_buf *url, const char *part) ML_MUST_USE;
/* Appends ?name=value or &name=value. */
int ml_url_query(struct ml_buf *url, const char *name, const char *value) ML_MUST_USE;

#endif
