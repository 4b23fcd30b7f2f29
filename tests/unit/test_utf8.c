/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/utf8.h"

#include "tests/unit/cmocka_all.h"

/* The encoding of one code point by the plain definition, whether or not it may be encoded. */
static size_t encode(uint32_t point, uint8_t out[4])
{
    if (point < 0x80) {
        out[0] = (uint8_t)point;
        return 1;
    }
    size_t len = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; point >>= 6)
        out[i] = (uint8_t)(0x80 | (point & 0x3f));
    static const uint8_t lead[] = {0xc0, 0xe0, 0xf0};
    out[0] = (uint8_t)(lead[len - 2] | point);
    return len;
}

static void takes_every_code_point_and_no_surrogate(void **state)
{
    (void)state;
    for (uint32_t point = 0; point < 0x1fffff; point++) {
        uint8_t bytes[4];
        size_t len = encode(point, bytes);
        bool valid = point <= 0x10ffff && (point < 0xd800 || point > 0xdfff);
        if (ml_utf8_is_valid(ML_SPAN(bytes, len)) != valid)
            fail_msg("U+%04X is judged wrongly", (unsigned)point);
    }
}

/* Every one-, two- and three-byte string: as many are valid as there are code points that long,
 * counting concatenations. */
static void counts_of_valid_strings(void **state)
{
    (void)state;
    const unsigned one = 0x80;
    const unsigned two = 0x800 - 0x80;
    const unsigned three = 0x10000 - 0x800 - 0x800;
    unsigned valid[3] = {0};
    for (uint32_t all = 0; all < 1U << 24; all++) {
        uint8_t bytes[3] = {(uint8_t)all, (uint8_t)(all >> 8), (uint8_t)(all >> 16)};
        valid[2] += ml_utf8_is_valid(ML_SPAN(bytes, 3));
        valid[1] += all < 1U << 16 && ml_utf8_is_valid(ML_SPAN(bytes, 2));
        valid[0] += all < 1U << 8 && ml_utf8_is_valid(ML_SPAN(bytes, 1));
    }
    assert_int_equal(valid[0], one);
    assert_int_equal(valid[1], one * one + two);
    assert_int_equal(valid[2], one * one * one + 2 * one * two + three);
}

static void names_the_place_of_the_fault(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t valid_len;
    } cases[] = {
        {"", 0},
        {"plain", 5},
        {"eight ch", 8},
        {"sixteen chars ok", 16},
        {"sixteen chars o\xff", 15},
        {"gr\xc3\xbc\xc3\x9f", 6},
        {"\xc0\xaf", 0},                     /* overlong '/' */
        {"a\xe0\x9f\xbf", 1},                /* overlong U+07FF */
        {"ab\xf0\x8f\xbf\xbf", 2},           /* overlong U+FFFF */
        {"\xed\xa0\x80", 0},                 /* surrogate */
        {"\xf4\x90\x80\x80", 0},             /* past U+10FFFF */
        {"\xf5\x80\x80\x80", 0},             /* never a lead */
        {"\x80", 0},                         /* continuation without lead */
        {"12345678\xe2\x82", 8},             /* cut short */
        {"12345678\xe2\x82\xac", 11},        /* the same, whole */
        {"\xf0\x9f\x8e\x89\xf0\x9f\x8e", 4}, /* second one cut short */
        {"\xc3(", 0},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        struct ml_span text = ML_SPAN(cases[i].text, strlen(cases[i].text));
        assert_int_equal(ml_utf8_valid_len(text), cases[i].valid_len);
        assert_int_equal(ml_utf8_is_valid(text), cases[i].valid_len == text.len);
        assert_int_equal(ml_utf8_is_text(text), cases[i].valid_len == text.len);
    }
}

/* A bad byte is found wherever it stands relative to the eight-byte steps. */
static void finds_one_bad_byte_anywhere(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            char text[40];
            memset(text, 'x', sizeof text);
            text[at] = (char)0xff;
            assert_int_equal(ml_utf8_valid_len(ML_SPAN(text, len)), at);
        }
    }
}

static void nul_is_valid_but_no_text(void **state)
{
    (void)state;
    assert_true(ml_utf8_is_valid(ML_SPAN("a\0b", 3)));
    assert_false(ml_utf8_is_text(ML_SPAN("a\0b", 3)));
    assert_false(ml_utf8_is_text(ML_SPAN("", 1)));
    assert_true(ml_utf8_is_text(ML_SPAN(NULL, 0)));
    assert_true(ml_utf8_is_valid(ML_SPAN(NULL, 0)));
}

static void expect_mended(const char *text, const char *wanted)
{
    struct ml_buf buf = {0};
    assert_int_equal(ml_utf8_mend(text, &buf), MLEDGER_OK);
    assert_int_equal(buf.len, strlen(wanted));
    if (buf.len)
        assert_memory_equal(buf.data, wanted, buf.len);
    ml_buf_release(&buf);
}

static void mends_what_is_cut(void **state)
{
    (void)state;
    expect_mended("", "");
    expect_mended("\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9");
    expect_mended("\xc3\xa9t\xc3", "\xc3\xa9t\xef\xbf\xbd");
    expect_mended("\xc0\xae.", "\xef\xbf\xbd\xef\xbf\xbd.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_every_code_point_and_no_surrogate),
        cmocka_unit_test(counts_of_valid_strings),
        cmocka_unit_test(names_the_place_of_the_fault),
        cmocka_unit_test(finds_one_bad_byte_anywhere),
        cmocka_unit_test(nul_is_valid_but_no_text),
        cmocka_unit_test(mends_what_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
