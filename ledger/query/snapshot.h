/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stages of a pipeline_recorded, wherever they stand (inline or in an attachment), with their
 * files to be found by digest. Decoded at most once in a question. Lives as long as the reader;
 * belongs to its thread.
 */
#ifndef ML_QUERY_SNAPSHOT_H
#define ML_QUERY_SNAPSHOT_H

#include "ledger/query/reader.h"

/* One digest of one file. */
struct ml_snapshot_file {
    const Mledger__Digest *digest;
    const Mledger__PipelineFile *file;
    size_t stage; /* index */
    bool out;     /* or a dependency */
};

struct ml_snapshot {
    uint64_t seq;
    uint64_t pipeline; /* the subject */
    const struct ml_record *record;
    const Mledger__PipelineRecorded *recorded;
    Mledger__PipelineStage *const *stages;
    size_t n_stages;
    bool attached;
    struct ml_snapshot_file *files; /* by digest, then stage; without those of empty content */
    size_t n_files;
    const size_t *first_param; /* by stage: where its values begin in the details */
};

struct ml_snapshots {
    struct ml_reader *reader; /* borrowed */
    struct ml_snapshot **list;
    size_t count, cap;
};
void ml_snapshots_release(struct ml_snapshots *snapshots);

/* *ret_snapshot is NULL if record `seq` is no pipeline's. MLEDGER_ENOTFOUND: it is newer than the
 * question. MLEDGER_EDAMAGED: the attachment is missing, or no snapshot. */
int ml_snapshot_load(struct ml_snapshots *snapshots, uint64_t seq,
                     struct ml_snapshot **ret_snapshot) ML_MUST_USE;

/* The files with this digest: *ret_count of them, side by side. */
const struct ml_snapshot_file *ml_snapshot_find(const struct ml_snapshot *snapshot,
                                                const Mledger__Digest *digest, size_t *ret_count);
/* Index of the stage with this address, SIZE_MAX if there is none. */
size_t ml_snapshot_stage(const struct ml_snapshot *snapshot, const char *address);

/* Orders digests by algorithm and value; their standing does not count. */
int ml_digest_compare(const Mledger__Digest *a, const Mledger__Digest *b);
/* The strongest digest of content that is not empty, NULL if there is none: the one that files are
 * called by in lineage. */
const Mledger__Digest *ml_digest_strongest(const Mledger__Digest *const *digests, size_t count);
/* Whether one of the digests stands in both lists: then both are of the same bytes. */
bool ml_digests_meet(const Mledger__Digest *const *a, size_t n_a, const Mledger__Digest *const *b,
                     size_t n_b);

#endif
