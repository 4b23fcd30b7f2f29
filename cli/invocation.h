/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command line, parsed by the tables of command.h.
 *
 * Grammar: global options may stand anywhere; a command's own options stand after its name.
 * `--name=value`, `--name value`, `-nvalue`, `-n value`, flags bundled (`-qv`); `--` ends
 * options, as does the first argument of a command that wraps another; `-` alone is an argument.
 * Long names are never abbreviated. A value may begin with a dash, but a bare `--word` that is
 * itself an option is taken for a forgotten value. Of a global option given twice the last one
 * counts (so that an alias can be overridden); a command's own option with a value given twice is
 * an error unless its table says repeated.
 *
 * Everything here borrows from argv and the tables, which must outlive the invocation.
 */
#ifndef ML_CLI_INVOCATION_H
#define ML_CLI_INVOCATION_H

#include "cli/command.h"

enum ml_color { ML_COLOR_AUTO, ML_COLOR_ALWAYS, ML_COLOR_NEVER };

struct ml_setting {
    const struct ml_option *option;
    const char *value; /* NULL for a flag */
};

struct ml_invocation {
    const struct ml_program *program;
    const struct ml_command *command;     /* NULL: none was named (--help, --version) */
    const struct ml_command_group *group; /* first word of two, or a group without a command */
    const char *ledger;                   /* --ledger, or NULL */
    bool json, quiet, help, version;
    bool sigpipe_ignored; /* by who started us: main ignores it in any case, and says here */
    enum ml_color color;
    struct ml_setting *settings; /* the command's own options in the order given */
    size_t setting_count, setting_cap;
    const char **words; /* the arguments, ended by NULL if there are any */
    size_t word_count, word_cap;
};

/* Parses argv[1 …] into `*ret`, which the caller releases, also after a failure: what was
 * understood until then stands in it (so that the error can be printed as --json asked).
 * Checks names, values, counts and required options, unless --help or --version was given.
 * MLEDGER_EUSAGE: the line makes no sense; text and hint say what to do.
 * MLEDGER_ESYSTEM: out of memory. */
int ml_invocation_parse(const struct ml_program *program, int argc, const char *const *argv,
                        struct ml_invocation *ret) ML_MUST_USE;
void ml_invocation_release(struct ml_invocation *invocation);

/* In all of these `name` is that of an option in the command's own table; another name is a
 * programmer's error. */
bool ml_option_given(const struct ml_invocation *invocation, const char *name);
size_t ml_option_count(const struct ml_invocation *invocation, const char *name);
/* The i-th value given, NULL when there are not that many. */
const char *ml_option_at(const struct ml_invocation *invocation, const char *name, size_t i);
/* The value, or `fallback` when the option was not given. */
const char *ml_option_text(const struct ml_invocation *invocation, const char *name,
                           const char *fallback);
/* Of an ML_VALUE_NUMBER or ML_VALUE_SIZE (in bytes), or `fallback` when it was not given. */
uint64_t ml_option_number(const struct ml_invocation *invocation, const char *name,
                          uint64_t fallback);
/* Position of the value among the choices of an ML_VALUE_CHOICE, or `fallback`. */
size_t ml_option_choice(const struct ml_invocation *invocation, const char *name, size_t fallback);

/* How many values the argument called `name` got, and the i-th (NULL past the end). Where
 * several arguments are open, the earlier ones take as many as they may. */
size_t ml_argument_count(const struct ml_invocation *invocation, const char *name);
const char *ml_argument_at(const struct ml_invocation *invocation, const char *name, size_t i);
/* The first value, NULL when there is none. */
const char *ml_argument(const struct ml_invocation *invocation, const char *name);

/* The value by its rule: `what` names option or argument in the error. ML_VALUE_NUMBER and
 * _SIZE put the number in `*ret_number`; other kinds leave it alone.
 * MLEDGER_EUSAGE: it is not what the rule asks for. */
int ml_value_check(const struct ml_value_rule *rule, const char *what, const char *value,
                   uint64_t *ret_number) ML_MUST_USE;

#endif
