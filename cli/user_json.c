/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/user_json.h"

#include "ledger/core/time.h"

static int time_to_json(json_t *json, const char *key, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    if (time_us == 0)
        return MLEDGER_OK;
    ML_TRY(ml_time_format(time_us, text));
    return json_object_set_new(json, key, json_string(text)) == 0 ? MLEDGER_OK : ml_fail_memory();
}

int ml_user_to_json(const struct ml_user *user, json_t **ret_json)
{
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack("{s:s, s:s, s:s, s:s*, s:b}", "kind", ml_user_kind_name(user->kind),
                             "id", user->id, "actor", user->actor, "label", user->label,
                             "read_only", user->read_only);
    if (!json)
        return ml_fail_memory();
    ML_TRY(time_to_json(json, "created", user->created_us));
    ML_TRY(time_to_json(json, "expires", user->expires_us));
    ML_TRY(time_to_json(json, "revoked", user->revoked_us));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
