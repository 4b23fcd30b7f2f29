/* SPDX-License-Identifier: Apache-2.0 */
/* What a node of lineage says of itself in a picture: three short lines, the rest in its tooltip.
 * Private to draw_lineage.c. */
#ifndef ML_EXPORT_DRAW_LINEAGE_TEXT_H
#define ML_EXPORT_DRAW_LINEAGE_TEXT_H

#include "export/drawing.h"
#include "ledger/query/graph.h"

/* Texts are owned, and as unclean as what they come from. */
struct ml_lineage_text {
    char *lines[ML_DRAW_LINES]; /* name; what tells it from others of that name; seq and actors */
    char *tooltip;              /* id, attributes, digests and how they are known */
};
void ml_lineage_text_release(struct ml_lineage_text *text);

/* `actors`: who did it, or NULL. MLEDGER_ESYSTEM: memory is out. `*ret_text` is to be released in
 * any case. */
int ml_lineage_text(const struct ml_node *node, const char *actors,
                    struct ml_lineage_text *ret_text) ML_MUST_USE;

#endif
