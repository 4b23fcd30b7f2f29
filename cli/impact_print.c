/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/impact_print.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/interval_text.h"
#include "cli/listing.h"
#include "ledger/core/event.h"
#include "ledger/core/time.h"
#include "ledger/query/record_text.h"

static const char production[] = "Production";

enum { TIME_SIZE = ML_TIME_TEXT_SIZE, PLACE_SIZE = 2200, NAMED = 10 };

/* To the second; "now" for what has not ended. */
static int time_text(uint64_t seq, int64_t time_us, char ret_text[TIME_SIZE])
{
    if (seq == MLEDGER_NO_SEQ) {
        snprintf(ret_text, TIME_SIZE, "now");
        return MLEDGER_OK;
    }
    ML_TRY(ml_time_format(time_us, ret_text));
    ret_text[10] = ' ';
    ret_text[19] = '\0';
    return MLEDGER_OK;
}

static void place_text(const struct ml_endpoint_interval *interval, char ret_text[PLACE_SIZE])
{
    snprintf(ret_text, PLACE_SIZE, "%s%s%s, %g %%",
             interval->environment ? interval->environment : "", interval->environment ? "/" : "",
             interval->endpoint, interval->share_ppm / 10000.0);
}

/* ---- what matters at once ---- */

static int count_verdicts(const struct ml_impact *impact, struct ml_output *out)
{
    size_t counts[ML_IMPACT_UNAFFECTED + 1] = {0};
    for (size_t i = 0; i < impact->n_reached; i++)
        counts[impact->reached[i].verdict]++;
    if (impact->n_reached == 0) {
        ml_output_line(out, ML_ROLE_GOOD, "no model version is reached");
        return MLEDGER_OK;
    }
    const char *comma = "";
    for (size_t i = 0; i < ML_IMPACT_UNAFFECTED; i++) {
        if (counts[i] == 0)
            continue;
        ml_output_text(out, ML_ROLE_EMPHASIS, "%s%zu version%s %s", comma, counts[i],
                       counts[i] == 1 ? "" : "s",
                       ml_impact_verdict_name((enum ml_impact_verdict)i));
        comma = "; ";
    }
    ml_output_newline(out);
    return MLEDGER_OK;
}

static bool is_in_production(const struct ml_impact_version *version)
{
    return version->past.deleted_seq == MLEDGER_NO_SEQ &&
           strcmp(version->past.stage, production) == 0;
}

/* The end of a list of `count`, of which NAMED were named: the table below has all. */
static void end_list(size_t count, struct ml_output *out)
{
    if (count > NAMED)
        ml_output_text(out, ML_ROLE_BAD, " and %zu more", count - NAMED);
    if (count)
        ml_output_newline(out);
}

static void print_in_production(const struct ml_impact *impact, struct ml_output *out)
{
    size_t count = 0;
    for (size_t i = 0; i < impact->n_reached; i++) {
        if (!is_in_production(&impact->reached[i]) || count++ >= NAMED)
            continue;
        ml_output_text(out, ML_ROLE_BAD, "%s%s",
                       count > 1 ? ", " : "in Production now: ", impact->reached[i].name);
    }
    end_list(count, out);
}

static void print_served(const struct ml_impact *impact, struct ml_output *out)
{
    size_t count = 0;
    char place[PLACE_SIZE];
    for (size_t i = 0; i < impact->n_reached; i++)
        for (size_t k = 0; k < impact->reached[i].n_deployed; k++) {
            if (impact->reached[i].deployed[k].to_seq != MLEDGER_NO_SEQ || count++ >= NAMED)
                continue;
            place_text(&impact->reached[i].deployed[k], place);
            ml_output_text(out, ML_ROLE_BAD, "%s%s (%s)",
                           count > 1 ? "; " : "served now: ", impact->reached[i].name, place);
        }
    end_list(count, out);
}

/* ---- a key's records ---- */

static int add_record(struct ml_question *question, struct ml_listing *listing, uint64_t seq)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf subject = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf summary = {0};
    const struct ml_record *record;
    char time[TIME_SIZE];
    ML_TRY(ml_reader_record(&question->reader, seq, &record));
    ML_TRY(ml_record_subject(&question->moment.view, record, &subject));
    ML_TRY(ml_record_summary(&question->moment.view, record, &summary));
    ML_TRY(ml_buf_append_char(&subject, '\0'));
    ML_TRY(ml_buf_append_char(&summary, '\0'));
    ML_TRY(time_text(seq, record->header->recorded_at, time));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, seq));
    ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%s", time));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", ml_event_name(record->event)));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", (char *)subject.data));
    return ml_listing_add(listing, ML_ROLE_PLAIN, "%s", (char *)summary.data);
}

static int print_records(struct ml_question *question, const struct ml_impact *impact)
{
    static const struct ml_column columns[] = {{.heading = "signed", .right = true},
                                               {.heading = "time"},
                                               {.heading = "kind"},
                                               {.heading = "subject", .flexible = true},
                                               {.heading = "what", .flexible = true}};
    if (impact->n_records == 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < impact->n_records; i++)
        ML_TRY(add_record(question, &listing, impact->records[i]));
    ml_listing_print(&listing, question->answer.out);
    ml_output_newline(question->answer.out);
    return MLEDGER_OK;
}

/* ---- versions ---- */

static const char *kind_word(const struct ml_impact_version *version)
{
    static const char *const words[ML_EDGE_KINDS] = {[ML_EDGE_RECORDED] = "recorded",
                                                     [ML_EDGE_SAME_CONTENT] = "same content",
                                                     [ML_EDGE_INFERRED] = "inferred",
                                                     [ML_EDGE_CONFIRMED] = "recorded"};
    return words[version->weakest];
}

/* A row of a version: where it was, from when to when. The first has its name. */
struct row {
    const struct ml_impact_version *version;
    const char *where;
    uint64_t from_seq, to_seq;
    int64_t from_us, to_us;
};

static int add_row(struct ml_listing *listing, const struct ml_impact *impact,
                   const struct row *row, bool first)
{
    char from[TIME_SIZE], to[TIME_SIZE];
    const struct ml_impact_version *version = row->version;
    enum ml_role role = version->verdict == ML_IMPACT_MEASURED ? ML_ROLE_WARN : ML_ROLE_BAD;
    ML_TRY(time_text(row->from_seq, row->from_us, from));
    ML_TRY(time_text(row->to_seq, row->to_us, to));
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", first ? version->name : ""));
    ML_TRY(
        ml_listing_add(listing, role, "%s", first ? ml_impact_verdict_name(version->verdict) : ""));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", first ? kind_word(version) : ""));
    if (first)
        ML_TRY(
            ml_listing_add(listing, ML_ROLE_DIM, "%" PRIu32, impact->steps[version->node].steps));
    else
        ML_TRY(ml_listing_add(listing, ML_ROLE_DIM, "%s", ""));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", row->where));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", from));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", to));
    if (row->to_seq == MLEDGER_NO_SEQ)
        return ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64, row->from_seq);
    return ml_listing_add(listing, ML_ROLE_DIM, "#%" PRIu64 " #%" PRIu64, row->from_seq,
                          row->to_seq);
}

static struct row stage_row(const struct ml_impact_version *version, size_t interval)
{
    const struct ml_stage_interval *at = &version->past.intervals[interval];
    return (struct row){version, at->stage, at->from_seq, at->to_seq, at->from_us, at->to_us};
}

/* The stage "None" says something only of a version that was in no other. */
static int add_stages(struct ml_listing *listing, const struct ml_impact *impact,
                      const struct ml_impact_version *version, size_t *rows)
{
    for (size_t i = 0; i < version->past.n_intervals; i++) {
        struct row row = stage_row(version, i);
        if (version->past.n_intervals > 1 && strcmp(row.where, "None") == 0)
            continue;
        ML_TRY(add_row(listing, impact, &row, (*rows)++ == 0));
    }
    return MLEDGER_OK;
}

static int add_deployments(struct ml_listing *listing, const struct ml_impact *impact,
                           const struct ml_impact_version *version, size_t *rows)
{
    for (size_t i = 0; i < version->n_deployed; i++) {
        const struct ml_endpoint_interval *at = &version->deployed[i];
        char place[PLACE_SIZE];
        place_text(at, place);
        struct row row = {version, place, at->from_seq, at->to_seq, at->from_us, at->to_us};
        ML_TRY(add_row(listing, impact, &row, (*rows)++ == 0));
    }
    return MLEDGER_OK;
}

static int print_reached(const struct ml_impact *impact, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "version", .flexible = true},
                                               {.heading = "impact"},
                                               {.heading = "by"},
                                               {.heading = "steps", .right = true},
                                               {.heading = "where", .flexible = true},
                                               {.heading = "from"},
                                               {.heading = "to"},
                                               {.heading = "records"}};
    if (impact->n_reached == 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < impact->n_reached; i++) {
        size_t rows = 0;
        ML_TRY(add_stages(&listing, impact, &impact->reached[i], &rows));
        ML_TRY(add_deployments(&listing, impact, &impact->reached[i], &rows));
    }
    ml_output_newline(out);
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

static int add_unaffected(struct ml_listing *listing, const struct ml_impact_version *version)
{
    char from[TIME_SIZE] = "", to[TIME_SIZE] = "";
    if (version->production) {
        ML_TRY(time_text(version->production->from_seq, version->production->from_us, from));
        ML_TRY(time_text(version->production->to_seq, version->production->to_us, to));
    }
    ML_TRY(ml_listing_add(listing, ML_ROLE_EMPHASIS, "%s", version->name));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s", version->past.stage));
    ML_TRY(ml_listing_add(listing, ML_ROLE_PLAIN, "%s%s%s", from, from[0] ? " to " : "", to));
    if (version->approved_seq == MLEDGER_NO_SEQ)
        return ml_listing_add(listing, ML_ROLE_DIM, "%s", "no");
    return ml_listing_add(listing, ML_ROLE_PLAIN, "#%" PRIu64, version->approved_seq);
}

static int print_unaffected(const struct ml_impact *impact, struct ml_output *out)
{
    static const struct ml_column columns[] = {{.heading = "not reached", .flexible = true},
                                               {.heading = "stage"},
                                               {.heading = "last in Production"},
                                               {.heading = "approved for it"}};
    if (impact->n_unaffected == 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_listing_release) struct ml_listing listing;
    ml_listing_init(&listing, columns, ML_COUNT(columns));
    for (size_t i = 0; i < impact->n_unaffected; i++)
        ML_TRY(add_unaffected(&listing, &impact->unaffected[i]));
    ml_output_newline(out);
    ml_listing_print(&listing, out);
    return MLEDGER_OK;
}

/* How to go back, where one that is in Production should not be and another was trusted. */
static void print_way_back(const struct ml_impact *impact, struct ml_output *out)
{
    for (size_t i = 0; i < impact->n_unaffected; i++) {
        const struct ml_impact_version *back = &impact->unaffected[i];
        bool best = i == 0 || impact->unaffected[i - 1].model != back->model, wanted = false;
        for (size_t k = 0; best && k < impact->n_reached && !wanted; k++)
            wanted =
                impact->reached[k].model == back->model && is_in_production(&impact->reached[k]);
        if (wanted && back->trusted_seq != MLEDGER_NO_SEQ && !is_in_production(back))
            ml_output_line(out, ML_ROLE_PLAIN,
                           "to go back: mledger rollback %.*s --to %" PRIu64 " --reason TEXT",
                           (int)(strrchr(back->name, '/') - back->name), back->name, back->version);
    }
}

/* ---- times that are claimed ---- */

/* As add_stages() shows them: that one was registered long before it was recorded is told by its
 * history, and of imported ones it is so of all. */
static int add_ends(const struct ml_impact_version *version, struct ml_basis *ends)
{
    for (size_t i = 0; i < version->past.n_intervals; i++) {
        const struct ml_stage_interval *at = &version->past.intervals[i];
        if (strcmp(at->stage, "None") == 0)
            continue;
        ML_TRY(ml_basis_add(ends, at->from_seq));
        ML_TRY(ml_basis_add(ends, at->to_seq));
    }
    for (size_t i = 0; i < version->n_deployed; i++) {
        ML_TRY(ml_basis_add(ends, version->deployed[i].from_seq));
        ML_TRY(ml_basis_add(ends, version->deployed[i].to_seq));
    }
    return MLEDGER_OK;
}

/* The times above are those of recording. */
static int print_claims(struct ml_question *question, const struct ml_impact *impact)
{
    ML_CLEANUP(ml_basis_release) struct ml_basis ends = {0};
    for (size_t i = 0; i < impact->n_reached; i++)
        ML_TRY(add_ends(&impact->reached[i], &ends));
    for (size_t i = 0; i < impact->n_unaffected; i++)
        if (impact->unaffected[i].production) {
            ML_TRY(ml_basis_add(&ends, impact->unaffected[i].production->from_seq));
            ML_TRY(ml_basis_add(&ends, impact->unaffected[i].production->to_seq));
        }
    ml_basis_settle(&ends);
    for (size_t i = 0; i < ends.n_seqs; i++) {
        const struct ml_record *record;
        struct ml_change change;
        ML_TRY(ml_reader_record(&question->reader, ends.seqs[i], &record));
        ML_TRY(ml_change_read(&question->reader, record, &change));
        ML_TRY(ml_change_print_claim(&change, question->answer.out));
    }
    return MLEDGER_OK;
}

int ml_impact_print(struct ml_question *question, const struct ml_impact *impact)
{
    struct ml_output *out = question->answer.out;
    ML_TRY(print_records(question, impact));
    ML_TRY(count_verdicts(impact, out));
    print_in_production(impact, out);
    print_served(impact, out);
    ML_TRY(print_reached(impact, out));
    ML_TRY(print_unaffected(impact, out));
    ML_TRY(print_claims(question, impact));
    print_way_back(impact, out);
    return MLEDGER_OK;
}
