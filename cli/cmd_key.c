/* SPDX-License-Identifier: Apache-2.0 */
/* Keys: making them, and letting them in and out of the ledger. Listing them is cmd_key_list.c. */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/key_choice.h"
#include "cli/since_time.h"
#include "cli/trust.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/query/state_walk.h"

static const char *const purpose_choices[] = {"signer", "log", "recovery", NULL};
static const enum mledger_key_purpose purposes[] = {MLEDGER_KEY_SIGNER, MLEDGER_KEY_LOG,
                                                    MLEDGER_KEY_RECOVERY};

static int print_new(struct ml_session *session, const struct mledger_key *key, const char *path)
{
    char hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(hex, mledger_key_public(key), ML_KEY_SIZE);
    const char *purpose = mledger_key_purpose_name(mledger_key_purpose_of(key));
    if (!session->invocation->json) {
        ml_output_line(session->out, ML_ROLE_PLAIN, "%s", path);
        ml_output_line(session->out, ML_ROLE_PLAIN, "%s key %s", purpose, hex);
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:s, s:s, s:s, s:s}", "name", mledger_key_label(key), "path", path,
                             "purpose", purpose, "key", hex);
    if (!json)
        return ml_fail_memory();
    ml_output_json(session->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int run_new(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(ml_session_open_keys(invocation, out, &session));
    const char *name = ml_argument(invocation, "NAME");
    ML_TRY(ml_keyring_make(&session.keyring, purposes[ml_option_choice(invocation, "purpose", 0)],
                           name, name, !ml_option_given(invocation, "no-passphrase"), &key, &path));
    return print_new(&session, key, path);
}

const struct ml_command ml_command_key_new = {
    .name = "key new",
    .summary = "Make a key",
    .description =
        (const char *const[]){"The key can do nothing in a ledger until an admin lets it "
                              "in: mledger key authorize.",
                              NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "NAME", .min = 1, .max = 1, .help = "Its name among your keys."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "purpose",
             .value = "WHAT",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = purpose_choices},
             .help = "signer, the default, for records and statements; log for checkpoints; "
                     "recovery for a ledger still to be made."},
            {.name = "no-passphrase", .help = "Leave it unsealed: for machines."},
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_new,
};

static int authorize_log_key(struct ml_session *session, const struct mledger_key *key)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__LogKeyAuthorized *authorized;
    const struct ml_invocation *invocation = session->invocation;
    if (ml_argument(invocation, "ACTOR") || ml_option_given(invocation, "roles"))
        return ml_fail(MLEDGER_EUSAGE, "key '%s' is a log key: it has neither actor nor roles",
                       mledger_key_label(key));
    ML_TRY(ml_draft_begin("log_key_authorized", &draft, &authorized));
    ML_TRY(ml_draft_key(draft, mledger_key_public(key), &authorized->key));
    return ml_session_append_trust(session, draft);
}

static int authorize_signer(struct ml_session *session, const struct mledger_key *key,
                            const struct ml_signer *newcomer)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__KeyAuthorized *authorized;
    const struct ml_invocation *invocation = session->invocation;
    const char *actor = ml_argument(invocation, "ACTOR");
    const char *roles = ml_option_text(invocation, "roles", NULL);
    if (!actor || !roles)
        return ml_fail(MLEDGER_EUSAGE, "'key authorize' needs ACTOR, KEY and --roles");
    ML_TRY(ml_draft_begin("key_authorized", &draft, &authorized));
    ML_TRY(ml_draft_name(draft, &authorized->actor, MLEDGER__SUBJECT_KIND__ACTOR, "actor", actor));
    ML_TRY(ml_roles_parse(draft, roles, &authorized->roles, &authorized->n_roles));
    ML_TRY(ml_draft_key(draft, newcomer->key, &authorized->key));
    authorized->label = ml_draft_text(draft, mledger_key_label(key));
    if (!authorized->label)
        return ml_fail_memory();
    return ml_session_append_possessed(session, draft, newcomer);
}

/* The key that a signer of the session was made from. */
static const struct mledger_key *key_of(const struct ml_signer *signer)
{
    return signer->context;
}

static int run_authorize(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    const struct ml_signer *newcomer;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_session_signer_named(&session, ml_argument(invocation, "KEY"), &newcomer));
    const struct mledger_key *key = key_of(newcomer);
    if (mledger_key_purpose_of(key) == MLEDGER_KEY_LOG)
        return authorize_log_key(&session, key);
    return authorize_signer(&session, key, newcomer);
}

const struct ml_command ml_command_key_authorize = {
    .name = "key authorize",
    .summary = "Let a key act for an actor",
    .description =
        (const char *const[]){
            "The new key proves that it is held by signing a statement, so its file is needed "
            "here, and its passphrase is asked for before the admin's. Where the key is on another "
            "machine, see mledger statement make.",
            "A log key belongs to the ledger: it takes neither ACTOR nor --roles.", NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "ACTOR", .min = 0, .max = 1, .help = "Id of a registered actor."},
            {.name = "KEY", .min = 1, .max = 1, .help = "The key's name among yours, or its file."},
            {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTION_ROLES, ML_OPTIONS_SIGNING, {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger key authorize bob bob --roles approver", "Let bob's key approve."}, {0}},
    .topic = ML_TOPIC_START,
    .run = run_authorize,
};

static const char *const cause_choices[] = {"retired", "lost", "compromised", NULL};
static const Mledger__RevocationCause causes[] = {MLEDGER__REVOCATION_CAUSE__RETIRED,
                                                  MLEDGER__REVOCATION_CAUSE__LOST,
                                                  MLEDGER__REVOCATION_CAUSE__COMPROMISED};

/* From where on a key is not trusted: a record, and the time that led to it, if one did. */
struct since {
    bool has_seq, has_time;
    uint64_t seq;
    int64_t time_us;
};

/* What a time means follows only from checkpoints that outsiders have dated. */
static int find_since(struct ml_session *session, const char *text, struct since *ret_since)
{
    struct ml_dated_checkpoint dated;
    int64_t time_us;
    ML_TRY(ml_time_parse_user(text, strlen(text), &time_us));
    int result = ml_since_time(session, time_us, &dated);
    if (result == MLEDGER_ENOTFOUND) {
        ml_fail(MLEDGER_EINVALID,
                "--since %s: no checkpoint with a time from outside tells which record that was, "
                "and the ledger's own times are what a stolen key could have chosen",
                text);
        return ml_hint("mledger log, to find the first doubtful record; then --since-seq N");
    }
    ML_TRY(result);
    *ret_since = (struct since){true, true, dated.size, time_us};
    return MLEDGER_OK;
}

static int read_since(struct ml_session *session, struct since *ret_since)
{
    const struct ml_invocation *invocation = session->invocation;
    const char *time = ml_option_text(invocation, "since", NULL);
    *ret_since = (struct since){.has_seq = ml_option_given(invocation, "since-seq"),
                                .seq = ml_option_number(invocation, "since-seq", 0)};
    if (!time)
        return MLEDGER_OK;
    if (ret_since->has_seq)
        return ml_fail(MLEDGER_EUSAGE, "--since and --since-seq exclude each other");
    return find_since(session, time, ret_since);
}

static int revoke_log_key(struct ml_session *session, const uint8_t *key,
                          Mledger__RevocationCause cause)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__LogKeyRevoked *revoked;
    if (ml_option_given(session->invocation, "since-seq") ||
        ml_option_given(session->invocation, "since"))
        return ml_fail(MLEDGER_EUSAGE, "a log key is revoked without --since and --since-seq");
    ML_TRY(ml_draft_begin("log_key_revoked", &draft, &revoked));
    ML_TRY(ml_draft_key(draft, key, &revoked->key));
    revoked->cause = cause;
    return ml_session_append_trust(session, draft);
}

static int revoke_key(struct ml_session *session, const uint8_t *key, uint64_t actor,
                      Mledger__RevocationCause cause)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__KeyRevoked *revoked;
    struct since since;
    ML_TRY(read_since(session, &since));
    ML_TRY(ml_draft_begin("key_revoked", &draft, &revoked));
    ML_TRY(ml_draft_key(draft, key, &revoked->key));
    revoked->actor = actor;
    revoked->cause = cause;
    revoked->has_since_seq = since.has_seq;
    revoked->since_seq = since.seq;
    revoked->has_since_time = since.has_time;
    revoked->since_time = since.time_us;
    return ml_session_append_trust(session, draft);
}

static int run_revoke(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    uint8_t key[ML_KEY_SIZE];
    struct ml_standing standing;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_key_find_known(&session, ml_argument(invocation, "KEY"), key, &standing));
    Mledger__RevocationCause cause = causes[ml_option_choice(invocation, "cause", 0)];
    return standing.purpose == MLEDGER__KEY_PURPOSE__LOG_KEY
               ? revoke_log_key(&session, key, cause)
               : revoke_key(&session, key, standing.actor, cause);
}

const struct ml_command ml_command_key_revoke = {
    .name = "key revoke",
    .summary = "End a key",
    .description =
        (const char *const[]){
            "From this record on the key can sign nothing. With --since-seq what it signed from "
            "that record on is in doubt, and mledger verify names every such record.",
            "With --since it is in doubt from what the last checkpoint does not cover that was "
            "there "
            "at that time, as cosignatures of witnesses or timestamps of authorities say: the "
            "ledger's own times are what a stolen key could have chosen.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "KEY",
                                               .min = 1,
                                               .max = 1,
                                               .help = "A key's name, its file, or the first "
                                                       "digits of a key that the ledger knows."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "cause",
             .value = "CAUSE",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = cause_choices},
             .required = true,
             .help = "Why it ends."},
            {.name = "since-seq",
             .value = "SEQ",
             .rule = {.kind = ML_VALUE_NUMBER},
             .help = "Do not trust what it signed from this record on."},
            {.name = "since",
             .value = "TIME",
             .help = "The same from a time on, where a checkpoint dated by outsiders says which "
                     "record that was."},
            ML_OPTIONS_OUTSIDE_TIME,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_revoke,
};

static int run_rotate(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    const struct ml_signer *newcomer;
    struct ml_standing standing;
    Mledger__KeyRotated *rotated;
    uint8_t old[ML_KEY_SIZE];
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_key_find_known(&session, ml_argument(invocation, "OLD"), old, &standing));
    ML_TRY(ml_session_signer_named(&session, ml_argument(invocation, "NEW"), &newcomer));
    ML_TRY(ml_draft_begin("key_rotated", &draft, &rotated));
    rotated->actor = standing.actor;
    ML_TRY(ml_draft_key(draft, old, &rotated->old_key));
    ML_TRY(ml_draft_key(draft, newcomer->key, &rotated->key));
    return ml_session_append_possessed(&session, draft, newcomer);
}

const struct ml_command ml_command_key_rotate = {
    .name = "key rotate",
    .summary = "Put a new key in the place of an old one",
    .description =
        (const char *const[]){
            "The old key ends, and the new one has its actor and roles. A log key is not rotated: "
            "authorize the new one, then revoke the old.",
            NULL},
    .arguments =
        (const struct ml_argument[]){{.name = "OLD",
                                      .min = 1,
                                      .max = 1,
                                      .help = "A key's name, its file, or the first digits of a "
                                              "key that the ledger knows."},
                                     {.name = "NEW",
                                      .min = 1,
                                      .max = 1,
                                      .help = "The new key's name among yours, or its file."},
                                     {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_SIGNING, {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_rotate,
};

struct log_keys {
    struct ml_session *session;
    const char *origin;
    json_t *json; /* NULL: text */
};

static int print_log_key(const uint8_t key[ML_KEY_SIZE], const Mledger__KeyState *state,
                         void *context)
{
    struct log_keys *keys = context;
    ML_CLEANUP(ml_buf_release) struct ml_buf vkey = {0};
    if (state->purpose != MLEDGER__KEY_PURPOSE__LOG_KEY || state->has_until_seq)
        return MLEDGER_OK;
    ML_TRY(ml_vkey_append(&vkey, keys->origin, key));
    ML_TRY(ml_buf_append_char(&vkey, '\0'));
    if (!keys->json)
        ml_output_line(keys->session->out, ML_ROLE_PLAIN, "%s", (char *)vkey.data);
    else if (json_array_append_new(keys->json, json_string((char *)vkey.data)) != 0)
        return ml_fail_memory();
    return MLEDGER_OK;
}

static int run_log(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    struct ml_view view;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    struct log_keys keys = {.session = &session, .json = invocation->json ? json_array() : NULL};
    if (invocation->json && !keys.json)
        return ml_fail_memory();
    int result = ml_view_begin(session.ledger, &view);
    if (result >= 0) {
        keys.origin = view.head.origin;
        result = ml_key_walk(&view, print_log_key, &keys);
        ml_view_end(&view);
    }
    if (result >= 0 && keys.json)
        ml_output_json(out, keys.json);
    json_decref(keys.json);
    return result;
}

const struct ml_command ml_command_key_log = {
    .name = "key log",
    .summary = "Print the log key, as verifiers of checkpoints need it",
    .description = (const char *const[]){"One line for each log key in force, a verifier key of "
                                         "C2SP signed-note.",
                                         NULL},
    .topic = ML_TOPIC_START,
    .run = run_log,
};
