/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/commands.h"

static const struct ml_command *const commands[] = {
#define COMMAND(name) &ml_command_##name,
#include "cli/commands.def"
#undef COMMAND
    NULL};

static const struct ml_command_group groups[] = {
    {.name = "actor", .summary = "Who may act in the ledger"},
    {.name = "key", .summary = "Keys, and what they may do"},
    {.name = "token", .summary = "By what users show a server who they are"},
    {.name = "policy", .summary = "What a version needs to enter a stage"},
    {.name = "threshold", .summary = "How many admins must agree"},
    {.name = "statement", .summary = "What people sign by their own keys"},
    {.name = "import", .summary = "What other tools wrote"},
    {.name = "hook", .summary = "Imports that Git starts"},
    {.name = "clock", .summary = "Recorded times"},
    {.name = "run", .summary = "Training runs"},
    {.name = "artifact", .summary = "Files that runs produced"},
    {.name = "dataset", .summary = "Data, identified by its content"},
    {.name = "model", .summary = "Registered models"},
    {.name = "version", .summary = "Versions of registered models"},
    {.name = "validation", .summary = "How versions did when they were examined"},
    {.name = "witness", .summary = "Who else saw the ledger, and seeing for others"},
    {.name = "incident", .summary = "What went wrong"},
    {.name = "webhook", .summary = "Who is told of what happens in the registry"},
    {.name = "checkpoint", .summary = "What the ledger held, signed by its log key"},
    {.name = "report", .summary = "What the records say, for who has to judge it"},
    {.name = "export", .summary = "What the ledger holds, for others' tools"},
    {.name = NULL},
};

static const char *const description[] = {
    "mledger keeps an append-only ledger of what happens to machine-learning models: every run, "
    "dataset hash, model version, stage transition and approval becomes a signed, hash-chained "
    "record. From those records alone it proves that nothing was changed, rebuilds where any "
    "model version came from, and draws it.",
    NULL};

const struct ml_program ml_program_mledger = {
    .name = "mledger",
    .version = MLEDGER_VERSION,
    .released = MLEDGER_RELEASED,
    .summary = "append-only audit ledger for machine-learning models",
    .description = description,
    .commands = commands,
    .groups = groups,
};
