/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes of things: content, datasets, commits, agents, and what the ledger does not hold. */
#include "ledger/query/walk.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"

int walk_commit(struct walk *walk, const Mledger__Digest *commit, uint64_t seq, size_t *ret_node)
{
    char text[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(commit, 0, text);
    const char *hex = strchr(text, ':') + 1;
    ML_TRY(walk_node(walk, ML_NODE_COMMIT, walk_text(walk, "commit:%s", hex),
                     walk_text(walk, "commit %.12s", hex), seq, ret_node, NULL));
    return walk_digest(walk, *ret_node, commit);
}

static int claimed_only(struct walk *walk, size_t node)
{
    const struct ml_node *at = &walk_at(walk, node)->node;
    for (size_t i = 0; i < at->n_digests; i++)
        if (at->digests[i]->standing == MLEDGER__STANDING__SEEN)
            return MLEDGER_OK;
    return at->n_digests ? walk_attribute(walk, node, "digest", "claimed, not seen") : MLEDGER_OK;
}

static int add_digests(struct walk *walk, size_t node, Mledger__Digest *const *digests,
                       size_t count)
{
    ML_TRY(walk_digests(walk, node, digests, count));
    return claimed_only(walk, node);
}

static int file_by_path(struct walk *walk, const char *path, bool empty, uint64_t seq,
                        size_t *ret_node)
{
    bool is_new;
    ML_TRY(walk_node(walk, ML_NODE_FILE, walk_text(walk, "file:%s#%" PRIu64, path, seq),
                     walk_copy(walk, path), seq, ret_node, &is_new));
    if (empty)
        return walk_attribute(walk, *ret_node, "content", "empty");
    if (!is_new)
        return MLEDGER_OK;
    walk_flag(walk, *ret_node, ML_NODE_MISSING);
    return WALK_UNKNOWN(walk, "record %" PRIu64 " gives no digest of '%s'", seq, path);
}

int walk_file(struct walk *walk, Mledger__Digest *const *digests, size_t count, const char *path,
              uint64_t seq, size_t *ret_node)
{
    const Mledger__Digest *digest =
        ml_digest_strongest((const Mledger__Digest *const *)digests, count);
    if (!digest) {
        ML_TRY(file_by_path(walk, path ? path : "content", count > 0, seq, ret_node));
        return add_digests(walk, *ret_node, digests, count);
    }
    char text[ML_DIGEST_TEXT_SIZE], cut[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(digest, 0, text);
    ml_digest_text(digest, ML_DIGEST_SHORT, cut);
    ML_TRY(walk_node(walk, ML_NODE_FILE, walk_text(walk, "file:%s", text),
                     path ? walk_text(walk, "%s %s", path, cut) : walk_copy(walk, cut), seq,
                     ret_node, NULL));
    if (path)
        ML_TRY(walk_attribute(walk, *ret_node, "path", path));
    return add_digests(walk, *ret_node, digests, count);
}

int walk_artifact(struct walk *walk, const Mledger__Artifact *artifact, uint64_t seq,
                  size_t *ret_node)
{
    return walk_file(walk, artifact->digests, artifact->n_digests, artifact->path, seq, ret_node);
}

int walk_dataset(struct walk *walk, const char *name, Mledger__Digest *const *digests, size_t count,
                 uint64_t seq, size_t *ret_node)
{
    const Mledger__Digest *digest =
        ml_digest_strongest((const Mledger__Digest *const *)digests, count);
    char cut[ML_DIGEST_TEXT_SIZE] = "";
    if (digest)
        ml_digest_text(digest, ML_DIGEST_SHORT, cut);
    const char *id = digest ? walk_text(walk, "dataset:%s@%s", name, cut)
                            : walk_text(walk, "dataset:%s#%" PRIu64, name, seq);
    bool is_new;
    ML_TRY(walk_node(walk, ML_NODE_DATASET, id,
                     digest ? walk_text(walk, "%s %s", name, cut) : walk_copy(walk, name), seq,
                     ret_node, &is_new));
    walk_at(walk, *ret_node)->name = walk_copy(walk, name);
    if (is_new && count == 0 && *ret_node != NOWHERE) {
        walk_flag(walk, *ret_node, ML_NODE_MISSING);
        ML_TRY(WALK_UNKNOWN(walk, "record %" PRIu64 " gives no digest of dataset '%s'", seq, name));
    }
    return add_digests(walk, *ret_node, digests, count);
}

int walk_dataset_record(struct walk *walk, const struct ml_record *record, size_t *ret_node)
{
    const Mledger__DatasetRecorded *dataset = record->event->dataset_recorded;
    uint64_t seq = record->header->seq;
    ML_TRY(walk_dataset(walk, dataset->name, dataset->digests, dataset->n_digests, seq, ret_node));
    struct walk_node *at = walk_at(walk, *ret_node);
    if (at->subject == MLEDGER_NO_SEQ)
        at->subject = dataset->has_dataset ? dataset->dataset : seq;
    /* It may have been found before by what read it; the record is what introduces it. */
    if (seq < at->node.seq)
        at->node.seq = seq;
    ML_TRY(walk_attribute(walk, *ret_node, "source_type", dataset->source_type));
    ML_TRY(walk_attribute(walk, *ret_node, "source", dataset->source_uri));
    if (dataset->has_size)
        ML_TRY(walk_attribute(walk, *ret_node, "size", walk_text(walk, "%" PRIu64, dataset->size)));
    ML_TRY(walk_author(walk, record, *ret_node));
    return walk_erasure(walk, *ret_node, record);
}

static bool names_digest(const Mledger__DatasetRecorded *dataset, Mledger__Digest *const *digests,
                         size_t count)
{
    for (size_t i = 0; i < dataset->n_digests; i++)
        for (size_t k = 0; k < count; k++)
            if (ml_digest_compare(dataset->digests[i], digests[k]) == 0)
                return true;
    return count == 0;
}

/* The newest record of the dataset before `seq` that fits; NULL: none does. */
static int dataset_before(struct walk *walk, uint64_t dataset, Mledger__Digest *const *digests,
                          size_t count, uint64_t seq, const struct ml_record **ret_record)
{
    struct ml_state_key prefix = ml_index_subject_prefix(dataset);
    *ret_record = NULL;
    while (seq > 0) {
        int result = ml_view_index_last(walk->reader.view, &prefix, seq - 1, &seq);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        const struct ml_record *record;
        ML_TRY(ml_reader_record(&walk->reader, seq, &record));
        if (record->event->kind_case == MLEDGER__EVENT__KIND_DATASET_RECORDED &&
            names_digest(record->event->dataset_recorded, digests, count)) {
            *ret_record = record;
            return MLEDGER_OK;
        }
    }
    return MLEDGER_OK;
}

int walk_input(struct walk *walk, const char *name, const uint64_t *dataset,
               Mledger__Digest *const *digests, size_t count, uint64_t seq, size_t *ret_node)
{
    const struct ml_record *record = NULL;
    if (dataset)
        ML_TRY(dataset_before(walk, *dataset, digests, count, seq, &record));
    if (record)
        return walk_dataset_record(walk, record, ret_node);
    return walk_dataset(walk, name, digests, count, seq, ret_node);
}

int walk_agent(struct walk *walk, uint64_t actor, size_t node, uint64_t seq)
{
    if (actor == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    const Mledger__SubjectState *state;
    ML_TRY(ml_reader_subject(&walk->reader, actor, &state));
    if (!state)
        return MLEDGER_OK;
    size_t agent;
    ML_TRY(walk_node(walk, ML_NODE_AGENT, walk_text(walk, "actor:%s", state->name),
                     walk_copy(walk, state->name), actor, &agent, NULL));
    return walk_edge(walk, agent, node, ML_ROLE_ASSOCIATED, ML_EDGE_RECORDED, seq);
}

int walk_author(struct walk *walk, const struct ml_record *record, size_t node)
{
    uint64_t actor;
    ML_TRY(ml_reader_author(&walk->reader, record, &actor));
    return walk_agent(walk, actor, node, record->header->seq);
}

int walk_source(struct walk *walk, const char *id, uint64_t seq, size_t *ret_node)
{
    return walk_node(walk, ML_NODE_SOURCE, walk_text(walk, "source:%s", id), walk_copy(walk, id),
                     seq, ret_node, NULL);
}
