/* SPDX-License-Identifier: Apache-2.0 */
#include "export/shell.h"

#include <stdarg.h>
#include <stdio.h>

int ml_shell_quote(const char *text, struct ml_buf *out)
{
    ML_TRY(ml_buf_append_char(out, '\''));
    for (;;) {
        size_t len = strcspn(text, "'");
        ML_TRY(ml_buf_append(out, text, len));
        if (!text[len])
            return ml_buf_append_char(out, '\'');
        ML_TRY(ml_buf_append_text(out, "'\\''"));
        text += len + 1;
    }
}

/* Control characters of ASCII, and the bytes that begin those of Unicode that turn or hide text:
 * U+0080 to U+009F, U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF. */
static size_t unseen(const char *text)
{
    const uint8_t *at = (const uint8_t *)text;
    if (at[0] < 0x20 || at[0] == 0x7f)
        return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)
        return 2;
    if (at[0] == 0xe2 && at[1] == 0x80 &&
        ((at[2] >= 0x8b && at[2] <= 0x8f) || (at[2] >= 0xa8 && at[2] <= 0xae)))
        return 3;
    if (at[0] == 0xe2 && at[1] == 0x81 && at[2] >= 0xa0)
        return 3;
    return at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf ? 3 : 0;
}

static int append_clean(struct ml_buf *out, const char *text)
{
    while (*text) {
        size_t skip = unseen(text);
        ML_TRY(ml_buf_append_char(out, skip ? '?' : *text));
        text += skip ? skip : 1;
    }
    return ml_buf_append_char(out, '\n');
}

int ml_shell_comment(struct ml_buf *out, const char *format, ...)
{
    ML_CLEANUP(ml_freep) char *text = NULL;
    va_list args;
    va_start(args, format);
    const int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0) {
        text = NULL; /* undefined after a failure */
        return ml_fail_memory();
    }
    ML_TRY(ml_buf_append_text(out, "# "));
    return append_clean(out, text);
}
