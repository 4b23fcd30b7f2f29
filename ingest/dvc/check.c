/* SPDX-License-Identifier: Apache-2.0 */
/* What is locked against what is there: parameter files always, the work tree and the Git commit
 * when the options ask for it. */
#include "ingest/dvc/digest.h"
#include "ingest/dvc/path.h"
#include "ingest/dvc/template.h"

/* ---- parameters ---- */

static const char *value_text(struct ml_dvc_reader *reader, const struct ml_value *value)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (ml_value_write(value, &text) < 0)
        return NULL;
    return ml_pool_text(&reader->project->pool, (const char *)text.data, text.len);
}

static int param_finding(struct ml_dvc_reader *reader, const struct ml_dvc_stage *stage,
                         const struct ml_dvc_param *param, const char *key,
                         const struct ml_value *now)
{
    const char *recorded = param->locked ? value_text(reader, param->locked) : NULL;
    const char *found = now ? value_text(reader, now) : NULL;
    const char *place = ml_pool_printf(&reader->project->pool, "%s:%s", param->full, key);
    if ((param->locked && !recorded) || (now && !found) || !place)
        return MLEDGER_ESYSTEM;
    return ml_dvc_reader_finding(reader, ML_DVC_PARAM_CHANGED, stage->address, place, recorded,
                                 found);
}

/* The value under a key as DVC looks it up: the whole text as one key first (files that are
 * tracked whole are locked so), then by its dots. */
static const struct ml_value *look_up(const struct ml_value *root, const char *key)
{
    const struct ml_value *value = ml_value_get(root, key);
    return value ? value : ml_dvc_template_select(root, key, strlen(key));
}

static bool has_locked(const struct ml_dvc_stage *stage, const char *file, const char *key)
{
    for (size_t i = 0; i < stage->params_count; i++) {
        const struct ml_dvc_param *param = &stage->params[i];
        if (param->key && param->locked && strcmp(param->file, file) == 0 &&
            strcmp(param->key, key) == 0)
            return true;
    }
    return false;
}

/* Keys that a file tracked whole has got since. */
static int check_whole(struct ml_dvc_reader *reader, const struct ml_dvc_stage *stage,
                       const struct ml_dvc_param *param, const struct ml_value *root)
{
    for (size_t i = 0; root->kind == ML_VALUE_MAP && i < root->count; i++) {
        const char *key = root->entries[i].key->text;
        if (stage->is_locked && !has_locked(stage, param->file, key))
            ML_TRY(param_finding(reader, stage, param, key, root->entries[i].value));
    }
    return 0;
}

static int check_param(struct ml_dvc_reader *reader, const struct ml_dvc_stage *stage,
                       const struct ml_dvc_param *param)
{
    struct ml_document *document = NULL;
    /* The parameters of a Python file are what Python makes of it: only the lock says. */
    if (ml_dvc_path_ends_in(param->full, ".py") || ml_dvc_path_is_outside(param->full))
        return ml_dvc_reader_unread(reader, param->full);
    const int result = ml_dvc_reader_document(reader, param->full, &document);
    if (result == MLEDGER_ENOTFOUND)
        return 0;
    if (result < 0)
        return ml_dvc_reader_left_out(reader, param->full, result);
    if (!param->key)
        return check_whole(reader, stage, param, document->root);
    if (!param->locked)
        return 0;
    const struct ml_value *now = look_up(document->root, param->key);
    if (now && ml_value_equal(param->locked, now))
        return 0;
    return param_finding(reader, stage, param, param->key, now);
}

static int check_params(struct ml_dvc_reader *reader)
{
    const struct ml_dvc_project *project = reader->project;
    for (size_t s = 0; s < project->stages_count; s++) {
        const struct ml_dvc_stage *stage = &project->stages[s];
        for (size_t p = 0; p < stage->params_count && !stage->is_stale; p++)
            ML_TRY(check_param(reader, stage, &stage->params[p]));
    }
    return 0;
}

/* ---- content ---- */

/* Where content comes from, by the path of an item. MLEDGER_ENOTFOUND: it is not there. */
typedef int (*content_source)(struct ml_dvc_reader *reader, void *ctx, const char *full,
                              struct ml_dvc_digest *ret_digest);

struct contents {
    struct ml_dvc_reader *reader;
    content_source source;
    void *ctx;
    enum ml_dvc_finding_kind kind;
    struct ml_table digests; /* by path; `nothing` where there is none */
    struct ml_dvc_digest nothing;
};

static void contents_release(struct contents *contents)
{
    ml_table_release(&contents->digests);
}

/* The digest of one path, computed once; NULL in *ret_digest when it is not there. */
static int digest_of(struct contents *contents, const char *full,
                     const struct ml_dvc_digest **ret_digest)
{
    struct ml_dvc_digest *known = ml_table_get(&contents->digests, full);
    if (!known) {
        struct ml_dvc_digest digest;
        const int result = contents->source(contents->reader, contents->ctx, full, &digest);
        if (result < 0 && result != MLEDGER_ENOTFOUND)
            return result;
        known = &contents->nothing;
        if (result == 0) {
            known = ml_pool_alloc(&contents->reader->project->pool, 1, sizeof(*known));
            if (!known)
                return MLEDGER_ESYSTEM;
            *known = digest;
        }
        ML_TRY(ml_table_put(&contents->digests, full, known));
    }
    *ret_digest = known == &contents->nothing ? NULL : known;
    return 0;
}

static int check_item(struct contents *contents, const struct ml_dvc_stage *stage,
                      struct ml_dvc_item *item)
{
    const struct ml_dvc_digest *digest = NULL;
    const bool is_md5 = item->hash && strncmp(item->hash_name, "md5", 3) == 0;
    if (!is_md5 || item->is_outside)
        return 0;
    ML_TRY(digest_of(contents, item->full, &digest));
    if (!digest)
        return 0;
    const enum ml_dvc_match match = ml_dvc_digest_match(digest, item->hash_name, item->hash);
    if (match == ML_DVC_SAME && contents->kind == ML_DVC_HASH_CHANGED)
        item->seen = digest;
    if (match == ML_DVC_SAME)
        return 0;
    const bool plain = strcmp(item->hash_name, "md5") == 0;
    return ml_dvc_reader_finding(contents->reader,
                                 match == ML_DVC_DIFFERENT ? contents->kind : ML_DVC_LINES_CHANGED,
                                 stage->address, item->full, item->hash,
                                 digest->text[plain ? ML_DVC_PLAIN : ML_DVC_CHUNKED]);
}

static int check_contents(struct contents *contents)
{
    const struct ml_dvc_project *project = contents->reader->project;
    for (size_t s = 0; s < project->stages_count; s++) {
        const struct ml_dvc_stage *stage = &project->stages[s];
        if (stage->is_stale)
            continue;
        for (size_t d = 0; d < stage->deps_count; d++)
            ML_TRY(check_item(contents, stage, &stage->deps[d]));
        for (size_t o = 0; o < stage->outs_count; o++)
            ML_TRY(check_item(contents, stage, &stage->outs[o]));
    }
    return 0;
}

static int from_work_tree(struct ml_dvc_reader *reader, void *ctx, const char *full,
                          struct ml_dvc_digest *ret_digest)
{
    (void)ctx;
    return ml_dvc_digest_path(reader, full, ret_digest);
}

static int check_files(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(contents_release)
    struct contents contents = {
        .reader = reader, .source = from_work_tree, .kind = ML_DVC_HASH_CHANGED};
    return check_contents(&contents);
}

/* ---- the commit ---- */

struct commit_source {
    struct ml_git *git;
    const char *commit;
    char *prefix; /* the project's place in the repository, "" or ending in '/' */
};

static void commit_source_release(struct commit_source *source)
{
    ml_git_free(source->git);
    free(source->prefix);
}

static int from_commit(struct ml_dvc_reader *reader, void *ctx, const char *full,
                       struct ml_dvc_digest *ret_digest)
{
    struct commit_source *source = ctx;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    (void)reader;
    ML_TRY(ml_buf_printf(&path, "%s%s", source->prefix, full));
    ML_TRY(ml_buf_append_char(&path, '\0'));
    ML_TRY(ml_git_blob(source->git, source->commit, (const char *)path.data, &content));
    return ml_dvc_digest_bytes(ml_buf_span(&content), ret_digest);
}

/* Where the project lies in the repository's work tree. */
static int find_prefix(struct ml_git *git, const char *root, char **ret_prefix)
{
    ML_CLEANUP(ml_freep) char *place = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf prefix = {0};
    if (!ml_git_workdir(git))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is in no work tree of Git", root);
    ML_TRY(ml_git_place(git, root, &place));
    if (strcmp(place, ".") != 0)
        ML_TRY(ml_buf_printf(&prefix, "%s/", place));
    return ml_buf_take_text(&prefix, ret_prefix);
}

static int open_repository(struct ml_dvc_reader *reader, struct commit_source *source)
{
    const char *root = reader->project->root;
    ML_TRY(ml_git_open(root, &source->git));
    return find_prefix(source->git, root, &source->prefix);
}

static int open_commit(struct ml_dvc_reader *reader, struct commit_source *source)
{
    struct ml_dvc_project *project = reader->project;
    ML_TRY(ml_git_head(source->git, &project->pool, &project->commit));
    project->has_commit = true;
    source->commit = project->commit.id;
    return 0;
}

/* The files that were read, as far as they lie in the repository. */
static int check_dirty(struct ml_dvc_reader *reader, const struct commit_source *source)
{
    struct ml_dvc_project *project = reader->project;
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    for (size_t i = 0; i < project->files_count && !project->is_dirty; i++) {
        enum ml_git_state state;
        ml_buf_clear(&path);
        if (ml_dvc_path_is_outside(project->files[i]))
            continue;
        ML_TRY(ml_buf_printf(&path, "%s%s", source->prefix, project->files[i]));
        ML_TRY(ml_buf_append_char(&path, '\0'));
        ML_TRY(ml_git_file_state(source->git, (const char *)path.data, &state));
        project->is_dirty = state != ML_GIT_CLEAN;
    }
    return 0;
}

static int lock_path(struct ml_dvc_project *project, const char *prefix, const char *file,
                     const char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_TRY(ml_buf_printf(&path, "%s%s", prefix, file));
    *ret_path = ml_pool_text(&project->pool, (const char *)path.data, path.len);
    return *ret_path ? 0 : MLEDGER_ESYSTEM;
}

/* Where the trainings ran that the locks tell of. */
static int find_training(struct ml_dvc_reader *reader, const struct commit_source *source)
{
    struct ml_dvc_project *project = reader->project;
    ML_CLEANUP(ml_freep) const char **locks = ml_calloc(project->files_count, sizeof *locks);
    if (!locks)
        return ml_fail_memory();
    size_t count = 0;
    for (size_t i = 0; i < project->files_count; i++)
        if (ml_dvc_path_is_lock(project->files[i]))
            ML_TRY(lock_path(project, source->prefix, project->files[i], &locks[count++]));
    if (count == 0)
        return 0;
    return ml_git_before_change(source->git, &project->pool, locks, count, &project->trained_at,
                                &project->trained_at_count);
}

static int check_git(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(commit_source_release) struct commit_source source = {0};
    ML_CLEANUP(contents_release)
    struct contents contents = {.reader = reader,
                                .source = from_commit,
                                .ctx = &source,
                                .kind = ML_DVC_COMMIT_HASH_CHANGED};
    int result = open_repository(reader, &source);
    if (result == MLEDGER_ENOTFOUND)
        return 0; /* no repository */
    ML_TRY(result);
    ML_TRY(ml_dvc_ignored_check(reader, source.git, source.prefix));
    result = open_commit(reader, &source);
    if (result == MLEDGER_ENOTFOUND)
        return 0; /* nothing committed */
    ML_TRY(result);
    ML_TRY(check_dirty(reader, &source));
    ML_TRY(find_training(reader, &source));
    return check_contents(&contents);
}

/* ---- a commit that is read itself ---- */

void ml_dvc_blobs_release(struct ml_dvc_blobs *blobs)
{
    ml_table_release(&blobs->digests);
    ml_pool_release(&blobs->pool);
    *blobs = (struct ml_dvc_blobs){0};
}

static int keep_blob(struct ml_dvc_blobs *blobs, const char *id, const struct ml_dvc_digest *digest)
{
    if (blobs->digests.count >= ML_DVC_BLOBS_MAX)
        ml_dvc_blobs_release(blobs);
    const char *name = ml_pool_text(&blobs->pool, id, strlen(id));
    struct ml_dvc_digest *kept = ml_pool_alloc(&blobs->pool, 1, sizeof(*kept));
    if (!name || !kept)
        return MLEDGER_ESYSTEM;
    *kept = *digest;
    return ml_table_put(&blobs->digests, name, kept);
}

static int hash_blob(struct ml_dvc_reader *reader, const char *path,
                     struct ml_dvc_digest *ret_digest)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
    struct ml_dvc_blobs *blobs = reader->options.blobs;
    char id[ML_GIT_ID_SIZE];
    ML_TRY(ml_git_tree_id(reader->files.tree, path, id));
    const struct ml_dvc_digest *known = blobs ? ml_table_get(&blobs->digests, id) : NULL;
    if (known) {
        *ret_digest = *known;
        return 0;
    }
    ML_TRY(ml_git_tree_read(reader->files.tree, path, ML_GIT_BLOB_MAX, &content));
    ML_TRY(ml_dvc_digest_bytes(ml_buf_span(&content), ret_digest));
    return blobs ? keep_blob(blobs, id, ret_digest) : 0;
}

static int from_tree(struct ml_dvc_reader *reader, void *ctx, const char *full,
                     struct ml_dvc_digest *ret_digest)
{
    enum ml_git_kind kind;
    (void)ctx;
    const char *path = ml_dvc_path_join(&reader->project->pool, reader->files.root, full);
    if (!path)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_git_tree_kind(reader->files.tree, path, &kind));
    if (kind != ML_GIT_FILE)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is no file in the commit", full);
    return hash_blob(reader, path, ret_digest);
}

static int check_tree(struct ml_dvc_reader *reader)
{
    ML_CLEANUP(contents_release)
    struct contents contents = {
        .reader = reader, .source = from_tree, .kind = ML_DVC_COMMIT_HASH_CHANGED};
    ML_CLEANUP(ml_buf_release) struct ml_buf prefix = {0};
    if (strcmp(reader->files.root, ".") != 0)
        ML_TRY(ml_buf_printf(&prefix, "%s/", reader->files.root));
    ML_TRY(ml_buf_append_char(&prefix, '\0'));
    ML_TRY(ml_dvc_ignored_check(reader, NULL, (const char *)prefix.data));
    return check_contents(&contents);
}

int ml_dvc_check(struct ml_dvc_reader *reader)
{
    ML_TRY(check_params(reader));
    if (reader->options.check_files)
        ML_TRY(check_files(reader));
    if (reader->options.check_git)
        ML_TRY(reader->files.tree ? check_tree(reader) : check_git(reader));
    return 0;
}
