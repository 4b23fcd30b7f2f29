/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/ui.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/etag.h"
#include "serve/mlflow/artifact.h"
#include "serve/mlflow/mime.h"

static const char index_name[] = "index.html";
static const char below[] = "/static-files/";
static const char hashed[] = "static/";             /* names below it change with their content */
static const char in_package[] = "server/js/build"; /* of the package mlflow */

enum { ETAG_SIZE = 64 };

/* ---- finding ---- */

/* The file at a path of names: 1; 0: there is none that may be given. */
static int open_file(int dir, const char *path, int *ret_fd, struct stat *ret_status)
{
    ML_CLEANUP(ml_closep) int at = -1;
    for (const char *name = path; *name;) {
        char part[NAME_MAX + 1];
        const size_t len = strcspn(name, "/");
        const bool is_last = name[len] == '\0';
        if (len > NAME_MAX)
            return 0;
        memcpy(part, name, len);
        part[len] = '\0';
        const int kind = is_last ? O_RDONLY | O_NONBLOCK | O_NOCTTY : O_PATH | O_DIRECTORY;
        const int next = openat(at < 0 ? dir : at, part, kind | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            return errno == ENOMEM || errno == ENFILE || errno == EMFILE
                       ? ml_fail_errno(errno, "cannot open '%.512s' of the web UI", path)
                       : 0;
        ml_closep(&at);
        at = next;
        name += len + !is_last;
    }
    if (fstat(at, ret_status) < 0)
        return ml_fail_errno(errno, "cannot look at '%.512s' of the web UI", path);
    if (!S_ISREG(ret_status->st_mode))
        return 0;
    *ret_fd = at;
    at = -1;
    return 1;
}

/* Whether the directory holds the page that all begins with. */
static bool has_index(int dir)
{
    ML_CLEANUP(ml_closep) int fd = -1;
    struct stat status;
    return open_file(dir, index_name, &fd, &status) > 0;
}

int ml_ui_open(const char *path, struct ml_ui *ret_ui)
{
    ML_CLEANUP(ml_closep) int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0)
        return ml_fail_errno(errno, "cannot open the directory '%s' of the web UI", path);
    if (!has_index(dir)) {
        const int package = dir;
        dir = openat(package, in_package, O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(package);
    }
    if (dir < 0 || !has_index(dir)) {
        (void)ml_fail(MLEDGER_ESYSTEM,
                      "there is no index.html in '%s', nor in its %s: the web UI is in the package "
                      "mlflow, unless it is the skinny one or a source tree that was not built",
                      path, in_package);
        return ml_hint("mledger serve --ui \"$(python -c 'import mlflow, os; "
                       "print(os.path.dirname(mlflow.__file__))')\"");
    }
    ret_ui->dir = dir;
    dir = -1;
    return MLEDGER_OK;
}

void ml_ui_release(struct ml_ui *ui)
{
    ml_closep(&ui->dir);
}

/* ---- answering ---- */

/* The UI sets styles as it goes, keeps pictures and workers that it makes in blobs, and compiles
 * the expressions of its charts. Each of two policies must let a thing pass. */
static void add_policies(struct ml_server_reply *reply)
{
    ml_server_reply_header(reply, "Content-Security-Policy",
                           "default-src 'self' blob: data:; script-src 'self' blob: 'unsafe-eval'; "
                           "style-src 'self' 'unsafe-inline'; object-src 'none'");
    ml_server_reply_header(reply, "Content-Security-Policy",
                           "base-uri 'self'; form-action 'self'; frame-ancestors 'self'");
    ml_server_reply_header(reply, "X-Frame-Options", "SAMEORIGIN");
    ml_server_reply_header(reply, "Referrer-Policy", "same-origin");
}

static void give(const struct ml_server_request *request, const char *path, int fd,
                 const struct stat *status, struct ml_server_reply *reply)
{
    char etag[ETAG_SIZE];
    const bool is_hashed = strncmp(path, hashed, sizeof hashed - 1) == 0;
    snprintf(etag, sizeof etag, "\"%jx-%jx.%lx\"", (uintmax_t)status->st_size,
             (uintmax_t)status->st_mtim.tv_sec, (unsigned long)status->st_mtim.tv_nsec);
    reply->status = 200;
    reply->has_file = true;
    reply->file = fd;
    reply->file_size = (uint64_t)status->st_size;
    reply->content_type = ml_rest_web_type(path);
    ml_server_reply_header(reply, "X-Content-Type-Options", "nosniff");
    if (strncmp(reply->content_type, "text/html", strlen("text/html")) == 0)
        add_policies(reply);
    ml_etag_answer(request, etag, is_hashed ? "private, max-age=2419200" : "private, no-cache",
                   reply);
}

/* What is asked for, below the directory; NULL: the path is none of the UI's. */
static const char *path_of(const struct ml_server_request *request)
{
    if (strcmp(request->path, "/") == 0)
        return index_name;
    return strncmp(request->path, below, sizeof below - 1) == 0 ? request->path + sizeof below - 1
                                                                : NULL;
}

static int say(struct ml_server_reply *reply, int status, const char *text)
{
    ML_TRY(ml_buf_append_text(&reply->body, text));
    reply->status = status;
    reply->content_type = "text/plain; charset=utf-8";
    ml_server_reply_header(reply, "X-Content-Type-Options", "nosniff");
    return 1;
}

int ml_ui_answer(const struct ml_ui *ui, const struct ml_server_request *request,
                 struct ml_server_reply *reply)
{
    const char *path = path_of(request);
    struct stat status;
    int fd;
    if (!path)
        return 0;
    reply->route = "ui";
    if (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0) {
        ml_server_reply_header(reply, "Allow", "GET, HEAD");
        return say(reply, 405, "pages are got\n");
    }
    if (ml_rest_artifact_check_path(path) < 0) {
        ml_error_clear();
        return say(reply, 404, "the web UI has no such file\n");
    }
    const int found = open_file(ui->dir, path, &fd, &status);
    if (found == 0)
        return say(reply, 404, "the web UI has no such file\n");
    ML_TRY(found);
    give(request, path, fd, &status, reply);
    return 1;
}
