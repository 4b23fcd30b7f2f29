/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/git_tag.h"

#include "ingest/git_private.h"

struct gathering {
    struct ml_git *git;
    struct ml_pool *pool;
    struct ml_git_tag *tags;
    size_t count, cap;
    int failed; /* libgit2 hands on no more than "no" */
};

static void gathering_release(struct gathering *gathering)
{
    free(gathering->tags);
}

static void object_freep(git_object **object)
{
    git_object_free(*object);
}

/* Where the signature begins, which Git puts behind the message (gpg-interface.c). */
static const char *find_signature(const char *message)
{
    static const char *const beginnings[] = {
        "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----",
        "-----BEGIN SIGNED MESSAGE-----", "-----BEGIN SSH SIGNATURE-----"};
    for (const char *line = message; line && *line; line = strchr(line, '\n')) {
        line += *line == '\n';
        for (size_t i = 0; i < ML_COUNT(beginnings); i++)
            if (strncmp(line, beginnings[i], strlen(beginnings[i])) == 0)
                return line;
    }
    return NULL;
}

static int read_message(struct gathering *gathering, const git_tag *from, struct ml_git_tag *tag)
{
    const char *message = git_tag_message(from);
    message = message ? message : "";
    const char *signature = find_signature(message);
    size_t len = signature ? (size_t)(signature - message) : strlen(message);
    while (len > 0 && message[len - 1] == '\n')
        len--;
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    const char *text = ml_pool_text(&pool, message, len);
    tag->is_signed = signature != NULL;
    tag->message = text ? ml_git_text(gathering->pool, text) : NULL;
    return tag->message ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

/* False in *ret_wanted for a name of a commit alone, and for a tag of something else. */
static int read_tag(struct gathering *gathering, const char *name, const git_oid *id,
                    struct ml_git_tag *tag, bool *ret_wanted)
{
    ML_CLEANUP(object_freep) git_object *object = NULL;
    ML_CLEANUP(object_freep) git_object *commit = NULL;
    git_repository *repository = gathering->git->repository;
    *ret_wanted = false;
    if (git_object_lookup(&object, repository, id, GIT_OBJECT_ANY) < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the Git tag", name);
    if (git_object_type(object) != GIT_OBJECT_TAG ||
        git_object_peel(&commit, object, GIT_OBJECT_COMMIT) < 0)
        return MLEDGER_OK;
    git_oid_tostr(tag->id, sizeof tag->id, id);
    git_oid_tostr(tag->commit, sizeof tag->commit, git_object_id(commit));
    tag->name = ml_git_text(gathering->pool, name);
    if (!tag->name)
        return MLEDGER_ESYSTEM;
    const git_signature *tagger = git_tag_tagger((const git_tag *)object);
    if (tagger)
        ML_TRY(ml_git_person_read(gathering->pool, tagger, &tag->tagger));
    *ret_wanted = true;
    return read_message(gathering, (const git_tag *)object, tag);
}

static int add(struct gathering *gathering, const char *name, const git_oid *id)
{
    struct ml_git_tag tag = {0};
    bool wanted;
    ML_TRY(read_tag(gathering, name, id, &tag, &wanted));
    if (!wanted)
        return MLEDGER_OK;
    if (gathering->count == ML_GIT_TAGS_MAX)
        return ml_fail(MLEDGER_EINVALID, "more than %zu Git tags", ML_GIT_TAGS_MAX);
    ML_TRY(ml_grow(&gathering->tags, &gathering->cap, gathering->count + 1, sizeof tag));
    gathering->tags[gathering->count++] = tag;
    return MLEDGER_OK;
}

static int on_tag(const char *name, git_oid *id, void *context)
{
    static const char prefix[] = "refs/tags/";
    struct gathering *gathering = context;
    if (strncmp(name, prefix, strlen(prefix)) == 0)
        name += strlen(prefix);
    gathering->failed = add(gathering, name, id);
    return gathering->failed < 0 ? -1 : 0;
}

static int compare(const void *a, const void *b)
{
    const struct ml_git_tag *x = a, *y = b;
    if (x->tagger.time_us != y->tagger.time_us)
        return x->tagger.time_us < y->tagger.time_us ? -1 : 1;
    return strcmp(x->name, y->name);
}

int ml_git_tags(struct ml_git *git, struct ml_pool *pool, struct ml_git_tag **ret_tags,
                size_t *ret_count)
{
    ML_CLEANUP(gathering_release) struct gathering gathering = {.git = git, .pool = pool};
    const int result = git_tag_foreach(git->repository, on_tag, &gathering);
    if (gathering.failed < 0)
        return gathering.failed;
    if (result < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot list the tags of",
                           git_repository_path(git->repository));
    struct ml_git_tag *tags = ml_pool_alloc(pool, gathering.count, sizeof *tags);
    if (!tags)
        return MLEDGER_ESYSTEM;
    if (gathering.count) {
        qsort(gathering.tags, gathering.count, sizeof *tags, compare);
        memcpy(tags, gathering.tags, gathering.count * sizeof *tags);
    }
    *ret_tags = tags;
    *ret_count = gathering.count;
    return MLEDGER_OK;
}
