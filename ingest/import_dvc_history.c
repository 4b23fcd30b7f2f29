/* SPDX-License-Identifier: Apache-2.0 */
/* A repository's past, commit by commit, from the oldest one on. */
#include "ingest/import_dvc_history.h"
#include "ingest/import_gto_state.h"

static void history_freep(struct ml_import_history **freed)
{
    struct ml_import_history *history = *freed;
    if (!history)
        return;
    for (size_t i = 0; i < history->all_count; i++)
        ml_import_past_release(history->all[i]);
    free(history->all);
    free(history->is_out);
    ml_dvc_blobs_release(&history->blobs);
    ml_table_release(&history->datasets);
    ml_table_release(&history->pasts);
    ml_git_history_release(&history->commits);
    ml_git_free(history->git);
    ml_import_batch_release(&history->batch);
    ml_pool_release(&history->pool);
    free(history);
}

/* ---- which commits ---- */

static int leave_out_commit(struct ml_import_history *history)
{
    const char *text = history->batch.options.since_commit;
    char id[ML_GIT_ID_SIZE];
    ML_TRY(ml_git_resolve(history->git, text, id));
    if (!ml_table_get(&history->commits.by_id, id))
        return ml_fail(MLEDGER_ENOTFOUND, "the branch did not come from '%s' (%.12s)", text, id);
    return ml_git_history_mark(&history->commits, id, history->is_out);
}

static int leave_out(struct ml_import_history *history)
{
    const struct ml_import_options *options = &history->batch.options;
    const struct ml_git_history *commits = &history->commits;
    history->is_out = ml_calloc(commits->count, sizeof *history->is_out);
    if (!history->is_out)
        return ml_fail_memory();
    for (size_t i = 0; options->since_us && i < commits->count; i++)
        history->is_out[i] = commits->nodes[i].time_s < options->since_us / 1000000;
    return options->since_commit ? leave_out_commit(history) : MLEDGER_OK;
}

/* What a shallow clone does not have is not there to be told of. */
static int note_cuts(struct ml_import_history *history)
{
    const struct ml_git_history *commits = &history->commits;
    struct ml_pool *pool = &history->pool;
    for (size_t i = 0; i < commits->count; i++) {
        if (!commits->nodes[i].is_cut || history->is_out[i])
            continue;
        const char *what =
            ml_pool_printf(pool, "what came before commit %.12s", commits->nodes[i].id);
        if (!what)
            return MLEDGER_ESYSTEM;
        ML_TRY(
            ml_import_leave_out(history->batch.report, what,
                                "the clone is shallow: 'git fetch --unshallow' brings the rest"));
    }
    return MLEDGER_OK;
}

/* ---- one commit ---- */

struct step {
    struct ml_import_history *history;
    struct ml_import_past *past;
    const struct ml_git_tree *tree;
    uint32_t index;
};

/* What the project was read from, by which later changes of it are seen. */
static int find_files(const struct step *step, const struct ml_dvc_project *project)
{
    struct ml_import_past *past = step->past;
    const uint32_t parent = step->history->commits.nodes[step->index].first_parent;
    const struct ml_import_files *before = parent == ML_GIT_NO_COMMIT ? NULL : past->files[parent];
    return ml_import_files_make(step->history, past->root, before, project->files,
                                project->files_count, project->unread, project->unread_count,
                                &past->files[step->index]);
}

static int read_project(const struct step *step, struct ml_import_dvc *import)
{
    struct ml_import_history *history = step->history;
    const struct ml_dvc_options reading = {.keep_broken = true,
                                           .check_git = !history->batch.options.skip_hashing,
                                           .may_be_empty = true,
                                           .blobs = &history->blobs};
    struct ml_import_past *past = step->past;
    const char *id = history->commits.nodes[step->index].id;
    ML_TRY(ml_dvc_project_read_commit(step->tree, past->root, &reading, &import->project));
    struct ml_dvc_project *project = import->project;
    ML_TRY(ml_git_commit_read(history->git, id, &project->pool, &project->commit));
    project->has_commit = true;
    ML_TRY(ml_import_training_find(history, past, step->index, project));
    return find_files(step, project);
}

static void import_release(struct ml_import_dvc *import)
{
    ml_import_dvc_release(import);
}

/* The state of one project at one commit. */
static int record(const struct step *step)
{
    struct ml_import_history *history = step->history;
    struct ml_import_past *past = step->past;
    ML_CLEANUP(import_release)
    struct ml_import_dvc import = {
        .batch = &history->batch, .history = history, .name = past->name};
    import.dir = strcmp(past->path, ".") == 0
                     ? history->dir
                     : ml_pool_printf(&import.pool, "%s/%s", history->dir, past->path);
    if (!import.dir)
        return MLEDGER_ESYSTEM;
    ML_TRY(read_project(step, &import));
    ML_TRY(ml_import_dvc_begin(&import));
    ML_TRY(ml_import_dvc_datasets(&import));
    ML_TRY(ml_import_dvc_pipeline(&import));
    past->stages = import.project->stages_count;
    return ml_import_past_note(past, history->commits.nodes[step->index].id,
                               past->files[step->index]);
}

/* A commit that is left out, but from which one came that is not: what its state is read from. */
static int look_at(struct ml_import_history *history, uint32_t index)
{
    static const struct ml_dvc_options reading = {.keep_broken = true, .may_be_empty = true};
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
    ML_TRY(ml_git_tree_open(history->git, history->commits.nodes[index].id, &tree));
    for (size_t i = 0; i < history->all_count; i++) {
        ML_CLEANUP(ml_dvc_project_freep) struct ml_dvc_project *project = NULL;
        struct ml_import_past *past = history->all[i];
        const struct step step = {.history = history, .past = past, .tree = tree, .index = index};
        if (past->files[index])
            continue;
        ML_TRY(ml_dvc_project_read_commit(tree, past->root, &reading, &project));
        ML_TRY(find_files(&step, project));
    }
    return MLEDGER_OK;
}

static int look_at_parents(struct ml_import_history *history, uint32_t index)
{
    const struct ml_git_node *node = &history->commits.nodes[index];
    for (uint32_t i = 0; i < node->parents_count; i++)
        if (history->is_out[node->parents[i]])
            ML_TRY(look_at(history, node->parents[i]));
    return MLEDGER_OK;
}

/* One project at one commit: where it is changed it is read, unless there is a record. */
static int visit_past(const struct step *step)
{
    struct ml_import_history *history = step->history;
    struct ml_import_past *past = step->past;
    const struct ml_git_node *node = &history->commits.nodes[step->index];
    if (!past->is_affected) {
        if (node->first_parent != ML_GIT_NO_COMMIT)
            past->files[step->index] = past->files[node->first_parent];
        return MLEDGER_OK;
    }
    past->newest_change = step->index;
    const struct ml_import_files *known = ml_table_get(&past->recorded, node->id);
    if (!known)
        return record(step);
    past->files[step->index] = known;
    return MLEDGER_OK;
}

static int visit(struct ml_import_history *history, uint32_t index)
{
    ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
    bool is_change = false;
    ML_TRY(ml_git_tree_open(history->git, history->commits.nodes[index].id, &tree));
    ML_TRY(look_at_parents(history, index));
    ML_TRY(ml_import_changes_find(history, index, tree));
    for (size_t i = 0; i < history->all_count; i++) {
        const struct step step = {
            .history = history, .past = history->all[i], .tree = tree, .index = index};
        ML_TRY(visit_past(&step));
        is_change |= history->all[i]->is_affected;
    }
    history->batch.report->changes += is_change;
    return MLEDGER_OK;
}

/* ---- the newest one ---- */

/* Is a record of the newest change, or of a commit behind it, the newest of all? That of a commit
 * of another branch, or of a changed work tree, stands as it is: it came later. */
static bool is_newest_last(const struct ml_import_history *history,
                           const struct ml_import_past *past)
{
    const struct ml_git_node *newest =
        past->newest_commit ? ml_table_get(&history->commits.by_id, past->newest_commit) : NULL;
    if (past->newest_change == ML_GIT_NO_COMMIT || !newest)
        return true;
    return newest - history->commits.nodes >= past->newest_change;
}

/* Records of older commits that came behind the newest one's would have the last word. */
static int repeat_newest(struct ml_import_history *history)
{
    for (size_t i = 0; i < history->all_count; i++) {
        struct ml_import_past *past = history->all[i];
        ML_CLEANUP(ml_git_tree_freep) struct ml_git_tree *tree = NULL;
        if (is_newest_last(history, past))
            continue;
        const char *id = history->commits.nodes[past->newest_change].id;
        ML_TRY(ml_git_tree_open(history->git, id, &tree));
        const struct step step = {
            .history = history, .past = past, .tree = tree, .index = past->newest_change};
        ML_TRY(record(&step));
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

/* Of projects and sources those count that are there now. */
static void count_read(struct ml_import_history *history)
{
    struct ml_import_report *report = history->batch.report;
    report->commits = history->commits.count;
    report->datasets = history->datasets.count;
    report->stages = 0;
    for (size_t i = 0; i < history->all_count; i++)
        report->stages += history->all[i]->stages;
}

static int replay(struct ml_import_history *history)
{
    const struct ml_import_options *options = &history->batch.options;
    const size_t count = history->commits.count;
    struct ml_import_past *top;
    ML_TRY(ml_import_past_find(history, history->prefix, &top));
    for (size_t i = 0; i < count; i++) {
        if (!history->is_out[i])
            ML_TRY(visit(history, (uint32_t)i));
        if (options->progress)
            options->progress(options->progress_context, i + 1, count);
    }
    ML_TRY(repeat_newest(history));
    ML_TRY(ml_import_flush(&history->batch));
    ML_TRY(ml_import_gto_tags(history));
    count_read(history);
    const bool is_whole = !options->since_us && !options->since_commit;
    if (is_whole && history->batch.report->changes == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "no DVC project in the commits of '%s'", history->dir);
    return MLEDGER_OK;
}

static int open_repository(struct ml_import_history *history, const char *dir)
{
    struct ml_pool *pool = &history->pool;
    ML_CLEANUP(ml_freep) char *prefix = NULL;
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    history->dir = ml_pool_text(pool, dir, len);
    if (!history->dir)
        return MLEDGER_ESYSTEM;
    ML_TRY(ml_git_open(history->dir, &history->git));
    ML_TRY(ml_git_place(history->git, history->dir, &prefix));
    history->prefix = ml_pool_text(pool, prefix, strlen(prefix));
    if (!history->prefix)
        return MLEDGER_ESYSTEM;
    return ml_import_dvc_name(history->dir, history->batch.options.name, pool, &history->name);
}

int ml_import_dvc_history(struct ml_ledger *ledger, const struct ml_signer *signer, const char *dir,
                          const struct ml_import_options *options, struct ml_import_report *report)
{
    ML_CLEANUP(history_freep) struct ml_import_history *history = ml_calloc(1, sizeof *history);
    if (!history)
        return ml_fail_memory();
    ml_import_batch_init(&history->batch, ledger, signer, options, report,
                         MLEDGER__SOURCE__GIT_HISTORY);
    ML_TRY(open_repository(history, dir));
    ML_TRY(ml_git_history_read(history->git, history->batch.options.branch, &history->commits));
    ML_TRY(leave_out(history));
    ML_TRY(note_cuts(history));
    return replay(history);
}
