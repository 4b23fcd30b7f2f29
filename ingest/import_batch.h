/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every importer writes with: drafts gathered into batches, a view of the ledger between
 * them, and the report. What is read and from where may not enter here.
 */
#ifndef ML_INGEST_IMPORT_BATCH_H
#define ML_INGEST_IMPORT_BATCH_H

#include "ingest/git.h"
#include "ingest/import.h"

enum {
    ML_IMPORT_BATCH = 1000,
    ML_IMPORT_BATCH_BYTES = 32 << 20, /* of drafts in memory */
};

struct ml_import_batch {
    struct ml_ledger *ledger;
    const struct ml_signer *signer;
    struct ml_import_options options;
    struct ml_import_report *report;
    Mledger__Source source;
    struct ml_draft *drafts[ML_IMPORT_BATCH];
    size_t count, bytes;
    struct ml_view view;
    bool has_view;
};

/* All of `batch`; `options` may be NULL. */
void ml_import_batch_init(struct ml_import_batch *batch, struct ml_ledger *ledger,
                          const struct ml_signer *signer, const struct ml_import_options *options,
                          struct ml_import_report *report, Mledger__Source source);
/* Forgets the drafts that were not appended. */
void ml_import_batch_release(struct ml_import_batch *batch);

/* A view of the ledger as the last flush left it, or newer; valid until the next draft is added. */
int ml_import_batch_view(struct ml_import_batch *batch, struct ml_view **ret_view) ML_MUST_USE;

/* A draft of that kind with source and client filled in; *ret_body is the event's message.
 * `origin` (copied) stands before errors about it. */
int ml_import_draft(struct ml_import_batch *batch, const char *kind, const char *origin,
                    struct ml_draft **ret_draft, void *ret_body) ML_MUST_USE;
/* Takes the draft over, whatever the result; appends the batch when it is full. */
int ml_import_add(struct ml_import_batch *batch, struct ml_draft *draft) ML_MUST_USE;
/* Appends what was added. With keep_going a draft that is refused or malformed is left out. */
int ml_import_flush(struct ml_import_batch *batch) ML_MUST_USE;

/* Notes what was left out; texts are copied. MLEDGER_ESYSTEM: memory is out. */
int ml_import_leave_out(struct ml_import_report *report, const char *what,
                        const char *reason) ML_MUST_USE;
/* The same for this thread's error, `result`, which is a fault of the source: with keep_going it
 * is noted and 0 returned, else it is returned. */
int ml_import_give_up(struct ml_import_batch *batch, const char *what, int result) ML_MUST_USE;

/* ---- lists of pointers on their way into a draft ---- */

struct ml_import_list {
    void **items;
    size_t count, cap;
};
void ml_import_list_release(struct ml_import_list *list);
int ml_import_list_add(struct ml_import_list *list, void *item) ML_MUST_USE;
/* Copies the items into the draft as a repeated field and empties the list. `ret_items` points
 * to the field (a `T **` or `T ***` of protobuf-c's). */
int ml_import_list_move(struct ml_import_list *list, struct ml_draft *draft, void *ret_items,
                        size_t *ret_count) ML_MUST_USE;

/* A label in the draft's arena, added to the list. Nothing when `value` is NULL. */
int ml_import_label(struct ml_draft *draft, struct ml_import_list *labels, const char *scheme,
                    const char *value) ML_MUST_USE;
/* A digest, likewise. */
int ml_import_digest(struct ml_draft *draft, struct ml_import_list *digests,
                     Mledger__Algorithm algorithm, struct ml_span value,
                     Mledger__Standing standing) ML_MUST_USE;
/* The text in the draft's arena; NULL stays NULL. */
int ml_import_text(struct ml_draft *draft, const char *text, char **ret_text) ML_MUST_USE;
/* "NAME <EMAIL>" in the draft's arena. */
int ml_import_person(struct ml_draft *draft, const struct ml_git_person *person,
                     char **ret_text) ML_MUST_USE;
/* The details' occurred_at, unless there is one already, or it is a time that none can be. */
int ml_import_occurred(struct ml_draft *draft, int64_t time_us) ML_MUST_USE;

#endif
