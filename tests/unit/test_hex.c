/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/hex.h"

#include "tests/unit/cmocka_all.h"

static void encodes_every_byte(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++) {
        uint8_t byte = (uint8_t)value;
        char text[ML_HEX_SIZE(1)];
        ml_hex_encode(text, &byte, 1);
        assert_int_equal(strtoul(text, NULL, 16), value);
        uint8_t back = (uint8_t)~byte;
        assert_int_equal(ml_hex_decode(text, 2, &back, 1), MLEDGER_OK);
        assert_int_equal(back, byte);
    }
}

static void appends_without_touching_what_was_there(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
    assert_int_equal(ml_buf_append_text(&buf, "sha256:"), MLEDGER_OK);
    assert_int_equal(ml_hex_append(&buf, "\xde\xad\xbe\xef", 4), MLEDGER_OK);
    assert_int_equal(ml_hex_append(&buf, NULL, 0), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&buf), ML_SPAN("sha256:deadbeef", 15)));
}

static void refuses_what_is_not_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error;
    } cases[] = {
        {"", "0 hexadecimal digits where 4 belong"},
        {"abc", "3 hexadecimal digits where 4 belong"},
        {"abcde", "5 hexadecimal digits where 4 belong"},
        {"abcdef", "6 hexadecimal digits where 4 belong"},
        {"abcD", "character 4 is no lower-case hexadecimal digit"},
        {"0x12", "character 2 is no lower-case hexadecimal digit"},
        {" abc", "character 1 is no lower-case hexadecimal digit"},
        {"ab\ng", "character 3 is no lower-case hexadecimal digit"},
        {"abc\xc3", "character 4 is no lower-case hexadecimal digit"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        uint8_t data[2] = {0x55, 0x55};
        assert_int_equal(ml_hex_decode(cases[i].text, strlen(cases[i].text), data, 2),
                         MLEDGER_EINVALID);
        assert_string_equal(mledger_error_text(), cases[i].error);
        assert_memory_equal(data, "UU", 2);
    }
}

static void takes_upper_case_only_when_asked(void **state)
{
    (void)state;
    uint8_t data[3] = {0};
    assert_int_equal(ml_hex_decode_any_case("aBCdEF", 6, data, 3), MLEDGER_OK);
    assert_memory_equal(data, "\xab\xcd\xef", 3);
    assert_int_equal(ml_hex_decode_any_case("aBCdEG", 6, data, 3), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "character 6 is no hexadecimal digit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_every_byte),
        cmocka_unit_test(appends_without_touching_what_was_there),
        cmocka_unit_test(refuses_what_is_not_canonical),
        cmocka_unit_test(takes_upper_case_only_when_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
