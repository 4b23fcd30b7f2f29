/* SPDX-License-Identifier: Apache-2.0 */
/* What was recorded later and bears on an answer as of the past; and what does not. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/query/lineage.h"
#include "tests/unit/asking.h"
#include "tests/unit/lineage_story.h"

/* The story has a record each second from 2026-01-01 on; this one happened in the midst of it. */
#define BY_THEN "\"details\": {\"occurred_at\": \"2026-01-01T00:00:05Z\"}"
#define MOVE(version, stage)                                                                       \
    "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": " version                        \
    ", \"to_stage\": \"" stage "\"}"

static int correction_setup(void **state)
{
    struct asking *asking = test_calloc(1, sizeof *asking);
    *state = asking;
    fixture_init(&asking->fixture);
    story_add(&asking->fixture);
    return 0;
}

static int correction_teardown(void **state)
{
    struct asking *asking = *state;
    asking_end(asking);
    fixture_release(&asking->fixture);
    test_free(asking);
    return 0;
}

/* Asks as of the end of the story; what the answer rests on is added next. */
static void begin(struct asking *asking)
{
    asking_begin(asking);
    asking->reader.as_of = STORY_SIZE - 1;
}

static const struct ml_corrections *correct(struct asking *asking)
{
    const struct ml_as_of as_of = {.kind = ML_AS_OF_SEQ, .seq = STORY_SIZE - 1};
    struct ml_instant instant;
    assert_int_equal(ml_as_of_instant(&asking->view, &as_of, &instant), 0);
    assert_int_equal(ml_basis_correct(&asking->basis, &asking->reader, &instant), 0);
    return &asking->basis.corrections;
}

/* Of an answer that rests on one record. */
static const struct ml_corrections *correct_one(struct asking *asking, uint64_t record)
{
    begin(asking);
    assert_int_equal(ml_basis_add(&asking->basis, record), 0);
    return correct(asking);
}

static void is_only(const struct ml_corrections *found, uint64_t seq, enum ml_correction_kind kind)
{
    assert_int_equal(found->count, 1);
    assert_int_equal(found->list[0].change.seq, seq);
    assert_int_equal(found->list[0].kind, kind);
    assert_false(found->list[0].counts);
}

static void what_claims_to_be_of_then_is_told(void **state)
{
    struct asking *asking = *state;
    uint64_t late = fixture_add(&asking->fixture, MOVE("1", "Archived") ", " BY_THEN "}");
    fixture_add(&asking->fixture, MOVE("1", "Production") "}"); /* a change since, no correction */
    const struct ml_corrections *found = correct_one(asking, STORY_VERSION);
    is_only(found, late, ML_CORRECTION_CLAIM);
    assert_string_equal(found->list[0].subject, "churn/1");
    assert_string_equal(found->list[0].summary, "Production to Archived");
    assert_true(found->list[0].change.claimed_us < found->list[0].change.recorded_us);
    assert_int_equal(correct_one(asking, STORY_DERIVED)->count, 0); /* another version */
}

static void what_claims_to_be_of_later_is_not(void **state)
{
    struct asking *asking = *state;
    fixture_add(&asking->fixture, MOVE("2", "Staging") "}");
    fixture_add(&asking->fixture, MOVE("1", "Archived") ", \"details\": {\"occurred_at\": "
                                                        "\"2026-01-01T00:00:21Z\"}}");
    assert_int_equal(correct_one(asking, STORY_VERSION)->count, 0);
}

static void what_the_answer_tells_itself_is_not_repeated(void **state)
{
    struct asking *asking = *state;
    uint64_t late = fixture_add(&asking->fixture, MOVE("1", "Archived") ", " BY_THEN "}");
    begin(asking);
    assert_int_equal(ml_basis_add(&asking->basis, STORY_VERSION), 0);
    assert_int_equal(ml_basis_add(&asking->basis, late), 0);
    assert_int_equal(correct(asking)->count, 0);
}

/* That something was made of a version is of an answer to what came of it, and of no other. */
static void what_came_of_it_is_told_downwards(void **state)
{
    struct asking *asking = *state;
    uint64_t late = fixture_add(&asking->fixture,
                                "{\"version_registered\": {\"model\": \"churn\", \"base_models\": "
                                "[{\"model_ref\": \"churn\", \"version\": 1}]}, " BY_THEN "}");
    uint64_t other = fixture_add(&asking->fixture, "{\"model_created\": {\"name\": \"fraud\"}}");
    uint64_t of_other = fixture_add(
        &asking->fixture, "{\"version_registered\": {\"model\": \"fraud\", \"base_models\": "
                          "[{\"model_ref\": \"churn\", \"version\": 1}]}, " BY_THEN "}");
    assert_int_equal(of_other, other + 1);
    is_only(correct_one(asking, STORY_VERSION), late, ML_CORRECTION_CLAIM); /* of that model */
    begin(asking);
    asking->basis.down = true;
    assert_int_equal(ml_basis_add(&asking->basis, STORY_VERSION), 0);
    const struct ml_corrections *found = correct(asking);
    assert_int_equal(found->count, 2);
    assert_int_equal(found->list[1].change.seq, of_other);
}

static void who_read_content_is_told_downwards(void **state)
{
    struct asking *asking = *state;
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    struct ml_lineage_options options = ml_lineage_defaults();
    fixture_add(&asking->fixture, "{\"run_started\": {\"run_id\": \"r9\"}}");
    uint64_t late =
        fixture_add(&asking->fixture, "{\"run_logged\": {\"run\": \"r9\", \"inputs\": [{\"name\": "
                                      "\"raw\", \"digests\": [\"" SHA("11") "\"]}]}, " BY_THEN "}");
    for (int down = 0; down < 2; down++) {
        begin(asking);
        options.as_of = STORY_SIZE - 1;
        options.down = down;
        options.up = !down;
        ml_graph_free(ML_TAKE(graph));
        assert_int_equal(ml_lineage(&asking->view, SHA("11"), &options, &graph), 0);
        assert_int_equal(ml_basis_add_graph(&asking->basis, graph), 0);
        if (down)
            is_only(correct(asking), late, ML_CORRECTION_CLAIM);
        else
            assert_int_equal(correct(asking)->count, 0);
    }
}

static void points_of_metrics_have_times_of_their_own(void **state)
{
    struct asking *asking = *state;
    uint64_t late = fixture_add(
        &asking->fixture,
        "{\"run_logged\": {\"run\": \"r1\", \"metrics\": [{\"key\": \"auc\", \"step\": 1, "
        "\"time\": \"2026-01-01T00:00:07Z\"}]}, \"details\": {\"metric_values\": [\"0.9\"]}}");
    const struct ml_corrections *found = correct_one(asking, STORY_RUN);
    is_only(found, late, ML_CORRECTION_CLAIM);
    assert_int_equal(found->list[0].change.claimed_us, INT64_C(1767225607000000));
}

static void a_confirmed_link_is_of_the_past(void **state)
{
    struct asking *asking = *state;
    char line[160];
    snprintf(line, sizeof line,
             "{\"link_confirmed\": {\"run\": \"r1\", \"record_ref\": %d, \"stage\": \"train\"}}",
             STORY_PIPELINE);
    uint64_t link = fixture_add(&asking->fixture, line);
    is_only(correct_one(asking, STORY_LOGGED), link, ML_CORRECTION_LINK);
}

/* The ledger knew the run by its id alone. */
static void a_run_that_was_recorded_since_is_found_by_its_id(void **state)
{
    struct asking *asking = *state;
    uint64_t late =
        fixture_add(&asking->fixture, "{\"run_started\": {\"run_id\": \"ghost\"}, " BY_THEN "}");
    is_only(correct_one(asking, STORY_UNSEEN), late, ML_CORRECTION_CLAIM);
}

#define INCIDENT(status, about)                                                                    \
    "{\"incident_recorded\": {\"incident_id\": \"I\", \"status\": \"" status "\", " about "}}"

static void incidents_concern_versions_models_and_content(void **state)
{
    struct asking *asking = *state;
    uint64_t one =
        fixture_add(&asking->fixture, INCIDENT("opened", "\"model\": \"churn\", \"version\": 1"));
    uint64_t all = fixture_add(&asking->fixture, INCIDENT("noted", "\"model\": \"churn\""));
    uint64_t content =
        fixture_add(&asking->fixture, INCIDENT("noted", "\"digests\": [\"" SHA("11") "\"]"));
    fixture_add(&asking->fixture, INCIDENT("closed", "\"model\": \"churn\", \"version\": 1"));
    const struct ml_corrections *found = correct_one(asking, STORY_VERSION);
    assert_int_equal(found->count, 2);
    assert_int_equal(found->list[0].change.seq, one);
    assert_int_equal(found->list[0].kind, ML_CORRECTION_INCIDENT);
    assert_int_equal(found->list[1].change.seq, all);
    is_only(correct_one(asking, STORY_DERIVED), all, ML_CORRECTION_INCIDENT);
    begin(asking);
    assert_int_equal(ml_basis_about_model(&asking->basis, STORY_MODEL), 0);
    assert_int_equal(correct(asking)->count, 2);

    uint8_t value[32];
    memset(value, 0x11, sizeof value);
    Mledger__Digest digest = MLEDGER__DIGEST__INIT;
    digest.algorithm = MLEDGER__ALGORITHM__SHA256;
    digest.value = (ProtobufCBinaryData){sizeof value, value};
    begin(asking);
    assert_int_equal(ml_basis_about_content(&asking->basis, &digest), 0);
    is_only(correct(asking), content, ML_CORRECTION_INCIDENT);
}

static void a_chosen_version_has_no_incidents_of_others(void **state)
{
    struct asking *asking = *state;
    const struct ml_interval_choice choice = {.model = STORY_MODEL, .name = "churn", .version = 2};
    fixture_add(&asking->fixture, INCIDENT("opened", "\"model\": \"churn\", \"version\": 1"));
    fixture_add(&asking->fixture, MOVE("1", "Archived") ", " BY_THEN "}");
    uint64_t late = fixture_add(&asking->fixture, MOVE("2", "Staging") ", " BY_THEN "}");
    begin(asking);
    assert_int_equal(ml_basis_about_choice(&asking->basis, &choice), 0);
    is_only(correct(asking), late, ML_CORRECTION_CLAIM);
}

static void an_erasure_takes_from_the_answer(void **state)
{
    struct asking *asking = *state;
    char line[80];
    snprintf(line, sizeof line, "{\"details_erased\": {\"record_ref\": %d}}", STORY_TRANSITION);
    uint64_t erased = fixture_add(&asking->fixture, line);
    const struct ml_corrections *found = correct_one(asking, STORY_TRANSITION);
    is_only(found, erased, ML_CORRECTION_ERASURE);
    assert_int_equal(found->list[0].n_of, 1);
    assert_int_equal(found->list[0].of[0], STORY_TRANSITION);
    assert_int_equal(correct_one(asking, STORY_VALIDATION)->count, 0);
}

static uint64_t revoke_bob(struct asking *asking, uint64_t since)
{
    char line[320], hex[ML_HEX_SIZE(ML_KEY_SIZE)], from[64] = "";
    uint64_t seq;
    ml_hex_encode(hex, asking->fixture.signers[BOB].key, ML_KEY_SIZE);
    if (since != MLEDGER_NO_SEQ)
        snprintf(from, sizeof from, ", \"since_seq\": %d", (int)since);
    snprintf(line, sizeof line,
             "{\"key_revoked\": {\"actor\": \"bob\", \"key\": \"%s\", \"cause\": "
             "\"compromised\"%s}}",
             hex, from);
    assert_int_equal(fixture_append(&asking->fixture, ALICE, line, &seq), 0);
    return seq;
}

/* Also the record by which the key came in, for that it speaks in. */
static void a_stolen_key_casts_doubt_on_what_it_said(void **state)
{
    struct asking *asking = *state;
    uint64_t revoked = revoke_bob(asking, STORY_BOB_KEY);
    const struct ml_corrections *found = correct_one(asking, STORY_APPROVAL);
    is_only(found, revoked, ML_CORRECTION_REVOCATION);
    assert_int_equal(found->list[0].n_of, 2);
    assert_int_equal(found->list[0].of[0], STORY_BOB_KEY);
    assert_int_equal(found->list[0].of[1], STORY_APPROVAL);
    assert_int_equal(correct_one(asking, STORY_VALIDATION)->count, 0); /* alice's */
}

static void a_key_that_ended_since_casts_none(void **state)
{
    struct asking *asking = *state;
    revoke_bob(asking, MLEDGER_NO_SEQ);
    assert_int_equal(correct_one(asking, STORY_APPROVAL)->count, 0);
}

static void a_wrong_clock_is_told_of_its_records(void **state)
{
    struct asking *asking = *state;
    struct ml_head head;
    struct ml_draft *draft =
        fixture_draft("{\"clock_corrected\": {\"wrong\": \"2026-01-01T00:00:00Z\"}}");
    uint64_t seq;
    assert_int_equal(ml_ledger_head(asking->fixture.ledger, &head), 0);
    draft->event->clock_corrected->wrong = head.recorded_at_us;
    asking->fixture.now_us -= 10 * INT64_C(1000000);
    assert_int_equal(fixture_append_draft(&asking->fixture, ALICE, draft, &seq), 0);
    const struct ml_corrections *found = correct_one(asking, STORY_MOVED);
    is_only(found, seq, ML_CORRECTION_CLOCK);
    assert_int_equal(found->list[0].of[0], STORY_MOVED);
    assert_int_equal(correct_one(asking, STORY_DATASET)->count, 0);
}

static void as_of_the_newest_there_is_none(void **state)
{
    struct asking *asking = *state;
    assert_int_equal(correct_one(asking, STORY_VERSION)->count, 0);
    assert_int_equal(asking->basis.n_abouts, 0); /* nor is anything looked for */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, correction_setup, correction_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_claims_to_be_of_then_is_told),
        TEST(what_claims_to_be_of_later_is_not),
        TEST(what_the_answer_tells_itself_is_not_repeated),
        TEST(what_came_of_it_is_told_downwards),
        TEST(who_read_content_is_told_downwards),
        TEST(points_of_metrics_have_times_of_their_own),
        TEST(a_confirmed_link_is_of_the_past),
        TEST(a_run_that_was_recorded_since_is_found_by_its_id),
        TEST(incidents_concern_versions_models_and_content),
        TEST(a_chosen_version_has_no_incidents_of_others),
        TEST(an_erasure_takes_from_the_answer),
        TEST(a_stolen_key_casts_doubt_on_what_it_said),
        TEST(a_key_that_ended_since_casts_none),
        TEST(a_wrong_clock_is_told_of_its_records),
        TEST(as_of_the_newest_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
