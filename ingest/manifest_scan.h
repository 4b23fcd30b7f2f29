/* SPDX-License-Identifier: Apache-2.0 */
/* The files below a directory, by the rules of manifest.h, before they are hashed. */
#ifndef ML_INGEST_MANIFEST_SCAN_H
#define ML_INGEST_MANIFEST_SCAN_H

#include "ingest/manifest.h"
#include "ingest/pool.h"

struct ml_manifest_file {
    const char *path; /* from the directory */
    bool executable;
    struct ml_digests digests;
};

struct ml_manifest_scan {
    const char *root; /* the directory as the caller named it, for errors; borrowed */
    int fd;           /* the directory, borrowed */
    struct ml_pool names;
    struct ml_manifest_file *files; /* in the order of the manifest */
    size_t count, cap;
    uint64_t bytes; /* of all files, as the file system says */
    bool not_dvc;   /* DVC would list something else */
};
void ml_manifest_scan_release(struct ml_manifest_scan *scan);

/* Fills in `files`, without digests. Errors as ml_manifest_make(). */
int ml_manifest_scan_run(struct ml_manifest_scan *scan) ML_MUST_USE;

/* What the files come to, once each has its digests: the directory's manifest and digests.
 * MLEDGER_EINVALID: the manifest is over its limit. */
int ml_manifest_sum(const struct ml_manifest_scan *scan,
                    struct ml_manifest *ret_manifest) ML_MUST_USE;

#endif
