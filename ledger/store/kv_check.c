/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/kv_check.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(sizeof(size_t) == 8 && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the page layout below is that of 64 bit little endian machines");

enum {
    PAGE_BYTES_MIN = 512,
    PAGE_BYTES_MAX = 32768,
    PAGE_HEADER = 16, /* pgno u64, pad u16, flags u16, lower u16, upper u16 */
    PAGE_BRANCH = 0x01,
    PAGE_LEAF = 0x02,
    PAGE_META = 0x08,
    NODE_HEADER = 8, /* lo u16, hi u16, flags u16, key bytes u16 */
    NODE_BIG = 0x01, /* the data stands on overflow pages */
    FLAG_INTEGER_KEY = 0x08,
    DEPTH_MAX = 32,
    ATTEMPTS = 16, /* while another process commits */
};
#define META_MAGIC 0xBEEFC0DEu
#define META_VERSION 1u
#define PAGE_NONE UINT64_MAX
#define PAGE_MAX ((uint64_t)1 << 48)

/* One tree, as a meta page describes it. */
struct tree {
    uint32_t pad; /* of the tree of free pages: the page size */
    uint16_t flags;
    uint16_t depth;
    uint64_t branch_pages, leaf_pages, overflow_pages, entries, root;
};

/* A meta page, laid out as in the file. */
struct meta {
    uint64_t page;
    uint16_t page_pad, page_flags;
    uint32_t page_bounds;
    uint32_t magic, version;
    uint64_t address, map_bytes;
    struct tree free, main;
    uint64_t last_page, txn;
};
static_assert(sizeof(struct meta) == 152, "as in the file");

static int damaged(const char *dir, const char *what)
{
    return ml_fail(MLEDGER_EDAMAGED, "ledger '%s' is damaged: data.mdb %s", dir, what);
}

/* Reads exactly `len` bytes. */
static int read_at(int fd, const char *dir, void *to, size_t len, uint64_t offset)
{
    uint8_t *at = to;
    while (len > 0) {
        ssize_t got = pread(fd, at, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ml_fail_errno(errno, "cannot read ledger '%s'", dir);
        if (got == 0)
            return damaged(dir, "ends in the middle of a page");
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return MLEDGER_OK;
}

static bool tree_plausible(const struct tree *tree, uint64_t last_page)
{
    if (tree->root == PAGE_NONE)
        return tree->depth == 0;
    return tree->root > 1 && tree->root <= last_page && tree->depth > 0 && tree->depth <= DEPTH_MAX;
}

/* What holds for both meta pages. */
static int check_meta(const struct meta *meta, unsigned index, const char *dir)
{
    if ((meta->page_flags & PAGE_META) == 0 || meta->magic != META_MAGIC)
        return damaged(dir, "is no LMDB file");
    if (meta->version != META_VERSION)
        return damaged(dir, "is of another version of LMDB's format");
    uint32_t page_bytes = meta->free.pad;
    if (page_bytes < PAGE_BYTES_MIN || page_bytes > PAGE_BYTES_MAX ||
        (page_bytes & (page_bytes - 1)) != 0)
        return damaged(dir, "claims a page size that cannot be");
    if (meta->page != index || (meta->txn != 0 && (meta->txn & 1) != index))
        return damaged(dir, "has a meta page that contradicts itself");
    return MLEDGER_OK;
}

/* What holds for the newer one, which counts. The older may be a write that failed and was taken
 * back: LMDB puts the old number of its transaction there again but leaves the new trees. */
static int check_newest(const struct meta *meta, const char *dir)
{
    if (meta->last_page < 1 || meta->last_page > PAGE_MAX || meta->free.flags != FLAG_INTEGER_KEY ||
        meta->main.flags != 0 || !tree_plausible(&meta->free, meta->last_page) ||
        !tree_plausible(&meta->main, meta->last_page))
        return damaged(dir, "has a meta page that contradicts itself");
    return MLEDGER_OK;
}

/* The newer of the two meta pages: the one that LMDB will go by. */
static int read_newest(int fd, const char *dir, struct meta *ret_meta)
{
    struct meta first;
    struct meta second;
    ML_TRY(read_at(fd, dir, &first, sizeof first, 0));
    ML_TRY(check_meta(&first, 0, dir));
    ML_TRY(read_at(fd, dir, &second, sizeof second, first.free.pad));
    ML_TRY(check_meta(&second, 1, dir));
    if (second.free.pad != first.free.pad)
        return damaged(dir, "has two page sizes");
    const struct meta *newest = second.txn > first.txn ? &second : &first;
    ML_TRY(check_newest(newest, dir));
    *ret_meta = *newest;
    return MLEDGER_OK;
}

/* A look through the list of free pages for those past the end of the file. */
struct search {
    int fd;
    const char *dir;
    const struct meta *meta;
    uint64_t first_missing;
    uint64_t missing; /* not yet found to be free */
    uint64_t visits;
    uint8_t *found; /* a bit for each missing page */
    uint8_t *pages; /* one page for each level of the tree */
};

static void note_free(struct search *search, uint64_t page)
{
    if (page < search->first_missing || page > search->meta->last_page)
        return;
    uint64_t bit = page - search->first_missing;
    uint8_t mask = (uint8_t)(1u << (bit & 7));
    if ((search->found[bit >> 3] & mask) == 0) {
        search->found[bit >> 3] |= mask;
        search->missing--;
    }
}

/* An entry of the list: a count and so many page numbers, `len` bytes at `offset` of the file. */
static int read_free_list(struct search *search, uint64_t offset, uint64_t len)
{
    uint64_t ids[512];
    uint64_t count;
    if (len < sizeof count)
        return damaged(search->dir, "has a broken list of free pages");
    ML_TRY(read_at(search->fd, search->dir, &count, sizeof count, offset));
    if (count > len / sizeof count - 1)
        return damaged(search->dir, "has a broken list of free pages");
    for (offset += sizeof count; count > 0;) {
        size_t some = count < ML_COUNT(ids) ? (size_t)count : ML_COUNT(ids);
        ML_TRY(read_at(search->fd, search->dir, ids, some * sizeof *ids, offset));
        for (size_t i = 0; i < some; i++)
            note_free(search, ids[i]);
        offset += some * sizeof *ids;
        count -= some;
    }
    return MLEDGER_OK;
}

static uint16_t u16_at(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static int read_leaf_node(struct search *search, uint64_t page, const uint8_t *bytes, size_t at)
{
    uint64_t page_bytes = search->meta->free.pad;
    uint64_t len = u16_at(bytes + at) | (uint64_t)u16_at(bytes + at + 2) << 16;
    uint64_t data = at + NODE_HEADER + u16_at(bytes + at + 6);
    if ((u16_at(bytes + at + 4) & NODE_BIG) == 0)
        return read_free_list(search, page * page_bytes + data, len);
    uint64_t first;
    if (data + sizeof first > page_bytes)
        return damaged(search->dir, "has a broken list of free pages");
    memcpy(&first, bytes + data, sizeof first);
    if (first > search->meta->last_page)
        return damaged(search->dir, "has a broken list of free pages");
    return read_free_list(search, first * page_bytes + PAGE_HEADER, len);
}

static int search_page(struct search *search, uint64_t page, unsigned level)
{
    size_t page_bytes = search->meta->free.pad;
    unsigned depth = search->meta->free.depth;
    if (page > search->meta->last_page || search->visits++ > search->meta->last_page)
        return damaged(search->dir, "has a broken list of free pages");
    uint8_t *bytes = search->pages + level * page_bytes;
    ML_TRY(read_at(search->fd, search->dir, bytes, page_bytes, page * page_bytes));
    bool leaf = level + 1 == depth;
    size_t lower = u16_at(bytes + 12);
    if ((u16_at(bytes + 10) & (PAGE_BRANCH | PAGE_LEAF)) != (leaf ? PAGE_LEAF : PAGE_BRANCH) ||
        lower < PAGE_HEADER || lower > page_bytes)
        return damaged(search->dir, "has a broken list of free pages");
    for (size_t slot = PAGE_HEADER; slot + 2 <= lower; slot += 2) {
        size_t at = u16_at(bytes + slot);
        if (at + NODE_HEADER > page_bytes)
            return damaged(search->dir, "has a broken list of free pages");
        if (leaf) {
            ML_TRY(read_leaf_node(search, page, bytes, at));
            continue;
        }
        uint64_t child = u16_at(bytes + at) | (uint64_t)u16_at(bytes + at + 2) << 16 |
                         (uint64_t)u16_at(bytes + at + 4) << 32;
        ML_TRY(search_page(search, child, level + 1));
    }
    return MLEDGER_OK;
}

static int search_tree(struct search *search)
{
    if (search->meta->free.depth > 0)
        ML_TRY(search_page(search, search->meta->free.root, 0));
    if (search->missing > 0)
        return damaged(search->dir, "is shorter than its meta page says: it was cut off");
    return MLEDGER_OK;
}

static int check_missing_free(int fd, const char *dir, const struct meta *meta, uint64_t bytes)
{
    struct search search = {.fd = fd, .dir = dir, .meta = meta};
    search.first_missing = bytes / meta->free.pad;
    search.missing = meta->last_page + 1 - search.first_missing;
    if (search.missing > ML_KV_MISSING_MAX || search.first_missing < 2)
        return damaged(dir, "is shorter than its meta page says: it was cut off");
    ML_CLEANUP(ml_freep) uint8_t *found = ml_calloc(search.missing / 8 + 1, 1);
    ML_CLEANUP(ml_freep) uint8_t *pages = ml_calloc(meta->free.depth + 1u, meta->free.pad);
    if (found == NULL || pages == NULL)
        return ml_fail_memory();
    search.found = found;
    search.pages = pages;
    return search_tree(&search);
}

static int check_once(int fd, const char *dir, struct ml_kv_file *ret_file)
{
    struct meta meta;
    ML_TRY(read_newest(fd, dir, &meta));
    struct stat info; /* after the meta pages: the file never shrinks, so it can only be longer */
    if (fstat(fd, &info) != 0)
        return ml_fail_errno(errno, "cannot read ledger '%s'", dir);
    *ret_file = (struct ml_kv_file){
        .page_bytes = meta.free.pad,
        .last_page = meta.last_page,
        .txn = meta.txn,
        .bytes = (uint64_t)info.st_size,
    };
    if (ret_file->bytes >= (meta.last_page + 1) * meta.free.pad)
        return MLEDGER_OK;
    return check_missing_free(fd, dir, &meta, ret_file->bytes);
}

/* Is the file no longer than two pages, and of zeros? */
static int never_written(int fd, const char *dir, uint64_t bytes, bool *ret_never)
{
    uint8_t part[4096];
    bool zeros = bytes <= 2 * (uint64_t)PAGE_BYTES_MAX;
    for (uint64_t at = 0; zeros && at < bytes; at += sizeof part) {
        size_t len = bytes - at < sizeof part ? (size_t)(bytes - at) : sizeof part;
        ML_TRY(read_at(fd, dir, part, len, at));
        for (size_t i = 0; i < len; i++)
            zeros = zeros && part[i] == 0;
    }
    *ret_never = zeros;
    return MLEDGER_OK;
}

int ml_kv_check_file(int fd, const char *dir, struct ml_kv_file *ret_file)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return ml_fail_errno(errno, "cannot read ledger '%s'", dir);
    bool never;
    ML_TRY(never_written(fd, dir, (uint64_t)info.st_size, &never));
    if (never)
        return MLEDGER_ENOTFOUND;
    /* A writer elsewhere may use again the pages just looked at: what looks damaged is believed
     * only when nothing was committed meanwhile. */
    struct ml_kv_file file = {0};
    int result = MLEDGER_OK;
    for (unsigned i = 0; i < ATTEMPTS; i++) {
        result = check_once(fd, dir, &file);
        struct meta now;
        if (result != MLEDGER_EDAMAGED || file.page_bytes == 0)
            break;
        struct ml_error error;
        ml_error_get(&error);
        bool steady = read_newest(fd, dir, &now) == MLEDGER_OK && now.txn == file.txn;
        ml_error_set(&error);
        if (steady)
            break;
    }
    if (result == MLEDGER_OK)
        *ret_file = file;
    return result;
}
