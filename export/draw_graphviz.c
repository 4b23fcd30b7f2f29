/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_graphviz.h"

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

static int check_messages(const struct ml_graphviz_job *job, const char *what)
{
    bool warned = job->images && messages[0];
    if (agerrors() < AGERR && !warned) /* what remains is such as "no hard-coded metrics" */
        return MLEDGER_OK;
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

static int read_graph(const struct ml_graphviz_job *job, Agraph_t **ret_graph)
{
    Agiodisc_t io = AgIoDisc;
    struct source source = {job->dot, strlen(job->dot)};
    io.afread = read_source;
    Agdisc_t disc = {&AgMemDisc, ml_draw_names(), &io};
    Agraph_t *graph = agread(&source, &disc);
    if (!graph) {
        ML_TRY(check_messages(job, "read the graph"));
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot read the graph");
    }
    *ret_graph = graph;
    return MLEDGER_OK;
}

/* ---- plugins ---- */

static int load_plugin(const char *path, lt_symlist_t *plugin)
{
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    plugin->address = handle ? dlsym(handle, plugin->name) : NULL;
    if (plugin->address)
        return MLEDGER_OK;
    const char *reason = dlerror(); /* NOLINT(concurrency-mt-unsafe): a child has one thread */
    return ml_fail(MLEDGER_ESYSTEM, "cannot load a plugin of Graphviz: %s", reason);
}

/* Those that it takes, by path: for SVG none that looks for fonts. */
static int open_context(bool images, GVC_t **ret_context)
{
    static lt_symlist_t plugins[] = {
        {"gvplugin_dot_layout_LTX_library", NULL},
        {"gvplugin_core_LTX_library", NULL},
        {NULL, NULL}, /* with images: the next two */
        {NULL, NULL},
        {NULL, NULL},
    };
    ML_TRY(load_plugin(ML_GVPLUGIN_DOT_LAYOUT, &plugins[0]));
    ML_TRY(load_plugin(ML_GVPLUGIN_CORE, &plugins[1]));
    if (images) {
        plugins[2].name = "gvplugin_pango_LTX_library";
        plugins[3].name = "gvplugin_rsvg_LTX_library";
        ML_TRY(load_plugin(ML_GVPLUGIN_PANGO, &plugins[2]));
        ML_TRY(load_plugin(ML_GVPLUGIN_RSVG, &plugins[3]));
    }
    *ret_context = gvContextPlugins(plugins, 0);
    return *ret_context ? MLEDGER_OK : ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot start");
}

/* ---- drawing ---- */

/* Graphviz 2.42 takes `char *` where it only reads. */
static char *unconst(const char *text)
{
    union {
        const char *in;
        char *out;
    } pointer = {.in = text};
    return pointer.out;
}

static int render(const struct ml_graphviz_job *job, GVC_t *context, Agraph_t *graph,
                  struct ml_buf *picture)
{
    char *data = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&data, &len);
    if (!stream)
        return ml_fail_memory();
    int failed = gvRender(context, graph, job->format, stream);
    if (fclose(stream) != 0)
        return ml_fail_memory();
    ML_TRY(check_messages(job, "draw the graph"));
    if (failed || !len)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot draw %s: %s", job->format,
                       messages[0] ? messages : "nothing came out");
    return ml_buf_append(picture, data, len);
}

int ml_graphviz_draw(const struct ml_graphviz_job *job, struct ml_buf *picture)
{
    GVC_t *context = NULL;
    Agraph_t *graph = NULL;
    watch_messages();
    ML_TRY(open_context(job->images, &context));
    ML_TRY(read_graph(job, &graph));
    for (size_t i = 0; i < job->setting_count; i++)
        agattr(graph, AGRAPH, unconst(job->settings[i].name), unconst(job->settings[i].value));
    int failed = gvLayout(context, graph, "dot");
    ML_TRY(check_messages(job, "lay out the graph"));
    if (failed)
        return ml_fail(MLEDGER_ESYSTEM, "Graphviz cannot lay out the graph: %s", messages);
    return render(job, context, graph, picture);
}
