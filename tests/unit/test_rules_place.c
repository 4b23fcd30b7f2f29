/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules that the write path keeps by itself, so that only foreign records can break them: where a
 * record stands, its time and schema; and what record 0 must be. Folded in memory, as verify
 * does, and through the write path where that is possible.
 */
#include <stdio.h>

#include "ledger/core/codec.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"
#include "verify/verify.h"

static int no_links(void *context, uint64_t seq, uint8_t ret_link[ML_HASH_SIZE])
{
    (void)context;
    (void)seq;
    (void)ret_link;
    return MLEDGER_ENOTFOUND;
}

/* A ledger of nothing but its state. */
struct world {
    struct ml_state *state;
    struct ml_fold fold;
    struct ml_header {
        uint32_t format, schema;
        int64_t recorded_at_us;
    } next; /* what the next record says of itself */
};

static const struct ml_signer *alice(void)
{
    return rules_signer(CAROL);
}

static int fold_as(struct world *world, const char *line, uint64_t seq)
{
    struct ml_draft *draft = rules_draft(line);
    uint8_t salt[ML_SALT_SIZE] = {0};
    if (draft->event->kind_case == MLEDGER__EVENT__KIND_LEDGER_CREATED)
        draft->event->ledger_created->subject_salt = (ProtobufCBinaryData){sizeof salt, salt};
    if (draft->event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED)
        draft->event->model_created->subject_salt = (ProtobufCBinaryData){sizeof salt, salt};
    const struct ml_fold_record record = {
        .seq = seq,
        .format = world->next.format,
        .schema = world->next.schema,
        .recorded_at_us = world->next.recorded_at_us,
        .signer = alice()->key,
        .event = draft->event,
    };
    struct ml_fold_result result;
    int outcome = ml_fold_apply(&world->fold, &record, &result);
    if (outcome >= 0) {
        uint8_t hash[ML_HASH_SIZE] = {1};
        Mledger__Header header = MLEDGER__HEADER__INIT;
        header.seq = seq;
        header.format = record.format;
        header.schema = record.schema;
        header.recorded_at = record.recorded_at_us;
        assert_int_equal(ml_fold_advance(&world->fold, &header, hash, hash), MLEDGER_OK);
    }
    ml_draft_free(draft);
    return outcome;
}

static int fold(struct world *world, const char *line)
{
    return fold_as(world, line, world->fold.head.size);
}

static void expect_rule(int outcome, const char *rule)
{
    if (outcome != MLEDGER_EREFUSED || strcmp(mledger_error_rule(), rule) != 0)
        fail_msg("expected rule '%s', got %d: %s (rule '%s')", rule, outcome,
                 outcome < 0 ? mledger_error_text() : "", mledger_error_rule());
}

static const char *genesis(const struct ml_signer *key, const char *roles,
                           const struct ml_signer *log_key)
{
    return rules_line("{'ledger_created': {'name': 'n', 'origin': 'o', 'actor_id': 'a', "
                      "'key': '%s', 'roles': %s, 'log_key': '%s'}}",
                      rules_hex(key), roles, rules_hex(log_key));
}

static const char *good_genesis(void)
{
    return genesis(alice(), "['admin', 'recorder']", rules_signer(NEW_KEY));
}

static int set_up_empty(void **state)
{
    static struct world world;
    const struct ml_state_options options = {0};
    world = (struct world){.next = {ML_FORMAT, ML_SCHEMA, 1000}};
    assert_int_equal(ml_state_new(&options, &world.state), MLEDGER_OK);
    assert_int_equal(ml_fold_init(&world.fold, world.state, no_links, NULL), MLEDGER_OK);
    *state = &world;
    return 0;
}

static int set_up(void **state)
{
    set_up_empty(state);
    assert_int_equal(fold(*state, good_genesis()), MLEDGER_OK);
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    ml_fold_release(&world->fold);
    ml_state_free(world->state);
    return 0;
}

static const char model[] = "{'model_created': {'name': 'm'}}";

static void record_0_founds_the_ledger(void **state)
{
    struct world *world = *state;
    const struct ml_signer *log_key = rules_signer(NEW_KEY), *other = rules_signer(DAVE);
    expect_rule(fold(world, model), "genesis");
    expect_rule(fold(world, genesis(other, "['admin']", log_key)), "genesis");
    expect_rule(fold(world, genesis(alice(), "['recorder']", log_key)), "genesis");
    expect_rule(fold(world, genesis(alice(), "['admin']", alice())), "key-taken");
    assert_int_equal(fold(world, good_genesis()), MLEDGER_OK);
    expect_rule(fold(world, good_genesis()), "genesis");
}

static void names_of_the_ledger_are_plain(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {"", "a+b", "a\x01"};
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        struct ml_draft *draft = rules_draft(good_genesis());
        draft->event->ledger_created->origin = ml_draft_text(draft, bad[i]);
        const struct ml_fold_record record = {
            .format = 1, .schema = 1, .signer = alice()->key, .event = draft->event};
        struct ml_fold_result result;
        assert_int_equal(ml_fold_apply(&world->fold, &record, &result), MLEDGER_EINVALID);
        ml_draft_free(draft);
    }
    assert_int_equal(world->fold.head.size, 0);
}

static void numbers_have_no_gap(void **state)
{
    struct world *world = *state;
    assert_int_equal(fold_as(world, model, 2), MLEDGER_EINVALID);
    assert_int_equal(fold_as(world, model, 1), MLEDGER_OK);
    assert_int_equal(fold_as(world, model, 1), MLEDGER_EINVALID);
}

static void time_goes_on(void **state)
{
    struct world *world = *state;
    world->next.recorded_at_us = 999;
    expect_rule(fold(world, model), "time-backwards");
    world->next.recorded_at_us = 1000; /* standing still is no step back */
    assert_int_equal(fold(world, model), MLEDGER_OK);
}

static void a_schema_holds_until_it_is_raised(void **state)
{
    struct world *world = *state;
    world->next.schema = 2;
    expect_rule(fold(world, model), "schema");
    world->next.schema = 1;
    assert_int_equal(fold(world, "{'schema_raised': {'format': 1, 'schema': 2}}"), MLEDGER_OK);
    expect_rule(fold(world, model), "schema"); /* the record after carries the new one */
    world->next.schema = 2;
    assert_int_equal(fold(world, model), MLEDGER_OK);
    expect_rule(fold(world, "{'schema_raised': {'format': 1, 'schema': 1}}"), "schema");
}

/* A ledger with a recovery key, which takes the write path. */
static int set_up_ledger(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    ml_ledger_close(fixture.ledger);
    char dir[80];
    snprintf(dir, sizeof dir, "%s/second", fixture.dir);
    struct ml_draft *draft = rules_draft(rules_line(
        "{'ledger_created': {'name': 'n', 'origin': 'o', 'actor_id': 'alice', 'key': '%s', "
        "'roles': ['admin', 'recorder'], 'log_key': '%s', 'recovery_key': '%s'}}",
        rules_hex(&fixture.signers[ALICE]), rules_hex(&fixture.signers[LOG_KEY]),
        rules_hex(rules_signer(RECOVERY))));
    const struct ml_ledger_options options = {.map_bytes = 64 << 20};
    assert_int_equal(
        ml_ledger_create(dir, &options, draft, &fixture.signers[ALICE], &fixture.ledger), 0);
    ml_draft_free(draft);
    *state = &fixture;
    return 0;
}

static int tear_down_ledger(void **state)
{
    fixture_release(*state);
    return 0;
}

static void no_admin_gets_rid_of_the_recovery_key(void **state)
{
    struct fixture *f = *state;
    const char *line = rules_line("{'key_revoked': {'actor': 'alice', 'key': '%s', "
                                  "'cause': 'retired'}}",
                                  rules_hex(rules_signer(RECOVERY)));
    rules_breaks(f, line, "recovery-key");
    struct ml_draft *draft =
        rules_draft(rules_line("{'key_rotated': {'actor': 'alice', 'old_key': '%s', 'key': '%s'}}",
                               rules_hex(rules_signer(RECOVERY)), rules_hex(rules_signer(DAVE))));
    rules_state(f, draft, rules_signer(DAVE), MLEDGER__MEANING__POSSESSION);
    rules_expect(f, &f->signers[ALICE], draft, "key-purpose");
    /* Nor by taking the roles of the actor that it belongs to. */
    rules_add_actor(f, DAVE, "mallory", "person", "['admin', 'recorder']");
    rules_expect(f, rules_signer(DAVE),
                 rules_draft("{'actor_changed': {'actor': 'alice', 'roles': []}}"), NULL);
    rules_breaks(f, model, "signer-role");
    rules_expect(
        f, rules_signer(RECOVERY),
        rules_draft("{'actor_changed': {'actor': 'alice', 'roles': ['admin', 'recorder']}}"), NULL);
    rules_expect(f, rules_signer(RECOVERY), rules_draft(line), NULL);
    rules_verify(f);
}

/* Rewrites record `seq` as one of schema 2, signed by alice as it should be. */
static void claim_schema_2(struct fixture *f, uint64_t seq)
{
    struct ml_view view;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_CLEANUP(ml_buf_release) struct ml_buf header = {0}, encoded = {0}, stored = {0};
    struct ml_record record;
    uint8_t signature[ML_SIGNATURE_SIZE];
    assert_int_equal(ml_view_begin(f->ledger, &view), MLEDGER_OK);
    assert_int_equal(ml_view_record(&view, seq, &arena, &record), MLEDGER_OK);
    Mledger__Header claimed = *record.header;
    claimed.schema = 2;
    assert_int_equal(ml_codec_pack(&claimed.base, &header), MLEDGER_OK);
    assert_int_equal(ml_dsse_encode(ML_HEADER_TYPE, ml_buf_span(&header), &encoded), MLEDGER_OK);
    const struct ml_signer *signer = &f->signers[ALICE];
    assert_int_equal(signer->sign(signer->context, ml_buf_span(&encoded), signature), MLEDGER_OK);
    Mledger__SignedRecord rewritten = *record.stored;
    rewritten.header = (ProtobufCBinaryData){header.len, header.data};
    rewritten.signature = (ProtobufCBinaryData){sizeof signature, signature};
    assert_int_equal(ml_codec_pack(&rewritten.base, &stored), MLEDGER_OK);
    ml_view_end(&view);
    struct ml_key_u64 key = ml_key_u64(seq);
    fixture_put(f, ML_TABLE_RECORDS, ML_SPAN(key.bytes, sizeof key.bytes), ml_buf_span(&stored));
}

struct seen {
    uint64_t seq;
    bool schema_rule, not_understood, signature;
};

static int see(const struct ml_finding *finding, void *context)
{
    struct seen *seen = context;
    if (finding->seq != seen->seq)
        return MLEDGER_OK;
    seen->schema_rule |= strcmp(finding->code, "rule") == 0 && strcmp(finding->rule, "schema") == 0;
    seen->not_understood |= strcmp(finding->code, "not-understood") == 0;
    seen->signature |= strcmp(finding->code, "signature") == 0;
    return MLEDGER_OK;
}

/* Nobody gets around the rules by claiming a schema that verify does not know. */
static void a_schema_that_was_never_raised_is_a_fault(void **state)
{
    struct fixture *f = *state;
    struct seen seen = {.seq = rules_keeps(f, model)};
    claim_schema_2(f, seen.seq);
    const struct ml_verify_options options = {.visit = see, .visit_context = &seen};
    struct ml_verify_result result;
    assert_int_equal(ml_verify(f->ledger, &options, &result), MLEDGER_OK);
    assert_true(seen.not_understood);
    assert_true(seen.schema_rule);
    assert_false(seen.signature);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(record_0_founds_the_ledger, set_up_empty, tear_down),
        cmocka_unit_test_setup_teardown(names_of_the_ledger_are_plain, set_up_empty, tear_down),
        cmocka_unit_test_setup_teardown(numbers_have_no_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(time_goes_on, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schema_holds_until_it_is_raised, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_schema_that_was_never_raised_is_a_fault, set_up_ledger,
                                        tear_down_ledger),
        cmocka_unit_test_setup_teardown(no_admin_gets_rid_of_the_recovery_key, set_up_ledger,
                                        tear_down_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
