/* SPDX-License-Identifier: Apache-2.0 */
/* Artifacts by their content, where two servers share one directory, and after a crash. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/mlflow/object_store.h"
#include "tests/unit/cmocka_all.h"

enum { OBJECTS = 60, MAX = 1 << 20 };

struct world {
    char dir[64];
    struct ml_object_store store;
};

static int make(void **state)
{
    struct world *world = ml_calloc(1, sizeof *world);
    assert_non_null(world);
    snprintf(world->dir, sizeof world->dir, "/tmp/mledger-objects.XXXXXX");
    assert_non_null(mkdtemp(world->dir));
    assert_int_equal(ml_object_store_open(world->dir, &world->store), MLEDGER_OK);
    *state = world;
    return 0;
}

static int drop(void **state)
{
    struct world *world = *state;
    char command[96];
    ml_object_store_release(&world->store);
    snprintf(command, sizeof command, "rm -rf '%s'", world->dir);
    free(world);
    return system(command); /* NOLINT(cert-env33-c): as the other tests clear up */
}

static size_t arriving(const struct world *world)
{
    char path[96];
    size_t count = 0;
    snprintf(path, sizeof path, "%s/incoming", world->dir);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
        count += entry->d_name[0] != '.';
    closedir(dir);
    return count;
}

static void receive(struct world *world, const char *text)
{
    struct ml_object object;
    struct ml_digests digests;
    uint64_t size;
    int fd;
    assert_int_equal(ml_object_begin(&world->store, MAX, &object), MLEDGER_OK);
    assert_int_equal(ml_object_take(&object, ML_SPAN(text, strlen(text))), MLEDGER_OK);
    assert_int_equal(ml_object_finish(&object, &digests), MLEDGER_OK);
    ml_object_release(&object);
    assert_int_equal(ml_object_open(&world->store, digests.sha256, &fd, &size), MLEDGER_OK);
    assert_int_equal(size, strlen(text));
    close(fd);
}

/* Another process opens the store, as a server that starts, until it is killed; `ready` has a byte
 * when it has done so once. */
static pid_t start_opener(const char *dir, int ready)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child > 0)
        return child;
    for (bool is_first = true;; is_first = false) {
        struct ml_object_store store;
        if (ml_object_store_open(dir, &store) < 0 || (is_first && write(ready, "x", 1) != 1))
            _exit(1);
        ml_object_store_release(&store);
    }
}

/* False: it had ended by itself. */
static bool end(pid_t child)
{
    int status;
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Each upload, short as it is, meets a server that begins and looks for what was left. */
static void another_server_begins(void **state)
{
    struct world *world = *state;
    struct ml_object long_one;
    struct ml_digests digests;
    int ready[2];
    char byte;
    assert_int_equal(ml_object_begin(&world->store, MAX, &long_one), MLEDGER_OK);
    assert_int_equal(pipe(ready), 0);
    const pid_t child = start_opener(world->dir, ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    for (int i = 0; i < OBJECTS; i++) {
        char text[32];
        snprintf(text, sizeof text, "object %d", i);
        receive(world, text);
    }
    assert_true(end(child));
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(ml_object_take(&long_one, ML_SPAN("slow", 4)), MLEDGER_OK);
    assert_int_equal(ml_object_finish(&long_one, &digests), MLEDGER_OK);
    ml_object_release(&long_one);
    assert_int_equal(arriving(world), 0);
}

/* A process that is killed while it receives leaves its file, and no lock on it. */
static void what_a_crash_left(void **state)
{
    struct world *world = *state;
    struct ml_object_store again;
    int status;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ml_object object;
        if (ml_object_begin(&world->store, MAX, &object) < 0 ||
            ml_object_take(&object, ML_SPAN("half", 4)) < 0)
            _exit(1);
        raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(arriving(world), 1);
    assert_int_equal(ml_object_store_open(world->dir, &again), MLEDGER_OK);
    ml_object_store_release(&again);
    assert_int_equal(arriving(world), 0);
}

/* The same content again, and content that is given up. */
static void once_and_not_at_all(void **state)
{
    struct world *world = *state;
    struct ml_object object;
    receive(world, "twice");
    receive(world, "twice");
    assert_int_equal(ml_object_begin(&world->store, 3, &object), MLEDGER_OK);
    assert_int_equal(ml_object_take(&object, ML_SPAN("four", 4)), MLEDGER_EINVALID);
    assert_int_equal(arriving(world), 1);
    ml_object_release(&object);
    assert_int_equal(arriving(world), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_server_begins),
        TEST(what_a_crash_left),
        TEST(once_and_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
