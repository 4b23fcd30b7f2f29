/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mledger command with each of its system calls failing, and killed at each: what it had
 * acknowledged is there, nothing is there by half, the ledger verifies and takes more, and a file
 * it was writing is the old one or the whole new one.
 *
 *     test_process_faults SCENARIO     one of those below
 *
 * A short scenario meets every call. Of a long one the calls are taken at even distances, until
 * MLEDGER_SOAK asks for all of them.
 */
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/crash/process_world.h"
#include "tests/crash/syscall_gate.h"

#ifdef MLEDGER_SANITIZED
enum { RUNS_MAX = 6, RUNS_OF_LONG = 6 };
#else
enum { RUNS_MAX = 80, RUNS_OF_LONG = 16 };
#endif

enum { ARGUMENTS_MAX = 10, EXIT_FAILED = 3, SANITIZER_CODE = 125, LONG = 100 };

#define INIT "\"$MLEDGER\" init --name demo --actor alice --no-passphrase"
#define CHURN INIT " && \"$SAMPLES\"/churn/unpack.sh \"$PWD\"/churn"
#define EVENT "{\"model_created\": {\"name\": \"%s\"}}\\n"
#define LATER "printf '" EVENT "' later >later && \"$MLEDGER\" append later"

struct scenario {
    const char *name;
    const char *prepare;             /* shell */
    const char *argv[ARGUMENTS_MAX]; /* of mledger: what meets the fault */
    const char *again;               /* shell: goes on after whatever happened; must work */
    bool completes;                  /* `again` does all that is left undone */
    unsigned adds;                   /* records that `again` adds, unless it completes */
    unsigned batch;                  /* records of one transaction; 0: any number */
    bool receipts;                   /* standard output is receipts and nothing else */
    const char *file;                /* that is written, below the root */
    bool same;                       /* … with the same bytes each time */
};

static const struct scenario scenarios[] = {
    {.name = "append",
     .prepare = INIT " && printf '" EVENT "' one >one",
     .argv = {"--json", "append", "one"},
     .again = LATER,
     .adds = 1,
     .batch = 1,
     .receipts = true},
    {.name = "batch",
     .prepare = INIT " && printf '" EVENT "' a b c d e f g h i j k l >many",
     .argv = {"--json", "append", "--batch", "4", "many"},
     .again = LATER,
     .adds = 1,
     .batch = 4,
     .receipts = true},
    {.name = "checkpoint",
     .prepare = INIT,
     .argv = {"checkpoint", "-o", "note"},
     /* what was signed and seen before is part of what is signed now */
     .again = "\"$MLEDGER\" checkpoint && \"$MLEDGER\" checkpoint show &&"
              " { [ ! -e note ] || \"$MLEDGER\" checkpoint show note; }",
     .completes = true,
     .batch = 1,
     .file = "work/note"},
    {.name = "import-dvc",
     .prepare = CHURN,
     .argv = {"--json", "import", "dvc", "churn"},
     .again = "\"$MLEDGER\" import dvc churn",
     .completes = true},
    {.name = "import-mlflow",
     .prepare = CHURN,
     .argv = {"--json", "import", "mlflow", "churn"},
     .again = "\"$MLEDGER\" import mlflow churn",
     .completes = true},
    {.name = "init",
     .prepare = "true",
     .argv = {"init", "--name", "demo", "--actor", "alice", "--no-passphrase"},
     /* nothing there; keys alone; a ledger of its first record alone; all */
     .again = INIT " || " INIT " --keys second || \"$MLEDGER\" key authorize alice demo-recorder"
                   " --roles recorder --key demo-admin || \"$MLEDGER\" verify",
     .completes = true},
    {.name = "key",
     .prepare = INIT,
     .argv = {"key", "new", "bob", "--no-passphrase"},
     .again = "{ [ -e \"$HOME\"/config/mledger/keys/bob.key ] ||"
              " \"$MLEDGER\" key new bob --no-passphrase; } &&"
              " \"$MLEDGER\" actor add bob --kind person --roles approver --key demo-admin &&"
              " \"$MLEDGER\" key authorize bob bob --roles approver --key demo-admin",
     .adds = 2,
     .file = "home/config/mledger/keys/bob.key"},
    {.name = "export",
     .prepare = INIT " && echo old >all.jsonl",
     .argv = {"export", "-o", "all.jsonl"},
     .again = "\"$MLEDGER\" export -o all.jsonl",
     .file = "work/all.jsonl",
     .same = true},
    {.name = "picture",
     .prepare = CHURN " && \"$MLEDGER\" import dvc churn && echo old >dag.svg",
     .argv = {"dag", "-o", "dag.svg"},
     .again = "\"$MLEDGER\" dag -o dag.svg",
     .file = "work/dag.svg",
     .same = true},
    {.name = "statement",
     .prepare = INIT " && printf '" EVENT "' one >one && \"$MLEDGER\" statement make one -o sealed",
     .argv = {"statement", "sign", "sealed", "--key", "demo-admin", "--meaning", "authored"},
     .again = "\"$MLEDGER\" statement show sealed && \"$MLEDGER\" statement sign sealed"
              " --key demo-admin --meaning reviewed && \"$MLEDGER\" statement append sealed",
     .adds = 1,
     .file = "work/sealed"},
};

static const struct {
    const char *name;
    bool spares_readers; /* where nothing changes, there is nothing to see */
    bool needs_room;
} faults[GATE_KINDS] = {
    [GATE_EIO] = {"EIO", false, false},
    [GATE_EIO_FOREVER] = {"EIO from then on", false, false},
    [GATE_ENOSPC] = {"ENOSPC", false, true},
    [GATE_KILL] = {"killed", true, false},
};

/* One scenario under way. */
struct trial {
    const struct scenario *scenario;
    struct world world;
    struct gate_run run;
    struct gate_call *whole; /* the calls of a run without a fault */
    unsigned whole_count;
    uint64_t before, after;           /* records without it and with it */
    struct ml_buf old_file, new_file; /* bytes of the file, then */
    bool had_file;
    const char *fault;
    unsigned failures;
};

static void complain(struct trial *trial, const char *what)
{
    struct ml_buf text = {0};
    char log[WORLD_PATH_MAX + 8];
    trial->failures++;
    fprintf(stderr, "%s: %s at call %u (%s), status %#x: %s\n", trial->scenario->name, trial->fault,
            trial->run.at,
            trial->run.at < trial->run.count ? trial->run.calls[trial->run.at].what : "",
            (unsigned)trial->run.status, what);
    snprintf(log, sizeof log, "%s/log", trial->world.top);
    if (world_read(trial->world.err, &text))
        fprintf(stderr, "  it said: %s\n", (char *)text.data);
    if (world_read(log, &text))
        fprintf(stderr, "  then: %s\n", (char *)text.data);
    ml_buf_release(&text);
}

/* ---- what must hold after the fault ---- */

static bool was_good(const struct trial *trial)
{
    return WIFEXITED(trial->run.status) && WEXITSTATUS(trial->run.status) == 0;
}

/* It ends as it was killed, or with the code and the sentence of something that could not be
 * done, or has overcome the fault. */
static void check_ending(struct trial *trial)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf said = {0};
    int status = trial->run.status;
    if (trial->run.kind == GATE_KILL) {
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
            complain(trial, "it was not killed");
    } else if (!WIFEXITED(status) || WEXITSTATUS(status) >= SANITIZER_CODE) {
        complain(trial, "it crashed");
    } else if (WEXITSTATUS(status) != 0 && WEXITSTATUS(status) != EXIT_FAILED) {
        complain(trial, "the exit code is not 3");
    } else if (WEXITSTATUS(status) != 0 &&
               (!world_read(trial->world.err, &said) || said.len < sizeof "mledger: ")) {
        complain(trial, "it failed without a word");
    }
}

static void check_records(struct trial *trial, uint64_t size)
{
    const struct scenario *scenario = trial->scenario;
    uint64_t added = size - trial->before;
    unsigned receipts = 0;
    if (size < trial->before || size > trial->after)
        complain(trial, "records are gone, or more than were to be added");
    else if (scenario->batch && added % scenario->batch != 0)
        complain(trial, "part of a batch is there");
    else if (was_good(trial) && size != trial->after)
        complain(trial, "it reported success and records are missing");
    if (!scenario->receipts)
        return;
    const char *wrong = world_check_receipts(&trial->world, &receipts);
    if (wrong)
        complain(trial, wrong);
    else if (receipts > added || (was_good(trial) && receipts != added))
        complain(trial, "there are not as many receipts as records");
}

static bool same_bytes(const struct ml_buf *one, const struct ml_buf *other)
{
    return ml_span_equal(ml_buf_span(one), ml_buf_span(other));
}

static void check_file(struct trial *trial)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf now = {0};
    char path[WORLD_PATH_MAX];
    if (!trial->scenario->file)
        return;
    world_path(&trial->world, trial->scenario->file, path);
    bool there = world_read(path, &now);
    bool old = there == trial->had_file && (!there || same_bytes(&now, &trial->old_file));
    if (was_good(trial) ? old : !there && trial->had_file)
        complain(trial, "the file is not the new one, or lost");
    else if (!old && trial->scenario->same && !same_bytes(&now, &trial->new_file))
        complain(trial, "the file is a half one");
}

static void check_verifies(struct trial *trial, const char *when)
{
    if (world_shell(&trial->world, "\"$MLEDGER\" verify") != 0)
        complain(trial, when);
}

static void go_on(struct trial *trial, uint64_t size)
{
    const struct scenario *scenario = trial->scenario;
    if (world_shell(&trial->world, scenario->again) != 0) {
        complain(trial, "it cannot go on");
        return;
    }
    uint64_t now = world_size(&trial->world);
    if (now != (scenario->completes ? trial->after : size + scenario->adds))
        complain(trial, "going on added another number of records");
    check_verifies(trial, "what went on does not verify");
}

static void check(struct trial *trial)
{
    uint64_t size = world_size(&trial->world);
    check_ending(trial);
    check_records(trial, size);
    check_file(trial);
    if (size > 0)
        check_verifies(trial, "it does not verify");
    go_on(trial, size);
}

/* ---- the loops ---- */

static void run_it(struct trial *trial, enum gate_kind kind, unsigned at)
{
    world_reset(&trial->world);
    trial->run.kind = kind;
    trial->run.at = at;
    gate_run(&trial->run);
}

static bool is_met(const struct gate_call *call, enum gate_kind kind)
{
    return (call->changes || !faults[kind].spares_readers) &&
           (call->takes_room || !faults[kind].needs_room);
}

/* Of `wanted` calls, is number `seen` among those that `runs` are spent on, at even distances? */
static bool is_chosen(unsigned seen, unsigned wanted, unsigned runs)
{
    return seen * runs / wanted != (seen + 1) * runs / wanted;
}

static void every_call(struct trial *trial, enum gate_kind kind)
{
    unsigned wanted = 0, met = 0, seen = 0;
    for (unsigned at = 0; at < trial->whole_count; at++)
        wanted += is_met(&trial->whole[at], kind);
    unsigned limit = wanted > LONG ? RUNS_OF_LONG : RUNS_MAX;
    unsigned runs = getenv("MLEDGER_SOAK") || wanted < limit ? wanted : limit;
    trial->fault = faults[kind].name;
    for (unsigned at = 0; at < trial->whole_count; at++) {
        if (!is_met(&trial->whole[at], kind) || !is_chosen(seen++, wanted, runs))
            continue;
        run_it(trial, kind, at);
        if (!trial->run.met)
            complain(trial, "the call was not made");
        check(trial);
        met++;
    }
    printf("%s: %s at %u of %u calls\n", trial->scenario->name, trial->fault, met, wanted);
}

static void learn_whole(struct trial *trial)
{
    char path[WORLD_PATH_MAX];
    trial->before = world_size(&trial->world);
    if (trial->scenario->file) {
        world_path(&trial->world, trial->scenario->file, path);
        trial->had_file = world_read(path, &trial->old_file);
    }
    run_it(trial, GATE_COUNT, 0);
    trial->fault = "nothing failing";
    trial->after = world_size(&trial->world);
    if (trial->scenario->file && !world_read(path, &trial->new_file))
        complain(trial, "the file was not made");
    memcpy(trial->whole, trial->run.calls, trial->run.count * sizeof *trial->whole);
    trial->whole_count = trial->run.count;
    check(trial);
    if (!was_good(trial))
        complain(trial, "it fails");
}

static unsigned run_scenario(const struct scenario *scenario)
{
    static struct gate_call calls[GATE_CALLS_MAX], whole[GATE_CALLS_MAX];
    struct trial trial = {.scenario = scenario, .whole = whole};
    const char *argv[ARGUMENTS_MAX + 1] = {getenv("MLEDGER")};
    memcpy(argv + 1, scenario->argv, sizeof scenario->argv);
    world_init(&trial.world);
    world_prepare(&trial.world, scenario->prepare);
    trial.run = (struct gate_run){.argv = argv,
                                  .root = trial.world.root,
                                  .cwd = trial.world.work,
                                  .in = "/dev/null",
                                  .out = trial.world.out,
                                  .err = trial.world.err,
                                  .calls = calls};
    learn_whole(&trial);
    for (int kind = GATE_COUNT + 1; trial.failures == 0 && kind < GATE_KINDS; kind++)
        every_call(&trial, (enum gate_kind)kind);
    world_release(&trial.world);
    ml_buf_release(&trial.old_file);
    ml_buf_release(&trial.new_file);
    return trial.failures;
}

int main(int argc, char **argv)
{
    const char *refusal = gate_refusal();
    if (argc != 2 || !getenv("MLEDGER") || !getenv("SAMPLES"))
        return 2;
    if (refusal) {
        printf("skipped: %s\n", refusal);
        return 77;
    }
    for (size_t i = 0; i < ML_COUNT(scenarios); i++)
        if (strcmp(scenarios[i].name, argv[1]) == 0)
            return run_scenario(&scenarios[i]) == 0 ? 0 : 1;
    fprintf(stderr, "no scenario '%s'\n", argv[1]);
    return 2;
}
