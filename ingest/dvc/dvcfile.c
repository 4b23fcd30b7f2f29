/* SPDX-License-Identifier: Apache-2.0 */
/* .dvc files: one stage each, without a lock beside it. */
#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"

static int read_items(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const char *key, const char *wdir, struct ml_dvc_item **ret_items,
                      size_t *ret_count)
{
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(document, document->root, key, ML_VALUE_SEQ, &list));
    if (!list)
        return 0;
    struct ml_dvc_item *items = ml_dvc_items_new(reader, list->count);
    if (!items)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < list->count; i++) {
        const struct ml_value *entry = list->items[i];
        const char *path = NULL;
        if (entry->kind != ML_VALUE_MAP)
            return ml_value_fail(document, entry, "expected a mapping in '%s', found %s", key,
                                 ml_value_kind_name(entry->kind));
        /* A database import names no file. */
        if (ml_value_get(entry, "db"))
            path = "db:";
        else
            ML_TRY(ml_value_want_text(document, entry, "path", &path));
        ML_TRY(ml_dvc_item_init(reader, wdir, path, entry->line, &items[i]));
        ML_TRY(ml_dvc_item_claim(reader, document, entry, &items[i]));
        ML_TRY(ml_dvc_item_flags(document, entry, &items[i]));
    }
    *ret_items = items;
    *ret_count = list->count;
    return 0;
}

static int read_stage(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const char *relpath, struct ml_dvc_stage *stage)
{
    struct ml_pool *pool = &reader->project->pool;
    const struct ml_value *root = document->root;
    const char *wdir = ".";
    const struct ml_value *md5 = ml_value_get(root, "md5");
    if (root->kind != ML_VALUE_MAP)
        return ml_value_fail(document, root, "expected a mapping, found %s",
                             ml_value_kind_name(root->kind));
    ML_TRY(ml_value_opt_text(document, root, "wdir", &wdir));
    const char *dir = ml_dvc_path_parent(pool, relpath);
    stage->wdir = dir ? ml_dvc_path_join(pool, dir, wdir) : NULL;
    if (!stage->wdir)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_value_opt_text(document, root, "desc", &stage->desc));
    ML_TRY(ml_value_opt_bool(document, root, "locked", &stage->is_frozen));
    ML_TRY(ml_value_opt_bool(document, root, "frozen", &stage->is_frozen));
    ML_TRY(ml_value_opt_bool(document, root, "always_changed", &stage->always_changed));
    ML_TRY(ml_dvc_command_read(reader, document, ml_value_get(root, "cmd"), &stage->command));
    ML_TRY(read_items(reader, document, "deps", stage->wdir, &stage->deps, &stage->deps_count));
    ML_TRY(read_items(reader, document, "outs", stage->wdir, &stage->outs, &stage->outs_count));
    stage->locked_command = stage->command;
    stage->meta = ml_value_get(root, "meta");
    stage->recorded_md5 = md5 ? md5->text : NULL;
    stage->is_locked = true;
    if (stage->command.count > 0 && stage->deps_count == 0 && stage->outs_count == 0)
        stage->always_changed = true;
    return 0;
}

/* An import from another repository names a path there, not here. */
static void place_imports(struct ml_dvc_stage *stage)
{
    for (size_t i = 0; i < stage->deps_count; i++)
        if (stage->deps[i].repo_url || stage->deps[i].is_db) {
            stage->deps[i].full = stage->deps[i].path;
            stage->deps[i].is_outside = true;
        }
}

int ml_dvc_dvcfile_read(struct ml_dvc_reader *reader, const char *relpath)
{
    struct ml_document *document;
    struct ml_dvc_stage stage = {.file = relpath, .address = relpath, .line = 1};
    struct ml_dvc_stage *slot;
    ML_TRY(ml_dvc_reader_document(reader, relpath, &document));
    ML_TRY(read_stage(reader, document, relpath, &stage));
    place_imports(&stage);
    ML_TRY(ml_dvc_reader_stage(reader, &slot));
    *slot = stage;
    return 0;
}
