/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/exceptions.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include "ledger/query/exceptions_private.h"
#include "ledger/query/model_list.h"
#include "ledger/query/state_walk.h"

/* ---- what a check says ---- */

/* The texts of an answer live in its own arena: a reader is given up with its model. */
static const char *keep_text(struct exception_scan *scan, const char *text)
{
    return ml_arena_text(&scan->found->arena, text, strlen(text));
}

static int compare_seqs(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static int keep_seqs(struct exception_scan *scan, const uint64_t *seqs, size_t n_seqs,
                     struct ml_exception *exception)
{
    uint64_t *kept = ml_arena_calloc(&scan->found->arena, n_seqs + 1, sizeof *kept);
    size_t count = 0;
    if (!kept)
        return ml_arena_fail(&scan->found->arena, "the exceptions");
    for (size_t i = 0; i < n_seqs; i++)
        if (seqs[i] != MLEDGER_NO_SEQ)
            kept[count++] = seqs[i];
    if (count > 1)
        qsort(kept, count, sizeof *kept, compare_seqs);
    exception->seqs = kept;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || kept[i] != kept[i - 1])
            kept[exception->n_seqs++] = kept[i];
    count = exception->n_seqs;
    return scan->basis ? ml_basis_add_all(scan->basis, kept, count) : MLEDGER_OK;
}

static int add(struct exception_scan *scan, const char *text, const uint64_t *seqs, size_t n_seqs)
{
    struct ml_exceptions *found = scan->found;
    struct ml_exception exception = {
        .check = &exception_rows[scan->row].check,
        .model = scan->version ? scan->past->seq : MLEDGER_NO_SEQ,
        .version = scan->version ? scan->version->version : 0,
        .what = keep_text(scan, scan->what),
        .text = keep_text(scan, text),
    };
    if (!exception.what || !exception.text ||
        !ml_arena_grow(&found->arena, &found->list, &found->cap, found->count, sizeof *found->list))
        return ml_arena_fail(&found->arena, "the exceptions");
    ML_TRY(keep_seqs(scan, seqs, n_seqs, &exception));
    found->list[found->count++] = exception;
    found->counts[scan->row]++;
    return MLEDGER_OK;
}

int exception_add(struct exception_scan *scan, const uint64_t *seqs, size_t n_seqs,
                  const char *format, ...)
{
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int len = vasprintf(&text, format, args);
    va_end(args);
    if (len < 0)
        return ml_fail_memory();
    int result = add(scan, text, seqs, n_seqs);
    free(text);
    return result;
}

int exception_unknown(struct exception_scan *scan, const char *why)
{
    struct exception_unknown *unknown = &scan->unknown[scan->row];
    unknown->why = why;
    if (unknown->count < EXCEPTION_EXAMPLES) {
        unknown->examples[unknown->count] = keep_text(scan, scan->what);
        if (!unknown->examples[unknown->count])
            return ml_arena_fail(&scan->found->arena, "the exceptions");
    }
    unknown->count++;
    return MLEDGER_OK;
}

static int say_unknown(struct exception_scan *scan, size_t row)
{
    const struct exception_unknown *unknown = &scan->unknown[row];
    size_t shown = unknown->count < EXCEPTION_EXAMPLES ? unknown->count : EXCEPTION_EXAMPLES;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    for (size_t i = 0; i < shown; i++)
        ML_TRY(ml_buf_printf(&text, "%s%s", i ? ", " : "", unknown->examples[i]));
    if (unknown->count > shown)
        ML_TRY(ml_buf_printf(&text, " and %zu more", unknown->count - shown));
    return ml_basis_unknown(scan->basis, "%s cannot be told of %.*s: %s",
                            exception_rows[row].check.name, (int)text.len, (const char *)text.data,
                            unknown->why);
}

int exception_actor(struct exception_scan *scan, uint64_t actor, const char **ret_id)
{
    const Mledger__SubjectState *state = NULL;
    if (actor != MLEDGER_NO_SEQ)
        ML_TRY(ml_reader_subject(scan->reader, actor, &state));
    *ret_id = state ? state->name : "?";
    return MLEDGER_OK;
}

bool exception_says(const char *text, const char *const *words)
{
    for (; text && *text; text++) {
        size_t len = 0;
        while (isalnum((unsigned char)text[len]))
            len++;
        for (size_t i = 0; len > 0 && words[i]; i++)
            if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
                return true;
        text += len;
        if (*text == '\0')
            return false;
    }
    return false;
}

/* ---- what is looked at ---- */

static int make_checks(struct exception_scan *scan, exception_finder *const *finders)
{
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++) {
        scan->row = i;
        if (scan->options->wanted[i] && finders[i])
            ML_TRY(finders[i](scan));
    }
    return MLEDGER_OK;
}

static bool reads_runs(const struct exception_scan *scan)
{
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        if (scan->options->wanted[i] && exception_rows[i].run)
            return true;
    return false;
}

static int check_version(struct exception_scan *scan, const struct ml_model_version *version)
{
    exception_finder *finders[ML_EXCEPTION_CHECKS];
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        finders[i] = exception_rows[i].of_version;
    scan->version = version;
    scan->what =
        ml_arena_printf(&scan->reader->arena, "%s/%" PRIu64, scan->past->name, version->version);
    if (!scan->what)
        return ml_arena_fail(&scan->reader->arena, "what the answer reads");
    scan->run = NULL;
    if (reads_runs(scan))
        ML_TRY(ml_version_run(scan->reader, version->registered, &scan->run));
    return make_checks(scan, finders);
}

static int check_versions(struct exception_scan *scan, uint64_t model)
{
    struct ml_model_past past;
    ML_TRY(ml_model_past(scan->reader, model, &past));
    scan->past = &past;
    int result = MLEDGER_OK;
    for (size_t i = 0; i < past.n_versions && result >= 0; i++)
        result = check_version(scan, &past.versions[i]);
    scan->past = NULL;
    scan->version = NULL;
    return result;
}

/* Each thing is read by a reader of its own, so that memory follows the largest of them. */
static int with_reader(struct exception_scan *scan, uint64_t seq,
                       int (*check)(struct exception_scan *scan, uint64_t seq))
{
    struct ml_reader reader;
    ml_reader_init(&reader, scan->view, scan->options->as_of);
    scan->reader = &reader;
    int result = check(scan, seq);
    scan->reader = NULL;
    ml_reader_release(&reader);
    return result;
}

static int check_model(struct exception_scan *scan, uint64_t model)
{
    if (scan->basis)
        ML_TRY(ml_basis_about_model(scan->basis, model));
    return with_reader(scan, model, check_versions);
}

static int check_models(struct exception_scan *scan)
{
    ML_CLEANUP(ml_model_list_release) struct ml_model_list list = {0};
    if (scan->options->model != MLEDGER_NO_SEQ)
        return check_model(scan, scan->options->model);
    ML_TRY(ml_model_list(scan->view, scan->options->as_of, &list));
    for (size_t i = 0; i < list.count; i++)
        ML_TRY(check_model(scan, list.seqs[i]));
    return scan->basis ? ml_basis_about_registry(scan->basis) : MLEDGER_OK;
}

/* ---- runs and pipelines ---- */

static bool wants(const struct exception_scan *scan, bool runs)
{
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        if (scan->options->wanted[i] &&
            (runs ? exception_rows[i].of_run : exception_rows[i].of_pipeline))
            return true;
    return false;
}

static int check_run(struct exception_scan *scan, uint64_t seq)
{
    exception_finder *finders[ML_EXCEPTION_CHECKS];
    struct ml_run_past run;
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        finders[i] = exception_rows[i].of_run;
    ML_TRY(ml_run_past(scan->reader, seq, &run));
    scan->run = &run;
    scan->what = ml_arena_printf(&scan->reader->arena, "run %s", run.id);
    int result = scan->what ? make_checks(scan, finders)
                            : ml_arena_fail(&scan->reader->arena, "what the answer reads");
    scan->run = NULL;
    return result;
}

/* A run that has ended by now, and before the moment asked about, needs no second look. */
static int visit_run(uint64_t seq, const Mledger__SubjectState *state, void *context)
{
    struct exception_scan *scan = context;
    bool open = !state->has_status || state->status == MLEDGER__RUN_STATUS__RUNNING ||
                state->status == MLEDGER__RUN_STATUS__SCHEDULED;
    if (seq > scan->options->as_of || (!open && state->last_seq <= scan->options->as_of))
        return MLEDGER_OK;
    return with_reader(scan, seq, check_run);
}

static int check_snapshot(struct exception_scan *scan, uint64_t seq)
{
    exception_finder *finders[ML_EXCEPTION_CHECKS];
    ML_CLEANUP(ml_snapshots_release) struct ml_snapshots snapshots = {.reader = scan->reader};
    struct ml_snapshot *snapshot;
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        finders[i] = exception_rows[i].of_pipeline;
    ML_TRY(ml_snapshot_load(&snapshots, seq, &snapshot));
    if (!snapshot)
        return MLEDGER_OK;
    scan->pipeline = snapshot;
    scan->what = ml_arena_printf(&scan->reader->arena, "pipeline %s", snapshot->recorded->name);
    int result = scan->what ? make_checks(scan, finders)
                            : ml_arena_fail(&scan->reader->arena, "what the answer reads");
    scan->pipeline = NULL;
    return result;
}

/* The newest snapshot of the pipeline at that moment. */
static int check_pipeline(struct exception_scan *scan, uint64_t seq)
{
    struct ml_state_key prefix = ml_index_subject_prefix(seq);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(scan->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = count; i > 0; i--) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(scan->reader, seqs[i - 1], &record));
        if (record->event->kind_case == MLEDGER__EVENT__KIND_PIPELINE_RECORDED)
            return check_snapshot(scan, seqs[i - 1]);
    }
    return MLEDGER_OK;
}

static int visit_pipeline(uint64_t seq, const Mledger__SubjectState *state, void *context)
{
    struct exception_scan *scan = context;
    (void)state;
    return seq > scan->options->as_of ? MLEDGER_OK : with_reader(scan, seq, check_pipeline);
}

/* ---- all of it ---- */

static int compare_exceptions(const void *a, const void *b)
{
    const struct ml_exception *left = a, *right = b;
    if (left->check != right->check)
        return (left->check > right->check) - (left->check < right->check);
    int order = strcmp(left->what, right->what);
    if (order != 0)
        return order;
    uint64_t first = left->n_seqs ? left->seqs[0] : 0, second = right->n_seqs ? right->seqs[0] : 0;
    return (first > second) - (first < second);
}

static int find_all(struct exception_scan *scan)
{
    bool everything = scan->options->model == MLEDGER_NO_SEQ;
    ML_TRY(check_models(scan));
    if (everything && wants(scan, true))
        ML_TRY(ml_subject_walk(scan->view, MLEDGER__SUBJECT_KIND__RUN, visit_run, scan));
    if (everything && wants(scan, false))
        ML_TRY(ml_subject_walk(scan->view, MLEDGER__SUBJECT_KIND__PIPELINE, visit_pipeline, scan));
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        if (scan->unknown[i].count > 0)
            ML_TRY(say_unknown(scan, i));
    return MLEDGER_OK;
}

int ml_exceptions(struct ml_view *view, const struct ml_exceptions_options *options,
                  struct ml_basis *basis, struct ml_exceptions *ret_found)
{
    struct exception_scan scan = {
        .view = view, .options = options, .basis = basis, .found = ret_found};
    *ret_found = (struct ml_exceptions){0};
    ml_arena_init(&ret_found->arena, ML_QUERY_MEMORY_MAX);
    ML_TRY(find_all(&scan));
    if (ret_found->count > 1)
        qsort(ret_found->list, ret_found->count, sizeof *ret_found->list, compare_exceptions);
    return MLEDGER_OK;
}

void ml_exceptions_release(struct ml_exceptions *found)
{
    if (found)
        ml_arena_release(&found->arena);
}

int ml_exceptions_count(struct ml_reader *reader, const struct ml_model_past *past,
                        uint64_t version, int64_t as_of_us, struct ml_basis *basis,
                        size_t *ret_count)
{
    struct ml_exceptions_options options = {.as_of = reader->as_of, .as_of_us = as_of_us};
    struct ml_exceptions found = {0};
    struct exception_scan scan = {.view = reader->view,
                                  .options = &options,
                                  .basis = basis,
                                  .found = &found,
                                  .reader = reader,
                                  .past = past};
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        options.wanted[i] = !exception_rows[i].walks && !exception_rows[i].check.asked;
    ml_arena_init(&found.arena, ML_QUERY_MEMORY_MAX);
    const struct ml_model_version *one = ml_model_version(past, version);
    int result = one ? check_version(&scan, one) : MLEDGER_ENOTFOUND;
    *ret_count = found.count;
    ml_arena_release(&found.arena);
    return result;
}
