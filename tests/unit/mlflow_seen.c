/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/mlflow_seen.h"

#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

static void say(struct seen *seen, const char *format, ...) ML_PRINTF(2, 3);
static void say(struct seen *seen, const char *format, ...)
{
    va_list args;
    char *end = seen->text + seen->len;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is on the line above */
    seen->len += (size_t)vsnprintf(end, sizeof seen->text - seen->len, format, args);
    va_end(args);
    assert_true(seen->len < sizeof seen->text);
}

static const char *or_dash(const char *text)
{
    return text ? text : "-";
}

static void say_time(struct seen *seen, int64_t ms)
{
    if (ms == ML_MLFLOW_NO_TIME)
        say(seen, " -");
    else
        say(seen, " %" PRId64, ms);
}

static void say_pairs(struct seen *seen, const char *noun, const struct ml_mlflow_pairs *pairs)
{
    for (size_t i = 0; i < pairs->count; i++)
        say(seen, "  %s %s=%s\n", noun, pairs->items[i].key, pairs->items[i].value);
}

static void say_metrics(struct seen *seen, const struct ml_mlflow_metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        const struct ml_mlflow_metric *metric = &metrics->items[i];
        say(seen, "  metric %s", metric->key);
        for (size_t k = 0; k < metric->count; k++)
            say(seen, " %s@%" PRId64 "/%" PRId64, metric->points[k].text,
                metric->points[k].timestamp_ms, metric->points[k].step);
        say(seen, "\n");
    }
}

static int see_experiment(void *context, const struct ml_mlflow_experiment *experiment)
{
    struct seen *seen = context;
    say(seen, "experiment %s %s %s", experiment->id, or_dash(experiment->name),
        experiment->lifecycle == ML_MLFLOW_DELETED ? "deleted" : "active");
    say_time(seen, experiment->created_ms);
    say(seen, "\n");
    say_pairs(seen, "tag", &experiment->tags);
    return MLEDGER_OK;
}

static void say_links(struct seen *seen, const char *noun, const struct ml_mlflow_model_link *links,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        say(seen, "  %s %s %" PRId64 "\n", noun, links[i].model_id, links[i].step);
}

static int see_run(void *context, const struct ml_mlflow_experiment *experiment,
                   const struct ml_mlflow_run *run)
{
    struct seen *seen = context;
    (void)experiment;
    say(seen, "run %s %s %s %s %s", run->id, or_dash(run->name),
        ml_mlflow_run_status_name(run->status), or_dash(run->user),
        run->lifecycle == ML_MLFLOW_DELETED ? "deleted" : "active");
    say_time(seen, run->started_ms);
    say_time(seen, run->ended_ms);
    say_time(seen, run->deleted_ms);
    say(seen, "\n");
    say_pairs(seen, "param", &run->params);
    say_pairs(seen, "tag", &run->tags);
    say_metrics(seen, &run->metrics);
    for (size_t i = 0; i < run->input_count; i++)
        say(seen, "  input %s %s %s\n", run->inputs[i].dataset.name, run->inputs[i].dataset.digest,
            or_dash(run->inputs[i].context));
    say_links(seen, "read", run->model_inputs, run->model_input_count);
    say_links(seen, "wrote", run->model_outputs, run->model_output_count);
    for (size_t i = 0; i < run->artifacts.count; i++)
        say(seen, "  artifact %s %" PRIu64 "\n", run->artifacts.items[i].path,
            run->artifacts.items[i].size);
    return MLEDGER_OK;
}

static int see_logged_model(void *context, const struct ml_mlflow_experiment *experiment,
                            const struct ml_mlflow_logged_model *model)
{
    struct seen *seen = context;
    (void)experiment;
    say(seen, "model %s of %s %s\n", model->id, or_dash(model->source_run_id),
        ml_mlflow_logged_model_status_name(model->status));
    say_pairs(seen, "param", &model->params);
    say_metrics(seen, &model->metrics);
    for (size_t i = 0; i < model->artifacts.count; i++)
        say(seen, "  artifact %s\n", model->artifacts.items[i].path);
    return MLEDGER_OK;
}

static int see_registered_model(void *context, const struct ml_mlflow_registered_model *model)
{
    struct seen *seen = context;
    say(seen, "registered %s %s\n", model->name, or_dash(model->description));
    say_pairs(seen, "tag", &model->tags);
    for (size_t i = 0; i < model->alias_count; i++)
        say(seen, "  alias %s %" PRIu64 "\n", model->aliases[i].name, model->aliases[i].version);
    for (size_t i = 0; i < model->version_count; i++) {
        const struct ml_mlflow_version *version = &model->versions[i];
        say(seen, "  version %" PRIu64 " %s %s %s %s\n", version->number,
            version->deleted ? "deleted" : or_dash(version->stage), or_dash(version->run_id),
            or_dash(version->source), or_dash(version->model_id));
        say_pairs(seen, "  tag", &version->tags);
    }
    return MLEDGER_OK;
}

static const struct ml_mlflow_visitor seeing = {
    .experiment = see_experiment,
    .run = see_run,
    .logged_model = see_logged_model,
    .registered_model = see_registered_model,
};

int seen_visit(struct ml_mlflow_store *store, struct seen *seen, size_t *ret_left_out)
{
    struct ml_mlflow_visitor visitor = seeing;
    visitor.context = seen;
    *seen = (struct seen){0};
    int result = ml_mlflow_store_visit(store, &visitor);
    (void)ml_mlflow_store_left_out(store, ret_left_out);
    return result;
}
