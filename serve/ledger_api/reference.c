/* SPDX-License-Identifier: Apache-2.0 */
/* What a name means, and which records say so: a client that makes a statement names things by
 * their numbers, and wants to see for itself that these are what it means. */
#include "ledger/query/record_filter.h"
#include "serve/ledger_api/question.h"
#include "serve/ledger_api/route.h"

static const char *const kind_names[] = {
    [ML_TARGET_RECORD] = "record",     [ML_TARGET_MODEL] = "model",
    [ML_TARGET_VERSION] = "version",   [ML_TARGET_RUN] = "run",
    [ML_TARGET_CONTENT] = "content",   [ML_TARGET_DATASET] = "dataset",
    [ML_TARGET_PIPELINE] = "pipeline", [ML_TARGET_EXPERIMENT] = "experiment",
    [ML_TARGET_ACTOR] = "actor",
};

/* Whether the record gave the model this name. */
static bool names(const struct ml_record *record, uint64_t model, const char *name)
{
    const Mledger__Event *event = record->event;
    if (event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED)
        return record->header->seq == model && strcmp(event->model_created->name, name) == 0;
    return event->kind_case == MLEDGER__EVENT__KIND_MODEL_RENAMED &&
           event->model_renamed->model == model && strcmp(event->model_renamed->name, name) == 0;
}

/* The newest record up to `up_to` that did; nothing where that was too long ago to look for. */
static int find_naming(struct ml_reader *reader, uint64_t model, MledgerApi__Reference *answer)
{
    const struct ml_record_filter filter = {
        .to = reader->as_of, .indexed = true, .prefix = ml_index_subject_prefix(model)};
    const struct ml_record *record;
    uint64_t seq = model;
    ML_TRY(ml_reader_record(reader, model, &record));
    for (unsigned i = 0; i < ML_API_RECORDS_READ && !names(record, model, answer->name); i++) {
        const uint64_t up_to = i == 0 ? reader->as_of : seq - 1;
        const int result = ml_record_filter_last(reader->view, &filter, up_to, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        ML_TRY(ml_reader_record(reader, seq, &record));
    }
    answer->has_named_by = names(record, model, answer->name);
    answer->named_by = record->header->seq;
    return MLEDGER_OK;
}

static int describe_subject(struct ml_reader *reader, const struct ml_target *target,
                            MledgerApi__Reference *answer)
{
    const Mledger__SubjectState *subject;
    ML_TRY(ml_reader_subject(reader, target->seq, &subject));
    answer->has_record = true;
    answer->record = target->seq;
    answer->name = subject ? subject->name : NULL;
    const bool is_model = target->kind == ML_TARGET_MODEL || target->kind == ML_TARGET_VERSION;
    return is_model && answer->name ? find_naming(reader, target->seq, answer) : MLEDGER_OK;
}

static int describe_version(struct ml_reader *reader, const struct ml_target *target,
                            MledgerApi__Reference *answer)
{
    Mledger__VersionState *version;
    ML_TRY(ml_state_version(reader->view->state, target->seq, target->version, &reader->arena,
                            &version));
    answer->has_version = true;
    answer->version = target->version;
    answer->record = version->registered_seq;
    return MLEDGER_OK;
}

static int describe(struct ml_reader *reader, const struct ml_target *target,
                    MledgerApi__Reference *answer)
{
    answer->kind = ml_api_text(kind_names[target->kind]);
    answer->name = ml_api_text(target->name);
    answer->has_seq = target->kind != ML_TARGET_CONTENT && target->seq != MLEDGER_NO_SEQ;
    answer->seq = target->seq;
    switch (target->kind) {
    case ML_TARGET_VERSION:
        ML_TRY(describe_subject(reader, target, answer));
        return describe_version(reader, target, answer);
    case ML_TARGET_RUN:
        return answer->has_seq ? describe_subject(reader, target, answer) : MLEDGER_OK;
    case ML_TARGET_MODEL:
    case ML_TARGET_EXPERIMENT:
    case ML_TARGET_ACTOR:
        return describe_subject(reader, target, answer);
    default:
        answer->has_record = answer->has_seq;
        answer->record = target->seq;
        return MLEDGER_OK;
    }
}

static int answer_reference(struct ml_api_call *call, struct ml_reader *reader,
                            const MledgerApi__AskReference *request)
{
    MledgerApi__Reference answer = MLEDGER_API__REFERENCE__INIT;
    struct ml_reference_text reference;
    struct ml_target target;
    ML_TRY(ml_reference_parse(request->ref, &reference));
    ML_TRY(ml_reference_resolve(reader, &reference, &target));
    ML_TRY(describe(reader, &target, &answer));
    return ml_api_answer_message(call, &answer.base);
}

int ml_api_reference(struct ml_api_call *call, const void *message)
{
    const MledgerApi__AskReference *request = message;
    struct ml_reader reader;
    struct ml_instant instant;
    ML_TRY(ml_api_view(call));
    ML_TRY(ml_api_moment(call, request->as_of, &instant));
    ml_reader_init(&reader, &call->view, instant.seq);
    const int result = answer_reference(call, &reader, request);
    ml_reader_release(&reader);
    return result;
}
