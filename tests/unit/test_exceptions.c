/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions that depend on when it was; the others are tests/cli/t-report-exceptions.sh's. */
#include "tests/unit/cmocka_all.h"

#include "ledger/query/exceptions.h"
#include "tests/unit/ledger_fixture.h"

#define DAY_US (INT64_C(86400) * 1000000)

static size_t find(const struct fixture *fixture, const char *check, uint64_t as_of,
                   int64_t as_of_us)
{
    struct ml_view view;
    struct ml_basis basis = {0};
    struct ml_exceptions found;
    struct ml_exceptions_options options = {.as_of_us = as_of_us, .model = MLEDGER_NO_SEQ};
    options.wanted[ml_exception_check_find(check)] = true;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    options.as_of = as_of == MLEDGER_NO_SEQ ? view.head.size - 1 : as_of;
    if (ml_exceptions(&view, &options, &basis, &found) < 0)
        fail_msg("%s", mledger_error_text());
    size_t count = found.count;
    ml_exceptions_release(&found);
    ml_basis_release(&basis);
    ml_view_end(&view);
    return count;
}

static void a_run_that_never_ended_is_found_after_a_day(void **state)
{
    struct fixture *fixture = *state;
    int64_t begun_us = fixture->now_us;
    uint64_t run = fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture->now_us += DAY_US / 2;
    fixture_add(fixture, "{\"run_logged\": {\"run\": \"r1\", \"params\": [\"a\"]}, \"details\": "
                         "{\"param_values\": [\"1\"]}}");
    uint64_t open = run + 1;
    assert_int_equal(find(fixture, "run-not-ended", open, begun_us + DAY_US + DAY_US / 4), 0);
    assert_int_equal(find(fixture, "run-not-ended", open, begun_us + 2 * DAY_US), 1);
    fixture->now_us += 3 * DAY_US;
    fixture_add(fixture, "{\"run_ended\": {\"run\": \"r1\", \"status\": \"finished\"}}");
    assert_int_equal(find(fixture, "run-not-ended", MLEDGER_NO_SEQ, fixture->now_us + DAY_US * 9),
                     0);
    /* What was known then. */
    assert_int_equal(find(fixture, "run-not-ended", open, begun_us + 2 * DAY_US), 1);
}

static void an_approval_counts_as_it_stood(void **state)
{
    struct fixture *fixture = *state;
    fixture_add_bob(fixture);
    fixture_add(fixture, "{\"model_created\": {\"name\": \"m\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"m\"}}");
    static const char *const decisions[] = {"granted", "withdrawn"};
    for (size_t i = 0; i < ML_COUNT(decisions); i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"approval_recorded\": {\"model\": \"m\", \"version\": 1, \"stage\": "
                 "\"Production\", \"decision\": \"%s\"}}",
                 decisions[i]);
        struct ml_draft *draft = fixture_draft(line);
        fixture_state(fixture, draft, BOB,
                      i == 0 ? MLEDGER__MEANING__APPROVED : MLEDGER__MEANING__REVIEWED);
        assert_int_equal(fixture_append_draft(fixture, ALICE, draft, NULL), 0);
        uint64_t moved =
            fixture_add(fixture, i == 0 ? "{\"stage_transitioned\": {\"model\": \"m\", "
                                          "\"version\": 1, \"to_stage\": \"Production\"}}"
                                        : "{\"stage_transitioned\": {\"model\": \"m\", "
                                          "\"version\": 1, \"to_stage\": \"None\"}}");
        assert_int_equal(find(fixture, "production-unapproved", moved, 0), 0);
    }
    /* Into Production again, when the approval was taken back. */
    fixture_add(fixture, "{\"stage_transitioned\": {\"model\": \"m\", \"version\": 1, "
                         "\"to_stage\": \"Production\"}}");
    assert_int_equal(find(fixture, "production-unapproved", MLEDGER_NO_SEQ, 0), 1);
}

static void a_check_has_a_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        assert_int_equal(ml_exception_check_find(ml_exception_checks[i]->name), i);
    assert_int_equal(ml_exception_check_find("none"), SIZE_MAX);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_run_that_never_ended_is_found_after_a_day),
        TEST(an_approval_counts_as_it_stood),
        TEST(a_check_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
