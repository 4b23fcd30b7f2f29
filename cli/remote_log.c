/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote_log.h"

#include <inttypes.h>

#include "cli/log_rows.h"
#include "cli/remote.h"

enum { PAGE = 1000 };

struct log {
    struct ml_remote remote;
    struct ml_log_rows rows;
    const char *ref;
    bool has_from, has_to, descending;
    uint64_t from, to;     /* of the next page */
    uint64_t limit, shown; /* limit 0: none */
    json_t *kept;          /* the newest, newest first, to be turned round; NULL: shown at once */
};

static void log_release(struct log *log)
{
    json_decref(log->kept);
    ml_log_rows_release(&log->rows);
    ml_remote_release(&log->remote);
}

/* ---- what is asked ---- */

static int read_options(struct log *log)
{
    const struct ml_invocation *invocation = log->remote.session.invocation;
    static const char *const unasked[] = {"signer", "text"};
    for (size_t i = 0; i < ML_COUNT(unasked); i++)
        if (ml_option_given(invocation, unasked[i]))
            return ml_fail(MLEDGER_EUSAGE, "a server is not asked by --%s", unasked[i]);
    const char *model = ml_option_text(invocation, "model", NULL);
    const char *run = ml_option_text(invocation, "run", NULL);
    if (model && run)
        return ml_fail(MLEDGER_EUSAGE, "only one of --model and --run can be given");
    log->ref = model ? model : run;
    log->limit = ml_option_number(invocation, "limit", 0);
    log->descending = ml_option_given(invocation, "reverse") || log->limit;
    return MLEDGER_OK;
}

static int ask_page(struct log *log, json_t **ret_page)
{
    const struct ml_invocation *invocation = log->remote.session.invocation;
    const char *kind = ml_option_text(invocation, "kind", NULL);
    const char *actor = ml_option_text(invocation, "actor", NULL);
    const char *since = ml_option_text(invocation, "since", NULL);
    const char *until = ml_option_text(invocation, "until", NULL);
    const uint64_t left = log->limit ? log->limit - log->shown : PAGE;
    struct ml_api_ask ask;
    ml_api_ask(log->remote.client, &ask, "records");
    ml_api_ask_number(&ask, "limit", left < PAGE ? left : PAGE);
    if (log->has_from)
        ml_api_ask_number(&ask, "from", log->from);
    if (log->has_to)
        ml_api_ask_number(&ask, "to", log->to);
    if (log->descending)
        ml_api_ask_text(&ask, "order", "DESCENDING");
    if (log->ref)
        ml_api_ask_text(&ask, "ref", log->ref);
    if (kind)
        ml_api_ask_text(&ask, "kind", kind);
    if (actor)
        ml_api_ask_text(&ask, "actor", actor);
    if (since)
        ml_api_ask_text(&ask, "since", since);
    if (until)
        ml_api_ask_text(&ask, "until", until);
    return ml_api_get_json(log->remote.client, &ask, ret_page);
}

/* ---- what is shown ---- */

static int show(struct log *log, json_t *json)
{
    struct ml_log_row row;
    ML_TRY(ml_api_number_in(json, "seq", &row.seq));
    ML_TRY(ml_api_text_in(json, "recorded_at", &row.time));
    ML_TRY(ml_api_text_in(json, "kind", &row.kind));
    ML_TRY(ml_api_text_in(json, "subject", &row.subject));
    ML_TRY(ml_api_text_in(json, "summary", &row.summary));
    ML_TRY(ml_api_text_in(json, "who", &row.who));
    if (!log->remote.session.invocation->json)
        return ml_log_rows_add(&log->rows, &row);
    ml_output_json(log->remote.session.out, json);
    return ml_output_check(log->remote.session.out);
}

static int take(struct log *log, const json_t *page)
{
    const json_t *rows = json_object_get(page, "records");
    if (!json_is_array(rows))
        return ml_fail(MLEDGER_EDAMAGED, "the server's answer has no list 'records'");
    for (size_t i = 0; i < json_array_size(rows); i++) {
        json_t *row = json_array_get(rows, i);
        log->shown++;
        if (log->kept && json_array_append(log->kept, row) < 0)
            return ml_fail_memory();
        if (!log->kept)
            ML_TRY(show(log, row));
    }
    return MLEDGER_OK;
}

/* 1: there may be more. A server that does not get on is not asked for ever. */
static int go_on(struct log *log, const json_t *page)
{
    uint64_t next;
    if (!json_object_get(page, "next") || (log->limit && log->shown >= log->limit))
        return 0;
    ML_TRY(ml_api_number_in(page, "next", &next));
    const bool moves = log->descending ? !log->has_to || next < log->to : next > log->from;
    if (!moves)
        return ml_fail(MLEDGER_EDAMAGED, "the server's list does not get on from record %" PRIu64,
                       next);
    if (log->descending) {
        log->has_to = true;
        log->to = next;
    } else {
        log->has_from = true;
        log->from = next;
    }
    return 1;
}

static int show_pages(struct log *log)
{
    int more;
    do {
        ML_CLEANUP(json_decrefp) json_t *page = NULL;
        ML_TRY(ask_page(log, &page));
        ML_TRY(take(log, page));
        more = go_on(log, page);
        ML_TRY(more);
    } while (more);
    for (size_t i = json_array_size(log->kept); i-- > 0;)
        ML_TRY(show(log, json_array_get(log->kept, i)));
    return ml_log_rows_finish(&log->rows);
}

int ml_remote_log(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(log_release) struct log log = {0};
    ml_log_rows_init(&log.rows, out);
    ML_TRY(ml_remote_open(invocation, out, &log.remote));
    ML_TRY(read_options(&log));
    if (log.limit && !ml_option_given(invocation, "reverse")) {
        log.kept = json_array();
        if (!log.kept)
            return ml_fail_memory();
    }
    return show_pages(&log);
}
