/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/bundle_story.h"

#include "tests/unit/cmocka_all.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/codec.h"
#include "ledger/store/checkpoint.h"
#include "tests/unit/memory_file.h"

/* ---- a ledger, and bundles of it ---- */

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

int bundle_story_set_up(void **state)
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
int bundle_story_small(void **state)
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

int bundle_story_tear_down(void **state)
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
struct ml_buf bundle_of(struct story *story, const char *reference)
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

static int keep(const struct ml_finding *finding, void *context)
{
    struct report *report = context;
    if (report->count == BUNDLE_STORY_FINDINGS)
        return 0;
    snprintf(report->findings[report->count].code, 32, "%s", finding->code);
    snprintf(report->findings[report->count].rule, 32, "%s", finding->rule);
    report->findings[report->count].seq = finding->seq;
    report->findings[report->count].severity = finding->severity;
    report->count++;
    return 0;
}

struct report bundle_verify_trusting(struct ml_span bytes, const struct ml_verify_anchors *trust)
{
    struct report report = {0};
    struct memory_file file = {.bytes = bytes};
    struct ml_bundle_verdict verdict;
    const struct ml_bundle_file source = {memory_file_read, memory_file_rewind, &file};
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

struct report bundle_verify(const struct story *story, const struct ml_buf *file)
{
    const struct ml_verify_anchors trust = {.vkeys = &story->log_vkey, .n_vkeys = 1};
    return bundle_verify_trusting(ml_buf_span(file), &trust);
}

bool report_has(const struct report *report, enum ml_severity severity, const char *code,
                uint64_t seq)
{
    for (size_t i = 0; i < report->count; i++)
        if (report->findings[i].severity == severity &&
            strcmp(report->findings[i].code, code) == 0 && report->findings[i].seq == seq)
            return true;
    return false;
}

bool report_leaves_open(const struct report *report, const char *code)
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

void report_expect_good(const struct report *report)
{
    if (report->result.faults > 0) {
        tell(report);
        fail_msg("%" PRIu64 " faults", report->result.faults);
    }
}

void report_expect_fault(const struct report *report, const char *code, uint64_t seq)
{
    if (!report_has(report, ML_SEVERITY_FAULT, code, seq)) {
        tell(report);
        fail_msg("no fault %s #%" PRIu64, code, seq);
    }
}

/* ---- taking them apart ---- */

static struct parts parts_take(const struct ml_buf *bundle)
{
    struct parts parts = {0};
    struct memory_file file = {.bytes = ml_buf_span(bundle)};
    struct ml_bundle_reader *reader;
    struct ml_bundle_item item;
    struct ml_span bytes;
    assert_int_equal(ml_bundle_reader_new(memory_file_read, &file, &reader), 0);
    while (ml_bundle_next(reader, &item) == MLEDGER_OK) {
        assert_true(parts.count < BUNDLE_STORY_ITEMS);
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

struct ml_buf parts_put_together(const struct parts *parts)
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
size_t parts_record_at(const struct parts *parts, uint64_t seq)
{
    size_t i = 0;
    while (parts->items[i].kind != ML_BUNDLE_OPEN)
        i++;
    return i + (size_t)seq;
}

size_t parts_first_of(const struct parts *parts, enum ml_bundle_kind kind)
{
    for (size_t i = 0; i < parts->count; i++)
        if (parts->items[i].kind == kind)
            return i;
    fail_msg("no item '%c'", (int)kind);
    return 0;
}

void parts_drop(struct parts *parts, size_t i)
{
    ml_buf_release(&parts->items[i].bytes);
    memmove(&parts->items[i], &parts->items[i + 1],
            (parts->count - i - 1) * sizeof parts->items[0]);
    parts->count--;
}

void parts_swap(struct parts *parts, size_t a, size_t b)
{
    struct ml_buf bytes = parts->items[a].bytes;
    enum ml_bundle_kind kind = parts->items[a].kind;
    parts->items[a] = parts->items[b];
    parts->items[b].bytes = bytes;
    parts->items[b].kind = kind;
}

void parts_put(struct parts *parts, size_t i, struct ml_span bytes)
{
    ml_buf_clear(&parts->items[i].bytes);
    assert_int_equal(ml_buf_append(&parts->items[i].bytes, bytes.data, bytes.len), 0);
}

Mledger__SignedRecord *parts_unpack(const struct parts *parts, size_t i, struct ml_arena *arena)
{
    ProtobufCMessage *message;
    assert_int_equal(ml_codec_unpack(&mledger__signed_record__descriptor,
                                     ml_buf_span(&parts->items[i].bytes), arena, &message),
                     0);
    return (Mledger__SignedRecord *)message;
}

void parts_pack(struct parts *parts, size_t i, const ProtobufCMessage *message)
{
    struct ml_buf bytes = {0};
    assert_int_equal(ml_codec_pack(message, &bytes), 0);
    parts_put(parts, i, ml_buf_span(&bytes));
    ml_buf_release(&bytes);
}

/* An open record becomes a hidden one. */
void parts_hide(struct parts *parts, uint64_t seq)
{
    struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    size_t i = parts_record_at(parts, seq);
    assert_int_equal(parts->items[i].kind, ML_BUNDLE_OPEN);
    Mledger__SignedRecord *stored = parts_unpack(parts, i, &arena);
    ml_buf_clear(&parts->items[i].bytes);
    assert_int_equal(
        ml_buf_append(&parts->items[i].bytes, stored->signature.data, stored->signature.len), 0);
    assert_int_equal(ml_buf_append(&parts->items[i].bytes, stored->header.data, stored->header.len),
                     0);
    parts->items[i].kind = ML_BUNDLE_HIDDEN;
    ml_arena_release(&arena);
}

/* Changes the manifest by `change`. */
void parts_change_manifest(struct parts *parts, void (*change)(Mledger__BundleManifest *))
{
    struct ml_arena arena;
    ProtobufCMessage *message;
    ml_arena_init(&arena, SIZE_MAX / 2);
    assert_int_equal(ml_codec_unpack(&mledger__bundle_manifest__descriptor,
                                     ml_buf_span(&parts->items[0].bytes), &arena, &message),
                     0);
    change((Mledger__BundleManifest *)message);
    parts_pack(parts, 0, message);
    ml_arena_release(&arena);
}

/* Verifies what was put together again; with the log's key trusted. */
struct report parts_verify(const struct story *story, struct parts *parts)
{
    struct ml_buf bundle = parts_put_together(parts);
    struct report report = bundle_verify(story, &bundle);
    ml_buf_release(&bundle);
    parts_release(parts);
    return report;
}

struct parts parts_of(struct story *story, const char *reference)
{
    struct ml_buf bundle = bundle_of(story, reference);
    struct parts parts = parts_take(&bundle);
    ml_buf_release(&bundle);
    return parts;
}
