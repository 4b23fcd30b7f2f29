/* SPDX-License-Identifier: Apache-2.0 */
/* A run, folded from its own records: parameters, newest metrics, tags, what it made, its end. */
#include "ledger/core/event.h"
#include "ledger/query/account_fold.h"

static struct account_seqs *seqs_of(struct account_fold *fold)
{
    return &fold->work->seqs[fold->node - fold->work->account->nodes];
}

static int add_logged(struct account_fold *fold, const Mledger__RunLogged *logged)
{
    ML_TRY(account_add_params(fold, logged->params, logged->n_params));
    for (size_t i = 0; i < logged->n_metrics; i++)
        ML_TRY(account_add_point(fold, i));
    ML_TRY(account_add_tags(fold, logged->tags, logged->n_tags, false));
    return account_add_files(fold, logged->outputs, logged->n_outputs);
}

static const char *status_word(Mledger__RunStatus status)
{
    static const char *const words[] = {NULL,       "running", "scheduled",
                                        "finished", "failed",  "killed"};
    return (size_t)status < ML_COUNT(words) ? words[status] : NULL;
}

static int fold_started(struct account_fold *fold, const Mledger__RunStarted *started)
{
    fold->node->title = started->name;
    fold->node->uri = started->artifact_uri;
    if (!started->has_experiment)
        return MLEDGER_OK;
    const Mledger__SubjectState *experiment;
    ML_TRY(ml_reader_subject(&fold->work->account->reader, started->experiment, &experiment));
    fold->node->experiment = experiment ? experiment->name : NULL;
    return MLEDGER_OK;
}

static void fold_updated(struct account_fold *fold, const Mledger__RunUpdated *updated)
{
    if (updated->name)
        fold->node->title = updated->name;
    if (!updated->has_status)
        return;
    fold->node->status = status_word(updated->status);
    seqs_of(fold)->ended = MLEDGER_NO_SEQ; /* it goes on */
}

static int fold_record(struct account_fold *fold)
{
    const Mledger__Event *event = fold->record->event;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_RUN_STARTED:
        return fold_started(fold, event->run_started);
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
        return add_logged(fold, event->run_logged);
    case MLEDGER__EVENT__KIND_RUN_UPDATED:
        fold_updated(fold, event->run_updated);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_RUN_ENDED:
        fold->node->status = status_word(event->run_ended->status);
        seqs_of(fold)->ended = fold->record->header->seq;
        return MLEDGER_OK;
    default:
        return account_add_common(fold);
    }
}

int account_run(struct account_work *work, size_t node, uint64_t seq)
{
    ML_CLEANUP(account_fold_release)
    struct account_fold fold = {.work = work, .node = &work->account->nodes[node], .subject = seq};
    work->seqs[node].began = seq;
    return account_fold(&fold, fold_record);
}
