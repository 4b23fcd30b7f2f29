/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records events from JSON lines, a batch of lines a transaction. A batch is written whole or not
 * at all; an error names the line at fault and what was committed before.
 *
 * While one batch is being appended the next is read on the other cores, if its lines are there:
 * nobody waits for input with a batch at hand. Where checkpoints or heartbeats are asked for, what
 * has come is recorded as soon as the input pauses, and a signal ends it well.
 */
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/event_batch.h"
#include "cli/human.h"
#include "cli/lines.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "cli/stop.h"
#include "cli/watch.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

enum {
    BATCH_DEFAULT = 1000,
    BATCH_MAX = 100000,
};

struct append {
    struct ml_session session;
    const struct ml_signer *signer;
    uint8_t identity[ML_HASH_SIZE];
    struct ml_lines lines;
    struct ml_event_batch batches[2];
    struct ml_event_batch *at_hand; /* drafts to be appended, or empty */
    struct ml_event_batch *next;    /* is being filled or read */
    bool next_is_whole;             /* no line is added to it any more */
    bool ended;                     /* and none comes after it */
    struct ml_error read_error;     /* why it ended, if its code is negative */
    uint64_t bytes_at_hand;         /* of the file, up to the end of the batch at hand */
    struct ml_receipt *receipts;
    uint64_t committed, first, last; /* records; the latter two if committed */
    uint8_t link[ML_HASH_SIZE];
    struct ml_progress progress;
    struct ml_watch watch;
    int stop; /* can be read once the command is to end; -1: it ends at once then */
};

static void append_release(struct append *append)
{
    ml_progress_finish(&append->progress);
    ml_stop_end();
    for (size_t i = 0; i < ML_COUNT(append->batches); i++)
        ml_event_batch_release(&append->batches[i]);
    free(append->receipts);
    ml_lines_release(&append->lines);
    ml_session_release(&append->session);
}

/* Adds to the error what is in the ledger all the same. */
static int say_committed(const struct append *append)
{
    struct ml_error error;
    char count[ML_HUMAN_SIZE];
    ml_error_get(&error);
    size_t len = strlen(error.text);
    if (append->committed == 0)
        snprintf(error.text + len, sizeof error.text - len, "; nothing was recorded");
    else
        snprintf(error.text + len, sizeof error.text - len,
                 "; nothing of its batch was recorded, before it %s event%s up to #%" PRIu64,
                 ml_human_count(count, append->committed), append->committed == 1 ? "" : "s",
                 append->last);
    return ml_error_set(&error);
}

static bool is_blank(struct ml_span line)
{
    for (size_t i = 0; i < line.len; i++)
        if (line.data[i] != ' ' && line.data[i] != '\t' && line.data[i] != '\r')
            return false;
    return true;
}

/* They are out before the next batch begins, for whoever waits for them. */
static int print_receipts(struct append *append)
{
    for (size_t i = 0; i < append->at_hand->count; i++) {
        json_t *json;
        ML_TRY(ml_receipt_to_json(&append->receipts[i], append->identity, &json));
        ml_output_json(append->session.out, json);
        json_decref(json);
    }
    return ml_output_finish(append->session.out);
}

static int note_committed(struct append *append)
{
    size_t count = append->at_hand->count;
    const struct ml_receipt *last = &append->receipts[count - 1];
    if (append->committed == 0)
        append->first = append->receipts[0].seq;
    append->committed += count;
    append->last = last->seq;
    memcpy(append->link, last->link, ML_HASH_SIZE);
    ml_watch_recorded(&append->watch, last->seq);
    return append->session.invocation->json ? print_receipts(append) : MLEDGER_OK;
}

/* Appends what is at hand, if anything is. */
static int commit(struct append *append)
{
    struct ml_event_batch *batch = append->at_hand;
    size_t failed = batch->count;
    if (batch->count == 0)
        return MLEDGER_OK;
    int result = ml_ledger_append(append->session.ledger, append->signer, batch->drafts,
                                  batch->count, append->receipts, &failed);
    if (result < 0 && failed < batch->count)
        ml_prefix("%s", batch->drafts[failed]->origin);
    ML_TRY(result);
    ML_TRY(note_committed(append));
    ml_event_batch_clear(batch);
    ml_progress_update(&append->progress, append->bytes_at_hand, append->lines.bytes_total);
    return MLEDGER_OK;
}

/* Lines into the next batch, until it is full or there are none; ML_LINES_DRY: for now. On watch a
 * pause ends the batch, too. */
static int fill_next(struct append *append)
{
    bool watch = ml_watch_is_on(&append->watch);
    bool may_wait = append->at_hand->count == 0 && !watch;
    while (!ml_event_batch_is_full(append->next)) {
        struct ml_span line;
        int got = ml_lines_next(&append->lines, may_wait, &line);
        if (got == ML_LINES_DRY && append->at_hand->count == 0 && append->next->count > 0)
            return ML_LINES_GOT;
        if (got != ML_LINES_GOT)
            return got;
        if (!is_blank(line))
            ML_TRY(ml_event_batch_add(append->next, line, append->lines.line));
    }
    return ML_LINES_GOT;
}

/* What cannot be read ends the lines; it is told once those before it are known to be good. */
static void read_ahead(struct append *append)
{
    if (append->ended)
        return;
    int got = fill_next(append);
    if (got < 0)
        ml_error_get(&append->read_error);
    append->ended = got < 0 || got == ML_LINES_END;
    append->next_is_whole = got != ML_LINES_DRY;
    if (append->next_is_whole)
        ml_event_batch_start(append->next);
}

/* The next batch is now the one at hand, if it is whole. */
static int advance(struct append *append)
{
    if (!append->next_is_whole)
        return MLEDGER_OK;
    struct ml_event_batch *empty = append->at_hand;
    ML_TRY(ml_event_batch_wait(append->next));
    if (append->read_error.code < 0)
        return ml_error_set(&append->read_error);
    append->at_hand = append->next;
    append->next = empty;
    append->next_is_whole = false;
    append->bytes_at_hand = append->lines.bytes_given;
    return MLEDGER_OK;
}

/* No more is read: what is there already is the last batch. */
static int stop(struct append *append)
{
    append->ended = true;
    if (!append->next_is_whole) {
        append->next_is_whole = true;
        ml_event_batch_start(append->next);
    }
    return append->at_hand->count == 0 ? advance(append) : MLEDGER_OK;
}

/* Makes what is due, and waits where there is nothing to do. */
static int keep_watch(struct append *append)
{
    struct ml_watch *watch = &append->watch;
    if (!ml_watch_is_on(watch) || append->ended)
        return MLEDGER_OK;
    ML_TRY(ml_watch_keep(watch));
    bool idle = append->at_hand->count == 0 && append->next->count == 0;
    int waited = ml_lines_wait(&append->lines, append->stop, idle ? ml_watch_rest_us(watch) : 0);
    return waited == ML_LINES_STOPPED ? stop(append) : waited;
}

static int take_all(struct append *append)
{
    while (!append->ended || append->at_hand->count > 0) {
        read_ahead(append);
        ML_TRY(commit(append));
        ML_TRY(advance(append));
        ML_TRY(keep_watch(append));
    }
    return ml_watch_end(&append->watch);
}

static int prepare(struct append *append, const struct ml_invocation *invocation)
{
    struct ml_head head;
    size_t batch = (size_t)ml_option_number(invocation, "batch", BATCH_DEFAULT);
    append->receipts = ml_calloc(batch, sizeof *append->receipts);
    if (!append->receipts)
        return ml_fail_memory();
    ML_TRY(ml_session_signer(&append->session, MLEDGER__ROLE__RECORDER, &append->signer));
    ML_TRY(ml_ledger_head(append->session.ledger, &head));
    memcpy(append->identity, head.identity, ML_HASH_SIZE);
    ML_TRY(ml_watch_begin(&append->watch, &append->session, append->signer));
    if (ml_watch_is_on(&append->watch))
        ML_TRY(ml_stop_begin(&append->stop));
    ML_TRY(ml_lines_open(&append->lines, ml_argument(invocation, "FILE"), ML_LIMIT_JSON_LINE));
    for (size_t i = 0; i < ML_COUNT(append->batches); i++)
        ML_TRY(ml_event_batch_init(&append->batches[i], append->lines.name, batch));
    append->at_hand = &append->batches[0];
    append->next = &append->batches[1];
    return MLEDGER_OK;
}

static void print_summary(const struct append *append)
{
    struct ml_output *out = append->session.out;
    const struct ml_watch *watch = &append->watch;
    char count[ML_HUMAN_SIZE], link[ML_HEX_SIZE(8)];
    if (watch->heartbeats)
        ml_output_line(out, ML_ROLE_PLAIN, "%s heartbeat%s",
                       ml_human_count(count, watch->heartbeats), watch->heartbeats == 1 ? "" : "s");
    if (watch->checkpoints)
        ml_output_line(out, ML_ROLE_PLAIN, "%s checkpoint%s",
                       ml_human_count(count, watch->checkpoints),
                       watch->checkpoints == 1 ? "" : "s");
    if (append->committed == 0) {
        ml_output_line(out, ML_ROLE_PLAIN, "nothing to record");
        return;
    }
    ml_hex_encode(link, append->link, 8);
    ml_output_text(out, ML_ROLE_PLAIN, "recorded %s event%s, #%" PRIu64,
                   ml_human_count(count, append->committed), append->committed == 1 ? "" : "s",
                   append->first);
    if (append->committed > 1)
        ml_output_text(out, ML_ROLE_PLAIN, " to #%" PRIu64, append->last);
    ml_output_line(out, ML_ROLE_DIM, " link %s%s", link, out->utf8 ? "\u2026" : "...");
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(append_release) struct append append = {.stop = -1};
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &append.session));
    ML_TRY(prepare(&append, invocation));
    ml_progress_start(&append.progress, "append", "", ML_PROGRESS_BYTES, invocation->quiet);
    int result = take_all(&append);
    ml_progress_finish(&append.progress);
    if (result < 0)
        return say_committed(&append);
    if (!invocation->json)
        print_summary(&append);
    return MLEDGER_OK;
}

const struct ml_command ml_command_append = {
    .name = "append",
    .summary = "Record events from JSON lines",
    .description =
        (const char *const[]){
            "Each line is one event: {\"model_created\": {\"name\": \"churn\"}, \"details\": "
            "{\"description\": \"...\"}}. The event's field name is its kind. What the ledger "
            "assigns (salts, version numbers, the stage left) may be left out, and subjects are "
            "named as you name them. Blank lines are passed over.",
            "Lines are written in batches, each whole or not at all. If a line is at fault the "
            "error names it, nothing of its batch is written, and the batches before stand.",
            "With --checkpoint-every or --heartbeat it can stand at the end of a pipe that never "
            "ends: what has come is recorded as soon as the input pauses, checkpoints and "
            "heartbeats are made when they are due, and SIGTERM or SIGINT end it well.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "FILE",
                                               .min = 0,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "Standard input without it, or for -."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "batch",
             .value = "N",
             .rule = {.kind = ML_VALUE_NUMBER, .least = 1, .most = BATCH_MAX},
             .help = "Lines in one batch: 1000 by default."},
            ML_OPTIONS_WATCH,
            ML_OPTION_LOG_KEY,
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger append events.jsonl", "Record a file."},
                                    {"mledger append --json - < events.jsonl",
                                     "One receipt a line: seq, recorded_at, link, identity."},
                                    {"tail -F events.jsonl | mledger append - "
                                     "--checkpoint-every 5m --heartbeat 1h",
                                     "Follow a file, and prove its silence."},
                                    {0}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
