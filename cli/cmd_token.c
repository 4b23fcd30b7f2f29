/* SPDX-License-Identifier: Apache-2.0 */
/* Who may ask the server of a ledger, and whose turn is over. */
#include <stdio.h>

#include "cli/commands.h"
#include "cli/listing.h"
#include "cli/user_json.h"
#include "cli/users_place.h"
#include "ledger/core/time.h"
#include "serve/gate/users_file.h"

enum { ID_SHOWN = 16 };

/* ---- token list ---- */

static const char *standing(const struct ml_user *user, int64_t now_us)
{
    if (user->revoked_us)
        return "revoked";
    return ml_user_lives(user, now_us) ? "valid" : "expired";
}

static int add_time(struct ml_listing *listing, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE] = "";
    if (time_us)
        ML_TRY(ml_time_format(time_us / 1000000 * 1000000, text));
    return ml_listing_add(listing, ML_ROLE_DIM, "%s", text);
}

static int add_row(struct ml_listing *listing, const struct ml_user *user, int64_t now_us)
{
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%.*s",
                          user->kind == ML_USER_CERTIFICATE ? ID_SHOWN : ML_USER_NAME_MAX,
                          user->id));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", ml_user_kind_name(user->kind)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", user->actor));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", user->read_only ? "reads" : "records"));
    ML_TRY(ml_listing_add(listing, ml_user_lives(user, now_us) ? ML_ROLE_GOOD : ML_ROLE_WARN, "%s",
                          standing(user, now_us)));
    ML_TRY(add_time(listing, user->created_us));
    ML_TRY(add_time(listing, user->revoked_us ? user->revoked_us : user->expires_us));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", user->label ? user->label : "");
}

static int list_text(const struct ml_users *users, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "id", .flexible = true},
                                               {.heading = "kind"},
                                               {.heading = "actor"},
                                               {.heading = "may"},
                                               {.heading = "is"},
                                               {.heading = "since"},
                                               {.heading = "until"},
                                               {.heading = "label", .flexible = true}};
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    const int64_t now_us = ml_time_now_us();
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < users->count; i++)
        ML_TRY(add_row(&listing, users->list[i], now_us));
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

static int list_json(const struct ml_users *users, struct ml_output *out)
{
    ML_CLEANUP(json_decrefp) json_t *list = json_array();
    for (size_t i = 0; i < users->count; i++) {
        json_t *json;
        ML_TRY(ml_user_to_json(users->list[i], &json));
        if (json_array_append_new(list, json) != 0)
            return ml_fail_memory();
    }
    if (!list)
        return ml_fail_memory();
    ml_output_json(out, list);
    return MLEDGER_OK;
}

static int run_list(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_users_release) struct ml_users users;
    ML_CLEANUP(ml_freep) char *path = NULL;
    uint8_t identity[ML_HASH_SIZE];
    ml_users_init(&users);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(ml_users_place(&session, &path, identity));
    const int result = ml_users_file_read(path, identity, &users);
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    return invocation->json ? list_json(&users, out) : list_text(&users, out);
}

const struct ml_command ml_command_token_list = {
    .name = "token list",
    .summary = "List who may ask the server of this ledger",
    .options = (const struct ml_option[]){ML_OPTION_USERS, {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_list,
};

/* ---- token revoke ---- */

struct revoking {
    const char *id, *actor; /* one of them */
    int64_t now_us;
    json_t *revoked; /* those that were */
};

static bool is_meant(const struct revoking *revoking, const struct ml_user *user)
{
    if (revoking->actor)
        return strcmp(user->actor, revoking->actor) == 0;
    if (user->kind == ML_USER_CERTIFICATE && strlen(revoking->id) >= ID_SHOWN)
        return strncmp(user->id, revoking->id, strlen(revoking->id)) == 0;
    return strcmp(user->id, revoking->id) == 0;
}

static int revoke(struct ml_users *users, void *context)
{
    struct revoking *revoking = context;
    for (size_t i = 0; i < users->count; i++) {
        struct ml_user *user = users->list[i];
        json_t *json;
        if (user->revoked_us || !is_meant(revoking, user))
            continue;
        user->revoked_us = revoking->now_us;
        ML_TRY(ml_user_to_json(user, &json));
        if (json_array_append_new(revoking->revoked, json) != 0)
            return ml_fail_memory();
    }
    if (json_array_size(revoking->revoked) > 0)
        return 1;
    ml_fail(MLEDGER_ESYSTEM,
            revoking->actor ? "there is nothing of actor '%s' to revoke"
                            : "there is no token, password or certificate '%s' "
                              "that could be revoked",
            revoking->actor ? revoking->actor : revoking->id);
    return ml_hint("mledger token list");
}

static int print_revoked(const json_t *revoked, struct ml_output *out, bool json)
{
    size_t i;
    const json_t *one;
    if (json) {
        ml_output_json(out, revoked);
        return MLEDGER_OK;
    }
    json_array_foreach(revoked, i, one) ml_output_line(
        out, ML_ROLE_PLAIN, "revoked %s %s of %s", json_string_value(json_object_get(one, "kind")),
        json_string_value(json_object_get(one, "id")),
        json_string_value(json_object_get(one, "actor")));
    return MLEDGER_OK;
}

static int run_revoke(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(json_decrefp) json_t *revoked = json_array();
    ML_CLEANUP(ml_freep) char *path = NULL;
    uint8_t identity[ML_HASH_SIZE];
    struct revoking revoking = {.id = ml_argument(invocation, "ID"),
                                .actor = ml_option_text(invocation, "actor", NULL),
                                .now_us = ml_time_now_us(),
                                .revoked = revoked};
    if (!revoked)
        return ml_fail_memory();
    if (!revoking.id == !revoking.actor)
        return ml_fail(MLEDGER_EUSAGE, "one of ID and --actor says what is to be revoked");
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(ml_users_place(&session, &path, identity));
    ML_TRY(ml_users_place_make(&session));
    ML_TRY(ml_users_file_change(path, identity, revoke, &revoking));
    return print_revoked(revoked, out, invocation->json);
}

const struct ml_command ml_command_token_revoke = {
    .name = "token revoke",
    .summary = "End what an actor shows to the server of this ledger",
    .description = (const char *const[]){"A server that runs refuses it from the next request on. "
                                         "What was recorded for it stays.",
                                         NULL},
    .arguments =
        (const struct ml_argument[]){
            {.name = "ID",
             .min = 0,
             .max = 1,
             .help = "Which one, by its id in mledger token list; of a certificate the first 16 "
                     "digits will do."},
            {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "actor", .value = "ACTOR", .help = "All of this actor, instead of one."},
            ML_OPTION_USERS,
            {.name = NULL}},
    .topic = ML_TOPIC_START,
    .run = run_revoke,
};
