/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/metric.h"

#include "ingest/mlflow/files.h"
#include "ingest/mlflow/number.h"

/* Fields that are told apart; what follows stays one text. */
#define FIELDS_MAX 4

struct line {
    char *fields[FIELDS_MAX];
    size_t count;
    char *rest;  /* behind the fields, NULL if there is nothing */
    char *label; /* the last word of rest, NULL if it is one word */
};

struct parser {
    const char *name;
    size_t number; /* of the line, from 1 */
    enum ml_mlflow_metric_of of;
};

static int malformed(const struct parser *parser, const char *what, const char *text)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%zu: %s '%.80s'", parser->name, parser->number, what,
                   text);
}

static void split(char *text, size_t fields, struct line *ret_line)
{
    struct line line = {.rest = text};
    while (line.rest && line.count < fields) {
        char *space = strchr(line.rest, ' ');
        line.fields[line.count++] = line.rest;
        if (space)
            *space++ = '\0';
        line.rest = space;
    }
    if (line.rest) {
        line.label = strrchr(line.rest, ' ');
        if (line.label)
            *line.label++ = '\0';
    }
    *ret_line = line;
}

/* How many fields a line has before it says on what dataset it was measured. */
static size_t fields_of(enum ml_mlflow_metric_of of)
{
    return of == ML_MLFLOW_METRIC_OF_MODEL ? 4 : 3;
}

static int check_fields(const struct parser *parser, const struct line *line)
{
    const size_t fewest = parser->of == ML_MLFLOW_METRIC_OF_MODEL ? 3 : 2;
    if (line->count < fewest || !*line->fields[line->count - 1])
        return ml_fail(MLEDGER_EINVALID, "%s:%zu: expected 'TIMESTAMP VALUE STEP', found %s",
                       parser->name, parser->number,
                       line->count == 1 && !*line->fields[0] ? "an empty line"
                                                             : "fewer or empty fields");
    if (line->rest && (!line->label || !*line->label || !*line->rest))
        return malformed(parser, "expected a dataset's name and digest after the step, found",
                         line->rest);
    return MLEDGER_OK;
}

static int read_line(const struct parser *parser, char *text, struct ml_mlflow_point *point,
                     size_t *ret_fields)
{
    struct line line;
    split(text, fields_of(parser->of), &line);
    ML_TRY(check_fields(parser, &line));
    if (!ml_mlflow_int64(line.fields[0], &point->timestamp_ms))
        return malformed(parser, "expected a timestamp, found", line.fields[0]);
    if (!ml_mlflow_double(line.fields[1], &point->value))
        return malformed(parser, "expected a number, found", line.fields[1]);
    if (line.count > 2 && !ml_mlflow_int64(line.fields[2], &point->step))
        return malformed(parser, "expected a step, found", line.fields[2]);
    point->text = line.fields[1];
    point->run_id = line.count > 3 ? line.fields[3] : NULL;
    point->dataset_name = line.rest;
    point->dataset_digest = line.label;
    *ret_fields = line.count + (line.rest ? 2 : 0);
    return MLEDGER_OK;
}

/* Ends the line at `text` with NUL; *ret_next is behind it. Whether the file ended it. */
static bool cut_line(char *text, char *end, char **ret_next)
{
    char *newline = memchr(text, '\n', (size_t)(end - text));
    char *stop = newline ? newline : end;
    *ret_next = newline ? newline + 1 : end;
    while (stop > text && (stop[-1] == '\r' || stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    *stop = '\0';
    return newline != NULL;
}

static int read_lines(struct parser *parser, char *text, char *end, struct ml_mlflow_point *points,
                      size_t *ret_count)
{
    size_t count = 0, fields = 0;
    while (text < end) {
        char *next;
        const bool ended = cut_line(text, end, &next);
        const size_t fields_before = fields;
        parser->number++;
        ML_TRY(read_line(parser, text, &points[count], &fields));
        if (!ended && fields < fields_before)
            return ml_fail(MLEDGER_EINVALID, "%s:%zu: the last line is cut off", parser->name,
                           parser->number);
        count++;
        text = next;
    }
    *ret_count = count;
    return MLEDGER_OK;
}

static size_t count_lines(const char *text, const char *end)
{
    size_t lines = 0;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        lines++;
        text = newline ? newline + 1 : end;
    }
    return lines;
}

static int compare_text(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int compare_points(const struct ml_mlflow_point *a, const struct ml_mlflow_point *b)
{
    if (a->timestamp_ms != b->timestamp_ms)
        return a->timestamp_ms < b->timestamp_ms ? -1 : 1;
    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    int order = strcmp(a->text, b->text);
    if (!order)
        order = compare_text(a->run_id, b->run_id);
    if (!order)
        order = compare_text(a->dataset_name, b->dataset_name);
    return order ? order : compare_text(a->dataset_digest, b->dataset_digest);
}

/* Equal points stand together, the first of the file first. */
static int by_content(const void *a, const void *b)
{
    const struct ml_mlflow_point *const *x = a, *const *y = b;
    int order = compare_points(*x, *y);
    return order ? order : (*x > *y) - (*x < *y);
}

/* Drops every point that an earlier one equals; a dropped one is marked by its text. */
static int drop_duplicates(struct ml_mlflow_point *points, struct ml_mlflow_metric *metric)
{
    struct ml_mlflow_point **order ML_CLEANUP(ml_freep) = ml_calloc(metric->count, sizeof(void *));
    if (!order)
        return ml_fail_memory();
    for (size_t i = 0; i < metric->count; i++)
        order[i] = &points[i];
    qsort(order, metric->count, sizeof(void *), by_content);
    const struct ml_mlflow_point *kept = order[0];
    for (size_t i = 1; i < metric->count; i++) {
        if (compare_points(kept, order[i]) == 0) {
            order[i]->text = NULL;
            metric->duplicates++;
        } else {
            kept = order[i];
        }
    }
    size_t count = 0;
    for (size_t i = 0; i < metric->count; i++)
        if (points[i].text)
            points[count++] = points[i];
    metric->count = count;
    return MLEDGER_OK;
}

int ml_mlflow_metric_parse(struct ml_pool *pool, char *text, size_t len,
                           enum ml_mlflow_metric_of of, const char *name,
                           struct ml_mlflow_metric *ret_metric)
{
    const size_t lines = count_lines(text, text + len);
    if (lines == 0)
        return ml_fail(MLEDGER_EINVALID, "%s:1: no value, the file is empty", name);
    if (lines > ML_MLFLOW_METRIC_LINES_MAX)
        return ml_fail(MLEDGER_EINVALID, "%s: %zu lines, more than the %zu it may have", name,
                       lines, ML_MLFLOW_METRIC_LINES_MAX);
    ML_TRY(ml_mlflow_room(pool, lines * sizeof(struct ml_mlflow_point), name));
    struct ml_mlflow_point *points = ml_pool_alloc(pool, lines, sizeof *points);
    if (!points)
        return MLEDGER_ESYSTEM;
    struct parser parser = {.name = name, .of = of};
    struct ml_mlflow_metric metric = {.points = points};
    ML_TRY(read_lines(&parser, text, text + len, points, &metric.count));
    ML_TRY(drop_duplicates(points, &metric));
    *ret_metric = metric;
    return MLEDGER_OK;
}

static int read_metric(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                       enum ml_mlflow_metric_of of, struct ml_mlflow_metric *ret_metric)
{
    char *text;
    size_t len;
    const char *full;
    ML_TRY(ml_mlflow_full_path(reader, pool, path, &full));
    ML_TRY(ml_mlflow_text(reader, pool, path, ML_MLFLOW_METRIC_FILE_MAX, &text, &len));
    return ml_mlflow_metric_parse(pool, text, len, of, full, ret_metric);
}

int ml_mlflow_metrics_read(struct ml_mlflow_reader *reader, struct ml_pool *pool, const char *path,
                           enum ml_mlflow_metric_of of, struct ml_mlflow_metrics *ret_metrics)
{
    struct ml_mlflow_entries files;
    ML_TRY(ml_mlflow_walk(reader, pool, path, &files));
    struct ml_mlflow_metric *metrics = ml_pool_alloc(pool, files.count, sizeof *metrics);
    if (!metrics)
        return MLEDGER_ESYSTEM;
    size_t count = 0;
    for (size_t i = 0; i < files.count; i++) {
        const char *inside;
        ML_TRY(ml_mlflow_join(pool, path, files.items[i].name, &inside));
        int code = read_metric(reader, pool, inside, of, &metrics[count]);
        if (code < 0)
            ML_TRY(ml_mlflow_leave_out(reader, inside, code));
        else
            metrics[count++].key = files.items[i].name;
    }
    *ret_metrics = (struct ml_mlflow_metrics){metrics, count};
    return MLEDGER_OK;
}
