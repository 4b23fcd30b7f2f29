/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/hash.h"
#include "ledger/core/parallel.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"

/* FIPS 180-4 examples and RFC 1321 appendix A.5; the long one is a million times 'a'. */
static const struct {
    const char *text;
    const char *sha256;
    const char *md5;
} vectors[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "d41d8cd98f00b204e9800998ecf8427e"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "900150983cd24fb0d6963f7d28e17f72"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
     "8215ef0796a20bcaaae116d3876c664a"},
};
#define MILLION_A "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
#define MILLION_A_MD5 "7707d6ae4e027c70eea2a935c2296f21"

static void assert_hash(const uint8_t *hash, size_t len, const char *expected)
{
    char text[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(text, hash, len);
    assert_string_equal(text, expected);
}

static void agrees_with_the_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < ML_COUNT(vectors); i++) {
        size_t len = strlen(vectors[i].text);
        uint8_t hash[ML_HASH_SIZE];
        assert_int_equal(ml_sha256(hash, &ML_SPAN(vectors[i].text, len), 1), MLEDGER_OK);
        assert_hash(hash, sizeof hash, vectors[i].sha256);
    }
}

static void parts_are_concatenated(void **state)
{
    (void)state;
    const char *text = vectors[2].text;
    size_t len = strlen(text);
    for (size_t cut = 0; cut <= len; cut++) {
        const struct ml_span parts[] = {ML_SPAN(text, cut), ML_SPAN(NULL, 0),
                                        ML_SPAN(text + cut, len - cut)};
        uint8_t hash[ML_HASH_SIZE];
        assert_int_equal(ml_sha256(hash, parts, ML_COUNT(parts)), MLEDGER_OK);
        assert_hash(hash, sizeof hash, vectors[2].sha256);
    }
    uint8_t hash[ML_HASH_SIZE];
    assert_int_equal(ml_sha256(hash, NULL, 0), MLEDGER_OK);
    assert_hash(hash, sizeof hash, vectors[0].sha256);
}

static void result_may_lie_in_a_part(void **state)
{
    (void)state;
    uint8_t bytes[ML_HASH_SIZE] = "abc";
    assert_int_equal(ml_sha256(bytes, &ML_SPAN(bytes, 3), 1), MLEDGER_OK);
    assert_hash(bytes, sizeof bytes, vectors[1].sha256);
}

static void *hash_many(void *ret_wrong)
{
    size_t *wrong = ret_wrong;
    for (int i = 0; i < 1000; i++) {
        uint8_t hash[ML_HASH_SIZE];
        char text[ML_HEX_SIZE(ML_HASH_SIZE)] = "";
        if (ml_sha256(hash, &ML_SPAN("abc", 3), 1) == MLEDGER_OK)
            ml_hex_encode(text, hash, sizeof hash);
        *wrong += strcmp(text, vectors[1].sha256) != 0;
    }
    return NULL;
}

/* Each thread has a context of its own, freed with it; the sanitizers see races and leaks. */
static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];
    size_t wrong[ML_COUNT(threads)] = {0};
    for (size_t i = 0; i < ML_COUNT(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, hash_many, &wrong[i]), 0);
    for (size_t i = 0; i < ML_COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(wrong[i], 0);
    }
}

static void hasher_computes_both_in_one_pass(void **state)
{
    (void)state;
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    assert_int_equal(ml_hasher_init(&hasher, ML_HASH_SHA256 | ML_HASH_MD5), MLEDGER_OK);
    char piece[1000];
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(ml_hasher_update(&hasher, piece, sizeof piece), MLEDGER_OK);
    struct ml_digests digests;
    assert_int_equal(ml_hasher_final(&hasher, &digests), MLEDGER_OK);
    assert_int_equal(digests.size, 1000000);
    assert_hash(digests.sha256, sizeof digests.sha256, MILLION_A);
    assert_hash(digests.md5, sizeof digests.md5, MILLION_A_MD5);
}

static void hasher_computes_only_what_was_asked(void **state)
{
    (void)state;
    static const uint8_t zero[ML_HASH_SIZE];
    for (size_t i = 0; i < ML_COUNT(vectors); i++) {
        for (unsigned algorithm = ML_HASH_SHA256; algorithm <= ML_HASH_MD5; algorithm++) {
            ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
            struct ml_digests digests;
            assert_int_equal(ml_hasher_init(&hasher, algorithm), MLEDGER_OK);
            assert_int_equal(ml_hasher_update(&hasher, vectors[i].text, strlen(vectors[i].text)),
                             MLEDGER_OK);
            assert_int_equal(ml_hasher_final(&hasher, &digests), MLEDGER_OK);
            if (algorithm == ML_HASH_SHA256) {
                assert_hash(digests.sha256, sizeof digests.sha256, vectors[i].sha256);
                assert_memory_equal(digests.md5, zero, sizeof digests.md5);
            } else {
                assert_hash(digests.md5, sizeof digests.md5, vectors[i].md5);
                assert_memory_equal(digests.sha256, zero, sizeof digests.sha256);
            }
        }
    }
}

/* A file without a name that holds a million times 'a'. */
static int million_file(void)
{
    char path[] = "/tmp/mledger-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    char piece[10000];
    memset(piece, 'a', sizeof piece);
    for (int i = 0; i < 100; i++)
        assert_int_equal(write(fd, piece, sizeof piece), sizeof piece);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static int note_progress(void *ctx, uint64_t done)
{
    uint64_t *last = ctx;
    assert_true(done > *last);
    *last = done;
    return MLEDGER_OK;
}

static void hashes_a_file(void **state)
{
    (void)state;
    ML_CLEANUP(ml_closep) int fd = million_file();
    uint64_t seen = 0;
    struct ml_digests digests;
    assert_int_equal(
        ml_hash_file(fd, "data.csv", ML_HASH_SHA256 | ML_HASH_MD5, note_progress, &seen, &digests),
        MLEDGER_OK);
    assert_int_equal(seen, 1000000);
    assert_int_equal(digests.size, 1000000);
    assert_hash(digests.sha256, sizeof digests.sha256, MILLION_A);
    assert_hash(digests.md5, sizeof digests.md5, MILLION_A_MD5);
}

/* Large enough that MD5 goes to another core; no piece is as long as the one before. */
static void hashes_a_large_file(void **state)
{
    (void)state;
    enum { SIZE = (11 << 20) + 12345 };
    char path[] = "/tmp/mledger-test-XXXXXX";
    ML_CLEANUP(ml_closep) int fd = mkstemp(path);
    ML_CLEANUP(ml_freep) uint8_t *content = malloc(SIZE);
    ML_CLEANUP(ml_hasher_release) struct ml_hasher hasher = {0};
    struct ml_digests digests, expected;
    uint64_t seen = 0;
    assert_true(fd >= 0 && content);
    unlink(path);
    for (size_t i = 0; i < SIZE; i++)
        content[i] = (uint8_t)(i * 2654435761u >> 11);
    assert_int_equal(write(fd, content, SIZE), SIZE);
    assert_int_equal(ml_hasher_init(&hasher, ML_HASH_SHA256 | ML_HASH_MD5), MLEDGER_OK);
    assert_int_equal(ml_hasher_update(&hasher, content, SIZE), MLEDGER_OK);
    assert_int_equal(ml_hasher_final(&hasher, &expected), MLEDGER_OK);
    for (unsigned width = 1; width <= 2; width++) {
        ml_parallel_set_width(width);
        seen = 0;
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(
            ml_hash_file(fd, "large", ML_HASH_SHA256 | ML_HASH_MD5, note_progress, &seen, &digests),
            MLEDGER_OK);
        assert_int_equal(seen, SIZE);
        assert_int_equal(digests.size, SIZE);
        assert_memory_equal(digests.sha256, expected.sha256, sizeof digests.sha256);
        assert_memory_equal(digests.md5, expected.md5, sizeof digests.md5);
    }
    ml_parallel_set_width(0);
}

static void hashes_a_pipe(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    ML_CLEANUP(ml_closep) int out = ends[0];
    assert_int_equal(write(ends[1], "abc", 3), 3);
    close(ends[1]);
    struct ml_digests digests;
    assert_int_equal(ml_hash_file(out, "pipe", ML_HASH_SHA256, NULL, NULL, &digests), MLEDGER_OK);
    assert_hash(digests.sha256, sizeof digests.sha256, vectors[1].sha256);
}

static int cancel(void *ctx, uint64_t done)
{
    (void)ctx;
    return ml_fail(MLEDGER_EUSAGE, "stopped after %llu bytes", (unsigned long long)done);
}

static void file_errors_are_named(void **state)
{
    (void)state;
    struct ml_digests digests = {.size = 77};
    ML_CLEANUP(ml_closep) int directory = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(ml_hash_file(directory, "dir", ML_HASH_MD5, NULL, NULL, &digests),
                     MLEDGER_ESYSTEM);
    assert_string_equal(mledger_error_text(), "cannot read 'dir': Is a directory");
    ML_CLEANUP(ml_closep) int fd = million_file();
    assert_int_equal(ml_hash_file(fd, "file", ML_HASH_MD5, cancel, NULL, &digests), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "stopped after 16384 bytes");
    assert_int_equal(digests.size, 77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_vectors),
        cmocka_unit_test(parts_are_concatenated),
        cmocka_unit_test(result_may_lie_in_a_part),
        cmocka_unit_test(threads_do_not_disturb_each_other),
        cmocka_unit_test(hasher_computes_both_in_one_pass),
        cmocka_unit_test(hasher_computes_only_what_was_asked),
        cmocka_unit_test(hashes_a_file),
        cmocka_unit_test(hashes_a_large_file),
        cmocka_unit_test(hashes_a_pipe),
        cmocka_unit_test(file_errors_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
