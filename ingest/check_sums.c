/* SPDX-License-Identifier: Apache-2.0 */
/* What a directory comes to, and whether that is what a record says of it as a whole. */
#include "ingest/check_sums.h"

#include "ingest/manifest_scan.h"
#include "ledger/core/hex.h"

void check_sums_release(struct check_sums *sums)
{
    ml_manifest_release(&sums->manifest);
}

static int sum_manifest(const struct check_dir *dir, struct check_sums *sums)
{
    ML_CLEANUP(ml_freep) struct ml_manifest_file *files = ml_calloc(dir->count + 1, sizeof *files);
    struct ml_manifest_scan scan = {
        .root = "", .fd = -1, .files = files, .count = dir->count, .not_dvc = true};
    if (!files)
        return ml_fail_memory();
    for (size_t i = 0; i < dir->count; i++) {
        const struct check_file *file = dir->members[i].file;
        files[i] = (struct ml_manifest_file){.path = dir->members[i].path,
                                             .executable = file->is_executable,
                                             .digests.size = file->size};
        memcpy(files[i].digests.sha256, file->sha256, sizeof file->sha256);
        memcpy(files[i].digests.md5, file->md5, sizeof file->md5);
    }
    return ml_manifest_sum(&scan, &sums->manifest);
}

typedef char md5_text[ML_DVC_DIGEST_SIZE];

static int sum_variant(const struct check_dir *dir, enum ml_dvc_variant variant,
                       struct check_sums *sums)
{
    size_t count = 0;
    ML_CLEANUP(ml_freep) struct ml_dvc_member *members = ml_calloc(dir->count + 1, sizeof *members);
    ML_CLEANUP(ml_freep) md5_text *texts = ml_calloc(dir->count + 1, sizeof *texts);
    if (!members || !texts)
        return ml_fail_memory();
    sums->dvc_size = 0;
    for (size_t i = 0; i < dir->count; i++) {
        const struct check_file *file = dir->members[i].file;
        if (dir->members[i].is_ignored)
            continue;
        if (variant == ML_DVC_PLAIN)
            ml_hex_encode(texts[count], file->md5, ML_MD5_SIZE);
        members[count] = (struct ml_dvc_member){
            dir->members[i].path,
            variant == ML_DVC_PLAIN ? texts[count] : file->lines.text[variant]};
        sums->dvc_size += file->size;
        count++;
    }
    return ml_dvc_digest_manifest(members, count, sums->dvc[variant]);
}

static bool all_are(const struct check_dir *dir, unsigned known)
{
    for (size_t i = 0; i < dir->count; i++)
        if (dir->members[i].file->presence != CHECK_IS_FILE ||
            (dir->members[i].file->known & known) != known)
            return false;
    return !dir->reason;
}

/* A name that is no text is in no list of DVC's. */
int check_sums_make(const struct check_content *content, const struct check_dir *dir,
                    struct check_sums *sums)
{
    sums->is_whole = all_are(dir, CHECK_PLAIN_SHA256 | CHECK_PLAIN_MD5);
    sums->has_lines = all_are(dir, CHECK_LINES);
    if (!sums->is_whole)
        return MLEDGER_OK;
    if (check_has(content, MLEDGER__ALGORITHM__SHA256))
        ML_TRY(sum_manifest(dir, sums));
    if (!check_has(content, MLEDGER__ALGORITHM__MD5_DIR))
        return MLEDGER_OK;
    for (int variant = 0; variant < (sums->has_lines ? ML_DVC_VARIANTS : 1); variant++)
        ML_TRY(sum_variant(dir, variant, sums));
    return MLEDGER_OK;
}

/* ---- as a whole ---- */

static bool has_dvc(const struct check_sums *sums, enum ml_dvc_variant variant, const uint8_t *md5)
{
    char hex[ML_HEX_SIZE(ML_MD5_SIZE)];
    ml_hex_encode(hex, md5, ML_MD5_SIZE);
    return strncmp(sums->dvc[variant], hex, sizeof hex - 1) == 0;
}

static void judge_dvc(const struct check_content *content, const struct check_sums *sums,
                      struct check_verdict *verdict)
{
    const uint8_t *md5 = content->value[MLEDGER__ALGORITHM__MD5_DIR];
    const bool fits = has_dvc(sums, ML_DVC_PLAIN, md5);
    bool converted = false;
    for (int variant = 1; sums->has_lines && variant < ML_DVC_VARIANTS; variant++)
        converted |= has_dvc(sums, variant, md5);
    const bool size_fits = !content->has_size || content->size == sums->dvc_size;
    const bool by_old_rule = has_dvc(sums, ML_DVC_CHUNKED, md5) || has_dvc(sums, ML_DVC_ONCE, md5);
    if (size_fits && (fits || (sums->has_lines && by_old_rule)))
        verdict->state = ML_CHECK_SAME;
    else
        verdict->state = converted && !fits ? ML_CHECK_LINE_ENDS : ML_CHECK_MODIFIED;
    if (verdict->state == ML_CHECK_SAME && !fits)
        verdict->note = "by DVC's rule of before 3.0, of converting line ends";
    verdict->weak = verdict->state == ML_CHECK_SAME;
}

void check_judge_directory(const struct check_content *content, const struct check_sums *sums,
                           struct check_verdict *verdict)
{
    *verdict = (struct check_verdict){.algorithm = check_strongest(content)};
    if (!sums->is_whole) {
        verdict->state = ML_CHECK_MODIFIED;
        return;
    }
    if (verdict->algorithm == MLEDGER__ALGORITHM__MD5_DIR) {
        judge_dvc(content, sums, verdict);
        return;
    }
    if (memcmp(content->value[MLEDGER__ALGORITHM__SHA256], sums->manifest.sha256, ML_HASH_SIZE) ==
        0)
        return;
    verdict->state = ML_CHECK_MODIFIED;
    if (check_has(content, MLEDGER__ALGORITHM__MD5_DIR)) {
        struct check_verdict dvc = {0};
        judge_dvc(content, sums, &dvc);
        if (dvc.state == ML_CHECK_SAME)
            verdict->note = "its names and contents are the same: files are executable that were "
                            "not, or the other way round";
        else
            verdict->state = dvc.state;
    }
}
