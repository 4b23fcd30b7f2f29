/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines, against tables with every kind of value. The input's texts, each ended by a zero
 * byte, are the arguments. What was understood keeps what the tables promise to commands.
 */
#include "cli/invocation.h"
#include "tests/fuzz/target.h"

enum { ARGUMENTS_MAX = 64 };

static int do_nothing(const struct ml_invocation *invocation, struct ml_output *out)
{
    (void)invocation, (void)out;
    return MLEDGER_OK;
}

static const struct ml_option options[] = {
    {.name = "for", .value = "NAME", .required = true, .help = "Whom it is for."},
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
    {.name = "count",
     .letter = 'n',
     .value = "N",
     .rule = {.kind = ML_VALUE_NUMBER, .least = 3, .most = 99},
     .help = "How many."},
    {.name = NULL},
};

static const struct ml_command start = {
    .name = "run start",
    .summary = "Start a run",
    .arguments = (const struct ml_argument[]){{.name = "MODEL", .min = 1, .max = 1},
                                              {.name = "FILE", .min = 0, .max = 2},
                                              {.name = NULL}},
    .options = options,
    .topic = ML_TOPIC_RECORD,
    .run = do_nothing,
};
static const struct ml_command finish = {
    .name = "run finish", .summary = "End a run", .topic = ML_TOPIC_RECORD, .run = do_nothing};

static const struct ml_program program = {
    .name = "prog",
    .version = "1",
    .released = "January 1, 2026",
    .summary = "a program",
    .commands = (const struct ml_command *const[]){&start, &finish, NULL},
    .groups = (const struct ml_command_group[]){{"run", "Record runs"}, {NULL, NULL}},
};

static void check_start(const struct ml_invocation *invocation)
{
    FUZZ_CHECK(ml_argument_count(invocation, "MODEL") == 1 && ml_argument(invocation, "MODEL"));
    FUZZ_CHECK(ml_argument_count(invocation, "FILE") <= 2);
    FUZZ_CHECK(ml_option_count(invocation, "for") == 1 && ml_option_text(invocation, "for", NULL));
    FUZZ_CHECK(ml_option_count(invocation, "level") <= 1);
    FUZZ_CHECK(ml_option_choice(invocation, "level", 0) < 2);
    FUZZ_CHECK(ml_option_number(invocation, "memory", 1024) >= 1024);
    FUZZ_CHECK(ml_option_number(invocation, "memory", 1024) <= UINT64_C(1) << 40);
    uint64_t count = ml_option_number(invocation, "count", 3);
    FUZZ_CHECK(count >= 3 && count <= 99);
    for (size_t i = 0; i < ml_option_count(invocation, "tag"); i++)
        FUZZ_CHECK(ml_option_at(invocation, "tag", i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ML_CLEANUP(ml_invocation_release) struct ml_invocation invocation;
    ML_CLEANUP(ml_freep) char *text = malloc(size + 1);
    const char *argv[ARGUMENTS_MAX + 1] = {"prog"};
    int argc = 1;
    FUZZ_CHECK(text);
    memcpy(text, data, size);
    text[size] = '\0';
    for (size_t at = 0; at < size && argc < ARGUMENTS_MAX; at += strlen(text + at) + 1)
        argv[argc++] = text + at;
    int result = ml_invocation_parse(&program, argc, argv, &invocation);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EUSAGE);
    FUZZ_CHECK(result == MLEDGER_OK || mledger_error_text()[0]);
    if (result < 0 || invocation.help || invocation.version)
        return 0;
    FUZZ_CHECK(invocation.command);
    if (invocation.command == &start)
        check_start(&invocation);
    return 0;
}
