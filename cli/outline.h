/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tree drawn as text, node by node in preorder:
 *
 *     churn/3
 *     ├─ run 4f2a
 *     │  └─ data/train.csv
 *     └─ approved by ada
 *
 * Before each node ml_outline_branch() draws the connectors; the caller then writes the node's
 * text and newline. Under a locale that is not UTF-8 the connectors are |-, `- and |.
 */
#ifndef ML_CLI_OUTLINE_H
#define ML_CLI_OUTLINE_H

#include "cli/output.h"

struct ml_outline {
    struct ml_output *out; /* borrowed */
    bool *open;            /* by depth: whether a sibling is still to come there */
    size_t cap;
};

void ml_outline_init(struct ml_outline *outline, struct ml_output *out);
void ml_outline_release(struct ml_outline *outline);

/* Depth 0 is a root and has no connector; a node may be at most one deeper than the one before
 * it. `last`: no sibling follows. MLEDGER_ESYSTEM: out of memory. */
int ml_outline_branch(struct ml_outline *outline, size_t depth, bool last) ML_MUST_USE;

#endif
