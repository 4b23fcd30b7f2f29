/* SPDX-License-Identifier: Apache-2.0 */
/* Where a server listens: an address as a person writes it, made into a socket. */
#ifndef ML_SERVE_LISTEN_H
#define ML_SERVE_LISTEN_H

#include "ledger/core/base.h"

enum { ML_LISTEN_TEXT_SIZE = 80 };

/* Listens on the TCP address HOST:PORT, [IPV6]:PORT; port 0 is one that the system picks. Gives the
 * socket, the caller's to close, and the address that it has, as numbers. With `loopback_because`
 * it must be an address of the loopback (127.0.0.0/8, ::1), for that reason ("nobody is asked …").
 * MLEDGER_EUSAGE: it is no such address. MLEDGER_ESYSTEM: nobody can listen there. */
int ml_listen(const char *address, const char *loopback_because, int *ret_fd,
              char ret_bound[ML_LISTEN_TEXT_SIZE]) ML_MUST_USE;

#endif
