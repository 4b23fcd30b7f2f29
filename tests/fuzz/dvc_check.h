/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading files of DVC from memory, and what holds for every project that comes of it. No file
 * is touched: the project's root is none that can be.
 */
#ifndef FUZZ_DVC_CHECK_H
#define FUZZ_DVC_CHECK_H

#include "tests/fuzz/target.h"

#include "ingest/dvc/reader.h"
#include "ingest/yaml.h"

#define DVC_CHECK_ROOT "/dev/null"

/* Gives `text` to the reader as the file `name`; false when it is no YAML. */
static inline bool dvc_check_adopt(struct ml_dvc_reader *reader, const char *name,
                                   struct ml_span text)
{
    struct ml_document *document = NULL;
    const struct ml_yaml_options small = {.limits = {.nodes = 20000}};
    if (ml_yaml_parse(text, name, &small, &document) < 0)
        return false;
    FUZZ_CHECK(ml_dvc_reader_adopt(reader, document) == 0);
    return true;
}

static inline void dvc_check_item(const struct ml_dvc_item *item)
{
    FUZZ_CHECK(item->path && item->full && *item->full);
    FUZZ_CHECK((item->hash == NULL) == (item->hash_name == NULL));
    FUZZ_CHECK(!item->hash || *item->hash);
    FUZZ_CHECK(item->size >= -1 && item->nfiles >= -1);
    FUZZ_CHECK(item->files_count == 0 || item->is_dir);
}

static inline void dvc_check_stage(const struct ml_dvc_stage *stage)
{
    FUZZ_CHECK(stage->address && stage->file && stage->wdir);
    for (size_t i = 0; i < stage->deps_count; i++)
        dvc_check_item(&stage->deps[i]);
    for (size_t i = 0; i < stage->outs_count; i++)
        dvc_check_item(&stage->outs[i]);
    for (size_t i = 0; i < stage->params_count; i++)
        FUZZ_CHECK(stage->params[i].file && stage->params[i].full);
}

/* The graph, the comparisons and all stages after `result` of reading a file. */
static inline void dvc_check_rest(struct ml_dvc_reader *reader, int result)
{
    const struct ml_dvc_project *project = reader->project;
    FUZZ_CHECK(result == 0 || result == MLEDGER_EINVALID);
    if (result < 0)
        return;
    for (size_t i = 0; i < project->stages_count; i++)
        dvc_check_stage(&project->stages[i]);
    FUZZ_CHECK(ml_dvc_graph_build(reader) == 0);
    for (size_t i = 0; i < project->edges_count; i++)
        FUZZ_CHECK(project->edges[i].from < project->stages_count &&
                   project->edges[i].to < project->stages_count);
    for (size_t i = 0; i < project->out_edges_count; i++)
        FUZZ_CHECK(project->out_edges[i].from < project->outs_count &&
                   project->out_edges[i].to < project->outs_count);
    /* A parameter file may be named that is a directory or a device. */
    result = ml_dvc_check(reader);
    FUZZ_CHECK(result == 0 || result == MLEDGER_EINVALID);
    for (size_t i = 0; i < project->findings_count; i++)
        FUZZ_CHECK(project->findings[i].kind < ML_DVC_FINDINGS && project->findings[i].stage);
}

#endif
