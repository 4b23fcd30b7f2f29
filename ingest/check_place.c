/* SPDX-License-Identifier: Apache-2.0 */
/* Where recorded paths lie in the directory that is checked, and what projects it holds. */
#include <dirent.h>
#include <sys/stat.h>

#include "ingest/check_state.h"
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_state.h"
#include "ingest/mlflow/store.h"

/* ---- paths ---- */

/* What `path`, absolute, is called from the root; NULL if it does not lie in it. */
static const char *below(const struct check *check, const char *path)
{
    const size_t len = strlen(check->root);
    if (strcmp(check->root, "/") == 0)
        return path[1] ? path + 1 : ".";
    if (strncmp(path, check->root, len) != 0)
        return NULL;
    return path[len] == '\0' ? "." : path[len] == '/' ? path + len + 1 : NULL;
}

/* The same where a directory on the way is a link. */
static int below_by_links(struct check *check, const char *path, const char **ret_path)
{
    ML_CLEANUP(ml_freep) char *real = realpath(path, NULL);
    const char *found = real ? below(check, real) : NULL;
    *ret_path = found ? ml_pool_text(&check->pool, found, strlen(found)) : NULL;
    return found && !*ret_path ? MLEDGER_ESYSTEM : MLEDGER_OK;
}

int check_place(struct check *check, const char *directory, const char *path, const char **ret_path)
{
    *ret_path = NULL;
    if (ml_dvc_path_is_url(path) || (path[0] != '/' && !directory))
        return MLEDGER_OK;
    const char *full = ml_dvc_path_join(&check->pool, directory ? directory : "/", path);
    if (!full)
        return MLEDGER_ESYSTEM;
    *ret_path = below(check, full);
    return *ret_path ? MLEDGER_OK : below_by_links(check, full, ret_path);
}

bool check_is_there(struct check *check, const char *path)
{
    struct stat status;
    const char *full = ml_pool_printf(&check->pool, "%s/%s", check->root, path);
    return full && lstat(full, &status) == 0;
}

static bool is_on_machine(struct check *check, const char *directory, const char *path)
{
    struct stat status;
    const char *full = directory || path[0] == '/'
                           ? ml_dvc_path_join(&check->pool, directory ? directory : "/", path)
                           : NULL;
    return full && lstat(full, &status) == 0;
}

int check_place_given(struct check *check, const char *directory, const char *path, bool named,
                      const char **ret_path)
{
    ML_TRY(check_place(check, directory, path, ret_path));
    if (*ret_path || path[0] == '/' || is_on_machine(check, directory, path))
        return MLEDGER_OK;
    const char *here = ml_dvc_path_join(&check->pool, ".", path);
    if (!here)
        return MLEDGER_ESYSTEM;
    if (!ml_dvc_path_is_outside(here) && (named || check_is_there(check, here)))
        *ret_path = here;
    return MLEDGER_OK;
}

/* ---- folders ---- */

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

typedef int folder_visitor(struct check *check, const char *path, const char *name);

/* Calls `visit` with the folders in one, from the root; links are none. One that cannot be listed
 * holds none: what was recorded in it will be missing. */
static int each_folder(struct check *check, const char *path, folder_visitor *visit)
{
    const char *full = ml_pool_printf(&check->pool, "%s/%s", check->root, path);
    if (!full)
        return MLEDGER_ESYSTEM;
    ML_CLEANUP(dir_closep) DIR *dir = opendir(full);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        const bool is_folder = entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN;
        if (!is_folder || strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        const char *folder = ml_dvc_path_join(&check->pool, path, entry->d_name);
        const char *name = folder ? ml_dvc_path_name(folder) : NULL;
        if (!name)
            return MLEDGER_ESYSTEM;
        ML_TRY(visit(check, folder, name));
    }
    return MLEDGER_OK;
}

/* ---- DVC projects ---- */

/* A repository that cannot be read (it is another user's, say) gives no name. */
static int name_project(struct check *check, const char *path, const char **ret_name)
{
    const char *full = ml_pool_printf(&check->pool, "%s/%s", check->root, path);
    if (!full)
        return MLEDGER_ESYSTEM;
    if (ml_import_dvc_name(full, NULL, &check->pool, ret_name) == MLEDGER_OK)
        return MLEDGER_OK;
    ml_error_clear();
    *ret_name = ml_dvc_path_name(strcmp(path, ".") == 0 ? check->root : path);
    return MLEDGER_OK;
}

static int add_project(struct check *check, const char *path)
{
    struct check_project project = {.path = path};
    ML_TRY(name_project(check, path, &project.name));
    ML_TRY(ml_grow(&check->projects, &check->cap_projects, check->n_projects + 1,
                   sizeof *check->projects));
    check->projects[check->n_projects++] = project;
    return MLEDGER_OK;
}

static size_t depth_of(const char *path)
{
    size_t depth = 1;
    for (; *path; path++)
        depth += *path == '/';
    return depth;
}

/* No project lies in a hidden folder or among runs, of which there may be a hundred thousand. */
static int find_project(struct check *check, const char *path, const char *name)
{
    const char *mark = ml_dvc_path_join(&check->pool, path, ".dvc");
    if (!mark)
        return MLEDGER_ESYSTEM;
    if (name[0] == '.' || strcmp(name, "mlruns") == 0 || depth_of(path) > ML_DVC_DEPTH_MAX)
        return MLEDGER_OK;
    if (check_is_there(check, mark))
        ML_TRY(add_project(check, path));
    return each_folder(check, path, find_project);
}

static int find_projects(struct check *check)
{
    ML_TRY(add_project(check, "."));
    return each_folder(check, ".", find_project);
}

/* ---- MLflow stores ---- */

static int note_run(struct check *check, const char *path, const char *name)
{
    const char *artifacts = ml_dvc_path_join(&check->pool, path, "artifacts");
    if (!artifacts)
        return MLEDGER_ESYSTEM;
    if (!check_is_there(check, artifacts) || ml_table_get(&check->runs, name))
        return MLEDGER_OK;
    return ml_table_put(&check->runs, name, (void *)(uintptr_t)path);
}

/* Of an experiment: its runs, and its logged models below "models". */
static int note_experiment_folder(struct check *check, const char *path, const char *name)
{
    if (strcmp(name, "models") == 0)
        return each_folder(check, path, note_run);
    return note_run(check, path, name);
}

static int note_store_folder(struct check *check, const char *path, const char *name)
{
    if (strcmp(name, ".trash") == 0)
        return each_folder(check, path, note_store_folder);
    return each_folder(check, path, note_experiment_folder);
}

static int find_stores(struct check *check)
{
    struct ml_mlflow_found found = {0};
    int result = ml_mlflow_store_find(check->root, &found);
    for (size_t i = 0; result == MLEDGER_OK && i < found.count; i++) {
        const char *path = below(check, found.paths[i]);
        path = path ? ml_pool_text(&check->pool, path, strlen(path)) : NULL;
        result = path ? each_folder(check, path, note_store_folder) : MLEDGER_ESYSTEM;
    }
    ml_mlflow_found_release(&found);
    return result;
}

int check_places_find(struct check *check)
{
    ML_TRY(find_projects(check));
    return find_stores(check);
}
