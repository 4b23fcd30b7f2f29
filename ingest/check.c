/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/check.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include "ingest/check_state.h"

static const char *const state_names[ML_CHECK_STATES] = {
    "same", "modified", "line_ends", "missing", "unreadable", "outside", "unrecorded", "uncached",
};
static const char *const place_names[] = {"workspace", "cache", "artifacts"};

const char *ml_check_state_name(enum ml_check_state state)
{
    return state_names[state];
}

const char *ml_check_place_name(enum ml_check_place place)
{
    return place_names[place];
}

bool ml_check_is_fault(enum ml_check_state state)
{
    return state > ML_CHECK_SAME && state < ML_CHECK_UNRECORDED;
}

void ml_check_free(struct ml_check *check)
{
    if (!check)
        return;
    free(check->entries);
    ml_pool_release(&check->pool);
    free(check);
}

void ml_check_freep(struct ml_check **check)
{
    ml_check_free(*check);
}

static void check_release(struct check *check)
{
    for (size_t i = 0; i < check->n_claims; i++)
        free(check->claims[i]->seqs);
    for (size_t i = 0; i < check->n_files; i++) {
        free(check->files[i]->reason);
        if (check->files[i]->dir)
            free(check->files[i]->dir->members);
    }
    free(check->projects);
    free(check->claims);
    free(check->files);
    ml_table_release(&check->runs);
    ml_table_release(&check->claims_by_key);
    ml_table_release(&check->files_by_path);
    ml_snapshots_release(&check->snapshots);
    ml_pool_release(&check->pool);
    ml_check_free(check->result);
}

/* ---- entries ---- */

static int keep_text(struct ml_pool *pool, const char **text)
{
    if (!*text)
        return MLEDGER_OK;
    *text = ml_pool_text(pool, *text, strlen(*text));
    return *text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

int check_entry(struct check *check, const struct ml_check_entry *entry)
{
    struct ml_check *result = check->result;
    struct ml_check_entry kept = *entry;
    uint64_t *seqs = ml_pool_alloc(&result->pool, entry->n_seqs + 1, sizeof *seqs);
    if (!seqs)
        return MLEDGER_ESYSTEM;
    if (entry->n_seqs)
        memcpy(seqs, entry->seqs, entry->n_seqs * sizeof *seqs);
    kept.seqs = seqs;
    ML_TRY(keep_text(&result->pool, &kept.path));
    ML_TRY(keep_text(&result->pool, &kept.what));
    ML_TRY(keep_text(&result->pool, &kept.note));
    ML_TRY(ml_grow(&result->entries, &result->cap_entries, result->n_entries + 1,
                   sizeof *result->entries));
    result->entries[result->n_entries++] = kept;
    result->counts[kept.state]++;
    result->n_weak += kept.weak;
    return ml_basis_add_all(check->basis, seqs, kept.n_seqs);
}

struct ml_check_entry check_entry_of(const struct check_claim *claim, const char *path,
                                     enum ml_check_state state, const char *note)
{
    const Mledger__Algorithm algorithm = check_strongest(&claim->content);
    struct ml_check_entry entry = {
        .state = state,
        .place = claim->place,
        .path = path,
        .what = claim->what,
        .seqs = claim->seqs,
        .n_seqs = claim->n_seqs,
        .recorded = {.algorithm = algorithm,
                     .len = algorithm == MLEDGER__ALGORITHM__SHA256 ? ML_HASH_SIZE : ML_MD5_SIZE},
        .has_recorded_size = claim->content.has_size,
        .recorded_size = claim->content.size,
        .note = note,
    };
    memcpy(entry.recorded.value, claim->content.value[algorithm], entry.recorded.len);
    return entry;
}

bool check_presence_entry(const struct check_file *file, struct ml_check_entry *entry)
{
    switch (file->presence) {
    case CHECK_IS_MISSING:
        entry->state = ML_CHECK_MISSING;
        entry->note = file->reason;
        return true;
    case CHECK_IS_OUTSIDE:
        entry->state = ML_CHECK_OUTSIDE;
        entry->note = "a link leads out of the directory; it was not read";
        return true;
    case CHECK_IS_UNREADABLE:
        entry->state = ML_CHECK_UNREADABLE;
        entry->note = file->reason;
        return true;
    case CHECK_IS_SPECIAL:
        entry->state = ML_CHECK_MODIFIED;
        entry->note = "it is neither a file nor a directory now";
        return true;
    default:
        return false;
    }
}

/* ---- what must be read ---- */

static int want_directory(struct check *check, struct check_file *directory)
{
    ML_TRY(check_walk(check, directory));
    for (size_t i = 0; i < directory->dir->count; i++)
        directory->dir->members[i].file->wanted |= CHECK_PLAIN_SHA256 | CHECK_PLAIN_MD5;
    return MLEDGER_OK;
}

static int want(struct check *check, const struct check_claim *claim)
{
    struct check_file *file;
    ML_TRY(check_file_at(check, claim->path, &file));
    if (file->presence == CHECK_IS_DIRECTORY && !claim->is_file)
        return want_directory(check, file);
    for (; claim; claim = claim->also)
        file->wanted |= check_wants(&claim->content);
    return MLEDGER_OK;
}

/* Of the alternatives the one that fits, else the first. */
static const struct check_claim *judge(const struct check_claim *claim,
                                       const struct check_file *file, struct check_verdict *verdict)
{
    for (const struct check_claim *one = claim; one; one = one->also) {
        check_judge_file(&one->content, file, verdict);
        if (verdict->state == ML_CHECK_SAME)
            return one;
    }
    check_judge_file(&claim->content, file, verdict);
    return claim;
}

/* Where a digest does not fit, it may be that only line ends differ. */
static int want_lines(struct check *check, const struct check_claim *claim)
{
    struct check_file *file;
    struct check_verdict verdict;
    ML_TRY(check_file_at(check, claim->path, &file));
    if (file->presence == CHECK_IS_DIRECTORY && !claim->is_file)
        return check_dir_want_lines(check, claim, file);
    const bool has_weak = check_has(&claim->content, MLEDGER__ALGORITHM__MD5) ||
                          check_has(&claim->content, MLEDGER__ALGORITHM__MD5_DOS2UNIX);
    if (file->presence != CHECK_IS_FILE || claim->is_directory || !has_weak)
        return MLEDGER_OK;
    judge(claim, file, &verdict);
    if (verdict.state != ML_CHECK_SAME)
        file->wanted |= CHECK_LINES;
    return MLEDGER_OK;
}

static int read_all(struct check *check)
{
    for (size_t i = 0; i < check->n_claims; i++)
        ML_TRY(want(check, check->claims[i]));
    ML_TRY(check_files_read(check));
    for (size_t i = 0; i < check->n_claims; i++)
        ML_TRY(want_lines(check, check->claims[i]));
    check_cache_want_lines(check->cache);
    return check_files_read(check);
}

/* ---- claims ---- */

/* Whether DVC could bring it back. */
static const char *note_missing(const struct check *check, const struct check_claim *claim)
{
    if (claim->place != ML_CHECK_WORKSPACE || !claim->is_output)
        return NULL;
    switch (check_cache_holds(check->cache, claim)) {
    case CHECK_CACHE_HOLDS:
        return "DVC's cache has an object of that name: dvc checkout would bring it back";
    case CHECK_CACHE_LACKS:
        return "DVC's cache does not have it either";
    default:
        return NULL;
    }
}

static int add_file_entry(struct check *check, const struct check_claim *claim,
                          const struct check_file *file)
{
    struct check_verdict verdict;
    const struct check_claim *fitting = judge(claim, file, &verdict);
    struct ml_check_entry entry = check_entry_of(fitting, claim->path, verdict.state, verdict.note);
    entry.seqs = claim->seqs;
    entry.n_seqs = claim->n_seqs;
    entry.weak = verdict.weak;
    entry.has_found_size = true;
    entry.found_size = file->size;
    check_found(file, verdict.algorithm, &entry.found);
    return check_entry(check, &entry);
}

static int add_claim_entry(struct check *check, const struct check_claim *claim)
{
    struct check_file *file;
    struct ml_check_entry entry = check_entry_of(claim, claim->path, ML_CHECK_MODIFIED, NULL);
    ML_TRY(check_file_at(check, claim->path, &file));
    if (check_presence_entry(file, &entry)) {
        if (entry.state == ML_CHECK_MISSING && !entry.note)
            entry.note = note_missing(check, claim);
        return check_entry(check, &entry);
    }
    if (file->presence == CHECK_IS_DIRECTORY && !claim->is_file)
        return check_dir_entries(check, claim, file);
    if (file->presence == CHECK_IS_FILE && !claim->is_directory)
        return add_file_entry(check, claim, file);
    entry.note = claim->is_file ? "it is a directory now" : "it is a file now, and was a directory";
    return check_entry(check, &entry);
}

/* ---- all ---- */

static int find_root(struct check *check, const char *dir)
{
    struct stat status;
    ML_CLEANUP(ml_freep) char *real = realpath(dir, NULL);
    if (!real && (errno == ENOENT || errno == ENOTDIR))
        return ml_fail(MLEDGER_ENOTFOUND, "there is no directory '%s'", dir);
    if (!real || stat(real, &status) < 0)
        return ml_fail_errno(errno, "cannot open '%s'", dir);
    if (!S_ISDIR(status.st_mode))
        return ml_fail(MLEDGER_ENOTFOUND, "'%s' is no directory", dir);
    check->root = ml_pool_text(&check->pool, real, strlen(real));
    return check->root ? MLEDGER_OK : MLEDGER_ESYSTEM;
}

static int by_path(const void *a, const void *b)
{
    const struct ml_check_entry *x = a, *y = b;
    const int order = strcmp(x->path, y->path);
    if (order != 0)
        return order;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    const uint64_t x_seq = x->n_seqs ? x->seqs[x->n_seqs - 1] : MLEDGER_NO_SEQ;
    const uint64_t y_seq = y->n_seqs ? y->seqs[y->n_seqs - 1] : MLEDGER_NO_SEQ;
    if (x_seq != y_seq)
        return x_seq < y_seq ? -1 : 1;
    return (x->state > y->state) - (x->state < y->state);
}

static int say_unknown(const struct check *check)
{
    const struct ml_check *result = check->result;
    if (result->n_weak)
        ML_TRY(ml_basis_unknown(check->basis,
                                "as recorded by MD5 alone, which does not protect against content "
                                "made to have it: %zu",
                                result->n_weak));
    if (result->without_digest)
        ML_TRY(ml_basis_unknown(check->basis,
                                "recorded here without a digest of content, and not checked: %zu",
                                result->without_digest));
    if (result->elsewhere)
        ML_TRY(ml_basis_unknown(check->basis, "recorded, but elsewhere, and not looked for: %zu",
                                result->elsewhere));
    return MLEDGER_OK;
}

static int run(struct check *check, const char *dir)
{
    ML_TRY(find_root(check, dir));
    ML_TRY(check_places_find(check));
    ML_TRY(check_targets(check));
    ML_TRY(check_cache_list(check, &check->cache));
    ML_TRY(read_all(check));
    for (size_t i = 0; i < check->n_claims; i++)
        ML_TRY(add_claim_entry(check, check->claims[i]));
    ML_TRY(check_cache_entries(check, check->cache));
    ML_TRY(check_artifacts_list(check));
    if (check->result->n_entries)
        qsort(check->result->entries, check->result->n_entries, sizeof *check->result->entries,
              by_path);
    return say_unknown(check);
}

int ml_check_run(struct ml_reader *reader, const char *dir, const struct ml_check_options *options,
                 struct ml_basis *basis, struct ml_check **ret_check)
{
    struct check check = {
        .reader = reader, .snapshots.reader = reader, .options = options, .basis = basis};
    check.result = ml_calloc(1, sizeof *check.result);
    if (!check.result)
        return ml_fail_memory();
    const int result = run(&check, dir);
    if (result == MLEDGER_OK)
        *ret_check = ML_TAKE(check.result);
    check_cache_freep(&check.cache);
    check_release(&check);
    return result;
}
