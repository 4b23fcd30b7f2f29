/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A pipeline's snapshot as a drawing: the graph that `dvc dag` shows, with what the ledger holds
 * beyond it: short digests of what each stage made, sources from other repositories, and which
 * stages disagree with their files. Every edge bears the seq of the snapshot's record.
 */
#ifndef ML_EXPORT_DRAW_PIPELINE_H
#define ML_EXPORT_DRAW_PIPELINE_H

#include "export/draw_frame.h"
#include "export/pipeline_edges.h"

/* Borrowed for the call. */
struct ml_draw_pipeline {
    struct ml_pipeline_stages stages;
    Mledger__Disagreement *const *disagreements;
    size_t n_disagreements;
    uint64_t seq; /* the record of the snapshot */
    bool outs;    /* draw outputs instead of stages */
};

/* Initialises *ret_drawing in any case, to be released. Limits and errors as export/drawing.h and
 * export/pipeline_edges.h. */
int ml_draw_pipeline(const struct ml_draw_pipeline *pipeline, const struct ml_draw_frame *frame,
                     struct ml_drawing *ret_drawing) ML_MUST_USE;

#endif
