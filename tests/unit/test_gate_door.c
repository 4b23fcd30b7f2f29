/* SPDX-License-Identifier: Apache-2.0 */
/* The door of a server over HTTP: who is let in, who is not, and what they hear. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "serve/gate/credential.h"
#include "serve/gate/users_file.h"
#include "serve/mlflow/experiment.h"
#include "tests/unit/rest_fixture.h"

#define GET_DEFAULT "/api/2.0/mlflow/experiments/get?experiment_id=0"
#define CREATE "/api/2.0/mlflow/experiments/create"
#define SEARCH "/api/2.0/mlflow/runs/search"

struct guarded {
    struct rest_fixture rest;
    char path[128];
    uint8_t identity[ML_HASH_SIZE];
    _Atomic int64_t wall_us, steady_ms;
    int unreadable; /* how often the list of users could not be read */
};

static int64_t wall_us(void *clocks)
{
    return ((struct guarded *)clocks)->wall_us;
}

static int64_t steady_ms(void *clocks)
{
    return ((struct guarded *)clocks)->steady_ms;
}

static void on_unreadable(void *context)
{
    ((struct guarded *)context)->unreadable++;
}

static void open_door(struct guarded *guarded, unsigned each_max)
{
    struct ml_door_options options = {.ledger = guarded->rest.ledger.ledger,
                                      .users_path = guarded->path,
                                      .each_max = each_max,
                                      .failed = on_unreadable,
                                      .context = guarded,
                                      .wall_us = wall_us,
                                      .steady_ms = steady_ms,
                                      .clocks = guarded};
    memcpy(options.identity, guarded->identity, ML_HASH_SIZE);
    assert_int_equal(ml_door_new(&options, &guarded->rest.door), MLEDGER_OK);
}

static int setup_with(void **state, unsigned each_max)
{
    struct guarded *guarded = calloc(1, sizeof *guarded);
    struct ml_head head;
    assert_non_null(guarded);
    rest_fixture_init(&guarded->rest);
    assert_int_equal(ml_rest_experiment_default(&guarded->rest.rest), MLEDGER_OK);
    fixture_add(&guarded->rest.ledger,
                "{\"actor_registered\":{\"id\":\"ci\",\"kind\":\"service\",\"roles\":"
                "[\"recorder\"]}}");
    fixture_add_bob(&guarded->rest.ledger); /* an approver */
    assert_int_equal(ml_ledger_head(guarded->rest.ledger.ledger, &head), MLEDGER_OK);
    memcpy(guarded->identity, head.identity, ML_HASH_SIZE);
    guarded->wall_us = 2000;
    snprintf(guarded->path, sizeof guarded->path, "%s/users", guarded->rest.ledger.dir);
    open_door(guarded, each_max);
    *state = guarded;
    return 0;
}

static int setup(void **state)
{
    return setup_with(state, 10);
}

static int setup_none(void **state)
{
    return setup_with(state, 0);
}

static int setup_one(void **state)
{
    return setup_with(state, 1);
}

static int teardown(void **state)
{
    struct guarded *guarded = *state;
    struct ml_door *door = guarded->rest.door;
    rest_fixture_release(&guarded->rest);
    ml_door_free(door);
    free(guarded);
    return 0;
}

/* ---- users ---- */

static int add(struct ml_users *users, void *context)
{
    ML_TRY(ml_users_add(users, context));
    return 1;
}

/* A new token of the actor; gives the header that shows it. Its hash takes no time to check. */
static void add_token(struct guarded *guarded, const char *actor, struct ml_user user,
                      char ret_header[128])
{
    char token[ML_TOKEN_SIZE], id[ML_USER_TOKEN_DIGITS + 1], hash[ML_USER_HASH_SIZE];
    assert_int_equal(ml_token_make(token, id), MLEDGER_OK);
    const struct ml_span secret = ml_token_secret(token);
    assert_int_equal(crypto_pwhash_str_alg(hash, (const char *)secret.data, secret.len,
                                           crypto_pwhash_OPSLIMIT_MIN, crypto_pwhash_MEMLIMIT_MIN,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
    user.kind = ML_USER_TOKEN;
    user.id = id;
    user.actor = actor;
    user.hash = hash;
    user.created_us = 1;
    assert_int_equal(ml_users_file_change(guarded->path, guarded->identity, add, &user),
                     MLEDGER_OK);
    snprintf(ret_header, 128, "Authorization: Bearer %s", token);
}

static int revoke_all(struct ml_users *users, void *context)
{
    const struct guarded *guarded = context;
    for (size_t i = 0; i < users->count; i++)
        users->list[i]->revoked_us = guarded->wall_us;
    return 1;
}

/* ---- asking ---- */

static void expect(const struct guarded *guarded, int status, const char *words, const char *method,
                   const char *path, const char *header)
{
    struct rest_reply reply;
    const bool has_body = strcmp(method, "GET") != 0;
    rest_ask_with(&guarded->rest, method, path, has_body ? "{\"name\": \"x\"}" : NULL, header,
                  &reply);
    if (reply.status != status || (words && !strstr(reply.text, words)))
        fail_msg("%s %s: %d %s", method, path, reply.status, reply.text);
    assert_int_equal(reply.asks[0] != '\0', status == 401);
    assert_int_equal(reply.retry[0] != '\0', status == 429);
    rest_reply_release(&reply);
}

static void test_without_users(void **state)
{
    const struct guarded *guarded = *state;
    assert_false(ml_door_asks(guarded->rest.door));
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, NULL);
    expect(guarded, 200, NULL, "POST", CREATE, NULL);
    expect(guarded, 403, "page of", "GET", GET_DEFAULT, "Origin: http://evil.example");
}

static void test_token(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    assert_true(ml_door_asks(guarded->rest.door)); /* also where there were none at first */
    expect(guarded, 401, "UNAUTHENTICATED", "GET", GET_DEFAULT, NULL);
    expect(guarded, 401, "UNAUTHENTICATED", "POST", CREATE, NULL);
    expect(guarded, 401, "neither Bearer nor Basic", "GET", GET_DEFAULT, "Authorization: Digest x");
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    expect(guarded, 200, NULL, "POST", CREATE, ci);
    ci[strlen(ci) - 1] ^= 1;
    expect(guarded, 401, "is not valid", "GET", GET_DEFAULT, ci);
}

static void test_ends(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    add_token(guarded, "ci", (struct ml_user){.expires_us = 3000}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    guarded->wall_us = 3000;
    expect(guarded, 401, "is not valid", "GET", GET_DEFAULT, ci);
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    assert_int_equal(ml_users_file_change(guarded->path, guarded->identity, revoke_all, guarded),
                     MLEDGER_OK);
    expect(guarded, 401, "is not valid", "GET", GET_DEFAULT, ci);
}

static void test_actors(void **state)
{
    struct guarded *guarded = *state;
    char nobody[128], bob[128], ci[128];
    add_token(guarded, "nobody", (struct ml_user){0}, nobody);
    expect(guarded, 403, "mledger actor add", "GET", GET_DEFAULT, nobody);
    add_token(guarded, "bob", (struct ml_user){0}, bob); /* approves, and records nothing */
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, bob);
    expect(guarded, 403, "neither recorder nor admin", "POST", CREATE, bob);
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    fixture_add(&guarded->rest.ledger, "{\"actor_changed\":{\"actor\":\"ci\"}}");
    expect(guarded, 403, "has retired", "GET", GET_DEFAULT, ci);
}

static void test_read_only(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    struct ml_head before, after;
    add_token(guarded, "ci", (struct ml_user){.read_only = true}, ci);
    assert_int_equal(ml_ledger_head(guarded->rest.ledger.ledger, &before), MLEDGER_OK);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    expect(guarded, 200, NULL, "POST", SEARCH, ci);
    expect(guarded, 403, "for reading only", "POST", CREATE, ci);
    expect(guarded, 403, "for reading only", "PUT", "/api/2.0/mlflow-artifacts/artifacts/0/x/a",
           ci);
    expect(guarded, 403, "for reading only", "DELETE", "/api/2.0/mlflow/registered-models/delete",
           ci);
    assert_int_equal(ml_ledger_head(guarded->rest.ledger.ledger, &after), MLEDGER_OK);
    assert_int_equal(before.size, after.size);
}

/* A share is given back, if not before its client has read the answer. */
static void await_share(const struct guarded *guarded, const char *header)
{
    struct rest_reply reply = {.status = 429};
    while (reply.status == 429) {
        rest_ask_with(&guarded->rest, "GET", GET_DEFAULT, NULL, header, &reply);
        rest_reply_release(&reply);
    }
    assert_int_equal(reply.status, 200);
}

static void test_share(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 429, "in progress", "GET", GET_DEFAULT, ci);
}

static void test_guesses(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    static const char wrong[] = "Authorization: Basic YW5uOnMzY3JldA==";
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    await_share(guarded, ci);
    for (int i = 0; i < 10; i++)
        expect(guarded, 401, "do not match", "GET", GET_DEFAULT, wrong);
    expect(guarded, 429, "in 60 seconds", "GET", GET_DEFAULT, wrong);
    await_share(guarded, ci);
    guarded->steady_ms = 60000;
    expect(guarded, 401, "do not match", "GET", GET_DEFAULT, wrong);
}

static void put_file(const struct guarded *guarded, const char *text)
{
    FILE *file = fopen(guarded->path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static void test_fails_closed(void **state)
{
    struct guarded *guarded = *state;
    char ci[128];
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    put_file(guarded, "nonsense\n");
    expect(guarded, 503, "cannot be read", "GET", GET_DEFAULT, ci);
    expect(guarded, 503, "cannot be read", "GET", GET_DEFAULT, NULL);
    assert_int_equal(guarded->unreadable, 1);
    assert_int_equal(remove(guarded->path), 0);
    expect(guarded, 503, "cannot be read", "GET", GET_DEFAULT, ci);
    assert_int_equal(guarded->unreadable, 2);
    add_token(guarded, "ci", (struct ml_user){0}, ci);
    expect(guarded, 200, NULL, "GET", GET_DEFAULT, ci);
    put_file(guarded, "nonsense\n");
    struct ml_door *door;
    struct ml_door_options options = {.ledger = guarded->rest.ledger.ledger,
                                      .users_path = guarded->path};
    assert_int_equal(ml_door_new(&options, &door), MLEDGER_EINVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_without_users, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(test_actors, setup, teardown),
        cmocka_unit_test_setup_teardown(test_read_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_share, setup_none, teardown),
        cmocka_unit_test_setup_teardown(test_guesses, setup_one, teardown),
        cmocka_unit_test_setup_teardown(test_fails_closed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
