/* SPDX-License-Identifier: Apache-2.0 */
/* What lies among the artifacts of runs in MLflow stores and stands in no record. */
#include "ingest/check_state.h"
#include "ingest/dvc/path.h"

/* Folders of runs that a claim lies in. */
struct folders {
    struct check *check;
    struct ml_table claimed;
};

static const char artifacts[] = "/artifacts/";

/* A path may hold that word more than once; one of the folders before it is the run's. */
static int note_folders(struct folders *folders, const struct check_claim *claim)
{
    struct ml_pool *pool = &folders->check->pool;
    for (const char *at = claim->path; (at = strstr(at, artifacts)) != NULL; at++) {
        const char *folder = ml_pool_text(pool, claim->path, (size_t)(at - claim->path));
        if (!folder)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_table_put(&folders->claimed, folder, folders));
    }
    return MLEDGER_OK;
}

static bool is_claimed(struct check *check, const char *path)
{
    const char *key = ml_pool_printf(&check->pool, "%d %s", (int)ML_CHECK_ARTIFACTS, path);
    return key && ml_table_get(&check->claims_by_key, key);
}

/* By itself, or in a directory that is. */
static int is_covered(struct check *check, const char *path, const char *folder)
{
    if (is_claimed(check, path))
        return 1;
    const size_t skip = strlen(folder) + sizeof artifacts - 1;
    for (const char *slash = strchr(path + skip, '/'); slash; slash = strchr(slash + 1, '/')) {
        const char *above = ml_pool_text(&check->pool, path, (size_t)(slash - path));
        if (!above)
            return MLEDGER_ESYSTEM;
        if (is_claimed(check, above))
            return 1;
    }
    return 0;
}

static int add(struct check *check, const char *path, const char *note)
{
    const struct ml_check_entry entry = {
        .state = ML_CHECK_UNRECORDED, .place = ML_CHECK_ARTIFACTS, .path = path, .note = note};
    return check_entry(check, &entry);
}

static int list_folder(struct check *check, const char *folder, bool is_recorded)
{
    struct check_file *directory;
    const char *path = ml_dvc_path_join(&check->pool, folder, "artifacts");
    if (!path)
        return MLEDGER_ESYSTEM;
    ML_TRY(check_file_at(check, path, &directory));
    if (directory->presence != CHECK_IS_DIRECTORY)
        return MLEDGER_OK;
    ML_TRY(check_walk(check, directory));
    const struct check_dir *dir = directory->dir;
    if (!is_recorded && dir->count)
        return add(check, folder, "the run is not recorded");
    for (size_t i = 0; i < dir->count; i++) {
        const int covered = is_covered(check, dir->members[i].file->path, folder);
        ML_TRY(covered);
        if (!covered)
            ML_TRY(add(check, dir->members[i].file->path, NULL));
    }
    return MLEDGER_OK;
}

static int list_run(struct folders *folders, const char *id, const char *folder)
{
    struct check *check = folders->check;
    uint64_t seq;
    bool is_recorded = ml_table_get(&folders->claimed, folder) != NULL;
    if (!is_recorded && check->options->n_references)
        return MLEDGER_OK;
    if (!is_recorded) {
        const int result = ml_reader_find(check->reader, MLEDGER__SUBJECT_KIND__RUN, id, &seq);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        is_recorded = result == MLEDGER_OK;
    }
    return list_folder(check, folder, is_recorded);
}

static int list_all(struct folders *folders)
{
    struct check *check = folders->check;
    for (size_t i = 0; i < check->n_claims; i++)
        if (check->claims[i]->place == ML_CHECK_ARTIFACTS)
            ML_TRY(note_folders(folders, check->claims[i]));
    for (size_t i = 0; i < check->runs.size; i++)
        if (check->runs.slots[i].name)
            ML_TRY(list_run(folders, check->runs.slots[i].name, check->runs.slots[i].thing));
    return MLEDGER_OK;
}

int check_artifacts_list(struct check *check)
{
    struct folders folders = {.check = check};
    const int result = list_all(&folders);
    ml_table_release(&folders.claimed);
    return result;
}
