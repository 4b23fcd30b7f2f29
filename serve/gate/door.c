/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/door.h"

#include <time.h>

#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "serve/gate/login.h"
#include "serve/gate/roster.h"
#include "serve/gate/shares.h"
#include "serve/gate/standings.h"
#include "serve/mlflow/reply.h"

struct ml_door {
    struct ml_door_options options;
    struct ml_roster roster;
    struct ml_login login;
    struct ml_standings standings;
    struct ml_shares shares;
};

static int64_t wall_us(const struct ml_door *door)
{
    return door->options.wall_us ? door->options.wall_us(door->options.clocks) : ml_time_now_us();
}

static int64_t steady_ms(const struct ml_door *door)
{
    struct timespec now;
    if (door->options.steady_ms)
        return door->options.steady_ms(door->options.clocks);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ---- who asks ---- */

/* A request on its way through the door. */
struct passage {
    struct ml_door *door;
    const struct ml_server_request *request;
    const struct ml_users *users;
    unsigned retry_s; /* when it may come again; 0: it says nothing of that */
};

static int refuse_wrong(const struct ml_credential *credential)
{
    return ml_rest_refuse(ML_REST_UNAUTHENTICATED,
                          credential->kind == ML_USER_TOKEN
                              ? "the token '%s' is not valid; a new one is made by: mledger token "
                                "add"
                              : "user '%s' and password do not match; a new one is set by: mledger "
                                "token add --basic",
                          credential->id);
}

static int check_secret(struct passage *passage, const struct ml_credential *credential,
                        const struct ml_user *user)
{
    struct ml_door *door = passage->door;
    char address[ML_SERVER_PEER_SIZE] = "";
    if (ml_login_knows(&door->login, credential, user, steady_ms(door)))
        return MLEDGER_OK;
    if (!door->options.is_proxied)
        ml_server_peer(passage->request, address);
    switch (ml_login_check(&door->login, credential, user, address, steady_ms(door),
                           &passage->retry_s)) {
    case ML_LOGIN_RIGHT:
        return MLEDGER_OK;
    case ML_LOGIN_WAIT:
        return ml_rest_refuse(ML_REST_TOO_MANY,
                              "too many wrong guesses; the next may be made in %u seconds",
                              passage->retry_s);
    case ML_LOGIN_BUSY:
        passage->retry_s = 1;
        return ml_rest_refuse(ML_REST_UNAVAILABLE, "too many are logging in at once");
    default:
        return refuse_wrong(credential);
    }
}

/* What is wrong with what was shown is this thread's error. */
static int refuse_shown(void)
{
    struct ml_error error;
    ml_error_get(&error);
    return error.code == MLEDGER_EINVALID
               ? ml_rest_refuse(ML_REST_UNAUTHENTICATED, "%s", error.text)
               : ml_failed();
}

/* The user of the Authorization header. One that was revoked or has expired is none. */
static int find_user(struct passage *passage, const char *authorization,
                     const struct ml_user **ret_user)
{
    ML_CLEANUP(ml_credential_release) struct ml_credential credential;
    if (ml_credential_read(authorization, &credential) < 0)
        return refuse_shown();
    const struct ml_user *user = ml_users_find(passage->users, credential.kind, credential.id);
    if (user && !ml_user_lives(user, wall_us(passage->door)))
        user = NULL;
    ML_TRY(check_secret(passage, &credential, user));
    *ret_user = user;
    return MLEDGER_OK;
}

/* The user of the certificate that the client has shown; 0: it has shown none. */
static int find_certificate(const struct passage *passage, const struct ml_user **ret_user)
{
    uint8_t sha256[ML_HASH_SIZE];
    char id[ML_HEX_SIZE(ML_HASH_SIZE)];
    const int shown = ml_server_certificate(passage->request, sha256);
    if (shown < 0)
        return refuse_shown();
    if (shown == 0)
        return 0;
    ml_hex_encode(id, sha256, sizeof sha256);
    const struct ml_user *user = ml_users_find(passage->users, ML_USER_CERTIFICATE, id);
    if (!user || !ml_user_lives(user, wall_us(passage->door)))
        return ml_rest_refuse(ML_REST_UNAUTHENTICATED,
                              "the certificate with the SHA-256 %s is not valid here; that is "
                              "changed by: mledger token add --certificate",
                              id);
    *ret_user = user;
    return 1;
}

static int identify(struct passage *passage, const struct ml_user **ret_user)
{
    const char *authorization = ml_server_header(passage->request, "Authorization");
    if (authorization)
        return find_user(passage, authorization, ret_user);
    const int shown = find_certificate(passage, ret_user);
    if (shown != 0)
        return shown;
    return ml_rest_refuse(ML_REST_UNAUTHENTICATED,
                          "this server asks who you are: set MLFLOW_TRACKING_TOKEN to a token, "
                          "which is made by: mledger token add");
}

/* ---- what is the actor in the ledger ---- */

static int refuse_actor(const char *actor, const struct ml_actor_standing *standing)
{
    if (!standing->is_registered)
        return ml_rest_refuse(ML_REST_DENIED,
                              "the actor '%s' is not registered in this ledger; an admin does it "
                              "by: mledger actor add",
                              actor);
    return ml_rest_refuse(ML_REST_DENIED,
                          "the actor '%s' has retired from this ledger; an admin can change that "
                          "by: mledger actor change",
                          actor);
}

static int find_actor(struct ml_door *door, const struct ml_user *user, struct ml_caller *caller)
{
    struct ml_actor_standing standing;
    caller->actor = strdup(user->actor);
    if (!caller->actor)
        return ml_fail_memory();
    ML_TRY(ml_standings_read(&door->standings, user->actor, &standing));
    caller->actor_ref = standing.seq;
    caller->read_only = user->read_only;
    caller->no_role = !standing.may_record;
    return standing.is_registered && !standing.has_retired ? MLEDGER_OK
                                                           : refuse_actor(user->actor, &standing);
}

/* ---- may it ---- */

/* What certainly is no reading is not even received; the rest is found out when it records. */
static int check_method(const struct ml_server_request *request, const struct ml_caller *caller)
{
    static const char *const reading[] = {"GET", "HEAD", "POST"};
    for (size_t i = 0; i < ML_COUNT(reading); i++)
        if (strcmp(request->method, reading[i]) == 0)
            return MLEDGER_OK;
    return ml_caller_may_record(caller);
}

static int take_share(struct passage *passage, struct ml_caller *caller)
{
    const int taken = ml_shares_take(&passage->door->shares, caller->actor_ref);
    ML_TRY(taken);
    if (taken == 0) {
        passage->retry_s = 1;
        return ml_rest_refuse(ML_REST_TOO_MANY,
                              "'%s' has %u requests in progress, as many as one "
                              "may have",
                              caller->actor, passage->door->options.each_max);
    }
    caller->is_counted = true;
    return MLEDGER_OK;
}

static int ask(struct passage *passage, struct ml_caller *caller)
{
    const struct ml_user *user;
    ML_TRY(identify(passage, &user));
    ML_TRY(find_actor(passage->door, user, caller));
    ML_TRY(check_method(passage->request, caller));
    return take_share(passage, caller);
}

static int pass(struct passage *passage, struct ml_caller *caller)
{
    struct ml_door *door = passage->door;
    struct ml_roster_page *page = NULL;
    ML_TRY(ml_origin_check(&door->options.origin, passage->request));
    const int taken = ml_roster_take(&door->roster, &page);
    if (taken < 0)
        return ml_rest_refuse(ML_REST_UNAVAILABLE,
                              "who may ask cannot be read; the server's log says why");
    if (taken == 0)
        return MLEDGER_OK;
    passage->users = &page->users;
    const int result = ask(passage, caller);
    ml_roster_give_back(page);
    return result;
}

static bool is_open(const char *path)
{
    return strcmp(path, "/health") == 0 || strcmp(path, "/version") == 0;
}

static int reply_refusal(const struct passage *passage, int result, struct ml_server_reply *reply)
{
    const struct ml_door_options *options = &passage->door->options;
    ML_TRY(options->word
               ? options->word(passage->request, result, reply)
               : ml_rest_reply_error(reply, result, ml_rest_is_version_3(passage->request)));
    if (reply->status == 401) {
        ml_server_reply_header(reply, "WWW-Authenticate", "Bearer realm=\"mledger\"");
        ml_server_reply_header(reply, "WWW-Authenticate",
                               "Basic realm=\"mledger\", charset=\"UTF-8\"");
    }
    if (passage->retry_s > 0)
        ml_server_reply_header(reply, "Retry-After", "%u", passage->retry_s);
    return 1;
}

int ml_door_admit(struct ml_door *door, const struct ml_server_request *request,
                  struct ml_caller *ret_caller, struct ml_server_reply *reply)
{
    struct passage passage = {.door = door, .request = request};
    if (is_open(request->path))
        return 0;
    const int result = pass(&passage, ret_caller);
    if (result == MLEDGER_EREFUSED)
        return reply_refusal(&passage, result, reply);
    return result;
}

void ml_door_leave(struct ml_door *door, const struct ml_caller *caller)
{
    if (caller->is_counted)
        ml_shares_give_back(&door->shares, caller->actor_ref);
}

/* ---- the door ---- */

static int init_counts(struct ml_door *door)
{
    ML_TRY(ml_standings_init(&door->standings, door->options.ledger));
    const int result = ml_shares_init(&door->shares, door->options.each_max);
    if (result < 0)
        ml_standings_release(&door->standings);
    return result;
}

static int init_checks(struct ml_door *door)
{
    ML_TRY(ml_login_init(&door->login));
    const int result = init_counts(door);
    if (result < 0)
        ml_login_release(&door->login);
    return result;
}

static int init_parts(struct ml_door *door)
{
    ML_TRY(ml_roster_init(&door->roster, door->options.users_path, door->options.identity));
    door->options.users_path = door->roster.path;
    const int result = init_checks(door);
    if (result < 0)
        ml_roster_release(&door->roster);
    return result;
}

int ml_door_new(const struct ml_door_options *options, struct ml_door **ret_door)
{
    ML_CLEANUP(ml_freep) struct ml_door *memory = ml_calloc(1, sizeof *memory);
    struct ml_roster_page *page = NULL;
    if (!memory)
        return ml_fail_memory();
    memory->options = *options;
    ML_TRY(init_parts(memory));
    struct ml_door *door = ML_TAKE(memory);
    const int result = ml_roster_take(&door->roster, &page);
    if (result < 0) {
        ml_door_free(door);
        return result;
    }
    ml_roster_give_back(page);
    door->roster.failed = options->failed;
    door->roster.context = options->context;
    *ret_door = door;
    return MLEDGER_OK;
}

void ml_door_free(struct ml_door *door)
{
    if (!door)
        return;
    ml_shares_release(&door->shares);
    ml_standings_release(&door->standings);
    ml_login_release(&door->login);
    ml_roster_release(&door->roster);
    free(door);
}

bool ml_door_asks(struct ml_door *door)
{
    struct ml_roster_page *page = NULL;
    const int result = ml_roster_take(&door->roster, &page);
    ml_roster_give_back(page);
    return result != 0;
}
