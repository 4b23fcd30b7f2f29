/* SPDX-License-Identifier: Apache-2.0 */
/* A logged model, folded from its own records: what it was made with, what was measured of it, its
 * tags and files. */
#include "ledger/query/account_fold.h"

static const char *status_word(Mledger__LoggedModelStatus status)
{
    static const char *const words[] = {NULL, "pending", "ready", "upload_failed"};
    return (size_t)status < ML_COUNT(words) ? words[status] : NULL;
}

static int fold_created(struct account_fold *fold, const Mledger__LoggedModelCreated *created)
{
    fold->node->name = created->model_id;
    fold->node->title = created->name;
    fold->node->uri = created->artifact_uri;
    fold->node->status = status_word(MLEDGER__LOGGED_MODEL_STATUS__PENDING);
    if (created->has_experiment) {
        const Mledger__SubjectState *experiment;
        ML_TRY(ml_reader_subject(&fold->work->account->reader, created->experiment, &experiment));
        fold->node->experiment = experiment ? experiment->name : NULL;
    }
    ML_TRY(account_add_params(fold, created->params, created->n_params));
    return account_add_tags(fold, created->tags, created->n_tags, false);
}

static int fold_updated(struct account_fold *fold, const Mledger__LoggedModelUpdated *updated)
{
    if (updated->has_status)
        fold->node->status = status_word(updated->status);
    return account_add_params(fold, updated->params, updated->n_params);
}

/* A run's record that names the model: of its points those that tell of the model. */
static int fold_logged(struct account_fold *fold, const Mledger__RunLogged *logged)
{
    for (size_t i = 0; i < logged->n_metrics; i++)
        if (logged->metrics[i]->has_logged_model &&
            logged->metrics[i]->logged_model == fold->subject)
            ML_TRY(account_add_point(fold, i));
    return MLEDGER_OK;
}

static int fold_record(struct account_fold *fold)
{
    const Mledger__Event *event = fold->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_CREATED:
        return fold_created(fold, event->logged_model_created);
    case MLEDGER__EVENT__KIND_LOGGED_MODEL_UPDATED:
        return fold_updated(fold, event->logged_model_updated);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return fold_logged(fold, event->run_logged);
    default:
        return account_add_common(fold);
    }
}

int account_logged_model(struct account_work *work, size_t node, uint64_t seq)
{
    ML_CLEANUP(account_fold_release)
    struct account_fold fold = {.work = work, .node = &work->account->nodes[node], .subject = seq};
    return account_fold(&fold, fold_record);
}
