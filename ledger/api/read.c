/* SPDX-License-Identifier: Apache-2.0 */
/* The public way to read: the head, records as JSON and as export lines. */
#include <stdio.h>

#include "ledger/api/handle.h"
#include "ledger/core/json.h"
#include "ledger/store/tree.h"

static_assert(sizeof((struct mledger_head *)0)->name == sizeof((struct ml_head *)0)->name,
              "names have one length");

static int read_head(struct ml_view *view, struct mledger_head *ret_head)
{
    const struct ml_head *head = &view->head;
    struct mledger_head read = {.size = head->size, .recorded_at_us = head->recorded_at_us};
    struct ml_merkle_frontier frontier;
    ML_TRY(ml_tree_load_frontier(view->txn, &frontier));
    ML_TRY(ml_merkle_root(&frontier, read.root));
    memcpy(read.link, head->link, sizeof read.link);
    memcpy(read.identity, head->identity, sizeof read.identity);
    snprintf(read.name, sizeof read.name, "%s", head->name);
    snprintf(read.origin, sizeof read.origin, "%s", head->origin);
    *ret_head = read;
    return MLEDGER_OK;
}

int mledger_head_read(struct mledger_ledger *ledger, struct mledger_head *ret_head)
{
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    ML_TRY(ml_view_begin(ml_handle(ledger), &view));
    return read_head(&view, ret_head);
}

static int write_json(const struct ml_record *record, struct ml_buf *out)
{
    json_t *json = NULL;
    ML_TRY(ml_record_to_json(record, &json));
    int result = ml_json_dump(json, 0, out);
    json_decref(json);
    return result;
}

/* Record `seq`, as `write` writes it. */
static int read_record(struct mledger_ledger *ledger, uint64_t seq,
                       int (*write)(const struct ml_record *record, struct ml_buf *out),
                       char **ret_text)
{
    ML_CLEANUP(ml_view_end) struct ml_view view = {0};
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_view_begin(ml_handle(ledger), &view));
    struct ml_record record;
    ML_TRY(ml_view_record(&view, seq, &arena, &record));
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(write(&record, &text));
    return ml_buf_take_text(&text, ret_text);
}

int mledger_record_json(struct mledger_ledger *ledger, uint64_t seq, char **ret_json)
{
    return read_record(ledger, seq, write_json, ret_json);
}

int mledger_record_export(struct mledger_ledger *ledger, uint64_t seq, char **ret_line)
{
    return read_record(ledger, seq, ml_record_to_export_line, ret_line);
}
