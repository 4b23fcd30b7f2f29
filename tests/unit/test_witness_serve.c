/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A witness that serves: what it answers over HTTP, what it remembers, and that nothing comes
 * between the two: not another request, not the end of the process.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ingest/file.h"
#include "ingest/http.h"
#include "ledger/core/hex.h"
#include "serve/witness.h"
#include "serve/witness_state.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/witness_fixture.h"

enum { RACERS = 8, CLOCK = 1700000000 };

/* A witness with its state in a directory of its own. */
struct world {
    char dir[64];
    struct mledger_key *key;
    struct ml_vkey logs[2];
    struct ml_witness_service service;
    struct ml_server *server;
};

static int64_t fixed_clock(void *context)
{
    (void)context;
    return CLOCK;
}

static int make(void **state)
{
    struct world *world = ml_calloc(1, sizeof *world);
    assert_non_null(world);
    snprintf(world->dir, sizeof world->dir, "/tmp/mledger-witness.XXXXXX");
    assert_non_null(mkdtemp(world->dir));
    assert_int_equal(mledger_key_generate(MLEDGER_KEY_WITNESS, "witness.example/w1", &world->key),
                     MLEDGER_OK);
    world->logs[0] = the_log.vkey;
    world->logs[1] = stranger.vkey;
    world->service = (struct ml_witness_service){.key = world->key,
                                                 .logs = world->logs,
                                                 .n_logs = 2,
                                                 .state_dir = world->dir,
                                                 .now = fixed_clock};
    assert_int_equal(ml_key_vkey(world->key, &world->service.vkey), MLEDGER_OK);
    *state = world;
    return 0;
}

static int drop(void **state)
{
    struct world *world = *state;
    char command[96];
    ml_server_stop(world->server);
    mledger_key_free(world->key);
    snprintf(command, sizeof command, "rm -rf '%s'", world->dir);
    free(world);
    return system(command); /* NOLINT(cert-env33-c): as the other tests clear up */
}

static void start(struct world *world)
{
    const struct ml_server_options options = {.address = "127.0.0.1:0",
                                              .body_max = ML_WITNESS_REQUEST_MAX,
                                              .handle = ml_witness_handle,
                                              .context = &world->service};
    assert_int_equal(ml_server_start(&options, &world->server), MLEDGER_OK);
}

static void stop(struct world *world)
{
    ml_server_stop(world->server);
    world->server = NULL;
}

static void url_of(const struct world *world, const char *path, char url[128])
{
    snprintf(url, 128, "http://%s%s", ml_server_address(world->server), path);
}

static int post(const struct world *world, const char *path, struct ml_span body,
                struct ml_http_response *response)
{
    const struct ml_http_options options = {0};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    char url[128];
    url_of(world, path, url);
    assert_int_equal(ml_http_client_new(&options, &client), MLEDGER_OK);
    return ml_http_post(client, url, NULL, body, response);
}

/* Asks for a cosignature on the tree at `size`; gives the status. */
static int ask(const struct world *world, struct witness_tree *from, uint64_t old, uint64_t size)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    write_request(from, old, size, &body);
    assert_int_equal(post(world, "/add-checkpoint", ml_buf_span(&body), &response), MLEDGER_OK);
    if (response.status == ML_WITNESS_CONFLICT)
        assert_string_equal(response.content_type, ML_WITNESS_SIZE_TYPE);
    return response.status;
}

static uint64_t known_size(const struct world *world)
{
    ML_CLEANUP(ml_witness_state_release) struct ml_witness_entry entry;
    assert_int_equal(ml_witness_state_hold(world->dir, ML_SPAN("mledger/test", 12), &entry),
                     MLEDGER_OK);
    return entry.known.size;
}

static void path_of_state(const struct world *world, char path[160])
{
    const struct ml_span origin = ML_SPAN("mledger/test", 12);
    uint8_t hash[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    assert_int_equal(ml_sha256(hash, &origin, 1), MLEDGER_OK);
    ml_hex_encode(hex, hash, sizeof hash);
    snprintf(path, 160, "%s/%s", world->dir, hex);
}

/* The line that is answered makes a note that verifies; the same note is kept. */
static void cosigns(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0}, note = {0}, kept = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    ML_CLEANUP(ml_note_release) struct ml_note read;
    struct ml_note_seal seals[2];
    char path[160];
    start(world);
    write_request(&tree, 0, 9, &body);
    write_note("mledger/test", 9, tree.roots[9], &the_log, true, &note);
    assert_int_equal(post(world, "/add-checkpoint", ml_buf_span(&body), &response), MLEDGER_OK);
    assert_int_equal(response.status, 200);
    assert_int_equal(
        ml_witness_answer_apply(ml_buf_span(&response.body), &world->service.vkey, &note),
        MLEDGER_OK);
    assert_int_equal(ml_note_parse(ml_buf_span(&note), &read), MLEDGER_OK);
    const struct ml_vkey keys[] = {the_log.vkey, world->service.vkey};
    assert_int_equal(ml_note_verify(&read, keys, 2, seals), MLEDGER_OK);
    assert_true(seals[0].valid && seals[1].valid);
    assert_int_equal(seals[1].time, CLOCK);
    path_of_state(world, path);
    assert_int_equal(ml_file_slurp(path, NULL, ML_NOTE_MAX, &kept), MLEDGER_OK);
    assert_true(ml_span_equal(ml_buf_span(&kept), ml_buf_span(&note)));
}

static void remembers(void **state)
{
    struct world *world = *state;
    start(world);
    assert_int_equal(ask(world, &tree, 3, 9), 409);
    assert_int_equal(ask(world, &tree, 0, 9), 200);
    assert_int_equal(ask(world, &tree, 0, 12), 409);
    assert_int_equal(ask(world, &tree, 9, 9), 200); /* again, with a new time */
    assert_int_equal(ask(world, &tree, 9, 12), 200);
    assert_int_equal(ask(world, &tree, 9, 9), 409); /* an old copy put back */
    assert_int_equal(ask(world, &fork_tree, 12, 15), 422);
    assert_int_equal(ask(world, &fork_tree, 12, 12), 422);
    assert_int_equal(ask(world, &tree, 13, 12), 400);
    assert_int_equal(known_size(world), 12);
    stop(world);
    start(world);
    assert_int_equal(ask(world, &tree, 0, 20), 409);
    assert_int_equal(ask(world, &tree, 12, 20), 200);
    assert_int_equal(known_size(world), 20);
}

static void tells_the_size(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    uint64_t size = 0;
    start(world);
    assert_int_equal(ask(world, &tree, 0, 11), 200);
    write_request(&tree, 0, 20, &body);
    assert_int_equal(post(world, "/add-checkpoint", ml_buf_span(&body), &response), MLEDGER_OK);
    assert_int_equal(response.status, 409);
    assert_int_equal(ml_witness_size_parse(ml_buf_span(&response.body), &size), MLEDGER_OK);
    assert_int_equal(size, 11);
}

static int status_of(const struct world *world, const char *path, struct ml_span body)
{
    ML_CLEANUP(ml_http_response_release) struct ml_http_response response = {0};
    assert_int_equal(post(world, path, body, &response), MLEDGER_OK);
    return response.status;
}

/* What is kept of a log without its signature is nothing. */
static void other_requests(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0}, unsigned_one = {0}, unknown = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf good = {0};
    ML_CLEANUP(ml_freep) char *huge = ml_calloc(1, ML_WITNESS_REQUEST_MAX + 1);
    const struct ml_merkle_proof nothing = {0};
    assert_non_null(huge);
    start(world);
    write_request(&tree, 0, 9, &good);
    assert_int_equal(status_of(world, "/add-checkpoint", ML_SPAN("", 0)), 400);
    assert_int_equal(status_of(world, "/add-checkpoint", ML_SPAN("old 0\n", 6)), 400);
    assert_int_equal(status_of(world, "/add-checkpoint", ML_SPAN(huge, ML_WITNESS_REQUEST_MAX + 1)),
                     413);
    assert_int_equal(status_of(world, "/", ml_buf_span(&good)), 404);
    assert_int_equal(status_of(world, "/sign-subtree", ml_buf_span(&good)), 404);
    write_note("mledger/test", 9, tree.roots[9], &second_key, true, &note);
    assert_int_equal(ml_witness_request_write(0, &nothing, ml_buf_span(&note), &unsigned_one), 0);
    assert_int_equal(status_of(world, "/add-checkpoint", ml_buf_span(&unsigned_one)), 403);
    ml_buf_clear(&note);
    write_note("mledger/nobody", 9, tree.roots[9], &the_log, true, &note);
    assert_int_equal(ml_witness_request_write(0, &nothing, ml_buf_span(&note), &unknown), 0);
    assert_int_equal(status_of(world, "/add-checkpoint", ml_buf_span(&unknown)), 404);
    assert_int_equal(known_size(world), 0);
    assert_int_equal(status_of(world, "/prefix/add-checkpoint", ml_buf_span(&good)), 200);
}

static void takes_no_get(void **state)
{
    struct world *world = *state;
    const struct ml_http_options options = {0};
    ML_CLEANUP(ml_http_client_freep) struct ml_http_client *client = NULL;
    ML_CLEANUP(ml_http_response_release) struct ml_http_response first = {0}, second = {0};
    char url[128];
    start(world);
    assert_int_equal(ml_http_client_new(&options, &client), MLEDGER_OK);
    url_of(world, "/add-checkpoint", url);
    assert_int_equal(ml_http_get(client, url, &first), MLEDGER_OK);
    assert_int_equal(first.status, 405);
    url_of(world, "/", url);
    assert_int_equal(ml_http_get(client, url, &second), MLEDGER_OK);
    assert_int_equal(second.status, 404);
}

/* What cannot be read is not taken for nothing. */
static void damaged_state(void **state)
{
    struct world *world = *state;
    char path[160];
    start(world);
    assert_int_equal(ask(world, &tree, 0, 9), 200);
    path_of_state(world, path);
    assert_int_equal(truncate(path, 20), 0);
    assert_int_equal(ask(world, &tree, 0, 9), 500);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(ask(world, &tree, 0, 9), 500);
    assert_int_equal(truncate(path, ML_NOTE_MAX + 1), 0);
    assert_int_equal(ask(world, &tree, 0, 9), 500);
}

static void foreign_state(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf note = {0};
    ML_CLEANUP(ml_witness_state_release) struct ml_witness_entry entry, again;
    write_note("mledger/stranger", 9, tree.roots[9], &stranger, true, &note);
    assert_int_equal(ml_witness_state_hold(world->dir, ML_SPAN("mledger/test", 12), &entry), 0);
    assert_int_equal(ml_witness_state_put(&entry, ml_buf_span(&note)), MLEDGER_OK);
    ml_witness_state_release(&entry);
    assert_int_equal(ml_witness_state_hold(world->dir, ML_SPAN("mledger/test", 12), &again),
                     MLEDGER_EDAMAGED);
}

/* A directory that is gone or full: no answer without having kept it. */
static void cannot_keep(void **state)
{
    struct world *world = *state;
    char path[160];
    start(world);
    assert_int_equal(ask(world, &tree, 0, 5), 200);
    path_of_state(world, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* rename cannot replace a directory */
    assert_int_equal(ask(world, &tree, 0, 9), 500);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(ask(world, &tree, 0, 9), 200);
}

struct racer {
    struct world *world;
    uint64_t size;
    int status;
    pthread_t thread;
};

static void *race(void *context)
{
    struct racer *racer = context;
    racer->status = ask(racer->world, &tree, 0, racer->size);
    return NULL;
}

/* Of many who go on from nothing one succeeds, and its checkpoint is what is known. */
static void one_wins(void **state)
{
    struct world *world = *state;
    struct racer racers[RACERS];
    unsigned won = 0;
    start(world);
    for (unsigned i = 0; i < RACERS; i++) {
        racers[i] = (struct racer){.world = world, .size = i + 1};
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    }
    for (unsigned i = 0; i < RACERS; i++) {
        assert_int_equal(pthread_join(racers[i].thread, NULL), 0);
        if (racers[i].status != 200) {
            assert_int_equal(racers[i].status, 409);
            continue;
        }
        won++;
        assert_int_equal(known_size(world), racers[i].size);
    }
    assert_int_equal(won, 1);
}

static void kill_self(const struct ml_checkpoint *checkpoint,
                      const struct ml_witness_verdict *verdict, void *context)
{
    (void)checkpoint, (void)verdict, (void)context;
    raise(SIGKILL);
}

static int64_t killing_clock(void *context)
{
    (void)context;
    raise(SIGKILL);
    return CLOCK;
}

/* Lets a child handle one request, in which it dies. */
static void die_in(struct world *world, uint64_t old, uint64_t size)
{
    pid_t child = fork();
    int status;
    assert_true(child >= 0);
    if (child == 0) {
        ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
        struct ml_server_reply reply = {0};
        write_request(&tree, old, size, &body);
        const struct ml_server_request request = {
            .method = "POST", .path = "/add-checkpoint", .body = ml_buf_span(&body)};
        _exit(ml_witness_handle(&request, &world->service, &reply) < 0 ? 2 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Killed before it kept the checkpoint it knows nothing of it; killed after that and before it
 * answered it knows it, and the log finds out by 409. */
static void killed(void **state)
{
    struct world *world = *state;
    world->service.now = killing_clock;
    die_in(world, 0, 9);
    world->service.now = fixed_clock;
    assert_int_equal(known_size(world), 0);
    world->service.judged = kill_self;
    die_in(world, 0, 9);
    world->service.judged = NULL;
    assert_int_equal(known_size(world), 9);
    start(world);
    assert_int_equal(ask(world, &tree, 0, 12), 409);
    assert_int_equal(ask(world, &tree, 9, 12), 200);
}

struct pause {
    sem_t reached, go;
};

static void hold_up(const struct ml_checkpoint *checkpoint,
                    const struct ml_witness_verdict *verdict, void *context)
{
    struct pause *pause = context;
    (void)checkpoint, (void)verdict;
    sem_post(&pause->reached);
    sem_wait(&pause->go);
}

static int64_t clock_beside_pause(void *context)
{
    (void)context;
    return CLOCK;
}

static void *stop_server(void *server)
{
    ml_server_stop(server);
    return NULL;
}

/* A server that is told to stop while it works answers first. */
static void stops_gracefully(void **state)
{
    struct world *world = *state;
    struct pause pause;
    struct racer racer = {.world = world, .size = 9};
    pthread_t stopping;
    sem_init(&pause.reached, 0, 0);
    sem_init(&pause.go, 0, 0);
    world->service.judged = hold_up;
    world->service.now = clock_beside_pause;
    world->service.context = &pause;
    start(world);
    assert_int_equal(pthread_create(&racer.thread, NULL, race, &racer), 0);
    sem_wait(&pause.reached);
    assert_int_equal(pthread_create(&stopping, NULL, stop_server, world->server), 0);
    sem_post(&pause.go);
    assert_int_equal(pthread_join(racer.thread, NULL), 0);
    assert_int_equal(pthread_join(stopping, NULL), 0);
    world->server = NULL;
    assert_int_equal(racer.status, 200);
    sem_destroy(&pause.reached);
    sem_destroy(&pause.go);
}

static void addresses(void **state)
{
    struct world *world = *state;
    static const char *const bad[] = {"",           "127.0.0.1",      ":80",
                                      "127.0.0.1:", "127.0.0.1:http", "127.0.0.1:65536",
                                      "::1:80",     "[]:80",          "127.0.0.1:-1"};
    struct ml_server_options options = {.handle = ml_witness_handle, .context = &world->service};
    struct ml_server *server = NULL;
    for (size_t i = 0; i < ML_COUNT(bad); i++) {
        options.address = bad[i];
        if (ml_server_start(&options, &server) != MLEDGER_EUSAGE)
            fail_msg("accepted: %s", bad[i]);
    }
    start(world);
    options.address = ml_server_address(world->server); /* taken */
    assert_int_equal(ml_server_start(&options, &server), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "Address already in use"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(cosigns),      TEST(remembers),     TEST(tells_the_size),   TEST(other_requests),
        TEST(takes_no_get), TEST(damaged_state), TEST(foreign_state),    TEST(cannot_keep),
        TEST(one_wins),     TEST(killed),        TEST(stops_gracefully), TEST(addresses),
    };
    return cmocka_run_group_tests(tests, make_witness_world, NULL);
}
