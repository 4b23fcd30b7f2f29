/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

enum { HOST_SIZE = 256, PORT_SIZE = 8, NUMBER_SIZE = 64, BACKLOG = 64 };

struct place {
    char host[HOST_SIZE];
    char port[PORT_SIZE];
};

static int no_address(const char *address)
{
    return ml_fail(MLEDGER_EUSAGE, "'%s' is no address to listen on: it must be HOST:PORT",
                   address);
}

static bool is_port(const char *text)
{
    size_t len = strspn(text, "0123456789");
    return len > 0 && len <= 5 && text[len] == '\0' && strtoul(text, NULL, 10) <= 65535;
}

static int split(const char *address, struct place *ret_place)
{
    const char *host = address, *colon = strrchr(address, ':');
    if (!colon || !is_port(colon + 1))
        return no_address(address);
    size_t len = (size_t)(colon - address);
    if (len >= 2 && host[0] == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    } else if (memchr(host, ':', len)) {
        return no_address(address); /* IPv6 without brackets could be read in two ways */
    }
    if (len == 0 || len >= HOST_SIZE)
        return no_address(address);
    memcpy(ret_place->host, host, len);
    ret_place->host[len] = '\0';
    snprintf(ret_place->port, PORT_SIZE, "%s", colon + 1);
    return MLEDGER_OK;
}

/* -1 with errno set when it cannot be. */
static int listen_on(const struct addrinfo *info)
{
    const int on = 1;
    int fd = socket(info->ai_family, info->ai_socktype | SOCK_CLOEXEC, info->ai_protocol);
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        bind(fd, info->ai_addr, info->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error_number = errno;
    close(fd);
    errno = error_number;
    return -1;
}

static int describe(int fd, char ret_bound[ML_LISTEN_TEXT_SIZE])
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof bound;
    char host[NUMBER_SIZE], port[PORT_SIZE];
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0)
        return ml_fail_errno(errno, "cannot tell the address that is listened on");
    int result = getnameinfo((struct sockaddr *)&bound, len, host, sizeof host, port, sizeof port,
                             NI_NUMERICHOST | NI_NUMERICSERV);
    if (result != 0)
        return ml_fail(MLEDGER_ESYSTEM, "cannot tell the address that is listened on: %s",
                       gai_strerror(result));
    snprintf(ret_bound, ML_LISTEN_TEXT_SIZE, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
    return MLEDGER_OK;
}

static void free_infos(struct addrinfo **infos)
{
    if (*infos)
        freeaddrinfo(*infos);
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, address, sizeof in);
        return ntohl(in.sin_addr.s_addr) >> 24 == 127;
    }
    struct sockaddr_in6 in6;
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&in6, address, sizeof in6);
    return IN6_IS_ADDR_LOOPBACK(&in6.sin6_addr);
}

static bool are_loopback(const struct addrinfo *infos)
{
    for (const struct addrinfo *info = infos; info; info = info->ai_next)
        if (!is_loopback(info->ai_addr))
            return false;
    return true;
}

int ml_listen(const char *address, const char *loopback_because, int *ret_fd,
              char ret_bound[ML_LISTEN_TEXT_SIZE])
{
    struct place place = {0};
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    ML_CLEANUP(free_infos) struct addrinfo *infos = NULL;
    ML_CLEANUP(ml_closep) int fd = -1;
    ML_TRY(split(address, &place));
    int result = getaddrinfo(place.host, place.port, &hints, &infos);
    if (result != 0)
        return ml_fail(MLEDGER_ESYSTEM, "cannot listen on %s: %s", address, gai_strerror(result));
    if (loopback_because && !are_loopback(infos))
        return ml_fail(MLEDGER_EUSAGE,
                       "'%s' can be reached from other machines, and %s; only an address like "
                       "127.0.0.1:5000 will do",
                       address, loopback_because);
    for (const struct addrinfo *info = infos; info && fd < 0; info = info->ai_next)
        fd = listen_on(info);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot listen on %s", address);
    ML_TRY(describe(fd, ret_bound));
    *ret_fd = fd;
    fd = -1;
    return MLEDGER_OK;
}
