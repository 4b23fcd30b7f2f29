/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_layout.h"

#include "export/draw_graphviz.h"

/* ---- the ladder ---- */

#define SETTINGS_MAX 4

struct rung {
    size_t nodes_max;
    uint32_t cpu_seconds;
    size_t setting_count;
    struct ml_graphviz_setting settings[SETTINGS_MAX];
};

static const struct rung rungs[ML_LAYOUT_RUNGS] = {
    [ML_LAYOUT_BEST] = {1000, 5, 0, {{NULL, NULL}}},
    [ML_LAYOUT_GOOD] = {3000, 15, 2, {{"nslimit", "1"}, {"nslimit1", "1"}}},
    [ML_LAYOUT_COARSE] =
        {ML_LAYOUT_NODES_MAX,
         60,
         4,
         {{"nslimit", "0.1"}, {"nslimit1", "0.1"}, {"mclimit", "0.1"}, {"splines", "line"}}},
};

struct attempt {
    const struct ml_layout_job *job;
    enum ml_layout_rung rung;
};

static int draw(const void *pointer, struct ml_buf *ret_picture)
{
    const struct attempt *attempt = pointer;
    const struct rung *rung = &rungs[attempt->rung];
    const struct ml_graphviz_job job = {.dot = attempt->job->dot,
                                        .settings = rung->settings,
                                        .setting_count = rung->setting_count,
                                        .format = "svg"};
    return ml_graphviz_draw(&job, ret_picture);
}

static enum ml_layout_rung first_rung(size_t node_count)
{
    enum ml_layout_rung rung = ML_LAYOUT_BEST;
    while (rung + 1 < ML_LAYOUT_RUNGS && node_count > rungs[rung].nodes_max)
        rung++;
    return rung;
}

/* What another rung may cure. */
static bool worth_another(enum ml_child_end end)
{
    return end == ML_CHILD_TIMED_OUT || end == ML_CHILD_CRASHED;
}

/* Which rung it takes is a matter of the processor's time: a picture must not depend on how busy
 * the machine is. The clock only ends what has gone on for too long. */
static int climb(const struct ml_layout_job *job, const struct ml_draw_limits *limits,
                 struct ml_buf *picture, enum ml_layout_rung *ret_rung)
{
    uint64_t deadline = ml_child_clock_ms() + limits->deadline_ms;
    struct attempt attempt = {job, first_rung(job->node_count)};
    struct ml_child_limits most = {.deadline_ms = limits->deadline_ms,
                                   .memory_bytes = limits->memory_bytes,
                                   .answer_bytes = limits->picture_bytes};
    for (;; attempt.rung++) {
        enum ml_child_end end;
        most.cpu_seconds = rungs[attempt.rung].cpu_seconds;
        int result = ml_child_run(draw, &attempt, &most, picture, &end);
        if (result >= 0) {
            *ret_rung = attempt.rung;
            return result;
        }
        uint64_t now = ml_child_clock_ms();
        if (attempt.rung + 1 == ML_LAYOUT_RUNGS || !worth_another(end) || now >= deadline)
            return result;
        most.deadline_ms = (uint32_t)(deadline - now);
    }
}

int ml_layout_run(const struct ml_layout_job *job, const struct ml_draw_limits *limits,
                  struct ml_buf *picture, enum ml_layout_rung *ret_rung)
{
    if (job->node_count > ML_LAYOUT_NODES_MAX) {
        ml_fail(MLEDGER_EUSAGE, "%zu nodes are too many for a picture (at most %zu)",
                job->node_count, ML_LAYOUT_NODES_MAX);
        return ml_hint("ask for less with --depth, or for --format dot");
    }
    if (climb(job, limits, picture, ret_rung) >= 0)
        return MLEDGER_OK;
    ml_prefix("cannot draw %zu nodes", job->node_count);
    return ml_hint("ask for less with --depth, or for --format dot");
}
