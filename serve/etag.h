/* SPDX-License-Identifier: Apache-2.0 */
/* Answers that a client has already (RFC 9110, sections 8.8.3 and 13.1.2). */
#ifndef ML_SERVE_ETAG_H
#define ML_SERVE_ETAG_H

#include "serve/server.h"

/* Whether the list, a value of If-None-Match, holds the tag: quoted, strong, and without a comma or
 * a blank. Pure; thread-safe. */
bool ml_etag_is_in(const char *list, const char *etag);

/* Names the answer by its tag, and says how long it may be kept (Cache-Control). A client that has
 * it already is told so by 304 instead: the reply's body or file is gone then. */
void ml_etag_answer(const struct ml_server_request *request, const char *etag, const char *keep,
                    struct ml_server_reply *reply);

#endif
