/* SPDX-License-Identifier: Apache-2.0 */
/* Before the command runs. */
#include <errno.h>
#include <unistd.h>

#include "cli/display.h"
#include "cli/environment.h"
#include "cli/exec.h"
#include "cli/named.h"
#include "cli/parts.h"
#include "cli/run_files.h"
#include "cli/run_new.h"
#include "cli/run_values.h"
#include "ingest/environment.h"
#include "ingest/git_changes.h"
#include "ledger/core/time.h"
#include "ledger/core/utf8.h"

enum {
    COMMAND_BYTES_MAX = 64 << 10, /* that are recorded */
    CHANGES_BYTES_MAX = 256 << 10,
    PYTHON_MS = 30000,
};

/* ---- opening ---- */

static int take_paths(const struct ml_invocation *invocation, const char *option,
                      struct ml_exec_files *files)
{
    const size_t count = ml_option_count(invocation, option);
    files->items = ml_calloc(count + 1, sizeof *files->items);
    if (!files->items)
        return ml_fail_memory();
    files->count = count;
    for (size_t i = 0; i < count; i++) {
        files->items[i].path = ml_option_at(invocation, option, i);
        if (!*files->items[i].path)
            return ml_fail(MLEDGER_EUSAGE, "--%s needs a path, not ''", option);
    }
    return MLEDGER_OK;
}

/* A version that is asked for must be one of a model that there is or can be. */
static int check_model(struct ml_exec *exec)
{
    const char *name = ml_option_text(exec->invocation, "model", NULL);
    struct ml_named_subject model;
    if (!name)
        return MLEDGER_OK;
    if (!*name || strpbrk(name, "/@:"))
        return ml_fail(MLEDGER_EUSAGE, "--model must be the name of a model, not '%s'", name);
    const int result = ml_named_model(&exec->recording.session, name, &model);
    exec->model_is_new = result == MLEDGER_ENOTFOUND;
    return exec->model_is_new ? MLEDGER_OK : result;
}

int ml_exec_open(const struct ml_invocation *invocation, struct ml_exec *ret_exec)
{
    struct ml_exec *exec = ret_exec;
    *exec = (struct ml_exec){.invocation = invocation};
    ml_output_init(&exec->out, stderr, invocation->color);
    exec->records = json_array();
    exec->not_recorded = json_array();
    exec->changed = json_array();
    if (!exec->records || !exec->not_recorded || !exec->changed)
        return ml_fail_memory();
    ML_TRY(ml_recording_open(invocation, &exec->out, &exec->recording));
    ML_TRY(take_paths(invocation, "dep", &exec->deps));
    ML_TRY(take_paths(invocation, "out", &exec->outs));
    ML_TRY(take_paths(invocation, "metrics", &exec->metrics));
    return check_model(exec);
}

void ml_exec_release(struct ml_exec *exec)
{
    free(exec->ledger_dir);
    free(exec->run_id);
    free(exec->deps.items);
    free(exec->outs.items);
    free(exec->metrics.items);
    json_decref(exec->records);
    json_decref(exec->not_recorded);
    json_decref(exec->changed);
    ml_recording_release(&exec->recording);
}

/* ---- the command ---- */

/* Words that are no text are escaped: a command line may hold any bytes. */
static int add_word(struct ml_draft *draft, const char *word, size_t *bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    Mledger__Details *details = draft->details;
    struct ml_span text = ML_SPAN(word, strlen(word));
    if (!ml_utf8_is_text(text)) {
        ML_TRY(ml_display_escape(&shown, word, text.len));
        text = ml_buf_span(&shown);
    }
    *bytes += text.len + 1;
    return ml_parts_append(draft, &details->command, &details->n_command,
                           ml_parts_text(draft, text));
}

static int add_command(struct ml_exec *exec, struct ml_draft *draft)
{
    const size_t count = ml_argument_count(exec->invocation, "CMD");
    size_t bytes = 0, i = 0;
    for (; i < count && bytes <= COMMAND_BYTES_MAX; i++) {
        const char *word = ml_argument_at(exec->invocation, "CMD", i);
        if (bytes + strlen(word) > COMMAND_BYTES_MAX)
            break;
        ML_TRY(add_word(draft, word, &bytes));
    }
    if (i == count)
        return MLEDGER_OK;
    char rest[64];
    snprintf(rest, sizeof rest, "(and %zu more words)", count - i);
    return add_word(draft, rest, &bytes);
}

/* ---- code ---- */

static int add_directory(struct ml_draft *draft, const char *prefix)
{
    ML_CLEANUP(ml_freep) char *absolute = prefix ? NULL : getcwd(NULL, 0);
    const char *path = prefix ? (*prefix ? prefix : ".") : absolute;
    if (!path || !ml_utf8_is_text(ML_SPAN(path, strlen(path))))
        return MLEDGER_OK; /* one that was removed, or has no text */
    draft->details->working_directory = ml_draft_text(draft, path);
    return draft->details->working_directory ? MLEDGER_OK : ml_fail_memory();
}

static int set_hash(struct ml_draft *draft, const uint8_t hash[ML_HASH_SIZE],
                    protobuf_c_boolean *has, ProtobufCBinaryData *place)
{
    place->data = ml_arena_calloc(&draft->arena, 1, ML_HASH_SIZE);
    if (!place->data)
        return ml_arena_fail(&draft->arena, "what is to be recorded");
    memcpy(place->data, hash, ML_HASH_SIZE);
    place->len = ML_HASH_SIZE;
    *has = true;
    return MLEDGER_OK;
}

/* Appends the paths, which are recorded by themselves. */
static size_t except(const struct ml_exec_files *files, const char **paths)
{
    for (size_t i = 0; i < files->count; i++)
        paths[i] = files->items[i].path;
    return files->count;
}

static int read_changes(const struct ml_exec *exec, struct ml_git_changes *changes)
{
    const size_t most = exec->deps.count + exec->outs.count + exec->metrics.count;
    ML_CLEANUP(ml_freep) const char **paths = ml_calloc(most + 1, sizeof(char *));
    if (!paths)
        return ml_fail_memory();
    size_t count = except(&exec->deps, paths);
    count += except(&exec->outs, paths + count);
    count += except(&exec->metrics, paths + count);
    return ml_git_changes_read(".", paths, count, changes);
}

static int add_changes(struct ml_exec *exec, struct ml_draft *draft, Mledger__RunStarted *started)
{
    ML_CLEANUP(ml_git_changes_release) struct ml_git_changes changes = {0};
    const int result = read_changes(exec, &changes);
    if (result < 0)
        ML_TRY(add_directory(draft, NULL));
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    if (result < 0)
        return ml_exec_tell_lost(exec, "what is not committed");
    ML_TRY(add_directory(draft, changes.prefix));
    started->has_changed_files = true;
    started->changed_files = changes.count;
    ML_TRY(set_hash(draft, changes.sha256, &started->has_changes_sha256, &started->changes_sha256));
    if (changes.count == 0 || changes.text.len > CHANGES_BYTES_MAX)
        return MLEDGER_OK;
    draft->details->changes =
        ml_arena_text(&draft->arena, (const char *)changes.text.data, changes.text.len);
    return draft->details->changes ? MLEDGER_OK : ml_fail_memory();
}

/* Against another commit than the one that is checked out nothing was compared. */
static int add_code(struct ml_exec *exec, struct ml_draft *draft, Mledger__RunStarted *started)
{
    const char *commit = ml_option_text(exec->invocation, "commit", "auto");
    return strcmp(commit, "auto") == 0 ? add_changes(exec, draft, started)
                                       : add_directory(draft, NULL);
}

/* ---- environment ---- */

static bool is_python(const char *program)
{
    const char *slash = strrchr(program, '/');
    return strncmp(slash ? slash + 1 : program, "python", 6) == 0;
}

/* The command's own, the virtual environment's, the first of PATH. */
static int choose_python(const struct ml_exec *exec, char **ret_python)
{
    const char *program = ml_argument(exec->invocation, "CMD");
    const char *virtual_env = ml_environment_get("VIRTUAL_ENV");
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    if (is_python(program))
        ML_TRY(ml_buf_append_text(&path, program));
    else if (virtual_env)
        ML_TRY(ml_buf_printf(&path, "%s/bin/python3", virtual_env));
    else
        ML_TRY(ml_buf_append_text(&path, "python3"));
    return ml_buf_take_text(&path, ret_python);
}

static int add_environment(struct ml_exec *exec, struct ml_draft *draft,
                           Mledger__RunStarted *started)
{
    static const char *const nothing[] = {NULL};
    ML_CLEANUP(ml_freep) char *python = NULL;
    ML_CLEANUP(ml_freep) char **variables = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf json = {0};
    uint8_t hash[ML_HASH_SIZE];
    if (ml_option_given(exec->invocation, "no-environment"))
        return MLEDGER_OK;
    ML_TRY(choose_python(exec, &python));
    ML_TRY(ml_environment_with(nothing, &variables));
    const struct ml_environment_options options = {
        .root = "",
        .image = ml_environment_get("MLEDGER_IMAGE"),
        .python = python,
        .envp = variables,
        .python_ms = PYTHON_MS,
    };
    ML_TRY(ml_environment_describe(&options, &json));
    const struct ml_span part = ml_buf_span(&json);
    ML_TRY(ml_sha256(hash, &part, 1));
    ML_TRY(set_hash(draft, hash, &started->has_environment_sha256, &started->environment_sha256));
    draft->details->environment_json =
        ml_arena_text(&draft->arena, (const char *)json.data, json.len);
    return draft->details->environment_json ? MLEDGER_OK : ml_fail_memory();
}

/* ---- what it reads ---- */

static int add_dep(struct ml_exec *exec, struct ml_draft *draft, struct ml_exec_file *file,
                   Mledger__RunLogged *logged)
{
    Mledger__Artifact *artifact;
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_fail_memory();
    file->before = ml_footprint_take(file->path);
    if (ml_parts_artifact(draft, exec->invocation, file->path, &artifact) < 0)
        return ml_prefix("--dep");
    input->name = artifact->path;
    input->has_size = true;
    input->size = artifact->size;
    input->digests = artifact->digests;
    input->n_digests = artifact->n_digests;
    memcpy(file->sha256, artifact->digests[0]->value.data, ML_HASH_SIZE);
    return ml_parts_append(draft, &logged->inputs, &logged->n_inputs, input);
}

static int add_inputs(struct ml_exec *exec)
{
    static const char *const values[] = {"param", "params", "tag", "dep", NULL};
    struct ml_recording *recording = &exec->recording;
    const struct ml_invocation *invocation = exec->invocation;
    Mledger__RunLogged *logged;
    if (!ml_run_values_given(invocation, values))
        return MLEDGER_OK;
    ML_TRY(ml_recording_add(recording, "run_logged", &logged));
    struct ml_draft *draft = ml_recording_draft(recording);
    ML_TRY(ml_draft_name(draft, &logged->run, MLEDGER__SUBJECT_KIND__RUN, "run_logged.run",
                         exec->run_id));
    ML_TRY(ml_run_values_params(recording, logged));
    ML_TRY(ml_run_values_tags(recording, logged));
    for (size_t i = 0; i < ml_option_count(invocation, "params"); i++)
        if (ml_run_files_params(recording, ml_option_at(invocation, "params", i), logged) < 0)
            return ml_prefix("--params");
    for (size_t i = 0; i < exec->deps.count; i++)
        ML_TRY(add_dep(exec, draft, &exec->deps.items[i], logged));
    return MLEDGER_OK;
}

static void note_footprints(struct ml_exec_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        files->items[i].before = ml_footprint_take(files->items[i].path);
}

/* ---- all of it ---- */

int ml_exec_prepare(struct ml_exec *exec)
{
    struct ml_recording *recording = &exec->recording;
    Mledger__RunStarted *started;
    ML_TRY(ml_run_new_add(recording, &started));
    struct ml_draft *draft = ml_recording_draft(recording);
    exec->run_id = strdup(started->run_id);
    if (!exec->run_id)
        return ml_fail_memory();
    ML_TRY(add_command(exec, draft));
    ML_TRY(add_code(exec, draft, started));
    ML_TRY(add_environment(exec, draft, started));
    return add_inputs(exec);
}

static void settle(const struct ml_exec_files *files)
{
    for (size_t i = 0; i < files->count; i++)
        ml_footprint_settle(&files->items[i].before);
}

int ml_exec_record_start(struct ml_exec *exec)
{
    struct ml_recording *recording = &exec->recording;
    note_footprints(&exec->outs);
    note_footprints(&exec->metrics);
    recording->occurred_at_us = ml_time_now_us();
    for (size_t i = 0; i < recording->count; i++)
        recording->drafts[i]->details->occurred_at = recording->occurred_at_us;
    ML_TRY(ml_exec_commit(exec));
    ml_exec_tell(exec, " started");
    exec->run = recording->receipts[recording->main].seq;
    ML_TRY(ml_session_pause(&recording->session, &exec->ledger_dir));
    settle(&exec->deps);
    settle(&exec->outs);
    settle(&exec->metrics);
    return MLEDGER_OK;
}
