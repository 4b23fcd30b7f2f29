/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records events from JSON lines, a batch of lines a transaction. A batch is written whole or not
 * at all; an error names the line at fault and what was committed before.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "cli/commands.h"
#include "cli/human.h"
#include "cli/progress.h"
#include "cli/session.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"

enum {
    BATCH_DEFAULT = 1000,
    BATCH_MAX = 100000,
    BATCH_BYTES = 64 << 20, /* of text: a batch ends there too */
    ORIGIN_SIZE = 320,
};

struct append {
    struct ml_session session;
    const struct ml_signer *signer;
    uint8_t identity[ML_HASH_SIZE];
    FILE *stream;
    const char *name; /* of the file, for errors */
    uint64_t line;
    char *text; /* of the line at hand */
    size_t text_cap;
    struct ml_draft **drafts;
    struct ml_receipt *receipts;
    size_t count, batch, bytes;
    uint64_t committed, first, last; /* records; the latter two if committed */
    uint8_t link[ML_HASH_SIZE];
    uint64_t bytes_read, bytes_total; /* total 0: not known */
    struct ml_progress progress;
};

static void drop_batch(struct append *append)
{
    for (size_t i = 0; i < append->count; i++)
        ml_draft_free(append->drafts[i]);
    append->count = append->bytes = 0;
}

static void append_release(struct append *append)
{
    ml_progress_finish(&append->progress);
    drop_batch(append);
    free(append->drafts);
    free(append->receipts);
    free(append->text);
    if (append->stream && append->stream != stdin)
        fclose(append->stream);
    ml_session_release(&append->session);
}

static int open_stream(struct append *append, const char *path)
{
    append->name = "standard input";
    append->stream = stdin;
    if (!path || strcmp(path, "-") == 0)
        return MLEDGER_OK;
    append->name = path;
    append->stream = fopen(path, "re");
    if (!append->stream)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    if (fseeko(append->stream, 0, SEEK_END) == 0)
        append->bytes_total = (uint64_t)ftello(append->stream);
    if (fseeko(append->stream, 0, SEEK_SET) < 0)
        clearerr(append->stream); /* a pipe: it stands at its beginning */
    return MLEDGER_OK;
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

static int reserve_text(struct append *append, size_t len)
{
    if (len > ML_LIMIT_JSON_LINE)
        return ml_fail(MLEDGER_EINVALID, "%s:%" PRIu64 ": a line of more than %d bytes",
                       append->name, append->line, ML_LIMIT_JSON_LINE);
    return ml_grow(&append->text, &append->text_cap, len + 1, 1);
}

/* 1 and the line, without its line feed; 0 at the end. */
static int read_line(struct append *append, size_t *ret_len)
{
    size_t len = 0;
    int byte;
    append->line++;
    while ((byte = getc_unlocked(append->stream)) != EOF && byte != '\n') {
        ML_TRY(reserve_text(append, len + 1));
        append->text[len++] = (char)byte;
    }
    if (ferror(append->stream))
        return ml_fail_errno(errno, "cannot read '%s'", append->name);
    if (byte == EOF && len == 0)
        return 0;
    append->bytes_read += len + 1;
    *ret_len = len;
    return 1;
}

static bool is_blank(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
            return false;
    return true;
}

static int print_receipts(struct append *append)
{
    for (size_t i = 0; i < append->count; i++) {
        json_t *json;
        ML_TRY(ml_receipt_to_json(&append->receipts[i], append->identity, &json));
        ml_output_json(append->session.out, json);
        json_decref(json);
    }
    return ml_output_check(append->session.out);
}

static int note_committed(struct append *append)
{
    const struct ml_receipt *last = &append->receipts[append->count - 1];
    if (append->committed == 0)
        append->first = append->receipts[0].seq;
    append->committed += append->count;
    append->last = last->seq;
    memcpy(append->link, last->link, ML_HASH_SIZE);
    return append->session.invocation->json ? print_receipts(append) : MLEDGER_OK;
}

static int commit(struct append *append)
{
    size_t failed = append->count;
    if (append->count == 0)
        return MLEDGER_OK;
    int result = ml_ledger_append(append->session.ledger, append->signer, append->drafts,
                                  append->count, append->receipts, &failed);
    if (result < 0 && failed < append->count)
        ml_prefix("%s", append->drafts[failed]->origin);
    ML_TRY(result);
    ML_TRY(note_committed(append));
    drop_batch(append);
    ml_progress_update(&append->progress, append->bytes_read, append->bytes_total);
    return MLEDGER_OK;
}

static int take_line(struct append *append, size_t len)
{
    char origin[ORIGIN_SIZE];
    if (is_blank(append->text, len))
        return MLEDGER_OK;
    snprintf(origin, sizeof origin, "%.*s:%" PRIu64, 256, append->name, append->line);
    ML_TRY(ml_draft_from_json(append->text, len, origin, &append->drafts[append->count]));
    append->count++;
    append->bytes += len;
    bool full = append->count == append->batch || append->bytes >= BATCH_BYTES;
    return full ? commit(append) : MLEDGER_OK;
}

static int take_all(struct append *append)
{
    size_t len;
    int more;
    while ((more = read_line(append, &len)) > 0)
        ML_TRY(take_line(append, len));
    ML_TRY(more);
    return commit(append);
}

static int prepare(struct append *append, const struct ml_invocation *invocation)
{
    struct ml_head head;
    append->batch = (size_t)ml_option_number(invocation, "batch", BATCH_DEFAULT);
    append->drafts = ml_calloc(append->batch, sizeof(struct ml_draft *));
    append->receipts = ml_calloc(append->batch, sizeof *append->receipts);
    if (!append->drafts || !append->receipts)
        return ml_fail_memory();
    ML_TRY(ml_session_signer(&append->session, MLEDGER__ROLE__RECORDER, &append->signer));
    ML_TRY(ml_ledger_head(append->session.ledger, &head));
    memcpy(append->identity, head.identity, ML_HASH_SIZE);
    return open_stream(append, ml_argument(invocation, "FILE"));
}

static void print_summary(const struct append *append)
{
    struct ml_output *out = append->session.out;
    char count[ML_HUMAN_SIZE], link[ML_HEX_SIZE(8)];
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
    ML_CLEANUP(append_release) struct append append = {0};
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
            ML_OPTIONS_SIGNING,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){{"mledger append events.jsonl", "Record a file."},
                                    {"mledger append --json - < events.jsonl",
                                     "One receipt a line: seq, recorded_at, link, identity."},
                                    {0}},
    .topic = ML_TOPIC_RECORD,
    .run = run,
};
