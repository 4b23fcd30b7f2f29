/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of a ledger, kept outside of it: read strictly, never taken back. */
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/checkpoint.h"
#include "ledger/store/conflict.h"
#include "ledger/store/durable.h"
#include "ledger/store/known_file.h"
#include "tests/unit/ledger_fixture.h"

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule '%s')", result, mledger_error_text(), mledger_error_rule());
}

static const uint8_t identity[ML_HASH_SIZE] = {0xab};

static void known_path(const struct fixture *fixture, const char *suffix, char path[256])
{
    snprintf(path, 256, "%s/ab%062d%s", fixture->known, 0, suffix);
}

static void write_file(const struct fixture *fixture, const char *text)
{
    char path[256];
    known_path(fixture, "", path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static void expect_file(const struct fixture *fixture, const char *suffix, const char *text)
{
    char path[256];
    ML_CLEANUP(ml_buf_release) struct ml_buf read = {0};
    known_path(fixture, suffix, path);
    expect_ok(ml_durable_read(path, "file", 1 << 20, &read));
    expect_ok(ml_buf_append_char(&read, '\0'));
    assert_string_equal((const char *)read.data, text);
}

#define LINK_HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define ROOT_HEX "11112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define STATE_HEX "22112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD_V2 "mledger known v2\nsize 7\nlink " LINK_HEX "\n"
#define VERIFIED "verified 5 " LINK_HEX " " ROOT_HEX " " STATE_HEX "\n"
#define SIGNATURE "\xe2\x80\x94 o AAAAAAAA\n"
#define NOTE "o\n6\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" SIGNATURE
#define NOTE_LARGER "o\n9\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" SIGNATURE
#define NOTE_COSIGNED NOTE "\xe2\x80\x94 w BBBBBBBB\n"
#define NOTE_OTHER "o\n6\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" SIGNATURE

static void it_reads_what_it_wrote_and_never_goes_back(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head known = {.size = 7, .link = {1, 2, 3}}, read;
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), MLEDGER_ENOTFOUND);
    expect_ok(ml_known_head_write(fixture->known, identity, &known));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_int_equal(read.size, 7);
    assert_memory_equal(read.link, known.link, ML_HASH_SIZE);
    assert_false(read.has_verified);
    assert_int_equal(read.checkpoint_size, 0);
    known.size = 5;
    expect_ok(ml_known_head_write(fixture->known, identity, &known));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_int_equal(read.size, 7);
}

static void it_makes_its_directory(void **state)
{
    const struct fixture *fixture = *state;
    const struct ml_known_head known = {.size = 1};
    struct ml_known_head read;
    char dir[256];
    struct stat stats;
    snprintf(dir, sizeof dir, "%s/state/mledger", fixture->dir);
    assert_int_equal(ml_known_head_read(dir, identity, &read), MLEDGER_ENOTFOUND);
    expect_ok(ml_known_head_write(dir, identity, &known));
    expect_ok(ml_known_head_read(dir, identity, &read));
    assert_int_equal(stat(dir, &stats), 0);
    assert_int_equal(stats.st_mode & 0777, 0700);
}

static void it_cannot_note_where_it_cannot_write(void **state)
{
    const struct fixture *fixture = *state;
    const struct ml_known_head known = {.size = 1};
    char dir[256];
    snprintf(dir, sizeof dir, "%s/data.mdb", fixture->dir); /* a file */
    assert_int_equal(ml_known_head_write(dir, identity, &known), MLEDGER_ESYSTEM);
    snprintf(dir, sizeof dir, "%s/data.mdb/below", fixture->dir);
    assert_int_equal(ml_known_head_write(dir, identity, &known), MLEDGER_ESYSTEM);
}

static void it_reads_the_first_version_and_writes_the_second(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head read;
    write_file(fixture, "mledger known head v1\nsize 18446744073709551615\nlink " LINK_HEX "\n");
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_true(read.size == UINT64_MAX);
    write_file(fixture, "mledger known head v1\nsize 6\nlink " ROOT_HEX "\n");
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    read.size = 7;
    read.link[0] = 0;
    read.link[1] = 0x11;
    expect_ok(ml_known_head_write(fixture->known, identity, &read));
    expect_file(fixture, "", HEAD_V2);
}

static void every_part_of_the_second_version_is_read(void **state)
{
    const struct fixture *fixture = *state;
    static const struct {
        const char *text;
        bool verified;
        uint64_t checkpoint;
    } cases[] = {
        {HEAD_V2, false, 0},
        {HEAD_V2 VERIFIED, true, 0},
        {HEAD_V2 "\n" NOTE, false, 6},
        {HEAD_V2 VERIFIED "\n" NOTE_COSIGNED, true, 6},
        {HEAD_V2 "\n" NOTE_LARGER, false, 9},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_known_head read;
        struct ml_known_file file;
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        write_file(fixture, cases[i].text);
        expect_ok(ml_known_head_read(fixture->known, identity, &read));
        assert_int_equal(read.size, 7);
        assert_int_equal(read.link[1], 0x11);
        assert_int_equal(read.has_verified, cases[i].verified);
        assert_int_equal(read.checkpoint_size, cases[i].checkpoint);
        if (read.has_verified) {
            assert_int_equal(read.verified.size, 5);
            assert_int_equal(read.verified.link[0], 0);
            assert_int_equal(read.verified.root[0], 0x11);
            assert_int_equal(read.verified.state[0], 0x22);
        }
        expect_ok(ml_known_file_read(fixture->known, identity, &file));
        expect_ok(ml_known_file_write(&file, &text));
        assert_true(
            ml_span_equal(ml_buf_span(&text), ML_SPAN(cases[i].text, strlen(cases[i].text))));
        ml_known_file_release(&file);
    }
}

static void it_reads_nothing_but_its_own_form(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head read;
    static const char *const malformed[] = {
        "\n",
        "mledger known head v2\nsize 7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 0\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 07\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize +7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize  7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 18446744073709551616\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 7\nlink 00\n",
        "mledger known head v1\nsize 7\nlink " LINK_HEX,
        "mledger known head v1\nsize 7\nlink " LINK_HEX "\n\n",
        "mledger known head v1\nsize 7\nlink " LINK_HEX "\n" VERIFIED,
        "mledger known head v1\nsize 7\nlink " LINK_HEX "\n\n" NOTE,
        "mledger known v1\nsize 7\nlink " LINK_HEX "\n",
        "mledger known v3\nsize 7\nlink " LINK_HEX "\n",
        "mledger known v2\n",
        "mledger known v2\nsize 7\n",
        "mledger known v2\nsize 0\nlink " LINK_HEX "\n",
        "mledger known v2\nsize 07\nlink " LINK_HEX "\n",
        "mledger known v2\nsize 18446744073709551616\nlink " LINK_HEX "\n",
        "mledger known v2\nsize 7\nlink 00\n",
        "mledger known v2\r\nsize 7\nlink " LINK_HEX "\n",
        "mledger known v2\nsize 7\nlink " LINK_HEX,
        "mledger known v2\nsize 7\nlink " LINK_HEX "0\n",
        "mledger known v2\nlink " LINK_HEX "\nsize 7\n",
        HEAD_V2 " ",
        HEAD_V2 "verified",
        HEAD_V2 "verified 0 " LINK_HEX " " ROOT_HEX " " STATE_HEX "\n",
        HEAD_V2 "verified 8 " LINK_HEX " " ROOT_HEX " " STATE_HEX "\n", /* over what was seen */
        HEAD_V2 "verified 5 " LINK_HEX " " ROOT_HEX "\n",
        HEAD_V2 "verified 5 " LINK_HEX " " ROOT_HEX " " STATE_HEX " \n",
        HEAD_V2 "verified 5 " LINK_HEX " " ROOT_HEX " " STATE_HEX,
        HEAD_V2 "verified 5  " LINK_HEX " " ROOT_HEX " " STATE_HEX "\n",
        HEAD_V2 VERIFIED VERIFIED,
        HEAD_V2 "\n", /* a checkpoint is announced, and there is none */
        HEAD_V2 "\n\n" NOTE,
        HEAD_V2 NOTE,
        HEAD_V2 VERIFIED NOTE,
        HEAD_V2 "\n" VERIFIED NOTE,
        HEAD_V2 "\n" NOTE "\n",
        HEAD_V2 "\n" NOTE NOTE,
        HEAD_V2 "\no\n06\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n" SIGNATURE,
        HEAD_V2 "\no\n6\nAAAA\n\n" SIGNATURE,
        HEAD_V2 "\no\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n" SIGNATURE,
    };
    for (size_t i = 0; i < ML_COUNT(malformed); i++) {
        write_file(fixture, malformed[i]);
        if (ml_known_head_read(fixture->known, identity, &read) != MLEDGER_EINVALID)
            fail_msg("form %zu was read", i);
        const struct ml_known_head known = {.size = 9};
        if (ml_known_head_write(fixture->known, identity, &known) != MLEDGER_EINVALID)
            fail_msg("form %zu was written over", i);
    }
}

static void an_empty_file_is_nothing_known(void **state)
{
    const struct fixture *fixture = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    struct ml_known_head read = {.size = 7};
    write_file(fixture, "");
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_known_checkpoint_read(fixture->known, identity, &note), MLEDGER_ENOTFOUND);
    expect_ok(ml_known_head_write(fixture->known, identity, &read));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
}

static void a_file_too_long_or_none_at_all_is_not_read(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head read;
    char path[256];
    known_path(fixture, "", path);
    write_file(fixture, HEAD_V2);
    assert_int_equal(truncate(path, 2000000), 0);
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), MLEDGER_EINVALID);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), MLEDGER_ESYSTEM);
}

static void a_verification_is_noted_and_not_taken_back(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_verified verified = {.size = 5, .link = {5}, .root = {6}, .state = {7}};
    struct ml_known_head read;
    expect_ok(ml_known_verified_write(fixture->known, identity, &verified));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_int_equal(read.size, 5);
    assert_int_equal(read.link[0], 5);
    assert_memory_equal(&read.verified, &verified, sizeof verified);
    read.size = 9;
    expect_ok(ml_known_head_write(fixture->known, identity, &read));
    verified.size = 4; /* less than before */
    expect_ok(ml_known_verified_write(fixture->known, identity, &verified));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_int_equal(read.size, 9);
    assert_int_equal(read.verified.size, 5);
    verified.size = 5; /* as much, and newer */
    verified.state[0] = 8;
    expect_ok(ml_known_verified_write(fixture->known, identity, &verified));
    expect_ok(ml_known_head_read(fixture->known, identity, &read));
    assert_int_equal(read.verified.state[0], 8);
}

static int note(const struct fixture *fixture, const char *text)
{
    return ml_known_checkpoint_write(fixture->known, identity, ML_SPAN(text, strlen(text)));
}

static void expect_note(const struct fixture *fixture, const char *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf known = {0};
    expect_ok(ml_known_checkpoint_read(fixture->known, identity, &known));
    assert_true(ml_span_equal(ml_buf_span(&known), ML_SPAN(text, strlen(text))));
}

static void the_newest_checkpoint_is_kept(void **state)
{
    const struct fixture *fixture = *state;
    assert_int_equal(note(fixture, NOTE), MLEDGER_EUSAGE); /* no head is known yet */
    write_file(fixture, HEAD_V2 VERIFIED);
    assert_int_equal(note(fixture, "no note"), MLEDGER_EINVALID);
    expect_ok(note(fixture, NOTE));
    expect_file(fixture, "", HEAD_V2 VERIFIED "\n" NOTE);
    expect_ok(note(fixture, NOTE_COSIGNED));
    expect_note(fixture, NOTE_COSIGNED);
    expect_ok(note(fixture, NOTE)); /* fewer signatures */
    expect_note(fixture, NOTE_COSIGNED);
    expect_ok(note(fixture, NOTE_LARGER));
    expect_ok(note(fixture, NOTE));
    expect_note(fixture, NOTE_LARGER);
    const struct ml_known_head known = {.size = 10};
    expect_ok(ml_known_head_write(fixture->known, identity, &known));
    expect_note(fixture, NOTE_LARGER);
}

static void two_that_conflict_are_kept_as_evidence(void **state)
{
    const struct fixture *fixture = *state;
    static const char evidence[] = "mledger conflict v1\nfirst 65\nsecond 65\n\n" NOTE NOTE_OTHER;
    ML_CLEANUP(ml_buf_release) struct ml_buf kept = {0};
    struct ml_span first, second;
    char path[256];
    write_file(fixture, HEAD_V2);
    expect_ok(note(fixture, NOTE));
    for (int i = 0; i < 2; i++) { /* once is enough */
        assert_int_equal(note(fixture, NOTE_OTHER), MLEDGER_EDAMAGED);
        assert_string_equal(mledger_error_rule(), "checkpoint-conflict");
        assert_non_null(strstr(mledger_error_text(), ".conflict-1"));
    }
    expect_note(fixture, NOTE);
    expect_file(fixture, ".conflict-1", evidence);
    known_path(fixture, ".conflict-1", path);
    expect_ok(ml_durable_read(path, "evidence", 4096, &kept));
    expect_ok(ml_conflict_read(ml_buf_span(&kept), &first, &second));
    assert_true(ml_span_equal(first, ML_SPAN(NOTE, strlen(NOTE))));
    assert_true(ml_span_equal(second, ML_SPAN(NOTE_OTHER, strlen(NOTE_OTHER))));
    /* Another conflict goes into a file of its own. */
    char *other = NULL;
    expect_ok(ml_conflict_keep(fixture->known, identity, second, first, &other));
    assert_non_null(strstr(other, ".conflict-2"));
    free(other);
}

static void evidence_is_kept_where_nothing_was_known(void **state)
{
    struct fixture *fixture = *state;
    struct ml_span note = ML_SPAN(NOTE, strlen(NOTE));
    char dir[256], *path = NULL;
    snprintf(dir, sizeof dir, "%s/state/mledger", fixture->known);
    expect_ok(ml_conflict_keep(dir, identity, note, note, &path));
    assert_int_equal(access(path, R_OK), 0);
    free(path);
}

static void evidence_is_read_in_its_own_form_alone(void **state)
{
    (void)state;
    struct ml_span first, second;
    static const char *const malformed[] = {
        "",
        "mledger conflict v2\nfirst 1\nsecond 1\n\nab",
        "mledger conflict v1\nfirst 1\nsecond 1\nab",
        "mledger conflict v1\nfirst 1\nsecond 1\n\nabc",
        "mledger conflict v1\nfirst 1\nsecond 1\n\na",
        "mledger conflict v1\nfirst 01\nsecond 1\n\nab",
        "mledger conflict v1\nfirst 9223372036854775807\nsecond 1\n\nab",
        "mledger conflict v1\nfirst 1\n\nab",
        "mledger conflict v1\nsecond 1\nfirst 1\n\nab",
        "mledger conflict v1\nfirst 1\nsecond 1\n \nab",
    };
    for (size_t i = 0; i < ML_COUNT(malformed); i++)
        if (ml_conflict_read(ML_SPAN(malformed[i], strlen(malformed[i])), &first, &second) !=
            MLEDGER_EINVALID)
            fail_msg("form %zu was read", i);
}

/* A checkpoint over more than there is: the ledger is an old copy. */
static void nothing_is_appended_behind_a_known_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    struct ml_head head;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    static const uint8_t root[ML_HASH_SIZE] = {1};
    fixture_add(fixture, "{\"model_created\": {\"name\": \"m\"}}");
    expect_ok(ml_ledger_head(fixture->ledger, &head));
    for (uint64_t size = head.size; size <= head.size + 1; size++) {
        ml_buf_clear(&text);
        expect_ok(ml_checkpoint_write(ML_SPAN("o", 1), size, root, &text));
        expect_ok(ml_buf_append_text(&text, "\n" SIGNATURE));
        expect_ok(ml_known_checkpoint_write(fixture->known, head.identity, ml_buf_span(&text)));
        struct ml_known_head known;
        expect_ok(ml_known_head_read(fixture->known, head.identity, &known));
        assert_int_equal(known.checkpoint_size, size);
        struct ml_view view;
        expect_ok(ml_view_begin(fixture->ledger, &view));
        int result = ml_known_head_check(fixture->ledger, view.txn, &view.head);
        ml_view_end(&view);
        assert_int_equal(result, size > head.size ? MLEDGER_EDAMAGED : MLEDGER_OK);
    }
    assert_int_equal(fixture_append(fixture, ALICE, "{\"model_created\": {\"name\": \"n\"}}", NULL),
                     MLEDGER_EDAMAGED);
    assert_non_null(strstr(mledger_error_text(), "a checkpoint over 3"));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, fixture_set_up, fixture_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_reads_what_it_wrote_and_never_goes_back),
        TEST(it_makes_its_directory),
        TEST(it_cannot_note_where_it_cannot_write),
        TEST(it_reads_the_first_version_and_writes_the_second),
        TEST(every_part_of_the_second_version_is_read),
        TEST(it_reads_nothing_but_its_own_form),
        TEST(an_empty_file_is_nothing_known),
        TEST(a_file_too_long_or_none_at_all_is_not_read),
        TEST(a_verification_is_noted_and_not_taken_back),
        TEST(the_newest_checkpoint_is_kept),
        TEST(two_that_conflict_are_kept_as_evidence),
        TEST(evidence_is_kept_where_nothing_was_known),
        TEST(evidence_is_read_in_its_own_form_alone),
        TEST(nothing_is_appended_behind_a_known_checkpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
