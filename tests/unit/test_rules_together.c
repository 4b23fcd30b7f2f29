/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many at once: threads of one process share transactions, processes take turns, and a batch
 * sees what its own records did.
 */
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/store/ledger_private.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rules.h"

enum { THREADS = 8, EACH = 25, PROCESSES = 4 };

struct worker {
    pthread_t thread;
    struct fixture *fixture;
    int number;
    int result;
    uint64_t seqs[EACH];
};

/* Every fifth draft is refused: the others' records must not suffer. */
static int append_runs(struct ml_ledger *ledger, const struct ml_signer *signer, int number,
                       uint64_t *seqs)
{
    for (int i = 0; i < EACH; i++) {
        char line[96];
        snprintf(line, sizeof line, "{\"run_started\": {\"run_id\": \"%d-%d\"}}", number,
                 i % 5 == 4 ? i - 1 : i);
        ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
        ML_TRY(ml_draft_from_json(line, strlen(line), NULL, &draft));
        struct ml_receipt receipt = {.seq = MLEDGER_NO_SEQ};
        int result = ml_ledger_append(ledger, signer, &draft, 1, &receipt, NULL);
        if ((i % 5 == 4) != (result == MLEDGER_EREFUSED))
            return result < 0 ? result : MLEDGER_EUSAGE;
        seqs[i] = receipt.seq;
    }
    return MLEDGER_OK;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    worker->result = append_runs(worker->fixture->ledger, &worker->fixture->signers[ALICE],
                                 worker->number, worker->seqs);
    return NULL;
}

static uint64_t size_of(struct fixture *f)
{
    struct ml_head head;
    assert_int_equal(ml_ledger_head(f->ledger, &head), MLEDGER_OK);
    return head.size;
}

static void threads_get_receipts_of_their_own(void **state)
{
    struct fixture *f = *state;
    static struct worker workers[THREADS];
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.fixture = f, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    bool taken[1 + THREADS * EACH] = {true};
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        assert_int_equal(workers[i].result, MLEDGER_OK);
        for (int k = 0; k < EACH; k++) {
            uint64_t seq = workers[i].seqs[k];
            if (k % 5 == 4) {
                assert_int_equal(seq, MLEDGER_NO_SEQ);
                continue;
            }
            assert_true(seq < ML_COUNT(taken) && !taken[seq]);
            taken[seq] = true;
        }
    }
    assert_int_equal(size_of(f), 1 + THREADS * EACH * 4 / 5);
    rules_verify(f);
}

/* A day after the fixture's first second, whatever the machine's clock says. */
static int64_t next_day(void *context)
{
    (void)context;
    return 1767312000000000;
}

/* What one process does: `arguments` are the ledger, the known heads and its number. */
static int run_process(char **arguments)
{
    struct ml_ledger *ledger;
    const struct ml_ledger_options options = {.known_dir = arguments[1], .now = next_day};
    uint64_t seqs[EACH];
    int result = ml_ledger_open(arguments[0], &options, &ledger);
    if (result >= 0) {
        result =
            append_runs(ledger, rules_signer(CAROL), (int)strtol(arguments[2], NULL, 10), seqs);
        ml_ledger_close(ledger);
    }
    if (result < 0)
        fprintf(stderr, "process %s: %s\n", arguments[2], mledger_error_text());
    return result < 0;
}

/* This program once more, as a process that shares nothing with this one. */
static pid_t start_process(const struct fixture *f, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/proc/self/exe", "process", f->dir, f->known, text, (char *)NULL);
        _exit(127);
    }
    return child;
}

static void processes_take_turns(void **state)
{
    struct fixture *f = *state;
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    ml_ledger_close(f->ledger);
    f->ledger = NULL;
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++)
        children[i] = start_process(f, i);
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    fixture_reopen(f);
    assert_int_equal(size_of(f), 3 + PROCESSES * EACH * 4 / 5);
    rules_verify(f);
}

static void a_batch_sees_its_own_records(void **state)
{
    struct fixture *f = *state;
    struct ml_draft *drafts[] = {
        rules_draft("{'model_created': {'name': 'm'}}"),
        rules_draft("{'version_registered': {'model': 'm'}}"),
        rules_draft("{'alias_set': {'model': 'm', 'alias': 'a', 'version': 1}}"),
    };
    struct ml_receipt receipts[ML_COUNT(drafts)];
    assert_int_equal(
        ml_ledger_append(f->ledger, &f->signers[ALICE], drafts, ML_COUNT(drafts), receipts, NULL),
        MLEDGER_OK);
    for (size_t i = 0; i < ML_COUNT(drafts); i++) {
        assert_int_equal(receipts[i].seq, i + 1);
        ml_draft_free(drafts[i]);
    }
    rules_verify(f);
}

/* A key speaks from the record after the one that authorises it, also within one batch, and not
 * before. */
static void a_key_of_the_same_batch(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carol = rules_signer(CAROL);
    rules_keeps(f, "{'actor_registered': {'id': 'carol', 'kind': 'person', "
                   "'roles': ['recorder']}}");
    struct ml_draft *key = rules_draft(
        rules_line("{'key_authorized': {'actor': 'carol', 'key': '%s', 'roles': ['recorder']}}",
                   rules_hex(carol)));
    rules_state(f, key, carol, MLEDGER__MEANING__POSSESSION);
    struct ml_draft *model =
        rules_stated(f, "{'model_created': {'name': 'm'}}", carol, MLEDGER__MEANING__AUTHORED);
    struct ml_draft *too_early[] = {model, key}, *in_order[] = {key, model};
    size_t failed;
    const struct ml_signer *alice = &f->signers[ALICE];
    assert_int_equal(ml_ledger_append(f->ledger, alice, too_early, 2, NULL, &failed),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-unknown");
    assert_int_equal(failed, 0);
    assert_int_equal(size_of(f), 2);
    assert_int_equal(ml_ledger_append(f->ledger, alice, in_order, 2, NULL, &failed), MLEDGER_OK);
    ml_draft_free(key);
    ml_draft_free(model);
    rules_verify(f);
}

static void drop(struct ml_draft *const *drafts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ml_draft_free(drafts[i]);
}

/* What a key may is kept from record to record, but not beyond one that changes it. */
static void roles_end_within_a_batch(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carol = rules_signer(CAROL);
    rules_add_actor(f, CAROL, "carol", "person", "['admin', 'recorder']");
    const uint64_t size = size_of(f);
    size_t failed;
    struct ml_draft *drafts[] = {
        rules_draft("{'model_created': {'name': 'a'}}"),
        rules_draft("{'actor_changed': {'actor': 'carol', 'roles': ['approver']}}"),
        rules_draft("{'model_created': {'name': 'b'}}"),
    };
    assert_int_equal(ml_ledger_append(f->ledger, carol, drafts, ML_COUNT(drafts), NULL, &failed),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "signer-role");
    assert_int_equal(failed, 2);
    assert_int_equal(size_of(f), size);
    drop(drafts, ML_COUNT(drafts));
}

/* Nor beyond what was taken back: the next caller of the same transaction does not profit from
 * roles that the refused one had given. */
static void roles_taken_back_do_not_linger(void **state)
{
    struct fixture *f = *state;
    const struct ml_signer *carol = rules_signer(CAROL), *alice = &f->signers[ALICE];
    rules_add_actor(f, CAROL, "carol", "person", "['recorder']");
    rules_keeps(f, "{'actor_changed': {'actor': 'carol', 'roles': []}}");
    const uint64_t size = size_of(f);
    struct ml_draft *refused[] = {
        rules_draft("{'actor_changed': {'actor': 'carol', 'roles': ['recorder']}}"),
        rules_stated(f, "{'model_created': {'name': 'm'}}", carol, MLEDGER__MEANING__AUTHORED),
        rules_draft("{'version_registered': {'model': 'nowhere'}}"),
    };
    struct ml_draft *next[] = {rules_draft("{'model_created': {'name': 'n'}}")};
    struct ml_waiter second = {.signer = carol, .drafts = next, .count = ML_COUNT(next)};
    struct ml_waiter first = {
        .next = &second, .signer = alice, .drafts = refused, .count = ML_COUNT(refused)};
    assert_int_equal(ml_append_group(f->ledger, &first), MLEDGER_OK);
    assert_true(first.result < 0);
    assert_int_equal(first.failed, 2);
    assert_int_equal(second.result, MLEDGER_EREFUSED);
    assert_string_equal(second.error.rule, "signer-role");
    assert_int_equal(size_of(f), size);
    drop(refused, ML_COUNT(refused));
    drop(next, ML_COUNT(next));
    rules_verify(f);
}

int main(int argc, char **argv)
{
    if (argc == 4)
        return run_process(argv + 1);
#define RULE(test) cmocka_unit_test_setup_teardown(test, rules_set_up, rules_tear_down)
    const struct CMUnitTest tests[] = {
        RULE(threads_get_receipts_of_their_own), RULE(processes_take_turns),
        RULE(a_batch_sees_its_own_records),      RULE(a_key_of_the_same_batch),
        RULE(roles_end_within_a_batch),          RULE(roles_taken_back_do_not_linger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
