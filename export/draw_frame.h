/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a printed picture citable: above it stands what was asked, of which ledger, and how
 * far that ledger went.
 */
#ifndef ML_EXPORT_DRAW_FRAME_H
#define ML_EXPORT_DRAW_FRAME_H

#include "export/drawing.h"

/* Borrowed for the call. */
struct ml_draw_frame {
    const char *query;        /* "lineage of churn/3" */
    const char *ledger;       /* its name */
    const uint8_t *identity;  /* 32 bytes */
    uint64_t head_seq;        /* the newest record */
    const uint8_t *head_link; /* 32 bytes */
    uint64_t as_of;           /* the newest record looked at */
    const char *as_of_time;   /* when that was recorded, RFC 3339 */
};

/* Adds the title lines. Errors as ml_drawing_add_title(). */
int ml_draw_frame(const struct ml_draw_frame *frame, struct ml_drawing *drawing) ML_MUST_USE;

#endif
