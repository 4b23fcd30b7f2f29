/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <unistd.h>

#include "ledger/core/parallel.h"

/* Large enough that system calls cost nothing, small enough to stay in a core's cache while the
 * second algorithm goes over it. */
#define READ_SIZE ((size_t)256 * 1024)

/* Of the first piece, on the stack. */
#define SMALL_SIZE ((size_t)16 * 1024)

/* From here on MD5, the slower of the two where the processor has SHA instructions, runs on
 * another core. A smaller file is done before that pays. */
#define TOGETHER_FROM ((uint64_t)4 << 20)
/* Of a piece that two cores work on: what it takes to meet again is little beside it. */
#define TOGETHER_SIZE ((size_t)1 << 20)

/* Fetched once and kept for the life of the process: a fetch costs more than hashing a header. */
static pthread_once_t fetch_once = PTHREAD_ONCE_INIT;
static EVP_MD *sha256_md;
static EVP_MD *md5_md;
static pthread_key_t context_key; /* only its destructor is used, to free a thread's context */
static bool context_key_made;

static _Thread_local EVP_MD_CTX *thread_context;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void fetch(void)
{
    sha256_md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    md5_md = EVP_MD_fetch(NULL, "MD5", NULL);
    context_key_made = pthread_key_create(&context_key, free_context) == 0;
}

static int fetch_sha256(const EVP_MD **ret_md)
{
    pthread_once(&fetch_once, fetch);
    if (!sha256_md)
        return ml_fail(MLEDGER_ESYSTEM, "libcrypto does not offer SHA-256");
    *ret_md = sha256_md;
    return MLEDGER_OK;
}

static int fetch_md5(const EVP_MD **ret_md)
{
    pthread_once(&fetch_once, fetch);
    if (!md5_md)
        return ml_fail(MLEDGER_ESYSTEM,
                       "libcrypto does not offer MD5 (it is disabled where FIPS is enforced)");
    *ret_md = md5_md;
    return MLEDGER_OK;
}

static int hash_failed(void)
{
    return ml_fail(MLEDGER_ESYSTEM, "libcrypto failed to compute a hash");
}

static int new_context(const EVP_MD *md, EVP_MD_CTX **ret_context)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context)
        return ml_fail_memory();
    if (EVP_DigestInit_ex2(context, md, NULL) != 1) {
        EVP_MD_CTX_free(context);
        return hash_failed();
    }
    *ret_context = context;
    return MLEDGER_OK;
}

static int make_thread_context(void)
{
    const EVP_MD *md = NULL;
    ML_TRY(fetch_sha256(&md));
    EVP_MD_CTX *context;
    ML_TRY(new_context(md, &context));
    if (!context_key_made || pthread_setspecific(context_key, context) != 0) {
        EVP_MD_CTX_free(context);
        return ml_fail(MLEDGER_ESYSTEM, "cannot keep a hash context for this thread");
    }
    thread_context = context;
    return MLEDGER_OK;
}

int ml_sha256(uint8_t ret_hash[ML_HASH_SIZE], const struct ml_span *parts, size_t count)
{
    if (!thread_context)
        ML_TRY(make_thread_context());
    /* Without a type it starts over with the one that the context was made for. */
    if (EVP_DigestInit_ex2(thread_context, NULL, NULL) != 1)
        return hash_failed();
    for (size_t i = 0; i < count; i++)
        if (EVP_DigestUpdate(thread_context, parts[i].data, parts[i].len) != 1)
            return hash_failed();
    if (EVP_DigestFinal_ex(thread_context, ret_hash, NULL) != 1)
        return hash_failed();
    return MLEDGER_OK;
}

int ml_hasher_init(struct ml_hasher *hasher, unsigned algorithms)
{
    assert(algorithms != 0 && (algorithms & ~(unsigned)(ML_HASH_SHA256 | ML_HASH_MD5)) == 0);
    ML_CLEANUP(ml_hasher_release) struct ml_hasher made = {0};
    const EVP_MD *md = NULL;
    if (algorithms & ML_HASH_SHA256) {
        ML_TRY(fetch_sha256(&md));
        ML_TRY(new_context(md, &made.sha256));
    }
    if (algorithms & ML_HASH_MD5) {
        ML_TRY(fetch_md5(&md));
        ML_TRY(new_context(md, &made.md5));
    }
    *hasher = made;
    made = (struct ml_hasher){0};
    return MLEDGER_OK;
}

int ml_hasher_update(struct ml_hasher *hasher, const void *data, size_t len)
{
    assert(hasher->sha256 || hasher->md5);
    if (hasher->sha256 && EVP_DigestUpdate(hasher->sha256, data, len) != 1)
        return hash_failed();
    if (hasher->md5 && EVP_DigestUpdate(hasher->md5, data, len) != 1)
        return hash_failed();
    hasher->size += len;
    return MLEDGER_OK;
}

int ml_hasher_final(struct ml_hasher *hasher, struct ml_digests *ret_digests)
{
    assert(hasher->sha256 || hasher->md5);
    struct ml_digests digests = {.size = hasher->size};
    if (hasher->sha256 && EVP_DigestFinal_ex(hasher->sha256, digests.sha256, NULL) != 1)
        return hash_failed();
    if (hasher->md5 && EVP_DigestFinal_ex(hasher->md5, digests.md5, NULL) != 1)
        return hash_failed();
    ml_hasher_release(hasher);
    *ret_digests = digests;
    return MLEDGER_OK;
}

void ml_hasher_release(struct ml_hasher *hasher)
{
    if (!hasher)
        return;
    EVP_MD_CTX_free(hasher->sha256);
    EVP_MD_CTX_free(hasher->md5);
    *hasher = (struct ml_hasher){0};
}

/* ---- files ---- */

/* A file being hashed. */
struct reading {
    int fd;
    const char *name;
    ml_hash_progress progress;
    void *ctx;
    struct ml_hasher hasher;
    bool has_ended;
};

static void reading_release(struct reading *reading)
{
    ml_hasher_release(&reading->hasher);
}

/* At most `size` bytes; 0 at the end of the file. */
static int read_piece(struct reading *reading, uint8_t *piece, size_t size, size_t *ret_len)
{
    for (;;) {
        ssize_t got = read(reading->fd, piece, size);
        if (got >= 0) {
            reading->has_ended = got == 0;
            *ret_len = (size_t)got;
            return MLEDGER_OK;
        }
        if (errno != EINTR)
            return ml_fail_errno(errno, "cannot read '%s'", reading->name);
    }
}

static int tell(const struct reading *reading)
{
    return reading->progress ? reading->progress(reading->ctx, reading->hasher.size) : MLEDGER_OK;
}

static int hash_next(struct reading *reading, uint8_t *piece, size_t size)
{
    size_t len = 0;
    ML_TRY(read_piece(reading, piece, size, &len));
    if (len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_hasher_update(&reading->hasher, piece, len));
    return tell(reading);
}

/* The beginning, which of most files is all: without memory to be taken and given back. */
static int hash_small(struct reading *reading)
{
    uint8_t piece[SMALL_SIZE];
    while (!reading->has_ended && reading->hasher.size < sizeof piece)
        ML_TRY(hash_next(reading, piece, sizeof piece));
    return MLEDGER_OK;
}

/* Up to `until` bytes, and the piece that passes it. */
static int hash_alone(struct reading *reading, uint64_t until)
{
    ML_CLEANUP(ml_freep) uint8_t *piece = malloc(READ_SIZE);
    if (!piece)
        return ml_fail_memory();
    (void)posix_fadvise(reading->fd, 0, 0, POSIX_FADV_SEQUENTIAL); /* a hint; pipes refuse it */
    while (!reading->has_ended && reading->hasher.size < until)
        ML_TRY(hash_next(reading, piece, READ_SIZE));
    return MLEDGER_OK;
}

/* What another core does meanwhile. */
struct aside {
    EVP_MD_CTX *md5;
    const uint8_t *data;
    size_t len;
};

static int update_aside(size_t begin, size_t end, void *ctx)
{
    const struct aside *aside = ctx;
    (void)begin;
    (void)end;
    return EVP_DigestUpdate(aside->md5, aside->data, aside->len) == 1 ? MLEDGER_OK : hash_failed();
}

/* One piece by both algorithms, while the next is read into `next`. */
static int hash_piece(struct reading *reading, const uint8_t *piece, size_t len, uint8_t *next,
                      size_t *ret_len)
{
    struct ml_job job;
    struct aside aside = {reading->hasher.md5, piece, len};
    ml_job_start(&job, 1, 1, update_aside, &aside);
    int result =
        EVP_DigestUpdate(reading->hasher.sha256, piece, len) == 1 ? MLEDGER_OK : hash_failed();
    if (result == MLEDGER_OK)
        result = read_piece(reading, next, TOGETHER_SIZE, ret_len);
    ML_TRY(ml_job_wait(&job)); /* in any case: it reads `piece` */
    reading->hasher.size += len;
    return result;
}

static int hash_together(struct reading *reading)
{
    ML_CLEANUP(ml_freep) uint8_t *pieces = malloc(2 * TOGETHER_SIZE);
    size_t len = 0, next_len = 0;
    if (!pieces)
        return ml_fail_memory();
    ML_TRY(read_piece(reading, pieces, TOGETHER_SIZE, &len));
    for (size_t which = 0; len > 0; which = 1 - which, len = next_len) {
        uint8_t *piece = pieces + which * TOGETHER_SIZE;
        uint8_t *next = pieces + (1 - which) * TOGETHER_SIZE;
        ML_TRY(hash_piece(reading, piece, len, next, &next_len));
        ML_TRY(tell(reading));
    }
    return MLEDGER_OK;
}

int ml_hash_file(int fd, const char *name, unsigned algorithms, ml_hash_progress progress,
                 void *ctx, struct ml_digests *ret_digests)
{
    ML_CLEANUP(reading_release)
    struct reading reading = {.fd = fd, .name = name, .progress = progress, .ctx = ctx};
    const bool has_both = algorithms == (ML_HASH_SHA256 | ML_HASH_MD5);
    ML_TRY(ml_hasher_init(&reading.hasher, algorithms));
    ML_TRY(hash_small(&reading));
    if (!reading.has_ended)
        ML_TRY(hash_alone(&reading, has_both ? TOGETHER_FROM : UINT64_MAX));
    if (!reading.has_ended)
        ML_TRY(hash_together(&reading));
    return ml_hasher_final(&reading.hasher, ret_digests);
}
