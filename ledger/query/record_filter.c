/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/record_filter.h"
#include "ledger/query/as_of.h"

#include "ledger/core/event.h"
#include "ledger/core/json.h"
#include "ledger/query/record_text.h"

/* The subject of a dataset's or a pipeline's record. */
static int subject_of(struct ml_reader *reader, uint64_t seq, uint64_t *ret_subject)
{
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, seq, &record));
    const Mledger__DatasetRecorded *dataset = record->event->dataset_recorded;
    const Mledger__PipelineRecorded *pipeline = record->event->pipeline_recorded;
    *ret_subject = seq;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED && dataset->has_dataset)
        *ret_subject = dataset->dataset;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_PIPELINE_RECORDED &&
        pipeline->has_pipeline)
        *ret_subject = pipeline->pipeline;
    return MLEDGER_OK;
}

int ml_record_filter_about(struct ml_reader *reader, const char *text,
                           const struct ml_target *target, struct ml_record_filter *filter)
{
    uint64_t subject = target->seq;
    filter->indexed = true;
    switch (target->kind) {
    case ML_TARGET_VERSION:
        filter->prefix = ml_index_version_prefix(target->seq, target->version);
        return MLEDGER_OK;
    case ML_TARGET_RUN:
        if (target->seq == MLEDGER_NO_SEQ)
            return ml_index_run_id_prefix(target->name, &filter->prefix);
        break;
    case ML_TARGET_DATASET:
    case ML_TARGET_PIPELINE:
        ML_TRY(subject_of(reader, target->seq, &subject));
        break;
    case ML_TARGET_MODEL:
    case ML_TARGET_EXPERIMENT:
    case ML_TARGET_ACTOR:
    case ML_TARGET_LOGGED_MODEL:
        break;
    default:
        return ml_fail(MLEDGER_EUSAGE, "'%s' names no subject that records are about", text);
    }
    filter->prefix = ml_index_subject_prefix(subject);
    return MLEDGER_OK;
}

int ml_record_filter_by(struct ml_view *view, const char *actor, struct ml_record_filter *filter)
{
    const int result =
        ml_state_find(view->state, MLEDGER__SUBJECT_KIND__ACTOR, actor, &filter->actor);
    filter->by_actor = true;
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "there is no actor '%s'", actor);
    return result;
}

int ml_record_filter_kind(const char *kind, struct ml_record_filter *filter)
{
    if (!ml_event_field(kind))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no kind of event, such as run_started", kind);
    filter->kind = kind;
    return MLEDGER_OK;
}

static int holds_text(const struct ml_record *record, const char *text, bool *ret_holds)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf dump = {0};
    json_t *json = NULL;
    const ProtobufCMessage *parts[] = {record->event ? &record->event->base : NULL,
                                       record->details ? &record->details->base : NULL};
    for (size_t i = 0; i < ML_COUNT(parts); i++) {
        if (!parts[i])
            continue;
        ML_TRY(ml_json_from_message(parts[i], &json));
        int result = ml_json_dump(json, 0, &dump);
        json_decref(json);
        ML_TRY(result);
    }
    ML_TRY(ml_buf_append_char(&dump, '\0'));
    *ret_holds = strcasestr((char *)dump.data, text) != NULL;
    return MLEDGER_OK;
}

int ml_record_filter_fits(struct ml_view *view, const struct ml_record_filter *filter,
                          const struct ml_record *record)
{
    bool is = true;
    if (filter->by_signer && memcmp(record->header->signer.data, filter->signer, ML_KEY_SIZE) != 0)
        return 0;
    if (filter->kind && (!record->event || strcmp(ml_event_name(record->event), filter->kind) != 0))
        return 0;
    if (filter->by_actor)
        ML_TRY(ml_record_is_by(view, record, filter->actor, &is));
    if (is && filter->text)
        ML_TRY(holds_text(record, filter->text, &is));
    return is;
}

static int take_first(uint64_t seq, void *context)
{
    *(uint64_t *)context = seq;
    return 1;
}

int ml_record_filter_next(struct ml_view *view, const struct ml_record_filter *filter,
                          uint64_t from, uint64_t *ret_seq)
{
    uint64_t seq = from < filter->from ? filter->from : from;
    if (filter->indexed) {
        const uint64_t start = seq;
        seq = MLEDGER_NO_SEQ;
        ML_TRY(ml_view_index(view, &filter->prefix, start, take_first, &seq));
    }
    if (seq > filter->to)
        return MLEDGER_ENOTFOUND;
    *ret_seq = seq;
    return MLEDGER_OK;
}

int ml_record_filter_last(struct ml_view *view, const struct ml_record_filter *filter,
                          uint64_t up_to, uint64_t *ret_seq)
{
    uint64_t seq = up_to > filter->to ? filter->to : up_to;
    if (filter->indexed)
        ML_TRY(ml_view_index_last(view, &filter->prefix, seq, &seq));
    if (seq < filter->from)
        return MLEDGER_ENOTFOUND;
    *ret_seq = seq;
    return MLEDGER_OK;
}

/* ---- from when to when ---- */

int ml_record_filter_since(struct ml_view *view, const char *moment,
                           struct ml_record_filter *filter)
{
    struct ml_as_of as_of;
    uint64_t first;
    ML_TRY(ml_as_of_parse(moment, &as_of));
    ML_TRY(ml_as_of_since(view, &as_of, &first));
    if (first > filter->from)
        filter->from = first;
    return MLEDGER_OK;
}

int ml_record_filter_until(struct ml_view *view, const char *moment,
                           struct ml_record_filter *filter)
{
    struct ml_as_of as_of;
    uint64_t last;
    ML_TRY(ml_as_of_parse(moment, &as_of));
    const int result = ml_as_of_resolve(view, &as_of, &last);
    if (result == MLEDGER_ENOTFOUND && as_of.kind == ML_AS_OF_TIME) {
        ml_error_clear();
        filter->from = 1; /* none is that old */
        filter->to = 0;
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (last < filter->to)
        filter->to = last;
    return MLEDGER_OK;
}
