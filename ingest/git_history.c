/* SPDX-License-Identifier: Apache-2.0 */
/* libgit2's own walk ends with an error where a shallow clone does (1.5 does not know about them),
 * so the commits are looked up one by one. */
#include "ingest/git_history.h"

#include "ingest/git_private.h"

void ml_git_history_release(struct ml_git_history *history)
{
    free(history->nodes);
    ml_table_release(&history->by_id);
    ml_pool_release(&history->pool);
    *history = (struct ml_git_history){0};
}

/* ---- where it begins ---- */

static void reference_freep(git_reference **reference)
{
    git_reference_free(*reference);
}

static void object_freep(git_object **object)
{
    git_object_free(*object);
}

/* Of the first of the formats that there is a reference for. */
static int find_branch(struct ml_git *git, const char *branch, char ret_id[ML_GIT_ID_SIZE])
{
    static const char *const places[] = {"refs/heads/", "refs/remotes/", "refs/remotes/origin/"};
    for (size_t i = 0; i < ML_COUNT(places); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
        ML_CLEANUP(reference_freep) git_reference *reference = NULL;
        ML_CLEANUP(object_freep) git_object *commit = NULL;
        ML_TRY(ml_buf_printf(&name, "%s%s", places[i], branch));
        ML_TRY(ml_buf_append_char(&name, '\0'));
        const int result =
            git_reference_lookup(&reference, git->repository, (const char *)name.data);
        if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC)
            continue;
        if (result < 0 || git_reference_peel(&commit, reference, GIT_OBJECT_COMMIT) < 0)
            return ml_git_fail(MLEDGER_ESYSTEM, "cannot read the branch", branch);
        git_oid_tostr(ret_id, ML_GIT_ID_SIZE, git_object_id(commit));
        return MLEDGER_OK;
    }
    (void)ml_fail(MLEDGER_ENOTFOUND, "no branch '%s' in the Git repository '%s'", branch,
                  git_repository_path(git->repository));
    return ml_hint("git branch --all");
}

static int find_tip(struct ml_git *git, const char *branch, char ret_id[ML_GIT_ID_SIZE])
{
    ML_CLEANUP(ml_pool_release) struct ml_pool pool = {0};
    struct ml_git_commit head;
    if (branch)
        return find_branch(git, branch, ret_id);
    ML_TRY(ml_git_head(git, &pool, &head));
    memcpy(ret_id, head.id, ML_GIT_ID_SIZE);
    return MLEDGER_OK;
}

int ml_git_resolve(struct ml_git *git, const char *text, char ret_id[ML_GIT_ID_SIZE])
{
    ML_CLEANUP(object_freep) git_object *named = NULL;
    ML_CLEANUP(object_freep) git_object *commit = NULL;
    const int result = git_revparse_single(&named, git->repository, text);
    if (result == GIT_ENOTFOUND || result == GIT_EINVALIDSPEC || result == GIT_EAMBIGUOUS)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' names no one commit", text);
    if (result < 0)
        return ml_git_fail(MLEDGER_ESYSTEM, "cannot look for", text);
    if (git_object_peel(&commit, named, GIT_OBJECT_COMMIT) < 0)
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' names no commit", text);
    git_oid_tostr(ret_id, ML_GIT_ID_SIZE, git_object_id(commit));
    return MLEDGER_OK;
}

/* ---- gathering ---- */

/* A commit while they are gathered: in the order in which they were met. */
struct found {
    char id[ML_GIT_ID_SIZE];
    int64_t time_s;
    uint32_t *parents;
    uint32_t parents_count, first_parent;
    uint32_t waits;       /* parents that have no place in the order yet */
    uint32_t place;       /* in the order */
    uint32_t first_child; /* in `links` */
    bool is_cut;
};

struct link {
    uint32_t child, next;
};

struct gathering {
    struct ml_git *git;
    struct ml_pool *pool;
    bool is_shallow;
    struct ml_table by_id; /* found, by its id */
    struct found **all;
    size_t count, cap;
    struct link *links;
    size_t links_count, links_cap;
    uint32_t *heap; /* of those that wait for nobody, the oldest first */
    size_t heap_count;
};

static void gathering_release(struct gathering *gathering)
{
    ml_table_release(&gathering->by_id);
    free(gathering->all);
    free(gathering->links);
    free(gathering->heap);
}

/* `place` is the index in `all` until there is an order. */
static int meet(struct gathering *gathering, const char *id, uint32_t *ret_index)
{
    const struct found *known = ml_table_get(&gathering->by_id, id);
    if (known) {
        *ret_index = known->place;
        return MLEDGER_OK;
    }
    if (gathering->count == ML_GIT_COMMITS_MAX)
        return ml_fail(MLEDGER_EINVALID, "more than %zu Git commits", ML_GIT_COMMITS_MAX);
    struct found *found = ml_pool_alloc(gathering->pool, 1, sizeof *found);
    if (!found)
        return MLEDGER_ESYSTEM;
    memcpy(found->id, id, ML_GIT_ID_SIZE);
    found->place = (uint32_t)gathering->count;
    found->first_parent = found->first_child = ML_GIT_NO_COMMIT;
    ML_TRY(ml_grow(&gathering->all, &gathering->cap, gathering->count + 1, sizeof(void *)));
    gathering->all[gathering->count++] = found;
    *ret_index = found->place;
    return ml_table_put(&gathering->by_id, found->id, found);
}

static bool is_there(const struct gathering *gathering, const git_oid *id)
{
    git_odb *odb = NULL;
    if (git_repository_odb(&odb, gathering->git->repository) < 0)
        return true; /* reading it will say why not */
    const bool there = git_odb_exists(odb, id) != 0;
    git_odb_free(odb);
    return there;
}

static int add_link(struct gathering *gathering, uint32_t parent, uint32_t child)
{
    struct found *found = gathering->all[parent];
    ML_TRY(ml_grow(&gathering->links, &gathering->links_cap, gathering->links_count + 1,
                   sizeof *gathering->links));
    gathering->links[gathering->links_count] =
        (struct link){.child = child, .next = found->first_child};
    found->first_child = (uint32_t)gathering->links_count++;
    return MLEDGER_OK;
}

static int meet_parents(struct gathering *gathering, uint32_t index, const git_commit *commit)
{
    const unsigned count = git_commit_parentcount(commit);
    struct found *found = gathering->all[index];
    found->parents = ml_pool_alloc(gathering->pool, count, sizeof *found->parents);
    if (!found->parents)
        return MLEDGER_ESYSTEM;
    for (unsigned i = 0; i < count; i++) {
        const git_oid *id = git_commit_parent_id(commit, i);
        char text[ML_GIT_ID_SIZE];
        uint32_t parent;
        if (gathering->is_shallow && !is_there(gathering, id)) {
            found->is_cut = true;
            continue;
        }
        git_oid_tostr(text, sizeof text, id);
        ML_TRY(meet(gathering, text, &parent));
        ML_TRY(add_link(gathering, parent, index));
        found->parents[found->parents_count++] = parent;
        if (i == 0)
            found->first_parent = parent;
    }
    found->waits = found->parents_count;
    return MLEDGER_OK;
}

static int gather(struct gathering *gathering, const char *tip)
{
    uint32_t index;
    ML_TRY(meet(gathering, tip, &index));
    for (size_t i = 0; i < gathering->count; i++) {
        ML_CLEANUP(ml_git_commit_freep) git_commit *commit = NULL;
        const int result = ml_git_lookup(gathering->git, gathering->all[i]->id, &commit);
        if (result == MLEDGER_ENOTFOUND)
            return ml_fail(
                MLEDGER_ESYSTEM,
                "Git commit %s, which others came from, is missing: 'git fsck' tells more",
                gathering->all[i]->id);
        ML_TRY(result);
        gathering->all[i]->time_s = git_commit_time(commit);
        ML_TRY(meet_parents(gathering, (uint32_t)i, commit));
    }
    return MLEDGER_OK;
}

/* ---- ordering ---- */

static bool is_before(const struct gathering *gathering, uint32_t a, uint32_t b)
{
    const struct found *x = gathering->all[a], *y = gathering->all[b];
    return x->time_s != y->time_s ? x->time_s < y->time_s : strcmp(x->id, y->id) < 0;
}

static void push(struct gathering *gathering, uint32_t index)
{
    uint32_t *heap = gathering->heap;
    size_t at = gathering->heap_count++;
    for (; at > 0 && is_before(gathering, index, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = index;
}

static uint32_t pop(struct gathering *gathering)
{
    uint32_t *heap = gathering->heap;
    const uint32_t first = heap[0], last = heap[--gathering->heap_count];
    const size_t count = gathering->heap_count;
    size_t at = 0;
    for (size_t next = 1; next < count; next = 2 * at + 1) {
        if (next + 1 < count && is_before(gathering, heap[next + 1], heap[next]))
            next++;
        if (!is_before(gathering, heap[next], last))
            break;
        heap[at] = heap[next];
        at = next;
    }
    heap[at] = last;
    return first;
}

static int put_node(const struct gathering *gathering, uint32_t index,
                    struct ml_git_history *history)
{
    struct found *found = gathering->all[index];
    struct ml_git_node *node = &history->nodes[history->count];
    for (uint32_t i = 0; i < found->parents_count; i++)
        found->parents[i] = gathering->all[found->parents[i]]->place;
    *node = (struct ml_git_node){
        .time_s = found->time_s,
        .parents = found->parents,
        .parents_count = found->parents_count,
        .first_parent = found->first_parent == ML_GIT_NO_COMMIT
                            ? ML_GIT_NO_COMMIT
                            : gathering->all[found->first_parent]->place,
        .is_cut = found->is_cut,
    };
    memcpy(node->id, found->id, ML_GIT_ID_SIZE);
    found->place = (uint32_t)history->count++;
    history->cuts += node->is_cut;
    return ml_table_put(&history->by_id, node->id, node);
}

static int order(struct gathering *gathering, struct ml_git_history *history)
{
    gathering->heap = ml_calloc(gathering->count, sizeof *gathering->heap);
    history->nodes = ml_calloc(gathering->count, sizeof *history->nodes);
    if (!gathering->heap || !history->nodes)
        return ml_fail_memory();
    for (size_t i = 0; i < gathering->count; i++)
        if (gathering->all[i]->waits == 0)
            push(gathering, (uint32_t)i);
    while (gathering->heap_count > 0) {
        const uint32_t index = pop(gathering);
        ML_TRY(put_node(gathering, index, history));
        for (uint32_t l = gathering->all[index]->first_child; l != ML_GIT_NO_COMMIT;
             l = gathering->links[l].next)
            if (--gathering->all[gathering->links[l].child]->waits == 0)
                push(gathering, gathering->links[l].child);
    }
    /* An id is a hash over those of its parents, so only forged objects have circles. */
    if (history->count < gathering->count)
        return ml_fail(MLEDGER_ESYSTEM, "Git commits that came from each other");
    return MLEDGER_OK;
}

int ml_git_history_read(struct ml_git *git, const char *branch, struct ml_git_history *history)
{
    ML_CLEANUP(gathering_release)
    struct gathering gathering = {.git = git, .pool = &history->pool};
    char tip[ML_GIT_ID_SIZE];
    ML_TRY(find_tip(git, branch, tip));
    gathering.is_shallow = git_repository_is_shallow(git->repository) == 1;
    ML_TRY(gather(&gathering, tip));
    return order(&gathering, history);
}

int ml_git_history_mark(const struct ml_git_history *history, const char *id, bool *ret_marks)
{
    const struct ml_git_node *from = ml_table_get(&history->by_id, id);
    if (!from)
        return MLEDGER_OK;
    /* Parents stand before children, so one pass from the end reaches all. */
    ML_CLEANUP(ml_freep) bool *reached = ml_calloc(history->count, sizeof *reached);
    if (!reached)
        return ml_fail_memory();
    reached[from - history->nodes] = true;
    for (size_t i = (size_t)(from - history->nodes) + 1; i-- > 0;) {
        if (!reached[i])
            continue;
        ret_marks[i] = true;
        for (uint32_t p = 0; p < history->nodes[i].parents_count; p++)
            reached[history->nodes[i].parents[p]] = true;
    }
    return MLEDGER_OK;
}
