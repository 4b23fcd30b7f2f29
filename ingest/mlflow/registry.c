/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/registry.h"

#include "ingest/mlflow/files.h"
#include "ingest/mlflow/meta.h"
#include "ingest/mlflow/number.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/mlflow/place.h"

static const char version_prefix[] = "version-";

static bool is_version_folder(const char *name)
{
    return strncmp(name, version_prefix, sizeof version_prefix - 1) == 0;
}

static int check_number(const struct ml_mlflow_file *meta, uint64_t said, const char *folder)
{
    uint64_t place;
    const char *number = strrchr(folder, '/') + sizeof version_prefix;
    if (ml_mlflow_ordinal(number, &place) && place == said)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "%s: its version is %llu, its folder is that of '%.80s'",
                   meta->full, (unsigned long long)said, number);
}

static int read_version(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                        const char *model_name, const char *folder,
                        struct ml_mlflow_version *ret_version)
{
    struct ml_mlflow_version version = {.path = folder};
    struct ml_mlflow_file meta;
    const char *name, *tags;
    ML_TRY(ml_mlflow_meta_text(reader, pool, folder, &meta));
    ML_TRY(ml_mlflow_meta_version(pool, meta.text, meta.full, &version, &name));
    ML_TRY(ml_mlflow_check_place(&meta, "name", name, model_name));
    ML_TRY(check_number(&meta, version.number, folder));
    ML_TRY(ml_mlflow_join(pool, folder, "tags", &tags));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, tags, &version.tags));
    *ret_version = version;
    return MLEDGER_OK;
}

static int by_number(const void *a, const void *b)
{
    const struct ml_mlflow_version *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int read_versions(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                         struct ml_mlflow_registered_model *model)
{
    struct ml_mlflow_entries folders;
    ML_TRY(ml_mlflow_list_folders(reader, pool, model->path, &folders));
    ML_TRY(ml_mlflow_room(pool, folders.count * sizeof *model->versions, model->path));
    struct ml_mlflow_version *versions = ml_pool_alloc(pool, folders.count, sizeof *versions);
    if (!versions)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    for (size_t i = 0; i < folders.count; i++) {
        const char *folder;
        if (!is_version_folder(folders.items[i].name))
            continue;
        ML_TRY(ml_mlflow_join(pool, model->path, folders.items[i].name, &folder));
        int code = read_version(reader, pool, model->name, folder, &versions[count]);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out_thing(reader, folder, code));
        else
            count++;
    }
    if (count)
        qsort(versions, count, sizeof *versions, by_number);
    model->versions = versions;
    model->version_count = count;
    return MLEDGER_OK;
}

/* An alias is a file that holds the version's number. */
static int read_alias(struct ml_mlflow_reader *reader, const char *folder,
                      struct ml_mlflow_pair pair, struct ml_mlflow_alias *ret_alias)
{
    size_t len = strcspn(pair.value, " \r\n\t");
    char number[24];
    uint64_t version;
    if (len < sizeof number && pair.value[len + strspn(pair.value + len, " \r\n\t")] == '\0') {
        memcpy(number, pair.value, len);
        number[len] = '\0';
        if (ml_mlflow_ordinal(number, &version)) {
            *ret_alias = (struct ml_mlflow_alias){pair.key, version};
            return MLEDGER_OK;
        }
    }
    return ml_fail(MLEDGER_EINVALID, "%s/%s/%s:1: expected a version's number, found '%.40s'",
                   reader->root, folder, pair.key, pair.value);
}

static int read_aliases(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                        struct ml_mlflow_registered_model *model)
{
    struct ml_mlflow_pairs pairs;
    const char *folder, *path;
    ML_TRY(ml_mlflow_join(pool, model->path, "aliases", &folder));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, folder, &pairs));
    struct ml_mlflow_alias *aliases = ml_pool_alloc(pool, pairs.count, sizeof *aliases);
    if (!aliases)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    for (size_t i = 0; i < pairs.count; i++) {
        int code = read_alias(reader, folder, pairs.items[i], &aliases[count]);
        if (code >= 0) {
            count++;
            continue;
        }
        ML_TRY(ml_mlflow_join(pool, folder, pairs.items[i].key, &path));
        ML_TRY(ml_mlflow_leave_out(reader, path, code));
    }
    model->aliases = aliases;
    model->alias_count = count;
    return MLEDGER_OK;
}

int ml_mlflow_registered_model_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                                    const char *name, struct ml_mlflow_registered_model *ret_model)
{
    struct ml_mlflow_registered_model model = {0};
    struct ml_mlflow_file meta;
    const char *tags;
    ML_TRY(ml_mlflow_join(pool, "models", name, &model.path));
    ML_TRY(ml_mlflow_meta_text(reader, pool, model.path, &meta));
    ML_TRY(ml_mlflow_meta_registered_model(pool, meta.text, meta.full, &model));
    ML_TRY(ml_mlflow_check_place(&meta, "name", model.name, name));
    ML_TRY(ml_mlflow_join(pool, model.path, "tags", &tags));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, tags, &model.tags));
    ML_TRY(read_aliases(reader, pool, &model));
    ML_TRY(read_versions(reader, pool, &model));
    *ret_model = model;
    return MLEDGER_OK;
}
