/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/mlflow/version_files.h"

#include "ledger/core/codec.h"
#include "ledger/core/draft.h"
#include "ledger/query/fields.h"

enum {
    EVENT_BYTES = ML_LIMIT_EVENT / 2,
    FILE_BYTES = 160, /* of one, but for its path */
};

/* What stands behind ".../ID/artifacts/" or "runs:/ID/"; NULL: the source is none of the run's. */
static const char *path_in_run(const char *source, const char *run_id)
{
    static const char folder[] = "/artifacts";
    const char *at = run_id && *run_id ? strstr(source, run_id) : NULL;
    if (!at)
        return NULL;
    at += strlen(run_id);
    if (strncmp(source, "runs:/", 6) != 0) {
        if (strncmp(at, folder, sizeof folder - 1) != 0)
            return NULL;
        at += sizeof folder - 1;
    }
    return *at == '\0' || *at == '/' ? at + strspn(at, "/") : NULL;
}

/* Is the file at the path, or in the directory there? All are in "". */
static bool is_below(const char *file, const char *path)
{
    size_t len = strlen(path);
    while (len > 0 && path[len - 1] == '/')
        len--;
    return len == 0 || (strncmp(file, path, len) == 0 && (file[len] == '\0' || file[len] == '/'));
}

static int copy_file(struct ml_draft *draft, const Mledger__Artifact *from,
                     Mledger__Artifact **ret_file)
{
    Mledger__Artifact *file = ml_draft_message(draft, &mledger__artifact__descriptor);
    if (!file)
        return ml_arena_fail(&draft->arena, "the request");
    file->path = ml_draft_text(draft, from->path);
    file->digests = ml_arena_calloc(&draft->arena, from->n_digests + 1, sizeof *file->digests);
    if (!file->path || !file->digests)
        return ml_arena_fail(&draft->arena, "the request");
    file->has_size = from->has_size;
    file->size = from->size;
    for (size_t i = 0; i < from->n_digests; i++) {
        const Mledger__Digest *digest = from->digests[i];
        file->digests[i] = ml_draft_digest(draft, digest->algorithm, digest->value.data,
                                           digest->value.len, digest->standing);
        if (!file->digests[i])
            return ml_arena_fail(&draft->arena, "the request");
    }
    file->n_digests = from->n_digests;
    *ret_file = file;
    return MLEDGER_OK;
}

static int copy_files(struct ml_rest_call *call, struct ml_draft *draft, uint64_t owner,
                      const char *path, Mledger__VersionRegistered *registered)
{
    struct ml_fields fields;
    size_t bytes = 0;
    ML_TRY(ml_fields_read(&call->reader, owner, 0, &fields));
    registered->artifacts =
        ml_arena_calloc(&draft->arena, fields.count + 1, sizeof *registered->artifacts);
    if (!registered->artifacts)
        return ml_arena_fail(&draft->arena, "the request");
    for (size_t i = 0; i < fields.count && bytes <= EVENT_BYTES; i++) {
        const struct ml_field *field = &fields.list[i];
        if (field->kind != ML_FIELD_ARTIFACT || !is_below(field->key, path))
            continue;
        bytes += FILE_BYTES + strlen(field->key);
        ML_TRY(copy_file(draft, field->output, &registered->artifacts[registered->n_artifacts++]));
    }
    if (bytes > EVENT_BYTES)
        registered->n_artifacts = 0;
    return MLEDGER_OK;
}

int ml_rest_version_files(struct ml_rest_call *call, struct ml_draft *draft,
                          Mledger__VersionRegistered *registered)
{
    if (registered->has_logged_model_ref)
        return copy_files(call, draft, registered->logged_model_ref, "", registered);
    const char *path = registered->has_run_ref && registered->source
                           ? path_in_run(registered->source, registered->run_id)
                           : NULL;
    return path ? copy_files(call, draft, registered->run_ref, path, registered) : MLEDGER_OK;
}
