/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM_FIRST = 128 << 10 };

int ml_lines_open(struct ml_lines *lines, const char *path, size_t max)
{
    bool standard = !path || strcmp(path, "-") == 0;
    struct ml_lines opened = {
        .fd = STDIN_FILENO, .name = standard ? "standard input" : path, .max = max};
    struct stat status;
    if (!standard) {
        opened.fd = open(path, O_RDONLY | O_CLOEXEC);
        if (opened.fd < 0)
            return ml_fail_errno(errno, "cannot open '%s'", path);
        opened.owned = true;
    }
    if (fstat(opened.fd, &status) == 0 && S_ISREG(status.st_mode)) {
        opened.never_waits = true;
        opened.bytes_total = (uint64_t)status.st_size;
    }
    *lines = opened;
    return MLEDGER_OK;
}

void ml_lines_release(struct ml_lines *lines)
{
    if (!lines)
        return;
    if (lines->owned)
        close(lines->fd);
    free(lines->bytes);
    *lines = (struct ml_lines){0};
}

/* Room for more behind what is there, which moves to the front. */
static int make_room(struct ml_lines *lines)
{
    size_t held = lines->end - lines->begin;
    if (held > lines->max)
        return ml_fail(MLEDGER_EINVALID, "%s:%" PRIu64 ": a line of more than %zu bytes",
                       lines->name, lines->line + 1, lines->max);
    if (lines->begin > 0 && held > 0)
        memmove(lines->bytes, lines->bytes + lines->begin, held);
    lines->begin = 0;
    lines->end = held;
    size_t need = held < ROOM_FIRST / 2 ? ROOM_FIRST : held + held / 2;
    return ml_grow(&lines->bytes, &lines->cap, need, 1);
}

static bool has_something(const struct ml_lines *lines, int timeout_ms)
{
    struct pollfd poll_fd = {.fd = lines->fd, .events = POLLIN};
    return poll(&poll_fd, 1, timeout_ms) != 0; /* what is wrong with it, reading will say */
}

static int read_more(struct ml_lines *lines, bool wait)
{
    ML_TRY(make_room(lines));
    for (;;) {
        if (!wait && !lines->never_waits && !has_something(lines, 0))
            return ML_LINES_DRY;
        ssize_t got = read(lines->fd, lines->bytes + lines->end, lines->cap - lines->end);
        if (got >= 0) {
            lines->end += (size_t)got;
            lines->ended = got == 0;
            return ML_LINES_GOT;
        }
        if (errno == EAGAIN)
            (void)has_something(lines, wait ? -1 : 0);
        else if (errno != EINTR)
            return ml_fail_errno(errno, "cannot read '%s'", lines->name);
    }
}

static int give(struct ml_lines *lines, size_t len, size_t feed, struct ml_span *ret_line)
{
    if (len > lines->max)
        return ml_fail(MLEDGER_EINVALID, "%s:%" PRIu64 ": a line of more than %zu bytes",
                       lines->name, lines->line + 1, lines->max);
    *ret_line = ML_SPAN(lines->bytes + lines->begin, len);
    lines->begin += len + feed;
    lines->searched = 0;
    lines->line++;
    lines->bytes_given += len + feed;
    return ML_LINES_GOT;
}

int ml_lines_next(struct ml_lines *lines, bool wait, struct ml_span *ret_line)
{
    for (;;) {
        size_t held = lines->end - lines->begin;
        if (held > lines->searched) {
            const uint8_t *from = lines->bytes + lines->begin;
            const uint8_t *feed = memchr(from + lines->searched, '\n', held - lines->searched);
            if (feed)
                return give(lines, (size_t)(feed - from), 1, ret_line);
            lines->searched = held;
        }
        if (lines->ended)
            return held ? give(lines, held, 0, ret_line) : ML_LINES_END;
        int more = read_more(lines, wait);
        if (more != ML_LINES_GOT)
            return more;
    }
}

int ml_lines_wait(const struct ml_lines *lines, int stop, int64_t wait_us)
{
    struct pollfd fds[] = {{.fd = stop, .events = POLLIN}, {.fd = lines->fd, .events = POLLIN}};
    int64_t wait_ms = wait_us < 0 ? -1 : (wait_us + 999) / 1000; /* not before it has passed */
    int ready = poll(fds, ML_COUNT(fds), wait_ms > INT_MAX ? INT_MAX : (int)wait_ms);
    if (ready < 0 && errno != EINTR)
        return ml_fail_errno(errno, "cannot wait for '%s'", lines->name);
    if (ready <= 0)
        return ML_LINES_TIMEOUT;
    return fds[0].revents ? ML_LINES_STOPPED : ML_LINES_READY;
}
