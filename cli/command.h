/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shape of the command line as data. A command is one constant table: from it come parsing,
 * usage errors, --help, the man page and shell completion, so that none of them can say
 * something else than the others. No table may be computed or changed at run time.
 *
 * To add a command: write `cli/cmd_NAME.c` with `const struct ml_command ml_command_NAME`, name
 * it in `cli/commands.def`, and add the source to `cli/CMakeLists.txt`. A command of two words
 * ("run start") also needs its first word in the groups of `cli/commands.c`. That word may be a
 * command by itself ("checkpoint", and "checkpoint show"): the second word then stands before any
 * option of its own. If it takes arguments, a word that is none of its second words is its first
 * argument ("report churn/3", and "report flow"), unless it is a plain word that nearly is one.
 *
 * Texts in tables are ASCII, in plain sentences; summaries do not end in a full stop. A table
 * that breaks a rule of this page is refused by ml_program_check(), which the build runs.
 */
#ifndef ML_CLI_COMMAND_H
#define ML_CLI_COMMAND_H

#include "ledger/core/base.h"

struct ml_invocation;
struct ml_output;

/* What a value is: how the framework checks it and how the shell completes it. */
enum ml_value_kind {
    ML_VALUE_TEXT = 0, /* anything; not completed */
    ML_VALUE_FILE,     /* path of a file, "-" where the command says so; completed */
    ML_VALUE_DIR,      /* path of a directory; completed */
    ML_VALUE_CHOICE,   /* one of `choices`; checked and completed */
    ML_VALUE_NUMBER,   /* decimal, from `least` to `most`; checked */
    ML_VALUE_SIZE,     /* bytes with an optional unit (64MiB), from `least` to `most`; checked */
    ML_VALUE_COMMAND,  /* name of a command; completed */
    ML_VALUE_REF,      /* anything the ledger knows: model, run, dataset, digest, git:COMMIT */
    ML_VALUE_MODEL,    /* a model or a version of one: churn, churn/3, models:/churn@champion */
    ML_VALUE_RUN,      /* a run: runs:/ID or ID */
    ML_VALUE_MOMENT,   /* a record's number or a time */
};

/* What a value must be; used by options and arguments alike. */
struct ml_value_rule {
    enum ml_value_kind kind;
    const char *const *choices; /* ML_VALUE_CHOICE: ended by NULL */
    uint64_t least, most;       /* ML_VALUE_NUMBER and _SIZE; most 0 means no upper limit */
};
#define ML_CHOICES(...) ((const char *const[]){__VA_ARGS__, NULL})

struct ml_option {
    const char *name;  /* long name without dashes; NULL ends a table */
    char letter;       /* short name, or 0 */
    const char *value; /* what its value is called ("DIR"); NULL: it takes none */
    struct ml_value_rule rule;
    bool repeated; /* may be given more than once; otherwise twice is a usage error */
    bool required;
    const char *help; /* one or more whole sentences */
};

#define ML_ANY_NUMBER UINT32_MAX
struct ml_argument {
    const char *name; /* upper case ("REF"); NULL ends a table */
    uint32_t min, max;
    struct ml_value_rule rule;
    const char *help; /* as for options; NULL where the description says it all */
};

struct ml_example {
    const char *line; /* as typed, without prompt; NULL ends a table */
    const char *text; /* what it does, one sentence */
};

struct ml_exit_code {
    int code; /* 0 .. 4, of one that wraps .. 127; 0 with text NULL ends a table */
    const char *text;
};

/* The heading under which the overview lists a command. */
enum ml_topic {
    ML_TOPIC_START,  /* making a ledger, its keys and actors, its policies */
    ML_TOPIC_RECORD, /* writing records by hand */
    ML_TOPIC_IMPORT, /* writing records from other tools */
    ML_TOPIC_ASK,    /* reading */
    ML_TOPIC_PROVE,  /* verifying, checkpoints, proofs */
    ML_TOPIC_OTHER,
    ML_TOPIC_COUNT
};

/* What a command's function returns when nothing failed but the answer is no: exit code 1. */
enum { ML_ANSWER_NO = 1 };
/* The same of a command that wraps another: main exits with this code, 0 to 255. */
#define ML_ANSWER_EXIT(code) (0x100 + (code))
/* And: main ends by this signal, or where that cannot be exits with 128 and the number. */
#define ML_ANSWER_SIGNAL(number) (0x200 + (number))

struct ml_command {
    const char *name; /* one word, or a group's word and one more: "log", "run start" */
    const char *summary;
    const char *const *description; /* paragraphs, ended by NULL; or NULL */
    const struct ml_argument *arguments;
    const struct ml_option *options;
    const struct ml_example *examples;
    const struct ml_exit_code *exit_codes; /* where they mean more than the common ones say */
    enum ml_topic topic;
    bool remote; /* can work with the ledger of a server: --ledger URL */
    bool hidden; /* in no list; its name may begin with dashes */
    /* Runs another program: its first argument ends the options, and exit codes are that
     * program's, but for ML_EXIT_WRAPPER where the command itself fails. */
    bool wraps;
    /* 0, ML_ANSWER_NO, ML_ANSWER_EXIT(), ML_ANSWER_SIGNAL(), or a negative mledger_result with the
     * error set. Writes its answer to `out` and nothing to any other stream (one that wraps: to
     * none but stderr); errors are printed by the caller. */
    int (*run)(const struct ml_invocation *invocation, struct ml_output *out);
};

/* The first word of commands of two words. */
struct ml_command_group {
    const char *name; /* NULL ends a table */
    const char *summary;
};

struct ml_program {
    const char *name;
    const char *version;
    const char *released; /* "Month D, YYYY": the date on the man pages */
    const char *summary;
    const char *const *description;
    const struct ml_command *const *commands; /* ended by NULL; order is that of all lists */
    const struct ml_command_group *groups;
};

/* Options that every command takes, before or after its name. */
extern const struct ml_option ml_global_options[];
/* What the exit codes mean unless a command says more. */
extern const struct ml_exit_code ml_common_exit_codes[];
/* Environment variables of the whole program: name in `line`, meaning in `text`. */
extern const struct ml_example ml_environment[];

/* Options that mean the same wherever they stand. */
#define ML_OPTION_AS_OF                                                                            \
    {                                                                                              \
        .name = "as-of", .value = "SEQ|TIME", .rule = {.kind = ML_VALUE_MOMENT},                   \
        .help = "Answer from what the ledger held at this record or time."                         \
    }
#define ML_OPTION_UP                                                                               \
    {                                                                                              \
        .name = "up", .help = "Follow what it was made from (the default)."                        \
    }
#define ML_OPTION_DOWN                                                                             \
    {                                                                                              \
        .name = "down", .help = "Follow what was made from it."                                    \
    }
#define ML_OPTION_DEPTH                                                                            \
    {                                                                                              \
        .name = "depth", .value = "N",                                                             \
        .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = 1000000},                            \
        .help = "Go at most this many steps."                                                      \
    }
/* Of questions about lineage: only what records say. */
#define ML_OPTIONS_RECORDED_ONLY                                                                   \
    {.name = "no-same-content", .help = "Take no step by content alone."},                         \
    {                                                                                              \
        .name = "no-inferred", .help = "Infer nothing."                                            \
    }

/* NULL when there is none. */
const struct ml_command *ml_command_find(const struct ml_program *program, const char *name);
const struct ml_command_group *ml_command_group_find(const struct ml_program *program,
                                                     const char *name);
/* The group that `command` belongs to, NULL when its name is one word. */
const struct ml_command_group *ml_command_group_of(const struct ml_program *program,
                                                   const struct ml_command *command);
/* Whether the command called `name` is one of the group `group`, "run start" of "run". */
bool ml_command_in_group(const struct ml_command *command, const char *group);
const char *ml_topic_heading(enum ml_topic topic);

/* The option called `name` (long, without dashes) or `letter` in the command's own or the
 * global options; NULL when there is none. `command` may be NULL: global options only. */
const struct ml_option *ml_option_find(const struct ml_command *command, const char *name,
                                       size_t name_len);
const struct ml_option *ml_option_find_letter(const struct ml_command *command, char letter);

/* Holds every table against the rules of this page.
 * MLEDGER_EINVALID: the text names the table and the fault. */
int ml_program_check(const struct ml_program *program) ML_MUST_USE;

#endif
