/* SPDX-License-Identifier: Apache-2.0 */
/* What pipelines and datasets say of paths. */
#include <inttypes.h>

#include "ingest/check_state.h"
#include "ingest/dvc/path.h"
#include "ledger/query/state_walk.h"

/* ---- where a project lies ---- */

/* The project that a pipeline's name is made from, NULL if the directory holds none. */
static const char *project_called(const struct check *check, const char *name)
{
    for (size_t i = 0; i < check->n_projects; i++)
        if (strcmp(check->projects[i].name, name) == 0)
            return check->projects[i].path;
    return NULL;
}

/* The root of a recorded project, absolute: where it was, if that and the directory overlap; else
 * where it is by its name. NULL: nowhere here; if it was asked for it is the directory itself. */
static int project_root(struct check *check, const Mledger__Details *details, const char *name,
                        bool named, const char **ret_root)
{
    const char *was = NULL, *place = NULL;
    *ret_root = NULL;
    if (details && details->source && (details->directory || details->source[0] == '/')) {
        was = ml_dvc_path_join(&check->pool, details->directory ? details->directory : "/",
                               details->source);
        if (!was)
            return MLEDGER_ESYSTEM;
        ML_TRY(check_place(check, NULL, was, &place));
    }
    const size_t len = was ? strlen(was) : 0;
    const bool is_around = was && strncmp(check->root, was, len) == 0 &&
                           (check->root[len] == '/' || strcmp(was, "/") == 0);
    if (is_around) {
        *ret_root = was;
        return MLEDGER_OK;
    }
    const char *called = place && check_is_there(check, place) ? NULL : project_called(check, name);
    if (called)
        place = called;
    if (!place && named)
        place = ".";
    if (!place)
        return MLEDGER_OK;
    *ret_root = ml_pool_printf(&check->pool, "%s/%s", check->root, place);
    return *ret_root ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int fail_unplaced(const struct ml_record *record, uint64_t seq, const char *what)
{
    if (record->details_erased)
        return ml_fail_seq(MLEDGER_ENOTFOUND, seq,
                           "where %s lies is not known any more: the details of record %" PRIu64
                           " were erased",
                           what, seq);
    return ml_fail_seq(MLEDGER_ENOTFOUND, seq, "%s (record %" PRIu64 ") does not lie in there",
                       what, seq);
}

/* ---- pipelines ---- */

struct snapshot_claims {
    struct check *check;
    const char *root, *what;
    uint64_t seq;
    struct ml_table by_path; /* struct check_claim, not yet added */
    struct check_claim **list;
    size_t count, cap;
};

static void snapshot_claims_release(struct snapshot_claims *claims)
{
    ml_table_release(&claims->by_path);
    free(claims->list);
}

static void read_content(const Mledger__PipelineFile *file, struct check_content *content)
{
    for (size_t i = 0; i < file->n_digests; i++)
        check_content_add(content, file->digests[i]);
    content->has_size = file->has_size;
    content->size = file->size;
}

/* What the stage that makes a file says of it counts; one that only read it may have read another
 * content than there is now, and if several did, any of them will do. */
static int put_claim(struct snapshot_claims *claims, struct check_claim *claim)
{
    struct check_claim *first = ml_table_get(&claims->by_path, claim->path);
    if (first) {
        if (!first->is_output && !claim->is_output) {
            claim->also = first->also;
            first->also = claim;
        }
        return MLEDGER_OK;
    }
    ML_TRY(ml_grow(&claims->list, &claims->cap, claims->count + 1, sizeof *claims->list));
    claims->list[claims->count++] = claim;
    return ml_table_put(&claims->by_path, claim->path, claim);
}

static int add_file(struct snapshot_claims *claims, const Mledger__PipelineFile *file, bool out)
{
    struct check *check = claims->check;
    const char *path;
    struct check_content content = {0};
    if (ml_dvc_path_is_url(file->path))
        return MLEDGER_OK;
    ML_TRY(check_place(check, claims->root, file->path, &path));
    if (!path && check->options->outside) {
        path = ml_dvc_path_join(&check->pool, claims->root, file->path);
        if (!path)
            return MLEDGER_ESYSTEM;
    }
    if (!path) {
        check->result->elsewhere++;
        return MLEDGER_OK;
    }
    read_content(file, &content);
    if (!content.has) {
        check->result->without_digest += out;
        return MLEDGER_OK;
    }
    struct check_claim *claim = ml_pool_alloc(&check->pool, 1, sizeof *claim);
    if (!claim)
        return MLEDGER_ESYSTEM;
    const bool is_directory = check_content_is_directory(&content);
    *claim = (struct check_claim){.path = path,
                                  .content = content,
                                  .is_directory = is_directory,
                                  .is_file = !is_directory,
                                  .is_output = out,
                                  .what = claims->what};
    return put_claim(claims, claim);
}

/* All outputs first, so that they count. */
static int add_files(struct snapshot_claims *claims, const struct ml_snapshot *snapshot)
{
    for (size_t s = 0; s < snapshot->n_stages; s++)
        for (size_t i = 0; i < snapshot->stages[s]->n_outs; i++)
            ML_TRY(add_file(claims, snapshot->stages[s]->outs[i], true));
    for (size_t s = 0; s < snapshot->n_stages; s++)
        for (size_t i = 0; i < snapshot->stages[s]->n_deps; i++)
            ML_TRY(add_file(claims, snapshot->stages[s]->deps[i], false));
    for (size_t i = 0; i < claims->count; i++)
        ML_TRY(check_claim_add(claims->check, claims->list[i], claims->seq));
    return MLEDGER_OK;
}

int check_pipeline_claim(struct check *check, uint64_t seq, bool named)
{
    struct ml_snapshot *snapshot;
    ML_CLEANUP(snapshot_claims_release)
    struct snapshot_claims claims = {.check = check, .seq = seq};
    ML_TRY(ml_snapshot_load(&check->snapshots, seq, &snapshot));
    if (!snapshot)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it is no record of a pipeline");
    const char *name = snapshot->recorded->name;
    claims.what = ml_pool_printf(&check->pool, "pipeline %s", name);
    if (!claims.what)
        return MLEDGER_ESYSTEM;
    ML_TRY(project_root(check, snapshot->record->details, name, named, &claims.root));
    if (claims.root)
        return add_files(&claims, snapshot);
    check->result->elsewhere++;
    return MLEDGER_OK;
}

/* ---- datasets ---- */

struct owner {
    const char *dataset; /* "churn/data/raw.csv" */
    const Mledger__SubjectState *state;
    char *name; /* of the longest pipeline that the name begins with */
    uint64_t newest;
};

static int look_at_pipeline(uint64_t seq, const Mledger__SubjectState *state, void *context)
{
    struct owner *owner = context;
    const size_t len = strlen(state->name);
    (void)seq;
    if (!state->has_newest_record || strncmp(owner->dataset, state->name, len) != 0 ||
        owner->dataset[len] != '/' || (owner->name && strlen(owner->name) >= len))
        return MLEDGER_OK;
    free(owner->name);
    owner->name = strdup(state->name);
    owner->newest = state->newest_record;
    return owner->name ? MLEDGER_OK : ml_fail_memory();
}

/* Datasets of a DVC project are called by their path behind the pipeline's name. */
static int place_imported(struct check *check, const char *name, bool named, const char **ret_path)
{
    struct owner owner = {.dataset = name};
    const struct ml_record *record;
    const char *root = NULL;
    *ret_path = NULL;
    int result = ml_subject_walk(check->reader->view, MLEDGER__SUBJECT_KIND__PIPELINE,
                                 look_at_pipeline, &owner);
    if (result == MLEDGER_OK && owner.name)
        result = ml_reader_record(check->reader, owner.newest, &record);
    if (result == MLEDGER_OK && owner.name)
        result = project_root(check, record->details, owner.name, named, &root);
    const size_t skip = owner.name ? strlen(owner.name) + 1 : 0;
    free(owner.name);
    if (result == MLEDGER_ENOTFOUND) /* the pipeline is newer than the question */
        return MLEDGER_OK;
    ML_TRY(result);
    return root ? check_place(check, root, name + skip, ret_path) : MLEDGER_OK;
}

/* The path as it was given to `dataset add`. */
static int place_added(struct check *check, const Mledger__Details *details, bool named,
                       const char **ret_path)
{
    *ret_path = NULL;
    return details && details->source
               ? check_place_given(check, details->directory, details->source, named, ret_path)
               : MLEDGER_OK;
}

static int add_dataset(struct check *check, const Mledger__DatasetRecorded *dataset,
                       const char *path, const char *what, uint64_t seq)
{
    struct check_claim claim = {.path = path, .what = what};
    for (size_t i = 0; i < dataset->n_digests; i++)
        check_content_add(&claim.content, dataset->digests[i]);
    claim.content.has_size = dataset->has_size;
    claim.content.size = dataset->size;
    claim.is_directory = dataset->has_files || check_content_is_directory(&claim.content);
    claim.is_file = !claim.is_directory;
    claim.manifest = dataset->manifest ? dataset->manifest->sha256.data : NULL;
    if (claim.content.has)
        return check_claim_add(check, &claim, seq);
    check->result->without_digest++;
    return MLEDGER_OK;
}

int check_dataset_claim(struct check *check, uint64_t seq, bool named)
{
    const struct ml_record *record;
    const char *path;
    ML_TRY(ml_reader_record(check->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it is no record of a dataset");
    const Mledger__DatasetRecorded *dataset = record->event->dataset_recorded;
    const char *what = ml_pool_printf(&check->pool, "dataset %s", dataset->name);
    if (!what)
        return MLEDGER_ESYSTEM;
    ML_TRY(record->event->has_imported_from ? place_imported(check, dataset->name, named, &path)
                                            : place_added(check, record->details, named, &path));
    if (path)
        return add_dataset(check, dataset, path, what, seq);
    if (named)
        return fail_unplaced(record, seq, what);
    check->result->elsewhere++;
    return MLEDGER_OK;
}
