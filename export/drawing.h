/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drawing: what a picture of lineage, of a pipeline or of a difference shows, before any
 * decision about lines and places. Answers are turned into a drawing; a drawing is turned into
 * SVG, PNG, PDF or DOT. It knows nothing of records beyond the seqs it is told.
 *
 * Text may come from anywhere: ml_drawing_add_*() cleans it (export/text_clean.h), so that what
 * the drawing holds is valid UTF-8 without control characters.
 *
 * Ownership: all text and arrays are copied; the drawing owns the copies until
 * ml_drawing_release(). Order is meaning: nodes and edges are drawn in the order they were added,
 * so the same calls give the same bytes (of one Graphviz version, and for PNG and PDF with the same
 * fonts).
 *
 * Threads: one drawing belongs to one thread at a time. Rendering runs Graphviz in a child
 * process (export/draw_child.h), so different drawings may be rendered on many threads.
 */
#ifndef ML_EXPORT_DRAWING_H
#define ML_EXPORT_DRAWING_H

#include "ledger/core/base.h"

/* Limits on what is added; beyond them the call fails with MLEDGER_EINVALID. */
#define ML_DRAW_NODES_MAX ((size_t)1000000)
#define ML_DRAW_EDGES_MAX ((size_t)4000000)
#define ML_DRAW_TITLES_MAX ((size_t)8)
#define ML_DRAW_TICKS_MAX ((size_t)1000)
#define ML_DRAW_LINES ((size_t)3)
/* Readable on one page; what the commands fold to unless told otherwise. */
#define ML_DRAW_NODES_READABLE ((size_t)150)

enum ml_draw_kind {
    ML_DRAW_DATASET,
    ML_DRAW_CODE,
    ML_DRAW_PARAMS,
    ML_DRAW_PIPELINE_STAGE,
    ML_DRAW_RUN,
    ML_DRAW_FILE, /* that nothing here made: source code, a download */
    ML_DRAW_ARTIFACT,
    ML_DRAW_LOGGED_MODEL,
    ML_DRAW_MODEL_VERSION,
    ML_DRAW_VALIDATION,
    ML_DRAW_APPROVAL,
    ML_DRAW_MODEL_STAGE,
    ML_DRAW_DEPLOYMENT,
    ML_DRAW_INCIDENT,
    ML_DRAW_ACTOR,
    ML_DRAW_SOURCE, /* another repository, a URL: outside the ledger */
    ML_DRAW_GROUP,  /* several nodes folded into one */
    ML_DRAW_KINDS
};

/* What stands behind an edge (docs: the three edge kinds of lineage). */
enum ml_draw_edge_style {
    ML_DRAW_RECORDED,     /* a record says so: solid */
    ML_DRAW_SAME_CONTENT, /* two records name the same digest: dashed */
    ML_DRAW_INFERRED,     /* computed from the records, with grounds: dotted */
    ML_DRAW_EDGE_STYLES
};

/* In a picture of a difference. */
enum ml_draw_change {
    ML_DRAW_UNCHANGED,
    ML_DRAW_ADDED,
    ML_DRAW_REMOVED,
    ML_DRAW_CHANGED,
    ML_DRAW_CHANGES
};

struct ml_draw_node {
    const char *name;                 /* readable, unique: "run:run-0042"; required */
    const char *lines[ML_DRAW_LINES]; /* name; version or short digest; time or actor. NULL: none */
    const char *path;                 /* what folding goes by; NULL: lines[0] */
    const char *tooltip;              /* full names and digests; NULL: none */
    const char *anchor;               /* fragment to link to, without '#': "e1201"; NULL: none */
    enum ml_draw_kind kind;
    enum ml_draw_change change;
    bool start;                /* what was asked about */
    bool highlighted;          /* on the affected path */
    bool dimmed;               /* shown for context, not affected */
    size_t cluster;            /* what ml_drawing_add_cluster() gave; 0: none */
    size_t tick;               /* what ml_drawing_add_tick() gave; 0: none */
    int64_t first_us, last_us; /* when it was recorded; of a group from when to when. 0: untold */
    /* Of a group: what it folds and how many of them. */
    enum ml_draw_kind members_kind;
    size_t members;
};

struct ml_draw_edge {
    size_t from, to;      /* indexes of nodes added before */
    const char *label;    /* role: "training"; NULL: none */
    const char *tooltip;  /* grounds: "commit 0123…; parameters equal 3 of 4"; NULL: none */
    const uint64_t *seqs; /* of the records that assert it */
    size_t seq_count;
    enum ml_draw_edge_style style;
    enum ml_draw_change change;
    bool highlighted;
    size_t times; /* how many edges a folded one stands for; 0 and 1: itself */
};

struct ml_draw_cluster {
    const char *label;
    bool dashed; /* unaffected, archived */
};

struct ml_drawing {
    const char *titles[ML_DRAW_TITLES_MAX]; /* query, ledger id, head seq and hash, as of */
    size_t title_count;
    struct ml_draw_node *nodes;
    size_t node_count, node_cap;
    struct ml_draw_edge *edges;
    size_t edge_count, edge_cap;
    struct ml_draw_cluster *clusters;
    size_t cluster_count, cluster_cap;
    const char **ticks; /* labels of the time axis, left to right */
    size_t tick_count, tick_cap;
    bool legend;                  /* draw the legend */
    bool dated;                   /* draw a time axis: export/draw_axis.h */
    const char *highlighted;      /* legend text: "reached by the tainted dataset" */
    const char *folded;           /* set by folding: "4172 nodes drawn as 12; …" */
    bool has_record;              /* one record stands behind every line: */
    uint64_t record;              /* this, which the legend names once for all of them */
    const char *as_of_time;       /* RFC 3339, of the newest record looked at; NULL: not told */
    struct ml_draw_block *memory; /* owns all text */
};

/* An empty drawing, with a legend. */
void ml_drawing_init(struct ml_drawing *drawing);
void ml_drawing_release(struct ml_drawing *drawing);

/* Each copies what it is given and cleans its text. Clusters and ticks are numbered from 1, nodes
 * from 0. MLEDGER_EINVALID beyond a limit above or for a number that was not given out,
 * MLEDGER_ESYSTEM when memory is out. */
int ml_drawing_add_title(struct ml_drawing *drawing, const char *line) ML_MUST_USE;
int ml_drawing_add_cluster(struct ml_drawing *drawing, const char *label, bool dashed,
                           size_t *ret_number) ML_MUST_USE;
int ml_drawing_add_tick(struct ml_drawing *drawing, const char *label,
                        size_t *ret_number) ML_MUST_USE;
int ml_drawing_add_node(struct ml_drawing *drawing, const struct ml_draw_node *node,
                        size_t *ret_index) ML_MUST_USE;
/* Parallel edges of one style are drawn as one: roles joined, seqs united. */
int ml_drawing_add_edge(struct ml_drawing *drawing, const struct ml_draw_edge *edge) ML_MUST_USE;
int ml_drawing_set_highlighted(struct ml_drawing *drawing, const char *text) ML_MUST_USE;
int ml_drawing_set_folded(struct ml_drawing *drawing, const char *text) ML_MUST_USE;
int ml_drawing_set_time(struct ml_drawing *drawing, const char *as_of_time) ML_MUST_USE;

/* Sets has_record and record, where there are so many lines that naming it on each would be noise.
 */
void ml_drawing_settle(struct ml_drawing *drawing);

/* The kind in words, for one and for several: "run", "runs". */
const char *ml_draw_kind_word(enum ml_draw_kind kind);
const char *ml_draw_kind_words(enum ml_draw_kind kind);

enum ml_picture_format {
    ML_PICTURE_SVG,
    ML_PICTURE_PNG,
    ML_PICTURE_PDF,
    ML_PICTURE_DOT,
    ML_PICTURE_MERMAID, /* export/mermaid.h */
};

/* What a picture may cost. ML_DRAW_LIMITS gives the defaults. */
struct ml_draw_limits {
    size_t max_nodes;      /* fold down to this many nodes; 0: never fold */
    uint32_t deadline_ms;  /* wall clock for all of it together */
    uint64_t memory_bytes; /* address space that drawing may take beyond what is in use */
    size_t picture_bytes;  /* largest picture, and largest SVG on the way to it */
};
#define ML_DRAW_LIMITS                                                                             \
    ((struct ml_draw_limits){.max_nodes = ML_DRAW_NODES_READABLE,                                  \
                             .deadline_ms = 300000,                                                \
                             .memory_bytes = (uint64_t)1 << 30,                                    \
                             .picture_bytes = (size_t)64 << 20})

/* Appends the picture to `picture` (owned by the caller). DOT and Mermaid are written without
 * Graphviz; DOT has no limit but folding. Errors, with nothing appended:
 *  MLEDGER_EUSAGE   too many nodes to lay out, even for the cheapest settings; or for Mermaid
 *  MLEDGER_ESYSTEM  out of memory, deadline passed, picture too large, Graphviz failed or crashed
 *                   or lacks the format */
int ml_drawing_render(const struct ml_drawing *drawing, enum ml_picture_format format,
                      const struct ml_draw_limits *limits, struct ml_buf *picture) ML_MUST_USE;

#endif
