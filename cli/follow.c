/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/follow.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>

#include "cli/human.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "cli/vigil.h"
#include "ledger/core/time.h"

enum { INTERVAL_US = 5000000 };

struct follow {
    struct ml_importing *importing;
    const struct ml_invocation *invocation;
    struct ml_output *out;
    char *dir; /* of the ledger, while it is closed */
    int stop;
    int64_t interval_us;
    bool is_first;
};

/* ---- telling ---- */

static int tell_json(struct follow *follow, const struct ml_follow_source *source,
                     const struct ml_import_report *report, const char *time)
{
    json_t *line =
        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I}", "time", time, "source", source->kind, "place",
                  source->place, "appended", (json_int_t)report->appended, "disagreements",
                  (json_int_t)report->n_disagreements, "left_out", (json_int_t)report->n_left_out);
    if (!line)
        return ml_fail_memory();
    if (report->appended) {
        json_object_set_new(line, "first_seq", json_integer((json_int_t)report->first_seq));
        json_object_set_new(line, "last_seq", json_integer((json_int_t)report->last_seq));
    }
    follow->out->terminal = false; /* one line always */
    ml_output_json(follow->out, line);
    json_decref(line);
    return ml_output_finish(follow->out);
}

static void tell_count(struct ml_output *out, size_t count, const char *what)
{
    if (count)
        ml_output_text(out, ML_ROLE_WARN, ", %zu %s%s", count, what, count == 1 ? "" : "s");
}

static int tell(struct follow *follow, const struct ml_follow_source *source,
                const struct ml_import_report *report)
{
    char time[ML_TIME_TEXT_SIZE], number[ML_HUMAN_SIZE];
    struct ml_output *out = follow->out;
    const int64_t now_us = ml_time_now_us();
    ML_TRY(ml_time_format(now_us - now_us % 1000000, time));
    if (follow->invocation->json)
        return tell_json(follow, source, report, time);
    ml_output_text(out, ML_ROLE_DIM, "%s  ", time);
    ml_output_text(out, ML_ROLE_PLAIN, "%s %s: ", source->kind, source->place);
    if (report->appended == 0)
        ml_output_text(out, ML_ROLE_PLAIN, "nothing new");
    else
        ml_output_text(out, ML_ROLE_GOOD, "appended %s record%s",
                       ml_human_count(number, report->appended), report->appended == 1 ? "" : "s");
    tell_count(out, report->n_disagreements, "disagreement");
    tell_count(out, report->n_left_out, "thing left out");
    if (report->appended > 1)
        ml_output_text(out, ML_ROLE_DIM, "  #%" PRIu64 " to #%" PRIu64, report->first_seq,
                       report->last_seq);
    else if (report->appended)
        ml_output_text(out, ML_ROLE_DIM, "  #%" PRIu64, report->first_seq);
    ml_output_newline(out);
    return ml_output_finish(out);
}

/* An error that comes once may be of a file that was being written. */
static void take_error(struct follow *follow, struct ml_follow_source *source)
{
    struct ml_error error;
    ml_error_get(&error);
    const bool again =
        source->error.code == error.code && strcmp(source->error.text, error.text) == 0;
    if (again && !source->error_told) {
        ml_prefix("%s %s", source->kind, source->place);
        ml_report_error(stderr, follow->invocation->program, follow->invocation->command,
                        follow->invocation->json);
    }
    source->error_told = again;
    source->error = error;
}

/* ---- a round ---- */

static int import(struct follow *follow, struct ml_follow_source *source)
{
    struct ml_import_report report = {0};
    follow->importing->options.memory = source->memory;
    int result = ml_importing_run(follow->importing, source->run, source->place, &report);
    const bool is_absent = result == MLEDGER_ENOTFOUND && !source->must_be_there;
    if (result >= 0 && (report.appended || follow->is_first))
        result = tell(follow, source, &report);
    ml_import_report_release(&report);
    return is_absent ? MLEDGER_OK : result;
}

/* Whether there may be something to import. What was written since the last look is still being
 * written, perhaps: another look is waited for. */
static int is_due(struct follow *follow, struct ml_follow_source *source, bool *ret_due)
{
    uint8_t print[ML_HASH_SIZE];
    *ret_due = true;
    if (!source->look)
        return MLEDGER_OK;
    ML_TRY(source->look(source->place, print));
    const bool is_quiet =
        follow->is_first || (source->was_seen && memcmp(print, source->seen, ML_HASH_SIZE) == 0);
    const bool is_new = !source->was_imported || memcmp(print, source->imported, ML_HASH_SIZE) != 0;
    memcpy(source->seen, print, ML_HASH_SIZE);
    source->was_seen = true;
    *ret_due = is_quiet && is_new;
    return MLEDGER_OK;
}

static int look_at(struct follow *follow, struct ml_follow_source *source)
{
    bool due;
    ML_TRY(is_due(follow, source, &due));
    if (!due)
        return MLEDGER_OK;
    ML_TRY(import(follow, source));
    memcpy(source->imported, source->seen, ML_HASH_SIZE);
    source->was_imported = true;
    return MLEDGER_OK;
}

static int round_of(struct follow *follow, struct ml_follow_source *sources, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (look_at(follow, &sources[i]) >= 0) {
            sources[i].error.code = 0;
            continue;
        }
        if (follow->is_first || ml_output_check(follow->out) < 0)
            return ml_failed();
        take_error(follow, &sources[i]);
    }
    return MLEDGER_OK;
}

/* 1: a signal has come; 0: go on. */
static int pause_for(const struct follow *follow)
{
    struct pollfd wait = {.fd = follow->stop, .events = POLLIN};
    const int64_t end_us = ml_time_now_us() + follow->interval_us;
    for (;;) {
        const int64_t left_us = end_us - ml_time_now_us();
        if (left_us <= 0 || left_us > follow->interval_us) /* the clock was set */
            return poll(&wait, 1, 0) > 0;
        const int64_t left_ms = left_us / 1000 + 1;
        if (poll(&wait, 1, left_ms > 60000 ? 60000 : (int)left_ms) > 0)
            return 1;
    }
}

/* Where the ledger cannot be opened the round fails, like any other. */
static int reopen(struct follow *follow, struct ml_follow_source *sources)
{
    if (ml_session_resume(&follow->importing->session, follow->dir) >= 0) {
        free(ML_TAKE(follow->dir));
        return 1;
    }
    take_error(follow, &sources[0]);
    return 0;
}

static int go_on(struct follow *follow, struct ml_follow_source *sources, size_t count)
{
    struct ml_session *session = &follow->importing->session;
    ML_TRY(round_of(follow, sources, count));
    follow->is_first = false;
    ML_TRY(ml_session_pause(session, &follow->dir));
    while (!pause_for(follow)) {
        if (!reopen(follow, sources))
            continue;
        ML_TRY(round_of(follow, sources, count));
        ML_TRY(ml_session_pause(session, &follow->dir));
    }
    return MLEDGER_OK;
}

static int begin(struct follow *follow, struct ml_follow_source *sources, size_t count)
{
    const char *interval = ml_option_text(follow->invocation, "interval", NULL);
    if (interval)
        ML_TRY(ml_duration_parse("--interval", interval, &follow->interval_us));
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_import_memory_new(&sources[i].memory));
    return ml_stop_begin(&follow->stop);
}

int ml_follow(struct ml_importing *importing, struct ml_follow_source *sources, size_t count)
{
    struct follow follow = {.importing = importing,
                            .invocation = importing->session.invocation,
                            .out = importing->session.out,
                            .stop = -1,
                            .interval_us = INTERVAL_US,
                            .is_first = true};
    int result = begin(&follow, sources, count);
    if (result >= 0)
        result = go_on(&follow, sources, count);
    ml_stop_end();
    for (size_t i = 0; i < count; i++)
        ml_import_memory_free(sources[i].memory);
    free(follow.dir);
    return result;
}
