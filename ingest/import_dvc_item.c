/* SPDX-License-Identifier: Apache-2.0 */
/* What DVC says of content, as digests where it is content's identity and labels elsewhere. */
#include "ingest/dvc/digest.h"
#include "ingest/dvc/path.h"
#include "ingest/import_dvc_state.h"
#include "ledger/core/hex.h"

static Mledger__Algorithm algorithm_of(const char *hash_name, bool is_dir)
{
    if (is_dir) /* the list of a directory is plain JSON in every version of DVC */
        return MLEDGER__ALGORITHM__MD5_DIR;
    return strcmp(hash_name, "md5") == 0 ? MLEDGER__ALGORITHM__MD5
                                         : MLEDGER__ALGORITHM__MD5_DOS2UNIX;
}

int ml_import_dvc_digest(struct ml_draft *draft, const char *hash_name, const char *hash,
                         Mledger__Standing standing, Mledger__Digest **ret_digest)
{
    uint8_t value[ML_MD5_SIZE];
    *ret_digest = NULL;
    if (!hash || !hash_name || strncmp(hash_name, "md5", 3) != 0)
        return MLEDGER_OK;
    const bool is_dir = ml_dvc_path_ends_in(hash, ".dir");
    const size_t len = strlen(hash) - (is_dir ? strlen(".dir") : 0);
    if (ml_hex_decode(hash, len, value, sizeof value) < 0)
        return MLEDGER_OK;
    *ret_digest =
        ml_draft_digest(draft, algorithm_of(hash_name, is_dir), value, sizeof value, standing);
    return *ret_digest ? MLEDGER_OK : ml_fail_memory();
}

int ml_import_dvc_commit(struct ml_draft *draft, const char *id, Mledger__Standing standing,
                         Mledger__Digest **ret_digest)
{
    uint8_t value[ML_HASH_SIZE];
    const size_t len = id ? strlen(id) : 0;
    *ret_digest = NULL;
    if ((len != 40 && len != 64) || ml_hex_decode(id, len, value, len / 2) < 0)
        return MLEDGER_OK;
    *ret_digest = ml_draft_digest(draft, MLEDGER__ALGORITHM__GIT, value, len / 2, standing);
    return *ret_digest ? MLEDGER_OK : ml_fail_memory();
}

/* ---- directories ---- */

/* A manifest of exactly the files that DVC hashed. */
static bool is_same_list(const struct ml_manifest *manifest, const char *hash)
{
    uint8_t value[ML_MD5_SIZE];
    return manifest->is_directory && manifest->has_md5 && ml_dvc_path_ends_in(hash, ".dir") &&
           ml_hex_decode(hash, strlen(hash) - strlen(".dir"), value, sizeof value) == 0 &&
           memcmp(value, manifest->md5, sizeof value) == 0;
}

static int make_manifest(struct ml_import_dvc *import, const char *full,
                         struct ml_manifest **ret_manifest)
{
    struct ml_manifest *manifest = ml_pool_alloc(&import->pool, 1, sizeof *manifest);
    const char *path = ml_pool_printf(&import->pool, "%s/%s", import->project->root, full);
    if (!manifest || !path)
        return MLEDGER_ESYSTEM;
    int result = ml_manifest_make(path, NULL, NULL, manifest);
    if (result == MLEDGER_ESYSTEM)
        return result;
    /* What has no manifest (a link that leads nowhere, say) stays an empty one. */
    *ret_manifest = manifest;
    return ml_table_put(&import->manifests, full, manifest);
}

int ml_import_dvc_manifest(struct ml_import_dvc *import, const struct ml_dvc_item *item,
                           const struct ml_manifest **ret_manifest)
{
    *ret_manifest = NULL;
    if (!item->seen || !item->seen->is_dir)
        return MLEDGER_OK;
    struct ml_manifest *manifest = ml_table_get(&import->manifests, item->full);
    if (!manifest)
        ML_TRY(make_manifest(import, item->full, &manifest));
    if (is_same_list(manifest, item->seen->text[ML_DVC_PLAIN]))
        *ret_manifest = manifest;
    return MLEDGER_OK;
}

static int add_sha256(struct ml_draft *draft, struct ml_import_list *digests, const uint8_t *sha256)
{
    return ml_import_digest(draft, digests, MLEDGER__ALGORITHM__SHA256,
                            ML_SPAN(sha256, ML_HASH_SIZE), MLEDGER__STANDING__SEEN);
}

/* What was seen in the work tree beside the hash that it agrees with. */
static int add_seen(struct ml_import_dvc *import, struct ml_draft *draft,
                    const struct ml_dvc_item *item, struct ml_import_list *digests)
{
    const struct ml_dvc_digest *seen = item->seen;
    const struct ml_manifest *manifest;
    Mledger__Digest *plain;
    if (!seen)
        return MLEDGER_OK;
    if (strcmp(seen->text[ML_DVC_PLAIN], item->hash) != 0) {
        ML_TRY(ml_import_dvc_digest(draft, "md5", seen->text[ML_DVC_PLAIN], MLEDGER__STANDING__SEEN,
                                    &plain));
        ML_TRY(ml_import_list_add(digests, plain));
    }
    if (!seen->is_dir)
        return add_sha256(draft, digests, seen->sha256);
    ML_TRY(ml_import_dvc_manifest(import, item, &manifest));
    return manifest ? add_sha256(draft, digests, manifest->sha256) : MLEDGER_OK;
}

/* Of a directory that is recorded file by file DVC makes the list itself. */
static int add_listed(struct ml_draft *draft, const struct ml_dvc_item *item,
                      struct ml_import_list *digests)
{
    char text[ML_DVC_DIGEST_SIZE];
    Mledger__Digest *digest;
    ML_CLEANUP(ml_freep)
    struct ml_dvc_member *members = ml_calloc(item->files_count, sizeof *members);
    if (!members)
        return ml_fail_memory();
    for (size_t i = 0; i < item->files_count; i++) {
        const struct ml_dvc_file *file = &item->files[i];
        if (!file->hash || !file->hash_name || strcmp(file->hash_name, "md5") != 0)
            return MLEDGER_OK;
        members[i] = (struct ml_dvc_member){.relpath = file->relpath, .md5 = file->hash};
    }
    ML_TRY(ml_dvc_digest_manifest(members, item->files_count, text));
    ML_TRY(ml_import_dvc_digest(draft, "md5", text, MLEDGER__STANDING__CLAIMED, &digest));
    return digest ? ml_import_list_add(digests, digest) : MLEDGER_OK;
}

/* ---- labels ---- */

static int add_label(struct ml_import_dvc *import, struct ml_draft *draft, const char *prefix,
                     const char *scheme, const char *value, struct ml_import_list *labels)
{
    const char *full = value ? ml_pool_printf(&import->pool, "%s%s", prefix, scheme) : "";
    return full ? ml_import_label(draft, labels, full, value) : MLEDGER_ESYSTEM;
}

int ml_import_dvc_contents(struct ml_import_dvc *import, struct ml_draft *draft,
                           const struct ml_dvc_item *item, const char *prefix,
                           struct ml_import_list *digests, struct ml_import_list *labels)
{
    Mledger__Digest *digest;
    const Mledger__Standing standing =
        item->seen ? MLEDGER__STANDING__SEEN : MLEDGER__STANDING__CLAIMED;
    ML_TRY(ml_import_dvc_digest(draft, item->hash_name, item->hash, standing, &digest));
    if (digest)
        ML_TRY(ml_import_list_add(digests, digest));
    else if (item->hash && item->hash_name)
        ML_TRY(add_label(import, draft, prefix, item->hash_name, item->hash, labels));
    ML_TRY(add_seen(import, draft, item, digests));
    if (!item->hash && item->files_count)
        ML_TRY(add_listed(draft, item, digests));
    ML_TRY(add_label(import, draft, prefix, "version_id", item->version_id, labels));
    return add_label(import, draft, prefix, "remote",
                     item->cloud_remote ? item->cloud_remote : item->remote, labels);
}
