/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/inference.h"

#include <inttypes.h>

#include "ledger/query/digest_text.h"
#include "ledger/query/inference_match.h"

struct search {
    struct ml_snapshots *snapshots;
    struct ml_run_facts facts;
    struct ml_match *best;
    size_t n_best, cap_best;
};

static void release_search(struct search *search)
{
    ml_run_facts_release(&search->facts);
    free(search->best);
}

/* Negative: `a` is the worse match. Products cannot overflow: both are lengths of lists. */
static int compare_matches(const struct ml_match *a, const struct ml_match *b)
{
    if (a->outputs_equal != b->outputs_equal)
        return a->outputs_equal < b->outputs_equal ? -1 : 1;
    size_t share_a = a->params_equal * b->params, share_b = b->params_equal * a->params;
    if (a->params == 0 || b->params == 0) {
        share_a = a->params_equal;
        share_b = b->params_equal;
    }
    if (share_a != share_b)
        return share_a < share_b ? -1 : 1;
    if (a->params_equal != b->params_equal)
        return a->params_equal < b->params_equal ? -1 : 1;
    static const int rank[] = {[ML_AT_COMMIT] = 1, [ML_AFTER_COMMIT] = 2, [ML_NEXT_SNAPSHOT] = 0};
    return rank[a->where] - rank[b->where];
}

static const char *address_of(const struct ml_match *match)
{
    return match->snapshot->stages[match->stage]->address;
}

/* A lock that stays as it is stands in every later snapshot, and tells of one training in all. */
static bool is_same_training(const struct ml_match *a, const struct ml_match *b)
{
    const Mledger__PipelineRecorded *x = a->snapshot->recorded, *y = b->snapshot->recorded;
    if (a->where != ML_AFTER_COMMIT || b->where != ML_AFTER_COMMIT ||
        a->snapshot->pipeline != b->snapshot->pipeline || x->n_trained_at != y->n_trained_at ||
        strcmp(address_of(a), address_of(b)) != 0)
        return false;
    for (size_t i = 0; i < x->n_trained_at; i++)
        if (ml_digest_compare(x->trained_at[i], y->trained_at[i]) != 0)
            return false;
    return true;
}

static bool is_told(const struct search *search, const struct ml_match *match)
{
    for (size_t i = 0; i < search->n_best; i++)
        if (is_same_training(&search->best[i], match))
            return true;
    return false;
}

static int keep(struct search *search, const struct ml_match *match)
{
    int order = search->n_best ? compare_matches(match, &search->best[0]) : 1;
    if (order < 0 || (order == 0 && is_told(search, match)))
        return MLEDGER_OK;
    if (order > 0)
        search->n_best = 0;
    ML_TRY(ml_grow(&search->best, &search->cap_best, search->n_best + 1, sizeof *search->best));
    search->best[search->n_best++] = *match;
    return MLEDGER_OK;
}

/* "failed" or "killed"; NULL: neither. */
static const char *bad_end(const struct ml_run_facts *facts)
{
    if (facts->ended == MLEDGER__RUN_STATUS__FAILED)
        return "failed";
    return facts->ended == MLEDGER__RUN_STATUS__KILLED ? "was killed" : NULL;
}

static bool is_grounds(const struct ml_run_facts *facts, const struct ml_match *match)
{
    return match->outputs_equal || (match->params_equal && !bad_end(facts));
}

static int try_snapshot(struct search *search, const struct ml_snapshot *snapshot, int where)
{
    const Mledger__Details *details;
    ML_TRY(ml_reader_details(search->snapshots->reader, snapshot->record, &details));
    for (size_t i = 0; i < snapshot->n_stages; i++) {
        struct ml_match match = {.snapshot = snapshot, .stage = i, .where = where};
        ml_match_stage(&search->facts, details, &match);
        if (is_grounds(&search->facts, &match))
            ML_TRY(keep(search, &match));
    }
    return MLEDGER_OK;
}

/* The snapshot of the same pipeline that was recorded next; its commit is taken for the one that
 * follows where it does not say which it follows. */
static int try_next(struct search *search, const struct ml_snapshot *snapshot)
{
    struct ml_state_key prefix = ml_index_subject_prefix(snapshot->pipeline);
    uint64_t *seqs;
    size_t count;
    bool more;
    struct ml_reader *reader = search->snapshots->reader;
    ML_TRY(ml_reader_seqs(reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++) {
        struct ml_snapshot *next;
        if (seqs[i] <= snapshot->seq)
            continue;
        ML_TRY(ml_snapshot_load(search->snapshots, seqs[i], &next));
        if (!next)
            continue;
        const Mledger__Digest *commit = next->recorded->commit;
        if (commit && ml_digest_compare(commit, search->facts.commit) == 0)
            continue; /* the same commit once more */
        return next->recorded->n_trained_at ? MLEDGER_OK
                                            : try_snapshot(search, next, ML_NEXT_SNAPSHOT);
    }
    return MLEDGER_OK;
}

static int try_record(struct search *search, uint64_t seq)
{
    struct ml_snapshot *snapshot;
    ML_TRY(ml_snapshot_load(search->snapshots, seq, &snapshot));
    if (!snapshot)
        return MLEDGER_OK;
    const Mledger__PipelineRecorded *recorded = snapshot->recorded;
    if (recorded->commit && ml_digest_compare(recorded->commit, search->facts.commit) == 0) {
        ML_TRY(try_snapshot(search, snapshot, ML_AT_COMMIT));
        return try_next(search, snapshot);
    }
    for (size_t i = 0; i < recorded->n_trained_at; i++)
        if (ml_digest_compare(recorded->trained_at[i], search->facts.commit) == 0)
            return try_snapshot(search, snapshot, ML_AFTER_COMMIT);
    return MLEDGER_OK;
}

static int try_commit(struct search *search)
{
    const Mledger__Digest *commit = search->facts.commit;
    struct ml_state_key prefix = ml_index_digest_prefix(
        commit->algorithm, ML_SPAN(commit->value.data, commit->value.len), false);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(search->snapshots->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++)
        ML_TRY(try_record(search, seqs[i]));
    return MLEDGER_OK;
}

static void add_seq(struct ml_match *match, uint64_t seq)
{
    size_t at = match->n_seqs;
    while (at > 0 && match->seqs[at - 1] > seq)
        at--;
    if (at > 0 && match->seqs[at - 1] == seq)
        return;
    for (size_t i = match->n_seqs; i > at; i--)
        match->seqs[i] = match->seqs[i - 1];
    match->seqs[at] = seq;
    match->n_seqs++;
}

static int spell_out(const struct search *search, struct ml_match *match)
{
    static const char *const wheres[] = {
        [ML_AT_COMMIT] = "at the run's commit",
        [ML_AFTER_COMMIT] = "in the dvc.lock committed after the run's commit",
        [ML_NEXT_SNAPSHOT] = "in the next snapshot after the run's commit",
    };
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    char commit[ML_DIGEST_TEXT_SIZE];
    ml_digest_text(search->facts.commit, ML_DIGEST_SHORT, commit);
    ML_TRY(ml_buf_printf(&text, "%s %s%s", wheres[match->where], strchr(commit, ':') + 1,
                         search->facts.commit_from_tag ? " (from a tag)" : ""));
    if (match->params)
        ML_TRY(ml_buf_printf(&text, "; parameters equal %zu of %zu", match->params_equal,
                             match->params));
    if (match->outputs_equal)
        ML_TRY(ml_buf_printf(&text, "; outputs equal %zu", match->outputs_equal));
    if (bad_end(&search->facts))
        ML_TRY(ml_buf_printf(&text, "; the run %s", bad_end(&search->facts)));
    if (search->n_best > 1)
        ML_TRY(ml_buf_printf(&text, "; one of %zu that match equally", search->n_best));
    struct ml_arena *arena = &search->snapshots->reader->arena;
    match->grounds = ml_arena_text(arena, (const char *)text.data, text.len);
    if (!match->grounds)
        return ml_arena_fail(arena, "an inference");
    add_seq(match, search->facts.run);
    add_seq(match, search->facts.commit_seq);
    add_seq(match, match->snapshot->seq);
    return MLEDGER_OK;
}

int ml_infer(struct ml_snapshots *snapshots, uint64_t run, struct ml_inference *ret_inference)
{
    ML_CLEANUP(release_search) struct search search = {.snapshots = snapshots};
    ML_TRY(ml_run_facts_read(snapshots->reader, run, &search.facts));
    struct ml_inference inference = {.is_confirmed = search.facts.is_confirmed,
                                     .tag_seq = MLEDGER_NO_SEQ};
    if (search.facts.commit_from_tag) {
        inference.tag_commit = search.facts.commit;
        inference.tag_seq = search.facts.commit_seq;
    }
    if (search.facts.commit)
        ML_TRY(try_commit(&search));
    for (size_t i = 0; i < search.n_best; i++)
        ML_TRY(spell_out(&search, &search.best[i]));
    inference.matches =
        ml_arena_calloc(&snapshots->reader->arena, search.n_best + 1, sizeof *inference.matches);
    if (!inference.matches)
        return ml_arena_fail(&snapshots->reader->arena, "an inference");
    if (search.n_best)
        memcpy(inference.matches, search.best, search.n_best * sizeof *search.best);
    inference.n_matches = search.n_best;
    *ret_inference = inference;
    return MLEDGER_OK;
}
