/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_convert.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "export/draw_child.h"
#include "export/draw_graphviz.h"
#include "export/text_clean.h"
#include "ledger/store/confine.h"

/* How Graphviz tells an SVG by its first bytes. */
#define DECLARATION "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

struct format {
    const char *name;
    struct ml_graphviz_setting settings[2];
};

static const struct format formats[] = {
    /* 9504 x 9504 pixels at most: 360 MB while drawing */
    [ML_PICTURE_PNG] = {"png", {{"dpi", "144"}, {"size", "66,66"}}},
    /* PDF 1.7, annex C: 14400 units */
    [ML_PICTURE_PDF] = {"pdf", {{"dpi", "72"}, {"size", "200,200"}}},
};

struct work {
    struct ml_span svg;
    const struct format *format;
    unsigned width, height; /* thousandths of an inch */
};

/* ---- the child ---- */

static int make_file(int *ret_fd)
{
    *ret_fd = memfd_create("mledger", MFD_CLOEXEC);
    return *ret_fd < 0 ? ml_fail_errno(errno, "cannot make a file in memory") : MLEDGER_OK;
}

/* Graphviz takes images by name only. */
static int put_into_file(struct ml_span svg, char *path, size_t size)
{
    int fd;
    ML_TRY(make_file(&fd));
    bool declared = svg.len >= 5 && memcmp(svg.data, "<?xml", 5) == 0;
    if ((!declared && !ml_confined_write(fd, DECLARATION, strlen(DECLARATION))) ||
        !ml_confined_write(fd, svg.data, svg.len))
        return ml_fail_errno(errno, "cannot write a file in memory");
    snprintf(path, size, "/proc/self/fd/%d", fd);
    return MLEDGER_OK;
}

/* The plugin for SVG tells what it cannot read on stderr alone, where others complain as well: of
 * a cache of fonts, say. */
static int check_complaints(int fd)
{
    char text[1024];
    ssize_t len = pread(fd, text, sizeof text - 1, 0);
    text[len > 0 ? len : 0] = '\0';
    return strstr(text, "rsvg") ? ml_fail(MLEDGER_ESYSTEM, "librsvg cannot read its SVG")
                                : MLEDGER_OK;
}

/* Frees nothing: the process ends right after. */
static int convert(const void *pointer, struct ml_buf *ret_picture)
{
    const struct work *work = pointer;
    ML_CLEANUP(ml_buf_release) struct ml_buf dot = {0};
    struct ml_graphviz_job job = {.settings = work->format->settings,
                                  .setting_count = ML_COUNT(work->format->settings),
                                  .format = work->format->name,
                                  .images = true};
    char path[32];
    int complaints;
    ML_TRY(make_file(&complaints));
    if (dup2(complaints, STDERR_FILENO) < 0)
        return ml_fail_errno(errno, "cannot read what the converter complains of");
    /* Under a web server Graphviz would open no file, and Cairo writes local time. The child has
     * one thread. NOLINTBEGIN(concurrency-mt-unsafe) */
    unsetenv("SERVER_NAME");
    setenv("TZ", "UTC0", 1);
    /* NOLINTEND(concurrency-mt-unsafe) */
    ML_TRY(put_into_file(work->svg, path, sizeof path));
    ML_TRY(ml_buf_printf(&dot,
                         "digraph \"picture\" { graph [pad=\"0\", margin=\"0\"];\n"
                         "picture [shape=\"none\", label=\"\", margin=\"0\", fixedsize=\"true\", "
                         "width=\"%u.%03u\", height=\"%u.%03u\", imagescale=\"both\", "
                         "image=\"%s\"]; }\n",
                         work->width / 1000, work->width % 1000, work->height / 1000,
                         work->height % 1000, path));
    ML_TRY(ml_text_end(&dot, &job.dot));
    ML_TRY(ml_graphviz_draw(&job, ret_picture));
    return check_complaints(complaints);
}

/* ---- the parent ---- */

/* Of the root element, whose start tag ends before `end`; in points ("840pt") or pixels ("760"). */
static int find_length(const char *tag, const char *end, const char *name,
                       unsigned *ret_thousandths)
{
    enum { DIGITS_MAX = 7 };
    const char *at = memmem(tag, (size_t)(end - tag), name, strlen(name));
    unsigned length = 0;
    int digits = 0;
    for (at = at ? at + strlen(name) : end; at < end && *at >= '0' && *at <= '9'; at++) {
        length = length * 10 + (unsigned)(*at - '0');
        if (++digits > DIGITS_MAX)
            break;
    }
    bool points = end - at > 3 && memcmp(at, "pt\"", 3) == 0;
    if (length == 0 || digits > DIGITS_MAX || (!points && *at != '"'))
        return ml_fail(MLEDGER_ESYSTEM, "the picture does not say how large it is");
    *ret_thousandths = (unsigned)((uint64_t)length * 1000 / (points ? 72 : 96));
    return MLEDGER_OK;
}

static int measure(struct ml_span svg, struct work *work)
{
    const char *text = (const char *)svg.data;
    const char *tag = memmem(text, svg.len, "<svg ", 5);
    const char *end = tag ? memchr(tag, '>', (size_t)(text + svg.len - tag)) : NULL;
    if (!end)
        return ml_fail(MLEDGER_ESYSTEM, "the picture is no SVG");
    ML_TRY(find_length(tag, end, " width=\"", &work->width));
    return find_length(tag, end, " height=\"", &work->height);
}

/* Cairo writes what the clock says: 14 digits, which another time takes as well. */
static void set_time(const char *as_of_time, struct ml_buf *pdf, size_t from)
{
    static const char key[] = "/CreationDate (D:";
    enum { DATE = 14 };
    char *at = memmem(pdf->data + from, pdf->len - from, key, sizeof key - 1);
    if (!at || (size_t)((char *)pdf->data + pdf->len - at) < sizeof key + DATE)
        return;
    at += sizeof key - 1;
    memcpy(at, "19700101000000", DATE);
    for (int i = 0; as_of_time && *as_of_time && i < DATE; as_of_time++)
        if (*as_of_time >= '0' && *as_of_time <= '9')
            at[i++] = *as_of_time;
}

int ml_svg_convert(struct ml_span svg, enum ml_picture_format format, const char *as_of_time,
                   const struct ml_draw_limits *limits, struct ml_buf *picture)
{
    struct work work = {.svg = svg};
    enum ml_child_end end;
    enum { COMPLAINTS = 4096 };
    if (format == ML_PICTURE_SVG)
        return ml_buf_append(picture, svg.data, svg.len);
    assert(format == ML_PICTURE_PNG || format == ML_PICTURE_PDF);
    work.format = &formats[format];
    ML_TRY(measure(svg, &work));
    const struct ml_child_limits most = {.deadline_ms = limits->deadline_ms,
                                         .memory_bytes = limits->memory_bytes,
                                         .answer_bytes = limits->picture_bytes,
                                         .file_bytes = svg.len + strlen(DECLARATION) + COMPLAINTS};
    size_t before = picture->len;
    if (ml_child_run(convert, &work, &most, picture, &end) < 0)
        return ml_prefix("cannot make a %s of the picture", work.format->name);
    if (format == ML_PICTURE_PDF)
        set_time(as_of_time, picture, before);
    return MLEDGER_OK;
}
