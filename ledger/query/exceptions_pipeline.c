/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the newest snapshot of a pipeline. */
#include <ctype.h>
#include <strings.h>

#include "ledger/query/exceptions_private.h"

static const char not_recorded[] = "it is not recorded";

int exception_dirty_pipeline(struct exception_scan *scan)
{
    const Mledger__PipelineRecorded *recorded = scan->pipeline->recorded;
    const uint64_t seqs[] = {scan->pipeline->seq};
    if (!recorded->commit) /* else a tree that is not said to be dirty was clean */
        return exception_unknown(scan, "no commit is recorded to compare it with");
    return recorded->dirty ? EXCEPTION(scan, seqs, "the work tree differed from the commit")
                           : MLEDGER_OK;
}

int exception_no_remote(struct exception_scan *scan)
{
    const Mledger__PipelineRecorded *recorded = scan->pipeline->recorded;
    const uint64_t seqs[] = {scan->pipeline->seq};
    if (!recorded->has_remote)
        return exception_unknown(scan, not_recorded);
    return recorded->remote == MLEDGER__TOLD__NO ? EXCEPTION(scan, seqs, "no remote is configured")
                                                 : MLEDGER_OK;
}

int exception_lock_ignored(struct exception_scan *scan)
{
    const Mledger__PipelineRecorded *recorded = scan->pipeline->recorded;
    const uint64_t seqs[] = {scan->pipeline->seq};
    if (!recorded->has_lock_ignored)
        return exception_unknown(scan, not_recorded);
    return recorded->lock_ignored == MLEDGER__TOLD__YES
               ? EXCEPTION(scan, seqs, "Git ignores dvc.lock")
               : MLEDGER_OK;
}

/* ---- scripts ---- */

static bool is_script(const char *word, size_t len)
{
    static const char *const endings[] = {".py", ".r", ".jl", ".sh", ".ipynb", ".pl", ".js"};
    for (size_t i = 0; i < ML_COUNT(endings); i++) {
        size_t end = strlen(endings[i]);
        if (len > end && strncasecmp(word + len - end, endings[i], end) == 0)
            return true;
    }
    return false;
}

/* A path that begins with "./" is the same without it. */
static const char *plain_path(const char *path)
{
    while (path[0] == '.' && path[1] == '/')
        path += 2;
    return path;
}

/* Whether the dependency is the path, or a directory above it. */
static bool covers(const char *dependency, const char *path)
{
    size_t len;
    dependency = plain_path(dependency);
    len = strlen(dependency);
    while (len > 0 && dependency[len - 1] == '/')
        len--;
    return strncmp(dependency, path, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static bool is_tracked(const Mledger__PipelineStage *stage, const char *path)
{
    for (size_t i = 0; i < stage->n_deps; i++)
        if (covers(stage->deps[i]->path, path))
            return true;
    for (size_t i = 0; i < stage->n_outs; i++) /* a script that it makes itself */
        if (covers(stage->outs[i]->path, path))
            return true;
    return false;
}

/* The word as a path from the project's root; in the reader's arena. NULL: memory is out. */
static const char *path_of(struct exception_scan *scan, const Mledger__PipelineStage *stage,
                           const char *word, size_t len)
{
    struct ml_arena *arena = &scan->reader->arena;
    const char *dir = stage->working_directory;
    bool at_root = !dir || strcmp(dir, ".") == 0 || *dir == '\0';
    const char *text = ml_arena_text(arena, word, len);
    if (text && !at_root)
        text = ml_arena_printf(arena, "%s/%s", plain_path(dir), plain_path(text));
    return text ? plain_path(text) : NULL;
}

static int check_word(struct exception_scan *scan, const Mledger__PipelineStage *stage,
                      const char *word, size_t len)
{
    const uint64_t seqs[] = {scan->pipeline->seq};
    if (!is_script(word, len) || word[0] == '/' || word[0] == '-')
        return MLEDGER_OK;
    const char *path = path_of(scan, stage, word, len);
    if (!path)
        return ml_arena_fail(&scan->reader->arena, "the command of a stage");
    if (is_tracked(stage, path))
        return MLEDGER_OK;
    return EXCEPTION(scan, seqs, "stage %s runs %s, which is not among its dependencies",
                     stage->address, path);
}

/* Words are parted as a shell parts them at least: by spaces and by what joins commands. */
static int check_command(struct exception_scan *scan, const Mledger__PipelineStage *stage,
                         const char *command)
{
    static const char between[] = " \t\n;&|()<>\"'`";
    while (*command) {
        size_t len = strcspn(command, between);
        if (len > 0)
            ML_TRY(check_word(scan, stage, command, len));
        command += len + (command[len] != '\0');
    }
    return MLEDGER_OK;
}

int exception_script(struct exception_scan *scan)
{
    for (size_t i = 0; i < scan->pipeline->n_stages; i++) {
        const Mledger__PipelineStage *stage = scan->pipeline->stages[i];
        for (size_t k = 0; k < stage->n_command; k++)
            ML_TRY(check_command(scan, stage, stage->command[k]));
    }
    return MLEDGER_OK;
}
