/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One line of JSON for each request, when it is over:
 *
 *     {"time":"2026-11-28T07:12:08.123456Z","peer":"192.0.2.7","actor":"alice","method":"POST",
 *      "path":"/api/2.0/mlflow/runs/create","route":"mlflow/runs/create","status":200,
 *      "bytes_in":61,"bytes":412,"duration_us":3512,"seq":17}
 *
 * Nothing that a client can put in front of a secret is there: no query, no header, no body. Method
 * and path are written as a URL has them, in visible ASCII, so that no name of a file can forge a
 * line or speak to a terminal. A line is one write to a file opened for appending: several servers
 * may share it, and who turns it over may cut it off in place.
 */
#include "cli/serving_log.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "serve/exposition.h"

enum { SHOWN_MAX = 2048 };

static int open_log(struct ml_serving *serving)
{
    const char *path = ml_option_text(serving->session.invocation, "access-log", NULL);
    serving->access_log = -1;
    if (!path)
        return MLEDGER_OK;
    const bool is_stderr = strcmp(path, "-") == 0;
    serving->access_log = is_stderr ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
                                    : open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    return serving->access_log >= 0 ? MLEDGER_OK
                                    : ml_fail_errno(errno, "cannot open the access log '%s'", path);
}

static void close_log(struct ml_serving *serving)
{
    ml_closep(&serving->access_log);
}

/* Visible ASCII as it is, but for what JSON or a reader of URLs would take for something else. */
static int append_shown(struct ml_buf *text, const char *path)
{
    for (size_t i = 0; i < SHOWN_MAX && path[i]; i++) {
        const unsigned char byte = (unsigned char)path[i];
        if (byte > ' ' && byte < 0x7f && !strchr("\"%<>\\^`{|}?#", byte))
            ML_TRY(ml_buf_append_char(text, (char)byte));
        else
            ML_TRY(ml_buf_printf(text, "%%%02X", byte));
    }
    return ml_buf_append_char(text, '\0');
}

static json_t *make_line(const struct ml_server_request *request,
                         const struct ml_server_account *account, const char *method,
                         const char *path, const char *time, const char *peer)
{
    json_t *line = json_pack(
        "{s:s, s:s, s:s?, s:s, s:s, s:s?, s:i, s:I, s:I, s:I}", "time", time, "peer", peer, "actor",
        request->caller->actor, "method", method, "path", path, "route", account->route, "status",
        account->status, "bytes_in", (json_int_t)account->bytes_in, "bytes",
        (json_int_t)account->bytes_out, "duration_us", (json_int_t)account->duration_us);
    if (line && account->n_recorded)
        json_object_set_new(line, "seq", json_integer((json_int_t)account->seq));
    if (line && account->n_recorded > 1)
        json_object_set_new(line, "records", json_integer((json_int_t)account->n_recorded));
    if (line && !account->is_whole)
        json_object_set_new(line, "cut_off", json_true());
    return line;
}

static int make_text(const struct ml_server_request *request,
                     const struct ml_server_account *account, struct ml_buf *text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf method = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    char time[ML_TIME_TEXT_SIZE], peer[ML_SERVER_PEER_SIZE];
    ml_server_peer(request, peer);
    ML_TRY(append_shown(&method, request->method));
    ML_TRY(append_shown(&path, request->path));
    ML_TRY(ml_time_format(ml_time_now_us(), time));
    ML_CLEANUP(json_decrefp)
    json_t *line =
        make_line(request, account, (const char *)method.data, (const char *)path.data, time, peer);
    if (!line)
        return ml_fail_memory();
    ML_TRY(ml_json_dump(line, 0, text));
    return ml_buf_append_char(text, '\n');
}

static void ended(struct ml_serving *serving, const struct ml_server_request *request,
                  const struct ml_server_account *account)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    if (serving->access_log < 0)
        return;
    if (make_text(request, account, &text) < 0 ||
        write(serving->access_log, text.data, text.len) != (ssize_t)text.len) {
        ml_error_clear();
        atomic_fetch_add(&serving->log_failures, 1);
    }
}

static int measure(struct ml_serving *serving, struct ml_buf *text)
{
    if (serving->access_log < 0)
        return MLEDGER_OK;
    return ml_exposition_single(text, "mledger_access_log_failures_total", "counter",
                                "Lines of the access log that could not be written.",
                                (double)atomic_load(&serving->log_failures));
}

const struct ml_serving_part ml_serving_log = {
    .open = open_log, .ended = ended, .measure = measure, .close = close_log};
