/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a server's requests came to, to be shown as metrics: how many by method, route and status,
 * how long they took, how many bytes came and went. What they were about may not enter here.
 *
 * Routes are few string constants (serve/server.h), so that a client cannot make series without
 * end; methods that HTTP does not know are counted as one.
 *
 * Thread-safe.
 */
#ifndef ML_SERVE_TRAFFIC_H
#define ML_SERVE_TRAFFIC_H

#include "serve/server.h"

struct ml_traffic;

/* MLEDGER_ESYSTEM. */
int ml_traffic_new(struct ml_traffic **ret_traffic) ML_MUST_USE;
void ml_traffic_free(struct ml_traffic *traffic); /* accepts NULL */

static inline void ml_traffic_freep(struct ml_traffic **traffic)
{
    ml_traffic_free(*traffic);
}

/* Counts one. When memory is out it is not counted. */
void ml_traffic_add(struct ml_traffic *traffic, const char *method,
                    const struct ml_server_account *account);
/* Appends the metrics (serve/exposition.h). MLEDGER_ESYSTEM. */
int ml_traffic_write(struct ml_traffic *traffic, struct ml_buf *text) ML_MUST_USE;

#endif
