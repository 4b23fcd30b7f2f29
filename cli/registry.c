/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/registry.h"

#include "cli/parts.h"

int ml_registry_facts(struct ml_recording *recording, const char *model, uint64_t version)
{
    ML_TRY(ml_recording_fact(recording, "model", json_string(model)));
    if (version == 0)
        return MLEDGER_OK;
    return ml_recording_fact(recording, "version", json_integer((json_int_t)version));
}

int ml_registry_open_version(const struct ml_invocation *invocation, struct ml_output *out,
                             struct ml_recording *recording, struct ml_named_version *ret_version)
{
    ML_TRY(ml_recording_open(invocation, out, recording));
    ML_TRY(ml_named_version(&recording->session, ml_argument(invocation, "VERSION"), ret_version));
    return ml_registry_facts(recording, ret_version->model_name, ret_version->version);
}

int ml_registry_open_model(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_recording *recording, struct ml_named_subject *ret_model)
{
    ML_TRY(ml_recording_open(invocation, out, recording));
    ML_TRY(ml_named_model(&recording->session, ml_argument(invocation, "MODEL"), ret_model));
    return ml_registry_facts(recording, ret_model->name, 0);
}

int ml_registry_add_tags(struct ml_recording *recording, const struct ml_named_version *of,
                         struct ml_words words)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    const size_t count = words.count(invocation, words.name);
    Mledger__TagsSet *set;
    if (count == 0)
        return MLEDGER_OK;
    ML_TRY(ml_recording_add(recording, "tags_set", &set));
    struct ml_draft *draft = ml_recording_draft(recording);
    set->has_model = true;
    set->model = of->model;
    set->has_version = of->version > 0;
    set->version = of->version;
    for (size_t i = 0; i < count; i++) {
        struct ml_pair pair;
        ML_TRY(ml_values_pair("a tag", words.at(invocation, words.name, i), &pair));
        ML_TRY(ml_parts_append_pair(draft, &set->tags, &set->n_tags, &draft->details->tag_values,
                                    &draft->details->n_tag_values, &pair));
    }
    return MLEDGER_OK;
}

int ml_registry_add_untags(struct ml_recording *recording, const struct ml_named_version *of,
                           struct ml_words words)
{
    const struct ml_invocation *invocation = recording->session.invocation;
    const size_t count = words.count(invocation, words.name);
    Mledger__TagsDeleted *deleted;
    if (count == 0)
        return MLEDGER_OK;
    ML_TRY(ml_recording_add(recording, "tags_deleted", &deleted));
    struct ml_draft *draft = ml_recording_draft(recording);
    deleted->has_model = true;
    deleted->model = of->model;
    deleted->has_version = of->version > 0;
    deleted->version = of->version;
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_parts_append(draft, &deleted->tags, &deleted->n_tags,
                               ml_draft_text(draft, words.at(invocation, words.name, i))));
    return MLEDGER_OK;
}
