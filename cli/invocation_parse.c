/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/invocation.h"

#include <stdio.h>

#include "cli/suggest.h"

struct parser {
    struct ml_invocation *inv;
    const char *const *argv;
    int argc, at;
    bool words_only; /* after "--" */
};

/* The words that name what the line is about so far: "mledger run start". Static tables only,
 * so it always fits. */
static void subject(const struct ml_invocation *inv, char *text, size_t size)
{
    const char *name = inv->command ? inv->command->name : inv->group ? inv->group->name : NULL;
    if (name && !(inv->command && inv->command->hidden))
        snprintf(text, size, "%s %s", inv->program->name, name);
    else
        snprintf(text, size, "%s", inv->program->name);
}

/* Adds the hint that every usage error carries. */
static int usage(const struct ml_invocation *inv, int code)
{
    char text[128];
    subject(inv, text, sizeof text);
    if (code == MLEDGER_EUSAGE)
        ml_hint("%s --help", text);
    return code;
}

/* " of 'run start'", or nothing. */
static void owner(const struct ml_invocation *inv, char *text, size_t size)
{
    snprintf(text, size, inv->command ? " of '%s'" : "%s", inv->command ? inv->command->name : "");
}

/* "option '--name' of 'run start'": how errors call an option. Global ones have no owner. */
static void option_label(const struct ml_invocation *inv, const struct ml_option *option,
                         char *text, size_t size)
{
    char of[96] = "";
    if (ml_option_find(NULL, option->name, strlen(option->name)) != option)
        owner(inv, of, sizeof of);
    snprintf(text, size, "option '--%s'%s", option->name, of);
}

/* The value was checked against the table's choices already. */
static enum ml_color color_of(const char *value)
{
    if (strcmp(value, "always") == 0)
        return ML_COLOR_ALWAYS;
    return strcmp(value, "never") == 0 ? ML_COLOR_NEVER : ML_COLOR_AUTO;
}

static void set_global(struct ml_invocation *inv, const struct ml_option *option, const char *value)
{
    if (strcmp(option->name, "ledger") == 0)
        inv->ledger = value;
    else if (strcmp(option->name, "json") == 0)
        inv->json = true;
    else if (strcmp(option->name, "quiet") == 0)
        inv->quiet = true;
    else if (strcmp(option->name, "help") == 0)
        inv->help = true;
    else if (strcmp(option->name, "version") == 0)
        inv->version = true;
    else if (strcmp(option->name, "color") == 0)
        inv->color = color_of(value);
    else
        assert(false && "a global option that no field takes");
}

static int set_own(struct ml_invocation *inv, const struct ml_option *option, const char *value)
{
    for (size_t i = 0; value && !option->repeated && i < inv->setting_count; i++)
        if (inv->settings[i].option == option)
            return ml_fail(MLEDGER_EUSAGE, "option '--%s' of '%s' is given twice", option->name,
                           inv->command->name);
    ML_TRY(
        ml_grow(&inv->settings, &inv->setting_cap, inv->setting_count + 1, sizeof *inv->settings));
    inv->settings[inv->setting_count++] = (struct ml_setting){option, value};
    return MLEDGER_OK;
}

static int set_option(struct ml_invocation *inv, const struct ml_option *option, const char *value)
{
    char label[160];
    uint64_t number;
    option_label(inv, option, label, sizeof label);
    if (value)
        ML_TRY(ml_value_check(&option->rule, label, value, &number));
    if (ml_option_find(NULL, option->name, strlen(option->name)) != option)
        return set_own(inv, option, value);
    set_global(inv, option, value);
    return MLEDGER_OK;
}

static bool is_option_word(const struct ml_invocation *inv, const char *word)
{
    return strncmp(word, "--", 2) == 0 && ml_option_find(inv->command, word + 2, strlen(word + 2));
}

/* The value of `option` from the next word. */
static int take_value(struct parser *p, const struct ml_option *option, const char **ret_value)
{
    char label[160];
    option_label(p->inv, option, label, sizeof label);
    if (p->at == p->argc)
        return ml_fail(MLEDGER_EUSAGE, "%s needs a value: %s", label, option->value);
    const char *next = p->argv[p->at];
    if (is_option_word(p->inv, next))
        return ml_fail(MLEDGER_EUSAGE,
                       "%s needs a value: %s (if it is to be '%s', write '--%s=%s')", label,
                       option->value, next, option->name, next);
    p->at++;
    *ret_value = next;
    return MLEDGER_OK;
}

static void offer_options(struct ml_suggestion *near, const struct ml_option *options)
{
    for (const struct ml_option *at = options; at && at->name; at++)
        ml_suggestion_offer(near, at->name);
}

static int fail_unknown_long(const struct ml_invocation *inv, const char *name, size_t len)
{
    char of[96];
    owner(inv, of, sizeof of);
    struct ml_suggestion near;
    ml_suggestion_init(&near, name, len);
    offer_options(&near, inv->command ? inv->command->options : NULL);
    offer_options(&near, ml_global_options);
    if (near.best)
        return ml_fail(MLEDGER_EUSAGE, "unknown option '--%.*s'%s; did you mean '--%s'?", (int)len,
                       name, of, near.best);
    return ml_fail(MLEDGER_EUSAGE, "unknown option '--%.*s'%s%s", (int)len, name, of,
                   inv->command ? "" : "; a command's own options stand after its name");
}

static int parse_long(struct parser *p, const char *name)
{
    const char *equals = strchr(name, '=');
    const char *value = equals ? equals + 1 : NULL;
    size_t len = equals ? (size_t)(equals - name) : strlen(name);
    if (len > INT32_MAX)
        return ml_fail(MLEDGER_EUSAGE, "an option is too long");
    const struct ml_option *option = ml_option_find(p->inv->command, name, len);
    if (!option)
        return fail_unknown_long(p->inv, name, len);
    if (value && !option->value)
        return ml_fail(MLEDGER_EUSAGE, "option '--%s' takes no value, but '%s' was given",
                       option->name, value);
    if (!value && option->value)
        ML_TRY(take_value(p, option, &value));
    return set_option(p->inv, option, value);
}

static int parse_letters(struct parser *p, const char *letters)
{
    for (const char *at = letters; *at; at++) {
        const struct ml_option *option = ml_option_find_letter(p->inv->command, *at);
        if (!option) {
            char of[96];
            owner(p->inv, of, sizeof of);
            return ml_fail(MLEDGER_EUSAGE, "unknown option '-%c'%s in '-%s'", *at, of, letters);
        }
        if (!option->value) {
            ML_TRY(set_option(p->inv, option, NULL));
            continue;
        }
        const char *value = at + 1;
        if (*value == '\0')
            ML_TRY(take_value(p, option, &value));
        return set_option(p->inv, option, value);
    }
    return MLEDGER_OK;
}

static int fail_unknown_command(const struct ml_program *program, const char *word)
{
    struct ml_suggestion near;
    ml_suggestion_init(&near, word, strlen(word));
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (!(*at)->hidden)
            ml_suggestion_offer(&near, (*at)->name);
    for (const struct ml_command_group *at = program->groups; at && at->name; at++)
        ml_suggestion_offer(&near, at->name);
    if (near.best)
        return ml_fail(MLEDGER_EUSAGE, "unknown command '%s'; did you mean '%s'?", word, near.best);
    return ml_fail(MLEDGER_EUSAGE, "unknown command '%s'", word);
}

/* Text like "start, log, finish": the second words of the group. */
static int list_group(const struct ml_program *program, const char *group, struct ml_buf *list)
{
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (ml_command_in_group(*at, group))
            ML_TRY(ml_buf_printf(list, "%s%s", list->len ? ", " : "",
                                 (*at)->name + strlen(group) + 1));
    return ml_buf_append_char(list, '\0');
}

/* The second word of the group that `word` may be a misspelt one of; NULL: none. */
static const char *near_second_word(const struct ml_invocation *inv, const char *word)
{
    const char *group = inv->group->name;
    struct ml_suggestion near;
    ml_suggestion_init(&near, word, strlen(word));
    for (const struct ml_command *const *at = inv->program->commands; *at; at++)
        if (ml_command_in_group(*at, group))
            ml_suggestion_offer(&near, (*at)->name + strlen(group) + 1);
    return near.best;
}

static int fail_in_group(const struct ml_invocation *inv, const char *word)
{
    const char *group = inv->group->name;
    const char *near = word ? near_second_word(inv, word) : NULL;
    if (near)
        return ml_fail(MLEDGER_EUSAGE, "unknown command '%s %s'; did you mean '%s %s'?", group,
                       word, group, near);
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    ML_TRY(list_group(inv->program, group, &list));
    if (word)
        return ml_fail(MLEDGER_EUSAGE, "unknown command '%s %s'; there is %s", group, word,
                       (char *)list.data);
    return ml_fail(MLEDGER_EUSAGE, "'%s' needs one more word: %s", group, (char *)list.data);
}

/* The command of the group whose second word it is, NULL if there is none. */
static const struct ml_command *find_in_group(const struct ml_invocation *inv, const char *word)
{
    size_t skip = strlen(inv->group->name) + 1;
    for (const struct ml_command *const *at = inv->program->commands; *at; at++)
        if (ml_command_in_group(*at, inv->group->name) && strcmp((*at)->name + skip, word) == 0)
            return *at;
    return NULL;
}

static int take_first_word(struct ml_invocation *inv, const char *word)
{
    inv->group = ml_command_group_find(inv->program, word);
    inv->command = ml_command_find(inv->program, word);
    return inv->group || inv->command ? MLEDGER_OK : fail_unknown_command(inv->program, word);
}

static bool takes_arguments(const struct ml_command *command)
{
    return command->arguments && command->arguments->name;
}

/* So far the line names a command that is the first word of others, too. */
static bool may_go_on(const struct ml_invocation *inv)
{
    return inv->command && inv->group && inv->word_count == 0 &&
           strcmp(inv->command->name, inv->group->name) == 0;
}

/* Its options were read as the one word's, and cannot be the two words'. */
static int fail_too_late(const struct ml_invocation *inv, const char *word)
{
    const struct ml_option *option = inv->settings[0].option;
    return ml_fail(MLEDGER_EUSAGE, "'%s' stands before '--%s', an option of '%s'", word,
                   option->name, inv->command->name);
}

static bool is_plain_word(const char *word)
{
    return strspn(word, "abcdefghijklmnopqrstuvwxyz-") == strlen(word);
}

/* 1: it is an argument of the group's own command; 0: it was the second word of another. */
static int take_second_word(struct ml_invocation *inv, const char *word)
{
    const struct ml_command *command = find_in_group(inv, word);
    bool is_argument = !command && inv->command && takes_arguments(inv->command) &&
                       !(is_plain_word(word) && near_second_word(inv, word));
    if (is_argument)
        return 1;
    if (inv->setting_count > 0)
        return fail_too_late(inv, word);
    if (!command)
        return fail_in_group(inv, word);
    inv->command = command;
    return 0;
}

static int take_word(struct ml_invocation *inv, const char *word)
{
    if (!inv->command && !inv->group)
        return take_first_word(inv, word);
    if (!inv->command || may_go_on(inv)) {
        int is_argument = take_second_word(inv, word);
        if (is_argument <= 0)
            return is_argument;
    }
    ML_TRY(ml_grow(&inv->words, &inv->word_cap, inv->word_count + 2, sizeof *inv->words));
    inv->words[inv->word_count++] = word;
    inv->words[inv->word_count] = NULL;
    return MLEDGER_OK;
}

/* What follows the first argument of a command that wraps another is the other's. */
static bool ends_options(const struct ml_invocation *inv)
{
    return inv->command && inv->command->wraps && inv->word_count > 0;
}

static bool is_hidden_command(const struct ml_invocation *inv, const char *word)
{
    const struct ml_command *command = ml_command_find(inv->program, word);
    return !inv->command && !inv->group && command && command->hidden;
}

static int parse_word(struct parser *p, const char *word)
{
    if (p->words_only || ends_options(p->inv) || word[0] != '-' || word[1] == '\0' ||
        is_hidden_command(p->inv, word))
        return take_word(p->inv, word);
    if (strcmp(word, "--") == 0) {
        p->words_only = true;
        return MLEDGER_OK;
    }
    return word[1] == '-' ? parse_long(p, word + 2) : parse_letters(p, word + 1);
}

static int check_counts(const struct ml_invocation *inv)
{
    size_t min = 0, max = 0;
    const char *missing = NULL, *name = inv->command->name;
    for (const struct ml_argument *at = inv->command->arguments; at && at->name; at++) {
        min += at->min;
        max += at->max;
        if (!missing && min > inv->word_count)
            missing = at->name;
    }
    if (missing)
        return ml_fail(MLEDGER_EUSAGE, "'%s' needs %s", name, missing);
    if (inv->word_count > max && max == 0)
        return ml_fail(MLEDGER_EUSAGE, "'%s' takes no argument, but '%s' was given", name,
                       inv->words[0]);
    if (inv->word_count > max)
        return ml_fail(MLEDGER_EUSAGE, "'%s' takes at most %zu argument%s; '%s' is too many", name,
                       max, max == 1 ? "" : "s", inv->words[max]);
    return MLEDGER_OK;
}

static int check_arguments(const struct ml_invocation *inv)
{
    ML_TRY(check_counts(inv));
    for (const struct ml_argument *at = inv->command->arguments; at && at->name; at++) {
        char what[96];
        snprintf(what, sizeof what, "%s of '%s'", at->name, inv->command->name);
        size_t count = ml_argument_count(inv, at->name);
        uint64_t number;
        for (size_t i = 0; i < count; i++)
            ML_TRY(ml_value_check(&at->rule, what, ml_argument_at(inv, at->name, i), &number));
    }
    return MLEDGER_OK;
}

static int check_required(const struct ml_invocation *inv)
{
    for (const struct ml_option *at = inv->command->options; at && at->name; at++)
        if (at->required && !ml_option_given(inv, at->name))
            return ml_fail(MLEDGER_EUSAGE, "'%s' needs --%s %s", inv->command->name, at->name,
                           at->value);
    return MLEDGER_OK;
}

static int check_whole(const struct ml_invocation *inv)
{
    if (inv->help || inv->version)
        return MLEDGER_OK;
    if (!inv->command)
        return inv->group ? fail_in_group(inv, NULL)
                          : ml_fail(MLEDGER_EUSAGE, "no command is given");
    ML_TRY(check_arguments(inv));
    return check_required(inv);
}

int ml_invocation_parse(const struct ml_program *program, int argc, const char *const *argv,
                        struct ml_invocation *ret)
{
    *ret = (struct ml_invocation){.program = program};
    struct parser p = {.inv = ret, .argv = argv, .argc = argc, .at = 1};
    int code = MLEDGER_OK;
    while (code == MLEDGER_OK && p.at < argc)
        code = parse_word(&p, argv[p.at++]);
    if (code == MLEDGER_OK)
        code = check_whole(ret);
    return usage(ret, code);
}
