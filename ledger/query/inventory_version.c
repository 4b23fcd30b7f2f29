/* SPDX-License-Identifier: Apache-2.0 */
/* What an inventory shows of one version. */
#include "ledger/query/inventory_private.h"

int stock_text(struct stock *stock, const char *text, const char **ret_copy)
{
    struct ml_arena *arena = &stock->inventory->arena;
    *ret_copy = text ? ml_arena_text(arena, text, strlen(text)) : NULL;
    return text && !*ret_copy ? ml_arena_fail(arena, "the inventory") : MLEDGER_OK;
}

/* The share of an endpoint that the version has by this record; 0: none, or another is in force. */
static uint32_t share_of(const struct ml_model_past *past,
                         const struct ml_model_deployment *deployment, uint64_t version)
{
    uint32_t share = 0;
    if (deployment->until_seq != MLEDGER_NO_SEQ)
        return 0;
    for (size_t i = 0; i < deployment->event->n_targets; i++)
        if (deployment->event->targets[i]->model == past->seq &&
            deployment->event->targets[i]->version == version)
            share += deployment->event->targets[i]->share_ppm;
    return share;
}

bool stock_matters(const struct ml_model_past *past, const struct ml_model_version *version)
{
    if (strcmp(version->stage, "None") != 0 && strcmp(version->stage, "Archived") != 0)
        return true;
    for (size_t i = 0; i < past->n_aliases; i++)
        if (past->aliases[i].version == version->version)
            return true;
    for (size_t i = 0; i < past->n_deployments; i++)
        if (share_of(past, &past->deployments[i], version->version) > 0)
            return true;
    return false;
}

static int show_aliases(struct stock *stock, struct ml_inventory_version *shown)
{
    const struct ml_model_past *past = &stock->past;
    struct ml_arena *arena = &stock->inventory->arena;
    shown->aliases = ml_arena_calloc(arena, past->n_aliases + 1, sizeof *shown->aliases);
    if (!shown->aliases)
        return ml_arena_fail(arena, "the inventory");
    for (size_t i = 0; i < past->n_aliases; i++) {
        if (past->aliases[i].version != shown->version)
            continue;
        ML_TRY(stock_text(stock, past->aliases[i].alias, &shown->aliases[shown->n_aliases++]));
        ML_TRY(ml_basis_add(stock->basis, past->aliases[i].seq));
    }
    return MLEDGER_OK;
}

static int show_deployments(struct stock *stock, struct ml_inventory_version *shown)
{
    const struct ml_model_past *past = &stock->past;
    struct ml_arena *arena = &stock->inventory->arena;
    shown->deployments =
        ml_arena_calloc(arena, past->n_deployments + 1, sizeof *shown->deployments);
    if (!shown->deployments)
        return ml_arena_fail(arena, "the inventory");
    for (size_t i = 0; i < past->n_deployments; i++) {
        const struct ml_model_deployment *one = &past->deployments[i];
        uint32_t share = share_of(past, one, shown->version);
        if (share == 0)
            continue;
        struct ml_inventory_deployment *into = &shown->deployments[shown->n_deployments++];
        into->share_ppm = share;
        into->seq = one->record->header->seq;
        ML_TRY(stock_text(stock, one->event->endpoint, &into->endpoint));
        ML_TRY(stock_text(stock, one->event->environment, &into->environment));
        ML_TRY(ml_basis_add(stock->basis, into->seq));
    }
    return MLEDGER_OK;
}

static int show_validation(struct stock *stock, struct ml_inventory_version *shown)
{
    const struct ml_model_validation *newest = ml_model_validation(&stock->past, shown->version);
    if (!newest)
        return MLEDGER_OK;
    shown->validation =
        newest->event->outcome == MLEDGER__OUTCOME__PASSED ? "passed" : "not_passed";
    shown->validation_seq = newest->record->header->seq;
    shown->validation_us = newest->record->header->recorded_at;
    return ml_basis_add(stock->basis, shown->validation_seq);
}

int stock_show_version(struct stock *stock, const struct ml_model_version *version,
                       struct ml_inventory_version *ret_shown)
{
    struct ml_inventory_version shown = {
        .version = version->version,
        .stage_seq = version->stage_seq,
        .stage_us = version->stage_us,
        .registered_seq = version->record->header->seq,
        .registered_us = version->record->header->recorded_at,
        .last_seq = version->last_seq,
        .last_us = version->last_us,
        .deleted = version->deleted_seq != MLEDGER_NO_SEQ,
    };
    const uint64_t used[] = {version->stage_seq, shown.registered_seq, version->last_seq};
    ML_TRY(stock_text(stock, version->stage, &shown.stage));
    ML_TRY(show_aliases(stock, &shown));
    ML_TRY(show_validation(stock, &shown));
    ML_TRY(show_deployments(stock, &shown));
    ML_TRY(ml_exceptions_count(&stock->reader, &stock->past, version->version,
                               stock->options->now_us, stock->basis, &shown.n_exceptions));
    ML_TRY(ml_basis_add_all(stock->basis, used, ML_COUNT(used)));
    *ret_shown = shown;
    return MLEDGER_OK;
}
