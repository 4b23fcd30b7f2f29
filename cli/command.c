/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/command.h"

const struct ml_option ml_global_options[] = {
    {.name = "ledger",
     .value = "DIR|URL",
     .rule = {.kind = ML_VALUE_DIR},
     .help = "The ledger to work on; for a few commands the address of the server that holds it "
             "(mledger serve). Without it: $MLEDGER_DIR, else the nearest directory "
             ".mledger in the current directory or one above it."},
    {.name = "json", .help = "Print the answer, and an error, as JSON."},
    {.name = "quiet", .letter = 'q', .help = "Show no progress and no remarks, only the answer."},
    {.name = "color",
     .value = "WHEN",
     .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("auto", "always", "never")},
     .help = "Colour the answer. auto, the default: on a terminal, unless NO_COLOR is set."},
    {.name = "help", .letter = 'h', .help = "Explain the command and do nothing else."},
    {.name = "version", .help = "Print the version and do nothing else."},
    {.name = NULL},
};

const struct ml_exit_code ml_common_exit_codes[] = {
    {0, "It is done, or the answer is yes."},
    {1, "The answer is no: something was found wrong, the ledger's files are damaged, or what "
        "was asked for is not there."},
    {2, "The command line makes no sense."},
    {3, "It could not be done: input, output, keys, a lock, the network."},
    {4, "A rule or policy forbids it. Nothing was written."},
    {0, NULL},
};

const struct ml_example ml_environment[] = {
    {"MLEDGER_DIR", "The ledger to work on, unless --ledger names one."},
    {"NO_COLOR", "Set to anything: no colour, unless --color says otherwise."},
    {"MLEDGER_TOKEN", "Sent to a server that is asked for its ledger, to say who asks."},
    {"MLEDGER_IMAGE", "The image of the container that mledger runs in, for run exec."},
    {"COLUMNS", "The width of the terminal, where the terminal does not tell."},
    {"MLEDGER_UPSTREAM_TOKEN", "Sent as a bearer token to the server of serve --upstream."},
    {"OPENLINEAGE_API_KEY", "Sent as a bearer token by mledger export --post."},
    {"XDG_CONFIG_HOME", "Keys are kept in mledger/keys below it; $HOME/.config by default."},
    {"XDG_STATE_HOME",
     "Known heads of ledgers are kept in mledger below it; $HOME/.local/state by default."},
    {NULL, NULL},
};

static const char *const topic_headings[ML_TOPIC_COUNT] = {
    [ML_TOPIC_START] = "Begin and set rules",
    [ML_TOPIC_RECORD] = "Record",
    [ML_TOPIC_IMPORT] = "Take in and give out",
    [ML_TOPIC_ASK] = "Ask",
    [ML_TOPIC_PROVE] = "Prove",
    [ML_TOPIC_OTHER] = "Other",
};

const char *ml_topic_heading(enum ml_topic topic)
{
    assert((unsigned)topic < ML_TOPIC_COUNT);
    return topic_headings[topic];
}

const struct ml_command *ml_command_find(const struct ml_program *program, const char *name)
{
    for (const struct ml_command *const *at = program->commands; *at; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

const struct ml_command_group *ml_command_group_find(const struct ml_program *program,
                                                     const char *name)
{
    for (const struct ml_command_group *at = program->groups; at && at->name; at++)
        if (strcmp(at->name, name) == 0)
            return at;
    return NULL;
}

bool ml_command_in_group(const struct ml_command *command, const char *group)
{
    size_t len = strlen(group);
    return strncmp(command->name, group, len) == 0 && command->name[len] == ' ';
}

const struct ml_command_group *ml_command_group_of(const struct ml_program *program,
                                                   const struct ml_command *command)
{
    for (const struct ml_command_group *at = program->groups; at && at->name; at++)
        if (ml_command_in_group(command, at->name))
            return at;
    return NULL;
}

static const struct ml_option *find_in(const struct ml_option *options, const char *name,
                                       size_t name_len)
{
    for (const struct ml_option *at = options; at && at->name; at++)
        if (strlen(at->name) == name_len && memcmp(at->name, name, name_len) == 0)
            return at;
    return NULL;
}

static const struct ml_option *find_letter_in(const struct ml_option *options, char letter)
{
    for (const struct ml_option *at = options; at && at->name; at++)
        if (at->letter && at->letter == letter)
            return at;
    return NULL;
}

const struct ml_option *ml_option_find(const struct ml_command *command, const char *name,
                                       size_t name_len)
{
    const struct ml_option *own = command ? find_in(command->options, name, name_len) : NULL;
    return own ? own : find_in(ml_global_options, name, name_len);
}

const struct ml_option *ml_option_find_letter(const struct ml_command *command, char letter)
{
    const struct ml_option *own = command ? find_letter_in(command->options, letter) : NULL;
    return own ? own : find_letter_in(ml_global_options, letter);
}
