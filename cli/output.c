/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/output.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/display.h"
#include "cli/environment.h"

enum { WIDTH_DEFAULT = 80, WIDTH_LEAST = 20, WIDTH_MOST = 1000, WRAP_MOST = 96 };

static bool locale_is_utf8(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (!locale)
        return false;
    bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return utf8;
}

static bool terminal_has_colors(void)
{
    const char *term = ml_environment_get("TERM");
    return term && strcmp(term, "dumb") != 0 && !ml_environment_get("NO_COLOR");
}

static unsigned terminal_width(int fd)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= WIDTH_LEAST)
        return size.ws_col;
    const char *columns = ml_environment_get("COLUMNS");
    unsigned long width = columns ? strtoul(columns, NULL, 10) : 0;
    return width >= WIDTH_LEAST && width <= WIDTH_MOST ? (unsigned)width : WIDTH_DEFAULT;
}

void ml_output_init(struct ml_output *out, FILE *stream, enum ml_color color)
{
    int fd = fileno(stream);
    bool terminal = fd >= 0 && isatty(fd);
    *out = (struct ml_output){
        .stream = stream,
        .terminal = terminal,
        .color = color == ML_COLOR_ALWAYS ||
                 (color == ML_COLOR_AUTO && terminal && terminal_has_colors()),
        .utf8 = locale_is_utf8(),
        .width = terminal ? terminal_width(fd) : 0,
    };
}

void ml_output_raw(struct ml_output *out, const void *data, size_t len)
{
    if (out->error_number || len == 0)
        return;
    errno = 0;
    if (fwrite(data, 1, len, out->stream) != len)
        out->error_number = errno ? errno : EIO;
}

static void write_text(struct ml_output *out, const char *text)
{
    ml_output_raw(out, text, strlen(text));
}

/* ECMA-48 SGR; basic colours only, which every theme makes readable. */
static const char *role_start(enum ml_role role)
{
    switch (role) {
    case ML_ROLE_GOOD:
        return "\033[32m";
    case ML_ROLE_BAD:
        return "\033[1;31m";
    case ML_ROLE_WARN:
        return "\033[33m";
    case ML_ROLE_DIM:
        return "\033[2m";
    case ML_ROLE_EMPHASIS:
        return "\033[1m";
    default:
        return "";
    }
}

void ml_output_bytes(struct ml_output *out, enum ml_role role, const char *text, size_t len)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    if (len == 0)
        return;
    if (ml_display_escape(&shown, text, len) < 0) {
        out->error_number = out->error_number ? out->error_number : ENOMEM;
        return;
    }
    bool colored = out->color && role != ML_ROLE_PLAIN;
    if (colored)
        write_text(out, role_start(role));
    ml_output_raw(out, shown.data, shown.len);
    if (colored)
        write_text(out, "\033[0m");
}

ML_PRINTF(3, 0)
static void write_formatted(struct ml_output *out, enum ml_role role, const char *format,
                            va_list args)
{
    ML_CLEANUP(ml_freep) char *text = NULL;
    int len = vasprintf(&text, format, args);
    if (len >= 0) {
        ml_output_bytes(out, role, text, (size_t)len);
        return;
    }
    text = NULL; /* undefined after a failure */
    out->error_number = out->error_number ? out->error_number : ENOMEM;
}

void ml_output_text(struct ml_output *out, enum ml_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_formatted(out, role, format, args);
    va_end(args);
}

void ml_output_line(struct ml_output *out, enum ml_role role, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    write_formatted(out, role, format, args);
    va_end(args);
    ml_output_newline(out);
}

void ml_output_newline(struct ml_output *out)
{
    write_text(out, "\n");
}

void ml_output_spaces(struct ml_output *out, size_t count)
{
    static const char spaces[] = "                                ";
    for (; count > sizeof spaces - 1; count -= sizeof spaces - 1)
        write_text(out, spaces);
    ml_output_raw(out, spaces, count);
}

void ml_output_wrapped(struct ml_output *out, unsigned indent, const char *text)
{
    size_t limit = out->width ? out->width : WIDTH_DEFAULT, column = indent;
    if (limit > WRAP_MOST)
        limit = WRAP_MOST;
    while (*text) {
        size_t len = strcspn(text, " "), width = ml_display_width(text, len);
        if (column > indent && column + 1 + width > limit) {
            ml_output_newline(out);
            ml_output_spaces(out, indent);
            column = indent;
        } else if (column > indent) {
            ml_output_spaces(out, 1);
            column++;
        }
        ml_output_bytes(out, ML_ROLE_PLAIN, text, len);
        column += width;
        text += len + strspn(text + len, " ");
    }
    ml_output_newline(out);
}

void ml_output_json(struct ml_output *out, const json_t *json)
{
    size_t flags = JSON_ENCODE_ANY | (out->terminal ? JSON_INDENT(2) : JSON_COMPACT);
    ML_CLEANUP(ml_freep) char *text = json_dumps(json, flags);
    ML_CLEANUP(ml_buf_release) struct ml_buf shown = {0};
    if (!text || ml_display_escape_json(&shown, text, strlen(text)) < 0) {
        out->error_number = out->error_number ? out->error_number : ENOMEM;
        return;
    }
    ml_output_raw(out, shown.data, shown.len);
    ml_output_newline(out);
}

int ml_output_check(const struct ml_output *out)
{
    if (!out->error_number)
        return MLEDGER_OK;
    return ml_fail_errno(out->error_number, "cannot write the answer");
}

int ml_output_finish(struct ml_output *out)
{
    if (!out->error_number && fflush(out->stream) != 0)
        out->error_number = errno ? errno : EIO;
    return ml_output_check(out);
}
