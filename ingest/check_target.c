/* SPDX-License-Identifier: Apache-2.0 */
/* Which records are asked for. */
#include <inttypes.h>

#include "ingest/check_state.h"
#include "ledger/query/reference.h"
#include "ledger/query/state_walk.h"

/* ---- all ---- */

/* The newest records of the subjects of a kind. State is that of today: one that has changed since
 * the moment asked about is looked up. */
struct newest {
    struct check *check;
    uint64_t *seqs;
    size_t count, cap;
};

static int visit(uint64_t seq, const Mledger__SubjectState *state, void *context)
{
    struct newest *newest = context;
    const uint64_t as_of = newest->check->reader->as_of;
    uint64_t record = state->newest_record;
    if (seq > as_of || !state->has_newest_record)
        return MLEDGER_OK;
    if (record > as_of) {
        const struct ml_state_key prefix = ml_index_subject_prefix(seq);
        ML_TRY(ml_view_index_last(newest->check->reader->view, &prefix, as_of, &record));
    }
    ML_TRY(ml_grow(&newest->seqs, &newest->cap, newest->count + 1, sizeof *newest->seqs));
    newest->seqs[newest->count++] = record;
    return MLEDGER_OK;
}

typedef int claimer(struct check *check, uint64_t seq, bool named);

static int claim_newest(struct check *check, Mledger__SubjectKind kind, claimer *claim)
{
    struct newest newest = {.check = check};
    int result = ml_subject_walk(check->reader->view, kind, visit, &newest);
    for (size_t i = 0; result == MLEDGER_OK && i < newest.count; i++)
        result = claim(check, newest.seqs[i], false);
    free(newest.seqs);
    return result;
}

static int claim_all(struct check *check)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    const struct ml_state_key prefix = ml_index_artifacts_prefix();
    ML_TRY(claim_newest(check, MLEDGER__SUBJECT_KIND__PIPELINE, check_pipeline_claim));
    ML_TRY(claim_newest(check, MLEDGER__SUBJECT_KIND__DATASET, check_dataset_claim));
    ML_TRY(ml_reader_seqs(check->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    return check_artifacts_newest(check, seqs, count, false);
}

/* ---- by reference ---- */

static int claim_records_of(struct check *check, uint64_t subject)
{
    uint64_t *seqs;
    size_t count;
    bool more;
    const struct ml_state_key prefix = ml_index_subject_prefix(subject);
    ML_TRY(ml_reader_seqs(check->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    return check_artifacts_newest(check, seqs, count, true);
}

/* The files of a version; of one that names none, those of the run it came from. */
static int claim_version(struct check *check, const struct ml_target *target)
{
    const struct ml_record *record;
    Mledger__VersionState *state;
    ML_TRY(ml_state_version(check->reader->view->state, target->seq, target->version,
                            &check->reader->arena, &state));
    const uint64_t seq = state->registered_seq;
    ML_TRY(ml_reader_record(check->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "it registers no version");
    const Mledger__VersionRegistered *version = record->event->version_registered;
    if (version->n_artifacts > 0 || !version->has_run_ref)
        return check_artifacts_claim(check, seq, true);
    return claim_records_of(check, version->run_ref);
}

static int claim_experiment(struct check *check, uint64_t experiment)
{
    const struct ml_record **records;
    size_t count;
    const struct ml_state_key prefix = ml_index_subject_prefix(experiment);
    ML_TRY(ml_reader_records(check->reader, &prefix, &records, &count));
    for (size_t i = 0; i < count; i++) {
        const struct ml_record *record = records[i];
        if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_STARTED)
            ML_TRY(claim_records_of(check, record->header->seq));
    }
    return MLEDGER_OK;
}

static int claim_record(struct check *check, uint64_t seq)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(check->reader, seq, &record));
    switch (record->event->kind_case) {
    case MLEDGER__EVENT__KIND_PIPELINE_RECORDED:
        return check_pipeline_claim(check, seq, true);
    case MLEDGER__EVENT__KIND_DATASET_RECORDED:
        return check_dataset_claim(check, seq, true);
    case MLEDGER__EVENT__KIND_ARTIFACT_RECORDED:
    case MLEDGER__EVENT__KIND_RUN_LOGGED:
    case MLEDGER__EVENT__KIND_VERSION_REGISTERED:
        return check_artifacts_claim(check, seq, true);
    default:
        return ml_fail_seq(MLEDGER_EUSAGE, seq, "record %" PRIu64 " names no files", seq);
    }
}

/* Whatever is recorded here with that content. */
static int claim_content(struct check *check, const struct ml_target *target)
{
    check->has_only = true;
    for (size_t i = 0; i < target->n_digests; i++)
        check_content_add(&check->only, target->digests[i]);
    const int result = claim_all(check);
    check->has_only = false;
    check->only = (struct check_content){0};
    return result;
}

static int claim_target(struct check *check, const char *reference, const struct ml_target *target)
{
    switch (target->kind) {
    case ML_TARGET_RECORD:
        return claim_record(check, target->seq);
    case ML_TARGET_DATASET:
        return check_dataset_claim(check, target->seq, true);
    case ML_TARGET_PIPELINE:
        return check_pipeline_claim(check, target->seq, true);
    case ML_TARGET_VERSION:
        return claim_version(check, target);
    case ML_TARGET_RUN:
        if (target->seq == MLEDGER_NO_SEQ)
            return ml_fail(MLEDGER_ENOTFOUND, "the ledger knows run '%s' by its id alone",
                           target->name);
        return claim_records_of(check, target->seq);
    case ML_TARGET_LOGGED_MODEL:
        return claim_records_of(check, target->seq);
    case ML_TARGET_EXPERIMENT:
        return claim_experiment(check, target->seq);
    case ML_TARGET_CONTENT:
        return claim_content(check, target);
    default:
        return ml_fail(MLEDGER_EUSAGE,
                       "'%s' names no files; a version, run, dataset, pipeline, "
                       "experiment, digest or record does",
                       reference);
    }
}

static int claim_reference(struct check *check, const char *reference)
{
    struct ml_reference_text text;
    struct ml_target target;
    const size_t before = check->n_claims;
    ML_TRY(ml_reference_parse(reference, &text));
    ML_TRY(ml_reference_resolve(check->reader, &text, &target));
    ML_TRY(claim_target(check, reference, &target));
    if (check->n_claims > before || check->result->without_digest)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_ENOTFOUND,
                   check->result->elsewhere ? "nothing that '%s' names lies in there"
                                            : "'%s' names no files",
                   reference);
}

int check_targets(struct check *check)
{
    const struct ml_check_options *options = check->options;
    if (options->n_references == 0)
        return claim_all(check);
    for (size_t i = 0; i < options->n_references; i++)
        ML_TRY(claim_reference(check, options->references[i]));
    return MLEDGER_OK;
}
