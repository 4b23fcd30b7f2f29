/* SPDX-License-Identifier: Apache-2.0 */
/* Pictures as text: the drawing that `lineage -o` makes of the same graph, not folded unless
 * Mermaid demands it. */
#include "export/draw_lineage.h"
#include "export/formats.h"
#include "ledger/core/time.h"

static int render(const struct ml_account *account, const struct ml_export_options *options,
                  enum ml_picture_format format, struct ml_buf *out)
{
    ML_CLEANUP(ml_drawing_release) struct ml_drawing drawing = {0};
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(account->head->recorded_us, time));
    const struct ml_draw_frame frame = {
        .query = options->query,
        .ledger = account->ledger,
        .identity = account->identity,
        .head_seq = account->head->seq,
        .head_link = account->head->link,
        .as_of = account->head->seq,
        .as_of_time = time,
    };
    struct ml_draw_limits limits = ML_DRAW_LIMITS;
    limits.max_nodes = 0;
    ML_TRY(ml_draw_lineage(account->graph, &frame, &drawing));
    return ml_drawing_render(&drawing, format, &limits, out);
}

int ml_export_mermaid(const struct ml_account *account, const struct ml_export_options *options,
                      struct ml_buf *out)
{
    return render(account, options, ML_PICTURE_MERMAID, out);
}

int ml_export_dot(const struct ml_account *account, const struct ml_export_options *options,
                  struct ml_buf *out)
{
    return render(account, options, ML_PICTURE_DOT, out);
}
