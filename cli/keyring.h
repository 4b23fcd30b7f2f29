/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The user's key files: where they are, which of them can act in a ledger, loading and saving.
 *
 * Keys live in $XDG_CONFIG_HOME/mledger/keys, as NAME.key. What a key may do is not in its file:
 * the ledger says it.
 */
#ifndef ML_CLI_KEYRING_H
#define ML_CLI_KEYRING_H

#include "cli/passphrase.h"
#include "ledger/query/standing.h"
#include "ledger/store/key.h"
#include "ledger/store/ledger.h"

#define ML_OPTION_KEY                                                                              \
    {                                                                                              \
        .name = "key", .value = "NAME|FILE",                                                       \
        .help = "Sign with this key: its name among your keys, or the path of its file."           \
    }
/* What a command that signs has in its table. */
#define ML_OPTIONS_SIGNING ML_OPTION_KEY, ML_OPTION_PASSPHRASE_FILE, ML_OPTION_PASSPHRASE_FD

struct ml_keyring {
    char *dir;
    struct ml_passphrases passphrases;
};

/* Reads the environment and the invocation's options; makes nothing.
 * MLEDGER_ESYSTEM: neither XDG_CONFIG_HOME nor HOME is set. MLEDGER_EUSAGE: as passphrases. */
int ml_keyring_init(struct ml_keyring *keyring, const struct ml_invocation *invocation) ML_MUST_USE;
void ml_keyring_release(struct ml_keyring *keyring);

/* "$VARIABLE/tail", else "$HOME/fallback/tail"; the caller frees it. */
int ml_user_dir(const char *variable, const char *fallback, const char *tail,
                char **ret_path) ML_MUST_USE;

/* Makes the directory, and those above it, for this user alone. MLEDGER_ESYSTEM. */
int ml_user_dir_make(const char *dir) ML_MUST_USE;

/* Path of the key called `name`; the caller frees it. With a '/' in it `name` is a path as it
 * stands; otherwise it is a file among the keys, with or without ".key".
 * MLEDGER_ENOTFOUND: there is no such file. */
int ml_keyring_find(const struct ml_keyring *keyring, const char *name,
                    char **ret_path) ML_MUST_USE;
/* Loads a key file, asking for its passphrase if it is sealed. Errors as mledger_key_load(). */
int ml_keyring_load(struct ml_keyring *keyring, const char *path,
                    struct mledger_key **ret_key) ML_MUST_USE;

/* A new key among the keys, saved as NAME.key, with this label, durable. `sealed`: with a new
 * passphrase. `ret_path` (NULL: not wanted) is the caller's to free. Makes the directory.
 * MLEDGER_EUSAGE: not a name for a file, or such a key exists. MLEDGER_ESYSTEM: as saving. */
int ml_keyring_make(struct ml_keyring *keyring, enum mledger_key_purpose purpose, const char *name,
                    const char *label, bool sealed, struct mledger_key **ret_key,
                    char **ret_path) ML_MUST_USE;

/* Path of the one key among the user's that can act in `role`, for the caller to free: of the
 * unsealed ones, else of the sealed. Of several the one that holds no other role.
 * MLEDGER_ENOTFOUND: there is none. MLEDGER_ESYSTEM: there are several. The hint says what to do.
 */
int ml_keyring_choose(const struct ml_keyring *keyring, struct ml_view *view, Mledger__Role role,
                      char **ret_path) ML_MUST_USE;

/* The same for the one log key of the ledger. */
int ml_keyring_choose_log(const struct ml_keyring *keyring, struct ml_view *view,
                          char **ret_path) ML_MUST_USE;

/* A signer over a key, which must outlive it. */
struct ml_signer ml_signer_of(const struct mledger_key *key);

#endif
