/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts from lines of JSON. */
#include "ledger/core/event.h"
#include "ledger/core/json_field.h"

/* Takes `key` out of the object; NULL: it is not there. */
static json_t *take_key(json_t *object, const char *key)
{
    json_t *value = json_incref(json_object_get(object, key));
    if (value)
        (void)json_object_del(object, key);
    return value;
}

static int rename_actor(json_t *object)
{
    static const char *const field = "on_behalf_of_actor_ref";
    ML_CLEANUP(json_decrefp) json_t *actor = take_key(object, "on_behalf_of");
    if (!actor)
        return MLEDGER_OK;
    if (json_object_get(object, field))
        return ml_json_fail(NULL, "'on_behalf_of' and '%s' are the same", field);
    return ml_json_put(object, field, ML_TAKE(actor));
}

static int read_details(const json_t *json, struct ml_draft *draft)
{
    if (!json)
        return MLEDGER_OK;
    const struct ml_json_path path = {NULL, "details", SIZE_MAX};
    const struct ml_json_reader strict = {.arena = &draft->arena};
    if (json_is_object(json) && json_object_size(json) == 0)
        return MLEDGER_OK; /* nothing to say is no details */
    if (!ml_draft_details(draft))
        return ml_fail_memory();
    return ml_json_read(&strict, &path, json, &draft->details->base);
}

static int read_draft(const char *line, size_t len, struct ml_draft *draft)
{
    if (len > ML_LIMIT_JSON_LINE)
        return ml_fail(MLEDGER_EINVALID, "a line of %zu bytes, over %d", len, ML_LIMIT_JSON_LINE);
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_parse(line, len, &json));
    if (!json_is_object(json))
        return ml_json_fail(NULL, "expected an object");
    ML_CLEANUP(json_decrefp) json_t *details = take_key(json, "details");
    ML_TRY(rename_actor(json));
    const struct ml_json_reader reader = {.arena = &draft->arena, .draft = draft};
    ML_TRY(ml_json_read(&reader, NULL, json, &draft->event->base));
    if (ml_event_kind(draft->event) == MLEDGER__KIND__KIND_UNSPECIFIED)
        return ml_json_fail(NULL, "no kind of event, like \"run_started\"");
    return read_details(details, draft);
}

int ml_draft_from_json(const char *line, size_t len, const char *origin,
                       struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    int result = read_draft(line, len, draft);
    if (result < 0)
        return origin ? ml_prefix("%s", origin) : result;
    draft->origin = ml_draft_text(draft, origin);
    if (origin && !draft->origin)
        return ml_fail_memory();
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}
