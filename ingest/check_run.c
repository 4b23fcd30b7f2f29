/* SPDX-License-Identifier: Apache-2.0 */
/* What runs, logged models and versions say of the files they made. */
#include <inttypes.h>

#include "ingest/check_state.h"
#include "ingest/dvc/path.h"
#include "ledger/core/codec.h"

/* One record that names artifacts. It may be one of a hundred thousand, so it is read into memory
 * of its own. */
struct source {
    struct check *check;
    struct ml_arena arena;
    struct ml_record record;
    uint64_t seq;
    const char *what;
    const char *owner_id; /* of the run or logged model; NULL: not known */
    bool named, is_deleted;
    Mledger__Artifact *const *artifacts;
    size_t count;
};

static void source_release(struct source *source)
{
    ml_arena_release(&source->arena);
}

/* ---- where they lie ---- */

/* In the folder of the run as it is here, by its id; or where it was when it was imported. */
static int place_imported(const struct source *source, const char *path, const char **ret_path)
{
    struct check *check = source->check;
    const Mledger__Details *details = source->record.details;
    const char *folder = source->owner_id ? ml_table_get(&check->runs, source->owner_id) : NULL;
    if (!folder && details && details->source &&
        source->record.event->kind_case == MLEDGER__EVENT__KIND_ARTIFACT_RECORDED)
        ML_TRY(check_place(check, details->directory, details->source, &folder));
    *ret_path = NULL;
    if (!folder)
        return MLEDGER_OK;
    const char *below = ml_dvc_path_join(&check->pool, "artifacts", path);
    if (!below || ml_dvc_path_is_outside(below))
        return below ? MLEDGER_OK : MLEDGER_ESYSTEM;
    *ret_path = ml_dvc_path_join(&check->pool, folder, below);
    return *ret_path ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

/* As it was given on the command line. */
static int place_added(const struct source *source, const char *path, const char **ret_path)
{
    const Mledger__Details *details = source->record.details;
    return check_place_given(source->check, details ? details->directory : NULL, path,
                             source->named, ret_path);
}

/* What was deleted may have gone, as MLflow's garbage collection takes it. */
static bool may_be_gone(const struct source *source, const char *path)
{
    return source->is_deleted && !source->named && !check_is_there(source->check, path);
}

static int add_artifact(const struct source *source, const Mledger__Artifact *artifact)
{
    struct check *check = source->check;
    struct check_claim claim = {.place = ML_CHECK_ARTIFACTS, .what = source->what};
    const bool imported = source->record.event->has_imported_from;
    ML_TRY(imported ? place_imported(source, artifact->path, &claim.path)
                    : place_added(source, artifact->path, &claim.path));
    if (!claim.path || may_be_gone(source, claim.path)) {
        check->result->elsewhere++;
        return MLEDGER_OK;
    }
    for (size_t i = 0; i < artifact->n_digests; i++)
        check_content_add(&claim.content, artifact->digests[i]);
    if (!claim.content.has) {
        check->result->without_digest++;
        return MLEDGER_OK;
    }
    claim.content.has_size = artifact->has_size;
    claim.content.size = artifact->size;
    claim.is_directory = check_content_is_directory(&claim.content);
    claim.is_file = check_has(&claim.content, MLEDGER__ALGORITHM__MD5);
    return check_claim_add(check, &claim, source->seq);
}

/* ---- whose they are ---- */

static int name_model(struct source *source, uint64_t model)
{
    const Mledger__SubjectState *state;
    struct check *check = source->check;
    ML_TRY(ml_reader_subject(check->reader, model, &state));
    if (!state)
        return ml_fail_seq(MLEDGER_EDAMAGED, source->seq, "its logged model is not in the state");
    source->owner_id = state->name;
    source->is_deleted = state->has_deleted && state->deleted;
    source->what = ml_pool_printf(&check->pool, "logged model %s", state->name);
    return source->what ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int name_run(struct source *source, uint64_t run)
{
    const Mledger__SubjectState *state;
    struct check *check = source->check;
    ML_TRY(ml_reader_subject(check->reader, run, &state));
    if (!state)
        return ml_fail_seq(MLEDGER_EDAMAGED, source->seq, "its run is not in the state");
    source->owner_id = state->name;
    source->is_deleted = state->has_deleted && state->deleted;
    source->what = ml_pool_printf(&check->pool, "run %s", state->name);
    return source->what ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int name_version(struct source *source, const Mledger__VersionRegistered *version)
{
    const Mledger__SubjectState *state;
    struct check *check = source->check;
    ML_TRY(ml_reader_subject(check->reader, version->model, &state));
    if (!state)
        return ml_fail_seq(MLEDGER_EDAMAGED, source->seq, "its model is not in the state");
    source->what =
        ml_pool_printf(&check->pool, "version %s/%" PRIu64, state->name, version->version);
    if (!source->what)
        return MLEDGER_ESYSTEM;
    source->is_deleted = state->has_deleted && state->deleted;
    source->owner_id = version->run_id;
    if (!version->has_logged_model_ref && !version->has_run_ref)
        return MLEDGER_OK;
    ML_TRY(ml_reader_subject(
        check->reader, version->has_logged_model_ref ? version->logged_model_ref : version->run_ref,
        &state));
    source->owner_id = state ? state->name : NULL;
    return MLEDGER_OK;
}

/* *ret_has is false if the record names no artifacts. */
static int open_source(struct source *source, bool *ret_has)
{
    const Mledger__Event *event = source->record.event;
    *ret_has = true;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
        source->artifacts = event->artifact_recorded->artifacts;
        source->count = event->artifact_recorded->n_artifacts;
        return event->artifact_recorded->has_run
                   ? name_run(source, event->artifact_recorded->run)
                   : name_model(source, event->artifact_recorded->logged_model);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        source->artifacts = event->run_logged->outputs;
        source->count = event->run_logged->n_outputs;
        return name_run(source, event->run_logged->run);
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        source->artifacts = event->version_registered->artifacts;
        source->count = event->version_registered->n_artifacts;
        return name_version(source, event->version_registered);
    default:
        *ret_has = false;
        return MLEDGER_OK;
    }
}

static int read_source(struct source *source, uint64_t seq, bool *ret_has)
{
    ml_arena_clear(&source->arena);
    source->seq = seq;
    source->owner_id = source->what = NULL;
    source->is_deleted = false;
    *ret_has = false;
    ML_TRY(ml_view_record(source->check->reader->view, seq, &source->arena, &source->record));
    return source->record.event ? open_source(source, ret_has) : MLEDGER_OK;
}

int check_artifacts_claim(struct check *check, uint64_t seq, bool named)
{
    ML_CLEANUP(source_release) struct source source = {.check = check, .named = named};
    bool has;
    ml_arena_init(&source.arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    ML_TRY(read_source(&source, seq, &has));
    for (size_t i = 0; has && i < source.count; i++)
        ML_TRY(add_artifact(&source, source.artifacts[i]));
    return MLEDGER_OK;
}

/* ---- many records ---- */

/* A file that a run kept twice under one name is what it was when it was kept last. */
struct newest {
    struct check *check;
    struct ml_table seen; /* "WHAT PATH" */
};

static int add_unseen(struct newest *newest, const struct source *source,
                      const Mledger__Artifact *artifact)
{
    const char *key = ml_pool_printf(&newest->check->pool, "%s %s", source->what, artifact->path);
    if (!key)
        return MLEDGER_ESYSTEM;
    if (ml_table_get(&newest->seen, key))
        return MLEDGER_OK;
    ML_TRY(ml_table_put(&newest->seen, key, newest));
    return add_artifact(source, artifact);
}

static int add_newest(struct newest *newest, const uint64_t *seqs, size_t count, bool named)
{
    ML_CLEANUP(source_release) struct source source = {.check = newest->check, .named = named};
    ml_arena_init(&source.arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    for (size_t i = count; i-- > 0;) {
        bool has;
        ML_TRY(read_source(&source, seqs[i], &has));
        for (size_t k = has ? source.count : 0; k-- > 0;)
            ML_TRY(add_unseen(newest, &source, source.artifacts[k]));
    }
    return MLEDGER_OK;
}

int check_artifacts_newest(struct check *check, const uint64_t *seqs, size_t count, bool named)
{
    struct newest newest = {.check = check};
    const int result = add_newest(&newest, seqs, count, named);
    ml_table_release(&newest.seen);
    return result;
}
