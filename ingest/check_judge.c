/* SPDX-License-Identifier: Apache-2.0 */
/* Content against what a record says of it. Pure. */
#include "ingest/check_state.h"
#include "ledger/core/hex.h"

unsigned check_wants(const struct check_content *content)
{
    switch (check_strongest(content)) {
    case MLEDGER__ALGORITHM__SHA256:
        return CHECK_PLAIN_SHA256;
    case MLEDGER__ALGORITHM__MD5:
        return CHECK_PLAIN_MD5;
    case MLEDGER__ALGORITHM__MD5_DOS2UNIX:
        return CHECK_LINES;
    default:
        return 0;
    }
}

static bool is_variant(const struct check_file *file, enum ml_dvc_variant variant,
                       const uint8_t *md5)
{
    char hex[ML_HEX_SIZE(ML_MD5_SIZE)];
    ml_hex_encode(hex, md5, ML_MD5_SIZE);
    return strcmp(file->lines.text[variant], hex) == 0;
}

/* Whether the file has the MD5 once its line ends are converted one way or the other. */
static bool fits_converted(const struct check_content *content, const struct check_file *file)
{
    static const Mledger__Algorithm weak[] = {MLEDGER__ALGORITHM__MD5,
                                              MLEDGER__ALGORITHM__MD5_DOS2UNIX};
    for (size_t i = 0; i < ML_COUNT(weak); i++) {
        if (!check_has(content, weak[i]))
            continue;
        const uint8_t *md5 = content->value[weak[i]];
        for (int variant = ML_DVC_CHUNKED; variant < ML_DVC_VARIANTS; variant++)
            if (is_variant(file, variant, md5))
                return true;
    }
    return false;
}

/* Why it fits, where that takes words; *ret_fits is false if it does not. */
static const char *fit_dos2unix(const struct check_content *content, const struct check_file *file,
                                bool *ret_fits)
{
    const uint8_t *md5 = content->value[MLEDGER__ALGORITHM__MD5_DOS2UNIX];
    *ret_fits = true;
    if (is_variant(file, ML_DVC_PLAIN, md5))
        return NULL;
    if (is_variant(file, ML_DVC_CHUNKED, md5))
        return "by DVC's rule of converting each text chunk";
    if (is_variant(file, ML_DVC_ONCE, md5))
        return "by DVC's rule of before 2.59, of converting a text file whole";
    *ret_fits = false;
    return NULL;
}

static bool has_size(const struct check_content *content, const struct check_file *file)
{
    return !content->has_size || content->size == file->size;
}

static void judge_modified(const struct check_content *content, const struct check_file *file,
                           struct check_verdict *verdict)
{
    const bool lines = (file->known & CHECK_LINES) && fits_converted(content, file);
    verdict->state = lines ? ML_CHECK_LINE_ENDS : ML_CHECK_MODIFIED;
}

static void judge_dos2unix(const struct check_content *content, const struct check_file *file,
                           struct check_verdict *verdict)
{
    bool fits;
    verdict->note = fit_dos2unix(content, file, &fits);
    verdict->weak = true;
    if (!fits)
        judge_modified(content, file, verdict);
    else if (!has_size(content, file))
        *verdict = (struct check_verdict){
            .state = ML_CHECK_LINE_ENDS,
            .algorithm = verdict->algorithm,
            .note = "DVC's hash is the same, as it does not see the ends of lines"};
}

static void judge_plain(const struct check_content *content, const struct check_file *file,
                        const uint8_t *found, size_t len, struct check_verdict *verdict)
{
    if (memcmp(content->value[verdict->algorithm], found, len) != 0)
        judge_modified(content, file, verdict);
    else if (verdict->weak && !has_size(content, file)) {
        verdict->state = ML_CHECK_MODIFIED;
        verdict->note = "the MD5 is the same, but not the size";
    }
}

void check_judge_file(const struct check_content *content, const struct check_file *file,
                      struct check_verdict *ret_verdict)
{
    struct check_verdict verdict = {.algorithm = check_strongest(content)};
    switch (verdict.algorithm) {
    case MLEDGER__ALGORITHM__SHA256:
        judge_plain(content, file, file->sha256, sizeof file->sha256, &verdict);
        break;
    case MLEDGER__ALGORITHM__MD5:
        verdict.weak = true;
        judge_plain(content, file, file->md5, sizeof file->md5, &verdict);
        break;
    case MLEDGER__ALGORITHM__MD5_DOS2UNIX:
        judge_dos2unix(content, file, &verdict);
        break;
    default: /* of a directory */
        verdict.state = ML_CHECK_MODIFIED;
    }
    if (verdict.state != ML_CHECK_SAME)
        verdict.weak = false;
    *ret_verdict = verdict;
}

void check_found(const struct check_file *file, Mledger__Algorithm algorithm,
                 struct ml_check_digest *ret_digest)
{
    struct ml_check_digest digest = {.algorithm = algorithm, .len = ML_MD5_SIZE};
    const char *hex = file->lines.text[ML_DVC_CHUNKED];
    switch (algorithm) {
    case MLEDGER__ALGORITHM__SHA256:
        digest.len = ML_HASH_SIZE;
        memcpy(digest.value, file->sha256, sizeof file->sha256);
        break;
    case MLEDGER__ALGORITHM__MD5:
        memcpy(digest.value, file->md5, sizeof file->md5);
        break;
    case MLEDGER__ALGORITHM__MD5_DOS2UNIX:
        if (ml_hex_decode(hex, strlen(hex), digest.value, ML_MD5_SIZE) < 0) {
            ml_error_clear();
            digest = (struct ml_check_digest){0};
        }
        break;
    default:
        digest = (struct ml_check_digest){0};
        break;
    }
    *ret_digest = digest;
}
