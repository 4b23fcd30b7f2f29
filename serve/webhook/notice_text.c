/* SPDX-License-Identifier: Apache-2.0 */
/* The text of a notice. */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "serve/webhook/notice_private.h"

enum { NUMBER_SIZE = 24 };

int ml_notice_put_text(json_t *object, const char *name, const char *text)
{
    return text ? ml_json_put(object, name, json_string(text)) : MLEDGER_OK;
}

static int put_version(json_t *object, const char *name, uint64_t version)
{
    char text[NUMBER_SIZE];
    snprintf(text, sizeof text, "%" PRIu64, version);
    return version ? ml_json_put(object, name, json_string(text)) : MLEDGER_OK;
}

static int put_data(json_t *notice, const struct ml_notice_subject *about)
{
    ML_CLEANUP(json_decrefp) json_t *data = json_object();
    if (!data)
        return ml_fail_memory();
    ML_TRY(ml_notice_put_text(data, "name", about->model));
    ML_TRY(put_version(data, "version", about->version));
    ML_TRY(put_version(data, "from_version", about->from_version));
    ML_TRY(ml_notice_put_text(data, "alias", about->alias));
    ML_TRY(ml_notice_put_text(data, "from_stage", about->from_stage));
    ML_TRY(ml_notice_put_text(data, "to_stage", about->to_stage));
    ML_TRY(ml_notice_put_text(data, "key", about->key));
    ML_TRY(ml_notice_put_text(data, "value", about->value));
    if (about->data && json_object_update(data, about->data) != 0)
        return ml_fail_memory();
    return ml_json_put(notice, "data", ML_TAKE(data));
}

/* As Python's isoformat() has it: an offset, and no Z, which some of its versions do not read. */
static int put_time(json_t *notice, int64_t time_us)
{
    char zulu[ML_TIME_TEXT_SIZE], text[ML_TIME_TEXT_SIZE + 8];
    ML_TRY(ml_time_format(time_us, zulu));
    snprintf(text, sizeof text, "%.*s+00:00", (int)strcspn(zulu, "Z"), zulu);
    return ml_notice_put_text(notice, "timestamp", text);
}

static int put_top(json_t *notice, const struct ml_webhook_event *event,
                   const struct ml_notice_subject *about)
{
    const ProtobufCEnumValue *name =
        protobuf_c_enum_descriptor_get_value(&mledger__webhook_event__descriptor, event->event);
    ML_TRY(ml_notice_put_text(notice, "event_type", name->name));
    ML_TRY(ml_notice_put_text(notice, "event", name->name));
    ML_TRY(ml_notice_put_text(notice, "model_name", about->model));
    ML_TRY(put_version(notice, "version", about->version));
    ML_TRY(ml_notice_put_text(notice, "from_stage", about->from_stage));
    return ml_notice_put_text(notice, "to_stage", about->to_stage);
}

int ml_notice_make(const struct ml_webhook_event *event, int64_t time_us,
                   const struct ml_notice_subject *about, json_t **ret_notice)
{
    ML_CLEANUP(json_decrefp)
    json_t *notice = json_pack("{s:s, s:s}", "entity", event->entity, "action", event->action);
    if (!notice)
        return ml_fail_memory();
    ML_TRY(put_time(notice, time_us));
    ML_TRY(put_data(notice, about));
    ML_TRY(put_top(notice, event, about));
    *ret_notice = ML_TAKE(notice);
    return MLEDGER_OK;
}
