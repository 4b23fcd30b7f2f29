/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/inventory.h"

#include "ledger/query/inventory_private.h"
#include "ledger/query/model_list.h"
#include "ledger/query/record_text.h"

/* ---- who ---- */

/* Its tag "owner", else the actor who created it. */
static int find_owner(struct stock *stock, uint64_t *ret_seq)
{
    const struct ml_model_tag *tag = ml_model_tag(&stock->past, 0, "owner");
    stock->owner = tag ? tag->text : NULL;
    *ret_seq = tag ? tag->seq : stock->past.seq;
    if (tag || stock->past.author == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    const Mledger__SubjectState *actor;
    ML_TRY(ml_reader_subject(&stock->reader, stock->past.author, &actor));
    stock->owner = actor ? actor->name : NULL;
    return MLEDGER_OK;
}

static int find_last_actor(struct stock *stock, struct ml_inventory_model *model)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const struct ml_record *record;
    ML_TRY(ml_reader_record(&stock->reader, model->last_seq, &record));
    ML_TRY(ml_record_who(stock->view, record, &text));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return stock_text(stock, (const char *)text.data, &model->last_actor);
}

/* ---- which versions ---- */

/* Whether it is listed; what conditions rest on goes into the basis. */
static int choose(struct stock *stock, const struct ml_model_version *version, bool *ret_listed)
{
    struct stock_version at = {.version = version};
    enum ml_filter_answer answer = ML_FILTER_NO;
    bool deleted = version->deleted_seq != MLEDGER_NO_SEQ;
    *ret_listed = false;
    if (deleted && !stock->options->deleted)
        return MLEDGER_OK;
    if (!stock_chooses_versions(stock)) {
        *ret_listed = stock->options->all_versions || stock_matters(&stock->past, version);
        return MLEDGER_OK;
    }
    ML_TRY(stock_matches(stock, &at, &answer));
    *ret_listed = answer == ML_FILTER_YES;
    return *ret_listed ? ml_basis_add_all(stock->basis, at.used, at.n_used) : MLEDGER_OK;
}

/* Of a model none of whose versions matters, the newest is listed. */
static const struct ml_model_version *newest_of(const struct stock *stock)
{
    for (size_t i = stock->past.n_versions; i > 0; i--)
        if (stock->past.versions[i - 1].deleted_seq == MLEDGER_NO_SEQ)
            return &stock->past.versions[i - 1];
    return NULL;
}

static int add_version(struct stock *stock, struct ml_inventory_model *model,
                       const struct ml_model_version *version)
{
    return stock_show_version(stock, version, &model->versions[model->n_versions++]);
}

static int choose_versions(struct stock *stock, struct ml_inventory_model *model)
{
    const struct ml_model_past *past = &stock->past;
    struct ml_arena *arena = &stock->inventory->arena;
    model->versions = ml_arena_calloc(arena, past->n_versions + 1, sizeof *model->versions);
    if (!model->versions)
        return ml_arena_fail(arena, "the inventory");
    for (size_t i = 0; i < past->n_versions; i++) {
        bool listed;
        model->n_all += past->versions[i].deleted_seq == MLEDGER_NO_SEQ;
        ML_TRY(choose(stock, &past->versions[i], &listed));
        if (listed)
            ML_TRY(add_version(stock, model, &past->versions[i]));
    }
    const struct ml_model_version *newest = newest_of(stock);
    if (model->n_versions == 0 && newest && !stock_chooses_versions(stock))
        return add_version(stock, model, newest);
    return MLEDGER_OK;
}

/* ---- a model ---- */

static int add_model(struct stock *stock, const struct ml_inventory_model *model)
{
    struct ml_inventory *inventory = stock->inventory;
    const uint64_t used[] = {model->seq, model->owner_seq, model->last_seq};
    if (!ml_arena_grow(&inventory->arena, &inventory->models, &inventory->cap, inventory->count,
                       sizeof *inventory->models))
        return ml_arena_fail(&inventory->arena, "the inventory");
    inventory->models[inventory->count++] = *model;
    return ml_basis_add_all(stock->basis, used, ML_COUNT(used));
}

static int show_model(struct stock *stock)
{
    const struct ml_model_past *past = &stock->past;
    struct ml_inventory_model model = {.seq = past->seq,
                                       .deleted = past->deleted_seq != MLEDGER_NO_SEQ,
                                       .last_seq = past->last_seq,
                                       .last_us = past->last_us};
    enum ml_filter_answer answer;
    if (model.deleted && !stock->options->deleted)
        return MLEDGER_OK;
    ML_TRY(find_owner(stock, &model.owner_seq));
    ML_TRY(stock_matches(stock, NULL, &answer));
    if (answer != ML_FILTER_YES)
        return MLEDGER_OK;
    ML_TRY(choose_versions(stock, &model));
    if (stock_chooses_versions(stock) && model.n_versions == 0)
        return MLEDGER_OK;
    ML_TRY(stock_text(stock, past->name, &model.name));
    ML_TRY(stock_text(stock, stock->owner, &model.owner));
    ML_TRY(find_last_actor(stock, &model));
    return add_model(stock, &model);
}

static int look_at(struct stock *stock, uint64_t seq)
{
    ml_reader_init(&stock->reader, stock->view, stock->options->as_of);
    int result = ml_model_past(&stock->reader, seq, &stock->past);
    if (result >= 0)
        result = show_model(stock);
    ml_reader_release(&stock->reader);
    stock->inventory->n_looked_at++;
    return result;
}

/* ---- all of them ---- */

static int compare_models(const void *a, const void *b)
{
    const struct ml_inventory_model *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

int ml_inventory(struct ml_view *view, const struct ml_inventory_options *options,
                 struct ml_basis *basis, struct ml_inventory *ret_inventory)
{
    struct stock stock = {
        .view = view, .options = options, .basis = basis, .inventory = ret_inventory};
    ML_CLEANUP(ml_model_list_release) struct ml_model_list list = {0};
    *ret_inventory = (struct ml_inventory){0};
    ml_arena_init(&ret_inventory->arena, ML_QUERY_MEMORY_MAX);
    ML_TRY(ml_model_list(view, options->as_of, &list));
    ML_TRY(ml_basis_about_registry(basis));
    for (size_t i = 0; i < list.count; i++) {
        ML_TRY(look_at(&stock, list.seqs[i]));
        ML_TRY(ml_basis_about_model(basis, list.seqs[i]));
    }
    if (ret_inventory->count > 1)
        qsort(ret_inventory->models, ret_inventory->count, sizeof *ret_inventory->models,
              compare_models);
    return stock_say_unknown(&stock);
}

void ml_inventory_release(struct ml_inventory *inventory)
{
    if (inventory)
        ml_arena_release(&inventory->arena);
}
