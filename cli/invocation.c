/* SPDX-License-Identifier: Apache-2.0 */
/* What a parsed command line answers; how it is parsed is in invocation_parse.c. */
#include "cli/invocation.h"

void ml_invocation_release(struct ml_invocation *invocation)
{
    if (!invocation)
        return;
    free(invocation->settings);
    free(invocation->words);
    *invocation = (struct ml_invocation){0};
}

static const struct ml_option *own_option(const struct ml_invocation *invocation, const char *name)
{
    for (const struct ml_option *at = invocation->command->options; at && at->name; at++)
        if (strcmp(at->name, name) == 0)
            return at;
    assert(false && "no such option in the command's table");
    return NULL;
}

static const struct ml_setting *setting_at(const struct ml_invocation *invocation, const char *name,
                                           size_t i)
{
    const struct ml_option *option = own_option(invocation, name);
    for (size_t k = 0; k < invocation->setting_count; k++)
        if (invocation->settings[k].option == option && i-- == 0)
            return &invocation->settings[k];
    return NULL;
}

bool ml_option_given(const struct ml_invocation *invocation, const char *name)
{
    return setting_at(invocation, name, 0) != NULL;
}

size_t ml_option_count(const struct ml_invocation *invocation, const char *name)
{
    const struct ml_option *option = own_option(invocation, name);
    size_t count = 0;
    for (size_t k = 0; k < invocation->setting_count; k++)
        count += invocation->settings[k].option == option;
    return count;
}

const char *ml_option_at(const struct ml_invocation *invocation, const char *name, size_t i)
{
    const struct ml_setting *setting = setting_at(invocation, name, i);
    return setting ? setting->value : NULL;
}

const char *ml_option_text(const struct ml_invocation *invocation, const char *name,
                           const char *fallback)
{
    const struct ml_setting *setting = setting_at(invocation, name, 0);
    return setting ? setting->value : fallback;
}

uint64_t ml_option_number(const struct ml_invocation *invocation, const char *name,
                          uint64_t fallback)
{
    const struct ml_setting *setting = setting_at(invocation, name, 0);
    if (!setting)
        return fallback;
    uint64_t number = fallback;
    int checked = ml_value_check(&setting->option->rule, name, setting->value, &number);
    assert(checked == MLEDGER_OK); /* the parser let it through */
    (void)checked;
    return number;
}

size_t ml_option_choice(const struct ml_invocation *invocation, const char *name, size_t fallback)
{
    const struct ml_setting *setting = setting_at(invocation, name, 0);
    for (size_t i = 0; setting && setting->option->rule.choices[i]; i++)
        if (strcmp(setting->option->rule.choices[i], setting->value) == 0)
            return i;
    return fallback;
}

/* Where the values of the argument called `name` begin among the words, and how many they are. */
static size_t locate(const struct ml_invocation *invocation, const char *name, size_t *ret_count)
{
    const struct ml_argument *arguments = invocation->command->arguments;
    size_t spare = invocation->word_count, start = 0;
    for (const struct ml_argument *at = arguments; at && at->name; at++)
        spare -= at->min;
    for (const struct ml_argument *at = arguments; at && at->name; at++) {
        size_t extra = at->max - at->min < spare ? at->max - at->min : spare;
        if (strcmp(at->name, name) == 0) {
            *ret_count = at->min + extra;
            return start;
        }
        start += at->min + extra;
        spare -= extra;
    }
    assert(false && "no such argument in the command's table");
    *ret_count = 0;
    return 0;
}

size_t ml_argument_count(const struct ml_invocation *invocation, const char *name)
{
    size_t count;
    locate(invocation, name, &count);
    return count;
}

const char *ml_argument_at(const struct ml_invocation *invocation, const char *name, size_t i)
{
    size_t count;
    size_t start = locate(invocation, name, &count);
    return i < count ? invocation->words[start + i] : NULL;
}

const char *ml_argument(const struct ml_invocation *invocation, const char *name)
{
    return ml_argument_at(invocation, name, 0);
}
