/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/crash/process_world.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/core/hex.h"
#include "ledger/store/ledger.h"

static _Noreturn void broken(const char *what)
{
    perror(what);
    exit(99);
}

/* A command of the test's own, over names of the test's own. */
static int command(const char *format, ...) ML_PRINTF(1, 2);
static int command(const char *format, ...)
{
    char line[8192];
    va_list args;
    va_start(args, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): va_start() is on the line above */
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof line)
        broken("a command that is too long");
    int status = system(line);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void must(int code)
{
    if (code != 0)
        broken("a command of the test failed");
}

void world_path(const struct world *world, const char *name, char path[WORLD_PATH_MAX])
{
    if (snprintf(path, WORLD_PATH_MAX, "%s/%s", world->root, name) >= WORLD_PATH_MAX)
        broken("a path that is too long");
}

static void set(const char *name, const char *value)
{
    if (setenv(name, value, 1) != 0)
        broken("setenv");
}

static void set_environment(const struct world *world)
{
    static const char *const places[][2] = {
        {"HOME", "home"},
        {"XDG_CONFIG_HOME", "home/config"},
        {"XDG_STATE_HOME", "home/state"},
        {"XDG_DATA_HOME", "home/data"},
        {"XDG_CACHE_HOME", "home/cache"},
    };
    for (size_t i = 0; i < ML_COUNT(places); i++) {
        char path[WORLD_PATH_MAX];
        world_path(world, places[i][1], path);
        set(places[i][0], path);
    }
    set("LC_ALL", "C.UTF-8");
    set("TZ", "UTC");
    unsetenv("MLEDGER_DIR");
}

void world_init(struct world *world)
{
    char top[] = "/tmp/mledger-crash.XXXXXX";
    if (!mkdtemp(top))
        broken(top);
    snprintf(world->top, sizeof world->top, "%s", top);
    snprintf(world->root, sizeof world->root, "%s/run", top);
    snprintf(world->err, sizeof world->err, "%s/err", top);
    world_path(world, "work", world->work);
    world_path(world, "out", world->out);
    set_environment(world);
}

void world_release(struct world *world)
{
    must(command("rm -rf '%s'", world->top));
}

int world_shell(const struct world *world, const char *shell)
{
    return command("cd '%s' && { %s\n} >'%s/log' 2>&1 </dev/null", world->work, shell, world->top);
}

void world_prepare(struct world *world, const char *shell)
{
    must(command("mkdir -p '%s/home' '%s'", world->root, world->work));
    if (world_shell(world, shell) != 0) {
        must(command("cat '%s/log'", world->top));
        broken(shell);
    }
    must(command("cp -a '%s' '%s/kept'", world->root, world->top));
}

void world_reset(const struct world *world)
{
    must(command("rm -rf '%s' && cp -a '%s/kept' '%s'", world->root, world->top, world->root));
}

bool world_read(const char *path, struct ml_buf *ret_bytes)
{
    ML_CLEANUP(ml_closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t got;
    if (fd < 0)
        return false;
    ml_buf_clear(ret_bytes);
    while ((got = read(fd, chunk, sizeof chunk)) > 0)
        if (ml_buf_append(ret_bytes, chunk, (size_t)got) < 0)
            broken("memory");
    if (got < 0 || ml_buf_append_char(ret_bytes, '\0') < 0)
        broken(path);
    ret_bytes->len--;
    return true;
}

static struct ml_ledger *open_ledger(const struct world *world)
{
    const struct ml_ledger_options options = {.read_only = true};
    struct ml_ledger *ledger = NULL;
    char dir[WORLD_PATH_MAX];
    world_path(world, "work/.mledger", dir);
    if (ml_ledger_open(dir, &options, &ledger) < 0)
        return NULL;
    return ledger;
}

uint64_t world_size(const struct world *world)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = open_ledger(world);
    struct ml_head head;
    return ledger && ml_ledger_head(ledger, &head) >= 0 ? head.size : 0;
}

static const char *check_receipt(struct ml_view *view, const char *line, size_t len)
{
    uint8_t link[ML_HASH_SIZE];
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    json_t *receipt = json_loadb(line, len, 0, NULL);
    json_int_t seq = json_integer_value(json_object_get(receipt, "seq"));
    const char *said = json_string_value(json_object_get(receipt, "link"));
    const char *wrong = NULL;
    if (!said)
        wrong = "a line of standard output is no receipt";
    else if (ml_view_link_at(view, (uint64_t)seq, link) < 0)
        wrong = "a record that was acknowledged is not there";
    else if (ml_hex_encode(hex, link, sizeof link), strcmp(hex, said) != 0)
        wrong = "another record is where one was acknowledged";
    json_decref(receipt);
    return wrong;
}

const char *world_check_receipts(const struct world *world, unsigned *ret_count)
{
    ML_CLEANUP(ml_ledger_closep) struct ml_ledger *ledger = open_ledger(world);
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    struct ml_view view;
    const char *wrong = NULL;
    if (!world_read(world->out, &text))
        return "standard output is gone";
    if (!ledger || ml_view_begin(ledger, &view) < 0)
        return "the ledger cannot be opened";
    *ret_count = 0;
    const char *line = (const char *)text.data, *end;
    for (; !wrong && (end = strchr(line, '\n')); line = end + 1, ++*ret_count)
        wrong = check_receipt(&view, line, (size_t)(end - line));
    ml_view_end(&view);
    return wrong;
}

uint64_t world_seed(void)
{
    const char *text = getenv("MLEDGER_SOAK_SEED");
    uint64_t seed;
    if (text)
        return strtoull(text, NULL, 10);
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        broken("getrandom");
    return seed;
}
