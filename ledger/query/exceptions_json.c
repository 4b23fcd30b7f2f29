/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/exceptions_json.h"

#include "ledger/query/json_parts.h"

static int add_exception(json_t *list, const struct ml_exception *exception)
{
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put(json, "check", ml_json_text(exception->check->name)));
    ML_TRY(ml_json_put(json, "what", ml_json_text(exception->what)));
    if (exception->version) {
        ML_TRY(ml_json_put(json, "model_seq", ml_json_number(exception->model)));
        ML_TRY(ml_json_put(json, "version", ml_json_number(exception->version)));
    }
    ML_TRY(ml_json_put(json, "text", ml_json_text(exception->text)));
    return ml_json_put(json, "seqs", ml_json_numbers(exception->seqs, exception->n_seqs));
}

static int put_all(const struct ml_exceptions *found, const bool *wanted, json_t *json)
{
    json_t *list, *checks;
    ML_TRY(ml_json_put_empty(json, "exceptions", json_array(), &list));
    for (size_t i = 0; i < found->count; i++)
        ML_TRY(add_exception(list, &found->list[i]));
    ML_TRY(ml_json_put_empty(json, "checks", json_array(), &checks));
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        if (wanted[i])
            ML_TRY(ml_json_add(checks,
                               json_pack("{s:s, s:s, s:I}", "name", ml_exception_checks[i]->name,
                                         "sentence", ml_exception_checks[i]->sentence, "found",
                                         (json_int_t)found->counts[i])));
    return MLEDGER_OK;
}

int ml_exceptions_to_json(const struct ml_exceptions *found, const bool *wanted, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(found, wanted, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

static int add_check(json_t *list, const struct ml_exception_check *check)
{
    json_t *json = json_pack("{s:s, s:s, s:s}", "name", check->name, "sentence", check->sentence,
                             "decided", check->decided);
    ML_TRY(ml_json_add(list, json));
    return check->asked ? ml_json_put(json, "asked", json_true()) : MLEDGER_OK;
}

int ml_exception_checks_to_json(json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    json_t *list;
    if (!json)
        return ml_fail_memory();
    ML_TRY(ml_json_put_empty(json, "checks", json_array(), &list));
    for (size_t i = 0; i < ML_EXCEPTION_CHECKS; i++)
        ML_TRY(add_check(list, ml_exception_checks[i]));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
