/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An erasure with the N-th write or sync failing, N = 1, 2, 3 … until it runs through; killed
 * there; with the power lost there; killed before and after the new file gets its name. After each
 * the ledger is as it was, or the erasure is recorded and verify says that it is to be finished, or
 * it is done; and finishing it leaves no byte.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/store/erasure.h"
#include "tests/crash/fault.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/verify.h"

#define SECRET "zqx-secret"
enum {
    CALLS_MIN = 10, /* of a run; fewer would mean that the faults do not reach the engine */
    CALLS_MAX = 2000,
    RECORDS = 3,
};

static enum { RENAME_LIVES, RENAME_DIES_BEFORE, RENAME_DIES_AFTER } rename_fate;

/* In place of the C library's. */
int fate_renameat(int old_dir, const char *old, int new_dir, const char *new) __asm__("renameat");
int fate_renameat(int old_dir, const char *old, int new_dir, const char *new)
{
    if (rename_fate == RENAME_DIES_BEFORE)
        raise(SIGKILL);
    int result = (int)syscall(SYS_renameat2, old_dir, old, new_dir, new, 0);
    if (rename_fate == RENAME_DIES_AFTER)
        raise(SIGKILL);
    return result;
}

static void must(int result)
{
    if (result < 0) {
        fault_clear();
        fail_msg("%d: %s (rule %s)", result, mledger_error_text(), mledger_error_rule());
    }
}

static void begin(struct fixture *fixture)
{
    fixture_init(fixture);
    for (unsigned i = 1; i <= RECORDS; i++) {
        char line[200];
        snprintf(line, sizeof line,
                 "{\"incident_recorded\": {\"incident_id\": \"i%u\", \"status\": \"opened\"}, "
                 "\"details\": {\"reason\": \"" SECRET "-%u\"}}",
                 i, i);
        fixture_add(fixture, line);
    }
}

static bool is_anywhere(const struct fixture *fixture, const char *text)
{
    char command[256];
    snprintf(command, sizeof command, "grep -r -a -q -F -- '%s' '%s'", text, fixture->dir);
    int status = system(command);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) <= 1);
    return WEXITSTATUS(status) == 0;
}

static int erase(struct fixture *fixture)
{
    struct ml_draft *draft = fixture_draft("{\"details_erased\": {\"record_ref\": 2}}");
    int result = ml_ledger_erase(fixture->ledger, &fixture->signers[ALICE], &draft, 1, NULL, NULL);
    ml_draft_free(draft);
    return result;
}

struct report {
    unsigned pending, others;
};

static int keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (finding->severity != ML_SEVERITY_FAULT)
        return MLEDGER_OK;
    if (strcmp(finding->code, "details-not-erased") == 0 && finding->seq == 2)
        report->pending++;
    else
        report->others++;
    return MLEDGER_OK;
}

static struct report verify(struct fixture *fixture)
{
    struct report report = {0};
    struct ml_verify_result result;
    const struct ml_verify_options options = {.visit = keep, .visit_context = &report};
    must(ml_verify(fixture->ledger, &options, &result));
    return report;
}

/* What stands after a fault, and that it can be gone on from. */
static void expect_whole(struct fixture *fixture)
{
    struct ml_head head;
    uint64_t count;
    struct report report = verify(fixture);
    must(ml_ledger_head(fixture->ledger, &head));
    assert_int_equal(report.others, 0);
    assert_in_range(head.size, RECORDS + 1, RECORDS + 2);
    if (head.size == RECORDS + 1) {
        assert_int_equal(report.pending, 0);
        assert_true(is_anywhere(fixture, SECRET "-2"));
        must(erase(fixture));
    } else {
        must(ml_ledger_erase_finish(fixture->ledger, &count));
        assert_int_equal(count, report.pending);
    }
    report = verify(fixture);
    assert_int_equal(report.pending + report.others, 0);
    assert_false(is_anywhere(fixture, SECRET "-2"));
    assert_true(is_anywhere(fixture, SECRET "-1"));
    assert_true(is_anywhere(fixture, SECRET "-3"));
}

static void every_failure(enum fault_kind kind)
{
    unsigned at = 0;
    int result;
    do {
        struct fixture fixture;
        begin(&fixture);
        fault_arm(kind, ++at);
        result = erase(&fixture);
        fault_clear();
        assert_true(at < CALLS_MAX);
        if (result < 0)
            assert_int_equal(result, MLEDGER_ESYSTEM);
        fixture_reopen(&fixture);
        expect_whole(&fixture);
        fixture_release(&fixture);
    } while (result < 0);
    print_message("%u faults\n", at - 1);
    assert_true(at > CALLS_MIN);
}

static void calls_that_fail(void **state)
{
    (void)state;
    every_failure(FAULT_EIO);
    every_failure(FAULT_ENOSPC);
}

/* Whether the child was killed. */
static bool die(struct fixture *fixture, enum fault_kind kind, unsigned at)
{
    int status;
    ml_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        fixture_reopen(fixture);
        if (kind != FAULT_NONE)
            fault_arm(kind, at);
        int result = erase(fixture);
        fault_clear();
        _exit(result < 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL));
    fixture_reopen(fixture);
    return status != 0;
}

static void every_death(enum fault_kind kind)
{
    unsigned at = 0;
    bool died;
    do {
        struct fixture fixture;
        begin(&fixture);
        died = die(&fixture, kind, ++at);
        assert_true(at < CALLS_MAX);
        expect_whole(&fixture);
        fixture_release(&fixture);
    } while (died);
    print_message("%u deaths\n", at - 1);
    assert_true(at > CALLS_MIN);
}

static void a_process_killed(void **state)
{
    (void)state;
    every_death(FAULT_KILL);
}

static void power_lost(void **state)
{
    (void)state;
    every_death(FAULT_POWER_ALL);
}

static void killed_around_the_renaming(void **state)
{
    (void)state;
    for (int after = 0; after <= 1; after++) {
        struct fixture fixture;
        begin(&fixture);
        rename_fate = after ? RENAME_DIES_AFTER : RENAME_DIES_BEFORE;
        assert_true(die(&fixture, FAULT_NONE, 0));
        rename_fate = RENAME_LIVES;
        assert_int_equal(verify(&fixture).pending, !after);
        expect_whole(&fixture);
        fixture_release(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_fail),
        cmocka_unit_test(a_process_killed),
        cmocka_unit_test(power_lost),
        cmocka_unit_test(killed_around_the_renaming),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
