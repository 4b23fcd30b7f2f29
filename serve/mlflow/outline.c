/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/outline.h"

#include "serve/mlflow/model.h"

/* A version's byte: its stage, and whether it has aliases. */
enum { GONE = 0x7f, STAGE = 0x7f, HAS_ALIASES = 0x80 };

struct kept {
    uint64_t model;
    uint64_t size; /* records of the ledger that are in it */
    uint8_t *versions;
    size_t count, cap;
    char *stages[ML_OUTLINE_STAGES];
    size_t n_stages;
};

struct ml_outlines {
    pthread_mutex_t lock;
    struct kept **models; /* by seq */
    size_t count, cap;
};

static void kept_free(struct kept *kept)
{
    for (size_t i = 0; i < kept->n_stages; i++)
        free(kept->stages[i]);
    free(kept->versions);
    free(kept);
}

int ml_outlines_new(struct ml_outlines **ret_outlines)
{
    ML_CLEANUP(ml_freep) struct ml_outlines *outlines = ml_calloc(1, sizeof *outlines);
    if (!outlines)
        return ml_fail_memory();
    const int error_number = pthread_mutex_init(&outlines->lock, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a mutex");
    *ret_outlines = ML_TAKE(outlines);
    return MLEDGER_OK;
}

void ml_outlines_free(struct ml_outlines *outlines)
{
    if (!outlines)
        return;
    for (size_t i = 0; i < outlines->count; i++)
        kept_free(outlines->models[i]);
    free(outlines->models);
    pthread_mutex_destroy(&outlines->lock);
    free(outlines);
}

/* What is kept of the model, made if need be. */
static int take(struct ml_outlines *outlines, uint64_t model, struct kept **ret_kept)
{
    size_t low = 0, high = outlines->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (outlines->models[middle]->model < model)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == outlines->count || outlines->models[low]->model != model) {
        ML_TRY(ml_grow(&outlines->models, &outlines->cap, outlines->count + 1,
                       sizeof *outlines->models));
        struct kept *kept = ml_calloc(1, sizeof *kept);
        if (!kept)
            return ml_fail_memory();
        kept->model = model;
        memmove(&outlines->models[low + 1], &outlines->models[low],
                (outlines->count - low) * sizeof(struct kept *));
        outlines->models[low] = kept;
        outlines->count++;
    }
    *ret_kept = outlines->models[low];
    return MLEDGER_OK;
}

/* ---- looking at versions ---- */

/* The stage's place; GONE: there are too many. */
static int stage_of(struct kept *kept, const char *stage, uint8_t *ret_place)
{
    for (size_t i = 0; i < kept->n_stages; i++) {
        if (strcmp(kept->stages[i], stage) == 0) {
            *ret_place = (uint8_t)i;
            return MLEDGER_OK;
        }
    }
    *ret_place = GONE;
    if (kept->n_stages == ML_OUTLINE_STAGES)
        return MLEDGER_OK;
    kept->stages[kept->n_stages] = strdup(stage);
    if (!kept->stages[kept->n_stages])
        return ml_fail_memory();
    *ret_place = (uint8_t)kept->n_stages++;
    return MLEDGER_OK;
}

static int look(struct ml_rest_call *call, struct kept *kept, uint64_t number)
{
    struct ml_rest_version version;
    uint8_t place = GONE;
    const int result = ml_rest_version_at(call, kept->model, number, &version);
    kept->versions[number - 1] = GONE;
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(stage_of(kept, version.state->stage, &place));
    kept->versions[number - 1] = (uint8_t)(place | (version.state->n_aliases ? HAS_ALIASES : 0));
    return MLEDGER_OK;
}

/* Those that are new to it. */
static int look_at_new(struct ml_rest_call *call, struct kept *kept)
{
    const Mledger__SubjectState *subject;
    ML_TRY(ml_reader_subject(&call->reader, kept->model, &subject));
    ML_TRY(ml_grow(&kept->versions, &kept->cap, subject->newest_version, 1));
    while (kept->count < subject->newest_version)
        ML_TRY(look(call, kept, ++kept->count));
    return MLEDGER_OK;
}

/* ---- catching up ---- */

/* An alias that goes to another version is taken from one of these. */
static int look_at_aliased(struct ml_rest_call *call, struct kept *kept)
{
    for (size_t i = 0; i < kept->count; i++)
        if (kept->versions[i] & HAS_ALIASES)
            ML_TRY(look(call, kept, i + 1));
    return MLEDGER_OK;
}

struct catching_up {
    struct ml_rest_call *call;
    struct kept *kept;
};

static int look_again(struct catching_up *job, uint64_t number)
{
    return number > 0 && number <= job->kept->count ? look(job->call, job->kept, number)
                                                    : MLEDGER_OK;
}

static int visit(uint64_t seq, void *context)
{
    struct catching_up *job = context;
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&job->call->reader, seq, &record));
    const Mledger__Event *event = record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_VERSION_DELETED:
        return look_again(job, event->version_deleted->version);
    case MLEDGER__EVENT__KIND_STAGE_TRANSITIONED:
        return look_again(job, event->stage_transitioned->version);
    case MLEDGER__EVENT__KIND_STAGE_IMPORTED:
        return look_again(job, event->stage_imported->version);
    case MLEDGER__EVENT__KIND_ALIAS_SET:
        ML_TRY(look_at_aliased(job->call, job->kept));
        return look_again(job, event->alias_set->version);
    case MLEDGER__EVENT__KIND_ALIAS_DELETED:
        return look_at_aliased(job->call, job->kept);
    default:
        return MLEDGER_OK;
    }
}

static int catch_up(struct ml_rest_call *call, struct kept *kept)
{
    struct catching_up job = {call, kept};
    const struct ml_state_key prefix = ml_index_subject_prefix(kept->model);
    if (kept->count > 0)
        ML_TRY(ml_view_index(&call->view, &prefix, kept->size, visit, &job));
    ML_TRY(look_at_new(call, kept));
    kept->size = call->view.head.size;
    return MLEDGER_OK;
}

/* ---- the answer ---- */

static int outline_of(struct ml_rest_call *call, const struct kept *kept,
                      struct ml_outline *outline)
{
    size_t places[ML_OUTLINE_STAGES] = {0}; /* of each stage in `latest`, from 1 */
    size_t n_aliased = 0;
    for (size_t i = 0; i < kept->count; i++)
        n_aliased += (kept->versions[i] & HAS_ALIASES) != 0;
    outline->aliased = ml_arena_calloc(&call->arena, n_aliased + 1, sizeof *outline->aliased);
    if (!outline->aliased)
        return ml_arena_fail(&call->arena, "the answer");
    for (size_t i = 0; i < kept->count; i++) {
        const size_t stage = kept->versions[i] & STAGE;
        if (kept->versions[i] & HAS_ALIASES)
            outline->aliased[outline->n_aliased++] = i + 1;
        if (stage == GONE)
            continue;
        if (places[stage] == 0)
            places[stage] = ++outline->n_latest;
        outline->latest[places[stage] - 1] = i + 1;
    }
    return MLEDGER_OK;
}

/* A call that reads the ledger as it was before what is kept looks for itself. */
static int outline_alone(struct ml_rest_call *call, uint64_t model, struct ml_outline *outline)
{
    struct kept *kept = ml_calloc(1, sizeof *kept);
    if (!kept)
        return ml_fail_memory();
    kept->model = model;
    int result = look_at_new(call, kept);
    if (result >= 0)
        result = outline_of(call, kept, outline);
    kept_free(kept);
    return result;
}

static int outline_kept(struct ml_rest_call *call, uint64_t model, struct ml_outline *outline,
                        bool *ret_is_past)
{
    struct kept *kept;
    ML_TRY(take(call->service->outlines, model, &kept));
    *ret_is_past = kept->size > call->view.head.size;
    if (*ret_is_past)
        return MLEDGER_OK;
    const int result = catch_up(call, kept);
    if (result < 0) {
        kept->count = kept->size = 0; /* to be looked at from the beginning */
        return result;
    }
    return outline_of(call, kept, outline);
}

int ml_rest_outline(struct ml_rest_call *call, uint64_t model, struct ml_outline *ret_outline)
{
    struct ml_outlines *outlines = call->service->outlines;
    bool is_past = false;
    *ret_outline = (struct ml_outline){.n_latest = 0};
    pthread_mutex_lock(&outlines->lock);
    const int result = outline_kept(call, model, ret_outline, &is_past);
    pthread_mutex_unlock(&outlines->lock);
    return is_past ? outline_alone(call, model, ret_outline) : result;
}
