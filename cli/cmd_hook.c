/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hook install, remove, run: imports that Git starts after a commit or a merge.
 *
 * A hook starts `hook run` in the background and ends: a commit waits for nothing and cannot fail
 * by it. Imports of one repository run one at a time. A commit that comes while one runs leaves a
 * mark, and the one that runs imports once more when it sees it; so of many commits in a row the
 * last one is imported, and some of those before it are not. What an import says goes to a log in
 * the repository, which holds the last one.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/hook_file.h"
#include "cli/importing.h"
#include "cli/ledger_dir.h"
#include "cli/report.h"
#include "ingest/git_hooks.h"
#include "ledger/core/time.h"

static const char *const hook_names[] = {"post-commit", "post-merge"};

static int format_path(char **ret_path, const char *dir, const char *name)
{
    if (asprintf(ret_path, "%s/%s", dir, name) >= 0)
        return MLEDGER_OK;
    *ret_path = NULL;
    return ml_fail_memory();
}

/* A folder without a repository is nothing to install into. */
static int find_hooks(const struct ml_invocation *invocation, struct ml_git_hooks *hooks)
{
    const int result = ml_git_hooks_find(ml_option_text(invocation, "dir", "."), hooks);
    struct ml_error error;
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_get(&error);
    error.code = MLEDGER_ESYSTEM;
    return ml_error_set(&error);
}

/* ---- hook install ---- */

static int add_option(struct ml_buf *call, const char *name, const char *value)
{
    if (!value)
        return MLEDGER_OK;
    ML_TRY(ml_buf_printf(call, " --%s ", name));
    return ml_hook_quote(call, value);
}

static int find_program(struct ml_buf *call)
{
    ML_CLEANUP(ml_freep) char *program = realpath("/proc/self/exe", NULL);
    return program ? ml_hook_quote(call, program)
                   : ml_fail_errno(errno, "cannot find this program");
}

/* 'PROGRAM' --ledger 'DIR' hook run --dir 'BELOW' ... & */
static int make_call(const struct ml_invocation *invocation, const struct ml_git_hooks *hooks,
                     struct ml_buf *call)
{
    ML_CLEANUP(ml_freep) char *found = NULL;
    ML_TRY(ml_ledger_dir_find(invocation, &found));
    ML_CLEANUP(ml_freep) char *ledger = realpath(found, NULL);
    if (!ledger)
        return ml_fail_errno(errno, "cannot find ledger '%s'", found);
    ML_TRY(find_program(call));
    ML_TRY(add_option(call, "ledger", ledger));
    ML_TRY(ml_buf_append_text(call, " hook run"));
    ML_TRY(add_option(call, "dir", hooks->below));
    ML_TRY(add_option(call, "name", ml_option_text(invocation, "name", NULL)));
    ML_TRY(add_option(call, "key", ml_option_text(invocation, "key", NULL)));
    ML_TRY(ml_buf_append_text(call, " </dev/null >/dev/null 2>&1 &"));
    return ml_buf_append_char(call, '\0');
}

static int fail_foreign(const char *path, const char *call)
{
    ml_fail(MLEDGER_ESYSTEM, "there is a hook already: '%s'; it is not changed, and nothing is",
            path);
    return ml_hint("add this line to it: %s", call);
}

static int install_one(const char *path, const char *call, enum ml_hook_state state,
                       struct ml_output *out)
{
    if (state == ML_HOOK_NONE || state == ML_HOOK_OTHER)
        ML_TRY(ml_hook_write(path, call));
    if (!out)
        return MLEDGER_OK;
    ml_output_line(out, ML_ROLE_PLAIN, "%s  %s",
                   state == ML_HOOK_NONE      ? "installed   "
                   : state == ML_HOOK_OTHER   ? "changed     "
                   : state == ML_HOOK_CHAINED ? "is called by"
                                              : "is there    ",
                   path);
    return MLEDGER_OK;
}

static int install(const struct ml_git_hooks *hooks, const char *call, struct ml_output *out)
{
    char *paths[ML_COUNT(hook_names)] = {NULL};
    enum ml_hook_state states[ML_COUNT(hook_names)];
    int result = mkdir(hooks->dir, 0755) < 0 && errno != EEXIST
                     ? ml_fail_errno(errno, "cannot make '%s'", hooks->dir)
                     : MLEDGER_OK;
    for (size_t i = 0; i < ML_COUNT(hook_names) && result >= 0; i++) {
        result = format_path(&paths[i], hooks->dir, hook_names[i]);
        if (result >= 0)
            result = ml_hook_read(paths[i], call, &states[i]);
        if (result >= 0 && states[i] == ML_HOOK_FOREIGN)
            result = fail_foreign(paths[i], call);
    }
    for (size_t i = 0; i < ML_COUNT(hook_names) && result >= 0; i++)
        result = install_one(paths[i], call, states[i], out);
    for (size_t i = 0; i < ML_COUNT(hook_names); i++)
        free(paths[i]);
    return result;
}

static int print_json(const struct ml_git_hooks *hooks, struct ml_output *out)
{
    json_t *json = json_pack("{s:s, s:[s, s], s:s}", "hooks", hooks->dir, "names", hook_names[0],
                             hook_names[1], "repository", hooks->common);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int run_install(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_git_hooks_release) struct ml_git_hooks hooks = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf call = {0};
    ML_TRY(find_hooks(invocation, &hooks));
    ML_TRY(make_call(invocation, &hooks, &call));
    ML_TRY(install(&hooks, (const char *)call.data, invocation->json ? NULL : out));
    if (invocation->json)
        return print_json(&hooks, out);
    ml_output_line(out, ML_ROLE_PLAIN, "what an import says is in %s/mledger-hook.log",
                   hooks.common);
    return MLEDGER_OK;
}

#define OPTION_DIR                                                                                 \
    {                                                                                              \
        .name = "dir", .value = "DIR", .rule = {.kind = ML_VALUE_DIR},                             \
        .help = "The project in the repository; the current directory unless given."               \
    }
#define OPTION_NAME                                                                                \
    {                                                                                              \
        .name = "name", .value = "NAME", .help = "As for 'mledger import dvc'."                    \
    }

const struct ml_command ml_command_hook_install = {
    .name = "hook install",
    .summary = "Have Git import what a commit or merge changed",
    .description =
        (const char *const[]){
            "Puts a post-commit and a post-merge hook in place, where the repository has its hooks "
            "(also core.hooksPath; linked work trees share them). They start an import of the DVC "
            "project in the background, so a commit neither waits for it nor fails by it. What the "
            "import says, errors too, is in mledger-hook.log in the repository's own folder "
            "(mostly .git), of the last one.",
            "A hook that is there already is not changed: the line to add to it is shown. Imports "
            "run one at a time; of many commits in a row the last one is imported.",
            "The records are signed by a recorder key without passphrase, as nobody is there to be "
            "asked.",
            NULL},
    .options = (const struct ml_option[]){OPTION_DIR, OPTION_NAME, ML_OPTION_KEY, {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger hook install", "For the project here."},
                                            {NULL, NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run_install,
};

/* ---- hook remove ---- */

static int remove_one(const char *path, const struct ml_invocation *invocation,
                      struct ml_output *out, size_t *removed)
{
    enum ml_hook_state state;
    ML_TRY(ml_hook_read(path, NULL, &state));
    if (state == ML_HOOK_CHAINED && !invocation->json)
        ml_output_line(out, ML_ROLE_WARN, "not ours, take the line out of it  %s", path);
    if (state != ML_HOOK_SAME && state != ML_HOOK_OTHER)
        return MLEDGER_OK;
    if (unlink(path) < 0)
        return ml_fail_errno(errno, "cannot remove '%s'", path);
    ++*removed;
    if (!invocation->json)
        ml_output_line(out, ML_ROLE_PLAIN, "removed  %s", path);
    return MLEDGER_OK;
}

static int run_remove(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_git_hooks_release) struct ml_git_hooks hooks = {0};
    size_t removed = 0;
    ML_TRY(find_hooks(invocation, &hooks));
    for (size_t i = 0; i < ML_COUNT(hook_names); i++) {
        ML_CLEANUP(ml_freep) char *path = NULL;
        ML_TRY(format_path(&path, hooks.dir, hook_names[i]));
        ML_TRY(remove_one(path, invocation, out, &removed));
    }
    if (invocation->json)
        return print_json(&hooks, out);
    if (removed == 0)
        ml_output_line(out, ML_ROLE_PLAIN, "no hook of ours is there");
    return MLEDGER_OK;
}

const struct ml_command ml_command_hook_remove = {
    .name = "hook remove",
    .summary = "Take the hooks away again",
    .description = (const char *const[]){"Removes the hooks that 'mledger hook install' made, and "
                                         "none of somebody else's.",
                                         NULL},
    .options = (const struct ml_option[]){OPTION_DIR, {.name = NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run_remove,
};

/* ---- hook run ---- */

/* What one import says, beside the log and then in its place. */
static int import_once(const struct ml_invocation *invocation, const char *dir, FILE *log)
{
    struct ml_output out;
    struct ml_import_report report = {0};
    char time[ML_TIME_TEXT_SIZE];
    ML_CLEANUP(ml_importing_release) struct ml_importing importing;
    ml_output_init(&out, log, ML_COLOR_NEVER);
    int result = ml_time_format(ml_time_now_us(), time);
    if (result >= 0)
        ml_output_line(&out, ML_ROLE_PLAIN, "%s import dvc %s", time, dir);
    result = ml_importing_open(invocation, &out, dir, &importing);
    importing.options.name = ml_option_text(invocation, "name", NULL);
    if (result >= 0)
        result = ml_importing_run(&importing, ml_import_dvc, dir, &report);
    if (result >= 0)
        ml_output_line(&out, ML_ROLE_PLAIN, "appended %llu record%s, %zu disagreement%s",
                       (unsigned long long)report.appended, report.appended == 1 ? "" : "s",
                       report.n_disagreements, report.n_disagreements == 1 ? "" : "s");
    ml_import_report_release(&report);
    return result;
}

static int import_with_log(const struct ml_invocation *invocation, const char *dir,
                           const char *log_path)
{
    FILE *log = fopen(log_path, "we");
    if (!log)
        return ml_fail_errno(errno, "cannot write '%s'", log_path);
    const int result = import_once(invocation, dir, log);
    if (result < 0)
        ml_report_error(log, invocation->program, invocation->command, false);
    fclose(log);
    return result;
}

struct turn {
    char *log, *lock, *mark; /* paths */
};

static void turn_release(struct turn *turn)
{
    free(turn->log);
    free(turn->lock);
    free(turn->mark);
}

static int leave_mark(const char *path)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    return fd < 0 ? ml_fail_errno(errno, "cannot make '%s'", path) : MLEDGER_OK;
}

/* 1: somebody else is at it and will see the mark. */
static int import_marked(const struct ml_invocation *invocation, const char *dir,
                         const struct turn *turn)
{
    ML_CLEANUP(ml_closep) int fd = open(turn->lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    int result = MLEDGER_OK;
    if (fd < 0)
        return ml_fail_errno(errno, "cannot make '%s'", turn->lock);
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 1 : ml_fail_errno(errno, "cannot lock '%s'", turn->lock);
    while (unlink(turn->mark) == 0)
        result = import_with_log(invocation, dir, turn->log);
    return result;
}

/* A mark that came after the last look and before the lock was free again is seen here. */
static int take_turns(const struct ml_invocation *invocation, const char *dir,
                      const struct turn *turn)
{
    int result;
    ML_TRY(leave_mark(turn->mark));
    do
        result = import_marked(invocation, dir, turn);
    while (result != 1 && access(turn->mark, F_OK) == 0);
    return result < 0 ? result : MLEDGER_OK;
}

static int run_run(const struct ml_invocation *invocation, struct ml_output *out)
{
    const char *dir = ml_option_text(invocation, "dir", ".");
    ML_CLEANUP(ml_git_hooks_release) struct ml_git_hooks hooks = {0};
    ML_CLEANUP(turn_release) struct turn turn = {0};
    (void)out;
    (void)setsid(); /* without a terminal nobody is asked for a passphrase */
    ML_TRY(find_hooks(invocation, &hooks));
    ML_TRY(format_path(&turn.log, hooks.common, "mledger-hook.log"));
    ML_TRY(format_path(&turn.lock, hooks.common, "mledger-hook.lock"));
    ML_TRY(format_path(&turn.mark, hooks.common, "mledger-hook.again"));
    return take_turns(invocation, dir, &turn);
}

const struct ml_command ml_command_hook_run = {
    .name = "hook run",
    .summary = "Import as a hook does",
    .description =
        (const char *const[]){
            "What the hooks call. It imports the project, and what it says goes to "
            "mledger-hook.log in the repository's own folder. Where another one is at it already "
            "it leaves a mark, so that the other imports once more, and ends.",
            NULL},
    .options =
        (const struct ml_option[]){OPTION_DIR, OPTION_NAME, ML_OPTIONS_SIGNING, {.name = NULL}},
    .topic = ML_TOPIC_IMPORT,
    .run = run_run,
};
