/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a model's versions is what looking at all of them gives, whatever happened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/model.h"
#include "serve/mlflow/outline.h"
#include "tests/unit/rest_calls.h"

static void outline_in(struct ml_rest *rest, struct ml_rest_call *call, struct ml_outline *outline)
{
    uint64_t model;
    ml_rest_call_init(call, rest);
    assert_int_equal(ml_rest_model_find(call, "m", &model), MLEDGER_OK);
    assert_int_equal(ml_rest_outline(call, model, outline), MLEDGER_OK);
}

static void assert_same(const struct ml_outline *a, const struct ml_outline *b)
{
    assert_int_equal(a->n_latest, b->n_latest);
    assert_memory_equal(a->latest, b->latest, sizeof a->latest);
    assert_int_equal(a->n_aliased, b->n_aliased);
    if (a->n_aliased)
        assert_memory_equal(a->aliased, b->aliased, a->n_aliased * sizeof *a->aliased);
}

/* Held against a service that was made just now. */
static void check(struct rest_fixture *fixture)
{
    struct ml_rest_call kept_call, fresh_call;
    struct ml_outline kept, fresh;
    struct ml_rest rest;
    assert_int_equal(ml_rest_init(&rest, fixture->ledger.ledger, &fixture->ledger.signers[ALICE],
                                  &fixture->objects),
                     MLEDGER_OK);
    outline_in(&fixture->rest, &kept_call, &kept);
    outline_in(&rest, &fresh_call, &fresh);
    assert_same(&kept, &fresh);
    ml_rest_call_release(&kept_call);
    ml_rest_call_release(&fresh_call);
    ml_rest_release(&rest);
}

static void expect(struct rest_fixture *fixture, const uint64_t *latest, size_t n_latest,
                   const uint64_t *aliased, size_t n_aliased)
{
    struct ml_rest_call call;
    struct ml_outline outline;
    outline_in(&fixture->rest, &call, &outline);
    assert_int_equal(outline.n_latest, n_latest);
    for (size_t i = 0; i < n_latest; i++)
        assert_int_equal(outline.latest[i], latest[i]);
    assert_int_equal(outline.n_aliased, n_aliased);
    for (size_t i = 0; i < n_aliased; i++)
        assert_int_equal(outline.aliased[i], aliased[i]);
    ml_rest_call_release(&call);
    check(fixture);
}
#define EXPECT(fixture, latest, aliased)                                                           \
    expect(fixture, latest, ML_COUNT(latest), aliased, ML_COUNT(aliased))

static void move_to(struct rest_fixture *fixture, int version, const char *stage)
{
    char body[128];
    snprintf(body, sizeof body, "{\"name\": \"m\", \"version\": \"%d\", \"stage\": \"%s\"}",
             version, stage);
    rest_done(fixture, "POST", "model-versions/transition-stage", body);
}

static void set_alias(struct rest_fixture *fixture, const char *alias, int version)
{
    char body[128];
    snprintf(body, sizeof body, "{\"name\": \"m\", \"alias\": \"%s\", \"version\": \"%d\"}", alias,
             version);
    rest_done(fixture, "POST", "registered-models/alias", body);
}

static void make_versions(struct rest_fixture *fixture, int count)
{
    for (int i = 0; i < count; i++)
        rest_done(fixture, "POST", "model-versions/create",
                  "{\"name\": \"m\", \"source\": \"s3://b/m\"}");
}

static void follows_what_happens(void **state)
{
    struct rest_fixture *fixture = *state;
    rest_done(fixture, "POST", "registered-models/create", "{\"name\": \"m\"}");
    expect(fixture, NULL, 0, NULL, 0);
    make_versions(fixture, 3);
    expect(fixture, (uint64_t[]){3}, 1, NULL, 0);
    move_to(fixture, 1, "Production");
    expect(fixture, (uint64_t[]){1, 3}, 2, NULL, 0);
    move_to(fixture, 3, "Production");
    expect(fixture, (uint64_t[]){3, 2}, 2, NULL, 0);
    set_alias(fixture, "champion", 1);
    set_alias(fixture, "other", 1);
    set_alias(fixture, "champion", 2);
    EXPECT(fixture, ((uint64_t[]){3, 2}), ((uint64_t[]){1, 2}));
    rest_done(fixture, "DELETE", "registered-models/alias",
              "{\"name\": \"m\", \"alias\": \"other\"}");
    EXPECT(fixture, ((uint64_t[]){3, 2}), ((uint64_t[]){2}));
    /* Somebody else's records count as well. */
    fixture_add(&fixture->ledger,
                "{\"alias_set\": {\"model\": \"m\", \"alias\": \"c\", \"version\": 3}}");
    EXPECT(fixture, ((uint64_t[]){3, 2}), ((uint64_t[]){2, 3}));
    rest_done(fixture, "DELETE", "model-versions/delete", "{\"name\": \"m\", \"version\": \"3\"}");
    EXPECT(fixture, ((uint64_t[]){1, 2}), ((uint64_t[]){2}));
    make_versions(fixture, 1);
    EXPECT(fixture, ((uint64_t[]){1, 4}), ((uint64_t[]){2}));
}

/* Another call may have looked at what is newer: who reads what was before is told of that. */
static void reads_what_was_before(void **state)
{
    struct rest_fixture *fixture = *state;
    struct ml_rest_call before;
    struct ml_outline outline;
    uint64_t model;
    rest_done(fixture, "POST", "registered-models/create", "{\"name\": \"m\"}");
    make_versions(fixture, 2);
    ml_rest_call_init(&before, &fixture->rest);
    assert_int_equal(ml_rest_model_find(&before, "m", &model), MLEDGER_OK);
    make_versions(fixture, 1);
    move_to(fixture, 2, "Staging");
    expect(fixture, (uint64_t[]){3, 2}, 2, NULL, 0);
    assert_int_equal(ml_rest_outline(&before, model, &outline), MLEDGER_OK);
    assert_int_equal(outline.n_latest, 1);
    assert_int_equal(outline.latest[0], 2);
    ml_rest_call_release(&before);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, rest_setup, rest_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(follows_what_happens), TEST(reads_what_was_before)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
