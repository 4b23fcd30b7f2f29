/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what is recorded of the run that a version came from. */
#include <inttypes.h>
#include <strings.h>

#include "ledger/query/exceptions_private.h"
#include "ledger/query/impact.h"
#include "ledger/query/input_role.h"

static uint64_t registered(const struct exception_scan *scan)
{
    return scan->version->record->header->seq;
}

static const struct ml_run_value *find_tag(const struct ml_run_past *run, const char *const *keys)
{
    for (; *keys; keys++)
        for (size_t i = 0; i < run->tags.count; i++)
            if (strcmp(run->tags.list[i].key, *keys) == 0)
                return &run->tags.list[i];
    return NULL;
}

/* ---- the run ---- */

int exception_no_run(struct exception_scan *scan)
{
    const uint64_t seqs[] = {registered(scan)};
    const char *id = scan->version->registered->run_id;
    if (scan->run)
        return MLEDGER_OK;
    return id ? EXCEPTION(scan, seqs, "it names run %s, which no record starts", id)
              : EXCEPTION(scan, seqs, "it names no run");
}

int exception_no_commit(struct exception_scan *scan)
{
    static const char *const keys[] = {"mlflow.source.git.commit", "git_sha", "code_version", NULL};
    if (!scan->run || scan->run->commit || find_tag(scan->run, keys))
        return MLEDGER_OK;
    const uint64_t seqs[] = {scan->run->seq, registered(scan)};
    return EXCEPTION(scan, seqs, "run %s names no commit", scan->run->id);
}

int exception_dirty_run(struct exception_scan *scan)
{
    static const char *const keys[] = {"mlflow.git.dirty", "git.dirty", "git_dirty", NULL};
    static const char *const yes[] = {"true", "1", "yes", "dirty", NULL};
    const struct ml_run_value *tag = scan->run ? find_tag(scan->run, keys) : NULL;
    if (scan->run && !tag)
        return exception_unknown(scan, "no tag of its run says whether the tree was clean");
    if (!tag || !exception_says(tag->text, yes))
        return MLEDGER_OK;
    const uint64_t seqs[] = {tag->seq, registered(scan)};
    return EXCEPTION(scan, seqs, "run %s had changes that were not committed", scan->run->id);
}

/* ---- its data ---- */

/* Whether a person confirmed which stage the run was; its data are those of the stage then. */
static int is_confirmed(struct exception_scan *scan, bool *ret_confirmed)
{
    struct ml_state_key prefix = ml_index_subject_prefix(scan->run->seq);
    const struct ml_record **records;
    size_t count;
    *ret_confirmed = false;
    ML_TRY(ml_reader_records(scan->reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++)
        *ret_confirmed |= records[i]->event->kind_case == MLEDGER__EVENT__KIND_LINK_CONFIRMED;
    return MLEDGER_OK;
}

static bool is_training(const Mledger__Input *input)
{
    return !input->has_model_ref && ml_input_role(input->role) == ML_INPUT_TRAINING;
}

int exception_no_data(struct exception_scan *scan)
{
    size_t trained_on = 0;
    bool confirmed;
    if (!scan->run)
        return MLEDGER_OK;
    ML_TRY(is_confirmed(scan, &confirmed));
    if (confirmed)
        return MLEDGER_OK;
    for (size_t i = 0; i < scan->run->n_inputs; i++) {
        const struct ml_run_input *one = &scan->run->inputs[i];
        if (!is_training(one->input))
            continue;
        trained_on++;
        const uint64_t seqs[] = {one->seq, registered(scan)};
        if (one->input->n_digests == 0)
            ML_TRY(EXCEPTION(scan, seqs, "training data %s has no digest", one->input->name));
    }
    const uint64_t seqs[] = {scan->run->seq, registered(scan)};
    return trained_on > 0 ? MLEDGER_OK
                          : EXCEPTION(scan, seqs, "run %s names no training data", scan->run->id);
}

/* Whether a run or a stage made the content. */
static int is_made(struct exception_scan *scan, const Mledger__Input *input, bool *ret_made)
{
    *ret_made = false;
    for (size_t i = 0; i < input->n_digests && !*ret_made; i++) {
        const Mledger__Digest *digest = input->digests[i];
        struct ml_state_key prefix = ml_index_digest_prefix(
            digest->algorithm, ML_SPAN(digest->value.data, digest->value.len), true);
        uint64_t *seqs;
        size_t count;
        bool more;
        ML_TRY(ml_reader_seqs(scan->reader, &prefix, 1, &seqs, &count, &more));
        *ret_made = count > 0;
    }
    return MLEDGER_OK;
}

int exception_data_unrecorded(struct exception_scan *scan)
{
    for (size_t i = 0; scan->run && i < scan->run->n_inputs; i++) {
        const struct ml_run_input *one = &scan->run->inputs[i];
        const struct ml_record *dataset;
        bool made;
        if (!is_training(one->input) || one->input->n_digests == 0)
            continue;
        ML_TRY(ml_input_dataset(scan->reader, one->input, one->seq, &dataset));
        ML_TRY(is_made(scan, one->input, &made));
        const uint64_t seqs[] = {one->seq, registered(scan)};
        if (!dataset && !made)
            ML_TRY(EXCEPTION(scan, seqs, "where training data %s comes from is not recorded",
                             one->input->name));
    }
    return MLEDGER_OK;
}

/* ---- its packages ---- */

int exception_no_dependencies(struct exception_scan *scan)
{
    const Mledger__VersionRegistered *version = scan->version->registered;
    if (!scan->run)
        return MLEDGER_OK;
    for (size_t i = 0; i < scan->run->n_outputs; i++)
        if (ml_is_environment_file(scan->run->outputs[i].artifact->path))
            return MLEDGER_OK;
    for (size_t i = 0; i < version->n_artifacts; i++)
        if (ml_is_environment_file(version->artifacts[i]->path))
            return MLEDGER_OK;
    const uint64_t seqs[] = {scan->run->seq, registered(scan)};
    return EXCEPTION(scan, seqs, "run %s has no artifact that lists packages", scan->run->id);
}

/* ---- runs by themselves ---- */

int exception_not_ended(struct exception_scan *scan)
{
    const int64_t day_us = INT64_C(86400) * 1000000;
    const struct ml_run_past *run = scan->run;
    struct ml_state_key prefix = ml_index_subject_prefix(run->seq);
    const struct ml_record *newest;
    uint64_t seq;
    if (run->ended_seq != MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    ML_TRY(ml_view_index_last(scan->view, &prefix, scan->options->as_of, &seq));
    ML_TRY(ml_reader_record(scan->reader, seq, &newest));
    if (newest->header->recorded_at + day_us >= scan->options->as_of_us)
        return MLEDGER_OK;
    const uint64_t seqs[] = {run->seq, seq};
    return EXCEPTION(scan, seqs,
                     "started by #%" PRIu64 ", last heard of in #%" PRIu64 ", and never ended",
                     run->seq, seq);
}
