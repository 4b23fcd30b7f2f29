/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_layout.h"

#include <dlfcn.h>
#include <graphviz/gvc.h>
#include <stdio.h>

#include "export/draw_names.h"

/* Graphviz's messages, joined: one warning comes as up to three calls. One child, one thread. */
static char messages[512];

static int note_message(char *text)
{
    size_t len = strlen(messages);
    for (; *text && len + 1 < sizeof messages; text++)
        messages[len++] = (char)(*text == '\n' ? ' ' : *text);
    while (len && messages[len - 1] == ' ' && (len == 1 || messages[len - 2] == ' '))
        len--;
    messages[len] = '\0';
    return 0;
}

/* Begins to watch; the sentences so far are forgotten. */
static void watch_messages(void)
{
    messages[0] = '\0';
    agseterrf(note_message);
    agreseterrors();
}

static int check_messages(const char *what)
{
    if (agerrors() < AGERR)
        return MLEDGER_OK; /* a warning, such as "no hard-coded metrics" */
    return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot %s: %s", what,
                   messages[0] ? messages : "it does not say why");
}

/* ---- reading the graph ---- */

/* What agread() reads from. */
struct source {
    const char *text;
    size_t left;
};

static int read_source(void *channel, char *buf, int size)
{
    struct source *source = channel;
    size_t take = (size_t)size < source->left ? (size_t)size : source->left;
    memcpy(buf, source->text, take);
    source->text += take;
    source->left -= take;
    return (int)take;
}

static int read_graph(const char *dot, Agraph_t **ret_graph)
{
    Agiodisc_t io = AgIoDisc;
    struct source source = {dot, strlen(dot)};
    io.afread = read_source;
    Agdisc_t disc = {&AgMemDisc, ml_draw_names(), &io};
    Agraph_t *graph = agread(&source, &disc);
    if (!graph) {
        ML_TRY(check_messages("read the graph"));
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot read the graph");
    }
    *ret_graph = graph;
    return MLEDGER_OK;
}

/* ---- the ladder ---- */

struct setting {
    const char *name, *value;
};

#define SETTINGS_MAX 4

struct rung {
    size_t nodes_max;
    uint32_t deadline_ms; /* 0: what is left */
    struct setting settings[SETTINGS_MAX];
};

static const struct rung rungs[ML_LAYOUT_RUNGS] = {
    [ML_LAYOUT_BEST] = {1000, 5000, {{NULL, NULL}}},
    [ML_LAYOUT_GOOD] = {3000, 15000, {{"nslimit", "1"}, {"nslimit1", "1"}}},
    [ML_LAYOUT_COARSE] =
        {ML_LAYOUT_NODES_MAX,
         0,
         {{"nslimit", "0.1"}, {"nslimit1", "0.1"}, {"mclimit", "0.1"}, {"splines", "line"}}},
};

/* Graphviz 2.42 takes `char *` where it only reads. */
static char *unconst(const char *text)
{
    union {
        const char *in;
        char *out;
    } pointer = {.in = text};
    return pointer.out;
}

static void set(Agraph_t *graph, const char *name, const char *value)
{
    agattr(graph, AGRAPH, unconst(name), unconst(value));
}

/* ---- the work of the child ---- */

struct format {
    const char *name;
    const char *largest; /* inches; larger pictures are scaled down. NULL: any size */
};

static const struct format formats[] = {
    [ML_PICTURE_SVG] = {"svg", NULL},
    [ML_PICTURE_PNG] = {"png", "100,100"}, /* 9600 x 9600 pixels: 370 MB while drawing */
    [ML_PICTURE_PDF] = {"pdf", "200,200"}, /* PDF 1.7, annex C: 14400 units */
};

static int load_plugin(const char *path, const char *symbol, void **ret_library)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *library = handle ? dlsym(handle, symbol) : NULL;
    if (!library) {
        const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe): a child has one thread */
        return ml_fail(MLEDGER_ESYSTEM, "cannot load a plugin of Graphviz: %s", reason);
    }
    *ret_library = library;
    return MLEDGER_OK;
}

/* For SVG the two plugins that it takes, and none that looks for fonts. */
static int open_context(enum ml_picture_format format, GVC_t **ret_context)
{
    static lt_symlist_t builtins[] = {
        {"gvplugin_dot_layout_LTX_library", NULL},
        {"gvplugin_core_LTX_library", NULL},
        {NULL, NULL},
    };
    if (format == ML_PICTURE_SVG) {
        ML_TRY(load_plugin(ML_GVPLUGIN_DOT_LAYOUT, builtins[0].name, &builtins[0].address));
        ML_TRY(load_plugin(ML_GVPLUGIN_CORE, builtins[1].name, &builtins[1].address));
    }
    GVC_t *context = format == ML_PICTURE_SVG ? gvContextPlugins(builtins, 0) : gvContext();
    if (!context)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot start");
    *ret_context = context;
    return MLEDGER_OK;
}

static int render(GVC_t *context, Agraph_t *graph, const char *format, struct ml_buf *ret_picture)
{
    char *data = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&data, &len);
    if (!stream)
        return ml_fail_memory();
    int failed = gvRender(context, graph, format, stream);
    if (fclose(stream) != 0)
        return ml_fail_memory();
    ML_TRY(check_messages("draw the graph"));
    if (failed || !len)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot draw %s: %s", format,
                       messages[0] ? messages : "nothing came out");
    return ml_buf_append(ret_picture, data, len);
}

struct attempt {
    const struct ml_layout_job *job;
    enum ml_layout_rung rung;
};

/* Frees nothing: the process ends right after. */
static int draw(const void *pointer, struct ml_buf *ret_picture)
{
    const struct attempt *attempt = pointer;
    const struct format *format = &formats[attempt->job->format];
    GVC_t *context = NULL;
    Agraph_t *graph = NULL;
    watch_messages();
    ML_TRY(open_context(attempt->job->format, &context));
    ML_TRY(read_graph(attempt->job->dot, &graph));
    const struct setting *settings = rungs[attempt->rung].settings;
    for (size_t i = 0; i < SETTINGS_MAX && settings[i].name; i++)
        set(graph, settings[i].name, settings[i].value);
    if (format->largest)
        set(graph, "size", format->largest);
    int failed = gvLayout(context, graph, "dot");
    ML_TRY(check_messages("lay out the graph"));
    if (failed)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot lay out the graph: %s", messages);
    return render(context, graph, format->name, ret_picture);
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

static int climb(const struct ml_layout_job *job, const struct ml_draw_limits *limits,
                 struct ml_buf *picture, enum ml_layout_rung *ret_rung)
{
    uint64_t deadline = ml_child_clock_ms() + limits->deadline_ms;
    struct attempt attempt = {job, first_rung(job->node_count)};
    struct ml_child_limits most = {.memory_bytes = limits->memory_bytes,
                                   .answer_bytes = limits->picture_bytes};
    for (;; attempt.rung++) {
        enum ml_child_end end;
        uint64_t now = ml_child_clock_ms();
        uint32_t left = now < deadline ? (uint32_t)(deadline - now) : 0;
        uint32_t own = rungs[attempt.rung].deadline_ms;
        most.deadline_ms = own && own < left ? own : left;
        int result = ml_child_run(draw, &attempt, &most, picture, &end);
        if (result >= 0) {
            *ret_rung = attempt.rung;
            return result;
        }
        if (attempt.rung + 1 == ML_LAYOUT_RUNGS || !worth_another(end) || most.deadline_ms == left)
            return result;
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
