/* SPDX-License-Identifier: Apache-2.0 */
/* Notices to try a webhook with, as mlflow.webhooks.types has them. */
#include "ledger/core/json.h"
#include "serve/webhook/notice_private.h"

/* By event. `description`: of what is described there; it then has tags too. */
static const struct {
    Mledger__WebhookEvent event;
    struct ml_notice_subject about;
    const char *description;
} examples[] = {
    {MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_CREATED,
     {.version = 0},
     "An example registered model"},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_CREATED, {.version = 1}, "An example model version"},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_SET,
     {.version = 1, .key = "example_key", .value = "example_value"},
     NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TAG_DELETED, {.version = 1, .key = "example_key"}, NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_CREATED,
     {.version = 1, .alias = "example_alias"},
     NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_DELETED, {.alias = "example_alias"}, NULL},
    {MLEDGER__WEBHOOK_EVENT__REGISTERED_MODEL_DELETED, {.version = 0}, NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_DELETED, {.version = 1}, NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_TRANSITIONED_STAGE,
     {.version = 1, .from_stage = "Staging", .to_stage = "Production"},
     NULL},
    {MLEDGER__WEBHOOK_EVENT__MODEL_VERSION_ALIAS_MOVED,
     {.version = 2, .from_version = 1, .alias = "example_alias"},
     NULL},
};

static int describe(const char *description, bool is_version, json_t **ret_data)
{
    ML_CLEANUP(json_decrefp)
    json_t *data = json_pack("{s:{s:s}, s:s}", "tags", "example_key", "example_value",
                             "description", description);
    if (!data)
        return ml_fail_memory();
    if (is_version) {
        ML_TRY(ml_notice_put_text(data, "source", "models:/123"));
        ML_TRY(ml_notice_put_text(data, "run_id", "abcd1234abcd5678"));
    }
    *ret_data = ML_TAKE(data);
    return MLEDGER_OK;
}

int ml_notice_example(Mledger__WebhookEvent event, int64_t now_us, char **ret_body)
{
    ML_CLEANUP(json_decrefp) json_t *data = NULL;
    ML_CLEANUP(json_decrefp) json_t *notice = NULL;
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    size_t i = 0;
    while (examples[i].event != event)
        i++;
    struct ml_notice_subject about = examples[i].about;
    about.model = "example_model";
    if (examples[i].description)
        ML_TRY(describe(examples[i].description, about.version > 0, &data));
    about.data = data;
    ML_TRY(ml_notice_make(ml_webhook_event(event), now_us, &about, &notice));
    ML_TRY(ml_json_dump(notice, 0, &text));
    return ml_buf_take_text(&text, ret_body);
}
