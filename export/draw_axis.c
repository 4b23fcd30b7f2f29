/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_axis.h"

#include "export/draw_level.h"
#include "export/text_clean.h"
#include "ledger/core/time.h"

struct column {
    int64_t first_us, last_us; /* 0: nothing in it is dated, but for context */
};

static void cover(struct column *column, const struct ml_draw_node *node)
{
    if (!node->last_us || node->dimmed)
        return;
    if (!column->last_us || node->first_us < column->first_us)
        column->first_us = node->first_us;
    if (node->last_us > column->last_us)
        column->last_us = node->last_us;
}

/* "2025-02-06", "2025-02-06 … 2025-11-10" */
static int add_tick(struct ml_drawing *drawing, const struct column *column)
{
    enum { DAY = sizeof "2025-02-06" - 1 };
    ML_CLEANUP(ml_buf_release) struct ml_buf label = {0};
    char first[ML_TIME_TEXT_SIZE], last[ML_TIME_TEXT_SIZE];
    const char *text;
    size_t number;
    if (!column->last_us)
        return ml_drawing_add_tick(drawing, " ", &number);
    ML_TRY(ml_time_format(column->first_us, first));
    ML_TRY(ml_time_format(column->last_us, last));
    ML_TRY(ml_buf_append(&label, first, DAY));
    if (memcmp(first, last, DAY) != 0)
        ML_TRY(ml_buf_printf(&label, " \xe2\x80\xa6 %.*s", DAY, last));
    ML_TRY(ml_text_end(&label, &text));
    return ml_drawing_add_tick(drawing, text, &number);
}

static int add_ticks(struct ml_drawing *drawing, const size_t *level, const bool *placed)
{
    size_t count = 0;
    for (size_t i = 0; i < drawing->node_count; i++)
        if (placed[i] && level[i] >= count)
            count = level[i] + 1;
    if (count < 2 || count > ML_DRAW_TICKS_MAX)
        return MLEDGER_OK;
    ML_CLEANUP(ml_freep) struct column *columns = ml_calloc(count, sizeof *columns);
    if (!columns)
        return ml_fail_memory();
    for (size_t i = 0; i < drawing->node_count; i++)
        if (placed[i])
            cover(&columns[level[i]], &drawing->nodes[i]);
    for (size_t i = 0; i < count; i++)
        ML_TRY(add_tick(drawing, &columns[i]));
    for (size_t i = 0; i < drawing->node_count; i++)
        drawing->nodes[i].tick = placed[i] ? level[i] + 1 : 0;
    return MLEDGER_OK;
}

int ml_draw_axis(struct ml_drawing *drawing)
{
    ML_CLEANUP(ml_groups_release) struct ml_groups nodes = {0};
    ML_TRY(ml_groups_init(&nodes, drawing));
    ML_CLEANUP(ml_freep) size_t *level = ml_calloc(nodes.count + 1, sizeof *level);
    ML_CLEANUP(ml_freep) bool *placed = ml_calloc(nodes.count + 1, sizeof *placed);
    if (!level || !placed)
        return ml_fail_memory();
    ML_TRY(ml_level_column(&nodes, level, placed));
    return add_ticks(drawing, level, placed);
}
