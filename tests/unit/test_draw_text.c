/* SPDX-License-Identifier: Apache-2.0 */
/* Strangers' text made fit to be drawn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "export/text_clean.h"
#include "ledger/core/utf8.h"

typedef int transform(const char *text, struct ml_buf *buf);

static int clean(const char *text, struct ml_buf *buf)
{
    return ml_text_clean(text, strlen(text), buf);
}

static int shorten(const char *text, struct ml_buf *buf)
{
    return ml_text_shorten(text, 9, buf);
}

static void expect(transform *function, const char *in, const char *out)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
    const char *text;
    assert_int_equal(function(in, &buf), MLEDGER_OK);
    assert_int_equal(ml_text_end(&buf, &text), MLEDGER_OK);
    assert_string_equal(text, out);
}

#define BAD "\xef\xbf\xbd"
#define JOINER "\xe2\x81\xa0"
#define DOTS "\xe2\x80\xa6"

static void test_clean_keeps_good_text(void **state)
{
    (void)state;
    expect(clean, "", "");
    expect(clean, "plain <b>&\"'\\", "plain <b>&\"'\\");
    expect(clean, "Z\xc3\xbcrich \xe3\x83\x87 \xf0\x9f\x8e\x89",
           "Z\xc3\xbcrich \xe3\x83\x87 \xf0\x9f\x8e\x89");
    expect(clean, "\xd7\xa9\xd7\x9c", "\xd7\xa9\xd7\x9c"); /* letters written right to left */
}

static void test_clean_replaces_controls(void **state)
{
    (void)state;
    expect(clean, "a\nb\tc\x01\x1f\x7f", "a" BAD "b" BAD "c" BAD BAD BAD);
    expect(clean, "\xc2\x85\xe2\x80\xa8\xe2\x80\xa9", BAD BAD BAD); /* NEL, U+2028, U+2029 */
    expect(clean, "\xef\xbf\xbe\xef\xb7\x90\xf0\x9f\xbf\xbf", BAD BAD BAD); /* noncharacters */
}

static void test_clean_replaces_malformed(void **state)
{
    (void)state;
    expect(clean, "\xff\xfe", BAD BAD);
    expect(clean, "\xc0\xaf", BAD BAD);                 /* overlong */
    expect(clean, "\xed\xa0\x80", BAD BAD BAD);         /* surrogate */
    expect(clean, "\xf4\x90\x80\x80", BAD BAD BAD BAD); /* past U+10FFFF */
    expect(clean, "\xe2\x82", BAD);                     /* cut off: one maximal part */
    expect(clean,
           "\xf0\x9f\x8e"
           "x",
           BAD "x");
}

static void test_clean_shows_bidi_controls(void **state)
{
    (void)state;
    expect(clean, "\xe2\x80\xaegnp.exe", "[U+202E]gnp.exe");
    expect(clean, "\xd8\x9c\xe2\x80\x8f\xe2\x81\xa9", "[U+061C][U+200F][U+2069]");
}

/* All pairs of bytes between letters: the result is always valid and without controls. */
static void test_clean_always_valid(void **state)
{
    (void)state;
    for (unsigned pair = 0; pair < 0x10000; pair++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf buf = {0};
        char text[] = {'a', (char)(pair >> 8), (char)pair, 'z'};
        assert_int_equal(ml_text_clean(text, sizeof text, &buf), MLEDGER_OK);
        assert_true(ml_utf8_is_text(ml_buf_span(&buf)));
        for (size_t i = 0; i < buf.len; i++)
            assert_true(buf.data[i] >= 0x20 && buf.data[i] != 0x7f);
    }
}

static void test_clean_cuts_long_text(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf in = {0}, out = {0};
    while (in.len < ML_TEXT_BYTES_MAX + 100)
        assert_int_equal(ml_buf_append_text(&in, "\xc3\xa9"), MLEDGER_OK);
    assert_int_equal(ml_text_clean((char *)in.data, in.len, &out), MLEDGER_OK);
    assert_int_equal(out.len, ML_TEXT_BYTES_MAX + strlen(DOTS));
    assert_memory_equal(out.data + out.len - strlen(DOTS), DOTS, strlen(DOTS));
    assert_true(ml_utf8_is_text(ml_buf_span(&out)));
}

static void test_shorten(void **state)
{
    (void)state;
    expect(shorten, "123456789", "123456789");
    expect(shorten, "1234567890", "1234" DOTS "7890");
    expect(shorten, "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9",
           "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9");
    /* the accent on the fourth letter is the fifth code point: the letter goes with it */
    expect(shorten,
           "abcd\xcc\x81"
           "efghij",
           "abc" DOTS "ghij");
    /* the tail would begin with an accent: it begins after it */
    expect(shorten,
           "abcdefgh\xcc\x81"
           "ijk",
           "abcd" DOTS "ijk");
    /* nothing but accents: cut all the same */
    expect(shorten,
           "a\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81\xcc\x81",
           "a\xcc\x81\xcc\x81\xcc\x81" DOTS "\xcc\x81\xcc\x81\xcc\x81\xcc\x81");
}

static void test_escapes(void **state)
{
    (void)state;
    expect(ml_text_append_xml, "a&b\"<>'", "a&amp;b&quot;&lt;&gt;&#39;");
    expect(ml_text_append_xml, "&lt;", "&amp;lt;");
    expect(ml_text_append_html, "&lt;&", "&amp;" JOINER "lt;&amp;");
    expect(ml_text_append_html, "&#60; & x;", "&amp;" JOINER "#60; &amp; x;");
    expect(ml_text_append_html, "C:\\N\\", "C:\\" JOINER "N\\");
    expect(ml_text_append_quoted, "say \"x\"", "\"say \\\"x\\\"\"");
    expect(ml_text_append_quoted, "C:\\N\\", "\"C:\\\\" JOINER "N\\\\\"");
    expect(ml_text_append_quoted, "<b>&gt;", "\"" JOINER "<b>&" JOINER "gt;\"");
    expect(ml_text_append_quoted, "", "\"\"");
}

static void test_fragment(void **state)
{
    (void)state;
    expect(ml_text_append_fragment, "e1201", "#e1201");
    expect(ml_text_append_fragment, "a&b\"<#%\xc3\xa9 ~._-", "#a%26b%22%3C%23%25%C3%A9%20~._-");
    expect(ml_text_append_fragment, "javascript:x()", "#javascript%3Ax%28%29");
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(ml_text_width(""), 0);
    assert_int_equal(ml_text_width("0000"), 4 * 560);
    assert_int_equal(ml_text_width("e\xcc\x81"), ml_text_width("e"));
    assert_true(ml_text_width("\xe3\x83\x87") > 1000); /* a full-width letter */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_keeps_good_text),
        cmocka_unit_test(test_clean_replaces_controls),
        cmocka_unit_test(test_clean_replaces_malformed),
        cmocka_unit_test(test_clean_shows_bidi_controls),
        cmocka_unit_test(test_clean_always_valid),
        cmocka_unit_test(test_clean_cuts_long_text),
        cmocka_unit_test(test_shorten),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_fragment),
        cmocka_unit_test(test_width),
    };
    return cmocka_run_group_tests_name("draw_text", tests, NULL, NULL);
}
