/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/content.h"

#include "cli/named.h"

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static int read_digest(struct ml_draft *draft, const char *what, const char *text,
                       struct ml_content *content)
{
    struct ml_digest digest;
    ML_TRY(ml_values_digest(what, text, &digest));
    return ml_parts_append_digest(draft, &content->digests, &content->n_digests, &digest,
                                  MLEDGER__STANDING__CLAIMED);
}

static int copy_dataset(struct ml_draft *draft, const Mledger__DatasetRecorded *recorded,
                        struct ml_content *content)
{
    content->name = ml_draft_text(draft, recorded->name);
    if (!content->name)
        return ml_fail_memory();
    content->has_size = recorded->has_size;
    content->size = recorded->size;
    for (size_t i = 0; i < recorded->n_digests; i++) {
        const Mledger__Digest *digest = recorded->digests[i];
        ML_TRY(ml_parts_append(draft, &content->digests, &content->n_digests,
                               ml_draft_digest(draft, digest->algorithm, digest->value.data,
                                               digest->value.len, MLEDGER__STANDING__CLAIMED)));
    }
    return MLEDGER_OK;
}

static int read_dataset_record(struct ml_reader *reader, struct ml_draft *draft, const char *text,
                               struct ml_content *content)
{
    struct ml_named_dataset dataset;
    const struct ml_record *record;
    ML_TRY(ml_named_dataset(reader, text, &dataset));
    ML_TRY(ml_reader_record(reader, dataset.record, &record));
    content->has_dataset = true;
    content->dataset = dataset.subject.seq;
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DATASET_RECORDED)
        return ml_fail_seq(MLEDGER_EDAMAGED, dataset.record, "it is no record of a dataset");
    return copy_dataset(draft, record->event->dataset_recorded, content);
}

static int read_dataset(struct ml_session *session, struct ml_draft *draft, const char *text,
                        struct ml_content *content)
{
    struct ml_view view;
    struct ml_reader reader;
    ML_TRY(ml_view_begin(session->ledger, &view));
    ml_reader_init(&reader, &view, view.head.size - 1);
    const int result = read_dataset_record(&reader, draft, text, content);
    ml_reader_release(&reader);
    ml_view_end(&view);
    return result;
}

static int read_version(struct ml_session *session, struct ml_draft *draft, const char *text,
                        struct ml_content *content)
{
    struct ml_named_version version;
    ML_TRY(ml_named_version(session, text, &version));
    content->has_version = true;
    content->model = version.model;
    content->version = version.version;
    content->name = ml_draft_text(draft, version.model_name);
    return content->name ? MLEDGER_OK : ml_fail_memory();
}

static int read_path(struct ml_session *session, struct ml_draft *draft, const char *path,
                     struct ml_content *content)
{
    Mledger__Artifact *artifact;
    ML_TRY(ml_parts_artifact(draft, session->invocation, path, &artifact));
    content->name = artifact->path;
    content->has_size = true;
    content->size = artifact->size;
    content->digests = artifact->digests;
    content->n_digests = artifact->n_digests;
    return MLEDGER_OK;
}

int ml_content_read(struct ml_session *session, struct ml_draft *draft, const char *what,
                    const char *text, struct ml_content *ret_content)
{
    struct ml_content content = {0};
    if (ml_values_is_digest(text))
        ML_TRY(read_digest(draft, what, text, &content));
    else if (begins(text, "dataset:"))
        ML_TRY(read_dataset(session, draft, text, &content));
    else if (begins(text, "models:/") || begins(text, "version:"))
        ML_TRY(read_version(session, draft, text, &content));
    else
        ML_TRY(read_path(session, draft, text, &content));
    *ret_content = content;
    return MLEDGER_OK;
}

static int name_input(struct ml_draft *draft, struct ml_span key, Mledger__Input *input)
{
    const uint8_t *colon = memrchr(key.data, ':', key.len);
    if (colon) {
        const size_t before = (size_t)(colon - key.data);
        input->role = ml_parts_text(draft, ML_SPAN(colon + 1, key.len - before - 1));
        if (!input->role)
            return ml_fail_memory();
        key.len = before;
    }
    input->name = ml_parts_text(draft, key);
    return input->name ? MLEDGER_OK : ml_fail_memory();
}

int ml_content_input(struct ml_session *session, struct ml_draft *draft, const char *what,
                     const char *text, Mledger__Input **ret_input)
{
    struct ml_pair pair;
    struct ml_content content;
    Mledger__Input *input = ml_draft_message(draft, &mledger__input__descriptor);
    if (!input)
        return ml_fail_memory();
    if (ml_values_pair(what, text, &pair) < 0)
        return ml_fail(MLEDGER_EUSAGE, "%s must be NAME=CONTENT or NAME:ROLE=CONTENT, not '%s'",
                       what, text);
    ML_TRY(name_input(draft, pair.key, input));
    if (!*input->name || (input->role && !*input->role))
        return ml_fail(MLEDGER_EUSAGE, "%s has an empty name or role in '%s'", what, text);
    ML_TRY(ml_content_read(session, draft, what, pair.value, &content));
    input->has_dataset_ref = content.has_dataset;
    input->dataset_ref = content.dataset;
    input->has_model_ref = input->has_version = content.has_version;
    input->model_ref = content.model;
    input->version = content.version;
    input->has_size = content.has_size;
    input->size = content.size;
    input->digests = content.digests;
    input->n_digests = content.n_digests;
    *ret_input = input;
    return MLEDGER_OK;
}
