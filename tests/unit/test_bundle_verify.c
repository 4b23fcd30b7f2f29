/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence bundles of a small ledger: what they prove, and that whoever alters one is found out,
 * also where the container is made anew around what was altered.
 */
#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/core/ed25519.h"
#include "ledger/query/evidence.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/erasure.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/bundle.h"

enum { KEPT = 64, ITEMS = 128 };

/* As in test_verify.c: under a sanitizer every eleventh bit. */
#ifdef MLEDGER_SANITIZED
enum { FLIP_STEP = 11 };
#else
enum { FLIP_STEP = 1 };
#endif

/* ---- a ledger, and bundles of it ---- */

/* Its records that tests name. */
enum {
    BOB_KEY = 2,
    OTHER = 3,
    CHURN = 4,
    RUN = 5,
    STRANGE_RUN = 6,
    LOGGED = 7,
    VERSION = 8,
    APPROVAL = 9,
    OTHER_VERSION = 10,
    DATASET = 11,
    NOTED = 12,
};

struct story {
    struct fixture fixture;
    struct ml_vkey log_vkey;
    struct ml_buf note; /* a checkpoint of all of it */
};

static void add_dataset(struct fixture *fixture)
{
    struct ml_draft *draft = fixture_draft("{\"dataset_recorded\": {\"name\": \"customers\"}}");
    struct ml_buf manifest = {0};
    assert_int_equal(ml_buf_append_text(&manifest, "a.csv 12\nb.csv 99\n"), 0);
    assert_int_equal(ml_draft_attach(draft, &manifest, &draft->event->dataset_recorded->manifest),
                     0);
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, NULL), 0);
}

static void approve(struct fixture *fixture)
{
    struct ml_draft *draft = fixture_draft(
        "{\"approval_recorded\": {\"model\": \"churn\", \"version\": 1, \"stage\": "
        "\"Production\", \"decision\": \"granted\"}, \"details\": {\"reason\": \"good\"}}");
    fixture_state(fixture, draft, BOB, MLEDGER__MEANING__APPROVED);
    assert_int_equal(fixture_append_draft(fixture, ALICE, draft, NULL), 0);
}

static void make_note(struct story *story)
{
    struct mledger_key *key = fixture_log_key();
    struct ml_made_checkpoint made;
    assert_int_equal(ml_checkpoint_make(story->fixture.ledger, key, NULL, &made), 0);
    story->note = made.note;
    made.note = (struct ml_buf){0};
    ml_made_checkpoint_release(&made);
    mledger_key_free(key);
    assert_int_equal(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN("example.org/test", 16),
                                  story->fixture.signers[LOG_KEY].key, &story->log_vkey),
                     0);
}

static int finish_set_up(struct story *story, void **state)
{
    make_note(story);
    *state = story;
    return 0;
}

static int set_up(void **state)
{
    static struct story story;
    story = (struct story){0};
    struct fixture *fixture = &story.fixture;
    fixture_init(fixture);
    fixture_add_bob(fixture);
    assert_int_equal(fixture_add(fixture, "{\"model_created\": {\"name\": \"other\"}}"), OTHER);
    assert_int_equal(fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}, "
                                          "\"details\": {\"description\": \"who leaves\"}}"),
                     CHURN);
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r2\"}}");
    assert_int_equal(fixture_add(fixture, "{\"run_logged\": {\"run\": \"r1\", \"params\": "
                                          "[\"rate\"]}, \"details\": {\"param_values\": "
                                          "[\"0.5\"]}}"),
                     LOGGED);
    assert_int_equal(
        fixture_add(fixture,
                    "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}"),
        VERSION);
    approve(fixture);
    assert_int_equal(fixture_add(fixture, "{\"version_registered\": {\"model\": \"other\"}}"),
                     OTHER_VERSION);
    add_dataset(fixture);
    assert_int_equal(fixture_checkpoint(fixture), NOTED);
    return finish_set_up(&story, state);
}

/* Five records, for what is done to each bit of them; `./dev soak` sets how many more there are. */
static int set_up_small(void **state)
{
    static struct story story;
    story = (struct story){0};
    struct fixture *fixture = &story.fixture;
    fixture_init(fixture);
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r2\"}}");
    fixture_add(fixture, "{\"model_created\": {\"name\": \"churn\"}}");
    fixture_add(fixture, "{\"run_started\": {\"run_id\": \"r1\"}}");
    fixture_add(fixture, "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}");
    const char *text = getenv("MLEDGER_SOAK_RECORDS");
    for (size_t i = 0, count = text ? strtoul(text, NULL, 10) : 0; i < count; i++) {
        char line[128];
        snprintf(line, sizeof line,
                 "{\"run_logged\": {\"run\": \"%s\", \"params\": [\"p%zu\"]}, "
                 "\"details\": {\"param_values\": [\"%zu\"]}}",
                 i % 2 ? "r1" : "r2", i, i);
        fixture_add(fixture, line);
    }
    return finish_set_up(&story, state);
}

static int tear_down(void **state)
{
    struct story *story = *state;
    ml_buf_release(&story->note);
    fixture_release(&story->fixture);
    return 0;
}

static int write_buf(void *context, struct ml_span bytes)
{
    return ml_buf_append(context, bytes.data, bytes.len);
}

/* A bundle of what `reference` names, with the checkpoint and something as its lineage. */
static struct ml_buf bundle_of(struct story *story, const char *reference)
{
    struct ml_buf file = {0}, vkey = {0};
    struct ml_view view;
    struct ml_scope scope;
    struct ml_evidence_counts counts;
    assert_int_equal(ml_view_begin(story->fixture.ledger, &view), 0);
    if (ml_scope_find(&view, reference, &scope) < 0)
        fail_msg("%s: %s", reference, mledger_error_text());
    assert_int_equal(ml_vkey_write(&story->log_vkey, &vkey), 0);
    assert_int_equal(ml_buf_append_char(&vkey, '\0'), 0);
    char *vkeys[] = {(char *)vkey.data};
    const struct ml_span token = ML_SPAN("no token", 8);
    const struct ml_evidence_anchor anchor = {ml_buf_span(&story->note), &token, 1};
    const struct ml_evidence evidence = {.scope = &scope,
                                         .reference = reference,
                                         .anchors = &anchor,
                                         .n_anchors = 1,
                                         .log_vkeys = vkeys,
                                         .n_log_vkeys = 1,
                                         .lineage_json = ML_SPAN("{}", 2),
                                         .lineage_svg = ML_SPAN("<svg/>", 6)};
    assert_int_equal(ml_evidence_write(&view, &evidence, write_buf, &file, &counts), 0);
    assert_int_equal(counts.records, view.head.size);
    ml_scope_release(&scope);
    ml_view_end(&view);
    ml_buf_release(&vkey);
    return file;
}

/* ---- verifying them ---- */

struct report {
    size_t count;
    struct {
        char code[32];
        char rule[32];
        uint64_t seq;
        enum ml_severity severity;
    } findings[KEPT];
    struct ml_verify_result result;
    uint64_t opened, attachments, anchored;
    size_t n_anchors, n_subjects;
    char subjects[4][64];
};

static int keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (report->count == KEPT)
        return 0;
    snprintf(report->findings[report->count].code, 32, "%s", finding->code);
    snprintf(report->findings[report->count].rule, 32, "%s", finding->rule);
    report->findings[report->count].seq = finding->seq;
    report->findings[report->count].severity = finding->severity;
    report->count++;
    return 0;
}

struct file {
    struct ml_span bytes;
    size_t at;
};

static int read_file(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    struct file *file = context;
    size_t len = file->bytes.len - file->at < size ? file->bytes.len - file->at : size;
    if (len > 0)
        memcpy(buffer, file->bytes.data + file->at, len);
    file->at += len;
    *ret_len = len;
    return MLEDGER_OK;
}

static int rewind_file(void *context)
{
    ((struct file *)context)->at = 0;
    return MLEDGER_OK;
}

static struct report verify_trusting(struct ml_span bytes, const struct ml_verify_anchors *trust)
{
    struct report report = {0};
    struct file file = {.bytes = bytes};
    struct ml_bundle_verdict verdict;
    const struct ml_bundle_file source = {read_file, rewind_file, &file};
    const struct ml_verify_options options = {
        .visit = keep, .visit_context = &report, .anchors = trust};
    if (ml_verify_bundle(&source, &options, &verdict) < 0)
        fail_msg("%s", mledger_error_text());
    report.result = verdict.result;
    report.opened = verdict.opened;
    report.attachments = verdict.attachments;
    report.anchored = verdict.result.anchored;
    report.n_anchors = verdict.n_anchors;
    report.n_subjects = verdict.n_subjects;
    for (size_t i = 0; i < verdict.n_subjects && i < ML_COUNT(report.subjects); i++)
        snprintf(report.subjects[i], sizeof report.subjects[i], "%s", verdict.subjects[i]);
    ml_bundle_verdict_release(&verdict);
    return report;
}

static struct report verify(const struct story *story, const struct ml_buf *file)
{
    const struct ml_verify_anchors trust = {.vkeys = &story->log_vkey, .n_vkeys = 1};
    return verify_trusting(ml_buf_span(file), &trust);
}

static bool has(const struct report *report, enum ml_severity severity, const char *code,
                uint64_t seq)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i].severity == severity &&
            strcmp(report->findings[i].code, code) == 0 && report->findings[i].seq == seq)
            return true;
    return false;
}

static bool leaves_open(const struct report *report, const char *code)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i].severity == ML_SEVERITY_NOT_PROVEN &&
            (strcmp(report->findings[i].code, code) == 0 ||
             strcmp(report->findings[i].rule, code) == 0))
            return true;
    return false;
}

static void tell(const struct report *report)
{
    for (size_t i = 0; i < report->count; i++)
        print_message("  %d %s %s #%" PRIu64 "\n", (int)report->findings[i].severity,
                      report->findings[i].code, report->findings[i].rule, report->findings[i].seq);
}

static void expect_good(const struct report *report)
{
    if (report->result.faults > 0) {
        tell(report);
        fail_msg("%" PRIu64 " faults", report->result.faults);
    }
}

static void expect_fault(const struct report *report, const char *code, uint64_t seq)
{
    if (!has(report, ML_SEVERITY_FAULT, code, seq)) {
        tell(report);
        fail_msg("no fault %s #%" PRIu64, code, seq);
    }
}

/* ---- taking them apart ---- */

struct parts {
    size_t count;
    struct {
        enum ml_bundle_kind kind;
        struct ml_buf bytes;
    } items[ITEMS];
};

static struct parts take_apart(const struct ml_buf *bundle)
{
    struct parts parts = {0};
    struct file file = {.bytes = ml_buf_span(bundle)};
    struct ml_bundle_reader *reader;
    struct ml_bundle_item item;
    struct ml_span bytes;
    assert_int_equal(ml_bundle_reader_new(read_file, &file, &reader), 0);
    while (ml_bundle_next(reader, &item) == MLEDGER_OK) {
        assert_true(parts.count < ITEMS);
        parts.items[parts.count].kind = item.kind;
        assert_int_equal(ml_bundle_item_bytes(reader, &bytes), 0);
        assert_int_equal(ml_buf_append(&parts.items[parts.count++].bytes, bytes.data, bytes.len),
                         0);
    }
    ml_bundle_reader_free(reader);
    return parts;
}

static void parts_release(struct parts *parts)
{
    for (size_t i = 0; i < parts->count; i++)
        ml_buf_release(&parts->items[i].bytes);
}

static struct ml_buf put_together(const struct parts *parts)
{
    struct ml_buf bundle = {0};
    struct ml_bundle_writer *writer;
    assert_int_equal(ml_bundle_writer_new(write_buf, &bundle, &writer), 0);
    for (size_t i = 0; i < parts->count; i++)
        assert_int_equal(
            ml_bundle_put(writer, parts->items[i].kind, ml_buf_span(&parts->items[i].bytes)), 0);
    assert_int_equal(ml_bundle_finish(writer), 0);
    ml_bundle_writer_free(writer);
    return bundle;
}

/* The item of record `seq`. */
static size_t record_at(const struct parts *parts, uint64_t seq)
{
    size_t i = 0;
    while (parts->items[i].kind != ML_BUNDLE_OPEN)
        i++;
    return i + (size_t)seq;
}

static size_t first_of(const struct parts *parts, enum ml_bundle_kind kind)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->items[i].kind == kind)
            return i;
    fail_msg("no item '%c'", (int)kind);
    return 0;
}

static void drop(struct parts *parts, size_t i)
{
    ml_buf_release(&parts->items[i].bytes);
    memmove(&parts->items[i], &parts->items[i + 1],
            (parts->count - i - 1) * sizeof parts->items[0]);
    parts->count--;
}

static void swap(struct parts *parts, size_t a, size_t b)
{
    struct ml_buf bytes = parts->items[a].bytes;
    enum ml_bundle_kind kind = parts->items[a].kind;
    parts->items[a] = parts->items[b];
    parts->items[b].bytes = bytes;
    parts->items[b].kind = kind;
}

static void put_bytes(struct parts *parts, size_t i, struct ml_span bytes)
{
    ml_buf_clear(&parts->items[i].bytes);
    assert_int_equal(ml_buf_append(&parts->items[i].bytes, bytes.data, bytes.len), 0);
}

static Mledger__SignedRecord *unpack(const struct parts *parts, size_t i, struct ml_arena *arena)
{
    ProtobufCMessage *message;
    assert_int_equal(ml_codec_unpack(&mledger__signed_record__descriptor,
                                     ml_buf_span(&parts->items[i].bytes), arena, &message),
                     0);
    return (Mledger__SignedRecord *)message;
}

static void pack(struct parts *parts, size_t i, const ProtobufCMessage *message)
{
    struct ml_buf bytes = {0};
    assert_int_equal(ml_codec_pack(message, &bytes), 0);
    put_bytes(parts, i, ml_buf_span(&bytes));
    ml_buf_release(&bytes);
}

/* An open record becomes a hidden one. */
static void hide(struct parts *parts, uint64_t seq)
{
    struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    size_t i = record_at(parts, seq);
    assert_int_equal(parts->items[i].kind, ML_BUNDLE_OPEN);
    Mledger__SignedRecord *stored = unpack(parts, i, &arena);
    ml_buf_clear(&parts->items[i].bytes);
    assert_int_equal(
        ml_buf_append(&parts->items[i].bytes, stored->signature.data, stored->signature.len), 0);
    assert_int_equal(ml_buf_append(&parts->items[i].bytes, stored->header.data, stored->header.len),
                     0);
    parts->items[i].kind = ML_BUNDLE_HIDDEN;
    ml_arena_release(&arena);
}

/* Changes the manifest by `change`. */
static void change_manifest(struct parts *parts, void (*change)(Mledger__BundleManifest *))
{
    struct ml_arena arena;
    ProtobufCMessage *message;
    ml_arena_init(&arena, SIZE_MAX / 2);
    assert_int_equal(ml_codec_unpack(&mledger__bundle_manifest__descriptor,
                                     ml_buf_span(&parts->items[0].bytes), &arena, &message),
                     0);
    change((Mledger__BundleManifest *)message);
    pack(parts, 0, message);
    ml_arena_release(&arena);
}

/* Verifies what was put together again; with the log's key trusted. */
static struct report verify_parts(const struct story *story, struct parts *parts)
{
    struct ml_buf bundle = put_together(parts);
    struct report report = verify(story, &bundle);
    ml_buf_release(&bundle);
    parts_release(parts);
    return report;
}

static struct parts parts_of(struct story *story, const char *reference)
{
    struct ml_buf bundle = bundle_of(story, reference);
    struct parts parts = take_apart(&bundle);
    ml_buf_release(&bundle);
    return parts;
}

/* ---- what a bundle proves ---- */

static void a_bundle_of_a_version_verifies(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct report report = verify(story, &bundle);
    expect_good(&report);
    assert_int_equal(report.result.records, report.anchored);
    assert_int_equal(report.result.hidden + report.opened, report.result.records);
    /* Hidden are the other model, its version, the other run and the dataset. */
    assert_int_equal(report.result.hidden, 4);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[0], "model churn");
    assert_string_equal(report.subjects[1], "run r1");
    assert_int_equal(report.n_anchors, 1);
    assert_true(leaves_open(&report, "hidden-tags"));
    assert_true(leaves_open(&report, "payload-hidden"));
    assert_true(leaves_open(&report, "name-taken"));
    assert_true(leaves_open(&report, "run-id"));
    assert_false(leaves_open(&report, "anchor"));
    assert_false(leaves_open(&report, "origin"));
    /* All that is read of what is in scope was judged. */
    assert_false(leaves_open(&report, "version-number"));
    assert_false(leaves_open(&report, "trainer"));
    assert_false(leaves_open(&report, "reference-missing"));
    ml_buf_release(&bundle);
}

static void each_kind_of_thing_has_a_bundle(void **state)
{
    struct story *story = *state;
    static const struct {
        const char *reference, *subject;
        size_t subjects;
    } kinds[] = {{"churn", "model churn", 2},
                 {"other", "model other", 1},
                 {"runs:/r1", "run r1", 1},
                 {"dataset:customers", "dataset customers", 1},
                 {"actor:bob", "actor bob", 1}};
    for (size_t i = 0; i < ML_COUNT(kinds); i++) {
        struct ml_buf bundle = bundle_of(story, kinds[i].reference);
        struct report report = verify(story, &bundle);
        expect_good(&report);
        assert_int_equal(report.n_subjects, kinds[i].subjects);
        assert_string_equal(report.subjects[0], kinds[i].subject);
        assert_int_equal(report.attachments, i == 3);
        ml_buf_release(&bundle);
    }
}

static void keep_the_first(Mledger__BundleManifest *manifest)
{
    manifest->n_subjects = 1;
}

static void an_experiment_draws_its_runs_along(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture,
                "{\"experiment_created\": {\"experiment_id\": \"7\", \"name\": \"x\"}}");
    uint64_t run = fixture_add(&story->fixture, "{\"run_started\": {\"run_id\": \"r3\", "
                                                "\"experiment\": \"x\"}}");
    uint64_t logged =
        fixture_add(&story->fixture, "{\"run_logged\": {\"run\": \"r3\", \"tags\": [\"t\"]}, "
                                     "\"details\": {\"tag_values\": [\"v\"]}}");
    struct parts parts = parts_of(story, "experiment:x");
    struct report report = verify_parts(story, &parts);
    expect_good(&report);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[0], "experiment x");
    assert_string_equal(report.subjects[1], "run r3");
    parts = parts_of(story, "experiment:x");
    hide(&parts, logged);
    change_manifest(&parts, keep_the_first);
    report = verify_parts(story, &parts);
    expect_fault(&report, "scope", run);
    assert_int_equal(report.result.faults, 1);
    /* The run alone: of its experiment nothing is known but that the record has two tags. */
    parts = parts_of(story, "runs:/r3");
    report = verify_parts(story, &parts);
    expect_good(&report);
    assert_true(leaves_open(&report, "hidden-subjects"));
    assert_true(leaves_open(&report, "experiment-deleted"));
    assert_true(leaves_open(&report, "reference-missing"));
}

/* A version names a run that is recorded only later: by its id it belongs to the scope. */
static void a_run_that_came_later_is_in_scope_by_its_id(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture,
                "{\"version_registered\": {\"model\": \"other\", \"run_id\": \"late\"}}");
    fixture_add(&story->fixture, "{\"run_started\": {\"run_id\": \"late\"}}");
    struct parts parts = parts_of(story, "other");
    struct report report = verify_parts(story, &parts);
    expect_good(&report);
    assert_int_equal(report.n_subjects, 2);
    assert_string_equal(report.subjects[1], "run late");
    assert_false(leaves_open(&report, "scope"));
    fixture_add(&story->fixture,
                "{\"version_registered\": {\"model\": \"other\", \"run_id\": \"never\"}}");
    parts = parts_of(story, "other");
    report = verify_parts(story, &parts);
    expect_good(&report);
    assert_true(leaves_open(&report, "scope")); /* it could be hidden */
    parts = parts_of(story, NULL);
    report = verify_parts(story, &parts);
    expect_good(&report);
    assert_false(leaves_open(&report, "scope"));
}

static void a_bundle_of_everything_leaves_nothing_open(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, NULL);
    struct report report = verify(story, &bundle);
    expect_good(&report);
    assert_int_equal(report.result.hidden, 0);
    assert_int_equal(report.opened, report.result.records);
    assert_int_equal(report.attachments, 1);
    assert_int_equal(report.result.not_proven, 0);
    ml_buf_release(&bundle);
}

static void what_nobody_vouches_for_is_said(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct ml_verify_anchors trust = {0};
    struct report report = verify_trusting(ml_buf_span(&bundle), &trust);
    expect_good(&report);
    assert_true(leaves_open(&report, "origin"));
    assert_true(leaves_open(&report, "anchor"));
    struct ml_head head;
    assert_int_equal(ml_ledger_head(story->fixture.ledger, &head), 0);
    trust.identity = head.identity;
    report = verify_trusting(ml_buf_span(&bundle), &trust);
    expect_good(&report);
    assert_false(leaves_open(&report, "origin"));
    assert_true(leaves_open(&report, "anchor"));
    head.identity[5] ^= 1;
    report = verify_trusting(ml_buf_span(&bundle), &trust);
    expect_fault(&report, "identity", 0);
    struct ml_vkey stranger;
    assert_int_equal(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN("example.org/test", 16),
                                  story->fixture.signers[ALICE].key, &stranger),
                     0);
    trust = (struct ml_verify_anchors){.vkeys = &stranger, .n_vkeys = 1};
    report = verify_trusting(ml_buf_span(&bundle), &trust);
    expect_fault(&report, "anchor-key", MLEDGER_NO_SEQ);
    ml_buf_release(&bundle);
}

/* ---- attacks ---- */

static void a_withheld_record_is_named(void **state)
{
    struct story *story = *state;
    static const uint64_t open[] = {1, BOB_KEY, CHURN, RUN, LOGGED, VERSION, APPROVAL, NOTED};
    for (size_t i = 0; i < ML_COUNT(open); i++) {
        struct parts parts = parts_of(story, "churn/1");
        hide(&parts, open[i]);
        struct report report = verify_parts(story, &parts);
        expect_fault(&report, "withheld", open[i]);
    }
}

static void a_scope_that_was_cut_is_named(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    hide(&parts, RUN);
    hide(&parts, LOGGED);
    change_manifest(&parts, keep_the_first);
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "scope", VERSION);
    assert_int_equal(report.result.faults, 1);
}

static void swapped_payloads_are_found(void **state)
{
    struct story *story = *state;
    struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    struct parts parts = parts_of(story, "churn/1");
    size_t a = record_at(&parts, RUN), b = record_at(&parts, LOGGED);
    Mledger__SignedRecord *first = unpack(&parts, a, &arena), *second = unpack(&parts, b, &arena);
    Mledger__SignedRecord swapped = *first;
    swapped.header = second->header;
    swapped.signature = second->signature;
    second->header = first->header;
    second->signature = first->signature;
    pack(&parts, a, &second->base);
    pack(&parts, b, &swapped.base);
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "commitment", RUN);
    expect_fault(&report, "commitment", LOGGED);
    ml_arena_release(&arena);
}

static void a_reordered_record_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    swap(&parts, record_at(&parts, RUN), record_at(&parts, STRANGE_RUN));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "header-seq", RUN);
    expect_fault(&report, "header-seq", STRANGE_RUN);
}

static void a_record_left_out_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    drop(&parts, record_at(&parts, STRANGE_RUN));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "header-seq", STRANGE_RUN);
    expect_fault(&report, "bundle-manifest", MLEDGER_NO_SEQ);
}

static uint64_t new_size;
static void shorten(Mledger__BundleManifest *manifest)
{
    new_size = --manifest->size;
}

static void a_tail_cut_off_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    change_manifest(&parts, shorten);
    drop(&parts, record_at(&parts, new_size));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ);
    expect_fault(&report, "anchor-key", MLEDGER_NO_SEQ);
}

static void a_header_signed_by_another_key_is_found(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    struct ml_buf message = {0}, *entry = &parts.items[record_at(&parts, STRANGE_RUN)].bytes;
    assert_int_equal(
        ml_dsse_encode(ML_HEADER_TYPE, ML_SPAN(entry->data + 64, entry->len - 64), &message), 0);
    assert_int_equal(
        ml_ed25519_sign(story->fixture.secret[BOB], ml_buf_span(&message), entry->data), 0);
    ml_buf_release(&message);
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "signature", STRANGE_RUN);
    expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ); /* leaves cover signatures */
}

/* A note over the given text, signed by a key of the fixture under the ledger's origin. */
static struct ml_buf sign_note(const struct story *story, struct ml_span origin, uint64_t size,
                               const uint8_t root[ML_HASH_SIZE], enum fixture_actor signer)
{
    struct ml_buf note = {0};
    struct ml_vkey vkey;
    uint8_t signature[64];
    assert_int_equal(ml_checkpoint_write(origin, size, root, &note), 0);
    assert_int_equal(ml_ed25519_sign(story->fixture.secret[signer], ml_buf_span(&note), signature),
                     0);
    assert_int_equal(
        ml_vkey_make(ML_VKEY_ED25519, origin, story->fixture.signers[signer].key, &vkey), 0);
    assert_int_equal(ml_buf_append_char(&note, '\n'), 0);
    assert_int_equal(ml_note_append_signature(&note, &vkey, ML_SPAN(signature, 64)), 0);
    return note;
}

static void expect_bad_note(struct story *story, struct ml_buf note)
{
    struct parts parts = parts_of(story, "churn/1");
    put_bytes(&parts, first_of(&parts, ML_BUNDLE_CHECKPOINT), ml_buf_span(&note));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "bundle-checkpoint", MLEDGER_NO_SEQ);
    ml_buf_release(&note);
}

static void a_checkpoint_of_something_else_is_found(void **state)
{
    struct story *story = *state;
    const struct ml_span origin = ML_SPAN("example.org/test", 16);
    struct ml_buf bundle = bundle_of(story, NULL);
    struct report report = verify(story, &bundle);
    uint64_t size = report.result.records;
    uint8_t root[ML_HASH_SIZE], other[ML_HASH_SIZE] = {1};
    memcpy(root, report.result.root, ML_HASH_SIZE);
    ml_buf_release(&bundle);
    expect_bad_note(story, sign_note(story, origin, size, other, LOG_KEY)); /* another ledger's */
    expect_bad_note(story, sign_note(story, origin, size + 1, root, LOG_KEY)); /* a longer one */
    expect_bad_note(story, sign_note(story, origin, size, root, ALICE));       /* not a log key's */
    expect_bad_note(story, sign_note(story, ML_SPAN("example.org/else", 16), size, root, LOG_KEY));
    struct ml_buf none = {0};
    assert_int_equal(ml_buf_append_text(&none, "not a note"), 0);
    expect_bad_note(story, none);
}

static void forge_identity(Mledger__BundleManifest *manifest)
{
    manifest->identity.data[0] ^= 1;
}
static void forge_origin(Mledger__BundleManifest *manifest)
{
    manifest->origin[0] ^= 1;
}
static void forge_size(Mledger__BundleManifest *manifest)
{
    manifest->size++;
}
static void forge_keys(Mledger__BundleManifest *manifest)
{
    manifest->n_log_vkeys = 0;
}
static void forge_version(Mledger__BundleManifest *manifest)
{
    manifest->version = 2;
}
static void forge_kind(Mledger__BundleManifest *manifest)
{
    manifest->target = MLEDGER__BUNDLE_TARGET__RUN_TARGET;
    manifest->has_version = false;
}
static void forge_target(Mledger__BundleManifest *manifest)
{
    manifest->seq = STRANGE_RUN;
}
static void forge_subject(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = LOGGED; /* which creates none */
}
static void forge_stranger(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = STRANGE_RUN; /* which is hidden */
}
static void forge_far(Mledger__BundleManifest *manifest)
{
    manifest->subjects[1] = 1000;
}
static void forge_json(Mledger__BundleManifest *manifest)
{
    manifest->lineage_json.data[3] ^= 1;
}
static void forget_svg(Mledger__BundleManifest *manifest)
{
    manifest->has_lineage_svg = false;
}
static void disorder(Mledger__BundleManifest *manifest)
{
    manifest->subjects[0] = manifest->subjects[1];
}
static void empty(Mledger__BundleManifest *manifest)
{
    manifest->size = 0;
}
static void pretend_all(Mledger__BundleManifest *manifest)
{
    manifest->target = MLEDGER__BUNDLE_TARGET__LEDGER_TARGET;
    manifest->has_version = manifest->has_seq = false;
    manifest->n_subjects = 0;
}
static void lose_version(Mledger__BundleManifest *manifest)
{
    manifest->has_version = false;
}
static void lose_subjects(Mledger__BundleManifest *manifest)
{
    manifest->n_subjects = 0;
}

static void what_the_manifest_claims_is_checked(void **state)
{
    struct story *story = *state;
    static const struct {
        void (*change)(Mledger__BundleManifest *);
        const char *code;
        uint64_t seq;
    } forgeries[] = {
        {forge_identity, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_origin, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_size, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_keys, "bundle-manifest", MLEDGER_NO_SEQ},
        {forge_version, "scope", CHURN},
        {forge_kind, "scope", CHURN},
        {forge_target, "scope", STRANGE_RUN},
        {forge_subject, "scope", LOGGED},
        {forge_stranger, "withheld", STRANGE_RUN},
        {forge_far, "scope", 1000},
        {forge_json, "bundle-derived", MLEDGER_NO_SEQ},
        {forget_svg, "bundle-derived", MLEDGER_NO_SEQ},
        {disorder, "bundle", MLEDGER_NO_SEQ},
        {empty, "bundle", MLEDGER_NO_SEQ},
        {pretend_all, "withheld", OTHER},
        {lose_version, "bundle", MLEDGER_NO_SEQ},
        {lose_subjects, "bundle", MLEDGER_NO_SEQ},
    };
    for (size_t i = 0; i < ML_COUNT(forgeries); i++) {
        struct parts parts = parts_of(story, "churn/1");
        change_manifest(&parts, forgeries[i].change);
        struct report report = verify_parts(story, &parts);
        expect_fault(&report, forgeries[i].code, forgeries[i].seq);
    }
}

static void attachments_are_those_that_open_records_name(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "dataset:customers");
    drop(&parts, first_of(&parts, ML_BUNDLE_ATTACHMENT));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "attachment-missing", MLEDGER_NO_SEQ);
    parts = parts_of(story, "dataset:customers");
    parts.items[first_of(&parts, ML_BUNDLE_ATTACHMENT)].bytes.data[0] ^= 1;
    report = verify_parts(story, &parts);
    expect_fault(&report, "attachment-missing", MLEDGER_NO_SEQ);
    expect_fault(&report, "attachment-unknown", MLEDGER_NO_SEQ);
    parts = parts_of(story, "dataset:customers");
    size_t last = parts.count;
    parts.items[last].kind = ML_BUNDLE_ATTACHMENT;
    parts.items[last].bytes = (struct ml_buf){0};
    parts.count++;
    for (size_t i = last; parts.items[i - 1].kind != ML_BUNDLE_ATTACHMENT; i--)
        swap(&parts, i, i - 1);
    put_bytes(&parts, first_of(&parts, ML_BUNDLE_ATTACHMENT) + 1,
              ml_buf_span(&parts.items[first_of(&parts, ML_BUNDLE_ATTACHMENT)].bytes));
    report = verify_parts(story, &parts); /* there twice */
    expect_fault(&report, "attachment-unknown", MLEDGER_NO_SEQ);
    expect_fault(&report, "bundle", MLEDGER_NO_SEQ);
}

static void the_lineage_is_the_one_that_was_put_in(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    drop(&parts, first_of(&parts, ML_BUNDLE_LINEAGE_SVG));
    struct report report = verify_parts(story, &parts);
    expect_fault(&report, "bundle-derived", MLEDGER_NO_SEQ);
    parts = parts_of(story, "churn/1");
    parts.items[first_of(&parts, ML_BUNDLE_LINEAGE_JSON)].bytes.data[1] ^= 1;
    report = verify_parts(story, &parts);
    expect_fault(&report, "bundle-derived", MLEDGER_NO_SEQ);
}

/* A key that was revoked with a date in the past: the file is read a second time. */
static void what_a_revoked_key_signed_is_in_doubt(void **state)
{
    struct story *story = *state;
    char hex[65], line[256];
    for (size_t i = 0; i < ML_KEY_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", story->fixture.signers[BOB].key[i]);
    snprintf(line, sizeof line,
             "{\"key_revoked\": {\"actor\": \"bob\", \"key\": \"%s\", \"cause\": "
             "\"compromised\", \"since_seq\": %d}}",
             hex, LOGGED);
    fixture_add(&story->fixture, line);
    struct ml_buf bundle = bundle_of(story, "churn/1");
    struct report report = verify(story, &bundle);
    expect_good(&report);
    assert_true(has(&report, ML_SEVERITY_DOUBT, "key-doubt", APPROVAL));
    assert_int_equal(report.result.doubts, 1);
    /* Its last record came after the checkpoint. */
    assert_true(has(&report, ML_SEVERITY_NOT_PROVEN, "anchor", report.result.records - 1));
    ml_buf_release(&bundle);
}

/* Whether the details of a hidden record are gone, as a record says, cannot be seen. */
static void an_erasure_of_what_is_hidden_is_no_fault(void **state)
{
    struct story *story = *state;
    fixture_add(&story->fixture, "{\"details_erased\": {\"record_ref\": 7}}");
    struct ml_buf bundle = bundle_of(story, "runs:/r2");
    struct report report = verify(story, &bundle);
    expect_good(&report);
    ml_buf_release(&bundle);
    bundle = bundle_of(story, "churn/1");
    report = verify(story, &bundle);
    expect_fault(&report, "details-not-erased", LOGGED);
    ml_buf_release(&bundle);
    uint64_t count;
    assert_int_equal(ml_ledger_erase_finish(story->fixture.ledger, &count), 0);
    assert_int_equal(count, 1);
    bundle = bundle_of(story, "churn/1"); /* with C(details) in place of the details */
    report = verify(story, &bundle);
    expect_good(&report);
    ml_buf_release(&bundle);
}

/* ---- every bit ---- */

static void no_flipped_bit_of_the_file_passes(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    for (size_t bit = 0; bit < bundle.len * 8; bit += FLIP_STEP) {
        bundle.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct report report = verify(story, &bundle);
        if (report.result.faults == 0)
            fail_msg("flipping bit %zu of %zu went unseen", bit, bundle.len * 8);
        bundle.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    struct report report = verify(story, &bundle);
    expect_good(&report);
    ml_buf_release(&bundle);
}

/* What the manifest quotes is what somebody asked for: a claim, and told as one. */
static void forget_reference(Mledger__BundleManifest *manifest)
{
    manifest->reference = NULL;
}

/* The same with a container made anew around what was flipped: the evidence rests on signatures and
 * not on the container. A timestamp alone is judged by nobody here. */
static void no_flipped_bit_of_its_items_passes(void **state)
{
    struct story *story = *state;
    struct parts parts = parts_of(story, "churn/1");
    change_manifest(&parts, forget_reference);
    for (size_t i = 0; i < parts.count; i++) {
        struct ml_buf *bytes = &parts.items[i].bytes;
        if (parts.items[i].kind == ML_BUNDLE_TIMESTAMP)
            continue;
        for (size_t bit = 0; bit < bytes->len * 8; bit += FLIP_STEP) {
            bytes->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            struct ml_buf bundle = put_together(&parts);
            struct report report = verify(story, &bundle);
            if (report.result.faults == 0)
                fail_msg("item %zu ('%c'): flipping bit %zu of %zu went unseen", i,
                         (int)parts.items[i].kind, bit, bytes->len * 8);
            ml_buf_release(&bundle);
            bytes->data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
    }
    struct report report = verify_parts(story, &parts);
    expect_good(&report);
}

static void no_beginning_of_the_file_passes(void **state)
{
    struct story *story = *state;
    struct ml_buf bundle = bundle_of(story, "churn/1");
    for (size_t len = 0; len < bundle.len; len += 7) {
        const struct ml_buf cut = {.data = bundle.data, .len = len};
        struct report report = verify(story, &cut);
        expect_fault(&report, "bundle", MLEDGER_NO_SEQ);
    }
    ml_buf_release(&bundle);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
#define SMALL(name) cmocka_unit_test_setup_teardown(name, set_up_small, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_bundle_of_a_version_verifies),
        TEST(each_kind_of_thing_has_a_bundle),
        TEST(an_experiment_draws_its_runs_along),
        TEST(a_run_that_came_later_is_in_scope_by_its_id),
        TEST(a_bundle_of_everything_leaves_nothing_open),
        TEST(what_nobody_vouches_for_is_said),
        TEST(a_withheld_record_is_named),
        TEST(a_scope_that_was_cut_is_named),
        TEST(swapped_payloads_are_found),
        TEST(a_reordered_record_is_found),
        TEST(a_record_left_out_is_found),
        TEST(a_tail_cut_off_is_found),
        TEST(a_header_signed_by_another_key_is_found),
        TEST(a_checkpoint_of_something_else_is_found),
        TEST(what_the_manifest_claims_is_checked),
        TEST(attachments_are_those_that_open_records_name),
        TEST(the_lineage_is_the_one_that_was_put_in),
        TEST(what_a_revoked_key_signed_is_in_doubt),
        TEST(an_erasure_of_what_is_hidden_is_no_fault),
        SMALL(no_flipped_bit_of_the_file_passes),
        SMALL(no_flipped_bit_of_its_items_passes),
        SMALL(no_beginning_of_the_file_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
