/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/reply.h"

#include "ledger/core/json.h"
#include "ledger/core/utf8.h"

static const char content_json[] = "application/json";

int ml_rest_reply_json(struct ml_server_reply *reply, int status, const json_t *json)
{
    ml_buf_clear(&reply->body);
    ML_TRY(ml_json_dump(json, 0, &reply->body));
    reply->status = status;
    reply->content_type = content_json;
    return MLEDGER_OK;
}

/* "X-MLflow-Client-Version: 3.11.2". */
bool ml_rest_is_version_3(const struct ml_server_request *request)
{
    const char *version = ml_server_header(request, "X-MLflow-Client-Version");
    return version && strtoul(version, NULL, 10) >= 3;
}

/* MLflow 3 says the class of an error beside its code. */
static const char *error_class(const char *code)
{
    return strcmp(code, ML_REST_NOT_FOUND) == 0 ? "RESOURCE_NOT_FOUND" : code;
}

int ml_rest_error_text(const struct ml_rest_error *kind, struct ml_buf *text)
{
    struct ml_error error;
    ml_error_get(&error);
    /* It quotes what the request holds, which may be no UTF-8, or cut within a character. */
    ML_TRY(ml_utf8_mend(
        kind->status == 500 ? "the server could not do this; its log says why" : error.text, text));
    return ml_buf_append_char(text, '\0');
}

int ml_rest_reply_error(struct ml_server_reply *reply, int result, bool is_version_3)
{
    const struct ml_rest_error kind = ml_rest_error(result);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_rest_error_text(&kind, &text));
    ML_CLEANUP(json_decrefp)
    json_t *json =
        json_pack("{s:s, s:s}", "error_code", kind.code, "message", (const char *)text.data);
    if (json && is_version_3 &&
        (json_object_set_new(json, "sqlstate", json_string("KAM00")) != 0 ||
         json_object_set_new(json, "error_class", json_string(error_class(kind.code))) != 0))
        return ml_fail_memory();
    if (!json)
        return ml_fail_memory();
    return ml_rest_reply_json(reply, kind.status, json);
}

static const char *code_of_status(int status)
{
    switch (status) {
    case 404:
    case 405:
        return ML_REST_NO_ENDPOINT;
    case 413:
        return ML_REST_INVALID;
    case 503:
        return ML_REST_UNAVAILABLE;
    default:
        return ML_REST_INTERNAL;
    }
}

int ml_rest_reply_status(struct ml_server_reply *reply, int status, const char *text)
{
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack("{s:s, s:s}", "error_code", code_of_status(status), "message", text);
    return json ? ml_rest_reply_json(reply, status, json) : ml_fail_memory();
}
