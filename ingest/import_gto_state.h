/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry that GTO keeps in the tags of a repository, on its way into the ledger; shared by
 * the files import_gto*.c.
 *
 * An artifact becomes a model, called by the pipeline's name and its own ("churn/model"). Versions
 * get numbers in the order of their tags; what GTO calls them (v1.2.3) is the version's tag
 * gto.version. Every event names the Git tag that says so, by which it is known again, and claims
 * that tag's time and person:
 *
 *   registered    version_registered, with what the dvc.yaml of that commit says of the artifact
 *   deregistered  version_deleted
 *   assigned      stage_imported; GTO keeps one version in a stage, so the one that was there
 *                 leaves it by the same tag: stage_imported "None"
 *   unassigned    stage_imported "None"
 *   deprecated    tags_set gto.deprecated of the model
 *   created       model_created, as is whatever comes first
 */
#ifndef ML_INGEST_IMPORT_GTO_STATE_H
#define ML_INGEST_IMPORT_GTO_STATE_H

#include "ingest/git_tag.h"
#include "ingest/gto.h"
#include "ingest/import_dvc_history.h"

struct ml_import_gto_version {
    const char *name; /* "v1.2.3" */
    char commit[ML_GIT_ID_SIZE];
    uint64_t number;
    int64_t time_us;   /* of its tag; earlier tags do not speak of it */
    const char *stage; /* "None" */
    bool is_deleted;
};

struct ml_import_gto_model {
    const char *name; /* of the model in the ledger */
    bool is_there;    /* in the ledger, or on its way */
    bool is_deleted;
    uint64_t newest; /* number of a version */
    struct ml_import_gto_version *versions;
    size_t count, cap;
    struct ml_table told; /* events that came of tags: ml_import_gto_event() */
};

struct ml_import_gto {
    struct ml_import_history *history;
    struct ml_pool pool;
    struct ml_table models; /* by artifact */
    struct ml_import_gto_model **all;
    size_t all_count, all_cap;
};

/* ---- import_gto_model.c ---- */

/* The model of an artifact, with what the ledger knows of it when it is met first. */
int ml_import_gto_model_find(struct ml_import_gto *gto, const char *artifact,
                             struct ml_import_gto_model **ret_model) ML_MUST_USE;
void ml_import_gto_model_release(struct ml_import_gto_model *model);
/* A version of it, zeroed but for its stage; valid until the next one. */
int ml_import_gto_version_add(struct ml_import_gto_model *model,
                              struct ml_import_gto_version **ret_version) ML_MUST_USE;
/* The newest living version that a tag may speak of: of that name (NULL: any), at that commit
 * (NULL: any). NULL: none. */
struct ml_import_gto_version *ml_import_gto_version_of(const struct ml_import_gto_model *model,
                                                       int64_t time_us, const char *name,
                                                       const char *commit);
/* What an event of a tag is known by, in `pool`: the tag's object, the kind and, of a stage,
 * which. */
const char *ml_import_gto_event(struct ml_pool *pool, const char *tag_id, const char *kind,
                                const char *stage);

/* ---- import_gto_artifact.c ---- */

/* Path, size and digests of an artifact as the commit of its tag has it, as far as its files say.
 */
int ml_import_gto_artifact(struct ml_import_gto *gto, const struct ml_git_tag *tag,
                           const struct ml_gto_tag *said, struct ml_draft *draft,
                           Mledger__VersionRegistered *registered) ML_MUST_USE;

/* ---- import_gto.c ---- */

/* All tags of the repository that are not left out by `since`. */
int ml_import_gto_tags(struct ml_import_history *history) ML_MUST_USE;

#endif
