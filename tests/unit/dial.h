/* SPDX-License-Identifier: Apache-2.0 */
/* A connection to a server of ours, below HTTP. */
#ifndef TESTS_UNIT_DIAL_H
#define TESTS_UNIT_DIAL_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "serve/server.h"
#include "tests/unit/cmocka_all.h"

/* The caller closes it. */
static inline int dial(const struct ml_server *server)
{
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)strtoul(strchr(ml_server_address(server), ':') + 1, NULL, 10)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

#endif
