/* SPDX-License-Identifier: Apache-2.0 */
/* The entries of a directory: one for the whole, and where it differs, one for each file that does.
 */
#include <fcntl.h>
#include <unistd.h>

#include "ingest/check_sums.h"
#include "ingest/file.h"
#include "ledger/core/hex.h"

/* ---- the recorded list ---- */

static int read_manifest(struct check *check, const struct check_claim *claim,
                         struct check_list *list)
{
    struct ml_span text;
    ML_TRY(ml_view_attachment(check->reader->view, claim->manifest, &text));
    return check_list_read_manifest(text, list);
}

/* The cache is believed because what it gives has the recorded digest. */
static int read_cached(struct check *check, const struct check_claim *claim,
                       struct check_list *list)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_digests digests;
    bool legacy = false;
    const uint8_t *md5 = claim->content.value[MLEDGER__ALGORITHM__MD5_DIR];
    const char *path = check_has(&claim->content, MLEDGER__ALGORITHM__MD5_DIR)
                           ? check_cache_object(check->cache, md5, true, &legacy)
                           : NULL;
    if (!path)
        return MLEDGER_ENOTFOUND;
    ML_TRY(ml_file_slurp(path, NULL, ML_MANIFEST_BYTES_MAX, &text));
    ML_TRY(ml_hasher_init(&hasher, ML_HASH_MD5));
    ML_TRY(ml_hasher_update(&hasher, text.data, text.len));
    ML_TRY(ml_hasher_final(&hasher, &digests));
    if (memcmp(digests.md5, md5, ML_MD5_SIZE) != 0)
        return MLEDGER_ENOTFOUND;
    ML_TRY(check_list_read_dvc(ml_buf_span(&text), list));
    if (legacy)
        check_list_convert(list);
    return MLEDGER_OK;
}

/* False in *ret_has: no list is to be had, or it is none. */
static int read_list(struct check *check, const struct check_claim *claim, struct check_list *list,
                     bool *ret_has)
{
    int result = claim->manifest ? read_manifest(check, claim, list) : MLEDGER_ENOTFOUND;
    if (result == MLEDGER_ENOTFOUND)
        result = read_cached(check, claim, list);
    *ret_has = result == MLEDGER_OK;
    if (result == MLEDGER_ESYSTEM)
        return result;
    ml_error_clear();
    return MLEDGER_OK;
}

static const char *join(struct check *check, const struct check_file *directory, const char *path)
{
    return strcmp(directory->path, ".") == 0
               ? path
               : ml_pool_printf(&check->pool, "%s/%s", directory->path, path);
}

/* Files that are not as listed. */
struct faults {
    size_t count;
    size_t line_ends; /* of them, those of which only that differs */
};

static int add_entry(struct check *check, const struct check_claim *claim, const char *path,
                     enum ml_check_state state)
{
    if (!path)
        return MLEDGER_ESYSTEM;
    struct ml_check_entry entry = check_entry_of(claim, path, state, NULL);
    entry.recorded = (struct ml_check_digest){0};
    entry.has_recorded_size = false;
    return check_entry(check, &entry);
}

static void describe(const struct check_listed *listed, const struct check_file *file,
                     struct ml_check_entry *entry)
{
    const Mledger__Algorithm algorithm = check_strongest(&listed->content);
    entry->recorded = (struct ml_check_digest){
        .algorithm = algorithm,
        .len = algorithm == MLEDGER__ALGORITHM__SHA256 ? ML_HASH_SIZE : ML_MD5_SIZE};
    memcpy(entry->recorded.value, listed->content.value[algorithm], entry->recorded.len);
    entry->has_recorded_size = listed->content.has_size;
    entry->recorded_size = listed->content.size;
    entry->has_found_size = true;
    entry->found_size = file->size;
    check_found(file, algorithm, &entry->found);
}

/* A listed file that is there. */
static int add_present(struct check *check, const struct check_claim *claim,
                       const struct check_listed *listed, const struct check_member *member,
                       struct faults *faults)
{
    struct check_verdict verdict;
    struct ml_check_entry entry =
        check_entry_of(claim, member->file->path, ML_CHECK_MODIFIED, NULL);
    if (!check_presence_entry(member->file, &entry)) {
        check_judge_file(&listed->content, member->file, &verdict);
        if (verdict.state == ML_CHECK_SAME)
            return MLEDGER_OK;
        entry.state = verdict.state;
        describe(listed, member->file, &entry);
    }
    faults->count++;
    faults->line_ends += entry.state == ML_CHECK_LINE_ENDS;
    return check_entry(check, &entry);
}

/* Both are in the order of their paths. */
static int compare_lists(struct check *check, const struct check_claim *claim,
                         const struct check_file *directory, const struct check_list *list,
                         struct faults *faults)
{
    const struct check_dir *dir = directory->dir;
    size_t l = 0, m = 0;
    while (l < list->count || m < dir->count) {
        const int order = l == list->count  ? 1
                          : m == dir->count ? -1
                                            : strcmp(list->files[l].path, dir->members[m].path);
        if (order == 0) {
            ML_TRY(add_present(check, claim, &list->files[l++], &dir->members[m++], faults));
        } else if (order < 0) {
            faults->count++;
            ML_TRY(add_entry(check, claim, join(check, directory, list->files[l++].path),
                             ML_CHECK_MISSING));
        } else if (!dir->members[m++].is_ignored || !list->is_dvc) {
            faults->count++;
            ML_TRY(add_entry(check, claim, dir->members[m - 1].file->path, ML_CHECK_UNRECORDED));
        }
    }
    return MLEDGER_OK;
}

static void describe_directory(const struct check_sums *sums, struct ml_check_entry *entry)
{
    if (!sums->is_whole)
        return;
    entry->has_found_size = entry->has_recorded_size;
    entry->found.algorithm = entry->recorded.algorithm;
    entry->found.len = entry->recorded.len;
    if (entry->recorded.algorithm == MLEDGER__ALGORITHM__SHA256) {
        entry->found_size = sums->manifest.size;
        memcpy(entry->found.value, sums->manifest.sha256, ML_HASH_SIZE);
    } else {
        entry->found_size = sums->dvc_size;
        if (ml_hex_decode(sums->dvc[ML_DVC_PLAIN], (size_t)2 * ML_MD5_SIZE, entry->found.value,
                          ML_MD5_SIZE) < 0)
            ml_error_clear();
    }
}

/* The entry of the directory itself: `chosen` is `claim` or one of its alternatives. */
static int add_whole(struct check *check, const struct check_claim *claim,
                     const struct check_claim *chosen, const struct check_file *directory,
                     const struct check_sums *sums, const struct check_verdict *verdict)
{
    struct ml_check_entry entry =
        check_entry_of(chosen, directory->path, verdict->state, verdict->note);
    entry.seqs = claim->seqs;
    entry.n_seqs = claim->n_seqs;
    entry.weak = verdict->weak;
    describe_directory(sums, &entry);
    return check_entry(check, &entry);
}

/* Without a list what cannot be read is named all the same. */
static int add_unreadable(struct check *check, const struct check_claim *claim,
                          const struct check_dir *dir)
{
    for (size_t i = 0; i < dir->count; i++) {
        struct ml_check_entry entry =
            check_entry_of(claim, dir->members[i].file->path, ML_CHECK_UNREADABLE, NULL);
        if (check_presence_entry(dir->members[i].file, &entry))
            ML_TRY(check_entry(check, &entry));
    }
    return MLEDGER_OK;
}

/* Every file fits its list, and yet the whole does not fit the record. */
static void judge_by_list(const struct check_claim *claim, const struct check_sums *sums,
                          const struct check_list *list, struct check_verdict *verdict)
{
    if (!list->is_converted)
        return;
    if (claim->content.has_size && claim->content.size != sums->dvc_size) {
        verdict->state = ML_CHECK_LINE_ENDS;
        verdict->note = "in which of its files cannot be told: DVC's list does not see line ends";
        return;
    }
    verdict->state = ML_CHECK_SAME;
    verdict->note = "by DVC's rule of before 3.0, of converting line ends";
    verdict->weak = true;
}

/* What is said of the whole once its files were looked at. */
static void judge_whole(const struct check_claim *claim, const struct check_dir *dir,
                        const struct check_sums *sums, const struct check_list *list,
                        const struct faults *faults, struct check_verdict *verdict)
{
    if (dir->reason) {
        verdict->state = ML_CHECK_UNREADABLE;
        verdict->note = dir->reason;
    } else if (faults->count > 0) {
        verdict->note = NULL;
        if (faults->line_ends == faults->count)
            verdict->state = ML_CHECK_LINE_ENDS;
    } else if (list && sums->is_whole) {
        judge_by_list(claim, sums, list, verdict);
    } else if (!list && !verdict->note) {
        verdict->note = "in which of its files is not known: no record and no cache lists them";
    }
}

static int add_by_list(struct check *check, const struct check_claim *claim,
                       const struct check_file *directory, const struct check_sums *sums,
                       struct check_verdict *verdict)
{
    ML_CLEANUP(check_list_release) struct check_list list = {0};
    bool has_list;
    struct faults faults = {0};
    ML_TRY(read_list(check, claim, &list, &has_list));
    if (has_list)
        ML_TRY(compare_lists(check, claim, directory, &list, &faults));
    else
        ML_TRY(add_unreadable(check, claim, directory->dir));
    judge_whole(claim, directory->dir, sums, has_list ? &list : NULL, &faults, verdict);
    return add_whole(check, claim, claim, directory, sums, verdict);
}

/* Of the alternatives the one that fits as a whole, else the first. */
static int choose(const struct check_claim *claim, const struct check_dir *dir,
                  struct check_sums *sums, struct check_verdict *verdict,
                  const struct check_claim **ret_chosen)
{
    *ret_chosen = claim;
    ML_TRY(check_sums_make(&claim->content, dir, sums));
    check_judge_directory(&claim->content, sums, verdict);
    for (const struct check_claim *other = claim->also; other && verdict->state != ML_CHECK_SAME;
         other = other->also) {
        ML_CLEANUP(check_sums_release) struct check_sums its = {0};
        struct check_verdict fit;
        ML_TRY(check_sums_make(&other->content, dir, &its));
        check_judge_directory(&other->content, &its, &fit);
        if (fit.state != ML_CHECK_SAME)
            continue;
        const struct check_sums first = *sums;
        *sums = its;
        its = first;
        *verdict = fit;
        *ret_chosen = other;
    }
    return MLEDGER_OK;
}

int check_dir_entries(struct check *check, const struct check_claim *claim,
                      struct check_file *directory)
{
    ML_CLEANUP(check_sums_release) struct check_sums sums = {0};
    const struct check_claim *chosen;
    struct check_verdict verdict;
    ML_TRY(choose(claim, directory->dir, &sums, &verdict, &chosen));
    if (verdict.state == ML_CHECK_SAME)
        return add_whole(check, claim, chosen, directory, &sums, &verdict);
    return add_by_list(check, claim, directory, &sums, &verdict);
}

/* ---- what takes a closer look ---- */

/* Files that do not have the listed MD5: perhaps only their line ends differ. */
static void want_unlisted(const struct check_dir *dir, const struct check_list *list)
{
    size_t l = 0;
    for (size_t m = 0; m < dir->count; m++) {
        struct check_verdict verdict;
        struct check_file *file = dir->members[m].file;
        while (l < list->count && strcmp(list->files[l].path, dir->members[m].path) < 0)
            l++;
        if (l == list->count || strcmp(list->files[l].path, dir->members[m].path) != 0)
            continue;
        check_judge_file(&list->files[l].content, file, &verdict);
        if (verdict.state != ML_CHECK_SAME)
            file->wanted |= CHECK_LINES;
    }
}

int check_dir_want_lines(struct check *check, const struct check_claim *claim,
                         struct check_file *directory)
{
    ML_CLEANUP(check_sums_release) struct check_sums sums = {0};
    ML_CLEANUP(check_list_release) struct check_list list = {0};
    const struct check_dir *dir = directory->dir;
    struct check_verdict verdict;
    bool has_list;
    ML_TRY(check_sums_make(&claim->content, dir, &sums));
    check_judge_directory(&claim->content, &sums, &verdict);
    if (verdict.state == ML_CHECK_SAME)
        return MLEDGER_OK;
    ML_TRY(read_list(check, claim, &list, &has_list));
    if (has_list)
        want_unlisted(dir, &list);
    else if (check_has(&claim->content, MLEDGER__ALGORITHM__MD5_DIR))
        for (size_t i = 0; i < dir->count; i++)
            dir->members[i].file->wanted |= CHECK_LINES;
    return MLEDGER_OK;
}
