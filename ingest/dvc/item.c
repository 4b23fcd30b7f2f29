/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/dvc/path.h"
#include "ingest/dvc/reader.h"

struct ml_dvc_item *ml_dvc_items_new(struct ml_dvc_reader *reader, size_t count)
{
    return ml_pool_alloc(&reader->project->pool, count, sizeof(struct ml_dvc_item));
}

int ml_dvc_item_init(struct ml_dvc_reader *reader, const char *wdir, const char *path,
                     uint32_t line, struct ml_dvc_item *ret_item)
{
    struct ml_pool *pool = &reader->project->pool;
    struct ml_dvc_item item = {.path = path, .size = -1, .nfiles = -1, .cache = true};
    item.full = ml_dvc_path_join(pool, wdir, path);
    if (!item.full)
        return MLEDGER_ESYSTEM;
    item.is_outside = ml_dvc_path_is_outside(item.full);
    item.line = line;
    *ret_item = item;
    return 0;
}

/* The text of a hash, which may look like a number; lower case unless it is an etag. */
static int read_hash(struct ml_dvc_reader *reader, const struct ml_document *document,
                     const struct ml_value *value, bool is_hex, const char **ret_hash)
{
    if (!value || value->kind == ML_VALUE_NULL || (value->text && value->len == 0))
        return 0;
    if (value->kind == ML_VALUE_SEQ || value->kind == ML_VALUE_MAP)
        return ml_value_fail(document, value, "expected a string for a hash, found %s",
                             ml_value_kind_name(value->kind));
    char *hash = ml_pool_text(&reader->project->pool, value->text, value->len);
    if (!hash)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; is_hex && i < value->len; i++)
        if (hash[i] >= 'A' && hash[i] <= 'Z')
            hash[i] = (char)(hash[i] | 32);
    *ret_hash = hash;
    return 0;
}

/* The hash of an entry and what kind of hash it is. */
static int read_hashes(struct ml_dvc_reader *reader, const struct ml_document *document,
                       const struct ml_value *entry, const char **ret_name, const char **ret_hash)
{
    static const struct {
        const char *key;
        bool is_hex;
    } kinds[] = {{"md5", true}, {"checksum", true}, {"etag", false}};
    const char *said = NULL;
    ML_TRY(ml_value_opt_text(document, entry, "hash", &said));
    for (size_t i = 0; i < ML_COUNT(kinds); i++) {
        const char *hash = NULL;
        const struct ml_value *value = ml_value_get(entry, kinds[i].key);
        ML_TRY(read_hash(reader, document, value, kinds[i].is_hex, &hash));
        if (!hash)
            continue;
        *ret_name = i == 0 && !said ? "md5-dos2unix" : kinds[i].key;
        *ret_hash = hash;
        return 0;
    }
    return 0;
}

static int read_size(const struct ml_document *document, const struct ml_value *entry,
                     const char *key, int64_t *ret_size)
{
    ML_TRY(ml_value_opt_int64(document, entry, key, ret_size));
    if (*ret_size < -1)
        return ml_value_fail(document, ml_value_get(entry, key), "'%s' is negative", key);
    return 0;
}

/* `cloud: {REMOTE: {etag, version_id, …}}`, at most one remote. */
static int read_cloud(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const struct ml_value *entry, struct ml_dvc_item *item)
{
    const struct ml_value *cloud;
    ML_TRY(ml_value_opt_kind(document, entry, "cloud", ML_VALUE_MAP, &cloud));
    if (!cloud || cloud->count == 0)
        return 0;
    if (cloud->count > 1)
        return ml_value_fail(document, cloud, "more than one remote under 'cloud'");
    const struct ml_value *facts = cloud->entries[0].value;
    item->cloud_remote = cloud->entries[0].key->text;
    if (!item->hash)
        ML_TRY(read_hashes(reader, document, facts, &item->hash_name, &item->hash));
    if (item->size < 0)
        ML_TRY(read_size(document, facts, "size", &item->size));
    return ml_value_opt_written(document, facts, "version_id", &item->version_id);
}

static int read_file(struct ml_dvc_reader *reader, const struct ml_document *document,
                     const struct ml_value *entry, struct ml_dvc_file *ret_file)
{
    struct ml_dvc_item facts = {.size = -1};
    ML_TRY(ml_value_want_text(document, entry, "relpath", &ret_file->relpath));
    ML_TRY(read_hashes(reader, document, entry, &facts.hash_name, &facts.hash));
    ML_TRY(read_size(document, entry, "size", &facts.size));
    ML_TRY(ml_value_opt_written(document, entry, "version_id", &facts.version_id));
    ML_TRY(ml_value_opt_bool(document, entry, "isexec", &ret_file->is_exec));
    ML_TRY(read_cloud(reader, document, entry, &facts));
    ret_file->hash_name = facts.hash_name;
    ret_file->hash = facts.hash;
    ret_file->size = facts.size;
    ret_file->version_id = facts.version_id;
    return 0;
}

static int read_files(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const struct ml_value *entry, struct ml_dvc_item *item)
{
    const struct ml_value *list;
    ML_TRY(ml_value_opt_kind(document, entry, "files", ML_VALUE_SEQ, &list));
    if (!list)
        return 0;
    struct ml_dvc_file *files = ml_pool_alloc(&reader->project->pool, list->count, sizeof(*files));
    if (!files)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < list->count; i++)
        ML_TRY(read_file(reader, document, list->items[i], &files[i]));
    item->files = files;
    item->files_count = list->count;
    item->is_dir = true;
    return 0;
}

static int read_origin(const struct ml_document *document, const struct ml_value *entry,
                       struct ml_dvc_item *item)
{
    const struct ml_value *repo, *db;
    ML_TRY(ml_value_opt_kind(document, entry, "repo", ML_VALUE_MAP, &repo));
    ML_TRY(ml_value_opt_kind(document, entry, "db", ML_VALUE_MAP, &db));
    ML_TRY(ml_value_opt_kind(document, entry, "dataset", ML_VALUE_MAP, &item->dataset));
    item->is_db = db != NULL;
    if (!repo)
        return 0;
    ML_TRY(ml_value_want_text(document, repo, "url", &item->repo_url));
    ML_TRY(ml_value_opt_written(document, repo, "rev", &item->repo_rev));
    return ml_value_opt_written(document, repo, "rev_lock", &item->repo_rev_lock);
}

int ml_dvc_item_claim(struct ml_dvc_reader *reader, const struct ml_document *document,
                      const struct ml_value *entry, struct ml_dvc_item *item)
{
    ML_TRY(read_hashes(reader, document, entry, &item->hash_name, &item->hash));
    ML_TRY(read_size(document, entry, "size", &item->size));
    ML_TRY(read_size(document, entry, "nfiles", &item->nfiles));
    ML_TRY(ml_value_opt_bool(document, entry, "isexec", &item->is_exec));
    ML_TRY(ml_value_opt_written(document, entry, "version_id", &item->version_id));
    ML_TRY(read_cloud(reader, document, entry, item));
    ML_TRY(read_files(reader, document, entry, item));
    ML_TRY(read_origin(document, entry, item));
    if (item->hash && ml_dvc_path_ends_in(item->hash, ".dir"))
        item->is_dir = true;
    return 0;
}

int ml_dvc_item_flags(const struct ml_document *document, const struct ml_value *flags,
                      struct ml_dvc_item *item)
{
    ML_TRY(ml_value_opt_bool(document, flags, "cache", &item->cache));
    ML_TRY(ml_value_opt_bool(document, flags, "persist", &item->persist));
    ML_TRY(ml_value_opt_bool(document, flags, "checkpoint", &item->checkpoint));
    ML_TRY(ml_value_opt_text(document, flags, "remote", &item->remote));
    ML_TRY(ml_value_opt_text(document, flags, "desc", &item->desc));
    ML_TRY(ml_value_opt_text(document, flags, "type", &item->type));
    /* DVC 0.x: a boolean, or a mapping that says how to read it. */
    const struct ml_value *metric = ml_value_get(flags, "metric");
    const struct ml_value *plot = ml_value_get(flags, "plot");
    if (metric)
        item->metric = metric->kind == ML_VALUE_MAP || ml_value_true(metric);
    if (plot)
        item->plot = plot->kind == ML_VALUE_MAP || ml_value_true(plot);
    return 0;
}

void ml_dvc_item_copy_claim(struct ml_dvc_item *item, const struct ml_dvc_item *from)
{
    struct ml_dvc_item copy = *from;
    copy.path = item->path;
    copy.full = item->full;
    copy.is_outside = item->is_outside;
    copy.cache = item->cache;
    copy.persist = item->persist;
    copy.metric = item->metric;
    copy.plot = item->plot;
    copy.checkpoint = item->checkpoint;
    copy.live = item->live;
    copy.remote = item->remote;
    copy.desc = item->desc;
    copy.type = item->type;
    copy.line = item->line;
    *item = copy;
}

int ml_dvc_command_read(struct ml_dvc_reader *reader, const struct ml_document *document,
                        const struct ml_value *value, struct ml_dvc_command *ret_command)
{
    if (!value || value->kind == ML_VALUE_NULL)
        return 0;
    const bool is_list = value->kind == ML_VALUE_SEQ;
    const size_t count = is_list ? value->count : 1;
    const char **lines = ml_pool_alloc(&reader->project->pool, count, sizeof(*lines));
    if (!lines)
        return MLEDGER_ESYSTEM;
    for (size_t i = 0; i < count; i++) {
        const struct ml_value *line = is_list ? value->items[i] : value;
        if (line->kind != ML_VALUE_STRING)
            return ml_value_fail(document, line, "expected a string for 'cmd', found %s",
                                 ml_value_kind_name(line->kind));
        lines[i] = line->text;
    }
    *ret_command = (struct ml_dvc_command){.lines = lines, .count = count, .is_list = is_list};
    return 0;
}

bool ml_dvc_command_equal(const struct ml_dvc_command *a, const struct ml_dvc_command *b)
{
    if (a->count != b->count || a->is_list != b->is_list)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->lines[i], b->lines[i]) != 0)
            return false;
    return true;
}
