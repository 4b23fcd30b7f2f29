/* SPDX-License-Identifier: Apache-2.0 */
/* The digests of a directory as it is. Private to check_sums.c and check_dir.c. */
#ifndef ML_INGEST_CHECK_SUMS_H
#define ML_INGEST_CHECK_SUMS_H

#include "ingest/check_state.h"
#include "ingest/manifest.h"

struct check_sums {
    bool is_whole;               /* every file could be read; else nothing below is set */
    struct ml_manifest manifest; /* where a SHA-256 is recorded */
    bool has_lines;              /* DVC's rules for line ends were computed of every file */
    /* DVC's digest where one is recorded: by the plain rule, and by the others with has_lines. */
    char dvc[ML_DVC_VARIANTS][ML_DVC_DIGEST_SIZE];
    uint64_t dvc_size; /* bytes of the files that DVC lists */
};
void check_sums_release(struct check_sums *sums);

/* The sums that `content` asks for. `sums` is all zero. */
int check_sums_make(const struct check_content *content, const struct check_dir *dir,
                    struct check_sums *sums) ML_MUST_USE;
void check_judge_directory(const struct check_content *content, const struct check_sums *sums,
                           struct check_verdict *verdict);

#endif
