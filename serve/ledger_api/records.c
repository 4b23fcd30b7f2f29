/* SPDX-License-Identifier: Apache-2.0 */
/* Records, as `log`, `show` and `export` give them. */
#include "ledger/core/codec.h"
#include "ledger/core/json.h"
#include "ledger/query/record_filter.h"
#include "ledger/query/record_row.h"
#include "serve/ledger_api/route.h"

/* A page that is being filled. */
struct page {
    struct ml_api_call *call;
    struct ml_record_filter filter;
    bool descending;
    size_t limit, looked_at;
    struct ml_arena arena; /* of the record at hand */
    json_t *rows;
    uint64_t next; /* to look at; MLEDGER_NO_SEQ: that was all */
};

static int find_subject(struct page *page, const char *text)
{
    struct ml_reference_text reference;
    struct ml_target target;
    struct ml_reader reader;
    ML_TRY(ml_reference_parse(text, &reference));
    ml_reader_init(&reader, &page->call->view, page->call->view.head.size - 1);
    int result = ml_reference_resolve(&reader, &reference, &target);
    if (result >= 0)
        result = ml_record_filter_about(&reader, text, &target, &page->filter);
    ml_reader_release(&reader);
    return result;
}

static int read_filters(struct page *page, const MledgerApi__AskRecords *request)
{
    struct ml_view *view = &page->call->view;
    const uint64_t newest = view->head.size - 1;
    page->filter.from = request->from;
    page->filter.to = request->has_to && request->to < newest ? request->to : newest;
    if (request->since && ml_record_filter_since(view, request->since, &page->filter) < 0)
        return ml_prefix("'since'");
    if (request->until && ml_record_filter_until(view, request->until, &page->filter) < 0)
        return ml_prefix("'until'");
    page->descending = request->order == MLEDGER_API__ORDER__DESCENDING;
    page->limit = request->has_limit ? request->limit : ML_API_RECORDS_DEFAULT;
    if (page->limit == 0 || page->limit > ML_API_RECORDS_MAX)
        return ml_fail(MLEDGER_EINVALID, "'limit' is 1 to %d", ML_API_RECORDS_MAX);
    if (request->kind)
        ML_TRY(ml_record_filter_kind(request->kind, &page->filter));
    if (request->actor)
        ML_TRY(ml_record_filter_by(&page->call->view, request->actor, &page->filter));
    return request->ref ? find_subject(page, request->ref) : MLEDGER_OK;
}

static int add_row(struct page *page, const struct ml_record *record)
{
    ML_CLEANUP(ml_record_row_release) struct ml_record_row row = {0};
    json_t *json;
    ML_TRY(ml_record_row(&page->call->view, record, &row));
    ML_TRY(ml_record_row_to_json(&row, &json));
    return json_array_append_new(page->rows, json) == 0 ? MLEDGER_OK : ml_fail_memory();
}

/* The next candidate; page->next is then behind it. */
static int step(struct page *page, uint64_t *ret_seq)
{
    struct ml_view *view = &page->call->view;
    if (page->next == MLEDGER_NO_SEQ)
        return MLEDGER_ENOTFOUND;
    const int result = page->descending
                           ? ml_record_filter_last(view, &page->filter, page->next, ret_seq)
                           : ml_record_filter_next(view, &page->filter, page->next, ret_seq);
    if (result == MLEDGER_ENOTFOUND)
        page->next = MLEDGER_NO_SEQ;
    ML_TRY(result);
    /* Before record 0 there is MLEDGER_NO_SEQ, which is where it ends. */
    page->next = page->descending ? *ret_seq - 1 : *ret_seq + 1;
    return MLEDGER_OK;
}

/* A page ends when it is full, and also when much was looked at that did not fit. */
static int fill(struct page *page)
{
    uint64_t seq;
    while (json_array_size(page->rows) < page->limit && page->looked_at++ < ML_API_RECORDS_READ) {
        struct ml_record record;
        const int result = step(page, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        ml_arena_clear(&page->arena);
        ML_TRY(ml_view_record(&page->call->view, seq, &page->arena, &record));
        const int fits = ml_record_filter_fits(&page->call->view, &page->filter, &record);
        ML_TRY(fits);
        if (fits)
            ML_TRY(add_row(page, &record));
    }
    return MLEDGER_OK;
}

/* Whether anything may follow: else a client would ask for a page that is always empty. */
static bool goes_on(const struct page *page)
{
    return page->next != MLEDGER_NO_SEQ &&
           (page->descending ? page->next >= page->filter.from : page->next <= page->filter.to);
}

static int answer_page(struct page *page)
{
    ML_CLEANUP(json_decrefp) json_t *json = json_pack("{s:O}", "records", page->rows);
    if (!json)
        return ml_fail_memory();
    if (goes_on(page))
        ML_TRY(ml_json_put(json, "next", json_integer((json_int_t)page->next)));
    return ml_api_answer_json(page->call, json);
}

static void page_release(struct page *page)
{
    json_decref(page->rows);
    ml_arena_release(&page->arena);
}

int ml_api_records(struct ml_api_call *call, const void *message)
{
    ML_CLEANUP(page_release) struct page page = {.call = call, .rows = json_array()};
    ml_arena_init(&page.arena, ML_LIMIT_UNPACKED);
    if (!page.rows)
        return ml_fail_memory();
    ML_TRY(ml_api_view(call));
    ML_TRY(read_filters(&page, message));
    page.next = page.descending ? page.filter.to : page.filter.from;
    ML_TRY(fill(&page));
    return answer_page(&page);
}

int ml_api_record_of(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskRecord *request = message;
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    struct ml_record record;
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_api_record(call, request->seq, &record));
    ML_TRY(ml_record_shown_to_json(&call->view, &record, &json));
    return ml_api_answer_json(call, json);
}

int ml_api_line(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskRecord *request = message;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    struct ml_record record;
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_api_record(call, request->seq, &record));
    ML_TRY(ml_record_to_export_line(&record, &line));
    return ml_api_answer_bytes(call, ml_api_type_json, &line);
}
