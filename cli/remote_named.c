/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/remote_named.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/time.h"

static int ask_reference(struct ml_remote *remote, const char *text, json_t **ret_json)
{
    struct ml_api_ask ask;
    ml_api_ask(remote->client, &ask, "reference");
    ml_api_ask_text(&ask, "ref", text);
    return ml_api_get_json(remote->client, &ask, ret_json);
}

int ml_remote_resolve(struct ml_remote *remote, const char *text, uint64_t *ret_seq)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ask_reference(remote, text, &json));
    if (!json_object_get(json, "record"))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no one record", text);
    return ml_api_number_in(json, "record", ret_seq);
}

/* A stage or an alias moves: which version it means is what a server may not say. */
static int parse_version(const char *text, struct ml_named_version *version)
{
    struct ml_reference_text reference;
    ML_TRY(ml_reference_parse(text, &reference));
    if (reference.form != ML_REFERENCE_VERSION || reference.name.len >= sizeof version->model_name)
        return ml_fail(MLEDGER_EUSAGE,
                       "'%s': in a server's ledger name the version by its number, as churn/3",
                       text);
    version->version = reference.number;
    memcpy(version->model_name, reference.name.data, reference.name.len);
    version->model_name[reference.name.len] = '\0';
    return MLEDGER_OK;
}

static int lied(const char *text, uint64_t seq)
{
    return ml_fail_seq(MLEDGER_EDAMAGED, seq,
                       "the server says that this record tells of '%s', and it does not", text);
}

/* The record gave the model its name. */
static int check_name(struct ml_remote *remote, const char *text, uint64_t seq,
                      const struct ml_named_version *version)
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record proof;
    ML_TRY(ml_trust_record(&remote->trust, seq, &proof, NULL));
    const Mledger__Event *event = proof.record.event;
    const char *name = NULL;
    if (event && event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED && seq == version->model)
        name = event->model_created->name;
    if (event && event->kind_case == MLEDGER__EVENT__KIND_MODEL_RENAMED &&
        event->model_renamed->model == version->model)
        name = event->model_renamed->name;
    return name && strcmp(name, version->model_name) == 0 ? MLEDGER_OK : lied(text, seq);
}

/* The record registered this version; says what is known of it, for who is to judge it. */
static int check_registration(struct ml_remote *remote, const char *text, uint64_t seq,
                              const struct ml_named_version *version)
{
    ML_CLEANUP(ml_trust_record_release) struct ml_trust_record proof;
    char time[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_trust_record(&remote->trust, seq, &proof, NULL));
    const Mledger__Event *event = proof.record.event;
    if (!event || event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED ||
        event->version_registered->model != version->model ||
        event->version_registered->version != version->version)
        return lied(text, seq);
    const char *run = event->version_registered->run_id;
    ML_TRY(ml_time_format(proof.record.header->recorded_at, time));
    ml_remote_remark(remote,
                     "%s/%" PRIu64 " was registered in #%" PRIu64 " at %s%s%s, under a checkpoint "
                     "over %" PRIu64 " records",
                     version->model_name, version->version, seq, time, run ? " from run " : "",
                     run ? run : "", remote->trust.checkpoint.size);
    return MLEDGER_OK;
}

int ml_remote_version(struct ml_remote *remote, const char *text,
                      struct ml_named_version *ret_version)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    uint64_t record, named_by;
    ML_TRY(parse_version(text, ret_version));
    ML_TRY(ask_reference(remote, text, &json));
    ML_TRY(ml_api_number_in(json, "seq", &ret_version->model));
    ML_TRY(ml_api_number_in(json, "record", &record));
    ML_TRY(ml_api_number_in(json, "named_by", &named_by));
    ML_TRY(check_name(remote, text, named_by, ret_version));
    return check_registration(remote, text, record, ret_version);
}
