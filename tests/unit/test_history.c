/* SPDX-License-Identifier: Apache-2.0 */
/* Everything about one thing, in order; of keys and actors also when they counted. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/query/history.h"
#include "tests/unit/asking.h"
#include "tests/unit/lineage_story.h"

static int history_setup(void **state)
{
    struct asking *asking = test_calloc(1, sizeof *asking);
    *state = asking;
    fixture_init(&asking->fixture);
    story_add(&asking->fixture);
    return 0;
}

static int history_teardown(void **state)
{
    struct asking *asking = *state;
    asking_end(asking);
    fixture_release(&asking->fixture);
    test_free(asking);
    return 0;
}

static struct ml_history of(struct asking *asking, const char *text)
{
    struct ml_history history;
    struct ml_target target;
    asking_resolve(asking, text, &target);
    assert_int_equal(ml_history_of(&asking->reader, &target, &asking->basis, &history), 0);
    for (size_t i = 1; i < history.n_entries; i++)
        assert_true(history.entries[i - 1].change.seq < history.entries[i].change.seq);
    return history;
}

static const struct ml_history_entry *entry(const struct ml_history *history, uint64_t seq)
{
    for (size_t i = 0; i < history->n_entries; i++)
        if (history->entries[i].change.seq == seq)
            return &history->entries[i];
    return NULL;
}

static void a_version_has_its_own_records(void **state)
{
    struct asking *asking = *state;
    asking_begin(asking);
    const struct ml_history history = of(asking, "churn/1");
    const struct ml_history_entry *moved = entry(&history, STORY_TRANSITION);
    assert_non_null(moved);
    assert_string_equal(moved->kind, "stage_transitioned");
    assert_string_equal(moved->subject, "churn/1");
    assert_string_equal(moved->change.reason, "better");
    assert_int_equal(moved->erased_by, MLEDGER_NO_SEQ);
    assert_false(moved->doubted);
    assert_non_null(entry(&history, STORY_DEPLOYMENT));
    assert_null(entry(&history, STORY_UNSEEN)); /* churn/3 */
    assert_int_equal(history.n_keys, 0);
}

static void a_model_has_those_of_its_versions(void **state)
{
    struct asking *asking = *state;
    asking_begin(asking);
    const struct ml_history history = of(asking, "model:churn");
    assert_non_null(entry(&history, STORY_MODEL));
    assert_non_null(entry(&history, STORY_VERSION));
    assert_non_null(entry(&history, STORY_UNSEEN));
    assert_null(entry(&history, STORY_DATASET));
}

/* What somebody stated with a key of their own is theirs, whoever signed the record. */
static void an_actor_has_what_their_keys_said(void **state)
{
    struct asking *asking = *state;
    asking_begin(asking);
    const struct ml_history history = of(asking, "actor:bob");
    assert_non_null(entry(&history, STORY_BOB));
    assert_non_null(entry(&history, STORY_APPROVAL));
    assert_null(entry(&history, STORY_TRANSITION));
    assert_int_equal(history.n_keys, 1);
    assert_string_equal(history.keys[0].actor, "bob");
    assert_int_equal(history.keys[0].since.seq, STORY_BOB_KEY);
    assert_int_equal(history.keys[0].until.seq, MLEDGER_NO_SEQ);
    assert_int_equal(history.keys[0].doubted_from, MLEDGER_NO_SEQ);
    assert_int_equal(history.keys[0].n_signed, 2); /* the proof of possession, the approval */
}

static void a_key_that_was_stolen_leaves_doubt(void **state)
{
    struct asking *asking = *state;
    struct ml_history history;
    char line[512], hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(hex, asking->fixture.signers[BOB].key, ML_KEY_SIZE);
    snprintf(line, sizeof line,
             "{\"key_revoked\": {\"actor\": \"bob\", \"key\": \"%s\", \"cause\": "
             "\"compromised\", \"since_seq\": %d}}",
             hex, STORY_APPROVAL);
    uint64_t revoked;
    assert_int_equal(fixture_append(&asking->fixture, ALICE, line, &revoked), 0);
    asking_begin(asking);
    assert_int_equal(ml_history_of_key(&asking->reader, asking->fixture.signers[BOB].key,
                                       &asking->basis, &history),
                     0);
    assert_int_equal(history.n_keys, 1);
    assert_int_equal(history.keys[0].until.seq, revoked);
    assert_int_equal(history.keys[0].doubted_from, STORY_APPROVAL);
    assert_true(history.keys[0].has_cause);
    assert_true(entry(&history, STORY_APPROVAL)->doubted);
    assert_false(entry(&history, STORY_BOB_KEY)->doubted);

    /* Before it was known, there was no doubt. */
    asking->reader.as_of = revoked - 1;
    assert_int_equal(ml_history_of_key(&asking->reader, asking->fixture.signers[BOB].key,
                                       &asking->basis, &history),
                     0);
    assert_int_equal(history.keys[0].until.seq, MLEDGER_NO_SEQ);
    assert_false(entry(&history, STORY_APPROVAL)->doubted);
}

static void content_has_the_records_that_name_it(void **state)
{
    struct asking *asking = *state;
    asking_begin(asking);
    const struct ml_history history = of(asking, MD5("aa"));
    assert_int_equal(history.n_entries, 2);
    assert_non_null(entry(&history, STORY_DATASET));
    assert_non_null(entry(&history, STORY_PIPELINE));
}

static void what_has_no_history_is_refused(void **state)
{
    struct asking *asking = *state;
    struct ml_history history;
    struct ml_target target;
    const uint8_t nobody[ML_KEY_SIZE] = {1};
    asking_begin(asking);
    asking_resolve(asking, "#3", &target);
    assert_int_equal(ml_history_of(&asking->reader, &target, &asking->basis, &history),
                     MLEDGER_EUSAGE);
    assert_int_equal(ml_history_of_key(&asking->reader, nobody, &asking->basis, &history),
                     MLEDGER_ENOTFOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, history_setup, history_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_version_has_its_own_records),        TEST(a_model_has_those_of_its_versions),
        TEST(an_actor_has_what_their_keys_said),    TEST(a_key_that_was_stolen_leaves_doubt),
        TEST(content_has_the_records_that_name_it), TEST(what_has_no_history_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
