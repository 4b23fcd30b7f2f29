/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The records that fit, one a line. Where a filter names a subject, a version or a signer its index
 * is walked; only a filter on what stands inside records reads them one by one.
 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/key_choice.h"
#include "cli/listing.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/as_of.h"
#include "ledger/query/record_text.h"
#include "ledger/query/reference.h"

enum { PRINT_ROWS = 500 };

struct filter {
    bool indexed;
    struct ml_state_key prefix; /* of the index, if indexed */
    uint64_t from, to;          /* both in it; from > to: nothing */
    const char *kind, *text;
    bool by_signer, by_actor;
    uint8_t signer[ML_KEY_SIZE];
    uint64_t actor;
    uint64_t limit; /* 0: none */
    bool reverse;
};

struct log {
    struct ml_session session;
    struct filter filter;
    struct ml_view view;
    bool has_view;
    struct ml_arena arena;
    struct ml_listing listing;
    bool headed; /* the headings were printed */
    size_t rows; /* not printed yet */
    uint64_t shown;
    uint64_t *kept; /* the newest that fit, newest first, to be turned round */
    size_t n_kept, cap_kept;
};

static void log_release(struct log *log)
{
    if (log->has_view)
        ml_view_end(&log->view);
    free(log->kept);
    ml_listing_release(&log->listing);
    ml_arena_release(&log->arena);
    ml_session_release(&log->session);
}

/* The subject or version that the text names, as the prefix of its index. */
static int prefix_of(struct log *log, const char *text, const struct ml_target *target)
{
    struct filter *filter = &log->filter;
    switch (target->kind) {
    case ML_TARGET_VERSION:
        filter->prefix = ml_index_version_prefix(target->seq, target->version);
        return MLEDGER_OK;
    case ML_TARGET_RUN:
        if (target->seq == MLEDGER_NO_SEQ)
            return ml_index_run_id_prefix(target->name, &filter->prefix);
        filter->prefix = ml_index_subject_prefix(target->seq);
        return MLEDGER_OK;
    case ML_TARGET_MODEL:
        filter->prefix = ml_index_subject_prefix(target->seq);
        return MLEDGER_OK;
    default:
        return ml_fail(MLEDGER_EUSAGE, "'%s' is neither a model, nor a version, nor a run", text);
    }
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
    if (result >= 0 && run != (target.kind == ML_TARGET_RUN))
        result = ml_fail(MLEDGER_EUSAGE, "'%s' is no %s", text, run ? "run" : "model or version");
    if (result >= 0)
        result = prefix_of(log, text, &target);
    ml_reader_release(&reader);
    log->filter.indexed = true;
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
    struct filter *filter = &log->filter;
    filter->by_signer = signer != NULL;
    if (signer)
        ML_TRY(ml_key_find(&log->session, signer, filter->signer));
    filter->kind = ml_option_text(invocation, "kind", NULL);
    if (filter->kind && !ml_event_field(filter->kind))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no kind of event, such as run_started",
                       filter->kind);
    filter->text = ml_option_text(invocation, "text", NULL);
    filter->limit = ml_option_number(invocation, "limit", 0);
    filter->reverse = ml_option_given(invocation, "reverse");
    return MLEDGER_OK;
}

static int find_from(struct log *log, const char *since)
{
    struct ml_as_of moment;
    ML_TRY(ml_as_of_parse(since, &moment));
    return ml_as_of_since(&log->view, &moment, &log->filter.from);
}

static int find_to(struct log *log, const char *until)
{
    struct ml_as_of moment;
    ML_TRY(ml_as_of_parse(until, &moment));
    int result = ml_as_of_resolve(&log->view, &moment, &log->filter.to);
    if (result == MLEDGER_ENOTFOUND && moment.kind == ML_AS_OF_TIME) {
        log->filter.from = 1; /* none is that old */
        log->filter.to = 0;
        return MLEDGER_OK;
    }
    return result;
}

static int find_range(struct log *log)
{
    const struct ml_invocation *invocation = log->session.invocation;
    const char *since = ml_option_text(invocation, "since", NULL);
    const char *until = ml_option_text(invocation, "until", NULL);
    const char *actor = ml_option_text(invocation, "actor", NULL);
    log->filter.to = log->view.head.size - 1;
    if (since)
        ML_TRY(find_from(log, since));
    if (until)
        ML_TRY(find_to(log, until));
    if (!actor)
        return MLEDGER_OK;
    log->filter.by_actor = true;
    int result =
        ml_state_find(log->view.state, MLEDGER__SUBJECT_KIND__ACTOR, actor, &log->filter.actor);
    if (result == MLEDGER_ENOTFOUND) {
        ml_fail(MLEDGER_ENOTFOUND, "there is no actor '%s'", actor);
        return ml_hint("mledger actor list");
    }
    return result;
}

static int holds_text(const struct ml_record *record, const char *text, bool *ret_holds)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf dump = {0};
    json_t *json = NULL;
    const ProtobufCMessage *parts[] = {record->event ? &record->event->base : NULL,
                                       record->details ? &record->details->base : NULL};
    for (size_t i = 0; i < ML_COUNT(parts); i++) {
        if (!parts[i])
            continue;
        ML_TRY(ml_json_from_message(parts[i], &json));
        int result = ml_json_dump(json, 0, &dump);
        json_decref(json);
        ML_TRY(result);
    }
    ML_TRY(ml_buf_append_char(&dump, '\0'));
    *ret_holds = strcasestr((char *)dump.data, text) != NULL;
    return MLEDGER_OK;
}

/* 1: it fits. */
static int fits(struct log *log, const struct ml_record *record)
{
    const struct filter *filter = &log->filter;
    bool is = true;
    if (filter->by_signer && memcmp(record->header->signer.data, filter->signer, ML_KEY_SIZE) != 0)
        return 0;
    if (filter->kind && (!record->event || strcmp(ml_event_name(record->event), filter->kind) != 0))
        return 0;
    if (filter->by_actor)
        ML_TRY(ml_record_is_by(&log->view, record, filter->actor, &is));
    if (is && filter->text)
        ML_TRY(holds_text(record, filter->text, &is));
    return is;
}

static int read_record(struct log *log, uint64_t seq, struct ml_record *ret_record)
{
    ml_arena_clear(&log->arena);
    return ml_view_record(&log->view, seq, &log->arena, ret_record);
}

static int print_rows(struct log *log)
{
    static const struct ml_column headed[] = {{.heading = "record", .right = true},
                                              {.heading = "time"},
                                              {.heading = "kind"},
                                              {.heading = "subject", .flexible = true},
                                              {.heading = "what", .flexible = true},
                                              {.heading = "who", .flexible = true}};
    static const struct ml_column bare[] = {
        {.right = true}, {0}, {0}, {.flexible = true}, {.flexible = true}, {.flexible = true}};
    if (log->rows)
        ml_listing_print(&log->listing, log->session.out);
    log->headed |= log->rows > 0;
    log->rows = 0;
    ml_listing_release(&log->listing);
    ml_listing_init(&log->listing, log->headed ? bare : headed, ML_COUNT(headed));
    return ml_output_check(log->session.out);
}

/* What a row tells. */
struct row {
    struct ml_buf subject, summary, who;
    char time[ML_TIME_TEXT_SIZE];
    const char *kind;
    uint64_t erased_by; /* MLEDGER_NO_SEQ: its details were not erased */
};

static void row_release(struct row *row)
{
    ml_buf_release(&row->subject);
    ml_buf_release(&row->summary);
    ml_buf_release(&row->who);
}

static int find_erasure(struct log *log, const struct ml_record *record, struct row *row)
{
    ML_TRY(ml_record_erased_by(&log->view, record, &row->erased_by));
    if (row->erased_by == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    return ml_buf_printf(&row->summary, "%s(details erased by #%" PRIu64 ")",
                         row->summary.len ? " " : "", row->erased_by);
}

static int make_row(struct log *log, const struct ml_record *record, struct row *row)
{
    ML_TRY(ml_record_subject(&log->view, record, &row->subject));
    ML_TRY(ml_record_summary(&log->view, record, &row->summary));
    ML_TRY(find_erasure(log, record, row));
    ML_TRY(ml_record_who(&log->view, record, &row->who));
    ML_TRY(ml_buf_append_char(&row->subject, '\0'));
    ML_TRY(ml_buf_append_char(&row->summary, '\0'));
    ML_TRY(ml_buf_append_char(&row->who, '\0'));
    row->kind = record->event ? ml_event_name(record->event) : "not understood";
    return ml_time_format(record->header->recorded_at, row->time);
}

static int show_json(struct log *log, const struct ml_record *record, const struct row *row)
{
    char signer[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(signer, record->header->signer.data, ML_KEY_SIZE);
    json_t *json = json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)record->header->seq,
        "recorded_at", row->time, "kind", row->kind, "subject", (char *)row->subject.data,
        "summary", (char *)row->summary.data, "who", (char *)row->who.data, "signer", signer);
    int bad = json == NULL;
    if (row->erased_by != MLEDGER_NO_SEQ)
        bad |= json_object_set_new(json, "details_erased_by",
                                   json_integer((json_int_t)row->erased_by));
    if (!bad)
        ml_output_json(log->session.out, json);
    json_decref(json);
    return bad ? ml_fail_memory() : ml_output_check(log->session.out);
}

static int show_text(struct log *log, const struct ml_record *record, const struct row *row)
{
    struct ml_listing *listing = &log->listing;
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, record->header->seq));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%.10s %.8s", row->time, row->time + 11));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->kind));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", (char *)row->subject.data));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (char *)row->summary.data));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (char *)row->who.data));
    return ++log->rows == PRINT_ROWS ? print_rows(log) : MLEDGER_OK;
}

static int show(struct log *log, const struct ml_record *record)
{
    ML_CLEANUP(row_release) struct row row = {0};
    ML_TRY(make_row(log, record, &row));
    log->shown++;
    return log->session.invocation->json ? show_json(log, record, &row)
                                         : show_text(log, record, &row);
}

/* 1: no more are wanted. Of a log that ends in its newest and is limited they are kept first. */
static int take(uint64_t seq, void *context)
{
    struct log *log = context;
    const struct filter *filter = &log->filter;
    struct ml_record record;
    if (seq > filter->to)
        return 1;
    ML_TRY(read_record(log, seq, &record));
    int fit = fits(log, &record);
    if (fit <= 0)
        return fit;
    if (filter->limit && !filter->reverse) {
        ML_TRY(ml_grow(&log->kept, &log->cap_kept, log->n_kept + 1, sizeof *log->kept));
        log->kept[log->n_kept++] = seq;
        return log->n_kept == filter->limit;
    }
    ML_TRY(show(log, &record));
    return filter->limit && log->shown == filter->limit;
}

static int walk_forward(struct log *log)
{
    const struct filter *filter = &log->filter;
    if (filter->indexed)
        return ml_view_index(&log->view, &filter->prefix, filter->from, take, log);
    for (uint64_t seq = filter->from; seq <= filter->to; seq++)
        ML_TRY(take(seq, log));
    return MLEDGER_OK;
}

/* The next one back from `up_to`, that one included. */
static int step_back(struct log *log, uint64_t up_to, uint64_t *ret_seq)
{
    if (log->filter.indexed)
        return ml_view_index_last(&log->view, &log->filter.prefix, up_to, ret_seq);
    *ret_seq = up_to;
    return MLEDGER_OK;
}

static int walk_back(struct log *log)
{
    uint64_t seq = log->filter.to;
    for (;;) {
        int result = step_back(log, seq, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        if (seq < log->filter.from)
            return MLEDGER_OK;
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
    ml_arena_init(&log.arena, SIZE_MAX / 2);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &log.session));
    ML_TRY(find_people(&log));
    ML_TRY(ml_view_begin(log.session.ledger, &log.view));
    log.has_view = true;
    ML_TRY(find_subject(&log));
    ML_TRY(find_range(&log));
    ML_TRY(print_rows(&log));
    if (log.filter.from <= log.filter.to)
        ML_TRY(log.filter.limit || log.filter.reverse ? walk_back(&log) : walk_forward(&log));
    ML_TRY(show_kept(&log));
    return print_rows(&log);
}

const struct ml_command ml_command_log = {
    .name = "log",
    .summary = "List records, the newest last",
    .description = (const char *const[]){"With several filters a record must fit all of them. "
                                         "Names are those that things bear now. mledger show "
                                         "tells all of one record.",
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
            {.name = NULL}},
    .examples = (const struct ml_example[]){{"mledger log -n 20", "The newest twenty records."},
                                            {"mledger log --model churn --since 2026-03-01",
                                             "What became of a model since March."},
                                            {0}},
    .topic = ML_TOPIC_ASK,
    .run = run,
};
