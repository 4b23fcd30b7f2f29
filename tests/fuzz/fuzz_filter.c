/* SPDX-License-Identifier: Apache-2.0 */
/* Filters of inventories: what is read is written as text that says the same. */
#include "ledger/query/filter.h"
#include "tests/fuzz/target.h"

enum { MEMORY = 1 << 20 };

static void ask(const struct ml_filter *filter)
{
    static const char *const texts[] = {"Production", "none", "a|b"};
    const double number = 0.5;
    const int64_t time_us = INT64_C(1700000000000000), now_us = INT64_C(1790000000000000);
    for (size_t i = 0; i < filter->count; i++) {
        const struct ml_condition *condition = &filter->conditions[i];
        FUZZ_CHECK(condition->n_values > 0);
        switch (ml_filter_kind(condition->field)) {
        case ML_FILTER_TEXT:
            FUZZ_CHECK(ml_condition_texts(condition, texts, 3) != ML_FILTER_NOT_KNOWN);
            break;
        case ML_FILTER_NUMBER:
            FUZZ_CHECK(ml_condition_number(condition, &number) != ML_FILTER_NOT_KNOWN);
            break;
        case ML_FILTER_TIME:
        case ML_FILTER_AGE:
            FUZZ_CHECK(ml_condition_time(condition, &time_us, now_us) != ML_FILTER_NOT_KNOWN);
            break;
        }
    }
}

static void run(struct ml_arena *arena, const char *text)
{
    struct ml_filter filter = {0}, again = {0};
    struct ml_buf written = {0}, twice = {0};
    ml_arena_init(arena, MEMORY);
    if (ml_filter_parse(text, arena, &filter) == 0) {
        ask(&filter);
        FUZZ_CHECK(ml_filter_write(&filter, &written) == 0);
        FUZZ_CHECK(ml_buf_append_char(&written, '\0') == 0);
        /* Escapes make it longer, and there is a limit. */
        if (written.len <= ML_FILTER_TEXT_MAX) {
            FUZZ_CHECK(ml_filter_parse((const char *)written.data, arena, &again) == 0);
            FUZZ_CHECK(ml_filter_write(&again, &twice) == 0);
            FUZZ_CHECK(ml_buf_append_char(&twice, '\0') == 0);
            FUZZ_CHECK(strcmp((const char *)written.data, (const char *)twice.data) == 0);
        }
    }
    ml_buf_release(&written);
    ml_buf_release(&twice);
    ml_arena_release(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_arena arena;
    char *text = malloc(size + 1);
    FUZZ_CHECK(text != NULL);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    run(&arena, text);
    free(text);
    return 0;
}
