/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every bit of exported records: whatever is flipped in a line of export, either the line is
 * refused, or the record in it is. There is no bit without a meaning.
 *
 * Five records; as many as MLEDGER_SOAK_RECORDS says where it is set.
 */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "tests/unit/ledger_fixture.h"

enum { RECORDS = 5 };

/* Under a sanitizer, which is several times slower, every eleventh: in turn each bit of a byte. */
#ifdef MLEDGER_SANITIZED
enum { FLIP_STEP = 11 };
#else
enum { FLIP_STEP = 1 };
#endif

/* Genesis, an actor, a key with its statement, details, and an event with a list. */
static void make_records(struct fixture *fixture)
{
    const char *soak = getenv("MLEDGER_SOAK_RECORDS");
    const size_t wanted = soak ? strtoul(soak, NULL, 10) : RECORDS;
    fixture_init(fixture);
    fixture_add_bob(fixture);
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}, \"details\": "
                         "{\"description\": \"who leaves\"}}");
    for (size_t i = RECORDS - 1; i < wanted; i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"run_started\": {\"run_id\": \"run-%zu\", \"name\": \"n%zu\"}, \"details\": "
                 "{\"user\": \"u%zu\"}}",
                 i, i, i);
        fixture_add(fixture, line);
    }
}

static int set_up(void **state)
{
    static struct fixture fixture;
    make_records(&fixture);
    *state = &fixture;
    return 0;
}

/* What every verifier does with one record; links of neighbours would find even more. */
static int judge(struct ml_span bytes, uint64_t seq, struct ml_arena *arena)
{
    struct ml_record record;
    ML_TRY(ml_record_read(bytes, seq, arena, &record));
    ML_TRY(ml_record_verify_signature(&record));
    return ml_record_verify_statements(&record);
}

/* The rule or reader that finds it is not the same for each bit; that one does, is. */
static bool is_found(const char *line, size_t len, uint64_t seq, struct ml_arena *arena)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t said;
    ml_arena_clear(arena);
    int result = ml_record_from_export_line(line, len, &bytes, &said);
    if (result == MLEDGER_OK && said == seq)
        result = judge(ml_buf_span(&bytes), seq, arena);
    return result == MLEDGER_EINVALID || (result == MLEDGER_OK && said != seq);
}

static void every_bit_of_a_line(const struct ml_buf *line, uint64_t seq)
{
    struct ml_arena arena;
    char *text = (char *)line->data;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    assert_false(is_found(text, line->len, seq, &arena));
    for (size_t bit = 0; bit < line->len * 8; bit += FLIP_STEP) {
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
        if (!is_found(text, line->len, seq, &arena))
            fail_msg("record %ju: flipping bit %zu went unseen: %s", (uintmax_t)seq, bit, text);
        text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
    }
    ml_arena_release(&arena);
}

static void every_bit_of_exported_records_counts(void **state)
{
    struct fixture *fixture = *state;
    struct ml_view view;
    struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    assert_true(view.head.size >= RECORDS);
    for (uint64_t seq = 0; seq < view.head.size; seq++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
        struct ml_record record;
        assert_int_equal(ml_view_record(&view, seq, &arena, &record), 0);
        assert_int_equal(ml_record_to_export_line(&record, &line), 0);
        assert_int_equal(ml_buf_append_char(&line, '\0'), 0);
        line.len--;
        every_bit_of_a_line(&line, seq);
    }
    ml_view_end(&view);
    ml_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_bit_of_exported_records_counts),
    };
    return cmocka_run_group_tests(tests, set_up, fixture_tear_down);
}
