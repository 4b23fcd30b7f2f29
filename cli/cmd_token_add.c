/* SPDX-License-Identifier: Apache-2.0 */
/* token add: by what an actor shows a server who it is. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/user_json.h"
#include "cli/users_place.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/store/secret.h"
#include "serve/gate/credential.h"
#include "serve/gate/users_file.h"
#include "serve/tls.h"

struct adding {
    struct ml_session session;
    struct ml_user user;
    char token[ML_TOKEN_SIZE]; /* "" where none is made */
    char id[ML_USER_TOKEN_DIGITS + 1];
    char hash[ML_USER_HASH_SIZE];
    char sha256[ML_HEX_SIZE(ML_HASH_SIZE)]; /* of a certificate */
    bool replaced;                          /* an older password */
};

static void adding_release(struct adding *adding)
{
    ml_session_release(&adding->session);
}

/* It would be refused at each request, so it is refused here. */
static int check_actor(const struct adding *adding)
{
    struct ml_view view;
    uint64_t seq;
    ML_TRY(ml_view_begin(adding->session.ledger, &view));
    const int result =
        ml_state_find(view.state, MLEDGER__SUBJECT_KIND__ACTOR, adding->user.actor, &seq);
    ml_view_end(&view);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_fail(MLEDGER_ESYSTEM, "there is no actor '%s'", adding->user.actor);
    return ml_hint("mledger actor add %s --kind person --roles recorder", adding->user.actor);
}

static int read_expiry(const struct ml_invocation *invocation, struct ml_user *user)
{
    const char *text = ml_option_text(invocation, "expires", NULL);
    if (!text)
        return MLEDGER_OK;
    if (ml_time_parse_user(text, strlen(text), &user->expires_us) < 0) {
        ml_fail(MLEDGER_EUSAGE, "--expires '%s' is no time", text);
        return ml_hint("such as 2027-03-01, or 2027-03-01T12:00:00Z");
    }
    if (user->expires_us > user->created_us)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EUSAGE, "--expires %s has passed", text);
}

static int make_token(struct adding *adding)
{
    adding->user.kind = ML_USER_TOKEN;
    ML_TRY(ml_token_make(adding->token, adding->id));
    adding->user.id = adding->id;
    adding->user.hash = adding->hash;
    return ml_secret_hash(ml_token_secret(adding->token), adding->hash);
}

static int ask_password(struct adding *adding)
{
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *password = NULL;
    adding->user.kind = ML_USER_PASSWORD;
    adding->user.id = adding->user.actor;
    adding->user.hash = adding->hash;
    ML_TRY(mledger_secret_new(&password));
    ML_TRY(ml_passphrases_new_password(&adding->session.keyring.passphrases, adding->user.id,
                                       password));
    return ml_secret_hash(ml_secret_span(password), adding->hash);
}

static int read_certificate(struct adding *adding, const char *path)
{
    uint8_t sha256[ML_HASH_SIZE];
    ML_TRY(ml_tls_fingerprint(path, sha256));
    ml_hex_encode(adding->sha256, sha256, sizeof sha256);
    adding->user.kind = ML_USER_CERTIFICATE;
    adding->user.id = adding->sha256;
    return MLEDGER_OK;
}

static int make_user(struct adding *adding)
{
    const struct ml_invocation *invocation = adding->session.invocation;
    const char *certificate = ml_option_text(invocation, "certificate", NULL);
    const bool basic = ml_option_given(invocation, "basic");
    if (certificate && basic)
        return ml_fail(MLEDGER_EUSAGE, "--basic and --certificate exclude each other");
    if (certificate)
        return read_certificate(adding, certificate);
    return basic ? ask_password(adding) : make_token(adding);
}

/* A new password ends the old one. */
static int add_user(struct ml_users *users, void *context)
{
    struct adding *adding = context;
    struct ml_user *old = ml_users_find(users, adding->user.kind, adding->user.id);
    if (old && adding->user.kind == ML_USER_PASSWORD && old->revoked_us == 0) {
        old->revoked_us = adding->user.created_us;
        adding->replaced = true;
    }
    ML_TRY(ml_users_add(users, &adding->user));
    return 1;
}

static int print_json(const struct adding *adding)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_user_to_json(&adding->user, &json));
    if (adding->token[0] && json_object_set_new(json, "token", json_string(adding->token)) != 0)
        return ml_fail_memory();
    ml_output_json(adding->session.out, json);
    return MLEDGER_OK;
}

static int print_added(const struct adding *adding)
{
    struct ml_output *out = adding->session.out;
    const struct ml_user *user = &adding->user;
    if (adding->session.invocation->json)
        return print_json(adding);
    if (user->kind == ML_USER_PASSWORD) {
        ml_output_line(out, ML_ROLE_PLAIN, "user %s has a new password%s", user->id,
                       adding->replaced ? "; the old one ends at once" : "");
        return MLEDGER_OK;
    }
    if (user->kind == ML_USER_CERTIFICATE) {
        ml_output_line(out, ML_ROLE_PLAIN, "certificate %s is of %s", user->id, user->actor);
        return MLEDGER_OK;
    }
    ml_output_line(out, ML_ROLE_EMPHASIS, "%s", adding->token);
    if (!adding->session.invocation->quiet)
        ml_output_line(out, ML_ROLE_DIM,
                       "token %s of %s, shown this once: MLFLOW_TRACKING_TOKEN takes it", user->id,
                       user->actor);
    return MLEDGER_OK;
}

static int store(struct adding *adding)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    uint8_t identity[ML_HASH_SIZE];
    ML_TRY(ml_users_place(&adding->session, &path, identity));
    ML_TRY(ml_users_place_make(&adding->session));
    return ml_users_file_change(path, identity, add_user, adding);
}

static int run_add(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(adding_release)
    struct adding adding = {.user = {.actor = ml_argument(invocation, "ACTOR"),
                                     .label = ml_option_text(invocation, "label", NULL),
                                     .created_us = ml_time_now_us(),
                                     .read_only = ml_option_given(invocation, "read-only")}};
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &adding.session));
    ML_TRY(check_actor(&adding));
    ML_TRY(read_expiry(invocation, &adding.user));
    ML_TRY(make_user(&adding));
    ML_TRY(store(&adding));
    return print_added(&adding);
}

const struct ml_command ml_command_token_add = {
    .name = "token add",
    .summary = "Let an actor ask the server of this ledger",
    .description =
        (const char *const[]){
            "Makes a token for an actor of the ledger and prints it, this once: only an Argon2id "
            "hash of it is kept. An MLflow client sends it as MLFLOW_TRACKING_TOKEN. What mledger "
            "serve records for it is signed by the server's key and says that it acted on behalf "
            "of the actor. That may exclude the actor from four eyes and never authorises: an "
            "approval needs a statement by the approver's own key.",
            "As soon as a ledger has one user, its server asks everybody. A server that runs sees "
            "at once what changes here.",
            NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "ACTOR", .min = 1, .max = 1, .help = "The id of a registered actor."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "basic",
             .help = "Set a password instead, which is asked for: the client's "
                     "MLFLOW_TRACKING_USERNAME is the actor's id, MLFLOW_TRACKING_PASSWORD the "
                     "password. An older one ends."},
            {.name = "certificate",
             .value = "FILE",
             .rule = {.kind = ML_VALUE_FILE},
             .help = "Take a client's certificate instead, the first in this PEM file, which the "
                     "server's --tls-client-ca must have made: MLFLOW_TRACKING_CLIENT_CERT_PATH "
                     "names the file that holds it and its key."},
            {.name = "read-only", .help = "It is for reading and for nothing else."},
            {.name = "expires", .value = "TIME", .help = "It ends at this time."},
            {.name = "label", .value = "TEXT", .help = "What it is for, for people."},
            ML_OPTION_USERS,
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"export MLFLOW_TRACKING_TOKEN=$(mledger -q token add ci)", "Let ci's jobs record."},
            {"mledger token add bob --basic", "Let bob log in by a password."},
            {NULL, NULL}},
    .topic = ML_TOPIC_START,
    .run = run_add,
};
