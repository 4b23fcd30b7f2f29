/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/run.h"

#include <ctype.h>

#include "ingest/mlflow/artifact.h"
#include "ingest/mlflow/input.h"
#include "ingest/mlflow/meta.h"
#include "ingest/mlflow/metric.h"
#include "ingest/mlflow/pairs.h"
#include "ingest/mlflow/place.h"

int ml_mlflow_run_meta_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                            const struct ml_mlflow_experiment *experiment, const char *name,
                            struct ml_mlflow_run *ret_run)
{
    /* The metadata of all runs is kept at once: not the files' texts as well. */
    ML_CLEANUP(ml_pool_release) struct ml_pool scratch = {0};
    struct ml_mlflow_run run = {0};
    struct ml_mlflow_file meta;
    ML_TRY(ml_mlflow_join(pool, experiment->path, name, &run.path));
    ML_TRY(ml_mlflow_meta_text(reader, &scratch, run.path, &meta));
    ML_TRY(ml_mlflow_meta_run(pool, meta.text, meta.full, &run));
    ML_TRY(ml_mlflow_check_place(&meta, "run_id", run.id, name));
    ML_TRY(ml_mlflow_check_place(&meta, "experiment_id", run.experiment_id, experiment->id));
    *ret_run = run;
    return MLEDGER_OK;
}

static const char *first_said(const char *text, const char *otherwise)
{
    return text && *text ? text : otherwise;
}

void ml_mlflow_run_fill_from_tags(struct ml_mlflow_run *run)
{
    const char *type = ml_mlflow_pairs_get(&run->tags, "mlflow.source.type");
    run->name = first_said(run->name, ml_mlflow_pairs_get(&run->tags, "mlflow.runName"));
    run->user = first_said(run->user, ml_mlflow_pairs_get(&run->tags, "mlflow.user"));
    run->source_name =
        first_said(run->source_name, ml_mlflow_pairs_get(&run->tags, "mlflow.source.name"));
    run->source_type = first_said(type, run->source_type);
}

int ml_mlflow_run_rest_read(struct ml_mlflow_reader *reader, struct ml_pool *pool,
                            const struct ml_mlflow_experiment *experiment,
                            struct ml_mlflow_run *run)
{
    const char *params, *tags, *metrics;
    ML_TRY(ml_mlflow_join(pool, run->path, "params", &params));
    ML_TRY(ml_mlflow_join(pool, run->path, "tags", &tags));
    ML_TRY(ml_mlflow_join(pool, run->path, "metrics", &metrics));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, params, &run->params));
    ML_TRY(ml_mlflow_pairs_read(reader, pool, tags, &run->tags));
    ML_TRY(ml_mlflow_metrics_read(reader, pool, metrics, ML_MLFLOW_METRIC_OF_RUN, &run->metrics));
    ML_TRY(ml_mlflow_inputs_read(reader, pool, experiment, run));
    ML_TRY(ml_mlflow_outputs_read(reader, pool, run));
    ML_TRY(ml_mlflow_artifacts_read(reader, pool, run->path, &run->artifacts));
    ml_mlflow_run_fill_from_tags(run);
    return MLEDGER_OK;
}

/* Length of the commit's text without white space around it, 0 when it is no commit. */
static size_t commit_len(const char **text)
{
    while (isspace((unsigned char)**text))
        (*text)++;
    size_t len = 0;
    while (isxdigit((unsigned char)(*text)[len]))
        len++;
    for (const char *rest = *text + len; *rest; rest++)
        if (!isspace((unsigned char)*rest))
            return 0;
    return len >= 7 && len < ML_MLFLOW_COMMIT_SIZE ? len : 0;
}

bool ml_mlflow_run_commit(const struct ml_mlflow_run *run, char ret_commit[ML_MLFLOW_COMMIT_SIZE],
                          const char **ret_tag)
{
    static const char *const tags[] = {"mlflow.source.git.commit", "git_sha", "code_version"};
    for (size_t i = 0; i < ML_COUNT(tags); i++) {
        const char *text = ml_mlflow_pairs_get(&run->tags, tags[i]);
        const size_t len = text ? commit_len(&text) : 0;
        if (!len)
            continue;
        for (size_t at = 0; at < len; at++)
            ret_commit[at] = (char)tolower((unsigned char)text[at]);
        ret_commit[len] = '\0';
        if (ret_tag)
            *ret_tag = tags[i];
        return true;
    }
    return false;
}
