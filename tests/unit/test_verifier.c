/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's pure part, over records in memory: linked without any store. */
#include <stdio.h>

#include "ledger/core/codec.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/findings.h"
#include "tests/unit/forge.h"
#include "verify/verifier.h"

/* Records in any order, as a source; SIZE_MAX: something that is no record. */
struct listing {
    const struct forge *forge;
    size_t order[FORGE_RECORDS + 8];
    size_t count, next;
    bool entries; /* headers and signatures alone */
};

static int next_record(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input)
{
    (void)arena;
    struct listing *list = context;
    if (list->next == list->count)
        return MLEDGER_ENOTFOUND;
    size_t which = list->order[list->next++];
    *ret_input = (struct ml_verify_input){.seq = MLEDGER_NO_SEQ, .entry = list->entries};
    if (which != SIZE_MAX) {
        ret_input->seq = which;
        ret_input->bytes = ml_buf_span(&list->forge->records[which]);
    }
    return MLEDGER_OK;
}

/* signature || header */
static int make_entry(struct ml_arena *arena, struct ml_verify_input *input)
{
    struct ml_record record;
    ML_TRY(ml_record_open(input->bytes, input->seq, arena, &record));
    size_t len = ML_SIGNATURE_SIZE + record.header_bytes.len;
    uint8_t *bytes = ml_arena_alloc(arena, len);
    if (!bytes)
        return ml_fail_memory();
    memcpy(bytes, record.stored->signature.data, ML_SIGNATURE_SIZE);
    memcpy(bytes + ML_SIGNATURE_SIZE, record.header_bytes.data, record.header_bytes.len);
    input->bytes = ML_SPAN(bytes, len);
    return MLEDGER_OK;
}

static int decode(void *context, struct ml_arena *arena, struct ml_verify_input *input)
{
    (void)context;
    if (input->seq == MLEDGER_NO_SEQ) {
        (void)ml_fail(MLEDGER_EINVALID, "line 7: not a record");
        return ml_blame("record-key");
    }
    return input->entry ? make_entry(arena, input) : MLEDGER_OK;
}

static int seek(void *context, uint64_t seq)
{
    (void)seq;
    struct listing *list = context;
    list->next = 0;
    return MLEDGER_OK;
}

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s", result, mledger_error_text());
}

/* The time of whoever verifies; 0: it does not say. */
static int64_t asked_at_us;

static struct report verify(struct listing *list, const struct ml_verify_source *source)
{
    struct report report = {0};
    const struct ml_verify_options options = {
        .visit = report_keep, .visit_context = &report, .now_us = asked_at_us};
    struct ml_verifier verifier;
    list->next = 0;
    expect_ok(ml_verifier_init(&verifier, &options, source));
    expect_ok(ml_verifier_read(&verifier));
    expect_ok(ml_verifier_finish(&verifier));
    report.result = verifier.result;
    ml_verifier_release(&verifier);
    return report;
}

static struct report verify_list(struct listing *list)
{
    const struct ml_verify_source source = {
        .context = list, .next = next_record, .decode = decode, .seek = seek};
    return verify(list, &source);
}

static struct listing list_all(const struct forge *forge)
{
    struct listing list = {.forge = forge, .count = forge->count};
    for (size_t i = 0; i < forge->count; i++)
        list.order[i] = i;
    return list;
}

static void leave_out(struct listing *list, size_t at)
{
    memmove(&list->order[at], &list->order[at + 1], (list->count - at - 1) * sizeof *list->order);
    list->count--;
}

static struct forge forge;

static int set_up(void **state)
{
    (void)state;
    asked_at_us = 0;
    forge_init(&forge);
    forge_add_stated(
        &forge, FORGE_ALICE,
        forge_line("{'key_authorized': {'actor': 0, 'key': '%s', 'roles': ['recorder']}}",
                   forge_hex(forge.key[FORGE_LAPTOP], ML_KEY_SIZE)),
        FORGE_LAPTOP, MLEDGER__MEANING__POSSESSION);
    forge_add_models(&forge, 3);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forge_release(&forge);
    return 0;
}

static void sound_records_have_no_faults(void **state)
{
    (void)state;
    uint8_t root[ML_HASH_SIZE];
    struct listing list = list_all(&forge);
    struct report report = verify_list(&list);
    assert_int_equal(report.count, 0);
    assert_int_equal(report.result.records, forge.count);
    assert_int_equal(report.result.statements, 1);
    forge_root(&forge, forge.count, root);
    assert_memory_equal(report.result.root, root, ML_HASH_SIZE);
    assert_memory_equal(report.result.head.identity, forge.leaves[0], ML_HASH_SIZE);
}

static void no_records_are_a_gap(void **state)
{
    (void)state;
    struct listing list = {.forge = &forge};
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "gap", 0));
}

static void records_left_out_are_gaps(void **state)
{
    (void)state;
    struct listing list = list_all(&forge);
    leave_out(&list, 4);
    leave_out(&list, 2);
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "gap", 2));
    assert_int_equal(report.result.head.size, 4);  /* a cut tail needs an anchor to be seen */
    assert_false(report_has(&report, "chain", 3)); /* one fault, one finding */
}

static void a_record_twice_or_late_is_out_of_order(void **state)
{
    (void)state;
    struct listing list = list_all(&forge);
    list.order[4] = 3;
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "order", 3));
    assert_int_equal(report.result.faults, 1);
    list = list_all(&forge);
    list.order[2] = 3;
    list.order[3] = 2;
    report = verify_list(&list);
    assert_true(report_has(&report, "gap", 2));
    assert_true(report_has(&report, "order", 2));
}

static void what_is_no_record_is_passed_over(void **state)
{
    (void)state;
    struct listing list = list_all(&forge);
    memmove(&list.order[3], &list.order[2], (list.count - 2) * sizeof *list.order);
    list.order[2] = SIZE_MAX;
    list.count++;
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "record-key", MLEDGER_NO_SEQ));
    assert_int_equal(report.result.faults, 1);
    assert_int_equal(report.result.records, forge.count);
}

static void hidden_payloads_are_said_to_be(void **state)
{
    (void)state;
    uint8_t root[ML_HASH_SIZE];
    struct listing list = list_all(&forge);
    list.entries = true;
    struct report report = verify_list(&list);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.hidden, forge.count);
    assert_true(report_has(&report, "payload-hidden", MLEDGER_NO_SEQ));
    forge_root(&forge, forge.count, root);
    assert_memory_equal(report.result.root, root, ML_HASH_SIZE);
}

static void a_hidden_record_of_another_signature_is_found(void **state)
{
    (void)state;
    struct listing list = list_all(&forge);
    list.entries = true;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    struct ml_record record;
    struct ml_buf *stored = &forge.records[2];
    expect_ok(ml_record_open(ml_buf_span(stored), 2, &arena, &record));
    /* The header is borrowed from the record; in the encoding the signature follows it. */
    uint8_t *header =
        memmem(stored->data, stored->len, record.header_bytes.data, record.header_bytes.len);
    assert_non_null(header);
    header[record.header_bytes.len + 2 + 10] ^= 1;
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "signature", 2));
    assert_int_equal(report.result.faults, 1);
}

static void note_checkpoint(uint64_t size, const uint8_t root[ML_HASH_SIZE])
{
    forge_add(&forge, FORGE_ALICE,
              forge_line("{'checkpoint_noted': {'size': %d, 'root': '%s', 'note': '00'}}",
                         (int)size, forge_hex(root, ML_HASH_SIZE)));
}

/* Sizes on both sides of what the verifier keeps and makes again. */
static void noted_roots_are_those_of_the_tree(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 2, 5, 255, 256, 257, 511, 512, 640, 700};
    uint8_t root[ML_HASH_SIZE];
    forge_add_models(&forge, 700 - forge.count);
    uint64_t first = forge.count;
    for (size_t i = 0; i < ML_COUNT(sizes); i++) {
        forge_root(&forge, sizes[i], root);
        note_checkpoint(sizes[i], root);
    }
    struct listing list = list_all(&forge);
    struct report report = verify_list(&list);
    for (size_t i = 0; i < ML_COUNT(sizes); i++)
        assert_false(report_has(&report, "checkpoint-root", first + i));
    for (size_t i = 0; i < ML_COUNT(sizes); i++) {
        forge_root(&forge, sizes[i] - 1, root);
        note_checkpoint(sizes[i], root);
    }
    list = list_all(&forge);
    report = verify_list(&list);
    for (size_t i = 0; i < ML_COUNT(sizes); i++) {
        assert_false(report_has(&report, "checkpoint-root", first + i));
        assert_true(report_has(&report, "checkpoint-root", first + ML_COUNT(sizes) + i));
    }
    /* Where a record is missing there is no such root, and the gap says it all. */
    leave_out(&list, 300);
    report = verify_list(&list);
    assert_true(report_has(&report, "gap", 300));
    assert_true(report_has(&report, "checkpoint-root", first + ML_COUNT(sizes)));
    assert_false(report_has(&report, "checkpoint-root", first + 2 * ML_COUNT(sizes) - 1));
}

static void what_a_revoked_key_signed_is_in_doubt(void **state)
{
    (void)state;
    uint64_t before = forge.count;
    for (int i = 0; i < 3; i++)
        forge_add(&forge, FORGE_LAPTOP,
                  forge_line("{'model_created': {'subject_salt': '%064x', 'name': 'by-%d'}}",
                             0xb0 + i, i));
    uint64_t revoked =
        forge_add(&forge, FORGE_ALICE,
                  forge_line("{'key_revoked': {'actor': 0, 'key': '%s', 'cause': 'compromised', "
                             "'since_seq': %d}}",
                             forge_hex(forge.key[FORGE_LAPTOP], ML_KEY_SIZE), (int)before + 1));
    struct listing list = list_all(&forge);
    struct report report = verify_list(&list);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.doubts, 2);
    assert_false(report_has(&report, "key-doubt", before));
    assert_true(report_has(&report, "key-doubt", before + 1));
    assert_true(report_has(&report, "key-doubt", before + 2));
    assert_false(report_has(&report, "key-doubt", revoked));
    /* A source that cannot go back: it is said, not passed over. */
    const struct ml_verify_source source = {.context = &list, .next = next_record};
    report = verify(&list, &source);
    assert_int_equal(report.result.doubts, 0);
    assert_true(report_has(&report, "key-doubt", MLEDGER_NO_SEQ));
    assert_int_equal(report.result.not_proven, 1);
}

static void a_forged_statement_counts_for_nothing_and_accuses_of_nothing_else(void **state)
{
    (void)state;
    /* In the encoding of a signed statement the signature follows the key. */
    uint8_t key[ML_KEY_SIZE + 2];
    memcpy(key, forge.key[FORGE_LAPTOP], ML_KEY_SIZE);
    memcpy(key + ML_KEY_SIZE, "\x1a\x40", 2);
    struct ml_buf *stored = &forge.records[1];
    uint8_t *found = memmem(stored->data, stored->len, key, sizeof key);
    assert_non_null(found);
    found[sizeof key] ^= 1;
    struct listing list = list_all(&forge);
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "commitment", 1));
    assert_int_equal(report.result.faults, 1);
    /* The record would have let the key in. */
    uint64_t later = forge_add(&forge, FORGE_LAPTOP,
                               forge_line("{'model_created': {'subject_salt': '%064x', "
                                          "'name': 'by-nobody'}}",
                                          0xc0));
    list = list_all(&forge);
    report = verify_list(&list);
    assert_true(report_has(&report, "rule", later));
    assert_int_equal(report.result.faults, 2);
}

static void a_model_at(int64_t time_us, int number)
{
    forge.now_us = time_us;
    forge_add(&forge, FORGE_ALICE,
              forge_line("{'model_created': {'subject_salt': '%064x', 'name': 'at-%d'}}",
                         0xd0 + number, number));
}

static void times_that_lie_ahead_are_not_proven(void **state)
{
    (void)state;
    const int64_t day_us = INT64_C(86400000000), now_us = forge.now_us;
    const uint64_t first = forge.count;
    a_model_at(now_us + day_us, 0); /* as far as a clock may be off */
    a_model_at(now_us + day_us + 2000000, 1);
    a_model_at(now_us + 2 * day_us, 2);
    struct listing list = list_all(&forge);
    assert_int_equal(verify_list(&list).result.not_proven, 0);
    asked_at_us = now_us + 1000000;
    struct report report = verify_list(&list);
    assert_true(report_has(&report, "time-ahead", first + 1));
    assert_int_equal(report.result.not_proven, 1);
    assert_int_equal(report.result.faults, 0);
    asked_at_us = now_us + 2 * day_us; /* what is ahead today is not tomorrow */
    assert_int_equal(verify_list(&list).result.not_proven, 0);
}

static void a_correction_of_the_clock_ends_what_lies_ahead(void **state)
{
    (void)state;
    const int64_t now_us = forge.now_us;
    a_model_at(INT64_C(9223372036000000), 0); /* 2262-04-11 */
    forge.now_us = now_us;
    forge_add(&forge, FORGE_ALICE, "{'clock_corrected': {'wrong': '2262-04-11T23:47:17Z'}}");
    a_model_at(now_us + 1000000, 1);
    asked_at_us = now_us + 2000000;
    struct listing list = list_all(&forge);
    struct report report = verify_list(&list);
    assert_int_equal(report.result.faults, 0);
    assert_int_equal(report.result.not_proven, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sound_records_have_no_faults),
        TEST(no_records_are_a_gap),
        TEST(records_left_out_are_gaps),
        TEST(a_record_twice_or_late_is_out_of_order),
        TEST(what_is_no_record_is_passed_over),
        TEST(hidden_payloads_are_said_to_be),
        TEST(a_hidden_record_of_another_signature_is_found),
        TEST(noted_roots_are_those_of_the_tree),
        TEST(what_a_revoked_key_signed_is_in_doubt),
        TEST(a_forged_statement_counts_for_nothing_and_accuses_of_nothing_else),
        TEST(times_that_lie_ahead_are_not_proven),
        TEST(a_correction_of_the_clock_ends_what_lies_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
