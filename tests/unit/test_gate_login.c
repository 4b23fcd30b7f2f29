/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials, and what bounds the checking of them. Clocks are numbers here. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>
#include <sodium.h>

#include "serve/gate/login.h"
#include "serve/gate/origin.h"
#include "serve/gate/shares.h"

#define BASIC_ANN "Basic YW5uOnMzY3JldA==" /* ann:s3cret */

/* A hash that takes no time, unlike those that ml_secret_hash() makes. */
static void cheap_hash(const char *secret, char hash[ML_USER_HASH_SIZE])
{
    assert_int_equal(crypto_pwhash_str_alg(hash, secret, strlen(secret), crypto_pwhash_OPSLIMIT_MIN,
                                           crypto_pwhash_MEMLIMIT_MIN,
                                           crypto_pwhash_ALG_ARGON2ID13),
                     0);
}

static struct ml_user user_ann(const char *hash)
{
    return (struct ml_user){
        .kind = ML_USER_PASSWORD, .id = "ann", .actor = "ann", .hash = hash, .created_us = 1};
}

static struct ml_credential credential(const char *authorization)
{
    struct ml_credential credential;
    assert_int_equal(ml_credential_read(authorization, &credential), MLEDGER_OK);
    return credential;
}

/* ---- the header ---- */

static void test_basic(void **state)
{
    (void)state;
    const struct ml_credential ann = credential(BASIC_ANN);
    assert_int_equal(ann.kind, ML_USER_PASSWORD);
    assert_string_equal(ann.id, "ann");
    assert_string_equal(ann.secret, "s3cret");
    const struct ml_credential colons = credential("basic  YTpiOmM="); /* a:b:c */
    assert_string_equal(colons.id, "a");
    assert_string_equal(colons.secret, "b:c");
}

static void test_token(void **state)
{
    (void)state;
    char token[ML_TOKEN_SIZE], id[ML_USER_TOKEN_DIGITS + 1], header[128];
    char other[ML_TOKEN_SIZE], hash[ML_USER_HASH_SIZE];
    assert_int_equal(ml_token_make(token, id), MLEDGER_OK);
    assert_int_equal(strlen(token), ML_TOKEN_SIZE - 1);
    snprintf(header, sizeof header, "Bearer %s", token);
    const struct ml_credential shown = credential(header);
    assert_int_equal(shown.kind, ML_USER_TOKEN);
    assert_string_equal(shown.id, id);
    assert_int_equal(shown.secret_len, ML_TOKEN_SECRET_LEN);
    assert_int_equal(ml_secret_hash(ml_token_secret(token), hash), MLEDGER_OK);
    assert_true(ml_secret_matches(ML_SPAN(shown.secret, shown.secret_len), hash));
    assert_int_equal(ml_token_make(other, id), MLEDGER_OK);
    assert_string_not_equal(token, other);
    assert_false(ml_secret_matches(ml_token_secret(other), hash));
}

static void test_bad_headers(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearermledger_0123456789ab_",
        "Bearer mledger_0123456789ab_0123456789012345678901234567890123456789012x",
        "Bearer mledger_0123456789aB_0123456789012345678901234567890123456789012",
        "Bearer mledger_0123456789ab.0123456789012345678901234567890123456789012",
        "Basic",
        "Basic YW5u",           /* ann */
        "Basic YW5uOg==",       /* ann: */
        "Basic OnMzY3JldA==",   /* :s3cret */
        "Basic YW5uOnMzY3JldA", /* no padding */
        "Basic YW5uOnMzY3JldA== x",
        "Basic YQBiOmM=", /* a NUL in the name */
        "Basic /zpj",     /* no UTF-8 */
        "Digest username=ann",
        "Negotiate x",
    };
    struct ml_credential credential;
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        if (ml_credential_read(bad[i], &credential) != MLEDGER_EINVALID)
            fail_msg("'%s'", bad[i]);
    char longest[ML_CREDENTIAL_HEADER_MAX + 2];
    memset(longest, 'A', sizeof longest);
    memcpy(longest, "Basic ", 6);
    longest[sizeof longest - 1] = '\0';
    assert_int_equal(ml_credential_read(longest, &credential), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "longer than"));
}

/* ---- what was verified ---- */

static void test_verified(void **state)
{
    (void)state;
    struct ml_verified *verified = calloc(1, sizeof *verified);
    uint8_t tag[ML_VERIFIED_SIZE], other[ML_VERIFIED_SIZE];
    const struct ml_user ann = user_ann("hash"), again = user_ann("another");
    assert_non_null(verified);
    assert_int_equal(ml_verified_init(verified), MLEDGER_OK);
    ml_verified_tag(verified, &ann, ML_SPAN("s3cret", 6), tag);
    assert_false(ml_verified_has(verified, tag, 1000));
    ml_verified_add(verified, tag, 1000);
    assert_true(ml_verified_has(verified, tag, 1000));
    ml_verified_tag(verified, &ann, ML_SPAN("s3creT", 6), other);
    assert_false(ml_verified_has(verified, other, 1000));
    ml_verified_tag(verified, &again, ML_SPAN("s3cret", 6), other); /* a new password */
    assert_false(ml_verified_has(verified, other, 1000));
    assert_false(ml_verified_has(verified, tag, 1000 + ML_VERIFIED_MAX_S * 1000));
    ml_verified_release(verified);
    free(verified);
}

/* However many there are, the newest of a set are in it. */
static void test_verified_is_bounded(void **state)
{
    (void)state;
    struct ml_verified *verified = calloc(1, sizeof *verified);
    uint8_t tags[ML_VERIFIED_WAYS + 1][ML_VERIFIED_SIZE] = {0};
    assert_non_null(verified);
    assert_int_equal(ml_verified_init(verified), MLEDGER_OK);
    for (size_t i = 0; i < ML_COUNT(tags); i++) {
        tags[i][ML_VERIFIED_SIZE - 1] = (uint8_t)(i + 1);
        ml_verified_add(verified, tags[i], (int64_t)i);
        ml_verified_add(verified, tags[i], (int64_t)i); /* takes one place */
    }
    assert_false(ml_verified_has(verified, tags[0], 10));
    for (size_t i = 1; i < ML_COUNT(tags); i++)
        assert_true(ml_verified_has(verified, tags[i], 10));
    ml_verified_release(verified);
    free(verified);
}

/* ---- guesses ---- */

static void test_guesses(void **state)
{
    (void)state;
    static struct ml_guesses guesses;
    const struct ml_span ann = ML_SPAN("ann", 3), bob = ML_SPAN("bob", 3);
    assert_int_equal(ml_guesses_init(&guesses), MLEDGER_OK);
    for (int i = 0; i < ML_GUESSES_ALLOWED; i++) {
        assert_int_equal(ml_guesses_wait_s(&guesses, ann, 5000), 0);
        ml_guesses_add(&guesses, ann, 5000);
    }
    assert_int_equal(ml_guesses_wait_s(&guesses, ann, 5000), ML_GUESSES_WINDOW_MS / 1000);
    assert_int_equal(ml_guesses_wait_s(&guesses, ann, 5000 + ML_GUESSES_WINDOW_MS - 1), 1);
    assert_int_equal(ml_guesses_wait_s(&guesses, ann, 5000 + ML_GUESSES_WINDOW_MS), 0);
    assert_int_equal(ml_guesses_wait_s(&guesses, bob, 5000), 0);
    /* Others push the oldest out. */
    for (size_t i = 0; i < ML_GUESSES_MAX; i++)
        ml_guesses_add(&guesses, ML_SPAN(&i, sizeof i), 6000);
    assert_int_equal(ml_guesses_wait_s(&guesses, ann, 6000), 0);
    ml_guesses_release(&guesses);
}

/* ---- shares and turns ---- */

static void test_shares(void **state)
{
    (void)state;
    struct ml_shares shares;
    assert_int_equal(ml_shares_init(&shares, 2), MLEDGER_OK);
    assert_int_equal(ml_shares_take(&shares, 3), 1);
    assert_int_equal(ml_shares_take(&shares, 3), 1);
    assert_int_equal(ml_shares_take(&shares, 3), 0);
    assert_int_equal(ml_shares_take(&shares, 4), 1);
    ml_shares_give_back(&shares, 3);
    assert_int_equal(ml_shares_take(&shares, 3), 1);
    assert_int_equal(shares.count, 2);
    ml_shares_release(&shares);
}

static void *take_turn(void *context)
{
    return ml_turns_take(context) ? context : NULL;
}

static unsigned waiting(struct ml_turns *turns)
{
    pthread_mutex_lock(&turns->mutex);
    const unsigned count = turns->waiting;
    pthread_mutex_unlock(&turns->mutex);
    return count;
}

static void test_turns(void **state)
{
    (void)state;
    struct ml_turns turns;
    pthread_t thread;
    void *took;
    assert_int_equal(ml_turns_init(&turns, 1, 1), MLEDGER_OK);
    assert_true(ml_turns_take(&turns));
    assert_int_equal(pthread_create(&thread, NULL, take_turn, &turns), 0);
    while (waiting(&turns) == 0)
        sched_yield();
    assert_false(ml_turns_take(&turns)); /* one runs, one waits */
    ml_turns_end(&turns);
    assert_int_equal(pthread_join(thread, &took), 0);
    assert_ptr_equal(took, &turns);
    ml_turns_end(&turns);
    assert_true(ml_turns_take(&turns));
    ml_turns_end(&turns);
    ml_turns_release(&turns);
}

/* ---- logging in ---- */

static struct ml_login *new_login(void)
{
    static char nobody[ML_USER_HASH_SIZE];
    struct ml_login *login = calloc(1, sizeof *login);
    assert_non_null(login);
    assert_int_equal(ml_login_init(login), MLEDGER_OK);
    assert_int_equal(crypto_pwhash_str_needs_rehash(login->nobody,
                                                    crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                                    crypto_pwhash_MEMLIMIT_INTERACTIVE),
                     0); /* as long as any other */
    cheap_hash("nobody knows it", nobody);
    login->nobody = nobody;
    return login;
}

static void free_login(struct ml_login *login)
{
    ml_login_release(login);
    free(login);
}

static void test_login(void **state)
{
    (void)state;
    struct ml_login *login = new_login();
    char hash[ML_USER_HASH_SIZE];
    unsigned wait_s;
    cheap_hash("s3cret", hash);
    const struct ml_user ann = user_ann(hash);
    const struct ml_credential right = credential(BASIC_ANN);
    const struct ml_credential wrong = credential("Basic YW5uOnNlY3JldA==");
    assert_int_equal(ml_login_check(login, &wrong, &ann, "", 0, &wait_s), ML_LOGIN_WRONG);
    assert_int_equal(ml_login_check(login, &right, &ann, "", 0, &wait_s), ML_LOGIN_RIGHT);
    assert_int_equal(ml_login_check(login, &right, NULL, "", 0, &wait_s), ML_LOGIN_WRONG);
    for (int i = 2; i < ML_GUESSES_ALLOWED; i++)
        assert_int_equal(ml_login_check(login, &wrong, &ann, "", 0, &wait_s), ML_LOGIN_WRONG);
    assert_int_equal(ml_login_check(login, &wrong, &ann, "", 0, &wait_s), ML_LOGIN_WAIT);
    assert_int_equal(wait_s, 60);
    /* Whoever works goes on, … */
    assert_int_equal(ml_login_check(login, &right, &ann, "", 0, &wait_s), ML_LOGIN_RIGHT);
    /* … and a new password is a new secret. */
    char second[ML_USER_HASH_SIZE];
    cheap_hash("other", second);
    const struct ml_user changed = user_ann(second);
    assert_int_equal(ml_login_check(login, &right, &changed, "", 60000, &wait_s), ML_LOGIN_WRONG);
    free_login(login);
}

/* Guesses at many names from one address are counted too. */
static void test_login_address(void **state)
{
    (void)state;
    struct ml_login *login = new_login();
    struct ml_credential guess = credential(BASIC_ANN);
    unsigned wait_s;
    for (int i = 0; i < ML_GUESSES_ALLOWED; i++) {
        guess.id[0] = (char)('a' + i);
        assert_int_equal(ml_login_check(login, &guess, NULL, "192.0.2.1", 0, &wait_s),
                         ML_LOGIN_WRONG);
    }
    guess.id[0] = 'z';
    assert_int_equal(ml_login_check(login, &guess, NULL, "192.0.2.1", 0, &wait_s), ML_LOGIN_WAIT);
    assert_int_equal(ml_login_check(login, &guess, NULL, "192.0.2.2", 0, &wait_s), ML_LOGIN_WRONG);
    free_login(login);
}

static void test_login_busy(void **state)
{
    (void)state;
    struct ml_login *login = new_login();
    const struct ml_credential ann = credential(BASIC_ANN);
    unsigned wait_s;
    login->turns.waiting_max = 0;
    for (int i = 0; i < ML_LOGIN_AT_ONCE; i++)
        assert_true(ml_turns_take(&login->turns));
    assert_int_equal(ml_login_check(login, &ann, NULL, "", 0, &wait_s), ML_LOGIN_BUSY);
    for (int i = 0; i < ML_LOGIN_AT_ONCE; i++)
        ml_turns_end(&login->turns);
    free_login(login);
}

/* ---- pages ---- */

static void test_origin(void **state)
{
    (void)state;
    static const char *const hosts[] = {"ml.example.com"};
    const struct ml_origin loopback = {0};
    const struct ml_origin named = {.hosts = hosts, .n_hosts = 1, .is_https = true};
    const struct {
        const struct ml_origin *origin;
        const char *host, *page;
        bool good;
    } cases[] = {
        {&loopback, NULL, NULL, true},
        {&loopback, "127.0.0.1:5000", NULL, true},
        {&loopback, "LOCALHOST", NULL, true},
        {&loopback, "[::1]:5000", NULL, true},
        {&loopback, "localhost.evil.example", NULL, false},
        {&loopback, "127.0.0.1.evil.example:5000", NULL, false},
        {&loopback, "localhost:", NULL, true},
        {&loopback, "localhost:x", NULL, false},
        {&loopback, "[::1", NULL, false},
        {&loopback, "", NULL, false},
        {&loopback, "ml.example.com", NULL, false},
        {&loopback, "localhost:5000", "http://localhost:5000", true},
        {&loopback, "localhost:5000", "https://localhost:5000", false},
        {&loopback, "localhost:5000", "http://localhost:5001", false},
        {&loopback, "localhost:5000", "null", false},
        {&loopback, NULL, "http://localhost", false},
        {&named, "ML.example.com", "https://ml.example.com", true},
        {&named, "ml.example.com:8443", "https://ml.example.com:8443", true},
        {&named, "ml.example.com", "http://ml.example.com", false},
        {&named, "ml.example.com", "https://evil.example", false},
        {&named, "localhost", NULL, true},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        const int result = ml_origin_check_headers(cases[i].origin, cases[i].host, cases[i].page);
        if ((result == MLEDGER_OK) != cases[i].good)
            fail_msg("%zu: '%s' '%s'", i, cases[i].host, cases[i].page);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_basic),
        cmocka_unit_test(test_token),
        cmocka_unit_test(test_bad_headers),
        cmocka_unit_test(test_verified),
        cmocka_unit_test(test_verified_is_bounded),
        cmocka_unit_test(test_guesses),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_login_address),
        cmocka_unit_test(test_login_busy),
        cmocka_unit_test(test_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
