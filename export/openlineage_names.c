/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What datasets of OpenLineage are called. Whoever reads the events joins them by namespace and
 * name alone, so two things must not share them: "model/MLmodel" of one run is not that of another,
 * and "data/raw.csv" of one pipeline not that of another. Versions over time of one thing do share
 * them; the facet "version" tells these apart.
 */
#include "export/openlineage_private.h"
#include "ledger/query/snapshot.h"

/* "s3://lake/a/b.csv" is "a/b.csv" in "s3://lake", as the naming rules of OpenLineage say; what has
 * no authority stays in the ledger's namespace. */
static bool put_uri_name(struct ml_document *document, json_t *object, const char *uri)
{
    const char *host = uri ? strstr(uri, "://") : NULL;
    const char *path = host ? strchr(host + 3, '/') : NULL;
    if (!path || path == host + 3 || !path[1])
        return false;
    ml_put_text(document, object, "namespace",
                ml_document_text(document, "%.*s", (int)(path - uri), uri));
    ml_put_text(document, object, "name", path + 1);
    return true;
}

static void put_own_name(struct ml_document *document, json_t *object, const char *name)
{
    ml_put_text(document, object, "namespace", openlineage_namespace(document));
    ml_put_text(document, object, "name", name);
}

/* ---- nodes ---- */

/* The pipeline of the first stage that made or read the file; NULL: none did. */
static const char *pipeline_of(const struct ml_account *account, size_t file)
{
    const struct ml_account_node *at = &account->nodes[file];
    for (size_t i = 0; i < at->n_in + at->n_out; i++) {
        const size_t other = i < at->n_in ? account->graph->edges[at->in[i]].from
                                          : account->graph->edges[at->out[i - at->n_in]].to;
        if (account->graph->nodes[other].kind == ML_NODE_STAGE)
            return account->nodes[other].pipeline;
    }
    return NULL;
}

/* The run that recorded the file as an output, and which it is; SIZE_MAX: none did. */
static size_t find_maker(const struct ml_account *account, size_t file, size_t *ret_place)
{
    const struct ml_node *of = &account->graph->nodes[file];
    size_t run, at, next = 0;
    while ((run = ml_account_before(account, file, ML_ROLE_GENERATED, next, &at)) != SIZE_MAX) {
        const struct ml_account_node *made = &account->nodes[run];
        next = at + 1;
        for (*ret_place = 0; *ret_place < made->n_artifacts; ++*ret_place)
            if (ml_digests_meet(made->artifacts[*ret_place].digests,
                                made->artifacts[*ret_place].n_digests,
                                (const Mledger__Digest *const *)of->digests, of->n_digests))
                return run;
    }
    return SIZE_MAX;
}

static void put_content_name(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_account *account = document->account;
    const char *name =
        account->nodes[node].name ? account->nodes[node].name : account->graph->nodes[node].label;
    const char *pipeline = pipeline_of(account, node);
    size_t place, run;
    if (pipeline)
        put_own_name(document, object, ml_document_text(document, "file/%s/%s", pipeline, name));
    else if ((run = find_maker(account, node, &place)) != SIZE_MAX)
        openlineage_put_file_name(document, object, run, place);
    else
        put_own_name(document, object, ml_document_text(document, "file/%s", name));
}

/* Data of which no content is known is what its record says and nothing else: "dataset/train#8". */
static void put_data_name(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_node *of = &document->account->graph->nodes[node];
    const struct ml_account_node *at = &document->account->nodes[node];
    const char *kind = ml_node_kind_name(of->kind), *name = at->name ? at->name : of->label;
    if (put_uri_name(document, object, at->uri))
        return;
    put_own_name(
        document, object,
        of->n_digests || of->kind != ML_NODE_DATASET
            ? ml_document_text(document, "%s/%s", kind, name)
            : ml_document_text(document, "%s/%s#%llu", kind, name, (unsigned long long)of->seq));
}

void openlineage_put_name(struct ml_document *document, json_t *object, size_t node)
{
    const struct ml_account_node *at = &document->account->nodes[node];
    switch (document->account->graph->nodes[node].kind) {
    case ML_NODE_VERSION:
        put_own_name(document, object, ml_document_text(document, "model/%s", at->name));
        break;
    case ML_NODE_LOGGED_MODEL:
        put_own_name(document, object, ml_document_text(document, "logged_model/%s", at->name));
        break;
    case ML_NODE_FILE:
        put_content_name(document, object, node);
        break;
    default:
        put_data_name(document, object, node);
        break;
    }
}

/* ---- files ---- */

struct file {
    size_t owner, place;
};

/* The same content among the files of `other`. */
static bool find_file(const struct ml_account *account, size_t other, struct file *file)
{
    const struct ml_account_file *is = &account->nodes[file->owner].artifacts[file->place];
    const struct ml_account_node *at = &account->nodes[other];
    for (size_t i = 0; i < at->n_artifacts; i++) {
        if (!ml_digests_meet(at->artifacts[i].digests, at->artifacts[i].n_digests, is->digests,
                             is->n_digests))
            continue;
        *file = (struct file){other, i};
        return true;
    }
    return false;
}

/* Where a model's file was recorded first, as far as the model's own origin says. */
static struct file origin_of(const struct ml_document *document, struct file file)
{
    const struct ml_account *account = document->account;
    const enum ml_node_kind kind = account->graph->nodes[file.owner].kind;
    const size_t model = file.owner;
    size_t logged, at, next = 0;
    if (kind != ML_NODE_VERSION && kind != ML_NODE_LOGGED_MODEL)
        return file;
    const size_t run = ml_document_run_of(document, model);
    if (run != SIZE_MAX && find_file(account, run, &file))
        return file;
    while ((logged = ml_account_before(account, model, ML_ROLE_DERIVED_FROM, next, &at)) !=
           SIZE_MAX) {
        next = at + 1;
        if (account->graph->nodes[logged].kind == ML_NODE_LOGGED_MODEL &&
            find_file(account, logged, &file))
            return file;
    }
    return file;
}

static const char *owner_prefix(struct ml_document *document, size_t owner)
{
    const struct ml_node *of = &document->account->graph->nodes[owner];
    const char *kind = ml_node_kind_name(of->kind);
    return ml_document_text(document, "%s/%s", kind, of->id + strlen(kind) + 1);
}

void openlineage_put_file_name(struct ml_document *document, json_t *object, size_t owner,
                               size_t place)
{
    const struct file file = origin_of(document, (struct file){owner, place});
    const struct ml_account_node *at = &document->account->nodes[file.owner];
    const char *path = at->artifacts[file.place].path;
    const char *uri = at->uri ? ml_document_text(document, "%s/%s", at->uri, path) : NULL;
    if (!put_uri_name(document, object, uri))
        put_own_name(document, object,
                     ml_document_text(document, "%s/%s", owner_prefix(document, file.owner), path));
}

/* ---- endpoints ---- */

const char *openlineage_endpoint(struct ml_document *document, const char *prefix, char separator,
                                 size_t deployment)
{
    const struct ml_account_node *at = &document->account->nodes[deployment];
    if (!at->environment)
        return ml_document_text(document, "%s%c%s", prefix, separator, at->name);
    return ml_document_text(document, "%s%c%s%c%s", prefix, separator, at->environment, separator,
                            at->name);
}
