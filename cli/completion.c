/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/completion.h"

#include <stdio.h>

/* The part of the script that does not depend on the tables. The tables become functions that
 * set REPLY: @_words COMMAND (what may follow as a word of a command's name), @_options COMMAND,
 * @_value COMMAND OPTION and @_argument COMMAND NUMBER (file, dir, command, none, or
 * "one of …"; "" where an option takes no value). "@" stands for the program's name. */
static const char script_tail[] =
    "\n"
    "_@_reply() # WORDS CURRENT\n"
    "{\n"
    "    local IFS=$' \\t\\n'\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$2\")\n"
    "}\n"
    "\n"
    "_@_complete_value() # KIND CURRENT\n"
    "{\n"
    "    case $1 in\n"
    "        file) compopt -o filenames 2>/dev/null\n"
    "              mapfile -t COMPREPLY < <(compgen -f -- \"$2\") ;;\n"
    "        dir) compopt -o filenames 2>/dev/null\n"
    "             mapfile -t COMPREPLY < <(compgen -d -- \"$2\") ;;\n"
    "        command) _@_words \"${COMP_WORDS[COMP_CWORD - 1]}\"\n"
    "                 if [[ ! $REPLY ]]; then _@_words ''; fi\n"
    "                 _@_reply \"$REPLY\" \"$2\" ;;\n"
    "        'one of '*) _@_reply \"${1#one of }\" \"$2\" ;;\n"
    "    esac\n"
    "}\n"
    "\n"
    "_@()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} command='' partial='' option='' only_words=''\n"
    "    local -i count=0 i\n"
    "    local word REPLY\n"
    "    COMPREPLY=()\n"
    "    # What stands before the cursor. \"=\" is a word of its own here.\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        if [[ $word == '=' && $option ]]; then continue; fi\n"
    "        if [[ $option ]]; then option=''; continue; fi\n"
    "        if [[ ! $only_words && $word == -- ]]; then only_words=1; continue; fi\n"
    "        if [[ ! $only_words && $word == -?* ]]; then\n"
    "            _@_value \"${command:-$partial}\" \"$word\"\n"
    "            if [[ $REPLY ]]; then option=$word; fi\n"
    "        elif [[ $command ]]; then\n"
    "            count+=1\n"
    "        else\n"
    "            partial=${partial:+$partial }$word\n"
    "            _@_words \"$partial\"\n"
    "            if [[ ! $REPLY ]]; then command=$partial; fi\n"
    "        fi\n"
    "    done\n"
    "    if [[ $option ]]; then\n"
    "        if [[ $cur == '=' ]]; then cur=''; fi\n"
    "        _@_value \"${command:-$partial}\" \"$option\"\n"
    "        _@_complete_value \"$REPLY\" \"$cur\"\n"
    "    elif [[ ! $only_words && $cur == -* ]]; then\n"
    "        _@_options \"${command:-$partial}\"\n"
    "        _@_reply \"$REPLY\" \"$cur\"\n"
    "    elif [[ ! $command ]]; then\n"
    "        _@_words \"$partial\"\n"
    "        _@_reply \"$REPLY\" \"$cur\"\n"
    "    else\n"
    "        _@_argument \"$command\" \"$count\"\n"
    "        _@_complete_value \"$REPLY\" \"$cur\"\n"
    "    fi\n"
    "}\n"
    "complete -F _@ @\n";

/* Appends the tail with the program's name for each "@". */
static int put_tail(struct ml_buf *script, const char *name)
{
    for (const char *at = script_tail; *at; at++)
        ML_TRY(*at == '@' ? ml_buf_append_text(script, name) : ml_buf_append_char(script, *at));
    return MLEDGER_OK;
}

static int put_kind(struct ml_buf *script, const struct ml_value_rule *rule)
{
    switch (rule->kind) {
    case ML_VALUE_FILE:
        return ml_buf_append_text(script, "'file'");
    case ML_VALUE_DIR:
        return ml_buf_append_text(script, "'dir'");
    case ML_VALUE_COMMAND:
        return ml_buf_append_text(script, "'command'");
    case ML_VALUE_CHOICE:
        ML_TRY(ml_buf_append_text(script, "'one of"));
        for (const char *const *at = rule->choices; *at; at++)
            ML_TRY(ml_buf_printf(script, " %s", *at));
        return ml_buf_append_char(script, '\'');
    default:
        return ml_buf_append_text(script, "none");
    }
}

static int put_group_words(const struct ml_program *program, struct ml_buf *script)
{
    for (const struct ml_command_group *group = program->groups; group && group->name; group++) {
        ML_TRY(ml_buf_printf(script, "        '%s') REPLY='", group->name));
        for (const struct ml_command *const *at = program->commands; *at; at++)
            if (ml_command_in_group(*at, group->name))
                ML_TRY(ml_buf_printf(script, "%s ", (*at)->name + strlen(group->name) + 1));
        ML_TRY(ml_buf_append_text(script, "' ;;\n"));
    }
    return MLEDGER_OK;
}

static int put_words(const struct ml_program *program, struct ml_buf *script)
{
    ML_TRY(ml_buf_printf(script, "_%s_words()\n{\n    case $1 in\n        '') REPLY='",
                         program->name));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (!(*at)->hidden && !strchr((*at)->name, ' '))
            ML_TRY(ml_buf_printf(script, "%s ", (*at)->name));
    for (const struct ml_command_group *at = program->groups; at && at->name; at++)
        if (!ml_command_find(program, at->name))
            ML_TRY(ml_buf_printf(script, "%s ", at->name));
    ML_TRY(ml_buf_append_text(script, "' ;;\n"));
    ML_TRY(put_group_words(program, script));
    return ml_buf_append_text(script, "        *) REPLY='' ;;\n    esac\n}\n\n");
}

static int put_option_names(struct ml_buf *script, const struct ml_option *options)
{
    for (const struct ml_option *at = options; at && at->name; at++)
        ML_TRY(ml_buf_printf(script, "--%s ", at->name));
    return MLEDGER_OK;
}

static int put_options(const struct ml_program *program, struct ml_buf *script)
{
    ML_TRY(ml_buf_printf(script, "_%s_options()\n{\n    REPLY='", program->name));
    ML_TRY(put_option_names(script, ml_global_options));
    ML_TRY(ml_buf_append_text(script, "'\n    case $1 in\n"));
    for (const struct ml_command *const *at = program->commands; *at; at++) {
        if ((*at)->hidden || !(*at)->options || !(*at)->options->name)
            continue;
        ML_TRY(ml_buf_printf(script, "        '%s') REPLY+='", (*at)->name));
        ML_TRY(put_option_names(script, (*at)->options));
        ML_TRY(ml_buf_append_text(script, "' ;;\n"));
    }
    return ml_buf_append_text(script, "        *) ;;\n    esac\n}\n\n");
}

static int put_values_of(struct ml_buf *script, const char *command,
                         const struct ml_option *options)
{
    for (const struct ml_option *at = options; at && at->name; at++) {
        if (!at->value)
            continue;
        ML_TRY(ml_buf_append_text(script, "        "));
        if (at->letter)
            ML_TRY(ml_buf_printf(script, "%s' -%c'|", command, at->letter));
        ML_TRY(ml_buf_printf(script, "%s' --%s') REPLY=", command, at->name));
        ML_TRY(put_kind(script, &at->rule));
        ML_TRY(ml_buf_append_text(script, " ;;\n"));
    }
    return MLEDGER_OK;
}

static int put_values(const struct ml_program *program, struct ml_buf *script)
{
    ML_TRY(ml_buf_printf(script, "_%s_value()\n{\n    case \"$1 $2\" in\n", program->name));
    ML_TRY(put_values_of(script, "*", ml_global_options));
    for (const struct ml_command *const *at = program->commands; *at; at++) {
        char quoted[80];
        snprintf(quoted, sizeof quoted, "'%s'", (*at)->name);
        if (!(*at)->hidden)
            ML_TRY(put_values_of(script, quoted, (*at)->options));
    }
    return ml_buf_append_text(script, "        *) REPLY='' ;;\n    esac\n}\n\n");
}

static int put_arguments_of(struct ml_buf *script, const struct ml_command *command)
{
    size_t place = 0;
    for (const struct ml_argument *at = command->arguments; at && at->name; at++) {
        /* Past a few, each place on its own says no more than the rest of them together. */
        bool open = at->max > 4;
        for (size_t i = 0; i < (open ? 1 : at->max); i++, place++) {
            if (open)
                ML_TRY(ml_buf_printf(script, "        '%s '*) REPLY=", command->name));
            else
                ML_TRY(ml_buf_printf(script, "        '%s %zu') REPLY=", command->name, place));
            ML_TRY(put_kind(script, &at->rule));
            ML_TRY(ml_buf_append_text(script, " ;;\n"));
        }
        if (open)
            break;
    }
    return MLEDGER_OK;
}

static int put_arguments(const struct ml_program *program, struct ml_buf *script)
{
    ML_TRY(ml_buf_printf(script, "_%s_argument()\n{\n    case \"$1 $2\" in\n", program->name));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (!(*at)->hidden)
            ML_TRY(put_arguments_of(script, *at));
    return ml_buf_append_text(script, "        *) REPLY=none ;;\n    esac\n}\n");
}

int ml_completion_bash(const struct ml_program *program, struct ml_buf *script)
{
    ML_TRY(ml_buf_printf(script,
                         "# SPDX-License-Identifier: Apache-2.0\n"
                         "# shellcheck shell=bash\n"
                         "# Completion of %s in bash, made from its command tables.\n\n",
                         program->name));
    ML_TRY(put_words(program, script));
    ML_TRY(put_options(program, script));
    ML_TRY(put_values(program, script));
    ML_TRY(put_arguments(program, script));
    return put_tail(script, program->name);
}
