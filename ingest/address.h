/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What network an IP address belongs to, so that a request which somebody else asks for goes no
 * further than it may. By IANA's registries of special-purpose addresses (RFC 6890), as of 2025.
 * Pure; thread-safe.
 */
#ifndef ML_INGEST_ADDRESS_H
#define ML_INGEST_ADDRESS_H

#include <sys/socket.h>

#include "ledger/core/base.h"

enum ml_address_kind {
    ML_ADDRESS_PUBLIC,   /* reachable for everybody */
    ML_ADDRESS_LOOPBACK, /* this machine: 127.0.0.0/8, ::1 */
    ML_ADDRESS_PRIVATE,  /* an organisation's own networks: RFC 1918, fc00::/7, 100.64.0.0/10 */
    ML_ADDRESS_SPECIAL,  /* link-local (where clouds keep their metadata), multicast, reserved, of
                            another family */
};
/* A set of them: 1 << kind. */
#define ML_ADDRESS_BIT(kind) (1u << (unsigned)(kind))

/* An IPv6 address that stands for one of IPv4 (mapped, NAT64, 6to4) is what that one is. */
enum ml_address_kind ml_address_kind(const struct sockaddr *address);
/* The same of an address as it stands in a URL, "10.0.0.1" or "[::1]"; false: it is a name. */
bool ml_address_parse(const char *host, enum ml_address_kind *ret_kind);

#endif
