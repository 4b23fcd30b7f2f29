/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

enum { INDENT = 2, COMMAND_COLUMN = 22, OPTION_COLUMN = 26 };

static void heading(struct ml_output *out, const char *text)
{
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_EMPHASIS, "%s", text);
}

/* "  LABEL    TEXT…": the text begins at `column`, on the next line if the label is too long. */
static void entry(struct ml_output *out, const char *label, unsigned column, const char *text)
{
    size_t used = INDENT + strlen(label);
    ml_output_spaces(out, INDENT);
    ml_output_text(out, ML_ROLE_PLAIN, "%s", label);
    if (used + 2 > column) {
        ml_output_newline(out);
        used = 0;
    }
    ml_output_spaces(out, column - used);
    ml_output_wrapped(out, column, text);
}

static void print_choices(struct ml_output *out, const char *const *choices)
{
    if (!choices)
        return;
    ml_output_spaces(out, OPTION_COLUMN);
    for (const char *const *at = choices; *at; at++)
        ml_output_text(out, ML_ROLE_PLAIN, "%s%s", at == choices ? "(" : ", ", *at);
    ml_output_line(out, ML_ROLE_PLAIN, ")");
}

static void print_options(struct ml_output *out, const char *title, const struct ml_option *options)
{
    if (!options || !options->name)
        return;
    heading(out, title);
    for (const struct ml_option *at = options; at->name; at++) {
        char label[128], letter[8] = "    ";
        if (at->letter)
            snprintf(letter, sizeof letter, "-%c, ", at->letter);
        snprintf(label, sizeof label, "%s--%s%s%s", letter, at->name, at->value ? " " : "",
                 at->value ? at->value : "");
        entry(out, label, OPTION_COLUMN, at->help);
        print_choices(out, at->rule.choices);
    }
}

static void print_commands(const struct ml_program *program, enum ml_topic topic,
                           struct ml_output *out)
{
    bool any = false;
    for (const struct ml_command *const *at = program->commands; *at; at++) {
        if ((*at)->hidden || (*at)->topic != topic)
            continue;
        if (!any)
            heading(out, ml_topic_heading(topic));
        any = true;
        entry(out, (*at)->name, COMMAND_COLUMN, (*at)->summary);
    }
}

static void print_paragraphs(struct ml_output *out, const char *const *paragraphs)
{
    for (const char *const *at = paragraphs; at && *at; at++) {
        ml_output_newline(out);
        ml_output_wrapped(out, 0, *at);
    }
}

void ml_help_program(const struct ml_program *program, struct ml_output *out)
{
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s", program->name);
    ml_output_line(out, ML_ROLE_PLAIN, " %s: %s", program->version, program->summary);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "usage: %s [OPTION...] COMMAND [ARGUMENT...]",
                   program->name);
    for (int topic = 0; topic < ML_TOPIC_COUNT; topic++)
        print_commands(program, (enum ml_topic)topic, out);
    print_options(out, "Options of every command", ml_global_options);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "'%s help COMMAND' explains a command.", program->name);
}

static void print_group(const struct ml_program *program, const char *group, struct ml_output *out)
{
    heading(out, "Commands");
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (ml_command_in_group(*at, group))
            entry(out, (*at)->name, COMMAND_COLUMN, (*at)->summary);
}

void ml_help_group(const struct ml_program *program, const struct ml_command_group *group,
                   struct ml_output *out)
{
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s %s", program->name, group->name);
    ml_output_line(out, ML_ROLE_PLAIN, ": %s", group->summary);
    print_group(program, group->name, out);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "'%s help %s COMMAND' explains one.", program->name,
                   group->name);
}

static void print_usage(const struct ml_program *program, const struct ml_command *command,
                        struct ml_output *out)
{
    ml_output_text(out, ML_ROLE_PLAIN, "usage: %s %s", program->name, command->name);
    for (const struct ml_option *at = command->options; at && at->name; at++)
        if (at->required)
            ml_output_text(out, ML_ROLE_PLAIN, " --%s %s", at->name, at->value);
    ml_output_text(out, ML_ROLE_PLAIN, " [OPTION...]");
    for (const struct ml_argument *at = command->arguments; at && at->name; at++)
        ml_output_text(out, ML_ROLE_PLAIN, at->min ? " %s%s" : " [%s%s]", at->name,
                       at->max > 1 ? "..." : "");
    ml_output_newline(out);
}

static void print_arguments(const struct ml_command *command, struct ml_output *out)
{
    bool any = false;
    for (const struct ml_argument *at = command->arguments; at && at->name; at++) {
        if (!at->help)
            continue;
        if (!any)
            heading(out, "Arguments");
        any = true;
        entry(out, at->name, OPTION_COLUMN, at->help);
    }
}

static void print_examples(const struct ml_command *command, struct ml_output *out)
{
    if (!command->examples || !command->examples->line)
        return;
    heading(out, "Examples");
    for (const struct ml_example *at = command->examples; at->line; at++) {
        ml_output_spaces(out, INDENT);
        ml_output_line(out, ML_ROLE_EMPHASIS, "%s", at->line);
        ml_output_spaces(out, 2 * INDENT + 2);
        ml_output_wrapped(out, 2 * INDENT + 2, at->text);
    }
}

static void print_exit_codes(const struct ml_command *command, struct ml_output *out)
{
    if (!command->exit_codes || !command->exit_codes->text)
        return;
    heading(out, "Exit codes");
    for (const struct ml_exit_code *at = command->exit_codes; at->text; at++) {
        char label[16];
        snprintf(label, sizeof label, "%d", at->code);
        entry(out, label, 3 * INDENT, at->text);
    }
}

void ml_help_command(const struct ml_program *program, const struct ml_command *command,
                     struct ml_output *out)
{
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s %s", program->name, command->name);
    ml_output_line(out, ML_ROLE_PLAIN, ": %s", command->summary);
    ml_output_newline(out);
    print_usage(program, command, out);
    print_paragraphs(out, command->description);
    print_arguments(command, out);
    print_options(out, "Options", command->options);
    if (ml_command_group_find(program, command->name))
        print_group(program, command->name, out);
    print_options(out, "Options of every command", ml_global_options);
    print_examples(command, out);
    print_exit_codes(command, out);
}
