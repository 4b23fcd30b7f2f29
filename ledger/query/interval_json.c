/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/interval_json.h"

#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"

/* Each takes the value over. */
static int put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int put_text(json_t *object, const char *key, const char *text)
{
    return text ? put(object, key, json_string(text)) : MLEDGER_OK;
}

static int put_number(json_t *object, const char *key, uint64_t number)
{
    return put(object, key, json_integer((json_int_t)number));
}

static int put_time(json_t *object, const char *key, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(time_us, text));
    return put(object, key, json_string(text));
}

/* ---- intervals ---- */

static int put_when(json_t *object, const struct ml_change *change)
{
    ML_TRY(put_number(object, "seq", change->seq));
    ML_TRY(put_time(object, "recorded_at", change->recorded_us));
    return change->claimed_us == change->recorded_us
               ? MLEDGER_OK
               : put_time(object, "claimed_at", change->claimed_us);
}

static int put_change(json_t *object, const char *key, const struct ml_change *change)
{
    if (change->seq == MLEDGER_NO_SEQ)
        return put(object, key, json_null());
    json_t *json = json_object();
    ML_TRY(put(object, key, json));
    ML_TRY(put_when(json, change));
    ML_TRY(put_text(json, "what", change->what));
    ML_TRY(put_text(json, "who", change->who && *change->who ? change->who : NULL));
    return put_text(json, "reason", change->reason);
}

static int fill(const struct ml_interval *interval, json_t *json)
{
    ML_TRY(put_text(json, "kind", ml_interval_kind_name(interval->kind)));
    ML_TRY(put_text(json, "name", interval->name));
    ML_TRY(put_text(json, "environment", interval->environment));
    ML_TRY(put_text(json, "model", interval->model_name));
    ML_TRY(put_number(json, "version", interval->version));
    if (interval->kind == ML_INTERVAL_DEPLOYMENT)
        ML_TRY(put_number(json, "share_ppm", interval->share_ppm));
    if (interval->imported)
        ML_TRY(put(json, "imported", json_true()));
    ML_TRY(put_change(json, "from", &interval->from));
    return put_change(json, "to", &interval->to);
}

int ml_interval_to_json(const struct ml_interval *interval, json_t **ret_json)
{
    json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    int result = fill(interval, json);
    if (result < 0) {
        json_decref(json);
        return result;
    }
    *ret_json = json;
    return MLEDGER_OK;
}

/* ---- approvals ---- */

static int put_actor(struct ml_reader *reader, json_t *object, const char *key, uint64_t actor)
{
    const Mledger__SubjectState *subject = NULL;
    if (actor != MLEDGER_NO_SEQ)
        ML_TRY(ml_reader_subject(reader, actor, &subject));
    return put(object, key, subject ? json_string(subject->name) : json_null());
}

static int put_same(json_t *object, unsigned parts)
{
    json_t *list = json_array();
    ML_TRY(put(object, "same_as", list));
    for (unsigned part = ML_PART_TRAINER; part <= ML_PART_MOVER; part <<= 1)
        if ((parts & part) &&
            json_array_append_new(list, json_string(ml_part_name((enum ml_part)part))) < 0)
            return ml_fail_memory();
    return MLEDGER_OK;
}

static int put_decision(json_t *list, const struct ml_approval *approval)
{
    json_t *json = json_object();
    if (json_array_append_new(list, json) < 0)
        return ml_fail_memory();
    ML_TRY(put_when(json, &approval->change));
    ML_TRY(put_text(json, "decision", ml_decision_name(approval->decision)));
    ML_TRY(put_text(json, "approver", approval->change.who));
    ML_TRY(put_text(json, "comment", approval->change.reason));
    ML_TRY(put_same(json, approval->same_as));
    return approval->after ? put(json, "after", json_true()) : MLEDGER_OK;
}

int ml_interval_json_approvals(struct ml_reader *reader, const struct ml_approvals *approvals,
                               json_t *json)
{
    json_t *object = json_object();
    ML_TRY(put(json, "approvals", object));
    const struct ml_parts *parts = &approvals->parts;
    ML_TRY(put_actor(reader, object, "trainer",
                     ml_approval_trainer_known(parts) ? parts->trainer : MLEDGER_NO_SEQ));
    ML_TRY(put_actor(reader, object, "registrar", approvals->parts.registrar));
    ML_TRY(put_actor(reader, object, "requester", approvals->parts.requester));
    ML_TRY(put_actor(reader, object, "mover", approvals->parts.mover));
    json_t *list = json_array();
    ML_TRY(put(object, "decisions", list));
    for (size_t i = 0; i < approvals->count; i++)
        ML_TRY(put_decision(list, &approvals->list[i]));
    return MLEDGER_OK;
}

static int tell_approvals(struct ml_reader *reader, const struct ml_interval *interval,
                          struct ml_basis *basis, json_t *json)
{
    struct ml_approvals approvals;
    if (!ml_interval_is_decided(interval))
        return MLEDGER_OK;
    ML_TRY(ml_approvals_of(reader, interval, &approvals));
    ML_TRY(ml_approvals_rest_on(&approvals, interval, basis));
    return ml_interval_json_approvals(reader, &approvals, json);
}

int ml_interval_told_to_json(struct ml_reader *reader, const struct ml_interval *interval,
                             struct ml_basis *basis, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = NULL;
    ML_TRY(ml_interval_to_json(interval, &json));
    ML_TRY(tell_approvals(reader, interval, basis, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
