/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/base64.h"

#include "tests/unit/cmocka_all.h"

/* RFC 4648 section 10, and the two characters that are not letters or digits. */
static const struct {
    const char *data;
    const char *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xfb\xff\xfe", "+//+"},
};

static void agrees_with_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(vectors); i++) {
        size_t len = strlen(vectors[i].data);
        size_t text_len = strlen(vectors[i].text);
        ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
        assert_int_equal(ml_base64_append(&text, vectors[i].data, len), MLEDGER_OK);
        assert_int_equal(ML_BASE64_LEN(len), text_len);
        assert_true(ml_span_equal(ml_buf_span(&text), ML_SPAN(vectors[i].text, text_len)));

        ML_CLEANUP(ml_buf_release) struct ml_buf data = {0};
        assert_int_equal(ml_buf_append_text(&data, "before"), MLEDGER_OK);
        assert_int_equal(ml_base64_append_decoded(&data, vectors[i].text, text_len), MLEDGER_OK);
        assert_int_equal(data.len, 6 + len);
        assert_memory_equal(data.data, "before", 6);
        assert_memory_equal(data.data + 6, vectors[i].data, len);
    }
}

static const char *const refused[] = {
    "Zg",   "Zg=",    "Z",      "Zm9",  "====",    "Z===", "=Zg=",     "Zg==Zg==", /* padding */
    "Zh==", "Zm9=",   "//+=",                                                      /* unused bits */
    "Zm 9", "Zm9v\n", "Zg==\n", "-__-", "Zm9\xc3", "Zm.v", "Zm9vZm=v", "Zg==Zg",   "Zg==AAAA",
};

static void refuses_all_other_spellings(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(refused); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf data = {0};
        assert_int_equal(ml_buf_append_text(&data, "before"), MLEDGER_OK);
        if (ml_base64_append_decoded(&data, refused[i], strlen(refused[i])) != MLEDGER_EINVALID)
            fail_msg("'%s' is accepted", refused[i]);
        assert_string_equal(mledger_error_text(), "it is not standard base64 with padding");
        assert_int_equal(data.len, 6);
        for (size_t len = 0; len <= 6; len++) {
            uint8_t exact[6] = {1, 2, 3, 4, 5, 6};
            assert_int_equal(ml_base64_decode(refused[i], strlen(refused[i]), exact, len),
                             MLEDGER_EINVALID);
            assert_memory_equal(exact, "\0\0\0\0\0\0", len);
        }
    }
}

static void decodes_exact_lengths_only(void **state)
{
    (void)state;
    uint8_t data[4] = {0};
    assert_int_equal(ml_base64_decode("Zm9vYg==", 8, data, 4), MLEDGER_OK);
    assert_memory_equal(data, "foob", 4);
    assert_int_equal(ml_base64_decode("", 0, data, 0), MLEDGER_OK);
    assert_int_equal(ml_base64_decode("Zm9vYg==", 8, data, 3), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "base64 of 4 bytes where 3 belong");
    assert_int_equal(ml_base64_decode("Zm9v", 4, data, 4), MLEDGER_EINVALID);
    assert_string_equal(mledger_error_text(), "base64 of 3 bytes where 4 belong");
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Each of the 256 bytes at each place: a whole group takes the alphabet, and before padding only
 * the characters whose bits are all used. */
static void one_value_has_one_spelling(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        const char *at = c ? strchr(alphabet, (int)c) : NULL;
        size_t digit = at ? (size_t)(at - alphabet) : SIZE_MAX;
        uint8_t data[3];
        for (size_t place = 0; place < 4; place++) {
            char whole[4] = {'Z', 'm', '9', 'v'};
            whole[place] = (char)c;
            assert_int_equal(ml_base64_decode(whole, 4, data, 3) == MLEDGER_OK, at != NULL);
        }
        char two[4] = {'Z', 'm', (char)c, '='};
        assert_int_equal(ml_base64_decode(two, 4, data, 2) == MLEDGER_OK, at && digit % 4 == 0);
        char one[4] = {'Z', (char)c, '=', '='};
        assert_int_equal(ml_base64_decode(one, 4, data, 1) == MLEDGER_OK, at && digit % 16 == 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_vectors),
        cmocka_unit_test(refuses_all_other_spellings),
        cmocka_unit_test(decodes_exact_lengths_only),
        cmocka_unit_test(one_value_has_one_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
