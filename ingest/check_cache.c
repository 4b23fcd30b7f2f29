/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DVC's caches in the directory: .dvc/cache/files/md5/XX/YY… of DVC 3, .dvc/cache/XX/YY… of before.
 * An object's name is its digest, so that it can be held against itself; which record names that
 * content the ledger's index of digests says, or a list of a directory that a record names.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ingest/check_state.h"
#include "ingest/dvc/path.h"
#include "ingest/file.h"
#include "ingest/manifest.h"
#include "ledger/core/hex.h"

struct object {
    struct check_file *file;
    uint8_t md5[ML_MD5_SIZE];
    char key[ML_DVC_DIGEST_SIZE]; /* its name: hexadecimal, and ".dir" of a list */
    bool is_list, is_legacy;
};

/* A file in a recorded directory: the object of that content is recorded with it. */
struct listed {
    const struct check_claim *claim; /* NULL: the list is of an older record … */
    uint64_t seq;                    /* … this one */
};

struct check_cache {
    struct object **objects;
    size_t count, cap;
    struct ml_table by_key;
    struct ml_table claims;     /* by key: struct check_claim */
    struct ml_table old_claims; /* the same, by DVC's hash of before 3.0 */
    struct ml_table listed;     /* by key: struct listed */
};

void check_cache_freep(struct check_cache **cache)
{
    if (!*cache)
        return;
    free((*cache)->objects);
    ml_table_release(&(*cache)->by_key);
    ml_table_release(&(*cache)->claims);
    ml_table_release(&(*cache)->old_claims);
    ml_table_release(&(*cache)->listed);
    free(*cache);
}

/* ---- listing ---- */

static void dir_closep(DIR **dir)
{
    if (*dir)
        closedir(*dir);
}

static DIR *open_folder(struct check *check, const char *path)
{
    struct check_file *folder;
    if (check_file_at(check, path, &folder) < 0 || folder->presence != CHECK_IS_DIRECTORY)
        return NULL;
    return opendir(folder->real);
}

static bool is_hex(const char *text, size_t len)
{
    return strspn(text, "0123456789abcdef") >= len;
}

/* "XX" and the rest of the name, if they are a digest. */
static bool read_key(const char *folder, const char *name, struct object *object)
{
    const size_t digits = (size_t)2 * ML_MD5_SIZE - 2;
    if (!is_hex(name, digits) || (name[digits] != '\0' && strcmp(name + digits, ".dir") != 0))
        return false;
    object->is_list = name[digits] != '\0';
    memcpy(object->key, folder, 2);
    memcpy(object->key + 2, name, strlen(name) + 1);
    return ml_hex_decode(object->key, digits + 2, object->md5, ML_MD5_SIZE) == MLEDGER_OK;
}

static int add_object(struct check *check, struct check_cache *cache, const char *path,
                      const struct object *read)
{
    struct object *object = ml_pool_alloc(&check->pool, 1, sizeof *object);
    if (!object)
        return MLEDGER_ESYSTEM;
    *object = *read;
    ML_TRY(check_file_at(check, path, &object->file));
    object->file->wanted |= CHECK_PLAIN_MD5;
    ML_TRY(ml_grow(&cache->objects, &cache->cap, cache->count + 1, sizeof *cache->objects));
    cache->objects[cache->count++] = object;
    return ml_table_get(&cache->by_key, object->key)
               ? MLEDGER_OK
               : ml_table_put(&cache->by_key, object->key, object);
}

/* Files of other names (DVC's unfinished ones, say) are nobody's. */
static int list_objects(struct check *check, struct check_cache *cache, const char *path,
                        bool legacy)
{
    ML_CLEANUP(dir_closep) DIR *dir = open_folder(check, path);
    const char *folder = ml_dvc_path_name(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        struct object object = {.is_legacy = legacy};
        if (!read_key(folder, entry->d_name, &object))
            continue;
        const char *below = ml_dvc_path_join(&check->pool, path, entry->d_name);
        if (!below)
            return MLEDGER_ESYSTEM;
        ML_TRY(add_object(check, cache, below, &object));
    }
    return MLEDGER_OK;
}

static int list_folders(struct check *check, struct check_cache *cache, const char *path,
                        bool legacy)
{
    ML_CLEANUP(dir_closep) DIR *dir = open_folder(check, path);
    for (const struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (strlen(entry->d_name) != 2 || !is_hex(entry->d_name, 2))
            continue;
        const char *below = ml_dvc_path_join(&check->pool, path, entry->d_name);
        if (!below)
            return MLEDGER_ESYSTEM;
        ML_TRY(list_objects(check, cache, below, legacy));
    }
    return MLEDGER_OK;
}

static int list_cache(struct check *check, struct check_cache *cache, const char *project)
{
    const char *old = ml_dvc_path_join(&check->pool, project, ".dvc/cache");
    const char *new = ml_dvc_path_join(&check->pool, project, ".dvc/cache/files/md5");
    if (!old || !new)
        return MLEDGER_ESYSTEM;
    ML_TRY(list_folders(check, cache, new, false));
    return list_folders(check, cache, old, true);
}

/* What the object with this content is called. */
static void name_object(const struct check_content *content, Mledger__Algorithm algorithm,
                        char ret_key[ML_DVC_DIGEST_SIZE])
{
    ml_hex_encode(ret_key, content->value[algorithm], ML_MD5_SIZE);
    if (algorithm == MLEDGER__ALGORITHM__MD5_DIR)
        memcpy(ret_key + (size_t)2 * ML_MD5_SIZE, ".dir", sizeof ".dir");
}

/* What a record says of content is held against the object, too. A hash of before 3.0 names other
 * content than the same number as an MD5 does, and in the old layout only. */
static int note_claim_by(struct check *check, struct check_cache *cache,
                         const struct check_claim *claim, Mledger__Algorithm algorithm)
{
    char name[ML_DVC_DIGEST_SIZE];
    struct ml_table *claims =
        algorithm == MLEDGER__ALGORITHM__MD5_DOS2UNIX ? &cache->old_claims : &cache->claims;
    if (!check_has(&claim->content, algorithm))
        return MLEDGER_OK;
    name_object(&claim->content, algorithm, name);
    if (ml_table_get(claims, name))
        return MLEDGER_OK;
    const char *key = ml_pool_text(&check->pool, name, strlen(name));
    return key ? ml_table_put(claims, key, (void *)(uintptr_t)claim) : MLEDGER_ESYSTEM;
}

static int note_claim(struct check *check, struct check_cache *cache,
                      const struct check_claim *claim)
{
    ML_TRY(note_claim_by(check, cache, claim, MLEDGER__ALGORITHM__MD5));
    ML_TRY(note_claim_by(check, cache, claim, MLEDGER__ALGORITHM__MD5_DOS2UNIX));
    return note_claim_by(check, cache, claim, MLEDGER__ALGORITHM__MD5_DIR);
}

/* The claim that the object's name stands for. */
static const struct check_claim *claim_of(const struct check_cache *cache,
                                          const struct object *object)
{
    const struct check_claim *old =
        object->is_legacy ? ml_table_get(&cache->old_claims, object->key) : NULL;
    return old ? old : ml_table_get(&cache->claims, object->key);
}

int check_cache_list(struct check *check, struct check_cache **ret_cache)
{
    ML_CLEANUP(check_cache_freep) struct check_cache *cache = ml_calloc(1, sizeof *cache);
    if (!cache)
        return ml_fail_memory();
    for (size_t i = 0; i < check->n_projects; i++)
        ML_TRY(list_cache(check, cache, check->projects[i].path));
    for (size_t i = 0; i < check->n_claims; i++)
        for (const struct check_claim *claim = check->claims[i]; claim; claim = claim->also)
            ML_TRY(note_claim(check, cache, claim));
    for (size_t i = 0; i < cache->count; i++) {
        const struct check_claim *claim = claim_of(cache, cache->objects[i]);
        if (claim && check_has(&claim->content, MLEDGER__ALGORITHM__SHA256) &&
            !cache->objects[i]->is_list)
            cache->objects[i]->file->wanted |= CHECK_PLAIN_SHA256;
    }
    *ret_cache = ML_TAKE(cache);
    return MLEDGER_OK;
}

const char *check_cache_object(const struct check_cache *cache, const uint8_t md5[ML_MD5_SIZE],
                               bool list, bool *ret_legacy)
{
    char key[ML_DVC_DIGEST_SIZE];
    ml_hex_encode(key, md5, ML_MD5_SIZE);
    if (list)
        memcpy(key + (size_t)2 * ML_MD5_SIZE, ".dir", sizeof ".dir");
    const struct object *object = ml_table_get(&cache->by_key, key);
    if (!object || object->file->presence != CHECK_IS_FILE)
        return NULL;
    *ret_legacy = object->is_legacy;
    return object->file->real;
}

/* ---- judging ---- */

static bool is_plain(const struct object *object)
{
    return memcmp(object->file->md5, object->md5, ML_MD5_SIZE) == 0;
}

/* In the old layout the name may be that of content as it was before its line ends were converted;
 * then it is none of a record of its MD5. */
static bool fits_claim(const struct object *object, const struct check_claim *claim)
{
    return !object->is_legacy || is_plain(object) ||
           check_has(&claim->content, MLEDGER__ALGORITHM__MD5_DOS2UNIX);
}

/* Of an object that is not what its name says perhaps only the line ends changed; in the old layout
 * the name was made after converting them. */
void check_cache_want_lines(struct check_cache *cache)
{
    for (size_t i = 0; i < cache->count; i++) {
        struct object *object = cache->objects[i];
        if (object->file->presence == CHECK_IS_FILE && !object->is_list && !is_plain(object))
            object->file->wanted |= CHECK_LINES;
    }
}

static bool is_variant(const struct object *object, enum ml_dvc_variant variant)
{
    return (object->file->known & CHECK_LINES) &&
           strcmp(object->file->lines.text[variant], object->key) == 0;
}

static enum ml_check_state judge_name(const struct object *object, const struct check_claim *claim)
{
    const bool converted = is_variant(object, ML_DVC_CHUNKED) || is_variant(object, ML_DVC_ONCE);
    const bool size_fits =
        !claim || !claim->content.has_size || claim->content.size == object->file->size;
    if (is_plain(object))
        return ML_CHECK_SAME;
    if (converted && object->is_legacy && size_fits)
        return ML_CHECK_SAME;
    return converted || is_variant(object, ML_DVC_CRLF) ? ML_CHECK_LINE_ENDS : ML_CHECK_MODIFIED;
}

/* A claim's SHA-256 sees more than the name does. */
static enum ml_check_state judge(const struct object *object, const struct check_claim *claim,
                                 struct ml_check_entry *entry)
{
    const enum ml_check_state state = judge_name(object, claim);
    if (state != ML_CHECK_SAME || object->is_list || !claim ||
        !(object->file->known & CHECK_PLAIN_SHA256) ||
        !check_has(&claim->content, MLEDGER__ALGORITHM__SHA256))
        return state;
    entry->weak = false;
    if (memcmp(claim->content.value[MLEDGER__ALGORITHM__SHA256], object->file->sha256,
               ML_HASH_SIZE) == 0)
        return ML_CHECK_SAME;
    entry->recorded.algorithm = MLEDGER__ALGORITHM__SHA256;
    entry->recorded.len = ML_HASH_SIZE;
    memcpy(entry->recorded.value, claim->content.value[MLEDGER__ALGORITHM__SHA256], ML_HASH_SIZE);
    check_found(object->file, MLEDGER__ALGORITHM__SHA256, &entry->found);
    return ML_CHECK_MODIFIED;
}

/* ---- which record names it ---- */

/* The newest record that holds the digest; MLEDGER_NO_SEQ: none. */
static int find_seq(struct check *check, const struct object *object, uint64_t *ret_seq)
{
    const Mledger__Algorithm algorithms[] = {object->is_list ? MLEDGER__ALGORITHM__MD5_DIR
                                                             : MLEDGER__ALGORITHM__MD5,
                                             MLEDGER__ALGORITHM__MD5_DOS2UNIX};
    const size_t first = object->is_legacy && !object->is_list && !is_plain(object) ? 1 : 0;
    const size_t end = object->is_legacy && !object->is_list ? 2 : 1;
    *ret_seq = MLEDGER_NO_SEQ;
    for (size_t i = 2 * first; i < 2 * end; i++) {
        uint64_t seq;
        const struct ml_state_key prefix = ml_index_digest_prefix(
            algorithms[i / 2], ML_SPAN(object->md5, ML_MD5_SIZE), i % 2 != 0);
        const int result =
            ml_view_index_last(check->reader->view, &prefix, check->reader->as_of, &seq);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        if (*ret_seq == MLEDGER_NO_SEQ || seq > *ret_seq)
            *ret_seq = seq;
    }
    return MLEDGER_OK;
}

static int note_listed(struct check *check, struct check_cache *cache,
                       const struct check_list *list, const struct listed *listed)
{
    for (size_t i = 0; i < list->count; i++) {
        char hex[ML_HEX_SIZE(ML_MD5_SIZE)];
        ml_hex_encode(hex, list->files[i].content.value[MLEDGER__ALGORITHM__MD5], ML_MD5_SIZE);
        struct listed *old = ml_table_get(&cache->listed, hex);
        if (old && old->seq >= listed->seq)
            continue;
        const char *key = ml_pool_text(&check->pool, hex, sizeof hex - 1);
        if (!key)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_table_put(&cache->listed, key, (void *)(uintptr_t)listed));
    }
    return MLEDGER_OK;
}

static int read_object(struct check *check, struct check_cache *cache, const struct object *object)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(check_list_release) struct check_list list = {0};
    struct listed *listed = ml_pool_alloc(&check->pool, 1, sizeof *listed);
    if (!listed)
        return MLEDGER_ESYSTEM;
    listed->claim = claim_of(cache, object);
    if (listed->claim)
        listed->seq = listed->claim->seqs[listed->claim->n_seqs - 1];
    else
        ML_TRY(find_seq(check, object, &listed->seq));
    if (listed->seq == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    int result = ml_file_slurp(object->file->real, NULL, ML_MANIFEST_BYTES_MAX, &text);
    if (result == MLEDGER_OK)
        result = check_list_read_dvc(ml_buf_span(&text), &list);
    if (result == MLEDGER_OK)
        return note_listed(check, cache, &list, listed);
    ml_error_clear(); /* what it lists is nobody's then */
    return MLEDGER_OK;
}

/* The list that the ledger keeps of a dataset. */
static int read_manifest(struct check *check, struct check_cache *cache,
                         const struct check_claim *claim)
{
    ML_CLEANUP(check_list_release) struct check_list list = {0};
    struct ml_span text;
    struct listed *listed = ml_pool_alloc(&check->pool, 1, sizeof *listed);
    if (!listed)
        return MLEDGER_ESYSTEM;
    *listed = (struct listed){claim, claim->seqs[claim->n_seqs - 1]};
    int result = ml_view_attachment(check->reader->view, claim->manifest, &text);
    if (result == MLEDGER_OK)
        result = check_list_read_manifest(text, &list);
    if (result == MLEDGER_OK)
        return note_listed(check, cache, &list, listed);
    if (result == MLEDGER_ESYSTEM)
        return result;
    ml_error_clear(); /* verify names an attachment that is not what it should be */
    return MLEDGER_OK;
}

/* Of lists that are what their names say. */
static int read_lists(struct check *check, struct check_cache *cache)
{
    for (size_t i = 0; cache->count && i < check->n_claims; i++)
        if (check->claims[i]->manifest)
            ML_TRY(read_manifest(check, cache, check->claims[i]));
    for (size_t i = 0; i < cache->count; i++) {
        const struct object *object = cache->objects[i];
        if (object->is_list && object->file->presence == CHECK_IS_FILE && is_plain(object))
            ML_TRY(read_object(check, cache, object));
    }
    return MLEDGER_OK;
}

/* ---- entries ---- */

static void describe(const struct object *object, struct ml_check_entry *entry)
{
    entry->recorded = (struct ml_check_digest){
        .algorithm = object->is_list ? MLEDGER__ALGORITHM__MD5_DIR : MLEDGER__ALGORITHM__MD5,
        .len = ML_MD5_SIZE};
    memcpy(entry->recorded.value, object->md5, ML_MD5_SIZE);
    entry->found = entry->recorded;
    memcpy(entry->found.value, object->file->md5, ML_MD5_SIZE);
    entry->has_found_size = true;
    entry->found_size = object->file->size;
}

static int add_seq(struct check *check, struct ml_check_entry *entry, uint64_t seq)
{
    uint64_t *seqs = ml_pool_alloc(&check->pool, 1, sizeof *seqs);
    if (!seqs)
        return MLEDGER_ESYSTEM;
    *seqs = seq;
    entry->seqs = seqs;
    entry->n_seqs = 1;
    return MLEDGER_OK;
}

/* Who says that there is such content: the records asked for, a list, any record at all. */
static int name_record(struct check *check, struct check_cache *cache, const struct object *object,
                       struct ml_check_entry *entry, const struct check_claim **ret_claim)
{
    uint64_t seq;
    const struct listed *listed = ml_table_get(&cache->listed, object->key);
    *ret_claim = claim_of(cache, object);
    if (*ret_claim && !fits_claim(object, *ret_claim))
        *ret_claim = NULL;
    const struct check_claim *claim = *ret_claim ? *ret_claim : listed ? listed->claim : NULL;
    if (claim) {
        entry->what = claim->what;
        entry->seqs = claim->seqs;
        entry->n_seqs = claim->n_seqs;
        return MLEDGER_OK;
    }
    if (listed)
        return add_seq(check, entry, listed->seq);
    ML_TRY(find_seq(check, object, &seq));
    return seq == MLEDGER_NO_SEQ ? MLEDGER_OK : add_seq(check, entry, seq);
}

static int add_object_entry(struct check *check, struct check_cache *cache,
                            const struct object *object)
{
    const struct check_claim *claim;
    struct ml_check_entry entry = {
        .place = ML_CHECK_CACHE, .path = object->file->path, .weak = true};
    ML_TRY(name_record(check, cache, object, &entry, &claim));
    const bool is_recorded = entry.n_seqs > 0;
    if (!is_recorded && check->options->n_references)
        return MLEDGER_OK;
    if (check_presence_entry(object->file, &entry))
        return check_entry(check, &entry);
    describe(object, &entry);
    entry.state = judge(object, claim, &entry);
    if (!is_recorded) {
        if (entry.state != ML_CHECK_SAME)
            entry.note = "its content is not what its name says";
        entry.state = ML_CHECK_UNRECORDED;
        entry.recorded = (struct ml_check_digest){0};
    }
    entry.weak &= entry.state == ML_CHECK_SAME;
    return check_entry(check, &entry);
}

enum check_holding check_cache_holds(const struct check_cache *cache,
                                     const struct check_claim *claim)
{
    static const Mledger__Algorithm names[] = {
        MLEDGER__ALGORITHM__MD5_DIR, MLEDGER__ALGORITHM__MD5_DOS2UNIX, MLEDGER__ALGORITHM__MD5};
    for (size_t i = 0; cache->count && i < ML_COUNT(names); i++) {
        char key[ML_DVC_DIGEST_SIZE];
        if (!check_has(&claim->content, names[i]))
            continue;
        name_object(&claim->content, names[i], key);
        return ml_table_get(&cache->by_key, key) ? CHECK_CACHE_HOLDS : CHECK_CACHE_LACKS;
    }
    return CHECK_CACHE_UNKNOWN;
}

/* Outputs of which a cache that is there has no copy. Whether DVC should keep one is not recorded
 * (`cache: false`), so that this contradicts no record. */
static int add_uncached(struct check *check, const struct check_cache *cache,
                        const struct check_claim *claim)
{
    const struct check_file *file = ml_table_get(&check->files_by_path, claim->path);
    if (!claim->is_output || !file || file->presence == CHECK_IS_MISSING ||
        check_cache_holds(cache, claim) != CHECK_CACHE_LACKS)
        return MLEDGER_OK;
    const struct ml_check_entry entry = check_entry_of(claim, claim->path, ML_CHECK_UNCACHED, NULL);
    return check_entry(check, &entry);
}

int check_cache_entries(struct check *check, struct check_cache *cache)
{
    ML_TRY(read_lists(check, cache));
    for (size_t i = 0; i < cache->count; i++)
        ML_TRY(add_object_entry(check, cache, cache->objects[i]));
    for (size_t i = 0; cache->count && i < check->n_claims; i++)
        ML_TRY(add_uncached(check, cache, check->claims[i]));
    return MLEDGER_OK;
}
