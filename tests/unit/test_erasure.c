/* SPDX-License-Identifier: Apache-2.0 */
/* Erasing details for good: what goes, what stays, what refuses, and that no byte is left. */
#include "ledger/store/erasure.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ledger/store/ledger_private.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/verify.h"

#define SECRET "zqx-secret-of-"
enum { RECORDS = 40, REPORT_MAX = 64 };

static int setup(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    fixture_release(*state);
    return 0;
}

static void must(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule %s)", result, mledger_error_text(), mledger_error_rule());
}

/* Records 1 to `count`: incidents with a secret in each one's details. Short ones stand inside
 * pages, long ones (every fourth) on pages of their own. */
static void add_secrets(struct fixture *fixture, unsigned count)
{
    char line[9000];
    for (unsigned i = 1; i <= count; i++) {
        int pad = i % 4 == 0 ? 6000 : 40;
        snprintf(line, sizeof line,
                 "{\"incident_recorded\": {\"incident_id\": \"i%u\", \"status\": \"opened\"}, "
                 "\"details\": {\"reason\": \"" SECRET "%03u-%0*d\"}}",
                 i, i, pad, 0);
        assert_int_equal(fixture_add(fixture, line), i);
    }
}

/* How often `text` stands in any file of the ledger's directory. */
static unsigned occurrences(const struct fixture *fixture, const char *text)
{
    char command[256], count[32] = "";
    snprintf(command, sizeof command, "cat '%s'/*.mdb | grep -a -o -F -- '%s' | wc -l",
             fixture->dir, text);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    assert_non_null(fgets(count, sizeof count, pipe));
    pclose(pipe);
    return (unsigned)strtoul(count, NULL, 10);
}

static unsigned secret_occurrences(const struct fixture *fixture, unsigned seq)
{
    char text[64];
    snprintf(text, sizeof text, SECRET "%03u", seq);
    return occurrences(fixture, text);
}

static struct ml_draft *erasure_of(uint64_t seq)
{
    char line[160];
    snprintf(line, sizeof line,
             "{\"details_erased\": {\"record_ref\": %u}, \"details\": {\"reason\": \"asked\"}}",
             (unsigned)seq);
    return fixture_draft(line);
}

static int erase(struct fixture *fixture, const uint64_t *seqs, size_t count)
{
    struct ml_draft *drafts[8];
    struct ml_receipt receipts[8];
    for (size_t i = 0; i < count; i++)
        drafts[i] = erasure_of(seqs[i]);
    fixture->now_us += 1000000;
    int result =
        ml_ledger_erase(fixture->ledger, &fixture->signers[ALICE], drafts, count, receipts, NULL);
    for (size_t i = 0; i < count; i++)
        ml_draft_free(drafts[i]);
    return result;
}

struct report {
    size_t count;
    char codes[REPORT_MAX][32];
    uint64_t seqs[REPORT_MAX];
    struct ml_verify_result result;
};

static int keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (finding->severity == ML_SEVERITY_FAULT && report->count < REPORT_MAX) {
        snprintf(report->codes[report->count], sizeof report->codes[0], "%s", finding->code);
        report->seqs[report->count++] = finding->seq;
    }
    return MLEDGER_OK;
}

static struct report verify(struct fixture *fixture)
{
    struct report report = {0};
    const struct ml_verify_options options = {.visit = keep, .visit_context = &report};
    must(ml_verify(fixture->ledger, &options, &report.result));
    return report;
}

static void expect_sound(struct fixture *fixture)
{
    struct report report = verify(fixture);
    if (report.count > 0)
        fail_msg("%s at %d", report.codes[0], (int)report.seqs[0]);
}

static bool has_details(struct fixture *fixture, uint64_t seq)
{
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    ml_arena_init(&arena, SIZE_MAX / 2);
    must(ml_view_begin(fixture->ledger, &view));
    must(ml_view_record(&view, seq, &arena, &record));
    bool has = record.details != NULL;
    assert_int_equal(has, !record.details_erased);
    ml_view_end(&view);
    ml_arena_release(&arena);
    return has;
}

static void what_is_erased_is_in_no_byte(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, RECORDS);
    struct report before = verify(fixture);
    for (unsigned i = 1; i <= RECORDS; i++)
        assert_true(secret_occurrences(fixture, i) > 0);
    const uint64_t seqs[] = {8, 5, 17};
    must(erase(fixture, seqs, 3));
    for (unsigned i = 1; i <= RECORDS; i++) {
        bool gone = i == 8 || i == 5 || i == 17;
        assert_int_equal(has_details(fixture, i), !gone);
        assert_int_equal(secret_occurrences(fixture, i) == 0, gone);
    }
    expect_sound(fixture);
    must(ml_ledger_reindex(fixture->ledger));
    expect_sound(fixture);
    struct report after = verify(fixture);
    assert_int_equal(after.result.records, before.result.records + 3);
    fixture_reopen(fixture);
    expect_sound(fixture);
    fixture_add(fixture,
                "{\"incident_recorded\": {\"incident_id\": \"x\", \"status\": \"opened\"}}");
    expect_sound(fixture);
}

static void an_erasure_too_loses_its_details(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 2);
    const uint64_t first = 1, genesis = 0, erasing = 3;
    must(erase(fixture, &first, 1));
    must(erase(fixture, &erasing, 1));
    must(erase(fixture, &genesis, 1));
    assert_int_equal(occurrences(fixture, "Alice Ng"), 0);
    expect_sound(fixture);
}

static void expect_refusal(struct fixture *fixture, const uint64_t *seqs, size_t count,
                           const char *rule)
{
    struct ml_head before, after;
    must(ml_ledger_head(fixture->ledger, &before));
    assert_int_equal(erase(fixture, seqs, count), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), rule);
    must(ml_ledger_head(fixture->ledger, &after));
    assert_int_equal(before.size, after.size);
}

static void one_wrong_record_and_nothing_changes(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 3);
    fixture_add(fixture,
                "{\"incident_recorded\": {\"incident_id\": \"x\", \"status\": \"opened\"}}");
    expect_refusal(fixture, (uint64_t[]){1, 99}, 2, "reference-missing");
    expect_refusal(fixture, (uint64_t[]){1, 2, 1}, 3, "erased");
    expect_refusal(fixture, (uint64_t[]){1, 4}, 2, "details-none");
    for (unsigned i = 1; i <= 3; i++)
        assert_true(has_details(fixture, i));
    must(erase(fixture, (uint64_t[]){1}, 1));
    expect_refusal(fixture, (uint64_t[]){2, 1}, 2, "erased");
    assert_true(has_details(fixture, 2));
    expect_sound(fixture);
}

static void an_admin_alone_may(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 1);
    fixture_add_bob(fixture);
    struct ml_draft *draft = erasure_of(1);
    assert_int_equal(
        ml_ledger_erase(fixture->ledger, &fixture->signers[BOB], &draft, 1, NULL, NULL),
        MLEDGER_EREFUSED);
    ml_draft_free(draft);
    assert_true(has_details(fixture, 1));
}

static void what_was_ordered_is_finished(void **state)
{
    struct fixture *fixture = *state;
    uint64_t count;
    add_secrets(fixture, 6);
    fixture_add(fixture, "{\"details_erased\": {\"record_ref\": 4}}");
    struct report report = verify(fixture);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.codes[0], "details-not-erased");
    assert_int_equal(report.seqs[0], 4);
    must(ml_ledger_erase_finish(fixture->ledger, &count));
    assert_int_equal(count, 1);
    assert_int_equal(secret_occurrences(fixture, 4), 0);
    expect_sound(fixture);
    must(ml_ledger_erase_finish(fixture->ledger, &count));
    assert_int_equal(count, 0);
    /* Another erasure finishes it just as well. */
    fixture_add(fixture, "{\"details_erased\": {\"record_ref\": 5}}");
    must(erase(fixture, (uint64_t[]){6}, 1));
    assert_false(has_details(fixture, 5));
    expect_sound(fixture);
}

/* The state is derived: what it says must be in the records. */
static void a_forged_order_erases_nothing(void **state)
{
    struct fixture *fixture = *state;
    uint64_t count;
    add_secrets(fixture, 3);
    struct ml_state_key key = ml_key_erased(2);
    Mledger__PointerState pointer = MLEDGER__POINTER_STATE__INIT;
    uint8_t bytes[16];
    pointer.target = 3;
    size_t len = protobuf_c_message_pack(&pointer.base, bytes);
    fixture_put(fixture, ML_TABLE_STATE, ml_state_key_span(&key), ML_SPAN(bytes, len));
    assert_int_equal(ml_ledger_erase_finish(fixture->ledger, &count), MLEDGER_EDAMAGED);
    assert_true(has_details(fixture, 2));
}

static void details_gone_without_a_record_are_found(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 2);
    must(erase(fixture, (uint64_t[]){1}, 1));
    /* The stripped record 1 stands; the same is done to record 2 by hand. */
    struct ml_view view;
    struct ml_arena arena;
    struct ml_record record;
    struct ml_buf bytes = {0};
    ml_arena_init(&arena, SIZE_MAX / 2);
    must(ml_view_begin(fixture->ledger, &view));
    must(ml_view_record(&view, 2, &arena, &record));
    Mledger__SignedRecord kept = *record.stored;
    Mledger__Salts salts = *kept.salts;
    kept.salts = &salts;
    salts.has_details = kept.has_details = false;
    kept.has_details_hash = true;
    kept.details_hash = (ProtobufCBinaryData){ML_HASH_SIZE, record.details_hash};
    must(ml_buf_reserve(&bytes, protobuf_c_message_get_packed_size(&kept.base)));
    bytes.len = protobuf_c_message_pack(&kept.base, bytes.data);
    ml_view_end(&view);
    struct ml_key_u64 key = ml_key_u64(2);
    fixture_put(fixture, ML_TABLE_RECORDS, ML_SPAN(key.bytes, 8), ml_buf_span(&bytes));
    ml_buf_release(&bytes);
    ml_arena_release(&arena);
    struct report report = verify(fixture);
    assert_int_equal(report.count, 1);
    assert_string_equal(report.codes[0], "details-missing");
    assert_int_equal(report.seqs[0], 2);
}

/* ---- attachments ---- */

static void attach(struct fixture *fixture, const char *id, const char *content)
{
    char line[160];
    snprintf(line, sizeof line,
             "{\"incident_recorded\": {\"incident_id\": \"%s\", \"status\": \"opened\"}}", id);
    struct ml_draft *draft = fixture_draft(line);
    struct ml_buf bytes = {0};
    Mledger__Attachment *named;
    must(ml_buf_append_text(&bytes, content));
    must(ml_draft_attach(draft, &bytes, &named));
    ml_draft_details(draft)->attachment = named;
    must(fixture_append_draft(fixture, ALICE, draft, NULL));
}

static void attachments_go_with_the_last_details_that_name_them(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture, "a", SECRET "attached");
    attach(fixture, "b", SECRET "attached");
    attach(fixture, "c", SECRET "elsewhere");
    expect_sound(fixture);
    must(erase(fixture, (uint64_t[]){1}, 1));
    assert_int_equal(occurrences(fixture, SECRET "attached"), 1);
    expect_sound(fixture);
    must(erase(fixture, (uint64_t[]){2}, 1));
    assert_int_equal(occurrences(fixture, SECRET "attached"), 0);
    assert_int_equal(occurrences(fixture, SECRET "elsewhere"), 1);
    expect_sound(fixture);
}

static void both_at_once(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture, "a", SECRET "attached");
    attach(fixture, "b", SECRET "attached");
    must(erase(fixture, (uint64_t[]){1, 2}, 2));
    assert_int_equal(occurrences(fixture, SECRET "attached"), 0);
    expect_sound(fixture);
}

static void an_attachment_that_comes_again_stays(void **state)
{
    struct fixture *fixture = *state;
    uint64_t count;
    attach(fixture, "a", SECRET "attached");
    fixture_add(fixture, "{\"details_erased\": {\"record_ref\": 1}}");
    attach(fixture, "b", SECRET "attached");
    must(ml_ledger_erase_finish(fixture->ledger, &count));
    assert_int_equal(occurrences(fixture, SECRET "attached"), 1);
    expect_sound(fixture);
}

static void only_its_own_attachments_may_be_named(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 1);
    fixture_refused(fixture,
                    "{\"details_erased\": {\"record_ref\": 1, \"attachments\": "
                    "[\"0000000000000000000000000000000000000000000000000000000000000000\"]}}",
                    "erased-attachments");
}

/* ---- others who have it open ---- */

/* Another process that has the ledger open until *ret_stop closes. */
static pid_t open_elsewhere(struct fixture *fixture, bool read_only, int *ret_stop)
{
    int stop[2], ready[2];
    char byte;
    assert_int_equal(pipe(stop), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(stop[1]);
        struct ml_ledger *ledger;
        const struct ml_ledger_options options = {.read_only = read_only, .map_bytes = 64 << 20};
        if (ml_ledger_open(fixture->dir, &options, &ledger) < 0 || write(ready[1], "r", 1) != 1)
            _exit(1);
        (void)!read(stop[0], &byte, 1);
        ml_ledger_close(ledger);
        _exit(0);
    }
    close(stop[0]);
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    *ret_stop = stop[1];
    return pid;
}

static void expect_end(pid_t pid)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void refused_while_another_has_it_open(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 2);
    for (int read_only = 0; read_only <= 1; read_only++) {
        int stop;
        struct ml_head head;
        pid_t pid = open_elsewhere(fixture, read_only, &stop);
        assert_int_equal(erase(fixture, (uint64_t[]){1}, 1), MLEDGER_ESYSTEM);
        assert_non_null(strstr(mledger_error_text(), "another program has it open"));
        must(ml_ledger_head(fixture->ledger, &head));
        assert_int_equal(head.size, 3);
        close(stop);
        expect_end(pid);
    }
    must(erase(fixture, (uint64_t[]){1}, 1));
    expect_sound(fixture);
}

/* A program that knows LMDB and not us holds a lock on the first byte of lock.mdb. */
static void refused_while_another_engine_has_it_open(void **state)
{
    struct fixture *fixture = *state;
    char path[128], byte;
    int stop[2], ready[2];
    add_secrets(fixture, 2);
    snprintf(path, sizeof path, "%s/lock.mdb", fixture->dir);
    assert_int_equal(pipe(stop), 0);
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(stop[1]);
        int fd = open(path, O_RDWR);
        struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1};
        if (fcntl(fd, F_SETLK, &lock) != 0 || write(ready[1], "r", 1) != 1)
            _exit(1);
        (void)!read(stop[0], &byte, 1);
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(erase(fixture, (uint64_t[]){1}, 1), MLEDGER_ESYSTEM);
    assert_non_null(strstr(mledger_error_text(), "another program has it open"));
    close(stop[0]);
    close(stop[1]);
    close(ready[0]);
    close(ready[1]);
    expect_end(pid);
    must(erase(fixture, (uint64_t[]){1}, 1));
}

/* Who opens the ledger while it is rewritten waits, and then has the new file. */
static void an_opener_gets_the_new_file(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 2);
    must(ml_kv_lock_alone(fixture->ledger->kv));
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct ml_ledger *ledger;
        struct ml_receipt receipt;
        struct ml_ledger_options options = {.map_bytes = 64 << 20, .known_dir = fixture->known};
        if (write(ready[1], "r", 1) != 1 || ml_ledger_open(fixture->dir, &options, &ledger) < 0)
            _exit(1);
        struct ml_draft *draft = fixture_draft(
            "{\"incident_recorded\": {\"incident_id\": \"child\", \"status\": \"opened\"}}");
        int result = ml_ledger_append(ledger, &fixture->signers[ALICE], &draft, 1, &receipt, NULL);
        ml_ledger_close(ledger);
        _exit(result < 0 || receipt.seq != 4 ? 2 : 0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    must(erase(fixture, (uint64_t[]){1}, 1));
    expect_end(pid);
    struct ml_head head;
    must(ml_ledger_head(fixture->ledger, &head));
    assert_int_equal(head.size, 5); /* what the child wrote is not lost in an old file */
    expect_sound(fixture);
}

static void what_is_no_part_of_a_ledger_stays_refused(void **state)
{
    struct fixture *fixture = *state;
    add_secrets(fixture, 1);
    ml_ledger_close(fixture->ledger);
    const char *const tables[] = {"records", "odd"};
    const struct ml_kv_options options = {
        .tables = tables, .table_count = 2, .add_tables = true, .map_bytes = 64 << 20};
    struct ml_kv *kv;
    must(ml_kv_open(fixture->dir, &options, &kv));
    ml_kv_close(kv);
    fixture->ledger = NULL;
    fixture_reopen(fixture);
    assert_int_equal(erase(fixture, (uint64_t[]){1}, 1), MLEDGER_EDAMAGED);
    assert_true(has_details(fixture, 1));
}

static void mode_and_directory_stay_as_they_were(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    struct stat info;
    add_secrets(fixture, 1);
    snprintf(path, sizeof path, "%s/data.mdb", fixture->dir);
    assert_int_equal(chmod(path, 0604), 0);
    must(erase(fixture, (uint64_t[]){1}, 1));
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
    snprintf(path, sizeof path, "%s/rewrite.tmp", fixture->dir);
    assert_int_equal(access(path, F_OK), -1);
}

/* What a process that was killed left beside the store goes with the next rewrite. */
static void a_copy_left_behind_is_removed(void **state)
{
    struct fixture *fixture = *state;
    char path[128];
    uint64_t count;
    add_secrets(fixture, 1);
    snprintf(path, sizeof path, "%s/rewrite.tmp", fixture->dir);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof path, "%s/rewrite.tmp/data.mdb", fixture->dir);
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    assert_int_equal(write(fd, SECRET, 10), 10);
    close(fd);
    must(ml_ledger_erase_finish(fixture->ledger, &count));
    assert_int_equal(access(path, F_OK), -1);
    expect_sound(fixture);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_erased_is_in_no_byte),
        TEST(an_erasure_too_loses_its_details),
        TEST(one_wrong_record_and_nothing_changes),
        TEST(an_admin_alone_may),
        TEST(what_was_ordered_is_finished),
        TEST(a_forged_order_erases_nothing),
        TEST(details_gone_without_a_record_are_found),
        TEST(attachments_go_with_the_last_details_that_name_them),
        TEST(both_at_once),
        TEST(an_attachment_that_comes_again_stays),
        TEST(only_its_own_attachments_may_be_named),
        TEST(refused_while_another_has_it_open),
        TEST(refused_while_another_engine_has_it_open),
        TEST(an_opener_gets_the_new_file),
        TEST(what_is_no_part_of_a_ledger_stays_refused),
        TEST(mode_and_directory_stay_as_they_were),
        TEST(a_copy_left_behind_is_removed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
