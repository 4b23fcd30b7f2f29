/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/outline.h"

void ml_outline_init(struct ml_outline *outline, struct ml_output *out)
{
    *outline = (struct ml_outline){.out = out};
}

void ml_outline_release(struct ml_outline *outline)
{
    if (!outline)
        return;
    free(outline->open);
    *outline = (struct ml_outline){0};
}

int ml_outline_branch(struct ml_outline *outline, size_t depth, bool last)
{
    struct ml_output *out = outline->out;
    ML_TRY(ml_grow(&outline->open, &outline->cap, depth + 1, sizeof *outline->open));
    outline->open[depth] = !last;
    for (size_t i = 1; i < depth; i++)
        ml_output_text(out, ML_ROLE_DIM, "%s",
                       !outline->open[i] ? "   "
                       : out->utf8       ? "│  "
                                         : "|  ");
    if (depth > 0)
        ml_output_text(out, ML_ROLE_DIM, "%s",
                       out->utf8 ? (last ? "└─ " : "├─ ") : (last ? "`- " : "|- "));
    return MLEDGER_OK;
}
