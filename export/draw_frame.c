/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_frame.h"

#include <inttypes.h>

#include "export/text_clean.h"
#include "ledger/core/hex.h"

/* Enough to find a ledger or a record by, not to pin it: that takes the whole. */
enum { SHORT_BYTES = 8 };

static int add_title(struct ml_drawing *drawing, struct ml_buf *line)
{
    const char *text;
    ML_TRY(ml_text_end(line, &text));
    return ml_drawing_add_title(drawing, text);
}

int ml_draw_frame(const struct ml_draw_frame *frame, struct ml_drawing *drawing)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf ledger = {0}, moment = {0};
    char identity[ML_HEX_SIZE(SHORT_BYTES)], link[ML_HEX_SIZE(SHORT_BYTES)];
    ml_hex_encode(identity, frame->identity, SHORT_BYTES);
    ml_hex_encode(link, frame->head_link, SHORT_BYTES);
    ML_TRY(ml_drawing_add_title(drawing, frame->query));
    ML_TRY(ml_buf_printf(
        &ledger, "ledger %s, identity %s\xe2\x80\xa6; head #%" PRIu64 ", link %s\xe2\x80\xa6",
        frame->ledger, identity, frame->head_seq, link));
    ML_TRY(add_title(drawing, &ledger));
    ML_TRY(
        ml_buf_printf(&moment, "as of record #%" PRIu64 ", %s", frame->as_of, frame->as_of_time));
    ML_TRY(ml_drawing_set_time(drawing, frame->as_of_time));
    return add_title(drawing, &moment);
}
