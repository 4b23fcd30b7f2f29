/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/origin.h"

#include <strings.h>

#include "serve/mlflow/error.h"

enum { HOST_SIZE = 256 };

/* The host of "HOST:PORT", "HOST", "[IPV6]:PORT"; false: it is none. */
static bool host_of(const char *text, char ret_host[HOST_SIZE])
{
    size_t len = strcspn(text, text[0] == '[' ? "]" : ":");
    if (text[0] == '[' && text[len] == ']')
        len++;
    const char *rest = text + len;
    if (len == 0 || len >= HOST_SIZE ||
        (rest[0] && (rest[0] != ':' || rest[1 + strspn(rest + 1, "0123456789")])))
        return false;
    memcpy(ret_host, text, len);
    ret_host[len] = '\0';
    return true;
}

static bool is_ours(const struct ml_origin *origin, const char *host)
{
    static const char *const loopback[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < ML_COUNT(loopback); i++)
        if (strcasecmp(host, loopback[i]) == 0)
            return true;
    for (size_t i = 0; i < origin->n_hosts; i++)
        if (strcasecmp(host, origin->hosts[i]) == 0)
            return true;
    return origin->is_ours && origin->is_ours(host, origin->context);
}

/* Whether the page's origin is the host that was asked, with its scheme and port. */
static bool is_of(const struct ml_origin *origin, const char *page, const char *host)
{
    const char *scheme = origin->is_https ? "https://" : "http://";
    return host && strncasecmp(page, scheme, strlen(scheme)) == 0 &&
           strcasecmp(page + strlen(scheme), host) == 0;
}

int ml_origin_check_headers(const struct ml_origin *origin, const char *host, const char *page)
{
    char name[HOST_SIZE];
    if (host && (!host_of(host, name) || !is_ours(origin, name)))
        return ml_rest_refuse(ML_REST_DENIED,
                              "the request is for the host '%.128s', which is no name of this "
                              "server; it can be told its names: mledger serve --host NAME",
                              host);
    if (page && !is_of(origin, page, host))
        return ml_rest_refuse(ML_REST_DENIED, "the request is of a page of '%.128s'", page);
    return MLEDGER_OK;
}

int ml_origin_check(const struct ml_origin *origin, const struct ml_server_request *request)
{
    return ml_origin_check_headers(origin, ml_server_header(request, "Host"),
                                   ml_server_header(request, "Origin"));
}
