/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_look.h"

#define BLACK "#000000"
#define WHITE "#FFFFFF"
#define SKY "#56B4E9"
#define YELLOW "#F0E442"
#define ORANGE "#E69F00"
#define GREEN "#009E73"
#define PURPLE "#CC79A7"
#define BLUE "#0072B2"
#define VERMILLION "#D55E00"
#define GREY "#DDDDDD"

#define NORMAL "0.12,0.06"

static const struct ml_look_kind kinds[ML_DRAW_KINDS] = {
    [ML_DRAW_DATASET] = {"cylinder", "filled", SKY, BLACK, "0.12,0.06", 8},
    [ML_DRAW_CODE] = {"note", "filled", YELLOW, BLACK, NORMAL, 0},
    [ML_DRAW_PARAMS] = {"tab", "filled", GREY, BLACK, NORMAL, 0},
    [ML_DRAW_PIPELINE_STAGE] = {"box", "filled,rounded", WHITE, BLACK, NORMAL, 0},
    [ML_DRAW_RUN] = {"box", "filled", WHITE, BLACK, NORMAL, 0},
    [ML_DRAW_FILE] = {"note", "filled", WHITE, BLACK, NORMAL, 0},
    [ML_DRAW_ARTIFACT] = {"component", "filled", ORANGE, BLACK, "0.16,0.06", 0},
    [ML_DRAW_LOGGED_MODEL] = {"component", "filled", GREEN, BLACK, "0.16,0.06", 0},
    [ML_DRAW_MODEL_VERSION] = {"box3d", "filled", GREEN, BLACK, "0.14,0.07", 3},
    [ML_DRAW_VALIDATION] = {"hexagon", "filled", PURPLE, BLACK, "0.05,0.05", 0},
    [ML_DRAW_APPROVAL] = {"octagon", "filled", PURPLE, BLACK, "0.06,0.05", 0},
    [ML_DRAW_MODEL_STAGE] = {"cds", "filled", PURPLE, BLACK, "0.16,0.12", 0},
    [ML_DRAW_DEPLOYMENT] = {"doubleoctagon", "filled", BLUE, WHITE, "0.06,0.05", 0},
    [ML_DRAW_INCIDENT] = {"invhouse", "filled", VERMILLION, BLACK, "0.05,0.03", 0},
    [ML_DRAW_ACTOR] = {"house", "filled", WHITE, BLACK, "0.05,0.03", 0},
    [ML_DRAW_SOURCE] = {"ellipse", "filled", WHITE, BLACK, "0.02,0.03", 0},
    [ML_DRAW_GROUP] = {"folder", "filled,dashed", "#EEEEEE", BLACK, NORMAL, 0},
};

const struct ml_look_kind *ml_look_kind(enum ml_draw_kind kind)
{
    return &kinds[kind];
}

static const struct ml_look_edge edges[ML_DRAW_EDGE_STYLES] = {
    [ML_DRAW_RECORDED] = {"solid", "recorded"},
    [ML_DRAW_SAME_CONTENT] = {"dashed", "same content"},
    [ML_DRAW_INFERRED] = {"dotted", "inferred"},
};

const struct ml_look_edge *ml_look_edge(enum ml_draw_edge_style style)
{
    return &edges[style];
}

static const struct ml_look_change changes[ML_DRAW_CHANGES] = {
    [ML_DRAW_UNCHANGED] = {"", "", "#333333", false},
    [ML_DRAW_ADDED] = {"+", "added", "#007A59", false},
    [ML_DRAW_REMOVED] = {"\xe2\x88\x92", "removed", "#555555", true}, /* U+2212 minus */
    [ML_DRAW_CHANGED] = {"~", "changed", BLUE, false},
};

const struct ml_look_change *ml_look_change(enum ml_draw_change change)
{
    return &changes[change];
}
