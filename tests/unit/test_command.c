/* SPDX-License-Identifier: Apache-2.0 */
/* The framework of the command line on a program of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/completion.h"
#include "cli/help.h"
#include "cli/invocation.h"
#include "cli/man.h"
#include "cli/suggest.h"

static int do_nothing(const struct ml_invocation *invocation, struct ml_output *out)
{
    (void)invocation, (void)out;
    return MLEDGER_OK;
}

static const struct ml_option start_options[] = {
    {.name = "for", .value = "NAME", .help = "Whom it is for."},
    {.name = "tag", .letter = 't', .value = "KEY", .repeated = true, .help = "A tag."},
    {.name = "force", .letter = 'f', .help = "Do it anyway."},
    {.name = "level",
     .letter = 'l',
     .value = "LEVEL",
     .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("chain", "full")},
     .help = "How deep."},
    {.name = "memory",
     .value = "SIZE",
     .rule = {.kind = ML_VALUE_SIZE, .least = 1024, .most = UINT64_C(1) << 40},
     .help = "How much."},
    ML_OPTION_DEPTH,
    {.name = NULL},
};

static const struct ml_command start = {
    .name = "run start",
    .summary = "Start a run",
    .arguments = (const struct ml_argument[]){{.name = "MODEL", .min = 1, .max = 1},
                                              {.name = "FILE",
                                               .min = 0,
                                               .max = 2,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "What it reads."},
                                              {.name = NULL}},
    .options = start_options,
    .topic = ML_TOPIC_RECORD,
    .run = do_nothing,
};
static const struct ml_command finish = {
    .name = "run finish", .summary = "End a run", .topic = ML_TOPIC_RECORD, .run = do_nothing};
static const struct ml_command copy = {
    .name = "copy",
    .summary = "Copy things",
    .arguments = (const struct ml_argument[]){{.name = "SOURCE", .min = 1, .max = ML_ANY_NUMBER},
                                              {.name = "TARGET", .min = 1, .max = 1},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "who",
                                           .value = "NAME",
                                           .required = true,
                                           .help = "Whose they are; \\n stays. '.Sh' too."},
                                          {.name = NULL}},
    .topic = ML_TOPIC_OTHER,
    .run = do_nothing,
};
static const struct ml_command secret = {
    .name = "--secret", .summary = "Not shown", .hidden = true, .run = do_nothing};

/* A command by itself, and the first word of another. */
static const struct ml_command report = {
    .name = "report",
    .summary = "Make a report",
    .options = (const struct ml_option[]){{.name = "output",
                                           .letter = 'o',
                                           .value = "FILE",
                                           .rule = {.kind = ML_VALUE_FILE},
                                           .help = "Where to."},
                                          {.name = NULL}},
    .topic = ML_TOPIC_OTHER,
    .run = do_nothing,
};
static const struct ml_command report_send = {
    .name = "report send",
    .summary = "Send a report",
    .arguments = (const struct ml_argument[]){{.name = "WHOM", .min = 1, .max = 1}, {.name = NULL}},
    .topic = ML_TOPIC_OTHER,
    .run = do_nothing,
};

/* One that takes arguments, and begins another. */
static const struct ml_command paper = {
    .name = "paper",
    .summary = "Write a paper",
    .arguments =
        (const struct ml_argument[]){{.name = "ABOUT", .min = 1, .max = 2}, {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "long", .letter = 'l', .help = "At length."},
                                          {.name = NULL}},
    .topic = ML_TOPIC_OTHER,
    .run = do_nothing,
};
static const struct ml_command paper_print = {
    .name = "paper print", .summary = "Print it", .topic = ML_TOPIC_OTHER, .run = do_nothing};

/* One that runs another program. */
static const struct ml_command wrap = {
    .name = "wrap",
    .summary = "Run a program",
    .arguments = (const struct ml_argument[]){{.name = "CMD", .min = 1, .max = ML_ANY_NUMBER},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){{.name = "out", .value = "FILE", .help = "What it makes."},
                                   {.name = NULL}},
    .exit_codes = (const struct ml_exit_code[]){{125, "It did not run."}, {0, NULL}},
    .topic = ML_TOPIC_OTHER,
    .wraps = true,
    .run = do_nothing,
};

static const struct ml_command *const commands[] = {
    &start, &finish, &copy, &report, &report_send, &secret, &paper, &paper_print, &wrap, NULL};
static const struct ml_command_group groups[] = {
    {"run", "Record runs"}, {"report", "Reports"}, {"paper", "Papers"}, {NULL, NULL}};
static const struct ml_program program = {
    .name = "prog",
    .version = "1",
    .released = "January 1, 2026",
    .summary = "a program",
    .commands = commands,
    .groups = groups,
};

#define PARSE(inv, ...)                                                                            \
    ml_invocation_parse(&program, (int)ML_COUNT(((const char *[]){"prog", __VA_ARGS__})),          \
                        (const char *[]){"prog", __VA_ARGS__}, inv)

/* The line is a usage error with exactly this text and this hint. */
#define assert_usage(text, hint, ...)                                                              \
    do {                                                                                           \
        ML_CLEANUP(ml_invocation_release) struct ml_invocation wrong_;                             \
        assert_int_equal(PARSE(&wrong_, __VA_ARGS__), MLEDGER_EUSAGE);                             \
        assert_string_equal(mledger_error_text(), text);                                           \
        assert_string_equal(mledger_error_hint(), hint);                                           \
    } while (0)

static void test_tables(void **state)
{
    (void)state;
    assert_int_equal(ml_program_check(&program), MLEDGER_OK);
}

static void test_wraps(void **state)
{
    (void)state;
    ML_CLEANUP(ml_invocation_release) struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "wrap", "--out", "x", "train", "--out", "--help", "-q", "--"), 0);
    assert_int_equal(ml_option_count(&inv, "out"), 1);
    assert_int_equal(ml_argument_count(&inv, "CMD"), 5);
    assert_string_equal(ml_argument_at(&inv, "CMD", 4), "--");
    assert_null(inv.words[5]);
    assert_false(inv.help || inv.quiet);
    ML_CLEANUP(ml_invocation_release) struct ml_invocation dashes;
    assert_int_equal(PARSE(&dashes, "wrap", "--", "--out", "x"), 0);
    assert_int_equal(ml_option_count(&dashes, "out"), 0);
    assert_string_equal(ml_argument(&dashes, "CMD"), "--out");
    assert_usage("'wrap' needs CMD", "prog wrap --help", "wrap", "--out", "x", "--");
}

/* Each slip in a table is found. */
static void test_bad_tables(void **state)
{
    (void)state;
    const struct ml_option clash[] = {{.name = "json", .help = "Taken."}, {.name = NULL}};
    const struct ml_option letter[] = {{.name = "quick", .letter = 'q', .help = "Taken."}, {0}};
    const struct ml_option no_stop[] = {{.name = "x", .help = "No full stop"}, {0}};
    const struct ml_option valueless[] = {
        {.name = "x", .rule = {.kind = ML_VALUE_FILE}, .help = "No name."}, {0}};
    const struct ml_option choiceless[] = {
        {.name = "x", .value = "X", .rule = {.kind = ML_VALUE_CHOICE}, .help = "None."}, {0}};
    const struct ml_option dotted[] = {
        {.name = "x",
         .value = "X",
         .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("a-1.", "a.b", ".1")},
         .help = "Odd."},
        {0}};
    const struct ml_argument never[] = {{.name = "X", .min = 0, .max = 0}, {0}};
    const struct ml_argument open[] = {
        {.name = "X", .max = ML_ANY_NUMBER}, {.name = "Y", .min = 0, .max = 1}, {0}};
    const struct ml_command bad[] = {
        {.name = "a", .summary = "S", .options = clash, .run = do_nothing},
        {.name = "a", .summary = "S", .options = letter, .run = do_nothing},
        {.name = "a", .summary = "S", .options = no_stop, .run = do_nothing},
        {.name = "a", .summary = "S", .options = valueless, .run = do_nothing},
        {.name = "a", .summary = "S", .options = choiceless, .run = do_nothing},
        {.name = "a", .summary = "S", .options = dotted, .run = do_nothing},
        {.name = "a", .summary = "S", .arguments = never, .run = do_nothing},
        {.name = "a", .summary = "S", .arguments = open, .run = do_nothing},
        {.name = "a", .summary = "Full stop.", .run = do_nothing},
        {.name = "a", .summary = "S"},
        {.name = "A", .summary = "S", .run = do_nothing},
        {.name = "walk start", .summary = "S", .run = do_nothing},
        {.name = "run finish", .summary = "S", .run = do_nothing},
    };
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        const struct ml_command *const list[] = {&finish, &bad[i], NULL};
        struct ml_program faulty = program;
        faulty.groups = (const struct ml_command_group[]){{"run", "Record runs"}, {NULL, NULL}};
        faulty.commands = list;
        if (ml_program_check(&faulty) != MLEDGER_EINVALID)
            fail_msg("bad table %zu was accepted", i);
    }
}

static void test_forms_of_options(void **state)
{
    (void)state;
    ML_CLEANUP(ml_invocation_release) struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "--ledger", "L", "run", "--json", "start", "-ftone", "--for=me",
                           "churn", "-t", "two", "--tag", "-3", "-q", "--depth", "5",
                           "--memory=2MiB", "-l", "full", "--", "--for", "-"),
                     MLEDGER_OK);
    assert_ptr_equal(inv.command, &start);
    assert_string_equal(inv.ledger, "L");
    assert_true(inv.json && inv.quiet && ml_option_given(&inv, "force"));
    assert_string_equal(ml_option_text(&inv, "for", NULL), "me");
    assert_int_equal(ml_option_count(&inv, "tag"), 3);
    assert_string_equal(ml_option_at(&inv, "tag", 0), "one");
    assert_string_equal(ml_option_at(&inv, "tag", 1), "two");
    assert_string_equal(ml_option_at(&inv, "tag", 2), "-3");
    assert_null(ml_option_at(&inv, "tag", 3));
    assert_int_equal(ml_option_number(&inv, "depth", 9), 5);
    assert_int_equal(ml_option_number(&inv, "memory", 9), 2 << 20);
    assert_int_equal(ml_option_choice(&inv, "level", 0), 1);
    assert_string_equal(ml_argument(&inv, "MODEL"), "churn");
    assert_int_equal(ml_argument_count(&inv, "FILE"), 2);
    assert_string_equal(ml_argument_at(&inv, "FILE", 0), "--for");
    assert_string_equal(ml_argument_at(&inv, "FILE", 1), "-");
    assert_null(ml_argument_at(&inv, "FILE", 2));
}

static void test_what_was_not_given(void **state)
{
    (void)state;
    ML_CLEANUP(ml_invocation_release) struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "run", "start", "churn"), MLEDGER_OK);
    assert_false(inv.json || inv.quiet || inv.help || inv.version);
    assert_null(inv.ledger);
    assert_int_equal(inv.color, ML_COLOR_AUTO);
    assert_false(ml_option_given(&inv, "force"));
    assert_string_equal(ml_option_text(&inv, "for", "nobody"), "nobody");
    assert_int_equal(ml_option_number(&inv, "depth", 9), 9);
    assert_int_equal(ml_option_choice(&inv, "level", 7), 7);
    assert_null(ml_argument(&inv, "FILE"));
}

static void test_open_arguments(void **state)
{
    (void)state;
    ML_CLEANUP(ml_invocation_release) struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "copy", "a", "b", "c", "--who", "x"), MLEDGER_OK);
    assert_int_equal(ml_argument_count(&inv, "SOURCE"), 2);
    assert_string_equal(ml_argument_at(&inv, "SOURCE", 1), "b");
    assert_string_equal(ml_argument(&inv, "TARGET"), "c");
}

static void test_global_options(void **state)
{
    (void)state;
    struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "--ledger=a", "--color", "never", "run", "finish", "--ledger=b",
                           "--color=always"),
                     MLEDGER_OK);
    assert_string_equal(inv.ledger, "b"); /* the last one counts */
    assert_int_equal(inv.color, ML_COLOR_ALWAYS);
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "run", "--help"), MLEDGER_OK);
    assert_true(inv.help && !inv.command);
    assert_string_equal(inv.group->name, "run");
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "run", "start", "-h"), MLEDGER_OK); /* though MODEL is missing */
    assert_true(inv.help && inv.command == &start);
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "--secret"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &secret);
    ml_invocation_release(&inv);
}

static void test_a_word_that_takes_arguments_and_begins_others(void **state)
{
    (void)state;
    struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "paper", "churn/3", "print"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &paper);
    assert_string_equal(ml_argument_at(&inv, "ABOUT", 1), "print");
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "paper", "-l", "churn"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &paper);
    assert_string_equal(ml_argument(&inv, "ABOUT"), "churn");
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "paper", "print"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &paper_print);
    ml_invocation_release(&inv);
    assert_usage("unknown command 'paper prnt'; did you mean 'paper print'?", "prog paper --help",
                 "paper", "prnt");
    assert_usage("'print' stands before '--long', an option of 'paper'", "prog paper --help",
                 "paper", "-l", "print");
    assert_usage("'paper' needs ABOUT", "prog paper --help", "paper");
}

static void test_a_word_that_is_a_command_and_begins_others(void **state)
{
    (void)state;
    struct ml_invocation inv;
    assert_int_equal(PARSE(&inv, "report"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &report);
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "report", "-o", "send"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &report);
    assert_string_equal(ml_option_text(&inv, "output", NULL), "send");
    ml_invocation_release(&inv);
    assert_int_equal(PARSE(&inv, "report", "--json", "send", "report"), MLEDGER_OK);
    assert_ptr_equal(inv.command, &report_send);
    assert_string_equal(ml_argument(&inv, "WHOM"), "report");
    ml_invocation_release(&inv);
    assert_usage("'send' stands before '--output', an option of 'report'", "prog report --help",
                 "report", "-o", "f", "send", "bob");
    assert_usage("unknown command 'report sned'; did you mean 'report send'?", "prog report --help",
                 "report", "sned");
    assert_usage("unknown option '--output' of 'report send'", "prog report send --help", "report",
                 "send", "--output=x", "bob");
}

static void test_unknown_names(void **state)
{
    (void)state;
    assert_usage("unknown option '--foo' of 'run start'; did you mean '--for'?",
                 "prog run start --help", "run", "start", "--foo");
    assert_usage("unknown option '--xyzzy' of 'run start'", "prog run start --help", "run", "start",
                 "--xyzzy=1");
    assert_usage("unknown option '--xyzzy'; a command's own options stand after its name",
                 "prog --help", "--xyzzy", "run");
    assert_usage("unknown option '-z' of 'run start' in '-fz'", "prog run start --help", "run",
                 "start", "-fz");
    assert_usage("unknown command 'cpoy'; did you mean 'copy'?", "prog --help", "cpoy");
    assert_usage("unknown command 'run strat'; did you mean 'run start'?", "prog run --help", "run",
                 "strat");
    assert_usage("unknown command 'run xyzzy'; there is start, finish", "prog run --help", "run",
                 "xyzzy");
    assert_usage("'run' needs one more word: start, finish", "prog run --help", "run");
    assert_usage("unknown command '--hidden'", "prog --help", "--", "--hidden");
}

static void test_counts(void **state)
{
    (void)state;
    assert_usage("'run start' needs MODEL", "prog run start --help", "run", "start");
    assert_usage("'copy' needs TARGET", "prog copy --help", "copy", "a", "--who=x");
    assert_usage("'copy' needs --who NAME", "prog copy --help", "copy", "a", "b");
    assert_usage("'run start' takes at most 3 arguments; 'd' is too many", "prog run start --help",
                 "run", "start", "a", "b", "c", "d");
    assert_usage("'run finish' takes no argument, but 'a' was given", "prog run finish --help",
                 "run", "finish", "a");
}

static void test_values(void **state)
{
    (void)state;
#define START "run", "start", "m"
#define HINT "prog run start --help"
    assert_usage("option '--for' of 'run start' needs a value: NAME", HINT, START, "--for");
    assert_usage("option '--for' of 'run start' needs a value: NAME "
                 "(if it is to be '--json', write '--for=--json')",
                 HINT, START, "--for", "--json");
    assert_usage("option '--for' of 'run start' is given twice", HINT, START, "--for=a", "--for=b");
    assert_usage("option '--force' takes no value, but '1' was given", HINT, START, "--force=1");
    assert_usage("option '--level' of 'run start' must be chain or full, not 'ful'; did you mean "
                 "'full'?",
                 HINT, START, "-lful");
    assert_usage("option '--depth' of 'run start' must be a whole number, not '-1'", HINT, START,
                 "--depth=-1");
    assert_usage("option '--depth' of 'run start' must be at least 1, not '0'", HINT, START,
                 "--depth", "0");
    assert_usage("option '--depth' of 'run start' must be at most 1000000, not '1000001'", HINT,
                 START, "--depth", "1000001");
    assert_usage("option '--depth' of 'run start' must be a whole number, not "
                 "'18446744073709551616'",
                 HINT, START, "--depth", "18446744073709551616");
    assert_usage("option '--memory' of 'run start' must be a size such as 64MiB, not '5x'", HINT,
                 START, "--memory", "5x");
    assert_usage("option '--memory' of 'run start' must be a size such as 64MiB, not "
                 "'99999999999999T'",
                 HINT, START, "--memory", "99999999999999T");
    assert_usage("option '--ledger' must not be empty", HINT, START, "--ledger=");
    assert_usage("FILE of 'run start' must not be empty", HINT, START, "");
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {{"7", 7},
                 {"7B", 7},
                 {"1k", 1024},
                 {"1K", 1024},
                 {"1KiB", 1024},
                 {"1kB", 1000},
                 {"3M", 3 << 20},
                 {"3MB", 3000000},
                 {"2GiB", UINT64_C(2) << 30},
                 {"1T", UINT64_C(1) << 40}};
    const struct ml_value_rule rule = {.kind = ML_VALUE_SIZE};
    static const char *const wrong[] = {"", "K", "1.5M", "1Mi", "1MBs", " 1", "1 M", "+1", "0x10"};
    uint64_t bytes;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        assert_int_equal(ml_value_check(&rule, "X", cases[i].text, &bytes), MLEDGER_OK);
        assert_int_equal(bytes, cases[i].bytes);
    }
    bytes = 77;
    for (size_t i = 0; i < ML_COUNT(wrong); i++)
        assert_int_equal(ml_value_check(&rule, "X", wrong[i], &bytes), MLEDGER_EUSAGE);
    assert_int_equal(bytes, 77);
}

static void test_distance(void **state)
{
    (void)state;
    char longest[ML_SUGGEST_WORD_MAX + 2];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(ml_suggest_distance("", 0, "abc", 3), 3);
    assert_int_equal(ml_suggest_distance("for", 3, "for", 3), 0);
    assert_int_equal(ml_suggest_distance("fro", 3, "for", 3), 1);
    assert_int_equal(ml_suggest_distance("kitten", 6, "sitting", 7), 3);
    assert_int_equal(ml_suggest_distance(longest, ML_SUGGEST_WORD_MAX, "a", 1),
                     ML_SUGGEST_WORD_MAX - 1);
    assert_true(ml_suggest_distance(longest, ML_SUGGEST_WORD_MAX + 1, "a", 1) == SIZE_MAX);
}

/* What `print` writes, ended by NUL. The caller frees it. */
static char *help_text(void (*print)(struct ml_output *out))
{
    char *text = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&text, &len);
    assert_non_null(stream);
    struct ml_output out = {.stream = stream, .width = 60};
    print(&out);
    assert_int_equal(fclose(stream), 0);
    return text;
}

static void print_program(struct ml_output *out)
{
    ml_help_program(&program, out);
}
static void print_group(struct ml_output *out)
{
    ml_help_group(&program, &groups[0], out);
}
static void print_start(struct ml_output *out)
{
    ml_help_command(&program, &start, out);
}

static void print_report(struct ml_output *out)
{
    ml_help_command(&program, &report, out);
}

static void test_help(void **state)
{
    (void)state;
    ML_CLEANUP(ml_freep) char *all = help_text(print_program);
    assert_non_null(strstr(all, "\nRecord\n  run start           Start a run\n"));
    assert_null(strstr(all, "secret"));
    ML_CLEANUP(ml_freep) char *group = help_text(print_group);
    assert_non_null(strstr(group, "  run finish          End a run\n"));
    ML_CLEANUP(ml_freep) char *both = help_text(print_report);
    assert_non_null(strstr(both, "  -o, --output FILE       Where to.\n"));
    assert_non_null(strstr(both, "\nCommands\n  report send         Send a report\n"));
    ML_CLEANUP(ml_freep) char *command = help_text(print_start);
    assert_non_null(strstr(command, "usage: prog run start [OPTION...] MODEL [FILE...]\n"));
    assert_non_null(strstr(command, "  -l, --level LEVEL       How deep.\n"));
    assert_non_null(strstr(command, "(chain, full)\n"));
    for (char *line = command, *end; (end = strchr(line, '\n')); line = end + 1)
        assert_true(end - line <= 60);
}

static void test_man(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf page = {0};
    assert_int_equal(ml_man_command(&program, &copy, &page), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&page, '\0'), MLEDGER_OK);
    const char *text = (char *)page.data;
    assert_non_null(strstr(text, ".Dt PROG-COPY 1\n"));
    assert_non_null(strstr(text, ".Fl \\-who Ar \"\\&NAME\"\n")); /* required: no .Op */
    assert_non_null(strstr(text, "Whose they are; \\en stays.\n\\&'.Sh' too.\n"));
    assert_non_null(strstr(text, ".Xr prog 1 .\n"));
}

static void test_completion(void **state)
{
    (void)state;
    ML_CLEANUP(ml_buf_release) struct ml_buf script = {0};
    assert_int_equal(ml_completion_bash(&program, &script), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&script, '\0'), MLEDGER_OK);
    const char *text = (char *)script.data;
    assert_non_null(strstr(text, "'') REPLY='copy report paper wrap run ' ;;"));
    assert_non_null(strstr(text, "'run') REPLY='start finish ' ;;"));
    assert_non_null(strstr(text, "'report') REPLY='send ' ;;"));
    assert_non_null(strstr(text, "'report') REPLY+='--output ' ;;"));
    assert_non_null(
        strstr(text, "'run start'' -l'|'run start'' --level') REPLY='one of chain full'"));
    assert_non_null(strstr(text, "'run start 2') REPLY='file' ;;"));
    assert_non_null(strstr(text, "complete -F _prog prog\n"));
    assert_null(strstr(text, "secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_wraps),
        cmocka_unit_test(test_bad_tables),
        cmocka_unit_test(test_forms_of_options),
        cmocka_unit_test(test_what_was_not_given),
        cmocka_unit_test(test_open_arguments),
        cmocka_unit_test(test_global_options),
        cmocka_unit_test(test_a_word_that_is_a_command_and_begins_others),
        cmocka_unit_test(test_a_word_that_takes_arguments_and_begins_others),
        cmocka_unit_test(test_unknown_names),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_man),
        cmocka_unit_test(test_completion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
