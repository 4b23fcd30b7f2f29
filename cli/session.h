/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command works with: the ledger, the user's keys, and appending with them.
 *
 *     static int run(const struct ml_invocation *invocation, struct ml_output *out)
 *     {
 *         ML_CLEANUP(ml_session_release) struct ml_session session;
 *         ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
 *         ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
 *         ML_TRY(ml_draft_new(&draft));
 *         …
 *         return ml_session_append(&session, draft);
 *     }
 *
 * A command that appends has ML_OPTIONS_SIGNING in its table. Who signs which record:
 *
 *     ml_session_append()          the header by --key, else by the user's recorder key
 *     ml_session_append_trust()    the header by --key, else by the user's admin key
 *     ml_session_append_stated()   a statement by --key, else by the user's key of the role asked
 *                                  for; the header by the recorder key, or, where the user has
 *                                  none, by the key that made the statement
 *
 * Errors of all that append: those of ml_ledger_append(), of finding and loading the keys
 * (cli/keyring.h), MLEDGER_ESYSTEM where the receipt cannot be made. No view may be open while
 * they run.
 */
#ifndef ML_CLI_SESSION_H
#define ML_CLI_SESSION_H

#include "cli/keyring.h"
#include "cli/output.h"
#include "ledger/store/statement.h"

enum ml_session_mode {
    ML_SESSION_READ,
    ML_SESSION_WRITE,
    /* Although derived data may be damaged: to verify, to reindex. */
    ML_SESSION_READ_RECORDS,
    ML_SESSION_REINDEX,
};

#define ML_OPTION_LOG_KEY                                                                          \
    {                                                                                              \
        .name = "log-key", .value = "NAME|FILE",                                                   \
        .help = "The log key that signs the checkpoint: its name among your keys, or the path of " \
                "its file."                                                                        \
    }

/* A command needs a recorder, a stating key, a new key, an admin. */
enum { ML_SESSION_KEYS = 4 };

struct ml_session {
    const struct ml_invocation *invocation; /* borrowed */
    struct ml_output *out;                  /* borrowed */
    enum ml_session_mode mode;
    struct ml_ledger *ledger;
    char *known_dir;
    struct ml_keyring keyring;
    struct ml_session_key {
        char *path;
        struct mledger_key *key;
        struct ml_signer signer;
    } keys[ML_SESSION_KEYS]; /* those loaded: no passphrase is asked for twice */
    size_t n_keys;
};

/* Opens the ledger of the invocation. Initialises *ret_session in any case, so that it can be
 * released. Errors as ml_ledger_dir_find() and ml_ledger_open(). */
int ml_session_open(const struct ml_invocation *invocation, struct ml_output *out,
                    enum ml_session_mode mode, struct ml_session *ret_session) ML_MUST_USE;
/* The same without a ledger (session->ledger is NULL): for commands about keys alone. */
int ml_session_open_keys(const struct ml_invocation *invocation, struct ml_output *out,
                         struct ml_session *ret_session) ML_MUST_USE;
void ml_session_release(struct ml_session *session);

/* Closes the ledger for as long as something else goes on, so that nobody has to wait for us; the
 * keys stay. *ret_dir is where it is, absolute, for the caller to free. MLEDGER_ESYSTEM. */
int ml_session_pause(struct ml_session *session, char **ret_dir) ML_MUST_USE;
/* Opens it again. Errors as ml_ledger_open(); the ledger is closed then. */
int ml_session_resume(struct ml_session *session, const char *dir) ML_MUST_USE;

/* The signer over the key called `name`, or at that path; the session's. A key that is not there
 * is MLEDGER_ESYSTEM: without it nothing can be done. */
int ml_session_signer_named(struct ml_session *session, const char *name,
                            const struct ml_signer **ret_signer) ML_MUST_USE;
/* The signer over --key, else over the user's one key for `role`; the session's. */
int ml_session_signer(struct ml_session *session, Mledger__Role role,
                      const struct ml_signer **ret_signer) ML_MUST_USE;

/* The log key that --log-key names, else the user's one log key of the ledger; the session's. For
 * commands with ML_OPTION_LOG_KEY in their table.
 * MLEDGER_ESYSTEM: there is none, or several. */
int ml_session_log_key(struct ml_session *session, const struct mledger_key **ret_key) ML_MUST_USE;

/* Fills in who recorded by which program where (details' user, host, client) unless said
 * already. The ml_session_append… functions do so for drafts that are not sealed. */
int ml_session_describe(struct ml_session *session, struct ml_draft *draft) ML_MUST_USE;

/* Append one draft, which stays the caller's and then holds what the ledger filled in, and print
 * the receipt. */
int ml_session_append(struct ml_session *session, struct ml_draft *draft) ML_MUST_USE;
int ml_session_append_trust(struct ml_session *session, struct ml_draft *draft) ML_MUST_USE;
int ml_session_append_stated(struct ml_session *session, struct ml_draft *draft,
                             Mledger__Meaning meaning, Mledger__Role role) ML_MUST_USE;

/* The same steps one by one, for commands that have more to say. */
/* Completes the draft and fixes its bytes, unless that was done. */
int ml_session_seal(struct ml_session *session, struct ml_draft *draft) ML_MUST_USE;
/* Adds a statement to a sealed draft, on the ledger as it is now. */
int ml_session_state(struct ml_session *session, struct ml_draft *draft,
                     const struct ml_signer *signer, Mledger__Meaning meaning) ML_MUST_USE;
/* Appends without a word. */
int ml_session_record(struct ml_session *session, const struct ml_signer *signer,
                      struct ml_draft *draft, struct ml_receipt *ret_receipt) ML_MUST_USE;
/* "recorded #12 link 3fa9…", or {"seq", "recorded_at", "link", "identity"}. */
int ml_session_print_receipt(struct ml_session *session,
                             const struct ml_receipt *receipt) ML_MUST_USE;
/* The latter as JSON, to add more to it; a new reference. */
int ml_receipt_to_json(const struct ml_receipt *receipt, const uint8_t identity[ML_HASH_SIZE],
                       json_t **ret_json) ML_MUST_USE;

#endif
