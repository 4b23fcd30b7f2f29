/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mledger serve is killed at random moments under a client that keeps its receipts, and started
 * again over what is left. At the end every receipt is a record with that hash, every artifact that
 * a record names is in the store, nothing half-arrived is left there, and the ledger verifies.
 *
 *     test_serve_kill ROUNDS      MLEDGER_SOAK_SEED draws the same again
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/store/ledger.h"
#include "tests/crash/process_world.h"
#include "tests/crash/serve_client.h"

enum {
    RECEIPTS_MAX = 120,  /* in a round, before it is killed … */
    PAUSE_MAX_US = 5000, /* … so much later at the most */
};

struct test {
    struct world world;
    struct serve_client client;
    uint64_t random;
    pid_t server;
    FILE *said; /* its standard output, open as long as it runs */
    char base[160];
    unsigned failures;
};

static _Noreturn void broken(const char *what)
{
    perror(what);
    exit(99);
}

static void complain(struct test *test, const char *what, uint64_t seq)
{
    test->failures++;
    fprintf(stderr, "record %ju: %s\n", (uintmax_t)seq, what);
}

/* splitmix64 */
static uint64_t draw(struct test *test, uint64_t below)
{
    uint64_t z = test->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

/* ---- the server ---- */

static _Noreturn void become_server(const struct test *test, int out)
{
    const char *const argv[] = {getenv("MLEDGER"), "serve", "--listen", "127.0.0.1:0", NULL};
    if (dup2(out, 1) == 1 && chdir(test->world.work) == 0)
        execv(argv[0], (char *const *)(uintptr_t)argv);
    _exit(97);
}

/* Returns when it listens: "listening on http://127.0.0.1:PORT" is its first line. */
static void start_server(struct test *test)
{
    static const char said[] = "listening on ";
    int pipe_fds[2];
    if (pipe2(pipe_fds, O_CLOEXEC) < 0)
        broken("pipe");
    test->server = fork();
    if (test->server < 0)
        broken("fork");
    if (test->server == 0)
        become_server(test, pipe_fds[1]);
    close(pipe_fds[1]);
    test->said = fdopen(pipe_fds[0], "r");
    char line[160];
    if (!test->said || !fgets(line, sizeof line, test->said) ||
        strncmp(line, said, sizeof said - 1) != 0)
        broken("the server does not say where it listens");
    line[strcspn(line, "\n")] = '\0';
    snprintf(test->base, sizeof test->base, "%s", line + sizeof said - 1);
}

static int end_server(struct test *test, int signal_number)
{
    int status;
    if (kill(test->server, signal_number) < 0 || waitpid(test->server, &status, 0) < 0)
        broken("the server is gone");
    fclose(test->said);
    test->server = 0;
    return status;
}

static void run_round(struct test *test)
{
    const size_t wanted = test->client.count + 1 + (size_t)draw(test, RECEIPTS_MAX);
    const struct timespec pause = {.tv_nsec = (long)draw(test, PAUSE_MAX_US) * 1000};
    start_server(test);
    serve_client_start(&test->client, test->base, draw(test, UINT64_MAX));
    serve_client_await(&test->client, wanted);
    nanosleep(&pause, NULL); /* into the middle of something */
    const int status = end_server(test, SIGKILL);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        complain(test, "the server had ended before it was killed", 0);
    serve_client_join(&test->client);
}

/* ---- the account at the end ---- */

static void check_receipts(struct test *test, struct ml_view *view)
{
    for (size_t i = 0; i < test->client.count; i++) {
        const struct serve_receipt *receipt = &test->client.receipts[i];
        uint8_t link[ML_HASH_SIZE];
        if (ml_view_link_at(view, receipt->seq, link) < 0)
            complain(test, "was acknowledged and is not there", receipt->seq);
        else if (memcmp(link, receipt->link, sizeof link) != 0)
            complain(test, "is another than was acknowledged", receipt->seq);
    }
}

/* The store keeps an artifact under its SHA-256: it must be that of the bytes that are there. */
static void check_artifact(struct test *test, const Mledger__Artifact *artifact, uint64_t seq)
{
    for (size_t i = 0; i < artifact->n_digests; i++) {
        const Mledger__Digest *digest = artifact->digests[i];
        ML_CLEANUP(ml_buf_release) struct ml_buf content = {0};
        char name[WORLD_PATH_MAX], path[WORLD_PATH_MAX], hex[ML_HEX_SIZE(ML_HASH_SIZE)];
        uint8_t hash[ML_HASH_SIZE];
        if (digest->algorithm != MLEDGER__ALGORITHM__SHA256 || digest->value.len != sizeof hash)
            continue;
        ml_hex_encode(hex, digest->value.data, sizeof hash);
        snprintf(name, sizeof name, "work/.mledger/artifacts/sha256/%.2s/%s", hex, hex);
        world_path(&test->world, name, path);
        if (!world_read(path, &content)) {
            complain(test, "names an artifact that is not there", seq);
            return;
        }
        const struct ml_span bytes = ml_buf_span(&content);
        if (ml_sha256(hash, &bytes, 1) < 0 || content.len != artifact->size ||
            memcmp(hash, digest->value.data, sizeof hash) != 0)
            complain(test, "names an artifact that has other bytes", seq);
    }
}

static unsigned check_artifacts(struct test *test, struct ml_view *view)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    unsigned count = 0;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (uint64_t seq = 0; seq < view->head.size; seq++, ml_arena_clear(&arena)) {
        struct ml_record record;
        if (ml_view_record(view, seq, &arena, &record) < 0) {
            complain(test, mledger_error_text(), seq);
            continue;
        }
        if (record.event->kind_case != MLEDGER__EVENT__KIND_ARTIFACT_RECORDED)
            continue;
        const Mledger__ArtifactRecorded *recorded = record.event->artifact_recorded;
        for (size_t i = 0; i < recorded->n_artifacts; i++, count++)
            check_artifact(test, recorded->artifacts[i], seq);
    }
    return count;
}

static void check_incoming(struct test *test)
{
    char path[WORLD_PATH_MAX];
    world_path(&test->world, "work/.mledger/artifacts/incoming", path);
    DIR *dir = opendir(path);
    if (!dir)
        broken(path);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        if (entry->d_name[0] != '.')
            complain(test, "half an artifact is left", 0);
    closedir(dir);
}

static void check_ledger(struct test *test)
{
    char dir[WORLD_PATH_MAX];
    struct ml_ledger *ledger;
    struct ml_view view;
    const struct ml_ledger_options options = {.read_only = true};
    world_path(&test->world, "work/.mledger", dir);
    if (ml_ledger_open(dir, &options, &ledger) < 0 || ml_view_begin(ledger, &view) < 0)
        broken(mledger_error_text());
    check_receipts(test, &view);
    const unsigned count = check_artifacts(test, &view);
    if (count < test->client.uploads)
        complain(test, "artifacts are missing that were acknowledged", 0);
    printf("%zu receipts, %u of them uploads; %ju records, %u artifacts\n", test->client.count,
           test->client.uploads, (uintmax_t)view.head.size, count);
    ml_view_end(&view);
    ml_ledger_close(ledger);
}

static void check_all(struct test *test)
{
    start_server(test); /* once more, to clean up and to end well */
    const int status = end_server(test, SIGTERM);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        complain(test, "the server does not end well", 0);
    if (world_shell(&test->world, "\"$MLEDGER\" verify") != 0)
        complain(test, "the ledger does not verify", 0);
    check_incoming(test);
    check_ledger(test);
    if (test->client.complaint[0])
        complain(test, test->client.complaint, 0);
    if (test->client.count == 0)
        complain(test, "nothing was acknowledged at all", 0);
}

int main(int argc, char **argv)
{
    if (argc != 2 || !getenv("MLEDGER"))
        return 2;
    struct test test = {.random = world_seed()};
    const unsigned long rounds = strtoul(argv[1], NULL, 10);
    printf("seed %ju, %lu rounds\n", (uintmax_t)test.random, rounds);
    fflush(stdout);
    world_init(&test.world);
    world_prepare(&test.world, "\"$MLEDGER\" init --name demo --actor alice --no-passphrase");
    serve_client_init(&test.client);
    for (unsigned long i = 0; i < rounds && test.failures == 0; i++)
        run_round(&test);
    check_all(&test);
    serve_client_release(&test.client);
    if (test.failures == 0)
        world_release(&test.world);
    else
        fprintf(stderr, "%u failures; it is all in %s\n", test.failures, test.world.top);
    return test.failures == 0 ? 0 : 1;
}
