/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that command.h sets for tables, so that a slip in one is found by the build. */
#include <ctype.h>
#include <stdio.h>

#include "cli/command.h"

static bool is_ascii_text(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return false;
    return true;
}

static bool is_word(const char *text, size_t len)
{
    if (len == 0 || !islower((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!islower((unsigned char)text[i]) && !isdigit((unsigned char)text[i]) && text[i] != '-')
            return false;
    return true;
}

/* A choice may be a name with a version: "cyclonedx-1.7". */
static bool is_choice(const char *text)
{
    const char *dot = strrchr(text, '.');
    bool version = dot && dot > text && isdigit((unsigned char)dot[-1]) && dot[1] &&
                   strspn(dot + 1, "0123456789") == strlen(dot + 1);
    return is_word(text, version ? (size_t)(dot - text) : strlen(text));
}

/* Where: the command's name, for the error. */
static int check_sentences(const char *where, const char *what, const char *text)
{
    if (!text || !*text || !is_ascii_text(text))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s must be a text in ASCII", where, what);
    char last = text[strlen(text) - 1];
    if (last != '.' && last != ':')
        return ml_fail(MLEDGER_EINVALID, "'%s': %s must end in a full stop", where, what);
    return MLEDGER_OK;
}

static int check_summary(const char *where, const char *text)
{
    if (!text || !*text || !is_ascii_text(text) || strlen(text) > 60)
        return ml_fail(MLEDGER_EINVALID, "'%s': the summary must be 1 to 60 ASCII characters",
                       where);
    if (text[strlen(text) - 1] == '.')
        return ml_fail(MLEDGER_EINVALID, "'%s': the summary must not end in a full stop", where);
    return MLEDGER_OK;
}

static int check_rule(const char *where, const char *what, const struct ml_value_rule *rule)
{
    if ((rule->kind == ML_VALUE_CHOICE) != (rule->choices != NULL))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s must have choices exactly if it is a choice",
                       where, what);
    for (const char *const *at = rule->choices; at && *at; at++)
        if (!is_choice(*at))
            return ml_fail(MLEDGER_EINVALID, "'%s': %s has the choice '%s', not a plain word",
                           where, what, *at);
    if (rule->most && rule->most < rule->least)
        return ml_fail(MLEDGER_EINVALID, "'%s': %s has its limits the wrong way round", where,
                       what);
    return MLEDGER_OK;
}

/* Whether another option in `table`, if it stands there itself one before it, has its name or
 * letter. */
static bool is_taken(const struct ml_option *option, const struct ml_option *table)
{
    for (const struct ml_option *at = table; at->name && at != option; at++)
        if (strcmp(at->name, option->name) == 0 || (at->letter && at->letter == option->letter))
            return true;
    return false;
}

static int check_option(const char *where, const struct ml_option *all,
                        const struct ml_option *option, bool global)
{
    char what[80];
    snprintf(what, sizeof what, "option --%s", option->name);
    if (!is_word(option->name, strlen(option->name)))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s is not a plain word", where, what);
    if (option->letter && !isalnum((unsigned char)option->letter))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s has an odd letter", where, what);
    if (is_taken(option, all) || (!global && is_taken(option, ml_global_options)))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s has a name or letter already taken", where,
                       what);
    if (!option->value && (option->rule.kind != ML_VALUE_TEXT || option->required))
        return ml_fail(MLEDGER_EINVALID, "'%s': %s needs a name for its value", where, what);
    ML_TRY(check_rule(where, what, &option->rule));
    return check_sentences(where, what, option->help);
}

static int check_options(const char *where, const struct ml_option *options, bool global)
{
    for (const struct ml_option *at = options; at && at->name; at++)
        ML_TRY(check_option(where, options, at, global));
    return MLEDGER_OK;
}

static int check_argument(const char *where, const struct ml_argument *argument)
{
    if (argument->max == 0 || argument->min > argument->max || !is_ascii_text(argument->name))
        return ml_fail(MLEDGER_EINVALID, "'%s': argument %s has an odd name or count", where,
                       argument->name);
    ML_TRY(check_rule(where, argument->name, &argument->rule));
    return argument->help ? check_sentences(where, argument->name, argument->help) : MLEDGER_OK;
}

static int check_arguments(const char *where, const struct ml_argument *arguments)
{
    size_t open = 0;
    for (const struct ml_argument *at = arguments; at && at->name; at++) {
        ML_TRY(check_argument(where, at));
        open += at->min != at->max;
    }
    for (const struct ml_argument *at = arguments; open > 1 && at && at->name; at++)
        if (at->max == ML_ANY_NUMBER && at[1].name)
            return ml_fail(MLEDGER_EINVALID,
                           "'%s': only the last of several open arguments may "
                           "come any number of times",
                           where);
    return MLEDGER_OK;
}

static int check_examples(const struct ml_command *command)
{
    for (const struct ml_example *at = command->examples; at && at->line; at++) {
        if (!is_ascii_text(at->line))
            return ml_fail(MLEDGER_EINVALID, "'%s': an example is not ASCII", command->name);
        ML_TRY(check_sentences(command->name, "an example's text", at->text));
    }
    for (const struct ml_exit_code *at = command->exit_codes; at && at->text; at++) {
        if (at->code < 0 || at->code > (command->wraps ? 127 : 4))
            return ml_fail(MLEDGER_EINVALID, "'%s': exit code %d is not one of ours", command->name,
                           at->code);
        ML_TRY(check_sentences(command->name, "an exit code's text", at->text));
    }
    return MLEDGER_OK;
}

static int check_name(const struct ml_program *program, const struct ml_command *command)
{
    const char *name = command->name;
    if (command->hidden)
        return is_ascii_text(name) ? MLEDGER_OK
                                   : ml_fail(MLEDGER_EINVALID, "a hidden command has an odd name");
    const char *space = strchr(name, ' ');
    if (!space)
        return is_word(name, strlen(name))
                   ? MLEDGER_OK
                   : ml_fail(MLEDGER_EINVALID, "'%s': not a plain word", name);
    if (!is_word(space + 1, strlen(space + 1)) || !ml_command_group_of(program, command))
        return ml_fail(MLEDGER_EINVALID, "'%s': second word odd, or first word no group", name);
    return MLEDGER_OK;
}

static int check_command(const struct ml_program *program, const struct ml_command *command)
{
    ML_TRY(check_name(program, command));
    if (ml_command_find(program, command->name) != command)
        return ml_fail(MLEDGER_EINVALID, "'%s': two commands have this name", command->name);
    if (!command->run || (unsigned)command->topic >= ML_TOPIC_COUNT)
        return ml_fail(MLEDGER_EINVALID, "'%s': function or topic is missing", command->name);
    ML_TRY(check_summary(command->name, command->summary));
    for (const char *const *at = command->description; at && *at; at++)
        ML_TRY(check_sentences(command->name, "the description", *at));
    ML_TRY(check_options(command->name, command->options, false));
    ML_TRY(check_arguments(command->name, command->arguments));
    return check_examples(command);
}

static int check_group(const struct ml_program *program, const struct ml_command_group *group)
{
    if (!is_word(group->name, strlen(group->name)))
        return ml_fail(MLEDGER_EINVALID, "group '%s': not a plain word", group->name);
    ML_TRY(check_summary(group->name, group->summary));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (ml_command_in_group(*at, group->name))
            return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "group '%s' has no command", group->name);
}

int ml_program_check(const struct ml_program *program)
{
    ML_TRY(check_summary(program->name, program->summary));
    ML_TRY(check_options(program->name, ml_global_options, true));
    for (const struct ml_command_group *at = program->groups; at && at->name; at++)
        ML_TRY(check_group(program, at));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        ML_TRY(check_command(program, *at));
    return MLEDGER_OK;
}
