/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/parts.h"

#include <limits.h>
#include <unistd.h>

#include "cli/invocation.h"
#include "cli/progress.h"
#include "ledger/core/utf8.h"

/* Lists grow to powers of two; which is their room follows from their count. */
int ml_parts_append(struct ml_draft *draft, void *list, size_t *count, void *element)
{
    void ***place = list;
    if (!element)
        return ml_fail_memory();
    if ((*count & (*count - 1)) == 0) {
        void **grown = ml_arena_calloc(&draft->arena, *count ? 2 * *count : 1, sizeof *grown);
        if (!grown)
            return ml_arena_fail(&draft->arena, "what is to be recorded");
        if (*count)
            memcpy(grown, *place, *count * sizeof *grown);
        *place = grown;
    }
    (*place)[(*count)++] = element;
    return MLEDGER_OK;
}

char *ml_parts_text(struct ml_draft *draft, struct ml_span text)
{
    return ml_arena_text(&draft->arena, (const char *)text.data, text.len);
}

int ml_parts_append_pair(struct ml_draft *draft, char ***keys, size_t *n_keys, char ***values,
                         size_t *n_values, const struct ml_pair *pair)
{
    ML_TRY(ml_parts_append(draft, keys, n_keys, ml_parts_text(draft, pair->key)));
    return ml_parts_append(draft, values, n_values, ml_draft_text(draft, pair->value));
}

int ml_parts_add_tags(struct ml_draft *draft, const struct ml_invocation *invocation,
                      const char *name, char ***tags, size_t *n_tags)
{
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    for (size_t i = 0; i < ml_option_count(invocation, name); i++) {
        struct ml_pair pair;
        ML_TRY(ml_values_pair("--tag", ml_option_at(invocation, name, i), &pair));
        ML_TRY(ml_parts_append_pair(draft, tags, n_tags, &details->tag_values,
                                    &details->n_tag_values, &pair));
    }
    return MLEDGER_OK;
}

int ml_parts_append_digest(struct ml_draft *draft, Mledger__Digest ***digests, size_t *count,
                           const struct ml_digest *digest, Mledger__Standing standing)
{
    return ml_parts_append(
        draft, digests, count,
        ml_draft_digest(draft, digest->algorithm, digest->value, digest->len, standing));
}

int ml_parts_append_seen(struct ml_draft *draft, const struct ml_manifest *manifest,
                         Mledger__Digest ***digests, size_t *count)
{
    ML_TRY(ml_parts_append(draft, digests, count,
                           ml_draft_digest(draft, MLEDGER__ALGORITHM__SHA256, manifest->sha256,
                                           ML_HASH_SIZE, MLEDGER__STANDING__SEEN)));
    if (!manifest->has_md5)
        return MLEDGER_OK;
    const Mledger__Algorithm algorithm =
        manifest->is_directory ? MLEDGER__ALGORITHM__MD5_DIR : MLEDGER__ALGORITHM__MD5;
    return ml_parts_append(
        draft, digests, count,
        ml_draft_digest(draft, algorithm, manifest->md5, ML_MD5_SIZE, MLEDGER__STANDING__SEEN));
}

int ml_parts_directory(struct ml_draft *draft)
{
    char path[PATH_MAX];
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    if (details->directory || !getcwd(path, sizeof path) ||
        !ml_utf8_is_text(ML_SPAN(path, strlen(path))))
        return MLEDGER_OK;
    details->directory = ml_draft_text(draft, path);
    return details->directory ? MLEDGER_OK : ml_fail_memory();
}

int ml_parts_read(const struct ml_invocation *invocation, const char *path,
                  struct ml_manifest *ret_manifest)
{
    ML_CLEANUP(ml_progress_finish) struct ml_progress progress;
    struct ml_error error;
    ml_progress_start(&progress, path, "", ML_PROGRESS_BYTES, invocation->quiet);
    const int result = ml_manifest_make(path, ml_progress_update, &progress, ret_manifest);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_get(&error);
    error.code = MLEDGER_ESYSTEM;
    return ml_error_set(&error);
}

/* Whether one of the path's parts is "..". */
static bool leads_upward(const char *path)
{
    for (const char *at = path; (at = strstr(at, "..")) != NULL; at += 2)
        if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
            return true;
    return false;
}

/* "model/a.bin" of "./model/a.bin" and "model/a.bin/"; "a.bin" of "/tmp/a.bin" and "../a.bin". */
static struct ml_span name_of(const char *path)
{
    while (strncmp(path, "./", 2) == 0)
        path += 2 + strspn(path + 2, "/");
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    const bool leads_out = path[0] == '/' || leads_upward(path);
    const char *slash = leads_out && len > 1 ? memrchr(path, '/', len) : NULL;
    const size_t skip = slash ? (size_t)(slash + 1 - path) : 0;
    return ML_SPAN(path + skip, len - skip);
}

int ml_parts_artifact(struct ml_draft *draft, const struct ml_invocation *invocation,
                      const char *path, Mledger__Artifact **ret_artifact)
{
    ML_CLEANUP(ml_manifest_release) struct ml_manifest manifest = {0};
    const struct ml_span name = name_of(path);
    if (!ml_utf8_is_text(name))
        return ml_fail(MLEDGER_EINVALID, "the name of '%s' is no UTF-8", path);
    ML_TRY(ml_parts_read(invocation, path, &manifest));
    Mledger__Artifact *artifact = ml_draft_message(draft, &mledger__artifact__descriptor);
    if (!artifact)
        return ml_fail_memory();
    artifact->path = ml_parts_text(draft, name);
    if (!artifact->path)
        return ml_fail_memory();
    ML_TRY(ml_parts_directory(draft));
    artifact->has_size = true;
    artifact->size = manifest.size;
    ML_TRY(ml_parts_append_seen(draft, &manifest, &artifact->digests, &artifact->n_digests));
    *ret_artifact = artifact;
    return MLEDGER_OK;
}
