/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a hostile store: bits and bytes of its file are damaged, again and again, and each
 * verification ends with an answer. `MLEDGER_FLIPS` sets how often.
 */
#include "verify/verify_child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/ledger_fixture.h"

enum { FLIPS = 300, RECORDS = 30, JUNK = 4000, CODES_MAX = 8, PAGE = 4096 };

static int setup(void **state)
{
    static struct fixture fixture;
    char line[600];
    fixture_init(&fixture);
    for (unsigned i = 0; i < RECORDS; i++) {
        snprintf(line, sizeof line,
                 "{\"model_created\": {\"name\": \"model-%u\"}, "
                 "\"details\": {\"description\": \"%0*d\"}}",
                 i, i % 5 == 0 ? 400 : 20, 0);
        fixture_add(&fixture, line);
    }
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_release(*state);
    return 0;
}

static void close_ledger(struct fixture *fixture)
{
    ml_ledger_close(fixture->ledger);
    fixture->ledger = NULL;
}

struct report {
    size_t count;
    char codes[CODES_MAX][32], last_text[1024];
    int signal; /* is sent to the child at the first finding */
};

/* The one child of this thread. */
static pid_t child_of_mine(void)
{
    char path[64], text[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%ld/children", syscall(SYS_gettid));
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    fclose(file);
    const long pid = strtol(text, NULL, 10);
    assert_true(pid > 0);
    return (pid_t)pid;
}

static int keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (finding->severity != ML_SEVERITY_FAULT)
        return MLEDGER_OK;
    if (report->signal && report->count == 0)
        assert_int_equal(kill(child_of_mine(), report->signal), 0);
    snprintf(report->codes[report->count % CODES_MAX], sizeof report->codes[0], "%s",
             finding->code);
    snprintf(report->last_text, sizeof report->last_text, "%s", finding->text);
    report->count++;
    return MLEDGER_OK;
}

static const char *last_code(const struct report *report)
{
    return report->count ? report->codes[(report->count - 1) % CODES_MAX] : "";
}

static int verify(const struct fixture *fixture, uint64_t stall_ms, struct report *report,
                  struct ml_verify_result *ret_result)
{
    const struct ml_verify_options options = {
        .memory = 16 << 20, .visit = keep, .visit_context = report};
    return ml_verify_confined(fixture->dir, fixture->known, &options, stall_ms, ret_result);
}

static void must(int result)
{
    if (result < 0)
        fail_msg("%d: %s", result, mledger_error_text());
}

static void the_child_says_what_verify_says(void **state)
{
    struct fixture *fixture = *state;
    struct report here = {0}, there = {0};
    struct ml_verify_result inside, outside;
    const struct ml_verify_options options = {.visit = keep, .visit_context = &here};
    must(ml_verify(fixture->ledger, &options, &inside));
    close_ledger(fixture);
    must(verify(fixture, 0, &there, &outside));
    assert_int_equal(here.count, 0);
    assert_int_equal(there.count, 0);
    assert_int_equal(outside.records, RECORDS + 1);
    assert_int_equal(inside.not_proven, outside.not_proven);
    assert_memory_equal(inside.root, outside.root, ML_HASH_SIZE);
    assert_memory_equal(inside.head.link, outside.head.link, ML_HASH_SIZE);
    assert_string_equal(outside.head.name, "test");
    assert_true(outside.known);
}

static void what_cannot_be_opened_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct ml_verify_result result;
    const struct ml_verify_options options = {0};
    assert_int_equal(ml_verify_confined("/nowhere/at/all", NULL, &options, 0, &result),
                     MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "there is no ledger in '/nowhere/at/all'"));
    (void)fixture;
}

static int stop_at_once(const struct ml_finding *finding, void *context)
{
    (void)finding;
    (void)context;
    return ml_fail(MLEDGER_EUSAGE, "enough");
}

static void a_visitor_ends_it(void **state)
{
    struct fixture *fixture = *state;
    struct ml_verify_result result;
    const struct ml_verify_options options = {.visit = stop_at_once};
    close_ledger(fixture);
    assert_int_equal(ml_verify_confined(fixture->dir, NULL, &options, 0, &result), MLEDGER_EUSAGE);
    assert_string_equal(mledger_error_text(), "enough");
}

/* ---- how the child ends ---- */

/* More findings than a pipe holds, so that the child is still there when the first is read. */
static int put_junk(struct ml_kv_txn *txn, void *context)
{
    (void)context;
    for (unsigned i = 0; i < JUNK; i++) {
        char key[16];
        int len = snprintf(key, sizeof key, "Z%06u", i);
        ML_TRY(ml_kv_put(txn, ML_TABLE_STATE, ML_SPAN(key, len), ML_SPAN("x", 1)));
    }
    return MLEDGER_OK;
}

static struct report end_child(struct fixture *fixture, int number)
{
    struct report report = {.signal = number};
    struct ml_verify_result result;
    must(ml_kv_update(ml_ledger_kv(fixture->ledger), put_junk, NULL));
    close_ledger(fixture);
    must(verify(fixture, 500, &report, &result));
    assert_int_equal(result.faults, report.count);
    assert_int_equal(result.head.size, 0);
    return report;
}

static void a_crash_is_a_finding(void **state)
{
    struct report report = end_child(*state, SIGSEGV);
    assert_string_equal(last_code(&report), "store-crash");
    char text[128];
    snprintf(text, sizeof text, "reading the store ended in signal 11 after record %d", RECORDS);
#ifndef MLEDGER_SANITIZED /* a sanitizer has a handler of its own */
    assert_string_equal(report.last_text, text);
#endif
}

static void a_hang_is_a_finding(void **state)
{
    struct report report = end_child(*state, SIGSTOP);
    assert_string_equal(last_code(&report), "store-hang");
    assert_non_null(strstr(report.last_text, "came to nothing for 0.5 s after record"));
}

/* ---- damaged files ---- */

struct file {
    char path[128];
    uint8_t *bytes;
    size_t len;
};

static struct file read_file(const struct fixture *fixture)
{
    struct file file = {0};
    struct stat info;
    snprintf(file.path, sizeof file.path, "%s/data.mdb", fixture->dir);
    int fd = open(file.path, O_RDONLY);
    assert_int_equal(fstat(fd, &info), 0);
    file.len = (size_t)info.st_size;
    file.bytes = malloc(file.len);
    assert_non_null(file.bytes);
    assert_int_equal(read(fd, file.bytes, file.len), file.len);
    close(fd);
    return file;
}

static void write_at(const struct file *file, size_t at, const uint8_t *bytes, size_t len)
{
    int fd = open(file->path, O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, len, (off_t)at), len);
    close(fd);
}

/* xorshift64*, so that a run can be repeated from its seed. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed >> 12;
    *seed ^= *seed << 25;
    *seed ^= *seed >> 27;
    return *seed * UINT64_C(0x2545f4914f6cdd1d);
}

/* Anywhere, or, as often, in the first bytes of a page, where the engine's own numbers stand. */
static size_t place(const struct file *file, uint64_t random, size_t len)
{
    size_t at = (size_t)((random >> 1) % (file->len - len));
    return random & 1 ? at : at / PAGE * PAGE + at % 64;
}

/* Damages some bytes: one bit, one byte, or eight of one place (a page number, a size). */
static size_t damage(const struct file *file, uint64_t *seed, size_t *ret_at)
{
    uint8_t bytes[8];
    uint64_t random = next_random(seed);
    size_t len = random % 4 == 3 ? 8 : 1;
    size_t at = place(file, next_random(seed), len);
    if (len == 8)
        at &= ~(size_t)7;
    memcpy(bytes, file->bytes + at, len);
    if (random % 4 < 2)
        bytes[0] ^= (uint8_t)(1u << (random >> 8) % 8);
    else
        for (size_t i = 0; i < len; i++)
            bytes[i] = (uint8_t)next_random(seed);
    write_at(file, at, bytes, len);
    *ret_at = at;
    return len;
}

struct tally {
    unsigned sound, faults, crashed, hung, damaged, unopened;
};

static void count(struct tally *tally, const struct report *report)
{
    const char *code = last_code(report);
    tally->crashed += strcmp(code, "store-crash") == 0;
    tally->hung += strcmp(code, "store-hang") == 0;
    tally->damaged += strcmp(code, "store-damaged") == 0;
    tally->sound += report->count == 0;
    tally->faults += report->count > 0;
}

static unsigned flips_wanted(void)
{
    const char *text = getenv("MLEDGER_FLIPS");
    return text ? (unsigned)strtoul(text, NULL, 10) : FLIPS;
}

/* What was read without a fault is what was written. */
static void every_damage_ends_with_an_answer(void **state)
{
    struct fixture *fixture = *state;
    struct report report = {0};
    struct ml_verify_result good, result;
    struct tally tally = {0};
    uint64_t seed = UINT64_C(0x6d6c65646765722e);
    close_ledger(fixture);
    struct file file = read_file(fixture);
    must(verify(fixture, 0, &report, &good));
    for (unsigned i = 0; i < flips_wanted(); i++) {
        size_t at, len = damage(&file, &seed, &at);
        report = (struct report){0};
        int outcome = verify(fixture, 10000, &report, &result);
        if (outcome < 0) {
            assert_int_equal(outcome, MLEDGER_ESYSTEM);
            tally.unopened++;
        } else {
            count(&tally, &report);
            if (report.count == 0 && (result.records != good.records ||
                                      memcmp(result.root, good.root, ML_HASH_SIZE) != 0))
                fail_msg("damage at %zu of run %u went unseen", at, i);
        }
        write_at(&file, at, file.bytes + at, len);
    }
    print_message("%u sound (what was damaged is not used), %u with faults; of these %u crashed, "
                  "%u hung, %u could not be read on; %u could not be opened\n",
                  tally.sound, tally.faults, tally.crashed, tally.hung, tally.damaged,
                  tally.unopened);
    report = (struct report){0};
    must(verify(fixture, 0, &report, &result));
    assert_int_equal(report.count, 0);
    free(file.bytes);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_child_says_what_verify_says),
        TEST(what_cannot_be_opened_is_told),
        TEST(a_visitor_ends_it),
        TEST(a_crash_is_a_finding),
        TEST(a_hang_is_a_finding),
        TEST(every_damage_ends_with_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
