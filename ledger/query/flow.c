/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/flow.h"

#include <ctype.h>
#include <strings.h>

#include "ledger/query/model_list.h"

struct gathering {
    struct ml_view *view;
    const struct ml_flow_options *options;
    struct ml_basis *basis;
    struct ml_flow *flow;
    struct ml_reader reader; /* of the model at hand */
    struct ml_model_past past;
    struct ml_flow_model model;
    size_t without_reason, imported;
};

static int no_memory(const struct gathering *gathering)
{
    return ml_arena_fail(&gathering->flow->arena, "the flow of versions");
}

static int keep_text(struct gathering *gathering, const char *text, const char **ret_text)
{
    *ret_text = ml_arena_text(&gathering->flow->arena, text, strlen(text));
    return *ret_text ? MLEDGER_OK : no_memory(gathering);
}

/* ---- an entry ---- */

static bool is_before(const struct ml_record *record, const struct ml_as_of *moment)
{
    return moment->kind == ML_AS_OF_SEQ ? record->header->seq < moment->seq
                                        : record->header->recorded_at < moment->time_us;
}

static bool is_asked(const struct gathering *gathering, const struct ml_record *record)
{
    const struct ml_flow_options *options = gathering->options;
    if (options->from.kind != ML_AS_OF_NOW && is_before(record, &options->from))
        return false;
    return options->to.kind == ML_AS_OF_NOW || is_before(record, &options->to);
}

static bool holds_word(const char *text, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = text; *at; at++) {
        bool begins = at == text || !isalnum((unsigned char)at[-1]);
        if (begins && strncasecmp(at, word, len) == 0 && !isalnum((unsigned char)at[len]))
            return true;
    }
    return false;
}

static bool is_emergency(const char *reason)
{
    static const char *const words[] = {"emergency", "hotfix",     "hot-fix",
                                        "urgent",    "breakglass", "break-glass"};
    for (size_t i = 0; i < ML_COUNT(words); i++)
        if (holds_word(reason, words[i]))
            return true;
    return false;
}

static int take_reason(struct gathering *gathering, const struct ml_record *record,
                       struct ml_flow_entry *entry)
{
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(&gathering->reader, record, &details));
    if (!details || !details->reason) {
        gathering->without_reason += !entry->imported;
        return MLEDGER_OK;
    }
    entry->emergency = is_emergency(details->reason);
    return keep_text(gathering, details->reason, &entry->reason);
}

/* The highest version that entered the stage before transition `end`, if higher than that one. */
static void find_passed(const struct gathering *gathering, size_t end, struct ml_flow_entry *entry)
{
    const struct ml_model_past *past = &gathering->past;
    for (size_t i = 0; i < end; i++) {
        const struct ml_model_transition *one = &past->transitions[i];
        bool higher = one->version > entry->version && one->version >= entry->passed;
        if (!higher || strcmp(one->to, gathering->options->stage) != 0)
            continue;
        entry->passed = one->version;
        entry->passed_seq = one->record->header->seq;
    }
}

static bool is_first(const struct gathering *gathering, size_t end)
{
    const struct ml_model_past *past = &gathering->past;
    for (size_t i = 0; i < end; i++)
        if (past->transitions[i].version == past->transitions[end].version &&
            strcmp(past->transitions[i].to, gathering->options->stage) == 0)
            return false;
    return true;
}

static int rest_on(struct gathering *gathering, const struct ml_flow_entry *entry)
{
    ML_TRY(ml_basis_add(gathering->basis, entry->seq));
    if (entry->timed)
        ML_TRY(ml_basis_add(gathering->basis, entry->registered_seq));
    return entry->passed ? ml_basis_add(gathering->basis, entry->passed_seq) : MLEDGER_OK;
}

static int take_entry(struct gathering *gathering, size_t at)
{
    const struct ml_model_transition *entered = &gathering->past.transitions[at];
    const struct ml_model_version *version = ml_model_version(&gathering->past, entered->version);
    struct ml_flow_model *model = &gathering->model;
    if (!version)
        return MLEDGER_OK;
    struct ml_flow_entry entry = {.version = entered->version,
                                  .seq = entered->record->header->seq,
                                  .at_us = entered->record->header->recorded_at,
                                  .registered_seq = version->record->header->seq,
                                  .registered_us = version->record->header->recorded_at,
                                  .imported = entered->imported,
                                  .timed = !entered->imported && is_first(gathering, at)};
    gathering->imported += entered->imported;
    find_passed(gathering, at, &entry);
    ML_TRY(take_reason(gathering, entered->record, &entry));
    if (!ml_arena_grow(&gathering->flow->arena, &model->entries, &model->cap_entries,
                       model->n_entries, sizeof entry))
        return no_memory(gathering);
    model->entries[model->n_entries++] = entry;
    return rest_on(gathering, &entry);
}

/* ---- figures ---- */

static int compare_times(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* The nearest rank: of `count` sorted times the smallest that `percent` of them do not exceed. */
static int64_t percentile(const int64_t *times, size_t count, size_t percent)
{
    size_t rank = (count * percent + 99) / 100;
    return times[rank > 0 ? rank - 1 : 0];
}

static int count_all(struct gathering *gathering, const struct ml_flow_model *models, size_t count,
                     struct ml_flow_figures *ret_figures)
{
    struct ml_flow_figures figures = {0};
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += models[i].n_entries;
    ML_CLEANUP(ml_freep) int64_t *times = ml_calloc(total + 1, sizeof *times);
    if (!times)
        return no_memory(gathering);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < models[i].n_entries; k++) {
            const struct ml_flow_entry *entry = &models[i].entries[k];
            figures.entries++;
            figures.rollbacks += ml_flow_is_rollback(entry);
            figures.emergencies += entry->emergency;
            if (entry->timed)
                times[figures.timed++] = entry->at_us - entry->registered_us;
        }
    if (figures.timed > 0) {
        qsort(times, figures.timed, sizeof *times, compare_times);
        figures.median_us = percentile(times, figures.timed, 50);
        figures.p90_us = percentile(times, figures.timed, 90);
        figures.longest_us = times[figures.timed - 1];
    }
    *ret_figures = figures;
    return MLEDGER_OK;
}

/* ---- models ---- */

static int take_model(struct gathering *gathering)
{
    struct ml_flow *flow = gathering->flow;
    const struct ml_model_past *past = &gathering->past;
    gathering->model = (struct ml_flow_model){.seq = past->seq};
    for (size_t i = 0; i < past->n_transitions; i++)
        if (strcmp(past->transitions[i].to, gathering->options->stage) == 0 &&
            is_asked(gathering, past->transitions[i].record))
            ML_TRY(take_entry(gathering, i));
    if (gathering->model.n_entries == 0)
        return MLEDGER_OK;
    ML_TRY(keep_text(gathering, past->name, &gathering->model.name));
    ML_TRY(count_all(gathering, &gathering->model, 1, &gathering->model.figures));
    if (!ml_arena_grow(&flow->arena, &flow->models, &flow->cap, flow->count, sizeof *flow->models))
        return no_memory(gathering);
    flow->models[flow->count++] = gathering->model;
    return MLEDGER_OK;
}

static int look_at(struct gathering *gathering, uint64_t seq)
{
    ml_reader_init(&gathering->reader, gathering->view, gathering->options->as_of);
    int result = ml_model_past(&gathering->reader, seq, &gathering->past);
    if (result >= 0)
        result = take_model(gathering);
    ml_reader_release(&gathering->reader);
    return result;
}

static int compare_models(const void *a, const void *b)
{
    const struct ml_flow_model *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

static int say_unknown(struct gathering *gathering)
{
    if (gathering->imported > 0)
        ML_TRY(ml_basis_unknown(
            gathering->basis, "when %zu version%s that an import found in %s had come there",
            gathering->imported, gathering->imported == 1 ? "" : "s", gathering->options->stage));
    if (gathering->without_reason > 0)
        ML_TRY(ml_basis_unknown(
            gathering->basis, "whether %zu entr%s without a recorded reason %s an emergency",
            gathering->without_reason, gathering->without_reason == 1 ? "y" : "ies",
            gathering->without_reason == 1 ? "was" : "were each"));
    return MLEDGER_OK;
}

int ml_flow(struct ml_view *view, const struct ml_flow_options *options, struct ml_basis *basis,
            struct ml_flow *ret_flow)
{
    struct gathering gathering = {
        .view = view, .options = options, .basis = basis, .flow = ret_flow};
    ML_CLEANUP(ml_model_list_release) struct ml_model_list list = {0};
    *ret_flow = (struct ml_flow){0};
    ml_arena_init(&ret_flow->arena, ML_QUERY_MEMORY_MAX);
    ML_TRY(ml_model_list(view, options->as_of, &list));
    ML_TRY(ml_basis_about_registry(basis));
    for (size_t i = 0; i < list.count; i++) {
        ML_TRY(look_at(&gathering, list.seqs[i]));
        ML_TRY(ml_basis_about_model(basis, list.seqs[i]));
    }
    if (ret_flow->count > 1)
        qsort(ret_flow->models, ret_flow->count, sizeof *ret_flow->models, compare_models);
    ML_TRY(count_all(&gathering, ret_flow->models, ret_flow->count, &ret_flow->figures));
    return say_unknown(&gathering);
}

void ml_flow_release(struct ml_flow *flow)
{
    if (flow)
        ml_arena_release(&flow->arena);
}
