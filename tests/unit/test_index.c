/* SPDX-License-Identifier: Apache-2.0 */
/* What the indexes by key and by endpoint lead to. */
#include "tests/unit/cmocka_all.h"

#include "ledger/core/index.h"
#include "tests/unit/lineage_story.h"

struct found {
    uint64_t seqs[STORY_SIZE + 8];
    size_t count;
};

static int keep(uint64_t seq, void *context)
{
    struct found *found = context;
    assert_true(found->count < ML_COUNT(found->seqs));
    found->seqs[found->count++] = seq;
    return 0;
}

static struct found under(struct fixture *story, struct ml_state_key prefix)
{
    struct ml_view view;
    struct found found = {0};
    assert_int_equal(ml_view_begin(story->ledger, &view), 0);
    assert_int_equal(ml_view_index(&view, &prefix, 0, keep, &found), 0);
    ml_view_end(&view);
    return found;
}

static int set_up(void **state)
{
    static struct fixture story;
    fixture_init(&story);
    story_add(&story);
    *state = &story;
    return 0;
}

static void a_key_leads_to_what_it_signed(void **state)
{
    struct fixture *story = *state;
    struct found alice = under(story, ml_index_key_prefix(story->signers[ALICE].key));
    struct found recorder = under(story, ml_index_key_prefix(story->signers[RECORDER].key));
    assert_true(alice.count > 0);
    assert_int_equal(alice.seqs[0], 0);
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, SIZE_MAX / 2);
    assert_int_equal(ml_view_begin(story->ledger, &view), 0);
    size_t signed_by_alice = 0;
    for (uint64_t seq = 0; seq < view.head.size; seq++) {
        assert_int_equal(ml_view_record(&view, seq, &arena, &record), 0);
        signed_by_alice +=
            memcmp(record.header->signer.data, story->signers[ALICE].key, ML_KEY_SIZE) == 0;
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
    assert_int_equal(alice.count, signed_by_alice);
    assert_true(alice.count + recorder.count >= STORY_SIZE);
}

/* Bob never signs a header: he proves that he has his key, and approves. */
static void a_key_leads_to_what_it_stated(void **state)
{
    struct fixture *story = *state;
    struct found bob = under(story, ml_index_key_prefix(story->signers[BOB].key));
    assert_int_equal(bob.count, 2);
    assert_int_equal(bob.seqs[0], STORY_BOB_KEY);
    assert_int_equal(bob.seqs[1], STORY_APPROVAL);
}

static void a_model_leads_to_where_its_versions_were(void **state)
{
    struct fixture *story = *state;
    static const uint64_t model[] = {STORY_VERSION, STORY_APPROVAL,   STORY_TRANSITION,
                                     STORY_ALIAS,   STORY_DEPLOYMENT, STORY_DERIVED,
                                     STORY_UNSEEN,  STORY_MOVED};
    static const uint64_t first[] = {STORY_VERSION, STORY_APPROVAL, STORY_TRANSITION, STORY_ALIAS,
                                     STORY_DEPLOYMENT};
    struct found found = under(story, ml_index_place_prefix(STORY_MODEL));
    assert_int_equal(found.count, ML_COUNT(model)); /* the validation is not among them */
    assert_memory_equal(found.seqs, model, sizeof model);
    found = under(story, ml_index_version_place_prefix(STORY_MODEL, 1));
    assert_int_equal(found.count, ML_COUNT(first)); /* nor what was made from it */
    assert_memory_equal(found.seqs, first, sizeof first);
}

static void an_endpoint_leads_to_its_deployments(void **state)
{
    struct fixture *story = *state;
    struct ml_state_key prefix;
    assert_int_equal(ml_index_endpoint_prefix("scoring", &prefix), 0);
    struct found scoring = under(story, prefix);
    assert_int_equal(scoring.count, 1);
    assert_int_equal(scoring.seqs[0], STORY_DEPLOYMENT);
    assert_int_equal(ml_index_endpoint_prefix("scorin", &prefix), 0);
    assert_int_equal(under(story, prefix).count, 0);
}

/* Whoever tells of the registry finds all of it, and little else. */
static void the_registry_is_found_among_the_rest(void **state)
{
    struct fixture *story = *state;
    struct found found = under(story, ml_index_registry_prefix());
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    size_t expected = 0;
    ml_arena_init(&arena, SIZE_MAX / 2);
    assert_int_equal(ml_view_begin(story->ledger, &view), 0);
    for (uint64_t seq = 0; seq < view.head.size; seq++) {
        assert_int_equal(ml_view_record(&view, seq, &arena, &record), 0);
        const int kind = (int)record.event->kind_case;
        const bool is_there = expected < found.count && found.seqs[expected] == seq;
        assert_int_equal(is_there, kind >= MLEDGER__EVENT__KIND_MODEL_CREATED &&
                                       kind <= MLEDGER__EVENT__KIND_ALIAS_DELETED);
        expected += is_there;
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
    assert_true(found.count > 0);
    assert_int_equal(found.count, expected);
}

static void they_are_built_again(void **state)
{
    struct fixture *story = *state;
    assert_int_equal(ml_ledger_reindex(story->ledger), 0);
    a_key_leads_to_what_it_signed(state);
    a_key_leads_to_what_it_stated(state);
    an_endpoint_leads_to_its_deployments(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_leads_to_what_it_signed),
        cmocka_unit_test(a_key_leads_to_what_it_stated),
        cmocka_unit_test(an_endpoint_leads_to_its_deployments),
        cmocka_unit_test(a_model_leads_to_where_its_versions_were),
        cmocka_unit_test(the_registry_is_found_among_the_rest),
        cmocka_unit_test(they_are_built_again),
    };
    return cmocka_run_group_tests_name("index", tests, set_up, fixture_tear_down);
}
