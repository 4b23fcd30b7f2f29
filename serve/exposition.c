/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/exposition.h"

#include <math.h>

int ml_exposition_family(struct ml_buf *text, const char *name, const char *type, const char *help)
{
    return ml_buf_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Backslash, quotation mark and line feed are escaped in the value of a label. */
static int append_value(struct ml_buf *text, const char *value)
{
    for (; *value; value++) {
        if (*value == '\n')
            ML_TRY(ml_buf_append_text(text, "\\n"));
        else if (*value == '\\' || *value == '"')
            ML_TRY(ml_buf_printf(text, "\\%c", *value));
        else
            ML_TRY(ml_buf_append_char(text, *value));
    }
    return MLEDGER_OK;
}

static int append_labels(struct ml_buf *text, const struct ml_exposition_label *labels)
{
    for (size_t i = 0; labels && labels[i].name; i++) {
        ML_TRY(ml_buf_printf(text, "%c%s=\"", i == 0 ? '{' : ',', labels[i].name));
        ML_TRY(append_value(text, labels[i].value));
        ML_TRY(ml_buf_append_char(text, '"'));
    }
    return labels && labels[0].name ? ml_buf_append_char(text, '}') : MLEDGER_OK;
}

int ml_exposition_sample(struct ml_buf *text, const char *name,
                         const struct ml_exposition_label *labels, double value)
{
    ML_TRY(ml_buf_append_text(text, name));
    ML_TRY(append_labels(text, labels));
    if (isnan(value))
        return ml_buf_append_text(text, " NaN\n");
    if (isinf(value))
        return ml_buf_append_text(text, value < 0 ? " -Inf\n" : " +Inf\n");
    return ml_buf_printf(text, " %.15g\n", value);
}

int ml_exposition_single(struct ml_buf *text, const char *name, const char *type, const char *help,
                         double value)
{
    ML_TRY(ml_exposition_family(text, name, type, help));
    return ml_exposition_sample(text, name, NULL, value);
}
