/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/version_run.h"

#include <math.h>

#include "ledger/core/double.h"
#include "ledger/query/input_role.h"

/* ---- the run ---- */

static int find_run(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                    uint64_t *ret_seq)
{
    *ret_seq = MLEDGER_NO_SEQ;
    if (registered->has_run_ref) {
        *ret_seq = registered->run_ref;
        return MLEDGER_OK;
    }
    if (!registered->run_id)
        return MLEDGER_OK;
    int result = ml_reader_find(reader, MLEDGER__SUBJECT_KIND__RUN, registered->run_id, ret_seq);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

int ml_version_run(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                   const struct ml_run_past **ret_run)
{
    uint64_t seq;
    *ret_run = NULL;
    ML_TRY(find_run(reader, registered, &seq));
    if (seq == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    struct ml_run_past *run = ml_arena_calloc(&reader->arena, 1, sizeof *run);
    if (!run)
        return ml_arena_fail(&reader->arena, "what a run recorded");
    int result = ml_run_past(reader, seq, run);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    *ret_run = run;
    return MLEDGER_OK;
}

bool ml_run_metric(const struct ml_run_past *run, const char *key, double *ret_number,
                   uint64_t *ret_seq)
{
    for (size_t i = 0; i < run->metrics.count; i++) {
        const struct ml_run_value *value = &run->metrics.list[i];
        if (strcmp(value->key, key) != 0)
            continue;
        *ret_seq = value->seq;
        return value->text && ml_double_parse(value->text, strlen(value->text), ret_number) >= 0 &&
               !isnan(*ret_number);
    }
    return false;
}

/* ---- its data ---- */

struct dataset_search {
    struct ml_reader *reader;
    const struct ml_record *found;
};

static int visit_dataset(uint64_t seq, void *context)
{
    struct dataset_search *search = context;
    const struct ml_record *record;
    if (seq > search->reader->as_of)
        return 1;
    ML_TRY(ml_reader_record(search->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return 0;
    search->found = record;
    return 1;
}

static int find_by_digest(struct dataset_search *search, const Mledger__Digest *digest)
{
    struct ml_span value = ML_SPAN(digest->value.data, digest->value.len);
    if (ml_digest_is_empty(digest))
        return MLEDGER_OK;
    for (int out = 1; out >= 0 && !search->found; out--) {
        struct ml_state_key prefix = ml_index_digest_prefix(digest->algorithm, value, out);
        ML_TRY(ml_view_index(search->reader->view, &prefix, 0, visit_dataset, search));
    }
    return MLEDGER_OK;
}

static int find_newest(struct dataset_search *search, uint64_t dataset, uint64_t up_to)
{
    struct ml_state_key prefix = ml_index_subject_prefix(dataset);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(search->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count && seqs[i] <= up_to; i++) {
        const struct ml_record *record;
        ML_TRY(ml_reader_record(search->reader, seqs[i], &record));
        if (record->event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED)
            search->found = record;
    }
    return MLEDGER_OK;
}

int ml_input_dataset(struct ml_reader *reader, const Mledger__Input *input, uint64_t seq,
                     const struct ml_record **ret_dataset)
{
    struct dataset_search search = {.reader = reader};
    for (size_t i = 0; i < input->n_digests && !search.found; i++)
        ML_TRY(find_by_digest(&search, input->digests[i]));
    if (!search.found && input->n_digests == 0 && input->has_dataset_ref)
        ML_TRY(find_newest(&search, input->dataset_ref, seq));
    *ret_dataset = search.found;
    return MLEDGER_OK;
}

static int64_t time_of(const struct ml_record *dataset)
{
    int64_t recorded_us = dataset->header->recorded_at;
    const Mledger__Details *details = dataset->details;
    return details && details->has_occurred_at && details->occurred_at < recorded_us
               ? details->occurred_at
               : recorded_us;
}

int ml_run_data_time(struct ml_reader *reader, const struct ml_run_past *run,
                     struct ml_data_time *ret_time)
{
    struct ml_data_time oldest = {0};
    for (size_t i = 0; i < run->n_inputs; i++) {
        const Mledger__Input *input = run->inputs[i].input;
        const struct ml_record *dataset;
        if (input->has_model_ref || ml_input_role(input->role) != ML_INPUT_TRAINING)
            continue;
        ML_TRY(ml_input_dataset(reader, input, run->inputs[i].seq, &dataset));
        if (!dataset || (oldest.known && time_of(dataset) >= oldest.time_us))
            continue;
        oldest = (struct ml_data_time){.known = true,
                                       .time_us = time_of(dataset),
                                       .dataset_seq = dataset->header->seq,
                                       .input_seq = run->inputs[i].seq};
    }
    *ret_time = oldest;
    return MLEDGER_OK;
}

uint64_t ml_run_held_out(const struct ml_run_past *run)
{
    for (size_t i = 0; i < run->n_inputs; i++)
        if (ml_input_role(run->inputs[i].input->role) == ML_INPUT_HELD_OUT)
            return run->inputs[i].seq;
    return MLEDGER_NO_SEQ;
}
