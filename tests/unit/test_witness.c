/* SPDX-License-Identifier: Apache-2.0 */
/* What logs and witnesses say to each other: requests, verdicts and answers. */
#include <string.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/witness_fixture.h"

static struct ml_span span(const char *string)
{
    return ML_SPAN(string, strlen(string));
}

static enum ml_witness_status judge_growth(struct ml_span bytes, uint64_t known_size)
{
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    struct ml_witness_known known = {.size = known_size};
    struct ml_witness_verdict verdict;
    memcpy(known.root, tree.roots[known_size], ML_HASH_SIZE);
    assert_int_equal(ml_witness_request_parse(bytes, &request), MLEDGER_OK);
    assert_int_equal(ml_witness_check_growth(&request, &known, &verdict), MLEDGER_OK);
    assert_int_equal(verdict.status == ML_WITNESS_COSIGN, verdict.reason[0] == '\0');
    return verdict.status;
}

static enum ml_witness_status growth(struct witness_tree *from, uint64_t known, uint64_t old,
                                     uint64_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    write_request(from, old, size, &bytes);
    return judge_growth(ml_buf_span(&bytes), known);
}

/* Every pair of sizes, of the tree itself and of one that forked at leaf 5. */
static void grows(void **state)
{
    (void)state;
    for (uint64_t known = 0; known <= WITNESS_LEAVES; known++)
        for (uint64_t size = 0; size <= WITNESS_LEAVES; size++) {
            assert_int_equal(growth(&tree, known, known, size),
                             size < known ? ML_WITNESS_BAD_REQUEST : ML_WITNESS_COSIGN);
            if (known > 5 && size >= known)
                assert_int_equal(growth(&fork_tree, known, known, size), ML_WITNESS_INCONSISTENT);
        }
}

static void conflicts(void **state)
{
    (void)state;
    assert_int_equal(growth(&tree, 7, 0, 9), ML_WITNESS_CONFLICT);
    assert_int_equal(growth(&tree, 7, 6, 9), ML_WITNESS_CONFLICT);
    assert_int_equal(growth(&tree, 0, 3, 9), ML_WITNESS_CONFLICT);
    assert_int_equal(growth(&tree, 7, 8, 9), ML_WITNESS_CONFLICT);
    assert_int_equal(growth(&tree, 9, 3, 7), ML_WITNESS_CONFLICT); /* a log that was rolled back */
    assert_int_equal(growth(&tree, 7, 10, 9), ML_WITNESS_BAD_REQUEST);
}

/* What only somebody who means it would send. */
static void bad_growth(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0}, bytes = {0}, none = {0}, empty = {0};
    const struct ml_merkle_proof one = {.count = 1};
    write_note("mledger/test", 9, tree.roots[9], &the_log, true, &note);
    assert_int_equal(ml_witness_request_write(0, &one, ml_buf_span(&note), &bytes), MLEDGER_OK);
    assert_int_equal(judge_growth(ml_buf_span(&bytes), 0), ML_WITNESS_INCONSISTENT);
    const struct ml_merkle_proof nothing = {0};
    assert_int_equal(ml_witness_request_write(4, &nothing, ml_buf_span(&note), &none), MLEDGER_OK);
    assert_int_equal(judge_growth(ml_buf_span(&none), 4), ML_WITNESS_INCONSISTENT);
    ml_buf_clear(&note);
    write_note("mledger/test", 0, tree.roots[1], &the_log, true, &note);
    assert_int_equal(ml_witness_request_write(0, &nothing, ml_buf_span(&note), &empty), MLEDGER_OK);
    assert_int_equal(judge_growth(ml_buf_span(&empty), 0), ML_WITNESS_INCONSISTENT);
}

static enum ml_witness_status judge_log(struct ml_span note, const struct ml_vkey *logs, size_t n)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    const struct ml_merkle_proof nothing = {0};
    struct ml_witness_verdict verdict;
    assert_int_equal(ml_witness_request_write(0, &nothing, note, &bytes), MLEDGER_OK);
    assert_int_equal(ml_witness_request_parse(ml_buf_span(&bytes), &request), MLEDGER_OK);
    assert_int_equal(ml_witness_check_log(&request, logs, n, &verdict), MLEDGER_OK);
    return verdict.status;
}

static void logs(void **state)
{
    (void)state;
    const struct ml_vkey both[] = {stranger.vkey, the_log.vkey, second_key.vkey};
    ML_CLEANUP(ml_buf_release) struct ml_buf good = {0}, wrong = {0}, foreign = {0}, mixed = {0};
    write_note("mledger/test", 9, tree.roots[9], &the_log, true, &good);
    assert_int_equal(judge_log(ml_buf_span(&good), both, 3), ML_WITNESS_COSIGN);
    assert_int_equal(judge_log(ml_buf_span(&good), both, 1), ML_WITNESS_UNKNOWN_LOG);
    assert_int_equal(judge_log(ml_buf_span(&good), NULL, 0), ML_WITNESS_UNKNOWN_LOG);
    assert_int_equal(judge_log(ml_buf_span(&good), &second_key.vkey, 1), ML_WITNESS_FORBIDDEN);
    write_note("mledger/test", 9, tree.roots[9], &the_log, false, &wrong);
    assert_int_equal(judge_log(ml_buf_span(&wrong), both, 3), ML_WITNESS_FORBIDDEN);
    /* One log cannot speak for another's origin. */
    write_note("mledger/test", 9, tree.roots[9], &stranger, true, &foreign);
    assert_int_equal(judge_log(ml_buf_span(&foreign), both, 3), ML_WITNESS_FORBIDDEN);
    /* A second signature that fails spoils the note, whatever the first says. */
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    assert_int_equal(ml_checkpoint_write(span("mledger/test"), 9, tree.roots[9], &text),
                     MLEDGER_OK);
    assert_int_equal(ml_buf_append(&mixed, good.data, good.len), MLEDGER_OK);
    append_signature(&second_key, ml_buf_span(&text), false, &mixed);
    assert_int_equal(judge_log(ml_buf_span(&mixed), both, 3), ML_WITNESS_FORBIDDEN);
    assert_int_equal(judge_log(ml_buf_span(&mixed), both, 2), ML_WITNESS_COSIGN);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    write_request(&tree, 7, 19, &bytes);
    assert_memory_equal(bytes.data, "old 7\n", 6);
    assert_int_equal(ml_witness_request_parse(ml_buf_span(&bytes), &request), MLEDGER_OK);
    assert_int_equal(request.old_size, 7);
    assert_int_equal(request.checkpoint.size, 19);
    assert_true(request.count > 0);
    assert_int_equal(request.note.count, 1);
    assert_true(ml_span_equal(request.checkpoint.origin, span("mledger/test")));
    const struct ml_merkle_proof long_one = {.count = ML_WITNESS_HASHES_MAX + 1};
    assert_int_equal(ml_witness_request_write(7, &long_one, request.note_bytes, &bytes),
                     MLEDGER_EUSAGE);
}

/* The example of the specification. */
static const char example[] = "old 20852014\n"
                              "PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n"
                              "jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n"
                              "5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n"
                              "/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n"
                              "\n"
                              "example.com/behind-the-sofa\n"
                              "20852163\n"
                              "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
                              "\n"
                              "\xe2\x80\x94 example.com/behind-the-sofa "
                              "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
                              "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";

static void reads_the_example(void **state)
{
    (void)state;
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    assert_int_equal(ml_witness_request_parse(span(example), &request), MLEDGER_OK);
    assert_int_equal(request.old_size, 20852014);
    assert_int_equal(request.count, 4);
    assert_int_equal(request.checkpoint.size, 20852163);
}

static void no_requests(void **state)
{
    (void)state;
#define NOTE                                                                                       \
    "mledger/test\n1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n\n\xe2\x80\x94 a AAAAAAA=\n"
#define HASH "if9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n"
    static const char *const bad[] = {
        "",
        "old 0",
        "old 0\n",
        "old \n\n" NOTE,
        "old 00\n\n" NOTE,
        "old -1\n\n" NOTE,
        "old 0 \n\n" NOTE,
        "old  0\n\n" NOTE,
        "Old 0\n\n" NOTE,
        "old 0\r\n\n" NOTE,
        "old 9223372036854775808\n\n" NOTE,
        "old 18446744073709551616\n\n" NOTE,
        "old 0\n" NOTE,
        "old 1\nAAAA\n\n" NOTE,
        "old 1\n if9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n\n" NOTE,
        "old 1\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxJ=\n\n" NOTE, /* bits after the end */
        "old 1\n" HASH NOTE,
        "old 1\n" HASH "\n\n" NOTE,
        "old 1\n" HASH "\nmledger/test\n1\n",
        "old 1\n" HASH "\nmledger/test\n01\nif9iql/LmN7OnpoR6VNr+xJsxqKUY1F168hRyghCNxI=\n\n"
        "\xe2\x80\x94 a AAAAAAA=\n",
        "\nold 0\n\n" NOTE,
    };
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
        if (ml_witness_request_parse(span(bad[i]), &request) != MLEDGER_EINVALID)
            fail_msg("accepted: %s", bad[i]);
    }
}

static int parse_with_hashes(unsigned count)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    ML_CLEANUP(ml_witness_request_release) struct ml_witness_request request;
    assert_int_equal(ml_buf_append_text(&bytes, "old 1\n"), MLEDGER_OK);
    for (unsigned i = 0; i < count; i++)
        assert_int_equal(ml_buf_append_text(&bytes, HASH), MLEDGER_OK);
    assert_int_equal(ml_buf_append_text(&bytes, "\n" NOTE), MLEDGER_OK);
    return ml_witness_request_parse(ml_buf_span(&bytes), &request);
}

static void limits(void **state)
{
    (void)state;
    assert_int_equal(parse_with_hashes(63), MLEDGER_OK);
    assert_int_equal(parse_with_hashes(64), MLEDGER_EINVALID);
}

static void sizes(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "12", "12\n\n", "012\n", "12 \n", "twelve\n", "\n"};
    uint64_t size = 1;
    assert_int_equal(ml_witness_size_parse(span("0\n"), &size), MLEDGER_OK);
    assert_int_equal(size, 0);
    assert_int_equal(ml_witness_size_parse(span("12\n"), &size), MLEDGER_OK);
    assert_int_equal(size, 12);
    for (size_t i = 0; i < ML_COUNT(bad); i++)
        assert_int_equal(ml_witness_size_parse(span(bad[i]), &size), MLEDGER_EINVALID);
}

/* The note's text, and a fresh note by the log. */
static struct ml_buf answered_text, answered_note;

static int make_answered(void **state)
{
    (void)state;
    write_note("mledger/test", 9, tree.roots[9], &the_log, true, &answered_note);
    assert_int_equal(ml_checkpoint_write(span("mledger/test"), 9, tree.roots[9], &answered_text),
                     MLEDGER_OK);
    return 0;
}

static int drop_answered(void **state)
{
    (void)state;
    ml_buf_release(&answered_note);
    ml_buf_release(&answered_text);
    return 0;
}

static int64_t time_on(struct ml_span bytes)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_note_seal seal;
    assert_int_equal(ml_note_parse(bytes, &note), MLEDGER_OK);
    assert_int_equal(ml_note_verify(&note, &witness.vkey, 1, &seal), MLEDGER_OK);
    return seal.time;
}

static void takes_cosignatures(void **state)
{
    (void)state;
    struct ml_span text = ml_buf_span(&answered_text);
    ML_CLEANUP(ml_buf_release) struct ml_buf first = {0}, later = {0};
    size_t before = answered_note.len;
    append_cosignature(&other_witness, text, 3, &first);
    append_cosignature(&witness, text, 7, &first);
    append_cosignature(&witness, text, 5, &first);
    assert_int_equal(ml_witness_answer_apply(ml_buf_span(&first), &witness.vkey, &answered_note),
                     MLEDGER_OK);
    assert_int_equal(time_on(ml_buf_span(&answered_note)), 7);
    size_t once = answered_note.len;
    assert_true(once > before);
    append_cosignature(&witness, text, 9, &later);
    assert_int_equal(ml_witness_answer_apply(ml_buf_span(&later), &witness.vkey, &answered_note),
                     MLEDGER_OK);
    assert_int_equal(time_on(ml_buf_span(&answered_note)), 9);
    assert_int_equal(answered_note.len, once); /* the old line is gone */
    ML_CLEANUP(ml_note_release) struct ml_note note;
    assert_int_equal(ml_note_parse(ml_buf_span(&answered_note), &note), MLEDGER_OK);
    assert_int_equal(note.count, 2);
    assert_int_equal(ml_note_verify(&note, &the_log.vkey, 1, NULL), MLEDGER_OK);
}

static void refuses_answer(struct ml_span body)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf same = {0};
    assert_int_equal(ml_buf_append(&same, answered_note.data, answered_note.len), MLEDGER_OK);
    assert_int_equal(ml_witness_answer_apply(body, &witness.vkey, &answered_note),
                     MLEDGER_EINVALID);
    assert_true(ml_span_equal(ml_buf_span(&same), ml_buf_span(&answered_note)));
}

static void refuses_other_answers(void **state)
{
    (void)state;
    struct ml_span text = ml_buf_span(&answered_text);
    ML_CLEANUP(ml_buf_release)
    struct ml_buf foreign = {0}, timeless = {0}, elsewhere = {0}, unfinished = {0}, smuggled = {0};
    static char long_one[ML_WITNESS_ANSWER_MAX + 1];
    refuses_answer(span(""));
    refuses_answer(span("ok\n"));
    memset(long_one, 'x', sizeof long_one);
    refuses_answer(ML_SPAN(long_one, sizeof long_one));
    append_cosignature(&other_witness, text, 3, &foreign);
    refuses_answer(ml_buf_span(&foreign));
    append_cosignature(&witness, text, 0, &timeless);
    refuses_answer(ml_buf_span(&timeless));
    append_cosignature(&witness, span("another text\n"), 3, &elsewhere);
    refuses_answer(ml_buf_span(&elsewhere));
    append_cosignature(&witness, text, 3, &unfinished);
    refuses_answer(ML_SPAN(unfinished.data, unfinished.len - 1));
    /* More text and then signatures: a note of another text, whose lines are good. */
    assert_int_equal(ml_buf_append_text(&smuggled, "more\n\n"), MLEDGER_OK);
    assert_int_equal(ml_buf_append(&smuggled, unfinished.data, unfinished.len), MLEDGER_OK);
    refuses_answer(ml_buf_span(&smuggled));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows),
        cmocka_unit_test(conflicts),
        cmocka_unit_test(bad_growth),
        cmocka_unit_test(logs),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(reads_the_example),
        cmocka_unit_test(no_requests),
        cmocka_unit_test(limits),
        cmocka_unit_test(sizes),
        cmocka_unit_test_setup_teardown(takes_cosignatures, make_answered, drop_answered),
        cmocka_unit_test_setup_teardown(refuses_other_answers, make_answered, drop_answered),
    };
    return cmocka_run_group_tests(tests, make_witness_world, NULL);
}
