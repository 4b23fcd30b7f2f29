/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/arena.h"

#include <stdalign.h>

#include "tests/unit/cmocka_all.h"

static void hands_out_aligned_memory_that_does_not_overlap(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 1 << 20);
    uint8_t *taken[200];
    for (size_t i = 0; i < ML_COUNT(taken); i++) {
        taken[i] = ml_arena_alloc(&arena, i * 7);
        assert_non_null(taken[i]);
        assert_int_equal((uintptr_t)taken[i] % alignof(max_align_t), 0);
        memset(taken[i], (int)i, i * 7);
    }
    for (size_t i = 0; i < ML_COUNT(taken); i++)
        for (size_t k = 0; k < i * 7; k++)
            assert_int_equal(taken[i][k], i);
}

static void nothing_is_not_null(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 64);
    assert_non_null(ml_arena_alloc(&arena, 0));
    assert_non_null(ml_arena_calloc(&arena, 0, 8));
}

static void never_goes_over_its_cap(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 1000);
    static const size_t too_large[] = {1001, SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 15, SIZE_MAX / 2};
    for (size_t i = 0; i < ML_COUNT(too_large); i++)
        assert_null(ml_arena_alloc(&arena, too_large[i]));
    size_t handed_out = 0;
    while (ml_arena_alloc(&arena, 48))
        handed_out += 48;
    assert_int_equal(handed_out, 960);
    assert_true(arena.used <= 1000);
    assert_non_null(ml_arena_alloc(&arena, 32));
    assert_null(ml_arena_alloc(&arena, 16));
}

static void says_why_it_refused(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 100);
    assert_null(ml_arena_alloc(&arena, 101));
    assert_int_equal(ml_arena_fail(&arena, "Event"), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "Event takes more than 100 bytes of memory");
    ml_arena_clear(&arena);
    assert_int_equal(ml_arena_fail(&arena, "Event"), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "out of memory");
    assert_null(ml_arena_calloc(&arena, SIZE_MAX / 2, 3));
    assert_int_equal(ml_arena_fail(&arena, "Event"), MLEDGER_EINVALID);
}

static void clearing_gives_all_of_it_back(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 300000);
    for (int round = 0; round < 3; round++) {
        assert_non_null(ml_arena_alloc(&arena, 100000));
        assert_non_null(ml_arena_alloc(&arena, 200000));
        assert_null(ml_arena_alloc(&arena, 100));
        ml_arena_clear(&arena);
        assert_int_equal(arena.used, 0);
    }
    ml_arena_release(&arena);
    assert_int_equal(arena.cap, 300000);
    assert_non_null(ml_arena_alloc(&arena, 10));
}

static void zeroes_and_copies(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 4096);
    memset(ml_arena_alloc(&arena, 1024), 0xff, 1024);
    ml_arena_clear(&arena);
    const uint8_t *zeroed = ml_arena_calloc(&arena, 16, 64);
    for (size_t i = 0; i < 1024; i++)
        assert_int_equal(zeroed[i], 0);
    assert_string_equal(ml_arena_text(&arena, "churn/3", 5), "churn");
    assert_string_equal(ml_arena_text(&arena, NULL, 0), "");
}

static void serves_protobuf_c(void **state)
{
    (void)state;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, 64);
    ProtobufCAllocator allocator = ml_arena_allocator(&arena);
    void *memory = allocator.alloc(allocator.allocator_data, 64);
    assert_non_null(memory);
    allocator.free(allocator.allocator_data, memory);
    assert_null(allocator.alloc(allocator.allocator_data, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hands_out_aligned_memory_that_does_not_overlap),
        cmocka_unit_test(nothing_is_not_null),
        cmocka_unit_test(never_goes_over_its_cap),
        cmocka_unit_test(says_why_it_refused),
        cmocka_unit_test(clearing_gives_all_of_it_back),
        cmocka_unit_test(zeroes_and_copies),
        cmocka_unit_test(serves_protobuf_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
