/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_batch.h"

#include <inttypes.h>

#include "ledger/core/event.h"

void ml_import_batch_init(struct ml_import_batch *batch, struct ml_ledger *ledger,
                          const struct ml_signer *signer, const struct ml_import_options *options,
                          struct ml_import_report *report, Mledger__Source source)
{
    *batch = (struct ml_import_batch){
        .ledger = ledger, .signer = signer, .report = report, .source = source};
    if (options)
        batch->options = *options;
}

static void close_view(struct ml_import_batch *batch)
{
    if (batch->has_view)
        ml_view_end(&batch->view);
    batch->has_view = false;
}

static void forget_drafts(struct ml_import_batch *batch)
{
    for (size_t i = 0; i < batch->count; i++)
        ml_draft_free(batch->drafts[i]);
    batch->count = batch->bytes = 0;
}

void ml_import_batch_release(struct ml_import_batch *batch)
{
    close_view(batch);
    forget_drafts(batch);
}

int ml_import_batch_view(struct ml_import_batch *batch, struct ml_view **ret_view)
{
    if (!batch->has_view)
        ML_TRY(ml_view_begin(batch->ledger, &batch->view));
    batch->has_view = true;
    *ret_view = &batch->view;
    return MLEDGER_OK;
}

int ml_import_draft(struct ml_import_batch *batch, const char *kind, const char *origin,
                    struct ml_draft **ret_draft, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    void *body = ml_draft_set_kind(draft, kind);
    draft->origin = ml_draft_text(draft, origin);
    if (!body || (origin && !draft->origin))
        return ml_fail_memory();
    draft->event->has_imported_from = true;
    draft->event->imported_from = batch->source;
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    ML_TRY(ml_import_text(draft, batch->options.client, &details->client));
    ML_TRY(ml_import_text(draft, batch->options.directory, &details->directory));
    *(void **)ret_body = body;
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

int ml_import_add(struct ml_import_batch *batch, struct ml_draft *draft)
{
    batch->drafts[batch->count++] = draft;
    batch->bytes += draft->arena.used;
    for (size_t i = 0; i < draft->n_attachments; i++)
        batch->bytes += draft->attachments[i].bytes.len;
    if (batch->count < ML_IMPORT_BATCH && batch->bytes < ML_IMPORT_BATCH_BYTES)
        return MLEDGER_OK;
    return ml_import_flush(batch);
}

static void count_appended(struct ml_import_batch *batch, const struct ml_receipt *receipts)
{
    struct ml_import_report *report = batch->report;
    if (report->appended == 0)
        report->first_seq = receipts[0].seq;
    report->last_seq = receipts[batch->count - 1].seq;
    report->appended += batch->count;
    for (size_t i = 0; i < batch->count; i++)
        report->kinds[batch->drafts[i]->event->kind_case]++;
}

/* What a key may do concerns all drafts alike, so it is no reason to leave out one. */
static bool is_fault_of_draft(int result)
{
    const char *rule = mledger_error_rule();
    if (result == MLEDGER_EREFUSED)
        return strncmp(rule, "key-", 4) != 0 && strcmp(rule, "signer-role") != 0;
    return result == MLEDGER_EINVALID;
}

/* The draft that cannot enter goes; the others stay. */
static int drop_draft(struct ml_import_batch *batch, size_t i)
{
    struct ml_draft *draft = batch->drafts[i];
    const char *what = draft->origin ? draft->origin : ml_event_name(draft->event);
    int result = ml_import_leave_out(batch->report, what, mledger_error_text());
    ml_draft_free(draft);
    batch->count--;
    memmove(&batch->drafts[i], &batch->drafts[i + 1],
            (batch->count - i) * sizeof(struct ml_draft *));
    return result;
}

static int fail_draft(const struct ml_import_batch *batch, size_t failed, int result)
{
    if (failed < batch->count && batch->drafts[failed]->origin)
        result = ml_prefix("%s", batch->drafts[failed]->origin);
    if (batch->report->appended && !mledger_error_hint()[0])
        result = ml_hint("%" PRIu64 " records before it are in; importing again goes on from there",
                         batch->report->appended);
    return result;
}

static int append_all(struct ml_import_batch *batch)
{
    struct ml_receipt receipts[ML_IMPORT_BATCH];
    while (batch->count > 0) {
        size_t failed = batch->count;
        int result = ml_ledger_append(batch->ledger, batch->signer, batch->drafts, batch->count,
                                      receipts, &failed);
        if (result >= 0) {
            count_appended(batch, receipts);
            return MLEDGER_OK;
        }
        if (!batch->options.keep_going || !is_fault_of_draft(result) || failed >= batch->count)
            return fail_draft(batch, failed, result);
        ML_TRY(drop_draft(batch, failed));
    }
    return MLEDGER_OK;
}

int ml_import_flush(struct ml_import_batch *batch)
{
    close_view(batch);
    int result = append_all(batch);
    forget_drafts(batch);
    return result;
}
