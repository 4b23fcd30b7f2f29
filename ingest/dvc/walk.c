/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the files of a project as DVC does: every directory from the root down, but not what
 * .dvcignore names, other repositories, links to directories, or outputs of stages. */
#include "ingest/dvc/ignore.h"
#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"

struct walk {
    struct ml_dvc_reader *reader;
    struct ml_pool names; /* of entries */
    struct ml_dvc_ignore ignore;
    size_t depth;
};

static int list(struct walk *walk, const char *dir, struct ml_dvc_folder *ret_folder)
{
    struct ml_dvc_reader *reader = walk->reader;
    const int result = reader->files.list(&reader->files, &walk->names, dir, ret_folder);
    if (result == MLEDGER_ENOTFOUND && reader->options.may_be_empty && strcmp(dir, ".") == 0) {
        *ret_folder = (struct ml_dvc_folder){0};
        return 0;
    }
    ML_TRY(result);
    reader->entries += ret_folder->count;
    if (reader->entries > ML_DVC_FILES_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: more than %zu files", reader->project->root,
                       ML_DVC_FILES_MAX);
    return 0;
}

static bool has(const struct ml_dvc_folder *listing, const char *name)
{
    for (size_t i = 0; i < listing->count; i++)
        if (strcmp(listing->names[i].name, name) == 0)
            return true;
    return false;
}

int ml_dvc_ignore_load(struct ml_dvc_reader *reader, struct ml_dvc_ignore *ignore, const char *dir)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_pool *pool = &reader->project->pool;
    const char *name = ml_dvc_path_join(pool, dir, ".dvcignore");
    if (!name)
        return MLEDGER_ESYSTEM;
    const int result = reader->files.read(&reader->files, name, ML_DVC_IGNORE_BYTES_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    ML_TRY(result);
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return ml_dvc_ignore_add(ignore, pool, dir, (const char *)text.data);
}

/* What a broken file left behind is taken back. */
struct savepoint {
    size_t stages, artifacts, listed, datasets, findings;
};

static struct savepoint save(const struct ml_dvc_project *project)
{
    return (struct savepoint){project->stages_count, project->artifacts_count,
                              project->listed_count, project->datasets_count,
                              project->findings_count};
}

static void roll_back(struct ml_dvc_project *project, struct savepoint to)
{
    project->stages_count = to.stages;
    project->artifacts_count = to.artifacts;
    project->listed_count = to.listed;
    project->datasets_count = to.datasets;
    project->findings_count = to.findings;
}

static int finish_file(struct walk *walk, const char *file, struct savepoint before, int result)
{
    struct ml_dvc_project *project = walk->reader->project;
    if (result < 0)
        roll_back(project, before);
    ML_TRY(ml_dvc_reader_left_out(walk->reader, file, result));
    for (size_t i = before.stages; i < project->stages_count; i++) {
        struct ml_dvc_stage *stage = &project->stages[i];
        for (size_t k = 0; k < stage->outs_count && !stage->is_stale; k++)
            ML_TRY(ml_table_put(&walk->reader->out_paths, stage->outs[k].full, &stage->outs[k]));
    }
    return 0;
}

static int read_pipeline(struct walk *walk, const char *dir, bool has_yaml)
{
    struct savepoint before = save(walk->reader->project);
    const char *file =
        ml_dvc_path_join(&walk->reader->project->pool, dir, has_yaml ? "dvc.yaml" : "dvc.lock");
    if (!file)
        return MLEDGER_ESYSTEM;
    return finish_file(walk, file, before, ml_dvc_pipeline_read(walk->reader, dir));
}

static int read_dvcfile(struct walk *walk, const char *relpath)
{
    struct savepoint before = save(walk->reader->project);
    return finish_file(walk, relpath, before, ml_dvc_dvcfile_read(walk->reader, relpath));
}

static bool is_dvcfile(const char *name)
{
    return (ml_dvc_path_ends_in(name, ".dvc") && strcmp(name, ".dvc") != 0) ||
           strcmp(name, "Dvcfile") == 0;
}

/* `name` in `dir`, unless it is ignored: then NULL in *ret_path. */
static int place(struct walk *walk, const char *dir, const char *name, bool is_dir,
                 const char **ret_path)
{
    const char *path = ml_dvc_path_join(&walk->reader->project->pool, dir, name);
    if (!path)
        return MLEDGER_ESYSTEM;
    *ret_path = ml_dvc_ignore_matches(&walk->ignore, path, is_dir) ? NULL : path;
    return 0;
}

static int read_files(struct walk *walk, const char *dir, const struct ml_dvc_folder *listing)
{
    const char *path = NULL;
    if (has(listing, "dvc.yaml") || has(listing, "dvc.lock")) {
        const bool has_yaml = has(listing, "dvc.yaml");
        ML_TRY(place(walk, dir, has_yaml ? "dvc.yaml" : "dvc.lock", false, &path));
        if (path)
            ML_TRY(read_pipeline(walk, dir, has_yaml));
    }
    for (size_t i = 0; i < listing->count; i++) {
        const struct ml_dvc_name *entry = &listing->names[i];
        if (entry->is_dir || !is_dvcfile(entry->name))
            continue;
        ML_TRY(place(walk, dir, entry->name, false, &path));
        if (path)
            ML_TRY(read_dvcfile(walk, path));
    }
    return 0;
}

static bool is_skipped(const char *name)
{
    return strcmp(name, ".dvc") == 0 || strcmp(name, ".git") == 0 || strcmp(name, ".hg") == 0;
}

static int walk_directory(struct walk *walk, const char *dir);

static int walk_below(struct walk *walk, const char *dir, const struct ml_dvc_folder *listing)
{
    for (size_t i = 0; i < listing->count; i++) {
        const struct ml_dvc_name *entry = &listing->names[i];
        const char *path;
        if (is_skipped(entry->name) || !entry->is_dir)
            continue;
        ML_TRY(place(walk, dir, entry->name, true, &path));
        if (path && !ml_table_get(&walk->reader->out_paths, path))
            ML_TRY(walk_directory(walk, path));
    }
    return 0;
}

static int walk_directory(struct walk *walk, const char *dir)
{
    struct ml_dvc_folder listing;
    const size_t patterns = walk->ignore.count;
    if (walk->depth >= ML_DVC_DEPTH_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: directories nested deeper than %zu", dir,
                       ML_DVC_DEPTH_MAX);
    ML_TRY(list(walk, dir, &listing));
    if (strcmp(dir, ".") != 0 && has(&listing, ".dvc"))
        return 0; /* a project of its own */
    if (has(&listing, ".dvcignore"))
        ML_TRY(ml_dvc_ignore_load(walk->reader, &walk->ignore, dir));
    walk->depth++;
    ML_TRY(read_files(walk, dir, &listing));
    ML_TRY(walk_below(walk, dir, &listing));
    walk->depth--;
    walk->ignore.count = patterns;
    return 0;
}

static void walk_release(struct walk *walk)
{
    ml_dvc_ignore_release(&walk->ignore);
    ml_pool_release(&walk->names);
}

int ml_dvc_walk(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(walk_release) struct walk walk = {.reader = reader};
    return walk_directory(&walk, ".");
}
