/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_label.h"

#include "export/text_clean.h"

/* Points that `text` takes, with air for fonts that are wider than Helvetica. */
static unsigned cell_width(const char *text, const struct ml_label_line *line)
{
    uint64_t thousandths = (uint64_t)ml_text_width(text) * line->points;
    return (unsigned)(thousandths * (line->bold ? 125 : 118) / 100000) + 1;
}

int ml_label_append_cell(const struct ml_label_line *line, const char *attributes,
                         struct ml_buf *buf)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *shown;
    ML_TRY(ml_text_shorten(line->text, line->max_chars, &text));
    if (!text.len)
        ML_TRY(ml_buf_append_char(&text, ' ')); /* an empty <FONT> is a syntax error */
    ML_TRY(ml_text_end(&text, &shown));
    ML_TRY(ml_buf_printf(buf, "<TD%s WIDTH=\"%u\"%s><FONT POINT-SIZE=\"%u\"",
                         line->left ? " ALIGN=\"LEFT\"" : "", cell_width(shown, line), attributes,
                         line->points));
    if (line->color)
        ML_TRY(ml_buf_printf(buf, " COLOR=\"%s\"", line->color));
    ML_TRY(ml_buf_append_text(buf, line->bold ? "><B>" : ">"));
    ML_TRY(ml_text_append_html(shown, buf));
    return ml_buf_append_text(buf, line->bold ? "</B></FONT></TD>" : "</FONT></TD>");
}

int ml_label_append(const struct ml_label_line *lines, size_t count, unsigned lid,
                    struct ml_buf *buf)
{
    static const struct ml_label_line blank = {.text = " ", .max_chars = 3, .points = 8};
    ML_TRY(ml_buf_append_text(
        buf, "<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"0\">"));
    if (lid)
        ML_TRY(ml_buf_printf(buf, "<TR><TD HEIGHT=\"%u\"></TD></TR>", lid));
    for (size_t i = 0; i < (count ? count : 1); i++) {
        ML_TRY(ml_buf_append_text(buf, "<TR>"));
        ML_TRY(ml_label_append_cell(count ? &lines[i] : &blank, "", buf));
        ML_TRY(ml_buf_append_text(buf, "</TR>"));
    }
    return ml_buf_append_text(buf, "</TABLE>>");
}
