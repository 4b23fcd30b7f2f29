/* SPDX-License-Identifier: Apache-2.0 */
/* Timestamps of RFC 3161: asked for, answered, believed, and all the ways in which they are not. */
#include <string.h>

#include "ledger/core/timestamp.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tsa.h"

static const struct ml_span text = {(const uint8_t *)"a checkpoint\n", 13};
static const struct ml_span other_text = {(const uint8_t *)"another text\n", 13};
static const uint8_t nonce[ML_TIMESTAMP_NONCE_SIZE] = {0x9a, 1, 2, 3};

static struct tsa *tsa, *stranger;
static struct ml_timestamp_roots *roots;

static struct ml_timestamp_roots *roots_of(struct ml_span pem)
{
    struct ml_timestamp_roots *parsed = NULL;
    assert_int_equal(ml_timestamp_roots_parse(pem, "roots.pem", &parsed), MLEDGER_OK);
    return parsed;
}

static int make_world(void **state)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf pem = {0};
    (void)state;
    tsa = tsa_new("Time & Co.");
    stranger = tsa_new("Elsewhere");
    tsa_root_pem(tsa, &pem);
    roots = roots_of(ml_buf_span(&pem));
    return 0;
}

static int drop_world(void **state)
{
    (void)state;
    tsa_free(tsa);
    tsa_free(stranger);
    ml_timestamp_roots_free(roots);
    return 0;
}

static int restore(void **state)
{
    (void)state;
    tsa_set_clock(tsa, 1700000000, 0);
    tsa_set_accuracy(tsa, 0, 0, 0);
    tsa_set_capable(tsa, true);
    return 0;
}

static int ask(struct tsa *authority, struct ml_span of, struct ml_buf *token)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf request = {0}, response = {0};
    assert_int_equal(ml_timestamp_request(of, nonce, &request), MLEDGER_OK);
    tsa_respond(authority, ml_buf_span(&request), &response);
    return ml_timestamp_response(ml_buf_span(&response), of, nonce, token);
}

static void stamps(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    struct ml_timestamp timestamp, again;
    tsa_set_clock(tsa, 1700000000, 250001);
    tsa_set_accuracy(tsa, 1, 500, 7);
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    assert_true(token.len <= ML_TIMESTAMP_TOKEN_MAX);
    assert_int_equal(ml_timestamp_read(ml_buf_span(&token), text, &timestamp), MLEDGER_OK);
    assert_true(timestamp.time_us == INT64_C(1700000000250001));
    assert_true(timestamp.accuracy_us == 1500007);
    assert_string_equal(timestamp.authority, "CN=stamps,O=Time & Co.");
    assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, roots, &again), MLEDGER_OK);
    assert_memory_equal(&timestamp.time_us, &again.time_us, sizeof timestamp.time_us);
}

static void without_accuracy(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    struct ml_timestamp timestamp;
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, roots, &timestamp), MLEDGER_OK);
    assert_true(timestamp.time_us == INT64_C(1700000000000000));
    assert_true(timestamp.accuracy_us == -1);
}

static void refuses(struct ml_span token, struct ml_span of, const struct ml_timestamp_roots *by,
                    const char *says)
{
    struct ml_timestamp timestamp;
    int result = by ? ml_timestamp_verify(token, of, by, &timestamp)
                    : ml_timestamp_read(token, of, &timestamp);
    assert_int_equal(result, MLEDGER_EINVALID);
    if (!strstr(mledger_error_text(), says))
        fail_msg("'%s' does not say '%s'", mledger_error_text(), says);
}

static void of_another_text(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    refuses(ml_buf_span(&token), other_text, NULL, "is over another text");
    refuses(ml_buf_span(&token), other_text, roots, "is over another text");
}

/* Of a stranger it says what it says, but nobody believes it. */
static void by_a_stranger(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    struct ml_timestamp timestamp;
    assert_int_equal(ask(stranger, text, &token), MLEDGER_OK);
    assert_int_equal(ml_timestamp_read(ml_buf_span(&token), text, &timestamp), MLEDGER_OK);
    assert_string_equal(timestamp.authority, "CN=stamps,O=Elsewhere");
    refuses(ml_buf_span(&token), text, roots, "leads to none of the roots given: ");
}

/* The authority's own certificate is enough to pin it; several roots are all tried. */
static void pinned(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0}, own = {0}, both = {0};
    struct ml_timestamp timestamp;
    tsa_own_pem(tsa, &own);
    tsa_root_pem(stranger, &both);
    tsa_root_pem(tsa, &both);
    ML_CLEANUP(ml_timestamp_roots_freep)
    struct ml_timestamp_roots *pin = roots_of(ml_buf_span(&own));
    ML_CLEANUP(ml_timestamp_roots_freep)
    struct ml_timestamp_roots *several = roots_of(ml_buf_span(&both));
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, pin, &timestamp), MLEDGER_OK);
    assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, several, &timestamp),
                     MLEDGER_OK);
}

/* At the time that it gives the certificate must have been good, whatever the time is now. */
static void outside_the_certificate(void **state)
{
    (void)state;
    static const struct {
        int64_t seconds;
        const char *says; /* NULL: it is believed */
    } cases[] = {
        {TSA_VALID_FROM - 1, "certificate is not yet valid"},
        {TSA_VALID_FROM + 1, NULL},
        {TSA_VALID_UNTIL - 1, NULL},
        {TSA_VALID_UNTIL + 1, "certificate has expired"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
        struct ml_timestamp timestamp;
        tsa_set_clock(tsa, cases[i].seconds, 0);
        assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
        if (cases[i].says)
            refuses(ml_buf_span(&token), text, roots, cases[i].says);
        else
            assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, roots, &timestamp), 0);
    }
}

/* Bit by bit: none is changed unnoticed but in what is not covered by the signature, and then
 * it says the same. */
static void every_bit(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    struct ml_timestamp first, timestamp;
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    assert_int_equal(ml_timestamp_verify(ml_buf_span(&token), text, roots, &first), MLEDGER_OK);
    size_t unseen = 0;
    for (size_t bit = 0; bit < 8 * token.len; bit++) {
        token.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        int result = ml_timestamp_verify(ml_buf_span(&token), text, roots, &timestamp);
        token.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (result == MLEDGER_EINVALID)
            continue;
        assert_int_equal(result, MLEDGER_OK);
        assert_true(timestamp.time_us == first.time_us);
        assert_true(timestamp.accuracy_us == first.accuracy_us);
        assert_string_equal(timestamp.authority, first.authority);
        unseen++;
    }
    /* The certificate of the root that comes along, which nobody needs, is about a quarter. */
    assert_true(unseen < 8 * token.len / 2);
}

static void cut_and_grown(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    assert_int_equal(ask(tsa, text, &token), MLEDGER_OK);
    for (size_t len = 0; len < token.len; len++)
        refuses(ML_SPAN(token.data, len), text, roots, "not a timestamp: ");
    assert_int_equal(ml_buf_append_char(&token, '\0'), MLEDGER_OK);
    refuses(ml_buf_span(&token), text, roots, "not a timestamp: ");
    while (token.len <= ML_TIMESTAMP_TOKEN_MAX)
        assert_int_equal(ml_buf_append_char(&token, '\0'), MLEDGER_OK);
    refuses(ml_buf_span(&token), text, roots, "too long");
}

static void refusals(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    tsa_set_capable(tsa, false);
    assert_int_equal(ask(tsa, text, &token), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "refuses (status 2): Message digest algorithm"));
    assert_int_equal(token.len, 0);
}

static void answers_to_others(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf request = {0}, response = {0}, token = {0};
    static const uint8_t old_nonce[ML_TIMESTAMP_NONCE_SIZE] = {1};
    assert_int_equal(ml_timestamp_request(text, old_nonce, &request), MLEDGER_OK);
    tsa_respond(tsa, ml_buf_span(&request), &response);
    struct ml_span answer = ml_buf_span(&response);
    assert_int_equal(ml_timestamp_response(answer, text, old_nonce, &token), MLEDGER_OK);
    assert_int_equal(ml_timestamp_response(answer, text, nonce, &token), MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "answers another request"));
    assert_int_equal(ml_timestamp_response(answer, other_text, old_nonce, &token),
                     MLEDGER_EINVALID);
}

static void no_responses(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf token = {0};
    static const struct ml_span bad[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"<html>", 6},
        {(const uint8_t *)"\x30\x00", 2},
        {(const uint8_t *)"\x30\x05\x30\x03\x02\x01\x00", 7}, /* granted, and nothing */
    };
    static uint8_t huge[ML_TIMESTAMP_RESPONSE_MAX + 1];
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(ml_timestamp_response(bad[i], text, nonce, &token), MLEDGER_EINVALID);
    assert_int_equal(ml_timestamp_response(ML_SPAN(huge, sizeof huge), text, nonce, &token),
                     MLEDGER_EINVALID);
}

static void no_roots(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "no certificates here\n",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n",
    };
    struct ml_timestamp_roots *parsed = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf pem = {0};
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        assert_int_equal(
            ml_timestamp_roots_parse(ML_SPAN(bad[i], strlen(bad[i])), "roots.pem", &parsed),
            MLEDGER_EINVALID);
        assert_memory_equal(mledger_error_text(), "roots.pem: ", 11);
    }
    tsa_root_pem(tsa, &pem);
    assert_int_equal(ml_buf_append_text(&pem, bad[2]), MLEDGER_OK); /* one good, one not */
    assert_int_equal(ml_timestamp_roots_parse(ml_buf_span(&pem), "roots.pem", &parsed),
                     MLEDGER_EINVALID);
}

#define TEST(name) cmocka_unit_test_teardown(name, restore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(stamps),        TEST(without_accuracy), TEST(of_another_text),
        TEST(by_a_stranger), TEST(pinned),           TEST(outside_the_certificate),
        TEST(every_bit),     TEST(cut_and_grown),    TEST(refusals),
        TEST(no_responses),  TEST(no_roots),         TEST(answers_to_others),
    };
    return cmocka_run_group_tests(tests, make_world, drop_world);
}
