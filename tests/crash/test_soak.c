/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Eight processes that write to one ledger at once, some through the command, some through the
 * library in threads, are killed at random; meanwhile and at the end the ledger verifies, and at
 * the end every record that was acknowledged is there, and of each batch all or nothing.
 *
 *     test_soak SECONDS      MLEDGER_SOAK_SECONDS overrules that; MLEDGER_SOAK_SEED draws the same
 * again
 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/store/ledger.h"
#include "tests/crash/process_world.h"
#include "tests/crash/soak_writer.h"

enum {
    WRITERS = 8,
    LIBRARY_WRITERS = 2,   /* the first */
    CHECKPOINT_WRITER = 2, /* makes one now and then */
    VERIFIER = WRITERS,    /* the slot after them */
    SLOTS,
    EVENTS_MAX = 40,
    BATCH_MAX = 10,
    PAUSE_MIN_MS = 20, /* between two kills */
    PAUSE_MAX_MS = 200,
    VERIFY_PAUSE_MS = 3000,
    FAILED_MAX = 5, /* complaints; then it ends */
};

/* One process from its start to its end. */
struct run {
    unsigned slot;
    unsigned events, batch; /* batch 0: every event for itself, in any order */
    bool checkpoint;        /* not events: a checkpoint */
    bool finished;          /* not killed */
    unsigned acknowledged;
    unsigned found; /* records of it in the ledger */
};

struct ack {
    uint64_t seq;
    uint8_t link[ML_HASH_SIZE];
};

struct soak {
    struct world world;
    uint64_t random;
    pid_t pids[SLOTS]; /* 0: nothing runs there */
    size_t run_of[SLOTS];
    struct run *runs;
    size_t n_runs, cap_runs;
    struct ack *acks;
    size_t n_acks, cap_acks;
    unsigned killed, verified, failures;
    int64_t last_verify_ms;
};

static _Noreturn void broken(const char *what)
{
    perror(what);
    exit(99);
}

static void complain(struct soak *soak, const char *what, const char *file)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    soak->failures++;
    fprintf(stderr, "soak: %s\n", what);
    if (file && world_read(file, &text))
        fprintf(stderr, "  it said: %s\n", (char *)text.data);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* splitmix64 */
static uint64_t draw(struct soak *soak, uint64_t below)
{
    uint64_t z = soak->random += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (z ^ z >> 31) % below;
}

/* ---- processes ---- */

static void slot_path(const struct soak *soak, unsigned slot, const char *what,
                      char path[WORLD_PATH_MAX])
{
    char name[32];
    snprintf(name, sizeof name, "%s-%u", what, slot);
    world_path(&soak->world, name, path);
}

static void put_stream(const char *path, int flags, int fd)
{
    int opened = open(path, flags, 0600);
    if (opened < 0 || dup2(opened, fd) != fd)
        broken(path);
    close(opened);
}

static void start(struct soak *soak, unsigned slot, const char *const *argv)
{
    char out[WORLD_PATH_MAX], err[WORLD_PATH_MAX];
    slot_path(soak, slot, "out", out);
    slot_path(soak, slot, "err", err);
    if (unlink(out) != 0 && errno != ENOENT) /* it may be killed before it makes its own */
        broken(out);
    pid_t pid = fork();
    if (pid < 0)
        broken("fork");
    if (pid == 0) {
        put_stream("/dev/null", O_RDONLY, 0);
        put_stream(out, O_WRONLY | O_CREAT | O_TRUNC, 1);
        put_stream(err, O_WRONLY | O_CREAT | O_TRUNC, 2);
        if (chdir(soak->world.work) == 0)
            execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(97);
    }
    soak->pids[slot] = pid;
}

static size_t new_run(struct soak *soak, unsigned slot)
{
    if (ml_grow(&soak->runs, &soak->cap_runs, soak->n_runs + 1, sizeof *soak->runs) < 0)
        broken("memory");
    bool library = slot < LIBRARY_WRITERS;
    soak->runs[soak->n_runs] = (struct run){
        .slot = slot,
        .events = 1 + (unsigned)draw(soak, EVENTS_MAX),
        .batch = library ? 0 : 1 + (unsigned)draw(soak, BATCH_MAX),
    };
    soak->run_of[slot] = soak->n_runs;
    return soak->n_runs++;
}

static void write_events(const char *path, size_t run, unsigned events)
{
    FILE *file = fopen(path, "we");
    if (!file)
        broken(path);
    for (unsigned i = 0; i < events; i++)
        fprintf(file, "{\"model_created\": {\"name\": \"r%zu-%u\"}}\n", run, i);
    if (fclose(file) != 0)
        broken(path);
}

static void start_command(struct soak *soak, unsigned slot, size_t run)
{
    char events[WORLD_PATH_MAX], batch[16];
    slot_path(soak, slot, "events", events);
    write_events(events, run, soak->runs[run].events);
    snprintf(batch, sizeof batch, "%u", soak->runs[run].batch);
    const char *argv[] = {getenv("MLEDGER"), "--json", "append", "--batch", batch, events, NULL};
    start(soak, slot, argv);
}

static void start_library(struct soak *soak, unsigned slot, size_t run)
{
    char ledger[WORLD_PATH_MAX], known[WORLD_PATH_MAX], key[WORLD_PATH_MAX], prefix[32], count[16];
    world_path(&soak->world, "work/.mledger", ledger);
    world_path(&soak->world, "home/state/mledger", known);
    world_path(&soak->world, "home/config/mledger/keys/demo-recorder.key", key);
    snprintf(prefix, sizeof prefix, "r%zu", run);
    snprintf(count, sizeof count, "%u", soak->runs[run].events);
    const char *argv[] = {"/proc/self/exe", "writer", ledger, known, key, prefix, count, NULL};
    start(soak, slot, argv);
}

static void start_checkpoint(struct soak *soak, unsigned slot, size_t run)
{
    const char *argv[] = {getenv("MLEDGER"), "checkpoint", NULL};
    soak->runs[run].checkpoint = true;
    soak->runs[run].events = 0;
    start(soak, slot, argv);
}

static void start_writer(struct soak *soak, unsigned slot)
{
    size_t run = new_run(soak, slot);
    if (slot == CHECKPOINT_WRITER && draw(soak, 4) == 0)
        start_checkpoint(soak, slot, run);
    else if (slot < LIBRARY_WRITERS)
        start_library(soak, slot, run);
    else
        start_command(soak, slot, run);
}

static void start_verifier(struct soak *soak)
{
    const char *argv[] = {getenv("MLEDGER"), "verify", NULL};
    start(soak, VERIFIER, argv);
}

/* ---- what they said ---- */

static void keep_ack(struct soak *soak, uint64_t seq, const char *link, size_t len)
{
    if (ml_grow(&soak->acks, &soak->cap_acks, soak->n_acks + 1, sizeof *soak->acks) < 0)
        broken("memory");
    struct ack *ack = &soak->acks[soak->n_acks++];
    ack->seq = seq;
    if (ml_hex_decode(link, len, ack->link, sizeof ack->link) < 0)
        complain(soak, "a receipt has no link", NULL);
}

/* "SEQ LINK" of the library's writer, or a receipt of the command. */
static void read_receipt(struct soak *soak, const char *line, size_t len)
{
    char *space;
    if (line[0] != '{') {
        uint64_t seq = strtoull(line, &space, 10);
        keep_ack(soak, seq, space + 1, len - (size_t)(space + 1 - line));
        return;
    }
    json_t *json = json_loadb(line, len, 0, NULL);
    const char *link = json_string_value(json_object_get(json, "link"));
    if (link)
        keep_ack(soak, (uint64_t)json_integer_value(json_object_get(json, "seq")), link,
                 strlen(link));
    else
        complain(soak, "a line that is no receipt", NULL);
    json_decref(json);
}

/* Whole lines alone: who was killed may not have finished the last. */
static void read_receipts(struct soak *soak, struct run *run)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    char out[WORLD_PATH_MAX];
    slot_path(soak, run->slot, "out", out);
    if (!world_read(out, &text))
        return; /* killed before it had a standard output */
    const char *line = (const char *)text.data, *end;
    for (; (end = strchr(line, '\n')); line = end + 1, run->acknowledged++)
        read_receipt(soak, line, (size_t)(end - line));
}

static void end_writer(struct soak *soak, struct run *run, int status)
{
    char err[WORLD_PATH_MAX];
    slot_path(soak, run->slot, "err", err);
    run->finished = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!run->checkpoint)
        read_receipts(soak, run);
    if (!run->finished && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL))
        complain(soak, "a writer failed that nobody had killed", err);
    else if (run->finished && run->acknowledged != run->events)
        complain(soak, "a writer reported success and not all receipts", err);
}

static void end_verifier(struct soak *soak, int status)
{
    char out[WORLD_PATH_MAX];
    slot_path(soak, VERIFIER, "out", out);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        soak->verified++;
    else if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        complain(soak, "the ledger does not verify", out);
    soak->last_verify_ms = now_ms();
}

/* Takes note of one process that ended, if one does before the deadline. */
static void wait_for_one(struct soak *soak, int64_t until_ms)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) == 0 && now_ms() < until_ms) {
        const struct timespec nap = {.tv_nsec = 1000000};
        nanosleep(&nap, NULL);
    }
    for (unsigned slot = 0; pid > 0 && slot < SLOTS; slot++)
        if (soak->pids[slot] == pid) {
            soak->pids[slot] = 0;
            if (slot == VERIFIER)
                end_verifier(soak, status);
            else
                end_writer(soak, &soak->runs[soak->run_of[slot]], status);
        }
}

static void kill_one(struct soak *soak)
{
    unsigned slot = (unsigned)draw(soak, SLOTS);
    if (slot == VERIFIER && draw(soak, 4) != 0) /* most of the time it shall come to its end */
        return;
    if (soak->pids[slot] > 0 && kill(soak->pids[slot], SIGKILL) == 0)
        soak->killed++;
}

static void run_for(struct soak *soak, int64_t seconds)
{
    int64_t end = now_ms() + seconds * 1000;
    int64_t next_kill = now_ms();
    while (now_ms() < end && soak->failures < FAILED_MAX) {
        for (unsigned slot = 0; slot < WRITERS; slot++)
            if (soak->pids[slot] == 0)
                start_writer(soak, slot);
        if (soak->pids[VERIFIER] == 0 && now_ms() - soak->last_verify_ms > VERIFY_PAUSE_MS)
            start_verifier(soak);
        wait_for_one(soak, next_kill < end ? next_kill : end);
        if (now_ms() < next_kill)
            continue;
        kill_one(soak);
        next_kill = now_ms() + PAUSE_MIN_MS + (int64_t)draw(soak, PAUSE_MAX_MS - PAUSE_MIN_MS);
    }
}

static void let_all_end(struct soak *soak)
{
    for (unsigned slot = 0; slot < SLOTS; slot++)
        while (soak->pids[slot] > 0)
            wait_for_one(soak, INT64_MAX);
}

/* ---- the account at the end ---- */

static void check_acks(struct soak *soak, struct ml_view *view)
{
    uint8_t link[ML_HASH_SIZE];
    for (size_t i = 0; i < soak->n_acks; i++)
        if (ml_view_link_at(view, soak->acks[i].seq, link) < 0)
            complain(soak, "a record that was acknowledged is not there", NULL);
        else if (memcmp(link, soak->acks[i].link, sizeof link) != 0)
            complain(soak, "another record is where one was acknowledged", NULL);
}

static void count_records(struct soak *soak, struct ml_view *view)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (uint64_t seq = 0; seq < view->head.size; seq++, ml_arena_clear(&arena)) {
        struct ml_record record;
        if (ml_view_record(view, seq, &arena, &record) < 0)
            complain(soak, mledger_error_text(), NULL);
        else if (record.event->kind_case == MLEDGER__EVENT__KIND_MODEL_CREATED) {
            size_t run = strtoul(record.event->model_created->name + 1, NULL, 10);
            if (run < soak->n_runs)
                soak->runs[run].found++;
        }
    }
}

static void check_runs(struct soak *soak)
{
    for (size_t i = 0; i < soak->n_runs; i++) {
        const struct run *run = &soak->runs[i];
        bool whole = run->found == run->events;
        if (run->found < run->acknowledged || run->found > run->events)
            complain(soak, "a writer has fewer records than receipts, or more than events", NULL);
        else if (run->finished && !whole)
            complain(soak, "a writer finished and has not all its records", NULL);
        else if (run->batch && !whole && run->found % run->batch != 0)
            complain(soak, "part of a batch is there", NULL);
    }
}

static void check_all(struct soak *soak)
{
    char dir[WORLD_PATH_MAX];
    struct ml_ledger *ledger;
    struct ml_view view;
    const struct ml_ledger_options options = {.read_only = true};
    world_path(&soak->world, "work/.mledger", dir);
    if (world_shell(&soak->world, "\"$MLEDGER\" verify") != 0)
        complain(soak, "the ledger does not verify at the end", NULL);
    if (ml_ledger_open(dir, &options, &ledger) < 0 || ml_view_begin(ledger, &view) < 0) {
        complain(soak, mledger_error_text(), NULL);
        return;
    }
    check_acks(soak, &view);
    count_records(soak, &view);
    check_runs(soak);
    printf("%zu processes wrote, %u were killed, %u verifications; %ju records, %zu acknowledged\n",
           soak->n_runs, soak->killed, soak->verified, (uintmax_t)view.head.size, soak->n_acks);
    ml_view_end(&view);
    ml_ledger_close(ledger);
}

static int run_soak(const char *wanted)
{
    const char *text = getenv("MLEDGER_SOAK_SECONDS");
    int64_t seconds = strtol(text ? text : wanted, NULL, 10);
    struct soak soak = {.random = world_seed()};
    printf("seed %ju, %jd seconds\n", (uintmax_t)soak.random, (intmax_t)seconds);
    fflush(stdout);
    world_init(&soak.world);
    world_prepare(&soak.world, "\"$MLEDGER\" init --name demo --actor alice --no-passphrase");
    soak.last_verify_ms = now_ms();
    run_for(&soak, seconds);
    let_all_end(&soak);
    check_all(&soak);
    if (soak.failures == 0)
        world_release(&soak.world);
    else
        fprintf(stderr, "soak: %u failures; it is all in %s\n", soak.failures, soak.world.top);
    free(soak.runs);
    free(soak.acks);
    return soak.failures == 0 && soak.n_acks > 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "writer") == 0)
        return soak_writer(argv[2], argv[3], argv[4], argv[5], strtoul(argv[6], NULL, 10));
    if (argc != 2 || !getenv("MLEDGER"))
        return 2;
    return run_soak(argv[1]);
}
