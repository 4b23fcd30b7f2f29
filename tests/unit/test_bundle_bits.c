/* SPDX-License-Identifier: Apache-2.0 */
/* No bit of an evidence bundle can be another, and nothing of it be cut off, without being seen. */
#include "tests/unit/cmocka_all.h"

#include "tests/unit/bundle_story.h"

/* As in test_verify.c: under a sanitizer every eleventh bit. */
#ifdef MLEDGER_SANITIZED
enum { FLIP_STEP = 11 };
#else
enum { FLIP_STEP = 1 };
#endif

static void no_flipped_bit_of_the_file_passes(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    for (size_t bit = 0; bit < bundle.len * 8; bit += FLIP_STEP) {
        bundle.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct report report = bundle_verify(story, &bundle);
        if (report.result.faults == 0)
            fail_msg("flipping bit %zu of %zu went unseen", bit, bundle.len * 8);
        bundle.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    struct report report = bundle_verify(story, &bundle);
    report_expect_good(&report);
    ml_buf_release(&bundle);
}

/* What the manifest quotes is what somebody asked for: a claim, and told as one. */
static void forget_reference(Mledger__BundleManifest *manifest)
{
    manifest->reference = NULL;
}

/* The same with a container made anew around what was flipped: the evidence rests on signatures and
 * not on the container. A timestamp alone is judged by nobody here. */
static void no_flipped_bit_of_its_items_passes(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    parts_change_manifest(&parts, forget_reference);
    for (size_t i = 0; i < parts.count; i++) {
        struct ml_buf *bytes = &parts.items[i].bytes;
        if (parts.items[i].kind == ML_BUNDLE_TIMESTAMP)
            continue;
        for (size_t bit = 0; bit < bytes->len * 8; bit += FLIP_STEP) {
            bytes->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            struct ml_buf bundle = parts_put_together(&parts);
            struct report report = bundle_verify(story, &bundle);
            if (report.result.faults == 0)
                fail_msg("item %zu ('%c'): flipping bit %zu of %zu went unseen", i,
                         (int)parts.items[i].kind, bit, bytes->len * 8);
            ml_buf_release(&bundle);
            bytes->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    struct report report = parts_verify(story, &parts);
    report_expect_good(&report);
}

static void no_beginning_of_the_file_passes(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    for (size_t len = 0; len < bundle.len; len += 7) {
        const struct ml_buf cut = {.data = bundle.data, .len = len};
        struct report report = bundle_verify(story, &cut);
        report_expect_fault(&report, "bundle", MLEDGER_NO_SEQ);
    }
    ml_buf_release(&bundle);
}

#define SMALL(name)                                                                                \
    cmocka_unit_test_setup_teardown(name, bundle_story_small, bundle_story_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SMALL(no_flipped_bit_of_the_file_passes),
        SMALL(no_flipped_bit_of_its_items_passes),
        SMALL(no_beginning_of_the_file_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
