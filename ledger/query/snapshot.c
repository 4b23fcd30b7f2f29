/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/snapshot.h"

#include "ledger/core/codec.h"

void ml_snapshots_release(struct ml_snapshots *snapshots)
{
    if (snapshots)
        free(snapshots->list);
}

int ml_digest_compare(const Mledger__Digest *a, const Mledger__Digest *b)
{
    if (a->algorithm != b->algorithm)
        return a->algorithm < b->algorithm ? -1 : 1;
    if (a->value.len != b->value.len)
        return a->value.len < b->value.len ? -1 : 1;
    return memcmp(a->value.data, b->value.data, a->value.len);
}

const Mledger__Digest *ml_digest_strongest(const Mledger__Digest *const *digests, size_t count)
{
    static const Mledger__Algorithm order[] = {
        MLEDGER__ALGORITHM__SHA256, MLEDGER__ALGORITHM__MD5_DIR, MLEDGER__ALGORITHM__MD5,
        MLEDGER__ALGORITHM__MD5_DOS2UNIX, MLEDGER__ALGORITHM__GIT};
    for (size_t k = 0; k < ML_COUNT(order); k++)
        for (size_t i = 0; i < count; i++)
            if (digests[i]->algorithm == order[k] && !ml_digest_is_empty(digests[i]))
                return digests[i];
    return NULL;
}

bool ml_digests_meet(const Mledger__Digest *const *a, size_t n_a, const Mledger__Digest *const *b,
                     size_t n_b)
{
    for (size_t i = 0; i < n_a; i++)
        for (size_t k = 0; k < n_b; k++)
            if (ml_digest_compare(a[i], b[k]) == 0)
                return true;
    return false;
}

static int compare_files(const void *a, const void *b)
{
    const struct ml_snapshot_file *x = a, *y = b;
    int order = ml_digest_compare(x->digest, y->digest);
    if (order)
        return order;
    if (x->stage != y->stage)
        return x->stage < y->stage ? -1 : 1;
    return (int)y->out - (int)x->out;
}

static size_t count_digests(const struct ml_snapshot *snapshot)
{
    size_t count = 0;
    for (size_t i = 0; i < snapshot->n_stages; i++) {
        const Mledger__PipelineStage *stage = snapshot->stages[i];
        for (size_t k = 0; k < stage->n_deps; k++)
            count += stage->deps[k]->n_digests;
        for (size_t k = 0; k < stage->n_outs; k++)
            count += stage->outs[k]->n_digests;
    }
    return count;
}

static void add_files(struct ml_snapshot *snapshot, size_t stage,
                      Mledger__PipelineFile *const *files, size_t count, bool out)
{
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < files[i]->n_digests; k++)
            if (!ml_digest_is_empty(files[i]->digests[k]))
                snapshot->files[snapshot->n_files++] =
                    (struct ml_snapshot_file){files[i]->digests[k], files[i], stage, out};
}

static int index_files(struct ml_snapshot *snapshot, struct ml_arena *arena)
{
    size_t *first_param = ml_arena_calloc(arena, snapshot->n_stages + 1, sizeof *first_param);
    snapshot->files = ml_arena_calloc(arena, count_digests(snapshot) + 1, sizeof *snapshot->files);
    if (!first_param || !snapshot->files)
        return ml_arena_fail(arena, "a pipeline");
    for (size_t i = 0; i < snapshot->n_stages; i++) {
        const Mledger__PipelineStage *stage = snapshot->stages[i];
        first_param[i + 1] = first_param[i] + stage->n_params;
        add_files(snapshot, i, stage->deps, stage->n_deps, false);
        add_files(snapshot, i, stage->outs, stage->n_outs, true);
    }
    snapshot->first_param = first_param;
    if (snapshot->n_files)
        qsort(snapshot->files, snapshot->n_files, sizeof *snapshot->files, compare_files);
    return MLEDGER_OK;
}

/* What an attachment holds is not looked at when it is recorded. */
static int check_producers(const struct ml_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->n_stages; i++)
        for (size_t d = 0; d < snapshot->stages[i]->n_deps; d++) {
            const Mledger__PipelineFile *dep = snapshot->stages[i]->deps[d];
            for (size_t p = 0; p < dep->n_producers; p++)
                if (dep->producers[p] >= snapshot->n_stages)
                    return ml_fail_seq(MLEDGER_EINVALID, snapshot->seq,
                                       "stage '%s' has a producer that is no stage",
                                       snapshot->stages[i]->address);
        }
    return MLEDGER_OK;
}

static int read_attachment(struct ml_reader *reader, uint64_t seq,
                           const Mledger__Attachment *attachment,
                           const Mledger__PipelineSnapshot **ret_message)
{
    struct ml_span bytes;
    int result = ml_view_attachment(reader->view, attachment->sha256.data, &bytes);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq, "the attachment with its stages is missing");
    ML_TRY(result);
    ProtobufCMessage *message;
    result =
        ml_codec_unpack(&mledger__pipeline_snapshot__descriptor, bytes, &reader->arena, &message);
    if (result < 0) {
        ml_prefix("the attachment with its stages");
        return ml_about_seq(seq);
    }
    *ret_message = (const Mledger__PipelineSnapshot *)message;
    return MLEDGER_OK;
}

static int read_stages(struct ml_reader *reader, struct ml_snapshot *snapshot)
{
    const Mledger__PipelineSnapshot *message = snapshot->recorded->snapshot;
    if (snapshot->attached)
        ML_TRY(read_attachment(reader, snapshot->seq, snapshot->recorded->snapshot_attachment,
                               &message));
    if (message) {
        snapshot->stages = message->stages;
        snapshot->n_stages = message->n_stages;
    }
    ML_TRY(check_producers(snapshot));
    return index_files(snapshot, &reader->arena);
}

int ml_snapshot_load(struct ml_snapshots *snapshots, uint64_t seq,
                     struct ml_snapshot **ret_snapshot)
{
    for (size_t i = snapshots->count; i-- > 0;)
        if (snapshots->list[i]->seq == seq) {
            *ret_snapshot = snapshots->list[i];
            return MLEDGER_OK;
        }
    const struct ml_record *record;
    ML_TRY(ml_reader_record(snapshots->reader, seq, &record));
    if (record->event->kind_case != MLEDGER__EVENT__KIND_PIPELINE_RECORDED) {
        *ret_snapshot = NULL;
        return MLEDGER_OK;
    }
    ML_TRY(
        ml_grow(&snapshots->list, &snapshots->cap, snapshots->count + 1, sizeof *snapshots->list));
    struct ml_snapshot *snapshot = ml_arena_calloc(&snapshots->reader->arena, 1, sizeof *snapshot);
    if (!snapshot)
        return ml_arena_fail(&snapshots->reader->arena, "a pipeline");
    const Mledger__PipelineRecorded *recorded = record->event->pipeline_recorded;
    snapshot->seq = seq;
    snapshot->pipeline = recorded->has_pipeline ? recorded->pipeline : seq;
    snapshot->record = record;
    snapshot->recorded = recorded;
    snapshot->attached = recorded->snapshot_attachment != NULL;
    ML_TRY(read_stages(snapshots->reader, snapshot));
    snapshots->list[snapshots->count++] = snapshot;
    *ret_snapshot = snapshot;
    return MLEDGER_OK;
}

const struct ml_snapshot_file *ml_snapshot_find(const struct ml_snapshot *snapshot,
                                                const Mledger__Digest *digest, size_t *ret_count)
{
    size_t low = 0, high = snapshot->n_files;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ml_digest_compare(snapshot->files[middle].digest, digest) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < snapshot->n_files && ml_digest_compare(snapshot->files[end].digest, digest) == 0)
        end++;
    *ret_count = end - low;
    return end > low ? &snapshot->files[low] : NULL;
}

size_t ml_snapshot_stage(const struct ml_snapshot *snapshot, const char *address)
{
    for (size_t i = 0; i < snapshot->n_stages; i++)
        if (strcmp(snapshot->stages[i]->address, address) == 0)
            return i;
    return SIZE_MAX;
}
