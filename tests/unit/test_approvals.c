/* SPDX-License-Identifier: Apache-2.0 */
/* Who decided that a version may be in a stage, and whether they are other people than those who
 * made and moved it. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/query/approvals.h"
#include "ledger/query/interval_choice.h"
#include "tests/unit/asking.h"

struct decided {
    struct asking asking;
    struct ml_intervals intervals;
    struct ml_approvals approvals;
};

static int decided_setup(void **state)
{
    struct decided *decided = test_calloc(1, sizeof *decided);
    *state = decided;
    fixture_init(&decided->asking.fixture);
    fixture_add_bob(&decided->asking.fixture);
    fixture_add(&decided->asking.fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture_add(&decided->asking.fixture, "{\"model_created\": {\"name\": \"m\"}}");
    return 0;
}

static int decided_teardown(void **state)
{
    struct decided *decided = *state;
    ml_intervals_release(&decided->intervals);
    asking_end(&decided->asking);
    fixture_release(&decided->asking.fixture);
    test_free(decided);
    return 0;
}

static void add(struct decided *decided, const char *line)
{
    fixture_add(&decided->asking.fixture, line);
}

static void enter(struct decided *decided)
{
    add(decided, "{\"stage_transitioned\": {\"model\": \"m\", \"version\": 1, \"to_stage\": "
                 "\"Production\"}}");
}

/* By the actor's own key. */
static uint64_t decide(struct decided *decided, enum fixture_actor actor, const char *stage,
                       const char *decision)
{
    char line[256];
    uint64_t seq;
    snprintf(line, sizeof line,
             "{\"approval_recorded\": {\"model\": \"m\", \"version\": 1, \"stage\": \"%s\", "
             "\"decision\": \"%s\"}}",
             stage, decision);
    struct ml_draft *draft = fixture_draft(line);
    fixture_state(&decided->asking.fixture, draft, actor,
                  strcmp(decision, "granted") == 0 ? MLEDGER__MEANING__APPROVED
                                                   : MLEDGER__MEANING__REVIEWED);
    assert_int_equal(fixture_append_draft(&decided->asking.fixture, ALICE, draft, &seq), 0);
    return seq;
}

/* Of the time that the version is in Production. */
static const struct ml_approvals *ask(struct decided *decided)
{
    struct ml_interval_choice choice;
    asking_begin(&decided->asking);
    struct ml_reader *reader = &decided->asking.reader;
    assert_int_equal(ml_interval_choice_parse(reader, "models:/m/Production", &choice), 0);
    assert_int_equal(
        ml_intervals_collect(reader, &choice, ML_READING_RECORDED, &decided->intervals), 0);
    assert_true(decided->intervals.count >= 1);
    assert_int_equal(ml_approvals_of(reader, &decided->intervals.list[0], &decided->approvals), 0);
    return &decided->approvals;
}

static const char by_run[] = "{\"version_registered\": {\"model\": \"m\", \"run_id\": \"r1\"}}";

static void another_person_has_no_other_part(void **state)
{
    struct decided *decided = *state;
    add(decided, by_run);
    uint64_t approval = decide(decided, BOB, "Production", "granted");
    enter(decided);
    const struct ml_approvals *found = ask(decided);
    assert_int_equal(found->count, 1);
    assert_int_equal(found->list[0].change.seq, approval);
    assert_string_equal(found->list[0].change.who, "bob");
    assert_int_equal(found->list[0].decision, MLEDGER__DECISION__GRANTED);
    assert_int_equal(found->list[0].same_as, 0);
    assert_false(found->list[0].after);
    assert_true(ml_approval_trainer_known(&found->parts));
    assert_int_equal(found->parts.requester, MLEDGER_NO_SEQ);
}

static void who_did_it_all_is_told_to_be_the_same(void **state)
{
    struct decided *decided = *state;
    add(decided, by_run);
    decide(decided, ALICE, "Production", "granted");
    enter(decided);
    const struct ml_approvals *found = ask(decided);
    assert_int_equal(found->count, 1);
    assert_int_equal(found->list[0].same_as, ML_PART_TRAINER | ML_PART_REGISTRAR | ML_PART_MOVER);
}

/* Whoever imported a run is not who trained it, and no more is known. */
static void an_imported_run_does_not_say_who_trained(void **state)
{
    struct decided *decided = *state;
    add(decided, "{\"imported_from\": \"mlflow_file_store\", \"run_started\": {\"run_id\": "
                 "\"r2\"}}");
    add(decided, "{\"version_registered\": {\"model\": \"m\", \"run_id\": \"r2\"}}");
    decide(decided, BOB, "Production", "granted");
    enter(decided);
    const struct ml_approvals *found = ask(decided);
    assert_true(found->parts.run_imported);
    assert_false(ml_approval_trainer_known(&found->parts));
}

static void a_version_of_no_run_has_no_trainer(void **state)
{
    struct decided *decided = *state;
    add(decided, "{\"version_registered\": {\"model\": \"m\"}}");
    enter(decided);
    const struct ml_approvals *found = ask(decided);
    assert_int_equal(found->count, 0);
    assert_int_equal(found->parts.trainer, MLEDGER_NO_SEQ);
    assert_int_equal(found->parts.run_seq, MLEDGER_NO_SEQ);
    assert_int_equal(found->parts.mover, 0); /* alice */
}

/* Decisions for another stage are about something else; what came after it left, too. */
static void what_is_of_this_stage_and_time_counts(void **state)
{
    struct decided *decided = *state;
    add(decided, by_run);
    decide(decided, BOB, "Staging", "granted");
    uint64_t refused = decide(decided, BOB, "Production", "rejected");
    enter(decided);
    uint64_t late = decide(decided, BOB, "Production", "granted");
    add(decided, "{\"stage_transitioned\": {\"model\": \"m\", \"version\": 1, \"to_stage\": "
                 "\"Archived\"}}");
    decide(decided, ALICE, "Production", "granted");
    const struct ml_approvals *found = ask(decided);
    assert_int_equal(found->count, 2);
    assert_int_equal(found->list[0].change.seq, refused);
    assert_int_equal(found->list[0].decision, MLEDGER__DECISION__REJECTED);
    assert_false(found->list[0].after);
    assert_int_equal(found->list[1].change.seq, late);
    assert_true(found->list[1].after);
}

static void words_are_told(void **state)
{
    (void)state;
    assert_string_equal(ml_decision_name(MLEDGER__DECISION__WITHDRAWN), "withdrawn");
    assert_string_equal(ml_part_name(ML_PART_REQUESTER), "requester");
    const struct ml_parts nobody = {.trainer = MLEDGER_NO_SEQ,
                                    .registrar = MLEDGER_NO_SEQ,
                                    .requester = MLEDGER_NO_SEQ,
                                    .mover = MLEDGER_NO_SEQ};
    assert_int_equal(ml_approval_part_of(&nobody, MLEDGER_NO_SEQ), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, decided_setup, decided_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_person_has_no_other_part),         TEST(who_did_it_all_is_told_to_be_the_same),
        TEST(an_imported_run_does_not_say_who_trained), TEST(a_version_of_no_run_has_no_trainer),
        TEST(what_is_of_this_stage_and_time_counts),    cmocka_unit_test(words_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
