/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A ledger that a server holds: --ledger https://HOST (or MLEDGER_DIR). Few commands can work with
 * one; the table of each that can has ML_OPTIONS_REMOTE and `remote` set, and its run() begins
 *
 *     if (ml_remote_is(invocation))
 *         return run_remote(invocation, out);
 *
 * The server need not be believed: serve/ledger_client/trust.h.
 */
#ifndef ML_CLI_REMOTE_H
#define ML_CLI_REMOTE_H

#include "cli/session.h"
#include "serve/ledger_client/trust.h"

#define ML_OPTION_TOKEN_FILE                                                                       \
    {                                                                                              \
        .name = "token-file", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                    \
        .help = "Of a server: read the token to be sent from this file, instead of "               \
                "$MLEDGER_TOKEN."                                                                  \
    }
#define ML_OPTION_CA                                                                               \
    {                                                                                              \
        .name = "ca", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                            \
        .help = "Of a server: trust the certificates of this PEM file, instead of the system's."   \
    }
#define ML_OPTIONS_CLIENT_CERTIFICATE                                                              \
    {.name = "client-cert",                                                                        \
     .value = "FILE",                                                                              \
     .rule = {.kind = ML_VALUE_FILE},                                                              \
     .help = "Of a server: show it the certificate in this PEM file, with which it knows you "     \
             "(mledger token add --certificate)."},                                                \
    {                                                                                              \
        .name = "client-key", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                    \
        .help = "The key of that certificate, where it is not in the same file; not sealed."       \
    }
#define ML_OPTION_IDENTITY                                                                         \
    {                                                                                              \
        .name = "identity", .value = "HEX",                                                        \
        .help = "Of a server: its ledger must have this identity, as mledger init printed it. "    \
                "Without it, what the first contact showed is held to from then on."               \
    }
#define ML_OPTION_SERVER_VKEY                                                                      \
    {                                                                                              \
        .name = "vkey", .value = "VKEY", .repeated = true,                                         \
        .help = "Of a server: trust this log key as well, as mledger key log prints it."           \
    }
/* Of commands that have ML_OPTION_VKEY already. */
#define ML_OPTIONS_REMOTE_BUT_VKEY                                                                 \
    ML_OPTION_TOKEN_FILE, ML_OPTION_CA, ML_OPTIONS_CLIENT_CERTIFICATE, ML_OPTION_IDENTITY
#define ML_OPTIONS_REMOTE ML_OPTIONS_REMOTE_BUT_VKEY, ML_OPTION_SERVER_VKEY

/* Whether the ledger of the invocation is a server's. */
bool ml_remote_is(const struct ml_invocation *invocation);

struct ml_remote {
    struct ml_session session; /* without a ledger: its keys, its output */
    char *known_dir;
    char *token;
    struct ml_api_client *client;
    struct ml_trust trust;
};
/* Finds the token, the keys and the pin of the server, and says so of a server that is new.
 * Initialises *ret_remote in any case. Errors as ml_api_client_new() and ml_trust_open();
 * MLEDGER_EUSAGE: an option is malformed; MLEDGER_ESYSTEM: a file cannot be read. */
int ml_remote_open(const struct ml_invocation *invocation, struct ml_output *out,
                   struct ml_remote *ret_remote) ML_MUST_USE;
void ml_remote_release(struct ml_remote *remote);

/* The same, with the newest checkpoint that can be had: one that covers all records, else the
 * newest there is. */
int ml_remote_open_covered(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_remote *ret_remote) ML_MUST_USE;
/* What is seen of the ledger: the end of what the checkpoint covers. */
struct ml_head ml_remote_head(const struct ml_remote *remote);

/* A remark on stderr, unless --quiet. */
void ml_remote_remark(const struct ml_remote *remote, const char *format, ...) ML_PRINTF(2, 3);

/*
 * Sends a sealed draft with its statements, and checks what the server says that it recorded: that
 * it is this, byte for byte, and under a checkpoint that goes on from what was seen. Keeps the
 * proof of that, and prints the receipt. MLEDGER_EREFUSED: a rule forbids it. MLEDGER_EDAMAGED: the
 * server did something else.
 */
int ml_remote_append(struct ml_remote *remote, struct ml_draft *draft) ML_MUST_USE;

#endif
