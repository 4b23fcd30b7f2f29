/* SPDX-License-Identifier: Apache-2.0 */
/* What a handler asks of a request, and says in its reply. */
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>

#include "serve/server.h"

const char *ml_server_header(const struct ml_server_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

void ml_server_peer(const struct ml_server_request *request, char ret_peer[ML_SERVER_PEER_SIZE])
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(request->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    const socklen_t len = address && address->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6)
                                                                    : sizeof(struct sockaddr_in);
    ret_peer[0] = '\0';
    if (address &&
        getnameinfo(address, len, ret_peer, ML_SERVER_PEER_SIZE, NULL, 0, NI_NUMERICHOST) != 0)
        ret_peer[0] = '\0';
}

struct argument_walk {
    ml_server_argument_visitor *visit;
    void *context;
    int result;
};

static enum MHD_Result on_argument(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct argument_walk *walk = context;
    (void)kind;
    walk->result = walk->visit(name, value ? value : "", walk->context);
    return walk->result < 0 ? MHD_NO : MHD_YES;
}

int ml_server_arguments(const struct ml_server_request *request, ml_server_argument_visitor *visit,
                        void *context)
{
    struct argument_walk walk = {.visit = visit, .context = context};
    MHD_get_connection_values(request->connection, MHD_GET_ARGUMENT_KIND, on_argument, &walk);
    return walk.result;
}

void ml_server_reply_header(struct ml_server_reply *reply, const char *name, const char *format,
                            ...)
{
    va_list args;
    assert(reply->n_headers < ML_SERVER_HEADERS);
    reply->headers[reply->n_headers].name = name;
    va_start(args, format);
    vsnprintf(reply->headers[reply->n_headers].value, ML_SERVER_HEADER_SIZE, format, args);
    va_end(args);
    reply->n_headers++;
}
