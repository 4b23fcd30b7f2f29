/* SPDX-License-Identifier: Apache-2.0 */
/* What the own run of a version tells, and what was decided about the version. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/impact.h"
#include "ledger/query/input_role.h"
#include "ledger/query/makeup_private.h"
#include "ledger/query/version_past.h"
#include "ledger/query/version_run.h"

/* ---- what it was measured on ---- */

/* The data that a run was measured on: inputs with such a role. */
struct measured {
    const char *on; /* NULL: no record says */
    const Mledger__Digest **digests;
    size_t n_digests, cap_digests;
};

static int add_measured(struct ml_making *making, const Mledger__Input *input,
                        struct measured *measured)
{
    struct ml_arena *arena = &making->reader->arena;
    char text[ML_DIGEST_TEXT_SIZE] = "no digest";
    if (input->n_digests)
        ml_digest_text(input->digests[0], ML_DIGEST_SHORT, text);
    measured->on = measured->on
                       ? ml_arena_printf(arena, "%s, %s %s", measured->on, input->name, text)
                       : ml_arena_printf(arena, "%s %s", input->name, text);
    if (!measured->on)
        return ml_arena_fail(arena, "what it is made of");
    for (size_t i = 0; i < input->n_digests; i++) {
        if (!ml_arena_grow(arena, &measured->digests, &measured->cap_digests, measured->n_digests,
                           sizeof *measured->digests))
            return ml_arena_fail(arena, "what it is made of");
        measured->digests[measured->n_digests++] = input->digests[i];
    }
    return MLEDGER_OK;
}

/* ---- the run's values ---- */

static int add_values(struct ml_making *making, const struct ml_run_values *values,
                      enum ml_fact_kind kind, const struct measured *measured)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct ml_fact fact = {.kind = kind,
                                     .key = values->list[i].key,
                                     .value = values->list[i].text,
                                     .seqs = ml_makeup_seq(making, values->list[i].seq),
                                     .n_seqs = 1,
                                     .on = measured ? measured->on : NULL,
                                     .digests = measured ? measured->digests : NULL,
                                     .n_digests = measured ? measured->n_digests : 0};
        ML_TRY(ml_makeup_add(making, &fact));
    }
    return MLEDGER_OK;
}

/* Tags by which MLflow says where a run ran. */
static bool tells_place(const char *key)
{
    static const char *const begins[] = {"mlflow.docker.", "mlflow.project.env",
                                         "mlflow.project.backend"};
    for (size_t i = 0; i < ML_COUNT(begins); i++)
        if (strncmp(key, begins[i], strlen(begins[i])) == 0)
            return true;
    return false;
}

static int add_places(struct ml_making *making, const struct ml_run_values *tags)
{
    for (size_t i = 0; i < tags->count; i++) {
        const struct ml_fact fact = {.kind = ML_FACT_ENVIRONMENT,
                                     .key = tags->list[i].key,
                                     .value = tags->list[i].text,
                                     .seqs = ml_makeup_seq(making, tags->list[i].seq),
                                     .n_seqs = 1};
        if (tells_place(tags->list[i].key))
            ML_TRY(ml_makeup_add(making, &fact));
    }
    return MLEDGER_OK;
}

static int add_environment(struct ml_making *making, const Mledger__Artifact *artifact,
                           uint64_t seq)
{
    char text[ML_DIGEST_TEXT_SIZE];
    if (artifact->n_digests == 0 || !ml_is_environment_file(artifact->path))
        return MLEDGER_OK;
    ml_digest_text(artifact->digests[0], 0, text);
    const struct ml_fact fact = {.kind = ML_FACT_ENVIRONMENT,
                                 .key = artifact->path,
                                 .value = ml_arena_printf(&making->reader->arena, "%s", text),
                                 .seqs = ml_makeup_seq(making, seq),
                                 .n_seqs = 1};
    return ml_makeup_add(making, &fact);
}

static int add_run(struct ml_making *making, const struct ml_run_past *run)
{
    struct measured measured = {0};
    for (size_t i = 0; i < run->n_inputs; i++)
        if (ml_input_role(run->inputs[i].input->role) == ML_INPUT_HELD_OUT)
            ML_TRY(add_measured(making, run->inputs[i].input, &measured));
    ML_TRY(add_values(making, &run->params, ML_FACT_PARAM, NULL));
    ML_TRY(add_values(making, &run->metrics, ML_FACT_METRIC, &measured));
    ML_TRY(add_places(making, &run->tags));
    for (size_t i = 0; i < run->n_outputs; i++)
        ML_TRY(add_environment(making, run->outputs[i].artifact, run->outputs[i].seq));
    making->own_run = ml_arena_printf(&making->reader->arena, "run:%s", run->id);
    return making->own_run ? MLEDGER_OK
                           : ml_arena_fail(&making->reader->arena, "what it is made of");
}

int ml_makeup_run(struct ml_making *making, const struct ml_target *target)
{
    const struct ml_run_past *run = NULL;
    struct ml_run_past own;
    if (target->kind == ML_TARGET_RUN) {
        int result = target->seq == MLEDGER_NO_SEQ ? MLEDGER_ENOTFOUND
                                                   : ml_run_past(making->reader, target->seq, &own);
        if (result != MLEDGER_ENOTFOUND)
            ML_TRY(result);
        return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : add_run(making, &own);
    }
    struct ml_version_past past;
    ML_TRY(ml_version_past(making->reader, target->seq, target->version, &past));
    for (size_t i = 0; i < past.registered->n_artifacts; i++)
        ML_TRY(add_environment(making, past.registered->artifacts[i], past.registered_seq));
    ML_TRY(ml_version_run(making->reader, past.registered, &run));
    return run ? add_run(making, run) : MLEDGER_OK;
}

/* ---- decisions ---- */

/* Who stands behind a node, "alice, bob"; "" nobody known. */
static const char *actors_of(struct ml_making *making, size_t node)
{
    const struct ml_graph *graph = making->makeup->graph;
    const char *actors = "";
    for (size_t i = 0; actors && i < graph->n_edges; i++)
        if (graph->edges[i].role == ML_ROLE_ASSOCIATED && graph->edges[i].to == node)
            actors = ml_arena_printf(&making->reader->arena, "%s%s%s", actors, *actors ? ", " : "",
                                     graph->nodes[graph->edges[i].from].label);
    return actors;
}

static int add_checks(struct ml_making *making, const struct ml_edge *edge)
{
    const struct ml_graph *graph = making->makeup->graph;
    const struct ml_node *validation = &graph->nodes[edge->to];
    struct measured measured = {0};
    for (size_t i = 0; i < graph->n_edges; i++) {
        const struct ml_node *data = &graph->nodes[graph->edges[i].from];
        if (graph->edges[i].to != edge->to || graph->edges[i].role != ML_ROLE_USED)
            continue;
        measured.on =
            ml_arena_printf(&making->reader->arena, "%s%s%s", measured.on ? measured.on : "",
                            measured.on ? ", " : "", data->label);
        measured.digests = data->digests; /* of the last one: most have one */
        measured.n_digests = data->n_digests;
    }
    size_t len = strcspn(validation->label, ":");
    for (size_t i = 0; i < validation->n_attributes; i++) {
        const struct ml_fact fact = {.kind = ML_FACT_METRIC,
                                     .key = ml_arena_printf(&making->reader->arena, "%.*s: %s",
                                                            (int)len, validation->label,
                                                            validation->attributes[i].name),
                                     .value = validation->attributes[i].value,
                                     .seqs = edge->seqs,
                                     .n_seqs = edge->n_seqs,
                                     .on = measured.on,
                                     .digests = measured.digests,
                                     .n_digests = measured.n_digests};
        ML_TRY(ml_makeup_add(making, &fact));
    }
    return MLEDGER_OK;
}

int ml_makeup_decision(struct ml_making *making, const struct ml_edge *edge)
{
    const struct ml_graph *graph = making->makeup->graph;
    const struct ml_node *node = &graph->nodes[edge->to];
    struct ml_arena *arena = &making->reader->arena;
    if (!(graph->nodes[edge->from].flags & ML_NODE_START))
        return MLEDGER_OK; /* of a base model */
    const char *actors = actors_of(making, edge->to), *key, *value;
    if (!actors)
        return ml_arena_fail(arena, "what it is made of");
    const char *by = *actors ? " by " : "";
    if (node->kind == ML_NODE_VALIDATION) {
        ML_TRY(add_checks(making, edge));
        const char *colon = strchr(node->label, ':');
        key = ml_arena_printf(arena, "%.*s%s%s", (int)strcspn(node->label, ":"), node->label, by,
                              actors);
        value = colon ? colon + 2 : node->label;
    } else {
        const char *stage = strstr(node->label, " for ");
        key = ml_arena_printf(arena, "%s%s%s", stage ? stage + 1 : node->label, by, actors);
        value = ml_arena_printf(arena, "%.*s", (int)(stage ? stage - node->label : 0), node->label);
    }
    const struct ml_fact fact = {.kind = ML_FACT_DECISION,
                                 .key = key,
                                 .value = value,
                                 .seqs = edge->seqs,
                                 .n_seqs = edge->n_seqs};
    return ml_makeup_add(making, &fact);
}
