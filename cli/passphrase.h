/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where passphrases come from: the terminal, or what --passphrase-file or --passphrase-fd names;
 * never the command line or the environment, which others can read.
 *
 * A file or descriptor holds one passphrase a line, for the keys in the order in which they are
 * needed; the last line serves all that come after it.
 *
 * One thread at a time.
 */
#ifndef ML_CLI_PASSPHRASE_H
#define ML_CLI_PASSPHRASE_H

#include "cli/invocation.h"
#include "mledger/key.h"

#define ML_OPTION_PASSPHRASE_FILE                                                                  \
    {                                                                                              \
        .name = "passphrase-file", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},               \
        .help = "Read passphrases from this file, one a line, instead of asking."                  \
    }
#define ML_OPTION_PASSPHRASE_FD                                                                    \
    {                                                                                              \
        .name = "passphrase-fd", .value = "N",                                                     \
        .rule = {.kind = ML_VALUE_NUMBER, .least = 0, .most = 1000000},                            \
        .help = "Read passphrases from this open file descriptor, one a line, instead of asking."  \
    }

struct ml_passphrases {
    const char *file;            /* --passphrase-file, borrowed; NULL: not given */
    int fd;                      /* to read from; -1: none yet, or the terminal is asked */
    bool owns_fd;                /* it is of `file` */
    struct mledger_secret *last; /* the line read last; NULL: none */
};

/* From the options of the command, if it has them. MLEDGER_EUSAGE: both are given. */
int ml_passphrases_init(struct ml_passphrases *passphrases,
                        const struct ml_invocation *invocation) ML_MUST_USE;
void ml_passphrases_release(struct ml_passphrases *passphrases);

/* The passphrase of an existing key; a mledger_passphrase_fn whose context is the passphrases.
 * MLEDGER_ESYSTEM: there is no terminal to ask at and no option was given; reading failed.
 * MLEDGER_EUSAGE: it is empty or too long. */
int ml_passphrases_ask(void *context, const char *label, struct mledger_secret *secret) ML_MUST_USE;
/* One for a new key: a terminal is asked twice. As above; MLEDGER_EUSAGE also when the two
 * differ. */
int ml_passphrases_new(struct ml_passphrases *passphrases, const char *label,
                       struct mledger_secret *secret) ML_MUST_USE;
/* The same for a user of a server. */
int ml_passphrases_new_password(struct ml_passphrases *passphrases, const char *user,
                                struct mledger_secret *secret) ML_MUST_USE;

#endif
