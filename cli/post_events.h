/* SPDX-License-Identifier: Apache-2.0 */
/* Sending OpenLineage events to an endpoint that takes them one by one, as Marquez does. */
#ifndef ML_CLI_POST_EVENTS_H
#define ML_CLI_POST_EVENTS_H

#include "ledger/core/base.h"

/*
 * Posts each line of `events` (JSON) to `url` as application/json, in order, from event number
 * `first` (of 1, 2, …) on; `token` (NULL: none) is sent as a bearer's. Gives how many were taken in
 * *ret_count, also on failure. MLEDGER_EUSAGE: no http or https URL, or one with credentials in it.
 * MLEDGER_ESYSTEM: the endpoint cannot be reached, or answers anything but 2xx; the text names the
 * event by its number and what it is, and what the endpoint said, the hint how to go on. Those
 * before it were taken; sending them again does no harm, as the same records have the same run ids.
 */
int ml_post_events(const char *url, const char *token, struct ml_span events, uint64_t first,
                   bool quiet, uint64_t *ret_count) ML_MUST_USE;

#endif
