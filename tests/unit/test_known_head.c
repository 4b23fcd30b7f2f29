/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of a ledger, kept outside of it: read strictly, never taken back. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "ledger/store/known_head.h"
#include "tests/unit/ledger_fixture.h"

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    fixture_release(*state);
    return 0;
}

static const uint8_t identity[ML_HASH_SIZE] = {0xab};

static void write_file(const struct fixture *fixture, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/ab%062d", fixture->known, 0);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

#define LINK_HEX "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static void it_reads_what_it_wrote_and_never_goes_back(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head known = {.size = 7, .link = {1, 2, 3}}, read;
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), MLEDGER_ENOTFOUND);
    assert_int_equal(ml_known_head_write(fixture->known, identity, &known), 0);
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), 0);
    assert_int_equal(read.size, 7);
    assert_memory_equal(read.link, known.link, ML_HASH_SIZE);
    known.size = 5;
    assert_int_equal(ml_known_head_write(fixture->known, identity, &known), 0);
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), 0);
    assert_int_equal(read.size, 7);
}

static void it_reads_nothing_but_its_own_form(void **state)
{
    const struct fixture *fixture = *state;
    struct ml_known_head read;
    write_file(fixture, "mledger known head v1\nsize 18446744073709551615\nlink " LINK_HEX "\n");
    assert_int_equal(ml_known_head_read(fixture->known, identity, &read), 0);
    assert_true(read.size == UINT64_MAX);
    static const char *const malformed[] = {
        "",
        "mledger known head v2\nsize 7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 0\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 07\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize +7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize  7\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 18446744073709551616\nlink " LINK_HEX "\n",
        "mledger known head v1\nsize 7\nlink 00\n",
        "mledger known head v1\nsize 7\nlink " LINK_HEX,
        "mledger known head v1\nsize 7\nlink " LINK_HEX "\n\n",
    };
    for (size_t i = 0; i < ML_COUNT(malformed); i++) {
        write_file(fixture, malformed[i]);
        if (ml_known_head_read(fixture->known, identity, &read) != MLEDGER_EINVALID)
            fail_msg("form %zu was read", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_reads_what_it_wrote_and_never_goes_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_reads_nothing_but_its_own_form, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
