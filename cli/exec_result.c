/* SPDX-License-Identifier: Apache-2.0 */
/* After the command ran: how it ended, what it left, and the version that it made. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/exec.h"
#include "cli/named.h"
#include "cli/parts.h"
#include "cli/run_files.h"

/* ---- the end ---- */

bool ml_exec_succeeded(const struct ml_exec *exec)
{
    return !exec->spawn_error && exec->end.exit_status == 0;
}

/* A command that was told to end and then says that it failed did what it was told; one that says
 * that all is well is believed. */
Mledger__RunStatus ml_exec_status(const struct ml_exec *exec)
{
    if (ml_exec_succeeded(exec))
        return MLEDGER__RUN_STATUS__FINISHED;
    return exec->end.signal || exec->child.told ? MLEDGER__RUN_STATUS__KILLED
                                                : MLEDGER__RUN_STATUS__FAILED;
}

/* "finished", "failed with exit status 2", "killed by SIGTERM", "killed: exit status 1 after
 * SIGTERM", "failed: No such file or directory" */
void ml_exec_describe_end(const struct ml_exec *exec, char *text, size_t size)
{
    const int told = exec->child.told, killer = exec->end.signal;
    if (exec->spawn_error)
        snprintf(text, size, "failed: %s", strerror(exec->spawn_error));
    else if (killer)
        snprintf(text, size, "killed by SIG%s", sigabbrev_np(killer) ? sigabbrev_np(killer) : "?");
    else if (exec->end.exit_status && told)
        snprintf(text, size, "killed: exit status %d after SIG%s", exec->end.exit_status,
                 sigabbrev_np(told));
    else if (exec->end.exit_status)
        snprintf(text, size, "failed with exit status %d", exec->end.exit_status);
    else
        snprintf(text, size, "finished");
}

static int fill_end(struct ml_exec *exec, const char *text)
{
    Mledger__RunEnded *ended;
    ML_TRY(ml_recording_add(&exec->recording, "run_ended", &ended));
    struct ml_draft *draft = ml_recording_draft(&exec->recording);
    ended->run = exec->run;
    ended->status = ml_exec_status(exec);
    ended->has_exit_status = exec->end.exit_status >= 0;
    ended->exit_status = ended->has_exit_status ? exec->end.exit_status : 0;
    ended->has_signal = exec->end.signal || exec->child.told;
    ended->signal = exec->end.signal ? exec->end.signal : exec->child.told;
    if (ml_exec_succeeded(exec))
        return MLEDGER_OK;
    draft->details->status_text = ml_draft_text(draft, text);
    return draft->details->status_text ? MLEDGER_OK : ml_fail_memory();
}

static void reopen(struct ml_exec *exec)
{
    if (ml_session_resume(&exec->recording.session, exec->ledger_dir) < 0)
        ml_error_get(&exec->closed);
}

int ml_exec_record_end(struct ml_exec *exec)
{
    char text[256];
    ml_exec_describe_end(exec, text, sizeof text);
    reopen(exec);
    ml_recording_clear(&exec->recording);
    exec->recording.occurred_at_us = exec->ended_us;
    ML_TRY(fill_end(exec, text));
    if (ml_exec_commit(exec) < 0)
        return ml_exec_tell_unrecorded(exec, "its end");
    ml_exec_tell(exec, " %s", text);
    return MLEDGER_OK;
}

/* ---- dependencies ---- */

/* Whether `path` is `top` or below it, as they are written. */
static bool is_below(const char *path, const char *top)
{
    size_t len = strlen(top);
    while (len > 1 && top[len - 1] == '/')
        len--;
    return strncmp(path, top, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

/* What is an output as well is expected to change. */
static bool is_output(const struct ml_exec *exec, const char *path)
{
    for (size_t i = 0; i < exec->outs.count; i++)
        if (is_below(path, exec->outs.items[i].path))
            return true;
    return false;
}

static int add_changed(struct ml_exec *exec, const struct ml_exec_file *file,
                       Mledger__RunLogged *logged)
{
    struct ml_draft *draft = ml_recording_draft(&exec->recording);
    Mledger__Artifact *artifact;
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_fail_memory();
    if (ml_parts_artifact(draft, exec->invocation, file->path, &artifact) < 0) {
        ML_TRY(ml_exec_tell_changed(exec, file->path));
        return ml_exec_tell_lost(exec, "what the dependency became");
    }
    if (memcmp(artifact->digests[0]->value.data, file->sha256, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    input->name = artifact->path;
    input->has_size = input->has_changed = input->changed = true;
    input->size = artifact->size;
    input->digests = artifact->digests;
    input->n_digests = artifact->n_digests;
    ML_TRY(ml_exec_tell_changed(exec, file->path));
    return ml_parts_append(draft, &logged->inputs, &logged->n_inputs, input);
}

static int add_changes(struct ml_exec *exec, Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < exec->deps.count; i++) {
        const struct ml_exec_file *file = &exec->deps.items[i];
        const struct ml_footprint now = ml_footprint_take(file->path);
        if (!ml_footprint_is_same(&file->before, &now) && !is_output(exec, file->path))
            ML_TRY(add_changed(exec, file, logged));
    }
    return MLEDGER_OK;
}

/* ---- outputs and metrics ---- */

/* What lay there before is not this run's. Of a command that failed nothing is expected. */
static int check_written(struct ml_exec *exec, const struct ml_exec_file *file, const char *what,
                         bool *ret_written)
{
    const struct ml_footprint now = ml_footprint_take(file->path);
    char text[256];
    *ret_written = now.is_there && !ml_footprint_is_same(&file->before, &now);
    if (*ret_written || !ml_exec_succeeded(exec))
        return MLEDGER_OK;
    exec->outs_missing = true;
    snprintf(text, sizeof text, "%s '%s'", what, file->path);
    ml_set_error(MLEDGER_ESYSTEM, MLEDGER_NO_SEQ,
                 now.is_there ? "the command did not write it" : "it is not there");
    return ml_exec_tell_lost(exec, text);
}

static int add_output(struct ml_exec *exec, const struct ml_exec_file *file,
                      Mledger__RunLogged *logged)
{
    struct ml_draft *draft = ml_recording_draft(&exec->recording);
    Mledger__Artifact *artifact;
    bool written;
    ML_TRY(check_written(exec, file, "output", &written));
    if (!written)
        return MLEDGER_OK;
    if (ml_parts_artifact(draft, exec->invocation, file->path, &artifact) < 0) {
        exec->outs_missing = true;
        return ml_exec_tell_lost(exec, "an output");
    }
    return ml_parts_append(draft, &logged->outputs, &logged->n_outputs, artifact);
}

static int add_metrics(struct ml_exec *exec, const struct ml_exec_file *file,
                       Mledger__RunLogged *logged, size_t *left_out)
{
    size_t count;
    bool written;
    ML_TRY(check_written(exec, file, "metrics", &written));
    if (!written)
        return MLEDGER_OK;
    if (ml_run_files_metrics(&exec->recording, file->path, logged, &count) < 0)
        return ml_exec_tell_lost(exec, "metrics");
    *left_out += count;
    return MLEDGER_OK;
}

static int begin_logged(struct ml_exec *exec, Mledger__RunLogged **ret_logged)
{
    ml_recording_clear(&exec->recording);
    ML_TRY(ml_recording_add(&exec->recording, "run_logged", ret_logged));
    (*ret_logged)->run = exec->run;
    return MLEDGER_OK;
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

static int record_files(struct ml_exec *exec)
{
    Mledger__RunLogged *logged;
    ML_TRY(begin_logged(exec, &logged));
    ML_TRY(add_changes(exec, logged));
    for (size_t i = 0; i < exec->outs.count; i++)
        ML_TRY(add_output(exec, &exec->outs.items[i], logged));
    if (logged->n_inputs + logged->n_outputs == 0)
        return MLEDGER_OK;
    if (ml_exec_commit(exec) < 0)
        return ml_exec_tell_unrecorded(exec, "its outputs");
    if (logged->n_inputs)
        ml_exec_tell(exec, ": %zu output%s, %zu changed dependenc%s", logged->n_outputs,
                     plural(logged->n_outputs), logged->n_inputs,
                     logged->n_inputs == 1 ? "y" : "ies");
    else
        ml_exec_tell(exec, ": %zu output%s", logged->n_outputs, plural(logged->n_outputs));
    return MLEDGER_OK;
}

static int record_metrics(struct ml_exec *exec)
{
    Mledger__RunLogged *logged;
    size_t left_out = 0;
    ML_TRY(begin_logged(exec, &logged));
    for (size_t i = 0; i < exec->metrics.count; i++)
        ML_TRY(add_metrics(exec, &exec->metrics.items[i], logged, &left_out));
    if (logged->n_metrics == 0)
        return MLEDGER_OK;
    if (ml_exec_commit(exec) < 0)
        return ml_exec_tell_unrecorded(exec, "its metrics");
    if (left_out)
        ml_exec_tell(exec, ": %zu metric%s (%zu value%s that are no numbers left out)",
                     logged->n_metrics, plural(logged->n_metrics), left_out, plural(left_out));
    else
        ml_exec_tell(exec, ": %zu metric%s", logged->n_metrics, plural(logged->n_metrics));
    return MLEDGER_OK;
}

/* ---- the version ---- */

/* A draft that creates the model, unless it is there. */
static int add_model(struct ml_exec *exec, const char *name)
{
    struct ml_recording *recording = &exec->recording;
    struct ml_named_subject model;
    Mledger__ModelCreated *created;
    if (recording->session.ledger) {
        const int result = ml_named_model(&recording->session, name, &model);
        if (result != MLEDGER_ENOTFOUND)
            return result;
    } else if (!exec->model_is_new) {
        return MLEDGER_OK;
    }
    ML_TRY(ml_recording_add(recording, "model_created", &created));
    created->name = ml_draft_text(ml_recording_draft(recording), name);
    recording->main = recording->count;
    return created->name ? MLEDGER_OK : ml_fail_memory();
}

static int fill_version(struct ml_exec *exec, const char *name,
                        Mledger__VersionRegistered **ret_registered)
{
    struct ml_recording *recording = &exec->recording;
    Mledger__VersionRegistered *registered;
    ML_TRY(add_model(exec, name));
    ML_TRY(ml_recording_add(recording, "version_registered", &registered));
    struct ml_draft *draft = ml_recording_draft(recording);
    ML_TRY(ml_draft_name(draft, &registered->model, MLEDGER__SUBJECT_KIND__MODEL,
                         "version_registered.model", name));
    registered->run_id = ml_draft_text(draft, exec->run_id);
    if (!registered->run_id)
        return ml_fail_memory();
    for (size_t i = 0; i < exec->outs.count; i++) {
        Mledger__Artifact *artifact;
        ML_TRY(ml_parts_artifact(draft, exec->invocation, exec->outs.items[i].path, &artifact));
        ML_TRY(ml_parts_append(draft, &registered->artifacts, &registered->n_artifacts, artifact));
    }
    *ret_registered = registered;
    return MLEDGER_OK;
}

static int record_version(struct ml_exec *exec, const char *name)
{
    Mledger__VersionRegistered *registered;
    ml_recording_clear(&exec->recording);
    if (fill_version(exec, name, &registered) < 0)
        return ml_exec_tell_lost(exec, "a version of the model");
    if (ml_exec_commit(exec) < 0)
        return ml_exec_tell_unrecorded(exec, "a version of the model");
    exec->version = registered->version;
    ml_exec_tell(exec, " is registered as %s/%" PRIu64, name, exec->version);
    return MLEDGER_OK;
}

static int refuse_version(struct ml_exec *exec)
{
    ml_set_error(MLEDGER_ESYSTEM, MLEDGER_NO_SEQ,
                 ml_exec_succeeded(exec) ? "an output of it is missing" : "the command failed");
    return ml_exec_tell_lost(exec, "a version of the model");
}

int ml_exec_record_results(struct ml_exec *exec)
{
    const char *model = ml_option_text(exec->invocation, "model", NULL);
    if (exec->spawn_error)
        return MLEDGER_OK;
    ML_TRY(record_files(exec));
    const bool is_whole = !exec->outs_missing;
    ML_TRY(record_metrics(exec));
    if (!model)
        return MLEDGER_OK;
    return ml_exec_succeeded(exec) && is_whole ? record_version(exec, model) : refuse_version(exec);
}
