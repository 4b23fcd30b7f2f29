/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Evidence bundles of a small ledger, for tests that take them apart, alter what is inside, and put
 * them together again with a container that is whole. Everything asserts that it works.
 */
#ifndef TESTS_BUNDLE_STORY_H
#define TESTS_BUNDLE_STORY_H

#include "ledger/query/evidence.h"
#include "tests/unit/ledger_fixture.h"
#include "verify/bundle.h"

enum { BUNDLE_STORY_FINDINGS = 64, BUNDLE_STORY_ITEMS = 128 };

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

struct report {
    size_t count;
    struct {
        char code[32];
        char rule[32];
        uint64_t seq;
        enum ml_severity severity;
    } findings[BUNDLE_STORY_FINDINGS];
    struct ml_verify_result result;
    uint64_t opened, attachments, anchored;
    size_t n_anchors, n_subjects;
    char subjects[4][64];
};

struct parts {
    size_t count;
    struct {
        enum ml_bundle_kind kind;
        struct ml_buf bytes;
    } items[BUNDLE_STORY_ITEMS];
};

/* For cmocka: *state becomes a struct story. Small is one of five records, for what is done to each
 * bit; `./dev soak` sets how many more there are. */
int bundle_story_set_up(void **state);
int bundle_story_small(void **state);
int bundle_story_tear_down(void **state);

/* A bundle of what `reference` names, with the checkpoint and something as its lineage; the caller
 * releases it. */
struct ml_buf bundle_of(struct story *story, const char *reference);

/* What is found in it, with the log's key trusted, or with what is given. */
struct report bundle_verify(const struct story *story, const struct ml_buf *file);
struct report bundle_verify_trusting(struct ml_span bytes, const struct ml_verify_anchors *trust);
bool report_has(const struct report *report, enum ml_severity severity, const char *code,
                uint64_t seq);
bool report_leaves_open(const struct report *report, const char *code);
void report_expect_good(const struct report *report);
void report_expect_fault(const struct report *report, const char *code, uint64_t seq);

/* The items of a bundle. parts_verify() puts them together, verifies that, and releases them. */
struct parts parts_of(struct story *story, const char *reference);
struct ml_buf parts_put_together(const struct parts *parts);
struct report parts_verify(const struct story *story, struct parts *parts);
/* The item of record `seq`; the first of a kind. */
size_t parts_record_at(const struct parts *parts, uint64_t seq);
size_t parts_first_of(const struct parts *parts, enum ml_bundle_kind kind);
void parts_drop(struct parts *parts, size_t i);
void parts_swap(struct parts *parts, size_t a, size_t b);
void parts_put(struct parts *parts, size_t i, struct ml_span bytes);
Mledger__SignedRecord *parts_unpack(const struct parts *parts, size_t i, struct ml_arena *arena);
void parts_pack(struct parts *parts, size_t i, const ProtobufCMessage *message);
/* An open record becomes a hidden one. */
void parts_hide(struct parts *parts, uint64_t seq);
void parts_change_manifest(struct parts *parts, void (*change)(Mledger__BundleManifest *manifest));

#endif
