/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line writes: untrusted text, listings, outlines, JSON, progress, errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/display.h"
#include "cli/human.h"
#include "cli/ledger_dir.h"
#include "cli/listing.h"
#include "cli/outline.h"
#include "cli/progress.h"
#include "cli/report.h"

/* An output into memory. */
struct capture {
    struct ml_output out;
    char *text;
    size_t len;
};

static void capture_start(struct capture *capture)
{
    *capture = (struct capture){0};
    capture->out.stream = open_memstream(&capture->text, &capture->len);
    capture->out.utf8 = true;
    assert_non_null(capture->out.stream);
}

/* Ends it, and compares. */
static void assert_written(struct capture *capture, const char *want)
{
    assert_int_equal(ml_output_finish(&capture->out), MLEDGER_OK);
    fclose(capture->out.stream);
    assert_string_equal(capture->text, want);
    free(capture->text);
}

static void assert_shown(const char *text, size_t len, const char *want)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    assert_int_equal(ml_display_escape(&shown, text, len), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&shown, '\0'), MLEDGER_OK);
    assert_string_equal((char *)shown.data, want);
}

static void test_escape(void **state)
{
    (void)state;
#define SHOWN(text, want) assert_shown(text, sizeof(text) - 1, want)
    SHOWN("", "");
    SHOWN("a\\b \"c\"", "a\\b \"c\"");
    SHOWN("\033[31m\n\r\t\b\0", "\\x1b[31m\\n\\r\\t\\x08\\x00");
    SHOWN("\x7f\xc2\x9b", "\\x7f\\u009b");
    SHOWN("\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80", "\xc3\xa9 \xe4\xb8\xad \xf0\x9f\x98\x80");
    SHOWN("\xe2\x80\xae"
          "txt",
          "\\u202etxt");
    SHOWN("\xef\xbb\xbf\xf3\xa0\x81\x81", "\\ufeff\\U000e0041");
    SHOWN("\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80",
          "\\xff\\xc0\\x80\\xed\\xa0\\x80\\xf4\\x90\\x80\\x80");
    SHOWN("cut \xe4\xb8", "cut \\xe4\\xb8");
}

/* Whatever the bytes, nothing that a terminal would act on comes through. */
static void test_escape_leaves_nothing(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++) {
            const char bytes[] = {(char)a, (char)b};
            ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
            assert_int_equal(ml_display_escape(&shown, bytes, 2), MLEDGER_OK);
            for (size_t i = 0; i < shown.len; i++) {
                assert_true(shown.data[i] >= ' ' && shown.data[i] != 0x7f);
                if (shown.data[i] == 0xc2) /* C1 in UTF-8 */
                    assert_true(shown.data[i + 1] >= 0xa0);
            }
        }
}

static void test_width(void **state)
{
    (void)state;
#define WIDTH(text) ml_display_width(text, strlen(text))
    assert_int_equal(WIDTH("abc"), 3);
    assert_int_equal(WIDTH("\xc3\xa9"), 1);
    assert_int_equal(WIDTH("e\xcc\x81"), 1); /* combining */
    assert_int_equal(WIDTH("\xe4\xb8\xad\xe6\x96\x87"), 4);
    size_t width;
    assert_int_equal(ml_display_fit("ae\xcc\x81z", 5, 2, &width), 4);
    assert_int_equal(width, 2);
    assert_int_equal(ml_display_fit("a\xe4\xb8\xad", 4, 2, &width), 1); /* no half character */
    assert_int_equal(width, 1);
}

static void test_human(void **state)
{
    (void)state;
    char text[ML_HUMAN_SIZE];
    assert_string_equal(ml_human_size(text, 0), "0 B");
    assert_string_equal(ml_human_size(text, 1023), "1023 B");
    assert_string_equal(ml_human_size(text, 1536), "1.5 KiB");
    assert_string_equal(ml_human_size(text, 1048575), "1.0 MiB");
    assert_string_equal(ml_human_size(text, UINT64_C(20) << 20), "20 MiB");
    assert_string_equal(ml_human_size(text, UINT64_MAX), "16 EiB");
    assert_string_equal(ml_human_count(text, 0), "0");
    assert_string_equal(ml_human_count(text, 999), "999");
    assert_string_equal(ml_human_count(text, 1234567), "1,234,567");
    assert_string_equal(ml_human_count(text, UINT64_MAX), "18,446,744,073,709,551,615");
    assert_string_equal(ml_human_duration(text, 0), "0 s");
    assert_string_equal(ml_human_duration(text, 60), "1 min");
    assert_string_equal(ml_human_duration(text, 7501), "2 h 5 min");
    assert_string_equal(ml_human_duration(text, 270000), "3 d 3 h");
}

static void test_roles(void **state)
{
    (void)state;
    struct capture capture;
    capture_start(&capture);
    capture.out.color = true;
    ml_output_text(&capture.out, ML_ROLE_GOOD, "%s", "a\033b");
    ml_output_line(&capture.out, ML_ROLE_PLAIN, "%d", 7);
    assert_written(&capture, "\033[32ma\\x1bb\033[0m7\n");
}

static const struct ml_column columns[] = {
    {.heading = "SEQ", .right = true}, {.heading = "NAME", .flexible = true}, {.heading = "KIND"}};

static void fill(struct ml_listing *listing)
{
    ml_listing_init(listing, columns, ML_COUNT(columns));
    const char *names[] = {"\xe4\xb8\xad\xe6\x96\x87", "a-long-name-of-a-thing", "evil\nname"};
    for (size_t i = 0; i < ML_COUNT(names); i++) {
        assert_int_equal(ml_listing_add(listing, ML_ROLE_DIM, "%d", (int)i * 999), MLEDGER_OK);
        assert_int_equal(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", names[i]), MLEDGER_OK);
        assert_int_equal(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", i == 2 ? "" : "run"),
                         MLEDGER_OK);
    }
}

static void test_listing(void **state)
{
    (void)state;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    struct capture capture;
    fill(&listing);
    capture_start(&capture);
    ml_listing_print(&listing, &capture.out);
    assert_written(&capture, " SEQ  NAME                    KIND\n"
                             "   0  \xe4\xb8\xad\xe6\x96\x87                    run\n"
                             " 999  a-long-name-of-a-thing  run\n"
                             "1998  evil\\nname\n");
    capture_start(&capture);
    capture.out.width = 24;
    ml_listing_print(&listing, &capture.out);
    assert_written(&capture, " SEQ  NAME          KIND\n"
                             "   0  \xe4\xb8\xad\xe6\x96\x87          run\n"
                             " 999  a-long-name\xe2\x80\xa6  run\n"
                             "1998  evil\\nname\n");
}

static void draw_outline(struct capture *capture)
{
    static const struct {
        size_t depth;
        bool last;
    } nodes[] = {{0, true}, {1, false}, {2, true}, {3, true}, {1, true}, {2, true}};
    ML_CLEANUP(ml_outline_release) struct ml_outline outline;
    ml_outline_init(&outline, &capture->out);
    for (size_t i = 0; i < ML_COUNT(nodes); i++) {
        assert_int_equal(ml_outline_branch(&outline, nodes[i].depth, nodes[i].last), MLEDGER_OK);
        ml_output_line(&capture->out, ML_ROLE_PLAIN, "%c", 'a' + (int)i);
    }
}

static void test_outline(void **state)
{
    (void)state;
    struct capture capture;
    capture_start(&capture);
    draw_outline(&capture);
    assert_written(&capture, "a\n├─ b\n│  └─ c\n│     └─ d\n└─ e\n   └─ f\n");
    capture_start(&capture);
    capture.out.utf8 = false;
    draw_outline(&capture);
    assert_written(&capture, "a\n|- b\n|  `- c\n|     `- d\n`- e\n   `- f\n");
}

static void test_json(void **state)
{
    (void)state;
    struct capture capture;
    json_t *json = json_pack("{s:i,s:s}", "z", 1, "a", "\x7f\xc2\x9b\xf3\xa0\x81\x81\n\xc3\xa9");
    assert_non_null(json);
    capture_start(&capture);
    ml_output_json(&capture.out, json);
    assert_written(&capture, "{\"z\":1,\"a\":\"\\u007F\\u009B\\uDB40\\uDC41\\n\xc3\xa9\"}\n");
    capture_start(&capture);
    capture.out.terminal = true;
    ml_output_json(&capture.out, json);
    assert_int_equal(fflush(capture.out.stream), 0);
    json_t *again = json_loads(capture.text, 0, NULL);
    assert_true(json_equal(again, json)); /* escaping changed no meaning */
    json_decref(again);
    assert_written(&capture, "{\n  \"z\": 1,\n  \"a\": "
                             "\"\\u007F\\u009B\\uDB40\\uDC41\\n\xc3\xa9\"\n}\n");
    json_decref(json);
}

static void test_write_error(void **state)
{
    (void)state;
    FILE *full = fopen("/dev/full", "w");
    if (!full) {
        print_message("no /dev/full\n");
        skip();
    }
    struct ml_output out = {.stream = full};
    ml_output_line(&out, ML_ROLE_PLAIN, "text");
    assert_int_equal(ml_output_finish(&out), MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot write the answer: No space left on device");
    assert_int_equal(ml_output_check(&out), MLEDGER_ESYSTEM);
    fclose(full);
}

static void test_progress(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    struct ml_progress progress = {.stream = open_memstream(&text, &len),
                                   .what = "verify",
                                   .things = "records",
                                   .width = 80,
                                   .started_us = 1000};
    const int64_t due = 1000 + ML_PROGRESS_AFTER_US;
    ml_progress_update_at(&progress, 10, 100, due - 1);
    ml_progress_finish(&progress);
    fflush(progress.stream);
    assert_int_equal(len, 0); /* short work shows nothing */
    ml_progress_update_at(&progress, 4000, 10000, due);
    ml_progress_update_at(&progress, 5000, 10000, due + ML_PROGRESS_EVERY_US - 1);
    ml_progress_finish(&progress);
    ml_progress_finish(&progress);
    fclose(progress.stream);
    assert_string_equal(text, "\rverify  4,000 of 10,000 records  40%  2,000/s  3 s left\033[K"
                              "\r\033[K");
    free(text);
}

static void assert_progress(struct ml_progress progress, uint64_t done, uint64_t total,
                            const char *want)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    ml_progress_format(&progress, done, total, 4000000, &line);
    assert_int_equal(ml_buf_append_char(&line, '\0'), MLEDGER_OK);
    assert_string_equal((char *)line.data, want);
}

static void test_progress_line(void **state)
{
    (void)state;
    struct ml_progress bytes = {.what = "hash", .things = "", .unit = ML_PROGRESS_BYTES};
    assert_progress(bytes, 8 << 20, 0, "hash  8.0 MiB  2.0 MiB/s");
    assert_progress(bytes, 0, 1 << 20, "hash  0 B of 1.0 MiB  0%");
    assert_progress(bytes, 2, 1, "hash  2 B of 1 B  100%"); /* a file that grew */
    bytes.width = 10;
    assert_progress(bytes, 1, 0, "hash  1 B");
}

/* What ml_report_error() writes of the thread's error. */
static char *reported(bool json)
{
    static const struct ml_program program = {.name = "prog"};
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    assert_non_null(stream);
    ml_report_error(stream, &program, NULL, json);
    fclose(stream);
    return text;
}

static void test_report(void **state)
{
    (void)state;
    ml_refuse("version-gap", "version %d follows '%s'", 5, "\033x");
    ml_about_seq(12);
    ml_hint("prog log");
    ML_CLEANUP(ml_freep) char *text = reported(false), *json = reported(true);
    assert_string_equal(text, "prog: record 12: version 5 follows '\\x1bx' (rule version-gap)\n"
                              "  try: prog log\n");
    assert_string_equal(json, "{\"error\":{\"code\":\"refused\",\"exit\":4,"
                              "\"text\":\"version 5 follows '\\u001Bx'\",\"seq\":12,"
                              "\"rule\":\"version-gap\",\"hint\":\"prog log\"}}\n");
    ml_fail(MLEDGER_EDAMAGED, "\xff");
    ML_CLEANUP(ml_freep) char *bytes = reported(true);
    assert_string_equal(bytes,
                        "{\"error\":{\"code\":\"damaged\",\"exit\":1,\"text\":\"\\\\xff\"}}\n");
}

static void test_exit_codes(void **state)
{
    (void)state;
    assert_int_equal(ml_report_exit_code(MLEDGER_OK), 0);
    assert_int_equal(ml_report_exit_code(ML_ANSWER_NO), 1);
    assert_int_equal(ml_report_exit_code(MLEDGER_ENOTFOUND), 1);
    assert_int_equal(ml_report_exit_code(MLEDGER_EDAMAGED), 1);
    assert_int_equal(ml_report_exit_code(MLEDGER_EUSAGE), 2);
    assert_int_equal(ml_report_exit_code(MLEDGER_ESYSTEM), 3);
    assert_int_equal(ml_report_exit_code(MLEDGER_EINVALID), 3);
    assert_int_equal(ml_report_exit_code(MLEDGER_EREFUSED), 4);
    assert_int_equal(ml_report_exit_code(ML_ANSWER_EXIT(0)), 0);
    assert_int_equal(ml_report_exit_code(ML_ANSWER_EXIT(255)), 255);
    assert_int_equal(ml_report_exit_code(ML_ANSWER_SIGNAL(15)), 143);
    const struct ml_command wrapper = {.wraps = true}, plain = {.wraps = false};
    assert_int_equal(ml_report_exit_code_of(&wrapper, MLEDGER_EREFUSED), ML_EXIT_WRAPPER);
    assert_int_equal(ml_report_exit_code_of(&wrapper, ML_ANSWER_EXIT(4)), 4);
    assert_int_equal(ml_report_exit_code_of(&plain, MLEDGER_EREFUSED), 4);
    assert_int_equal(ml_report_exit_code_of(NULL, MLEDGER_EUSAGE), 2);
}

static void assert_ledger(const char *option, const char *want)
{
    const struct ml_invocation invocation = {.ledger = option};
    char *path = NULL;
    assert_int_equal(ml_ledger_dir_find(&invocation, &path), MLEDGER_OK);
    assert_string_equal(path, want);
    free(path);
}

static void test_ledger_dir(void **state)
{
    (void)state;
    char top[] = "/tmp/mledger-unit.XXXXXX", want[64];
    const struct ml_invocation plain = {0};
    char *path = NULL;
    unsetenv("MLEDGER_DIR");
    assert_non_null(mkdtemp(top));
    assert_int_equal(chdir(top), 0);
    assert_int_equal(ml_ledger_dir_find(&plain, &path), MLEDGER_ESYSTEM);
    assert_null(path);
    assert_string_equal(mledger_error_hint(), "mledger init --name NAME");
    assert_int_equal(ml_ledger_dir_new(&plain, &path), MLEDGER_OK);
    assert_string_equal(path, ".mledger");
    free(path);
    assert_int_equal(mkdir(".mledger", 0700) | mkdir("a", 0700) | mkdir("a/b", 0700), 0);
    assert_int_equal(chdir("a/b"), 0);
    snprintf(want, sizeof want, "%s/.mledger", top);
    assert_ledger(NULL, want);
    FILE *file = fopen("../.mledger", "w"); /* a file of that name is no ledger */
    assert_non_null(file);
    fclose(file);
    assert_ledger(NULL, want);
    setenv("MLEDGER_DIR", "env", 1);
    assert_ledger(NULL, "env");
    assert_ledger("option", "option");
    unsetenv("MLEDGER_DIR");
    assert_int_equal(chdir(top), 0);
    assert_int_equal(remove("a/.mledger") | rmdir("a/b") | rmdir("a") | rmdir(".mledger"), 0);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(top), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),        cmocka_unit_test(test_escape_leaves_nothing),
        cmocka_unit_test(test_width),         cmocka_unit_test(test_human),
        cmocka_unit_test(test_roles),         cmocka_unit_test(test_listing),
        cmocka_unit_test(test_outline),       cmocka_unit_test(test_json),
        cmocka_unit_test(test_write_error),   cmocka_unit_test(test_progress),
        cmocka_unit_test(test_progress_line), cmocka_unit_test(test_report),
        cmocka_unit_test(test_exit_codes),    cmocka_unit_test(test_ledger_dir),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
