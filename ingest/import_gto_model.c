/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger holds of a model that came of tags. */
#include "ingest/import_gto_state.h"
#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/index.h"

void ml_import_gto_model_release(struct ml_import_gto_model *model)
{
    free(model->versions);
    ml_table_release(&model->told);
}

int ml_import_gto_version_add(struct ml_import_gto_model *model,
                              struct ml_import_gto_version **ret_version)
{
    ML_TRY(ml_grow(&model->versions, &model->cap, model->count + 1, sizeof *model->versions));
    struct ml_import_gto_version *version = &model->versions[model->count++];
    *version = (struct ml_import_gto_version){.stage = "None"};
    *ret_version = version;
    return MLEDGER_OK;
}

struct ml_import_gto_version *ml_import_gto_version_of(const struct ml_import_gto_model *model,
                                                       int64_t time_us, const char *name,
                                                       const char *commit)
{
    for (size_t i = model->count; i-- > 0;) {
        struct ml_import_gto_version *version = &model->versions[i];
        if (!version->is_deleted && version->time_us <= time_us &&
            (!name || strcmp(version->name, name) == 0) &&
            (!commit || strcmp(version->commit, commit) == 0))
            return version;
    }
    return NULL;
}

const char *ml_import_gto_event(struct ml_pool *pool, const char *tag_id, const char *kind,
                                const char *stage)
{
    return ml_pool_printf(pool, "%s %s %s", tag_id, kind, stage ? stage : "");
}

/* ---- from the ledger ---- */

struct reading {
    struct ml_import_gto *gto;
    struct ml_import_gto_model *model;
    struct ml_view *view;
    struct ml_arena arena;
};

static void reading_release(struct reading *reading)
{
    ml_arena_release(&reading->arena);
}

static struct ml_import_gto_version *numbered(const struct ml_import_gto_model *model,
                                              uint64_t number)
{
    for (size_t i = 0; i < model->count; i++)
        if (model->versions[i].number == number)
            return &model->versions[i];
    return NULL;
}

/* False when the digest is no commit or tag of today's Git. */
static bool copy_id(const Mledger__Digest *digest, char ret_id[ML_GIT_ID_SIZE])
{
    if (digest->value.len != (ML_GIT_ID_SIZE - 1) / 2)
        return false;
    ml_hex_encode(ret_id, digest->value.data, digest->value.len);
    return true;
}

/* Only the versions that came of tags can be what a tag speaks of. */
static int read_registered(struct reading *reading, const Mledger__Event *event,
                           const Mledger__Details *details)
{
    struct ml_gto_tag said;
    struct ml_import_gto_version *version;
    if (!event->git_tag)
        return MLEDGER_OK;
    int result = ml_gto_parse(&reading->gto->pool, event->git_tag->name, &said);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
    if (!said.version)
        return MLEDGER_OK;
    ML_TRY(ml_import_gto_version_add(reading->model, &version));
    version->name = said.version;
    version->number = event->version_registered->version;
    version->time_us = details && details->has_occurred_at ? details->occurred_at : INT64_MIN;
    (void)copy_id(event->git_tag->commit, version->commit);
    return MLEDGER_OK;
}

static int read_stage(struct reading *reading, uint64_t number, const char *stage)
{
    struct ml_import_gto_version *version = numbered(reading->model, number);
    const char *copy = ml_pool_text(&reading->gto->pool, stage, strlen(stage));
    if (!copy)
        return MLEDGER_ESYSTEM;
    if (version)
        version->stage = copy;
    return MLEDGER_OK;
}

static int read_event(struct reading *reading, const Mledger__Event *event,
                      const Mledger__Details *details)
{
    struct ml_import_gto_version *version;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return read_registered(reading, event, details);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return read_stage(reading, event->stage_imported->version, event->stage_imported->stage);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return read_stage(reading, event->stage_transitioned->version,
                          event->stage_transitioned->to_stage);
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        version = numbered(reading->model, event->version_deleted->version);
        if (version)
            version->is_deleted = true;
        return MLEDGER_OK;
    default:
        return MLEDGER_OK;
    }
}

static int note_told(struct reading *reading, const Mledger__Event *event)
{
    char id[ML_GIT_ID_SIZE];
    const bool is_stage = event->kind_case == MLEDGER__EVENT__KIND_STAGE_IMPORTED;
    if (!event->git_tag || !copy_id(event->git_tag->object, id))
        return MLEDGER_OK;
    const char *told = ml_import_gto_event(&reading->gto->pool, id, ml_event_name(event),
                                           is_stage ? event->stage_imported->stage : NULL);
    return told ? ml_table_put(&reading->model->told, told, reading->model) : MLEDGER_ESYSTEM;
}

static int read_record(uint64_t seq, void *context)
{
    struct reading *reading = context;
    struct ml_record record;
    ml_arena_clear(&reading->arena);
    ML_TRY(ml_view_record(reading->view, seq, &reading->arena, &record));
    if (!record.event)
        return MLEDGER_OK;
    ML_TRY(note_told(reading, record.event));
    return read_event(reading, record.event, record.details);
}

static int read_model(struct ml_import_gto *gto, struct ml_import_gto_model *model)
{
    ML_CLEANUP(reading_release) struct reading reading = {.gto = gto, .model = model};
    Mledger__SubjectState *state;
    uint64_t subject;
    ml_arena_init(&reading.arena, 2 * (size_t)ML_LIMIT_UNPACKED);
    ML_TRY(ml_import_batch_view(&gto->history->batch, &reading.view));
    int result =
        ml_state_find(reading.view->state, MLEDGER__SUBJECT_KIND__MODEL, model->name, &subject);
    if (result < 0)
        return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
    ML_TRY(ml_state_subject(reading.view->state, subject, &reading.arena, &state));
    model->is_there = strcmp(state->name, model->name) == 0; /* else it was renamed since */
    if (!model->is_there)
        return MLEDGER_OK;
    model->is_deleted = state->has_deleted;
    model->newest = state->newest_version;
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    return ml_view_index(reading.view, &prefix, 0, read_record, &reading);
}

int ml_import_gto_model_find(struct ml_import_gto *gto, const char *artifact,
                             struct ml_import_gto_model **ret_model)
{
    struct ml_import_gto_model *model = ml_table_get(&gto->models, artifact);
    if (!model) {
        model = ml_pool_alloc(&gto->pool, 1, sizeof *model);
        const char *key = ml_pool_text(&gto->pool, artifact, strlen(artifact));
        if (!model || !key)
            return MLEDGER_ESYSTEM;
        model->name = ml_pool_printf(&gto->pool, "%s/%s", gto->history->name, artifact);
        if (!model->name)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_grow(&gto->all, &gto->all_cap, gto->all_count + 1, sizeof(void *)));
        gto->all[gto->all_count++] = model;
        ML_TRY(ml_table_put(&gto->models, key, model));
        ML_TRY(read_model(gto, model));
    }
    *ret_model = model;
    return MLEDGER_OK;
}
