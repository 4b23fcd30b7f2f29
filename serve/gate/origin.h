/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which pages of a browser may ask. Any page that a browser shows can send requests to a server
 * that it reaches, though it may not read the answers. Such a request says whose page it is (the
 * header Origin, RFC 6454), or, where a name was made to lead here (DNS rebinding), another host.
 * Neither is let in. Pure; thread-safe.
 */
#ifndef ML_SERVE_GATE_ORIGIN_H
#define ML_SERVE_GATE_ORIGIN_H

#include "serve/server.h"

struct ml_origin {
    /* Names that this server goes by besides those of the loopback, without a port; borrowed. */
    const char *const *hosts;
    size_t n_hosts;
    bool is_https; /* as clients see it: here, or at the proxy before it */
    /* Names that a certificate is for; NULL: none. */
    bool (*is_ours)(const char *host, void *context);
    void *context;
};

/* Refused with MLflow's PERMISSION_DENIED: a host by another name, a page of another origin. */
int ml_origin_check(const struct ml_origin *origin,
                    const struct ml_server_request *request) ML_MUST_USE;

/* The same of the headers' values; NULL: the header is not there. */
int ml_origin_check_headers(const struct ml_origin *origin, const char *host,
                            const char *page) ML_MUST_USE;

#endif
