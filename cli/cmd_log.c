/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that fit, one a line. Where a filter names a subject, a version or a signer its index
 * is walked; only a filter on what stands inside records reads them one by one.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/key_choice.h"
#include "cli/log_rows.h"
#include "cli/remote.h"
#include "cli/remote_log.h"
#include "ledger/query/as_of.h"
#include "ledger/query/record_filter.h"
#include "ledger/query/record_row.h"

struct log {
    struct ml_session session;
    struct ml_record_filter filter;
    uint64_t limit; /* 0: none */
    bool reverse;
    struct ml_view view;
    bool has_view;
    struct ml_arena arena;
    struct ml_log_rows rows;
    uint64_t shown;
    uint64_t *kept; /* the newest that fit, newest first, to be turned round */
    size_t n_kept, cap_kept;
};

static void log_release(struct log *log)
{
    if (log->has_view)
        ml_view_end(&log->view);
    free(log->kept);
    ml_log_rows_release(&log->rows);
    ml_arena_release(&log->arena);
    ml_session_release(&log->session);
}

static bool is_meant(enum ml_target_kind kind, bool run)
{
    return run ? kind == ML_TARGET_RUN
               : kind == ML_TARGET_MODEL || kind == ML_TARGET_VERSION ||
                     kind == ML_TARGET_LOGGED_MODEL;
}

static int resolve(struct log *log, const char *text, bool run)
{
    struct ml_reader reader;
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(text, &reference));
    if (reference.form == ML_REFERENCE_WORD || reference.form == ML_REFERENCE_RECORD) {
        reference.form = run ? ML_REFERENCE_RUN : ML_REFERENCE_MODEL; /* what the option says */
        reference.name = reference.whole;
        reference.bare = false;
    }
    ml_reader_init(&reader, &log->view, log->view.head.size - 1);
    int result = ml_reference_resolve(&reader, &reference, &target);
    if (result >= 0 && !is_meant(target.kind, run))
        result = ml_fail(MLEDGER_EUSAGE, "'%s' is no %s", text, run ? "run" : "model or version");
    if (result >= 0)
        result = ml_record_filter_about(&reader, text, &target, &log->filter);
    ml_reader_release(&reader);
    return result;
}

static int find_subject(struct log *log)
{
    const struct ml_invocation *invocation = log->session.invocation;
    const char *model = ml_option_text(invocation, "model", NULL);
    const char *run = ml_option_text(invocation, "run", NULL);
    if (model && run)
        return ml_fail(MLEDGER_EUSAGE, "only one of --model and --run can be given");
    if (model)
        return resolve(log, model, false);
    if (run)
        return resolve(log, run, true);
    log->filter.indexed = log->filter.by_signer;
    if (log->filter.by_signer)
        log->filter.prefix = ml_index_key_prefix(log->filter.signer);
    return MLEDGER_OK;
}

static int find_people(struct log *log)
{
    const struct ml_invocation *invocation = log->session.invocation;
    const char *signer = ml_option_text(invocation, "signer", NULL);
    const char *kind = ml_option_text(invocation, "kind", NULL);
    struct ml_record_filter *filter = &log->filter;
    filter->by_signer = signer != NULL;
    if (signer)
        ML_TRY(ml_key_find(&log->session, signer, filter->signer));
    filter->text = ml_option_text(invocation, "text", NULL);
    log->limit = ml_option_number(invocation, "limit", 0);
    log->reverse = ml_option_given(invocation, "reverse");
    return kind ? ml_record_filter_kind(kind, filter) : MLEDGER_OK;
}

static int find_range(struct log *log)
{
    const struct ml_invocation *invocation = log->session.invocation;
    const char *since = ml_option_text(invocation, "since", NULL);
    const char *until = ml_option_text(invocation, "until", NULL);
    const char *actor = ml_option_text(invocation, "actor", NULL);
    log->filter.to = log->view.head.size - 1;
    if (since)
        ML_TRY(ml_record_filter_since(&log->view, since, &log->filter));
    if (until)
        ML_TRY(ml_record_filter_until(&log->view, until, &log->filter));
    if (!actor)
        return MLEDGER_OK;
    const int result = ml_record_filter_by(&log->view, actor, &log->filter);
    return result == MLEDGER_ENOTFOUND ? ml_hint("mledger actor list") : result;
}

static int read_record(struct log *log, uint64_t seq, struct ml_record *ret_record)
{
    ml_arena_clear(&log->arena);
    return ml_view_record(&log->view, seq, &log->arena, ret_record);
}

static int show_json(struct log *log, const struct ml_record_row *row)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_record_row_to_json(row, &json));
    ml_output_json(log->session.out, json);
    return ml_output_check(log->session.out);
}

static int show_text(struct log *log, const struct ml_record_row *row)
{
    const struct ml_log_row shown = {.seq = row->seq,
                                     .time = row->time,
                                     .kind = row->kind,
                                     .subject = (const char *)row->subject.data,
                                     .summary = (const char *)row->summary.data,
                                     .who = (const char *)row->who.data};
    return ml_log_rows_add(&log->rows, &shown);
}

static int show(struct log *log, const struct ml_record *record)
{
    ML_CLEANUP(ml_record_row_release) struct ml_record_row row = {0};
    ML_TRY(ml_record_row(&log->view, record, &row));
    log->shown++;
    return log->session.invocation->json ? show_json(log, &row) : show_text(log, &row);
}

/* 1: no more are wanted. Of a log that ends in its newest and is limited they are kept first. */
static int take(uint64_t seq, void *context)
{
    struct log *log = context;
    const struct ml_record_filter *filter = &log->filter;
    struct ml_record record;
    if (seq > filter->to)
        return 1;
    ML_TRY(read_record(log, seq, &record));
    const int fit = ml_record_filter_fits(&log->view, filter, &record);
    if (fit <= 0)
        return fit;
    if (log->limit && !log->reverse) {
        ML_TRY(ml_grow(&log->kept, &log->cap_kept, log->n_kept + 1, sizeof *log->kept));
        log->kept[log->n_kept++] = seq;
        return log->n_kept == log->limit;
    }
    ML_TRY(show(log, &record));
    return log->limit && log->shown == log->limit;
}

static int walk_forward(struct log *log)
{
    const struct ml_record_filter *filter = &log->filter;
    if (filter->indexed)
        return ml_view_index(&log->view, &filter->prefix, filter->from, take, log);
    for (uint64_t seq = filter->from; seq <= filter->to; seq++)
        ML_TRY(take(seq, log));
    return MLEDGER_OK;
}

static int walk_back(struct log *log)
{
    uint64_t seq = log->filter.to;
    for (;;) {
        int result = ml_record_filter_last(&log->view, &log->filter, seq, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        int done = take(seq, log);
        if (done != 0 || seq == 0)
            return done < 0 ? done : MLEDGER_OK;
        seq--;
    }
}

static int show_kept(struct log *log)
{
    struct ml_record record;
    for (size_t i = log->n_kept; i-- > 0;) {
        ML_TRY(read_record(log, log->kept[i], &record));
        ML_TRY(show(log, &record));
    }
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(log_release) struct log log = {0};
    if (ml_remote_is(invocation))
        return ml_remote_log(invocation, out);
    ml_arena_init(&log.arena, SIZE_MAX / 2);
    ml_log_rows_init(&log.rows, out);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &log.session));
    ML_TRY(find_people(&log));
    ML_TRY(ml_view_begin(log.session.ledger, &log.view));
    log.has_view = true;
    ML_TRY(find_subject(&log));
    ML_TRY(find_range(&log));
    if (log.filter.from <= log.filter.to)
        ML_TRY(log.limit || log.reverse ? walk_back(&log) : walk_forward(&log));
    ML_TRY(show_kept(&log));
    return ml_log_rows_finish(&log.rows);
}

const struct ml_command ml_command_log = {
    .name = "log",
    .summary = "List records, the newest last",
    .description = (const char *const[]){"With several filters a record must fit all of them. "
                                         "Names are those that things bear now. mledger show "
                                         "tells all of one record.",
                                         "What is listed with --ledger URL is the server's word; "
                                         "mledger show has each record proven.",
                                         NULL},
    .options =
        (const struct ml_option[]){
            {.name = "model",
             .value = "MODEL",
             .rule = {.kind = ML_VALUE_MODEL},
             .help = "Records about this model and its versions, or, for churn/3, that name this "
                     "version."},
            {.name = "run",
             .value = "RUN",
             .rule = {.kind = ML_VALUE_RUN},
             .help = "Records about this run."},
            {.name = "kind", .value = "KIND", .help = "Only this kind of event: run_started, ..."},
            {.name = "signer",
             .value = "KEY",
             .help = "Only records signed by this key: its name, its file, or its first digits."},
            {.name = "actor",
             .value = "ID",
             .help = "Only what this actor signed, stated, or had done on their behalf."},
            {.name = "since",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "Only records from this one, or recorded at this time or later."},
            {.name = "until",
             .value = "SEQ|TIME",
             .rule = {.kind = ML_VALUE_MOMENT},
             .help = "Only records up to this one, or recorded until this time."},
            {.name = "text",
             .value = "TEXT",
             .help = "Only records that hold this text somewhere, in capitals or not."},
            {.name = "limit",
             .letter = 'n',
             .value = "N",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = 10000000},
             .help = "Only the newest N of them."},
            {.name = "reverse", .help = "The newest first."},
            ML_OPTIONS_REMOTE,
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger log -n 20", "The newest twenty records."},
                                            {"mledger log --model churn --since 2026-03-01",
                                             "What became of a model since March."},
                                            {0}},
    .topic = ML_TOPIC_ASK,
    .remote = true,
    .run = run,
};
