/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"

#include <stdarg.h>
#include <time.h>

#include "cli/display.h"
#include "cli/environment.h"
#include "cli/human.h"
#include "cli/output.h"

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void ml_progress_start(struct ml_progress *progress, const char *what, const char *things,
                       enum ml_progress_unit unit, bool quiet)
{
    struct ml_output err;
    ml_output_init(&err, stderr, ML_COLOR_AUTO);
    const char *term = ml_environment_get("TERM");
    bool shown = err.terminal && !quiet && term && strcmp(term, "dumb") != 0;
    *progress = (struct ml_progress){
        .stream = shown ? stderr : NULL,
        .what = what,
        .things = things,
        .unit = unit,
        .width = err.width,
        .started_us = now_us(),
    };
}

static char *amount(const struct ml_progress *progress, char text[ML_HUMAN_SIZE], uint64_t value)
{
    return progress->unit == ML_PROGRESS_BYTES ? ml_human_size(text, value)
                                               : ml_human_count(text, value);
}

/* A part that memory does not reach for is left out: this is only a remark. */
ML_PRINTF(2, 3) static void add(struct ml_buf *line, const char *format, ...)
{
    char part[128];
    va_list args;
    va_start(args, format);
    vsnprintf(part, sizeof part, format, args);
    va_end(args);
    if (ml_buf_append_text(line, part) < 0)
        ml_error_clear();
}

static void cut(struct ml_buf *line, unsigned width)
{
    size_t columns;
    if (width > 0)
        line->len = ml_display_fit((char *)line->data, line->len, width - 1, &columns);
}

void ml_progress_format(const struct ml_progress *progress, uint64_t done, uint64_t total,
                        int64_t elapsed_us, struct ml_buf *line)
{
    char text[ML_HUMAN_SIZE];
    double seconds = (double)elapsed_us / 1e6;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    add(line, "%s  %s", progress->what, amount(progress, text, done));
    if (total)
        add(line, " of %s", amount(progress, text, total));
    if (*progress->things)
        add(line, " %s", progress->things);
    if (total)
        add(line, "  %.0f%%", done < total ? (double)done / (double)total * 100 : 100.0);
    if (rate >= 1)
        add(line, "  %s/s", amount(progress, text, (uint64_t)rate));
    if (rate > 0 && total > done)
        add(line, "  %s left", ml_human_duration(text, (uint64_t)((double)(total - done) / rate)));
    cut(line, progress->width);
}

static void draw(struct ml_progress *progress, const struct ml_buf *line)
{
    fputs("\r", progress->stream);
    fwrite(line->data, 1, line->len, progress->stream);
    fputs("\033[K", progress->stream);
    fflush(progress->stream);
    progress->visible = true;
}

void ml_progress_update_at(struct ml_progress *progress, uint64_t done, uint64_t total,
                           int64_t time_us)
{
    int64_t elapsed_us = time_us - progress->started_us;
    if (!progress->stream || elapsed_us < ML_PROGRESS_AFTER_US ||
        (progress->visible && time_us - progress->drawn_us < ML_PROGRESS_EVERY_US))
        return;
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    ml_progress_format(progress, done, total, elapsed_us, &line);
    progress->drawn_us = time_us;
    draw(progress, &line);
}

void ml_progress_update(void *progress, uint64_t done, uint64_t total)
{
    struct ml_progress *self = progress;
    if (self->stream)
        ml_progress_update_at(self, done, total, now_us());
}

void ml_progress_finish(struct ml_progress *progress)
{
    if (!progress || !progress->visible)
        return;
    fputs("\r\033[K", progress->stream);
    fflush(progress->stream);
    progress->visible = false;
}
