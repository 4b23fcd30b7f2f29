/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/man.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

enum { LINE_LONGEST = 76 };

/* Text for roff: a backslash is \e, a dash that is to be copied is \-, and a line that begins
 * with a control character begins with a zero-width one instead. */
static int put_text(struct ml_buf *page, const char *text, size_t len, bool line_start)
{
    if (line_start && len && (text[0] == '.' || text[0] == '\''))
        ML_TRY(ml_buf_append_text(page, "\\&"));
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\')
            ML_TRY(ml_buf_append_text(page, "\\e"));
        else if (text[i] == '-' && i + 1 < len && (text[i + 1] == '-' || (i && text[i - 1] == '-')))
            ML_TRY(ml_buf_append_text(page, "\\-"));
        else
            ML_TRY(ml_buf_append_char(page, text[i]));
    }
    return MLEDGER_OK;
}

/* Words into lines; each sentence begins a line, as mdoc wants. */
static int put_prose(struct ml_buf *page, const char *text)
{
    size_t column = 0;
    bool sentence_ended = false;
    while (*text) {
        size_t len = strcspn(text, " ");
        bool breaks = column > 0 && (column + 1 + len > LINE_LONGEST ||
                                     (sentence_ended && !islower((unsigned char)*text)));
        if (column > 0)
            ML_TRY(ml_buf_append_char(page, breaks ? '\n' : ' '));
        column = breaks ? 0 : column + (column > 0);
        ML_TRY(put_text(page, text, len, column == 0));
        column += len;
        sentence_ended = text[len - 1] == '.';
        text += len + strspn(text + len, " ");
    }
    return ml_buf_append_char(page, '\n');
}

/* One argument of a macro: quoted, and kept from being read as a macro's name. */
static int put_word(struct ml_buf *page, const char *word)
{
    ML_TRY(ml_buf_append_text(page, " \"\\&"));
    for (const char *at = word; *at; at++) {
        if (*at == '"')
            ML_TRY(ml_buf_append_text(page, "\\(dq"));
        else if (*at == '\\')
            ML_TRY(ml_buf_append_text(page, "\\e"));
        else if (*at == '-')
            ML_TRY(ml_buf_append_text(page, "\\-"));
        else
            ML_TRY(ml_buf_append_char(page, *at));
    }
    return ml_buf_append_char(page, '"');
}

/* "PROGRAM-run-start": a page's name. */
static void page_name(const struct ml_program *program, const struct ml_command *command,
                      char *name, size_t size)
{
    snprintf(name, size, "%s%s%s", program->name, command ? "-" : "", command ? command->name : "");
    for (char *at = name; *at; at++)
        if (*at == ' ')
            *at = '-';
}

static int put_head(const struct ml_program *program, const struct ml_command *command,
                    struct ml_buf *page)
{
    char name[128], upper[128];
    page_name(program, command, name, sizeof name);
    for (size_t i = 0; i < sizeof upper; i++)
        upper[i] = (char)toupper((unsigned char)name[i]);
    ML_TRY(ml_buf_printf(page,
                         ".\\\" SPDX-License-Identifier: Apache-2.0\n"
                         ".Dd %s\n.Dt %s 1\n.Os %s %s\n.Sh NAME\n.Nm %s\n.Nd ",
                         program->released, upper, program->name, program->version, name));
    return put_prose(page, command ? command->summary : program->summary);
}

static int put_flag(struct ml_buf *page, const char *macro, const struct ml_option *option)
{
    ML_TRY(ml_buf_append_text(page, macro));
    if (option->letter)
        ML_TRY(ml_buf_printf(page, " Fl %c ,", option->letter));
    ML_TRY(ml_buf_printf(page, " Fl \\-%s", option->name));
    if (option->value) {
        ML_TRY(ml_buf_append_text(page, " Ar"));
        ML_TRY(put_word(page, option->value));
    }
    return ml_buf_append_char(page, '\n');
}

static int put_flag_short(struct ml_buf *page, const struct ml_option *option)
{
    ML_TRY(ml_buf_printf(page, option->required ? ".Fl \\-%s" : ".Op Fl \\-%s", option->name));
    if (option->value) {
        ML_TRY(ml_buf_append_text(page, " Ar"));
        ML_TRY(put_word(page, option->value));
    }
    return ml_buf_append_text(page, option->repeated ? " ...\n" : "\n");
}

static int put_synopsis(const struct ml_program *program, const struct ml_command *command,
                        struct ml_buf *page)
{
    ML_TRY(ml_buf_printf(page, ".Sh SYNOPSIS\n.Nm %s", program->name));
    ML_TRY(ml_buf_printf(page, "%s%s\n", command ? " " : "", command ? command->name : ""));
    for (const struct ml_option *at = command ? command->options : ml_global_options;
         at && at->name; at++)
        ML_TRY(put_flag_short(page, at));
    if (!command)
        return ml_buf_append_text(page, ".Ar COMMAND\n.Op Ar ARGUMENT ...\n");
    for (const struct ml_argument *at = command->arguments; at && at->name; at++) {
        ML_TRY(ml_buf_append_text(page, at->min ? ".Ar" : ".Op Ar"));
        ML_TRY(put_word(page, at->name));
        ML_TRY(ml_buf_append_text(page, at->max > 1 ? " ...\n" : "\n"));
    }
    return MLEDGER_OK;
}

static int put_choices(struct ml_buf *page, const char *const *choices)
{
    if (!choices)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_text(page, "One of\n"));
    for (const char *const *at = choices; *at; at++)
        ML_TRY(ml_buf_printf(page, ".Cm %s%s\n", *at, at[1] ? " ," : " ."));
    return MLEDGER_OK;
}

static int put_options(struct ml_buf *page, const char *lead, const struct ml_option *options)
{
    if (!options || !options->name)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(page, ".Pp\n%s\n.Bl -tag -width Ds\n", lead));
    for (const struct ml_option *at = options; at->name; at++) {
        ML_TRY(put_flag(page, ".It", at));
        ML_TRY(put_prose(page, at->help));
        ML_TRY(put_choices(page, at->rule.choices));
        if (at->repeated)
            ML_TRY(ml_buf_append_text(page, "May be given more than once.\n"));
    }
    return ml_buf_append_text(page, ".El\n");
}

static int put_arguments(struct ml_buf *page, const struct ml_argument *arguments)
{
    bool any = false;
    for (const struct ml_argument *at = arguments; at && at->name; at++) {
        if (!at->help)
            continue;
        if (!any)
            ML_TRY(ml_buf_append_text(page, ".Pp\nThe arguments are:\n.Bl -tag -width Ds\n"));
        any = true;
        ML_TRY(ml_buf_append_text(page, ".It Ar"));
        ML_TRY(put_word(page, at->name));
        ML_TRY(ml_buf_append_char(page, '\n'));
        ML_TRY(put_prose(page, at->help));
        ML_TRY(put_choices(page, at->rule.choices));
    }
    return any ? ml_buf_append_text(page, ".El\n") : MLEDGER_OK;
}

static int put_paragraphs(struct ml_buf *page, const char *summary, const char *const *paragraphs)
{
    ML_TRY(ml_buf_append_text(page, ".Sh DESCRIPTION\n"));
    if (!paragraphs || !*paragraphs) {
        ML_TRY(put_prose(page, summary));
        page->len--;
        return ml_buf_append_text(page, ".\n");
    }
    for (const char *const *at = paragraphs; *at; at++) {
        if (at != paragraphs)
            ML_TRY(ml_buf_append_text(page, ".Pp\n"));
        ML_TRY(put_prose(page, *at));
    }
    return MLEDGER_OK;
}

static int put_environment(struct ml_buf *page)
{
    ML_TRY(ml_buf_append_text(page, ".Sh ENVIRONMENT\n.Bl -tag -width Ds\n"));
    for (const struct ml_example *at = ml_environment; at->line; at++) {
        ML_TRY(ml_buf_printf(page, ".It Ev %s\n", at->line));
        ML_TRY(put_prose(page, at->text));
    }
    return ml_buf_append_text(page, ".El\n");
}

static int put_exit_code(struct ml_buf *page, const struct ml_exit_code *code)
{
    ML_TRY(ml_buf_printf(page, ".It %d\n", code->code));
    return put_prose(page, code->text);
}

/* Of a command that wraps another the common ones mean nothing. */
static int put_exit_codes(struct ml_buf *page, const struct ml_exit_code *own, bool wraps)
{
    ML_TRY(ml_buf_append_text(page, ".Sh EXIT STATUS\n.Bl -tag -width Ds\n"));
    for (const struct ml_exit_code *at = own; wraps && at && at->text; at++)
        ML_TRY(put_exit_code(page, at));
    for (const struct ml_exit_code *common = ml_common_exit_codes; !wraps && common->text;
         common++) {
        const struct ml_exit_code *shown = common;
        for (const struct ml_exit_code *at = own; at && at->text; at++)
            if (at->code == common->code)
                shown = at;
        ML_TRY(put_exit_code(page, shown));
    }
    return ml_buf_append_text(page, ".El\n");
}

static int put_examples(struct ml_buf *page, const struct ml_example *examples)
{
    if (!examples || !examples->line)
        return MLEDGER_OK;
    ML_TRY(ml_buf_append_text(page, ".Sh EXAMPLES\n"));
    for (const struct ml_example *at = examples; at->line; at++) {
        if (at != examples)
            ML_TRY(ml_buf_append_text(page, ".Pp\n"));
        ML_TRY(put_prose(page, at->text));
        ML_TRY(ml_buf_append_text(page, ".Pp\n.Dl"));
        ML_TRY(put_word(page, at->line));
        ML_TRY(ml_buf_append_char(page, '\n'));
    }
    return MLEDGER_OK;
}

int ml_man_command(const struct ml_program *program, const struct ml_command *command,
                   struct ml_buf *page)
{
    ML_TRY(put_head(program, command, page));
    ML_TRY(put_synopsis(program, command, page));
    ML_TRY(put_paragraphs(page, command->summary, command->description));
    ML_TRY(put_arguments(page, command->arguments));
    ML_TRY(put_options(page, "The options are:", command->options));
    ML_TRY(ml_buf_printf(page,
                         ".Pp\nThe options that every command takes are described in\n"
                         ".Xr %s 1 .\n",
                         program->name));
    ML_TRY(put_exit_codes(page, command->exit_codes, command->wraps));
    ML_TRY(put_examples(page, command->examples));
    return ml_buf_printf(page, ".Sh SEE ALSO\n.Xr %s 1\n", program->name);
}

static int put_commands(const struct ml_program *program, struct ml_buf *page)
{
    ML_TRY(ml_buf_append_text(page, ".Pp\nThe commands are:\n.Bl -tag -width Ds\n"));
    for (const struct ml_command *const *at = program->commands; *at; at++) {
        if ((*at)->hidden)
            continue;
        ML_TRY(ml_buf_printf(page, ".It Cm %s\n", (*at)->name));
        ML_TRY(put_prose(page, (*at)->summary));
        page->len--;
        ML_TRY(ml_buf_append_text(page, ".\n"));
    }
    return ml_buf_append_text(page, ".El\n");
}

static int name_order(const void *a, const void *b)
{
    return strcmp(a, b);
}

enum { PAGES_MAX = 128, PAGE_NAME_SIZE = 96 };

/* By name, as mdoc wants them. */
static int put_references(const struct ml_program *program, struct ml_buf *page)
{
    char names[PAGES_MAX][PAGE_NAME_SIZE];
    size_t count = 0;
    for (const struct ml_command *const *at = program->commands; *at && count < PAGES_MAX; at++)
        if (!(*at)->hidden)
            page_name(program, *at, names[count++], PAGE_NAME_SIZE);
    qsort(names, count, PAGE_NAME_SIZE, name_order);
    ML_TRY(ml_buf_append_text(page, ".Sh SEE ALSO\n"));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_buf_printf(page, ".Xr %s 1%s\n", names[i], i + 1 < count ? " ," : ""));
    return MLEDGER_OK;
}

int ml_man_program(const struct ml_program *program, struct ml_buf *page)
{
    ML_TRY(put_head(program, NULL, page));
    ML_TRY(put_synopsis(program, NULL, page));
    ML_TRY(put_paragraphs(page, program->summary, program->description));
    ML_TRY(put_commands(program, page));
    ML_TRY(put_options(
        page, "Every command takes these options, before or after its name:", ml_global_options));
    ML_TRY(put_environment(page));
    ML_TRY(put_exit_codes(page, NULL, false));
    return put_references(program, page);
}

static int write_page(const char *path, const struct ml_buf *page)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return ml_fail_errno(errno, "cannot write '%s'", path);
    bool whole = fwrite(page->data, 1, page->len, file) == page->len;
    int error_number = errno;
    if (fclose(file) != 0 && whole) {
        error_number = errno;
        whole = false;
    }
    return whole ? MLEDGER_OK : ml_fail_errno(error_number, "cannot write '%s'", path);
}

static int write_one(const struct ml_program *program, const struct ml_command *command,
                     const char *directory)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf page = {0}, path = {0};
    char name[PAGE_NAME_SIZE];
    page_name(program, command, name, sizeof name);
    ML_TRY(command ? ml_man_command(program, command, &page) : ml_man_program(program, &page));
    ML_TRY(ml_buf_printf(&path, "%s/%s.1", directory, name));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    return write_page((char *)path.data, &page);
}

int ml_man_write(const struct ml_program *program, const char *directory)
{
    if (mkdir(directory, 0777) != 0 && errno != EEXIST)
        return ml_fail_errno(errno, "cannot make the directory '%s'", directory);
    ML_TRY(write_one(program, NULL, directory));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (!(*at)->hidden)
            ML_TRY(write_one(program, *at, directory));
    return MLEDGER_OK;
}
