/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/gaps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/core/draft.h"
#include "ledger/core/hash.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"

enum {
    FILE_MAX = 16 << 20,   /* bytes that are read of it */
    LISTED_MAX = 64,       /* calls that the record names one by one */
    LINE_MAX_BYTES = 1024, /* of one in its text */
};

int ml_gaps_init(struct ml_gaps *gaps, const char *url, int dir)
{
    *gaps = (struct ml_gaps){.url = url, .dir = dir};
    gaps->is_pending = faccessat(dir, ML_GAPS_FILE, F_OK, 0) == 0;
    const int error_number = pthread_mutex_init(&gaps->mutex, NULL);
    return error_number != 0 ? ml_fail_errno(error_number, "cannot make a mutex") : MLEDGER_OK;
}

void ml_gaps_release(struct ml_gaps *gaps)
{
    pthread_mutex_destroy(&gaps->mutex);
}

/* ---- putting down ---- */

static int write_line(int dir, struct ml_span line)
{
    ML_CLEANUP(ml_closep)
    int fd =
        openat(dir, ML_GAPS_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '" ML_GAPS_FILE "'");
    const ssize_t written = write(fd, line.data, line.len);
    if (written < 0 || (size_t)written != line.len)
        return ml_fail_errno(written < 0 ? errno : ENOSPC, "cannot write '" ML_GAPS_FILE "'");
    if (fsync(fd) < 0 || fsync(dir) < 0)
        return ml_fail_errno(errno, "cannot sync '" ML_GAPS_FILE "'");
    return MLEDGER_OK;
}

static int describe(const struct ml_server_request *request, const char *why, struct ml_buf *line)
{
    char time[ML_TIME_TEXT_SIZE], hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    uint8_t hash[ML_HASH_SIZE];
    ML_TRY(ml_time_format(ml_time_now_us(), time));
    ML_TRY(ml_sha256(hash, &request->body, 1));
    ml_hex_encode(hex, hash, sizeof hash);
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s}", "time", time, "method", request->method,
                             "path", request->path, "body_sha256", hex, "why", why);
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_json_dump(json, 0, line));
    return ml_buf_append_char(line, '\n');
}

int ml_gaps_note(struct ml_gaps *gaps, const struct ml_server_request *request)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    struct ml_error error;
    ml_error_get(&error);
    ML_TRY(describe(request, error.text, &line));
    pthread_mutex_lock(&gaps->mutex);
    const int result = write_line(gaps->dir, ml_buf_span(&line));
    gaps->is_pending = true;
    pthread_mutex_unlock(&gaps->mutex);
    ML_TRY(result);
    (void)!ml_error_set(&error);
    return MLEDGER_OK;
}

/* ---- recording ---- */

/* What the lines say together. */
struct account {
    size_t count;
    char first[ML_TIME_TEXT_SIZE], last[ML_TIME_TEXT_SIZE];
    struct ml_buf text; /* a line for each of the first calls */
    struct ml_draft *draft;
    Mledger__IncidentRecorded *incident;
};

static int read_file(int dir, struct ml_buf *text)
{
    struct stat status;
    ML_CLEANUP(ml_closep)
    int fd = openat(dir, ML_GAPS_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) < 0)
        return ml_fail_errno(errno, "cannot read '" ML_GAPS_FILE "'");
    char piece[65536];
    for (ssize_t len; text->len < FILE_MAX && (len = read(fd, piece, sizeof piece)) != 0;) {
        if (len < 0)
            return ml_fail_errno(errno, "cannot read '" ML_GAPS_FILE "'");
        ML_TRY(ml_buf_append(text, piece, (size_t)len));
    }
    return MLEDGER_OK;
}

static int add_digest(struct account *account, const char *hex)
{
    uint8_t hash[ML_HASH_SIZE];
    Mledger__IncidentRecorded *incident = account->incident;
    ML_TRY(ml_hex_decode(hex, strlen(hex), hash, sizeof hash));
    for (size_t i = 0; i < incident->n_digests; i++)
        if (memcmp(incident->digests[i]->value.data, hash, sizeof hash) == 0)
            return MLEDGER_OK;
    Mledger__Digest *digest = ml_draft_digest(account->draft, MLEDGER__ALGORITHM__SHA256, hash,
                                              sizeof hash, MLEDGER__STANDING__SEEN);
    if (!digest)
        return ml_arena_fail(&account->draft->arena, "what was not recorded");
    incident->digests[incident->n_digests++] = digest;
    return MLEDGER_OK;
}

/* A line that a crash has cut off is one call, too, of which no more is known. */
static int add_line(struct account *account, struct ml_span line)
{
    const char *time = NULL, *method = NULL, *path = NULL, *hex = NULL, *why = NULL;
    ML_CLEANUP(json_decrefp) json_t *json = json_loadb((const char *)line.data, line.len, 0, NULL);
    const bool is_whole =
        json && json_unpack(json, "{s:s, s:s, s:s, s:s, s:s}", "time", &time, "method", &method,
                            "path", &path, "body_sha256", &hex, "why", &why) == 0;
    account->count++;
    if (is_whole) {
        if (!account->first[0])
            snprintf(account->first, sizeof account->first, "%s", time);
        snprintf(account->last, sizeof account->last, "%s", time);
    }
    if (account->count > LISTED_MAX)
        return MLEDGER_OK;
    if (!is_whole)
        return ml_buf_append_text(&account->text, "\n(a call of which no more is known)");
    ML_TRY(ml_buf_printf(&account->text, "\n%s %s %.*s (%.*s)", time, method, LINE_MAX_BYTES, path,
                         LINE_MAX_BYTES, why));
    return add_digest(account, hex);
}

static int read_lines(struct account *account, struct ml_span text)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        const size_t len = end ? (size_t)(end - text.data) : text.len;
        ML_TRY(add_line(account, ML_SPAN(text.data, len)));
        text = ML_SPAN(text.data + len + (end != NULL), text.len - len - (end != NULL));
    }
    return MLEDGER_OK;
}

static int fill_in(struct account *account, const char *url)
{
    Mledger__Details *details = account->draft->details;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const size_t unlisted = account->count > LISTED_MAX ? account->count - LISTED_MAX : 0;
    ML_TRY(ml_buf_printf(&text,
                         "%zu calls were carried out by %s, from %s to %s, and could not be "
                         "recorded:%.*s",
                         account->count, url, account->first, account->last, (int)account->text.len,
                         (const char *)account->text.data));
    if (unlisted > 0)
        ML_TRY(ml_buf_printf(&text, "\nand %zu more", unlisted));
    ML_TRY(ml_buf_append_char(&text, '\0'));
    ML_TRY(ml_rest_text(account->draft, "calls that were not recorded", &details->title));
    return ml_rest_text(account->draft, (const char *)text.data, &details->description);
}

static int draft_incident(struct ml_rest_call *call, const char *url, struct ml_span lines,
                          struct account *account)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf id = {0};
    ML_TRY(ml_rest_draft(call, "incident_recorded", &account->incident));
    account->draft = ml_rest_last(call);
    Mledger__IncidentRecorded *incident = account->incident;
    incident->digests =
        ml_arena_calloc(&account->draft->arena, LISTED_MAX, sizeof *incident->digests);
    if (!incident->digests)
        return ml_arena_fail(&account->draft->arena, "what was not recorded");
    ML_TRY(read_lines(account, lines));
    incident->status = MLEDGER__INCIDENT_STATUS__OPENED;
    /* With the count: what was added to a file that a crash has left is another one. */
    ML_TRY(ml_buf_printf(&id, "unrecorded-%s-%zu%c", account->first, account->count, '\0'));
    ML_TRY(ml_rest_text(account->draft, (const char *)id.data, &incident->incident_id));
    ML_TRY(ml_rest_text(account->draft, "unrecorded", &incident->severity));
    return fill_in(account, url);
}

static void account_release(struct account *account)
{
    ml_buf_release(&account->text);
}

/* One that was recorded before a crash kept the file is not recorded again: its id is taken. */
static int record(struct ml_gaps *gaps, struct ml_rest_call *call)
{
    ML_CLEANUP(account_release) struct account account = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf lines = {0};
    struct ml_error error;
    ML_TRY(read_file(gaps->dir, &lines));
    ML_TRY(draft_incident(call, gaps->url, ml_buf_span(&lines), &account));
    const int result = ml_rest_commit(call);
    ml_error_get(&error);
    if (result < 0 && !(result == MLEDGER_EREFUSED && strcmp(error.rule, "incident-id") == 0))
        return result;
    if (unlinkat(gaps->dir, ML_GAPS_FILE, 0) < 0 && errno != ENOENT)
        return ml_fail_errno(errno, "cannot remove '" ML_GAPS_FILE "'");
    gaps->is_pending = false;
    return MLEDGER_OK;
}

int ml_gaps_settle(struct ml_gaps *gaps, struct ml_rest *service)
{
    int result = MLEDGER_OK;
    pthread_mutex_lock(&gaps->mutex);
    if (gaps->is_pending) {
        struct ml_rest_call call;
        ml_rest_call_init(&call, service);
        result = record(gaps, &call);
        ml_rest_call_release(&call);
    }
    pthread_mutex_unlock(&gaps->mutex);
    return result;
}
