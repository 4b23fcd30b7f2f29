/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/verifier.h"

#include <inttypes.h>

#include "verify/verifier_private.h"

enum { DEFAULT_MEMORY = 64 << 20, PROGRESS_EVERY = 4096 };

static int fill_batch(struct ml_verifier *verifier, struct ml_verify_batch *batch)
{
    const struct ml_verify_source *source = verifier->source;
    size_t bytes = 0;
    batch->count = 0;
    ml_arena_clear(&batch->inputs);
    while (batch->count < BATCH_RECORDS && bytes < BATCH_BYTES) {
        struct ml_verify_item *item = &batch->items[batch->count];
        *item = (struct ml_verify_item){0};
        int result = source->next(source->context, &batch->inputs, &item->input);
        if (result == MLEDGER_ENOTFOUND) {
            verifier->at_end = true;
            return MLEDGER_OK;
        }
        ML_TRY(result);
        batch->count++;
        bytes += item->input.bytes.len;
    }
    return MLEDGER_OK;
}

static int fold_batch(struct ml_verifier *verifier, struct ml_verify_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        ML_TRY(ml_verify_fold(verifier, &batch->items[i]));
    if (verifier->partial)
        ML_TRY(ml_verify_withheld(verifier, batch));
    const struct ml_verify_options *options = verifier->options;
    if (!options->progress || verifier->result.records - verifier->last_reported < PROGRESS_EVERY)
        return MLEDGER_OK;
    verifier->last_reported = verifier->result.records;
    return options->progress(verifier->result.records, verifier->source->total,
                             options->progress_context);
}

/* While one batch is checked on all cores, the one before is folded here. */
static int read_all(struct ml_verifier *verifier, struct ml_verify_batch *now,
                    struct ml_verify_batch *next)
{
    ML_TRY(fill_batch(verifier, now));
    ml_verify_batch_start(now);
    ML_TRY(ml_verify_batch_wait(now));
    while (now->count > 0) {
        next->count = 0;
        if (!verifier->at_end)
            ML_TRY(fill_batch(verifier, next));
        ml_verify_batch_start(next);
        int folded = fold_batch(verifier, now);
        struct ml_error error;
        ml_error_get(&error);
        int checked = ml_verify_batch_wait(next);
        if (folded < 0)
            return ml_error_set(&error);
        ML_TRY(checked);
        struct ml_verify_batch *swapped = now;
        now = next;
        next = swapped;
    }
    return MLEDGER_OK;
}

static struct ml_verify_batch *new_batch(const struct ml_verifier *verifier)
{
    struct ml_verify_batch *batch = ml_calloc(1, sizeof *batch);
    if (!batch)
        return NULL;
    batch->level = verifier->options->level;
    batch->source = verifier->source;
    ml_arena_init(&batch->inputs, SIZE_MAX / 2);
    for (size_t i = 0; i < BATCH_ARENAS; i++)
        ml_arena_init(&batch->arenas[i], SIZE_MAX / 2);
    return batch;
}

static void free_batch(struct ml_verify_batch *batch)
{
    for (size_t i = 0; batch && i < BATCH_ARENAS; i++)
        ml_arena_release(&batch->arenas[i]);
    if (batch)
        ml_arena_release(&batch->inputs);
    free(batch);
}

int ml_verifier_read(struct ml_verifier *verifier)
{
    struct ml_verify_batch *now = new_batch(verifier);
    struct ml_verify_batch *next = new_batch(verifier);
    int result = now && next ? read_all(verifier, now, next) : ml_fail_memory();
    free_batch(now);
    free_batch(next);
    ML_TRY(result);
    verifier->result.head = verifier->fold.head;
    if (verifier->result.records > 0 || verifier->base > 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "gap", 0, "there are no records");
}

int ml_verifier_finish(struct ml_verifier *verifier)
{
    ML_TRY(ml_verify_name_doubtful(verifier));
    ML_TRY(ml_verify_erasures(verifier));
    if (verifier->ahead_from != MLEDGER_NO_SEQ)
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "time-ahead",
                                verifier->ahead_from,
                                "it claims a time that this machine's clock has not reached by "
                                "more than a day"));
    ML_TRY(ml_verify_timestamps_finish(verifier));
    if (verifier->result.hidden > 0)
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "payload-hidden", MLEDGER_NO_SEQ,
                                "the payloads of %" PRIu64
                                " records are not here: what they say, who was allowed to say it, "
                                "and that it kept the rules",
                                verifier->result.hidden));
    if (verifier->partial)
        ML_TRY(ml_verify_partial_finish(verifier));
    if (verifier->options->level == ML_VERIFY_CHAIN)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "signatures", MLEDGER_NO_SEQ,
                                "at this level signatures, payloads, rules and derived data "
                                "are not checked");
    return ml_merkle_root(&verifier->frontier, verifier->result.root);
}

static int count(struct ml_span key, struct ml_span value, void *context)
{
    (void)key;
    (void)value;
    ++*(uint64_t *)context;
    return MLEDGER_OK;
}

int ml_verifier_attachments_absent(struct ml_verifier *verifier)
{
    uint64_t named = 0;
    ML_TRY(ml_state_each_unordered(verifier->attachments, count, &named));
    if (named == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "attachment-absent", MLEDGER_NO_SEQ,
                            "records name %" PRIu64 " attachments by their SHA-256, which are not "
                            "here to be looked at",
                            named);
}

static int new_state(struct ml_verifier *verifier, struct ml_state **ret_state)
{
    const struct ml_state_options options = {
        .memory = verifier->options->memory ? verifier->options->memory : (size_t)DEFAULT_MEMORY,
        .spill_dir = verifier->options->spill_dir,
    };
    return ml_state_new(&options, ret_state);
}

static int new_states(struct ml_verifier *verifier)
{
    struct ml_state **const states[] = {&verifier->state,   &verifier->attachments,
                                        &verifier->nodes,   &verifier->erased,
                                        &verifier->ordered, &verifier->doubts};
    for (size_t i = 0; i < ML_COUNT(states); i++)
        ML_TRY(new_state(verifier, states[i]));
    const struct ml_verify_source *source = verifier->source;
    if (source->link_at && source->leaf_at)
        return MLEDGER_OK;
    return new_state(verifier, &verifier->log);
}

static int init_fold(struct ml_verifier *verifier)
{
    const struct ml_verify_source *source = verifier->source;
    return verifier->log
               ? ml_fold_init(&verifier->fold, verifier->state, ml_verify_log_link_at, verifier)
               : ml_fold_init(&verifier->fold, verifier->state, source->link_at, source->context);
}

int ml_verifier_restart(struct ml_verifier *verifier)
{
    ml_fold_release(&verifier->fold);
    ml_state_free(ML_TAKE(verifier->state));
    ML_TRY(new_state(verifier, &verifier->state));
    return init_fold(verifier);
}

int ml_verifier_resume(struct ml_verifier *verifier, const struct ml_merkle_frontier *edge)
{
    ml_fold_release(&verifier->fold);
    ML_TRY(init_fold(verifier));
    if (verifier->fold.head.size != edge->size)
        return ml_fail(MLEDGER_EDAMAGED, "the snapshot of the state is of another size");
    verifier->base = verifier->whole = verifier->result.since = edge->size;
    verifier->base_edge = verifier->frontier = *edge;
    verifier->link_known = true;
    for (unsigned level = ML_VERIFIER_NODE_LEVEL; level < ML_MERKLE_LEVELS; level++)
        verifier->tree_nodes += edge->size >> level;
    return verifier->source->seek(verifier->source->context, edge->size);
}

int ml_verifier_init(struct ml_verifier *verifier, const struct ml_verify_options *options,
                     const struct ml_verify_source *source)
{
    *verifier =
        (struct ml_verifier){.options = options, .source = source, .ahead_from = MLEDGER_NO_SEQ};
    ML_TRY(new_states(verifier));
    ML_TRY(init_fold(verifier));
    return source->is_whole ? ml_verify_partial_new(verifier) : MLEDGER_OK;
}

void ml_verifier_release(struct ml_verifier *verifier)
{
    if (!verifier)
        return;
    ml_fold_release(&verifier->fold);
    ml_state_free(verifier->state);
    ml_state_free(verifier->attachments);
    ml_state_free(verifier->nodes);
    ml_state_free(verifier->log);
    ml_state_free(verifier->erased);
    ml_state_free(verifier->ordered);
    ml_state_free(verifier->doubts);
    ml_verify_partial_free(verifier->partial);
    *verifier = (struct ml_verifier){0};
}
