/* SPDX-License-Identifier: Apache-2.0 */
/* Annotated tags: objects of Git's own, with a person, a time, a message, and perhaps a signature.
 * Tags that are mere names of commits are not among them. Threads: as its repository. */
#ifndef ML_INGEST_GIT_TAG_H
#define ML_INGEST_GIT_TAG_H

#include "ingest/git.h"

#define ML_GIT_TAGS_MAX ((size_t)1000000)

struct ml_git_tag {
    const char *name; /* without "refs/tags/" */
    char id[ML_GIT_ID_SIZE];
    char commit[ML_GIT_ID_SIZE]; /* that it names, through other tags if need be */
    struct ml_git_person tagger; /* name NULL: it names none, as old ones do */
    const char *message;         /* without the signature */
    bool is_signed;              /* carries a signature, which nobody has checked */
};

/* All that name a commit, the oldest first, in one second by name; in `pool`.
 * MLEDGER_EINVALID: more than ML_GIT_TAGS_MAX. MLEDGER_ESYSTEM: one cannot be read. */
int ml_git_tags(struct ml_git *git, struct ml_pool *pool, struct ml_git_tag **ret_tags,
                size_t *ret_count) ML_MUST_USE;

#endif
