/* SPDX-License-Identifier: Apache-2.0 */
/* Which form of an answer a request asks for (RFC 9110, section 12.5.1). */
#ifndef ML_SERVE_LEDGER_API_ACCEPT_H
#define ML_SERVE_LEDGER_API_ACCEPT_H

#include "serve/server.h"

/*
 * Which of `types` (media types, ended by NULL) Accept prefers: the one of the greatest weight, of
 * equals the first of ours; without the header the first. MLEDGER_EREFUSED (406): it takes none.
 */
int ml_api_accept(const struct ml_server_request *request, const char *const *types,
                  size_t *ret_type) ML_MUST_USE;
/* The same of the header's value, NULL: there is none. Pure. */
int ml_api_accept_value(const char *accept, const char *const *types, size_t *ret_type) ML_MUST_USE;

#endif
