/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_lineage_text.h"

#include <inttypes.h>

#include "export/stage_address.h"
#include "ledger/query/digest_text.h"

enum { RUN_ID_CHARS = 12, ATTRIBUTES_MAX = 40 };

void ml_lineage_text_release(struct ml_lineage_text *text)
{
    for (size_t i = 0; i < ML_COUNT(text->lines); i++)
        free(text->lines[i]);
    free(text->tooltip);
}

/* NULL if it has none of that name. */
static const char *attribute(const struct ml_node *node, const char *name)
{
    for (size_t i = 0; i < node->n_attributes; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return node->attributes[i].value;
    return NULL;
}

/* What follows the kind in an id: "run:ID". */
static const char *id_rest(const struct ml_node *node)
{
    const char *colon = strchr(node->id, ':');
    return colon ? colon + 1 : node->id;
}

static const char *after(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 && text[len] ? text + len : text;
}

/* Length of NAME in "NAME sha256:0123456789ab", a label; a name may hold spaces and colons itself.
 */
static size_t dataset_name_len(const char *label)
{
    const char *space = strrchr(label, ' '), *colon = space ? strchr(space, ':') : NULL;
    bool digest = colon && ml_algorithm_find(space + 1, (size_t)(colon - space - 1)) !=
                               MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED;
    return digest ? (size_t)(space - label) : strlen(label);
}

/* The caption above the lines says the kind already. */
static int append_name(const struct ml_node *node, struct ml_buf *out)
{
    const char *name = NULL;
    switch (node->kind) {
    case ML_NODE_DATASET:
        return ml_buf_append(out, node->label, dataset_name_len(node->label));
    case ML_NODE_FILE:
        name = attribute(node, "path");
        break;
    case ML_NODE_RUN:
    case ML_NODE_LOGGED_MODEL:
        name = attribute(node, "name");
        return ml_buf_append_text(out, name && *name ? name : id_rest(node));
    case ML_NODE_STAGE:
        name = ml_stage_name(node->label);
        break;
    case ML_NODE_VALIDATION:
        name = after(after(node->label, "validation "), "validation: ");
        break;
    case ML_NODE_APPROVAL:
        name = after(node->label, "approval ");
        break;
    case ML_NODE_INCIDENT:
        name = after(node->label, "incident ");
        break;
    case ML_NODE_COMMIT:
        name = after(node->label, "commit ");
        break;
    default:
        break;
    }
    return ml_buf_append_text(out, name && *name ? name : node->label);
}

/* SHA-256 before all others: who compares by hand has that. */
static const Mledger__Digest *best_digest(const struct ml_node *node)
{
    for (size_t i = 0; i < node->n_digests; i++)
        if (node->digests[i]->algorithm == MLEDGER__ALGORITHM__SHA256)
            return node->digests[i];
    return node->n_digests ? node->digests[0] : NULL;
}

static int append_digest(const struct ml_node *node, struct ml_buf *out)
{
    char text[ML_DIGEST_TEXT_SIZE];
    const Mledger__Digest *digest = best_digest(node);
    if (!digest)
        return MLEDGER_OK;
    ml_digest_text(digest, ML_DIGEST_SHORT, text);
    return ml_buf_append_text(out, text);
}

/* "Production @champion" */
static int append_standing(const struct ml_node *version, struct ml_buf *out)
{
    const char *stage = attribute(version, "stage");
    if (stage)
        ML_TRY(ml_buf_append_text(out, stage));
    for (size_t i = 0; i < version->n_attributes; i++)
        if (strcmp(version->attributes[i].name, "alias") == 0)
            ML_TRY(ml_buf_printf(out, "%s@%s", out->len ? " " : "", version->attributes[i].value));
    return MLEDGER_OK;
}

static int append_attribute(const struct ml_node *node, const char *name, struct ml_buf *out)
{
    const char *value = attribute(node, name);
    return value ? ml_buf_append_text(out, value) : MLEDGER_OK;
}

static int append_distinction(const struct ml_node *node, struct ml_buf *out)
{
    struct ml_span folder;
    switch (node->kind) {
    case ML_NODE_VERSION:
        return append_standing(node, out);
    case ML_NODE_DATASET:
    case ML_NODE_FILE:
        return append_digest(node, out);
    case ML_NODE_RUN:
    case ML_NODE_LOGGED_MODEL:
        return attribute(node, "name") ? ml_buf_printf(out, "%.*s", RUN_ID_CHARS, id_rest(node))
                                       : MLEDGER_OK;
    case ML_NODE_STAGE:
        folder = ml_stage_folder(node->label);
        return ml_buf_append(out, folder.data, folder.len);
    case ML_NODE_DEPLOYMENT:
        return append_attribute(node, "environment", out);
    case ML_NODE_INCIDENT:
        return append_attribute(node, "severity", out);
    default:
        return MLEDGER_OK;
    }
}

static int append_flags(const struct ml_node *node, struct ml_buf *out)
{
    static const struct {
        unsigned flag;
        const char *word;
    } words[] = {
        {ML_NODE_UNSEEN, "never recorded"},
        {ML_NODE_DELETED, "deleted"},
        {ML_NODE_CUT, "more behind it"},
    };
    for (size_t i = 0; i < ML_COUNT(words); i++)
        if (node->flags & words[i].flag)
            ML_TRY(ml_buf_printf(out, "%s%s", out->len ? ", " : "", words[i].word));
    if (!(node->flags & ML_NODE_ERASED))
        return MLEDGER_OK;
    return ml_buf_printf(out, "%serased by #%" PRIu64, out->len ? ", " : "", node->erased_by);
}

static int append_tooltip(const struct ml_node *node, struct ml_buf *out)
{
    size_t shown = node->n_attributes > ATTRIBUTES_MAX ? ATTRIBUTES_MAX : node->n_attributes;
    ML_TRY(ml_buf_append_text(out, node->id));
    for (size_t i = 0; i < shown; i++)
        ML_TRY(ml_buf_printf(out, "; %s: %s", node->attributes[i].name, node->attributes[i].value));
    if (shown < node->n_attributes)
        ML_TRY(ml_buf_printf(out, "; and %zu more", node->n_attributes - shown));
    for (size_t i = 0; i < node->n_digests; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(node->digests[i], 0, text);
        bool seen = node->digests[i]->standing == MLEDGER__STANDING__SEEN;
        ML_TRY(ml_buf_printf(out, "; %s (%s)", text, seen ? "seen" : "claimed"));
    }
    return MLEDGER_OK;
}

int ml_lineage_text(const struct ml_node *node, const char *actors,
                    struct ml_lineage_text *ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf name = {0}, what = {0}, who = {0}, tooltip = {0};
    ML_TRY(append_name(node, &name));
    ML_TRY(append_distinction(node, &what));
    ML_TRY(append_flags(node, &what));
    ML_TRY(ml_buf_printf(&who, "#%" PRIu64 "%s%s", node->seq, actors ? " by " : "",
                         actors ? actors : ""));
    ML_TRY(append_tooltip(node, &tooltip));
    ML_TRY(ml_buf_take_text(&name, &ret_text->lines[0]));
    ML_TRY(ml_buf_take_text(&what, &ret_text->lines[1]));
    ML_TRY(ml_buf_take_text(&who, &ret_text->lines[2]));
    return ml_buf_take_text(&tooltip, &ret_text->tooltip);
}
