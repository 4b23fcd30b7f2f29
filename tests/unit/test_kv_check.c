/* SPDX-License-Identifier: Apache-2.0 */
/* Data files that are cut off, foreign or contradict themselves: named, and never mapped. */
#include "ledger/store/kv_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/kv_store.h"

static char dir[KV_DIR_MAX];
static char path[KV_PATH_MAX];

static int setup(void **state)
{
    (void)state;
    kv_dir_make(dir);
    kv_path(path, dir, "data.mdb");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    kv_dir_remove(dir);
    return 0;
}

static void make_store(void)
{
    struct ml_kv_options options = kv_options(true);
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open(dir, &options, &kv), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "a", "1"), 0);
    assert_int_equal(kv_put_text(kv, KV_META, "b", "2"), 0);
    ml_kv_close(kv);
}

static void refused(int result, const char *why)
{
    struct ml_kv_options options = kv_options(false);
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open(dir, &options, &kv), result);
    if (strstr(mledger_error_text(), why) == NULL)
        fail_msg("'%s' is not in '%s'", why, mledger_error_text());
}

static uint64_t file_bytes(void)
{
    struct stat info;
    assert_int_equal(stat(path, &info), 0);
    return (uint64_t)info.st_size;
}

static void write_file(const void *data, size_t len)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
}

/* Writes over `len` bytes of both meta pages, at `offset` of each. */
static void patch_metas(size_t offset, const void *data, size_t len)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDWR | O_CLOEXEC);
    struct ml_kv_file file;
    assert_int_equal(ml_kv_check_file(fd, dir, &file), 0);
    for (unsigned i = 0; i < 2; i++)
        assert_int_equal(pwrite(fd, data, len, (off_t)((size_t)i * file.page_bytes + offset)), len);
}

static void a_good_file_is_described(void **state)
{
    (void)state;
    make_store();
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct ml_kv_file file;
    assert_int_equal(ml_kv_check_file(fd, dir, &file), 0);
    assert_int_equal(file.page_bytes, sysconf(_SC_PAGESIZE));
    assert_int_equal(file.txn, 3);
    assert_int_equal(file.bytes, file_bytes());
    assert_true(file.last_page > 1);
}

static void every_cut_is_found(void **state)
{
    (void)state;
    make_store();
    for (uint64_t bytes = file_bytes(); bytes-- > 0;) {
        if (bytes % 512 > 1 && bytes > 400) /* all lengths near the borders, few in between */
            continue;
        assert_int_equal(truncate(path, (off_t)bytes), 0);
        refused(MLEDGER_EDAMAGED, "is damaged: data.mdb ");
    }
    refused(MLEDGER_EDAMAGED, "is empty");
}

static void what_is_no_store_is_named_so(void **state)
{
    (void)state;
    static const char text[20000] = "SQLite format 3";
    write_file(text, sizeof text);
    refused(MLEDGER_EDAMAGED, "is no LMDB file");
    write_file("x", 1);
    refused(MLEDGER_EDAMAGED, "ends in the middle of a page");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    refused(MLEDGER_EDAMAGED, "is no regular file");
}

static void creating_does_not_write_over_a_damaged_file(void **state)
{
    (void)state;
    write_file("x", 1);
    struct ml_kv_options options = kv_options(true);
    struct ml_kv *kv;
    assert_int_equal(ml_kv_open(dir, &options, &kv), MLEDGER_EDAMAGED);
    assert_int_equal(file_bytes(), 1);
    write_file("", 0); /* but finishes what never began */
    assert_int_equal(ml_kv_open(dir, &options, &kv), 0);
    ml_kv_close(kv);
}

static void meta_pages_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const uint8_t ones[8] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t zeros[8];
    static const uint8_t version2[4] = {2};
    static const uint8_t far[8] = {0xff, 0xff, 0xff, 0xff, 1};
    static const uint8_t dup_sort[2] = {4};
    const struct {
        size_t offset;
        const uint8_t *data;
        size_t len;
        const char *why;
    } patches[] = {
        {0, ones, 8, "contradicts itself"},      /* page number */
        {10, zeros, 2, "is no LMDB file"},       /* page flags */
        {16, zeros, 4, "is no LMDB file"},       /* magic */
        {20, version2, 4, "of another version"}, /* version */
        {40, zeros, 4, "page size"},             /* page size */
        {40, ones, 4, "page size"},              //
        {44, zeros, 2, "contradicts itself"},    /* flags of the free tree */
        {46, ones, 2, "contradicts itself"},     /* its depth */
        {92, dup_sort, 2, "contradicts itself"}, /* flags of the main tree */
        {128, far, 8, "contradicts itself"},     /* its root */
        {136, far, 8, "shorter than its meta"},  /* last page */
        {136, ones, 8, "contradicts itself"},    //
        {136, zeros, 8, "contradicts itself"},   //
        {144, ones, 8, "contradicts itself"},    /* transaction: odd on the even page */
    };
    for (size_t i = 0; i < ML_COUNT(patches); i++) {
        make_store();
        patch_metas(patches[i].offset, patches[i].data, patches[i].len);
        refused(MLEDGER_EDAMAGED, patches[i].why);
        assert_int_equal(unlink(path), 0);
    }
}

/* Every byte of the newer meta page wrong in turn: whatever the answer, no crash. */
static void no_byte_of_a_meta_page_crashes(void **state)
{
    (void)state;
    make_store();
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDWR | O_CLOEXEC);
    unsigned found = 0;
    off_t newer = (off_t)sysconf(_SC_PAGESIZE);
    for (off_t at = newer; at < newer + 152; at++) {
        uint8_t byte;
        struct ml_kv_file file;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        uint8_t wrong = (uint8_t)~byte;
        assert_int_equal(pwrite(fd, &wrong, 1, at), 1);
        found += ml_kv_check_file(fd, dir, &file) < 0;
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(found >= 40);
}

static int take_and_give_back(struct ml_kv_txn *txn, void *context)
{
    uint8_t *room;
    size_t len = *(size_t *)context;
    /* pages at the end of the file, freed in the transaction that took them: never written */
    ML_TRY(ml_kv_put(txn, KV_META, kv_text("kept"), kv_text("x")));
    ML_TRY(ml_kv_reserve(txn, KV_RECORDS, kv_text("gone"), len, &room));
    memset(room, 0, len);
    return ml_kv_delete(txn, KV_RECORDS, kv_text("gone"));
}

static void a_short_file_is_good_when_free_pages_are_missing(void **state)
{
    (void)state;
    static size_t sizes[] = {5000, 100000, 10 << 20};
    for (size_t i = 0; i < ML_COUNT(sizes); i++) {
        make_store();
        struct ml_kv_options options = kv_options(false);
        struct ml_kv *kv;
        assert_int_equal(ml_kv_open(dir, &options, &kv), 0);
        assert_int_equal(ml_kv_update(kv, take_and_give_back, &sizes[i]), 0);
        ml_kv_close(kv);
        ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
        struct ml_kv_file file;
        if (ml_kv_check_file(fd, dir, &file) < 0)
            fail_msg("%s", mledger_error_text());
        print_message("%zu bytes given back: file has %ju bytes, claims %ju\n", sizes[i],
                      (uintmax_t)file.bytes, (uintmax_t)((file.last_page + 1) * file.page_bytes));
        if (i == 2)
            assert_true(file.bytes < (file.last_page + 1) * file.page_bytes);
        assert_int_equal(ml_kv_open(dir, &options, &kv), 0);
        assert_true(kv_has_text(kv, KV_META, "kept", "x"));
        assert_int_equal(kv_put_text(kv, KV_META, "more", "y"), 0);
        ml_kv_close(kv);
        assert_int_equal(unlink(path), 0);
    }
}

int main(void)
{
#define WITH_DIR(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_DIR(a_good_file_is_described),
        WITH_DIR(every_cut_is_found),
        WITH_DIR(what_is_no_store_is_named_so),
        WITH_DIR(creating_does_not_write_over_a_damaged_file),
        WITH_DIR(meta_pages_that_cannot_be_are_refused),
        WITH_DIR(no_byte_of_a_meta_page_crashes),
        WITH_DIR(a_short_file_is_good_when_free_pages_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
