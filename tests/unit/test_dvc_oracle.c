/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real DVC projects as we read them against what the real DVC resolved for them: stages,
 * commands, dependencies, outputs, hashes, sizes, parameters and both kinds of edges, as sets.
 * Prints a table of agreement. What DVC itself refuses to read is compared with its lock
 * converted to the newer schema where there is one.
 */
#include "tests/unit/cmocka_all.h"

#include <dirent.h>
#include <stdio.h>

#include "ingest/dvc/project.h"
#include "ingest/dvc/text.h"
#include "ingest/json_value.h"
#include "tests/unit/shared.h"

#define CONVERTED ".lock-converted-to-2.0"

/* ---- sets of lines ---- */

struct lines {
    char **all;
    size_t count, cap;
};

static void lines_release(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->all[i]);
    free(lines->all);
}

static void add_line(struct lines *lines, struct ml_buf *text)
{
    assert_int_equal(ml_grow(&lines->all, &lines->cap, lines->count + 1, sizeof(char *)), 0);
    assert_int_equal(ml_buf_take_text(text, &lines->all[lines->count]), 0);
    lines->count++;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct lines *lines)
{
    size_t kept = 0;
    if (lines->count > 0)
        qsort(lines->all, lines->count, sizeof(char *), by_text);
    for (size_t i = 0; i < lines->count; i++) {
        if (kept > 0 && strcmp(lines->all[kept - 1], lines->all[i]) == 0)
            free(lines->all[i]);
        else
            lines->all[kept++] = lines->all[i];
    }
    lines->count = kept;
}

static void put(struct ml_buf *out, const char *text)
{
    assert_int_equal(ml_buf_append_text(out, text ? text : "-"), 0);
    assert_int_equal(ml_buf_append_char(out, '|'), 0);
}

static void put_number(struct ml_buf *out, int64_t number)
{
    if (number < 0)
        put(out, NULL);
    else
        assert_int_equal(ml_buf_printf(out, "%lld|", (long long)number), 0);
}

/* ---- values in one spelling, whatever file they are from ---- */

static void canon(const struct ml_value *value, struct ml_buf *out);

static void canon_map(const struct ml_value *map, struct ml_buf *out)
{
    struct lines lines = {0};
    for (size_t i = 0; i < map->count; i++) {
        struct ml_buf line = {0};
        /* JSON has no keys but strings. */
        put(&line, map->entries[i].key->text);
        canon(map->entries[i].value, &line);
        add_line(&lines, &line);
    }
    sort(&lines);
    for (size_t i = 0; i < lines.count; i++)
        put(out, lines.all[i]);
    lines_release(&lines);
}

static void canon(const struct ml_value *value, struct ml_buf *out)
{
    double number;
    if (value->kind == ML_VALUE_MAP) {
        put(out, "{");
        canon_map(value, out);
        put(out, "}");
    } else if (value->kind == ML_VALUE_SEQ) {
        put(out, "[");
        for (size_t i = 0; i < value->count; i++)
            canon(value->items[i], out);
        put(out, "]");
    } else {
        put(out, value->kind == ML_VALUE_STRING ? "s" : "v");
        if (ml_value_double(value, &number))
            assert_int_equal(ml_buf_printf(out, "%.17g", number), 0);
        else
            assert_int_equal(ml_dvc_text_scalar(value, out), 0);
        assert_int_equal(ml_buf_append_char(out, '|'), 0);
    }
}

/* ---- what we read ---- */

/* DVC 3 looks for `checksum` beside an HTTP address; the `etag` that DVC 1 wrote there is lost to
 * it. We keep what the file says. */
static bool is_forgotten(const struct ml_dvc_item *item)
{
    return item->hash_name && strcmp(item->hash_name, "etag") == 0 &&
           strncmp(item->path, "http", 4) == 0;
}

static void ours_item(const struct ml_dvc_stage *stage, const struct ml_dvc_item *item, bool is_out,
                      struct lines *lines)
{
    struct ml_buf line = {0};
    put(&line, is_out ? "out" : "dep");
    put(&line, stage->address);
    put(&line, item->path);
    put(&line, is_forgotten(item) ? NULL : item->hash_name);
    put(&line, is_forgotten(item) ? NULL : item->hash);
    put_number(&line, item->size);
    put_number(&line, item->nfiles);
    if (is_out)
        assert_int_equal(ml_buf_printf(&line, "%d%d%d%d%d", item->cache, item->persist,
                                       item->metric, item->plot, item->is_exec),
                         0);
    add_line(lines, &line);
}

static void put_command(struct ml_buf *out, const struct ml_dvc_command *command)
{
    put(out, command->is_list ? "list" : "text");
    for (size_t i = 0; i < command->count; i++)
        put(out, command->lines[i]);
    put(out, "end");
}

/* DVC forgets what only the lock names; for us that is a finding. */
static bool is_tracked(const struct ml_dvc_stage *stage, const struct ml_dvc_param *param)
{
    bool tracked = param->is_tracked;
    for (size_t i = 0; i < stage->params_count; i++)
        if (!stage->params[i].key && strcmp(stage->params[i].file, param->file) == 0)
            tracked = true; /* the whole file is */
    return tracked;
}

static void ours_params(const struct ml_dvc_stage *stage, struct lines *lines)
{
    for (size_t i = 0; i < stage->params_count; i++) {
        const struct ml_dvc_param *param = &stage->params[i];
        struct ml_buf line = {0};
        if (param->key && param->is_tracked) {
            put(&line, "key");
            put(&line, stage->address);
            put(&line, param->file);
            put(&line, param->key);
            add_line(lines, &line);
        }
        if (!param->locked || !is_tracked(stage, param))
            continue;
        put(&line, "value");
        put(&line, stage->address);
        put(&line, param->file);
        put(&line, param->key);
        canon(param->locked, &line);
        add_line(lines, &line);
    }
}

static void ours_stage(const struct ml_dvc_stage *stage, struct lines *lines)
{
    struct ml_buf line = {0};
    put(&line, "stage");
    put(&line, stage->address);
    put(&line, stage->file);
    put(&line, stage->wdir);
    put(&line, stage->desc);
    assert_int_equal(ml_buf_printf(&line, "%d%d%d|", stage->is_frozen, stage->always_changed,
                                   stage->command_changed),
                     0);
    put_command(&line, &stage->command);
    add_line(lines, &line);
    for (size_t i = 0; i < stage->deps_count; i++)
        ours_item(stage, &stage->deps[i], false, lines);
    for (size_t i = 0; i < stage->outs_count; i++)
        ours_item(stage, &stage->outs[i], true, lines);
    ours_params(stage, lines);
}

static void ours_edges(const struct ml_dvc_project *project, struct lines *lines)
{
    for (size_t i = 0; i < project->edges_count; i++) {
        struct ml_buf line = {0};
        put(&line, "edge");
        put(&line, project->stages[project->edges[i].from].address);
        put(&line, project->stages[project->edges[i].to].address);
        add_line(lines, &line);
    }
    for (size_t i = 0; i < project->out_edges_count; i++) {
        struct ml_buf line = {0};
        put(&line, "out-edge");
        put(&line, project->outs[project->out_edges[i].from]->full);
        put(&line, project->outs[project->out_edges[i].to]->full);
        add_line(lines, &line);
    }
}

/* ---- what DVC resolved ---- */

static const char *text_of(const struct ml_value *map, const char *key)
{
    const struct ml_value *value = ml_value_get(map, key);
    return ml_value_is(value, ML_VALUE_STRING) ? value->text : NULL;
}

static int64_t number_of(const struct ml_value *map, const char *key)
{
    int64_t number = -1;
    const struct ml_value *value = ml_value_get(map, key);
    return value && ml_value_int64(value, &number) ? number : -1;
}

static bool truth_of(const struct ml_value *map, const char *key)
{
    const struct ml_value *value = ml_value_get(map, key);
    return value && ml_value_true(value);
}

static void their_item(const char *address, const struct ml_value *item, bool is_out,
                       struct lines *lines)
{
    struct ml_buf line = {0};
    put(&line, is_out ? "out" : "dep");
    put(&line, address);
    put(&line, text_of(item, "path"));
    put(&line, text_of(item, "hash_name"));
    put(&line, text_of(item, "hash"));
    put_number(&line, number_of(item, "size"));
    put_number(&line, number_of(item, "nfiles"));
    if (is_out)
        assert_int_equal(ml_buf_printf(&line, "%d%d%d%d%d", truth_of(item, "cache"),
                                       truth_of(item, "persist"), truth_of(item, "metric"),
                                       truth_of(item, "plot"), truth_of(item, "isexec")),
                         0);
    add_line(lines, &line);
}

static void their_param(const char *address, const struct ml_entry *file, struct lines *lines)
{
    const struct ml_value *keys = ml_value_get(file->value, "keys");
    const struct ml_value *locked = ml_value_get(file->value, "locked");
    for (size_t i = 0; i < keys->count; i++) {
        struct ml_buf line = {0};
        put(&line, "key");
        put(&line, address);
        put(&line, file->key->text);
        put(&line, keys->items[i]->text);
        add_line(lines, &line);
    }
    for (size_t i = 0; ml_value_is(locked, ML_VALUE_MAP) && i < locked->count; i++) {
        struct ml_buf line = {0};
        put(&line, "value");
        put(&line, address);
        put(&line, file->key->text);
        put(&line, locked->entries[i].key->text);
        canon(locked->entries[i].value, &line);
        add_line(lines, &line);
    }
}

static void their_command(const struct ml_value *command, struct ml_buf *out)
{
    const bool is_list = ml_value_is(command, ML_VALUE_SEQ);
    put(out, is_list ? "list" : "text");
    for (size_t i = 0; is_list && i < command->count; i++)
        put(out, command->items[i]->text);
    if (ml_value_is(command, ML_VALUE_STRING))
        put(out, command->text);
    put(out, "end");
}

static void their_stage(const struct ml_value *stage, struct lines *lines)
{
    struct ml_buf line = {0};
    const char *address = text_of(stage, "addr");
    const struct ml_value *deps = ml_value_get(stage, "deps");
    const struct ml_value *outs = ml_value_get(stage, "outs");
    const struct ml_value *params = ml_value_get(stage, "params");
    put(&line, "stage");
    put(&line, address);
    put(&line, text_of(stage, "file"));
    put(&line, text_of(stage, "wdir"));
    put(&line, text_of(stage, "desc"));
    assert_int_equal(ml_buf_printf(&line, "%d%d%d|", truth_of(stage, "frozen"),
                                   truth_of(stage, "always_changed"),
                                   truth_of(stage, "cmd_changed")),
                     0);
    their_command(ml_value_get(stage, "cmd"), &line);
    add_line(lines, &line);
    for (size_t i = 0; i < deps->count; i++)
        their_item(address, deps->items[i], false, lines);
    for (size_t i = 0; i < outs->count; i++)
        their_item(address, outs->items[i], true, lines);
    for (size_t i = 0; i < params->count; i++)
        their_param(address, &params->entries[i], lines);
}

static void their_edges(const struct ml_value *project, const char *key, const char *tag,
                        struct lines *lines)
{
    const struct ml_value *edges = ml_value_get(project, key);
    for (size_t i = 0; ml_value_is(edges, ML_VALUE_SEQ) && i < edges->count; i++) {
        struct ml_buf line = {0};
        put(&line, tag);
        put(&line, edges->items[i]->items[0]->text);
        put(&line, edges->items[i]->items[1]->text);
        add_line(lines, &line);
    }
}

/* ---- comparison ---- */

/* Files that DVC refuses: their stages are ours alone. */
static bool is_refused(const struct ml_value *expected, const char *file)
{
    const struct ml_value *errors = ml_value_get(expected, "errors");
    for (size_t i = 0; ml_value_is(errors, ML_VALUE_SEQ) && i < errors->count; i++)
        if (ml_value_is_text(errors->items[i]->items[0], file))
            return true;
    return false;
}

struct tally {
    size_t agreed, missing, extra, beyond;
};

static void compare(const char *name, struct lines *ours, struct lines *theirs, struct tally *tally)
{
    size_t o = 0, t = 0, shown = 0;
    sort(ours);
    sort(theirs);
    while (o < ours->count || t < theirs->count) {
        const int order = o == ours->count     ? 1
                          : t == theirs->count ? -1
                                               : strcmp(ours->all[o], theirs->all[t]);
        if (order != 0 && shown++ < 6)
            printf("    %s: %s %.400s\n", name, order < 0 ? "only here:" : "only DVC: ",
                   order < 0 ? ours->all[o] : theirs->all[t]);
        tally->agreed += order == 0;
        tally->extra += order < 0;
        tally->missing += order > 0;
        o += order <= 0;
        t += order >= 0;
    }
}

static void compare_project(const char *name, const char *root, const struct ml_value *expected,
                            struct tally *total)
{
    struct ml_dvc_project *project = NULL;
    struct lines ours = {0}, theirs = {0};
    struct tally tally = {0};
    if (access(root, R_OK) != 0) {
        printf("%-72.72s not among the inputs\n", name);
        return;
    }
    if (ml_dvc_project_read(root, NULL, &project) < 0) {
        printf("    %s: %s\n", name, mledger_error_text());
        total->missing++;
        return;
    }
    for (size_t i = 0; i < project->stages_count; i++) {
        const struct ml_dvc_stage *stage = &project->stages[i];
        if (is_refused(expected, stage->file))
            tally.beyond++;
        else if (!stage->is_stale)
            ours_stage(stage, &ours);
    }
    const struct ml_value *stages = ml_value_get(expected, "stages");
    for (size_t i = 0; i < stages->count; i++)
        if (!is_refused(expected, text_of(stages->items[i], "file")))
            their_stage(stages->items[i], &theirs);
    const struct ml_value *errors = ml_value_get(expected, "errors");
    if (errors->count == 0 && !ml_value_get(expected, "graph_error")) {
        ours_edges(project, &ours);
        their_edges(expected, "edges", "edge", &theirs);
        their_edges(expected, "out_edges", "out-edge", &theirs);
    }
    compare(name, &ours, &theirs, &tally);
    printf(
        "%-72.72s %6zu stages %7zu agree %4zu missing %4zu extra %4zu beyond DVC %4zu findings\n",
        name, project->stages_count, tally.agreed, tally.missing, tally.extra, tally.beyond,
        project->findings_count);
    total->agreed += tally.agreed;
    total->missing += tally.missing;
    total->extra += tally.extra;
    total->beyond += tally.beyond;
    lines_release(&ours);
    lines_release(&theirs);
    ml_dvc_project_free(project);
}

static char *format_text(const char *format, ...) ML_PRINTF(1, 2);
static char *format_text(const char *format, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, format);
    assert_true(vasprintf(&text, format, args) >= 0);
    va_end(args);
    return text;
}

static void compare_entry(const char *folder, const char *stem, const char *repo,
                          const struct ml_value *project, struct tally *total)
{
    const char *below = text_of(project, "root");
    const bool is_whole = strcmp(below, ".") == 0;
    char *root = format_text("%s/projects/%s/%s", folder, repo, below);
    char *name = format_text("%s%s%s", stem, is_whole ? "" : "/", is_whole ? "" : below);
    compare_project(name, root, project, total);
    free(root);
    free(name);
}

static void compare_file(const char *folder, const char *stem, struct tally *total)
{
    struct ml_document *document;
    char *path = format_text("%s/expected/%s.json", folder, stem);
    assert_int_equal(ml_json_value_read_file(path, NULL, NULL, &document), 0);
    const struct ml_value *projects = ml_value_get(document->root, "projects");
    assert_true(ml_value_is(projects, ML_VALUE_SEQ));
    for (size_t i = 0; i < projects->count; i++)
        compare_entry(folder, stem, text_of(document->root, "repo"), projects->items[i], total);
    ml_document_free(document);
    free(path);
}

/* There is a better answer: DVC's after the lock was converted. */
static bool is_replaced(const char *folder, const char *stem)
{
    char *path = format_text("%s/expected/%s" CONVERTED ".json", folder, stem);
    const bool there = access(path, R_OK) == 0;
    free(path);
    return there;
}

static void compare_named(const char *folder, const char *file, struct tally *total)
{
    char *stem = format_text("%s", file);
    char *end = strstr(stem, ".json");
    if (end) {
        *end = '\0';
        if (!is_replaced(folder, stem))
            compare_file(folder, stem, total);
    }
    free(stem);
}

static void all_projects_as_dvc_resolves_them(void **state)
{
    char folder[SHARED_PATH_SIZE], expected[SHARED_PATH_SIZE];
    struct dirent **entries;
    struct tally total = {0};
    (void)state;
    if (!shared_path(folder, "data/dvc") || !shared_path(expected, "data/dvc/expected"))
        skip();
    const int count = scandir(expected, &entries, NULL, alphasort);
    assert_true(count > 2);
    for (int i = 0; i < count; i++) {
        compare_named(folder, entries[i]->d_name, &total);
        free(entries[i]);
    }
    free(entries);
    printf("in all: %zu agree, %zu missing, %zu extra, %zu stages read that DVC refuses\n",
           total.agreed, total.missing, total.extra, total.beyond);
    assert_int_equal(total.missing, 0);
    assert_int_equal(total.extra, 0);
    assert_true(total.agreed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_projects_as_dvc_resolves_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
