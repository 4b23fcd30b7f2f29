/* SPDX-License-Identifier: Apache-2.0 */
/* The report, and the small pieces that events are put together from. */
#include "ingest/import_batch.h"
#include "ledger/core/time.h"

void ml_import_report_release(struct ml_import_report *report)
{
    if (!report)
        return;
    free(report->disagreements);
    ml_table_release(&report->disagreement_places);
    free(report->left_out);
    ml_pool_release(&report->pool);
    *report = (struct ml_import_report){0};
}

const char *ml_import_kind_name(unsigned number)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(&mledger__event__descriptor, number);
    return field ? field->name : NULL;
}

int ml_import_leave_out(struct ml_import_report *report, const char *what, const char *reason)
{
    ML_TRY(ml_grow(&report->left_out, &report->cap_left_out, report->n_left_out + 1,
                   sizeof *report->left_out));
    const struct ml_import_left_out one = {
        .what = ml_pool_text(&report->pool, what, strlen(what)),
        .reason = ml_pool_text(&report->pool, reason, strlen(reason)),
    };
    if (!one.what || !one.reason)
        return MLEDGER_ESYSTEM;
    report->left_out[report->n_left_out++] = one;
    return MLEDGER_OK;
}

int ml_import_give_up(struct ml_import_batch *batch, const char *what, int result)
{
    if (!batch->options.keep_going || result == MLEDGER_ESYSTEM || result == MLEDGER_EDAMAGED)
        return result;
    return ml_import_leave_out(batch->report, what, mledger_error_text());
}

void ml_import_list_release(struct ml_import_list *list)
{
    free(list->items);
    *list = (struct ml_import_list){0};
}

int ml_import_list_add(struct ml_import_list *list, void *item)
{
    if (!item)
        return ml_fail_memory();
    ML_TRY(ml_grow(&list->items, &list->cap, list->count + 1, sizeof *list->items));
    list->items[list->count++] = item;
    return MLEDGER_OK;
}

int ml_import_list_move(struct ml_import_list *list, struct ml_draft *draft, void *ret_items,
                        size_t *ret_count)
{
    void **items = NULL;
    if (list->count) {
        items = ml_arena_calloc(&draft->arena, list->count, sizeof *items);
        if (!items)
            return ml_arena_fail(&draft->arena, "an event");
        memcpy(items, list->items, list->count * sizeof *items);
    }
    *(void ***)ret_items = items;
    *ret_count = list->count;
    list->count = 0;
    return MLEDGER_OK;
}

int ml_import_text(struct ml_draft *draft, const char *text, char **ret_text)
{
    char *copy = ml_draft_text(draft, text);
    if (text && !copy)
        return ml_arena_fail(&draft->arena, "an event");
    *ret_text = copy;
    return MLEDGER_OK;
}

int ml_import_label(struct ml_draft *draft, struct ml_import_list *labels, const char *scheme,
                    const char *value)
{
    if (!value)
        return MLEDGER_OK;
    Mledger__Label *label = ml_draft_message(draft, &mledger__label__descriptor);
    if (!label)
        return ml_arena_fail(&draft->arena, "an event");
    ML_TRY(ml_import_text(draft, scheme, &label->scheme));
    ML_TRY(ml_import_text(draft, value, &label->value));
    return ml_import_list_add(labels, label);
}

int ml_import_digest(struct ml_draft *draft, struct ml_import_list *digests,
                     Mledger__Algorithm algorithm, struct ml_span value, Mledger__Standing standing)
{
    return ml_import_list_add(digests,
                              ml_draft_digest(draft, algorithm, value.data, value.len, standing));
}

int ml_import_occurred(struct ml_draft *draft, int64_t time_us)
{
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_arena_fail(&draft->arena, "details");
    if (details->has_occurred_at || time_us < 0 || time_us > ML_TIME_MAX_US)
        return MLEDGER_OK;
    details->occurred_at = time_us;
    details->has_occurred_at = true;
    return MLEDGER_OK;
}

int ml_import_person(struct ml_draft *draft, const struct ml_git_person *person, char **ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s <%s>", person->name, person->email));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    return ml_import_text(draft, (const char *)text.data, ret_text);
}
