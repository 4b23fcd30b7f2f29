/* SPDX-License-Identifier: Apache-2.0 */
/* The door of a ledger that is served: who may ask, by which way, and how many at once. */
#ifndef ML_CLI_SERVING_DOOR_H
#define ML_CLI_SERVING_DOOR_H

#include "cli/serving_part.h"
#include "cli/users_place.h"

enum { ML_SERVING_CONNECTIONS_MOST = 10000 };

#define ML_OPTIONS_SERVING_DOOR                                                                    \
    ML_OPTION_USERS,                                                                               \
        {.name = "host",                                                                           \
         .value = "NAME",                                                                          \
         .repeated = true,                                                                         \
         .help = "A name that clients know the server by, besides localhost and those in its "     \
                 "certificate. Requests for others are refused, since a page of a browser may "    \
                 "have made them."},                                                               \
        {.name = "tls-cert",                                                                       \
         .value = "FILE",                                                                          \
         .rule = {.kind = ML_VALUE_FILE},                                                          \
         .help = "Speak TLS, with this certificate and those between it and an authority, as "     \
                 "PEM. Files that change are read again."},                                        \
        {.name = "tls-key",                                                                        \
         .value = "FILE",                                                                          \
         .rule = {.kind = ML_VALUE_FILE},                                                          \
         .help = "The certificate's key, as PEM without a passphrase."},                           \
        {.name = "tls-client-ca",                                                                  \
         .value = "FILE",                                                                          \
         .rule = {.kind = ML_VALUE_FILE},                                                          \
         .help = "Ask clients for certificates that this authority made, as PEM. Whose they are "  \
                 "says mledger token add --certificate."},                                         \
        {.name = "behind-tls-proxy",                                                               \
         .help = "A proxy before it does TLS, so that it may listen on any address without."},     \
    {                                                                                              \
        .name = "max-connections", .value = "N",                                                   \
        .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = ML_SERVING_CONNECTIONS_MOST},        \
        .help = "Serve this many connections at once, 256 unless given; more are told to come "    \
                "again later. Each has a thread, and one actor has at most half of them."          \
    }

/* Puts what the options say into those of the server. */
void ml_serving_guard(struct ml_serving *serving, struct ml_server_options *options);

#endif
