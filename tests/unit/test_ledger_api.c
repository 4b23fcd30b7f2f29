/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger's own API over HTTP: what it answers, refuses and appends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "ledger/core/consistency.h"
#include "ledger/core/sealed.h"
#include "ledger/core/tile.h"
#include "ledger/core/tlog_proof.h"
#include "ledger/store/key.h"
#include "ledger/store/statement.h"
#include "serve/ledger_api/accept.h"
#include "serve/ledger_api/service.h"
#include "tests/unit/rest_fixture.h"

struct world {
    struct rest_fixture rest;
    struct ml_api api;
    struct mledger_key *log_key;
    uint64_t model; /* churn, with version 1 */
};

static int also(const struct ml_server_request *request, void *context,
                struct ml_server_reply *reply)
{
    return ml_api_answer(context, request, reply);
}

static void serve(struct world *world, const struct ml_signer *signer, bool with_log_key)
{
    const struct ml_api_options options = {.ledger = world->rest.ledger.ledger,
                                           .signer = signer,
                                           .log_key = with_log_key ? world->log_key : NULL,
                                           .known_dir = world->rest.ledger.known};
    world->api.options = options;
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    struct fixture *ledger = &world->rest.ledger;
    rest_fixture_init(&world->rest);
    fixture_add_bob(ledger);
    world->model = fixture_add(ledger, "{\"model_created\":{\"name\":\"churn\"}}");
    fixture_add(ledger, "{\"run_started\":{\"run_id\":\"r\"}}");
    fixture_add(ledger, "{\"version_registered\":{\"model\":\"churn\",\"run_id\":\"r\"}}");
    world->log_key = fixture_log_key();
    const struct ml_api_options none = {0};
    assert_int_equal(ml_api_init(&world->api, &none), MLEDGER_OK);
    serve(world, &ledger->signers[ALICE], true);
    world->rest.also = also;
    world->rest.also_context = &world->api;
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    rest_fixture_release(&world->rest);
    ml_api_release(&world->api);
    mledger_key_free(world->log_key);
    free(world);
    return 0;
}

/* One request, which must be answered with `status`. */
static struct rest_reply ask(struct world *world, int status, const char *method, const char *path,
                             const char *body, const char *header)
{
    struct rest_reply reply;
    char whole[512];
    snprintf(whole, sizeof whole, ML_API_PREFIX "%s", path);
    rest_ask_with(&world->rest, method, whole, body, header, &reply);
    if (reply.status != status)
        fail_msg("%s %s: %d, not %d: %s", method, path, reply.status, status, reply.text);
    return reply;
}

static struct rest_reply get(struct world *world, const char *path)
{
    return ask(world, 200, "GET", path, NULL, NULL);
}

static json_int_t number_at(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static const char *text_at(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    assert_non_null(text);
    return text;
}

/* A problem of this status, and of this rule unless that is NULL. */
static void expect_problem(struct world *world, int status, const char *method, const char *path,
                           const char *body, const char *rule)
{
    struct rest_reply reply = ask(world, status, method, path, body, NULL);
    assert_true(rest_has_header(&reply, "Content-Type", "application/problem+json"));
    assert_int_equal(number_at(reply.json, "status"), status);
    assert_true(*text_at(reply.json, "detail"));
    if (rule)
        assert_string_equal(text_at(reply.json, "rule"), rule);
    rest_reply_release(&reply);
}

static struct ml_head head_of(struct world *world)
{
    struct ml_head head;
    assert_int_equal(ml_ledger_head(world->rest.ledger.ledger, &head), MLEDGER_OK);
    return head;
}

static void the_head(void **state)
{
    struct world *world = *state;
    struct rest_reply reply = get(world, "head");
    assert_int_equal(number_at(reply.json, "size"), head_of(world).size);
    assert_string_equal(text_at(reply.json, "origin"), "example.org/test");
    assert_int_equal(json_array_size(json_object_get(reply.json, "vkeys")), 1);
    rest_reply_release(&reply);
}

static void paths_and_methods(void **state)
{
    struct world *world = *state;
    expect_problem(world, 404, "GET", "", NULL, NULL);
    expect_problem(world, 404, "GET", "heads", NULL, NULL);
    expect_problem(world, 404, "GET", "records/0/lines", NULL, NULL);
    expect_problem(world, 404, "GET", "records/999", NULL, NULL);
    expect_problem(world, 400, "GET", "records/-1", NULL, NULL);
    expect_problem(world, 400, "GET", "head?verbose=1", NULL, NULL);
    expect_problem(world, 400, "GET", "records?limit=1&limit=2", NULL, NULL);
    expect_problem(world, 400, "GET", "records/1?seq=2", NULL, NULL);
    expect_problem(world, 400, "GET", "records?kind=%ff", NULL, NULL);
    struct rest_reply reply = ask(world, 405, "DELETE", "records/1", NULL, NULL);
    assert_true(rest_has_header(&reply, "Allow", "GET"));
    rest_reply_release(&reply);
    reply = ask(world, 405, "GET", "statements", NULL, NULL);
    assert_true(rest_has_header(&reply, "Allow", "POST"));
    rest_reply_release(&reply);
}

/* HEAD says what GET would, and whoever has it already is told so. */
static void what_a_client_may_keep(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *path;
        bool forever;
    } cases[] = {{"head", false},
                 {"records/1", false},
                 {"tile/0/000.p/2", true},
                 {"tile/entries/000.p/2", true},
                 {"proof/consistency?old_size=2&new_size=3", true},
                 {"proof/consistency?old_size=2", false}};
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        char header[128];
        struct rest_reply reply = get(world, cases[i].path);
        const char *etag = strcasestr(reply.head, "\r\nETag: ");
        assert_non_null(etag);
        snprintf(header, sizeof header, "If-None-Match: \"x\", W/%.34s", etag + 8);
        assert_true(rest_has_header(&reply, "Cache-Control",
                                    cases[i].forever ? "private, max-age=31536000, immutable"
                                                     : "private, no-cache"));
        struct rest_reply head = ask(world, 200, "HEAD", cases[i].path, NULL, NULL);
        assert_int_equal(head.len, 0);
        assert_non_null(strcasestr(head.head, "\r\nETag: "));
        struct rest_reply again = ask(world, 304, "GET", cases[i].path, NULL, header);
        assert_int_equal(again.len, 0);
        rest_reply_release(&reply);
        rest_reply_release(&head);
        rest_reply_release(&again);
    }
}

static void pages_of_records(void **state)
{
    struct world *world = *state;
    const json_int_t size = (json_int_t)head_of(world).size;
    json_int_t seen = 0, next = 0;
    while (seen < size) {
        char path[64];
        snprintf(path, sizeof path, "records?limit=2&from=%d", (int)next);
        struct rest_reply reply = get(world, path);
        const json_t *rows = json_object_get(reply.json, "records");
        assert_in_range(json_array_size(rows), 1, 2);
        for (size_t i = 0; i < json_array_size(rows); i++)
            assert_int_equal(number_at(json_array_get(rows, i), "seq"), seen++);
        assert_int_equal(json_object_get(reply.json, "next") != NULL, seen < size);
        next = json_integer_value(json_object_get(reply.json, "next"));
        rest_reply_release(&reply);
    }
    struct rest_reply reply = get(world, "records?order=DESCENDING&limit=1");
    assert_int_equal(number_at(json_array_get(json_object_get(reply.json, "records"), 0), "seq"),
                     size - 1);
    assert_int_equal(number_at(reply.json, "next"), size - 2);
    rest_reply_release(&reply);
    expect_problem(world, 400, "GET", "records?limit=0", NULL, NULL);
    expect_problem(world, 400, "GET", "records?limit=1001", NULL, NULL);
    expect_problem(world, 400, "GET", "records?order=up", NULL, NULL);
}

static void expect_count(struct world *world, const char *path, size_t count)
{
    struct rest_reply reply = get(world, path);
    if (json_array_size(json_object_get(reply.json, "records")) != count)
        fail_msg("%s: %s", path, reply.text);
    assert_null(json_object_get(reply.json, "next"));
    rest_reply_release(&reply);
}

static void filters(void **state)
{
    struct world *world = *state;
    fixture_add(&world->rest.ledger, "{\"dataset_recorded\":{\"name\":\"raw\"}}");
    fixture_add(&world->rest.ledger, "{\"dataset_recorded\":{\"name\":\"raw\"}}");
    expect_count(world, "records?kind=model_created", 1);
    expect_count(world, "records?ref=churn", 2);
    expect_count(world, "records?ref=churn/1&order=DESCENDING", 1);
    expect_count(world, "records?ref=dataset:raw", 2);
    expect_count(world, "records?ref=churn&kind=model_created&actor=alice", 1);
    expect_count(world, "records?ref=churn&actor=bob", 0);
    expect_count(world, "records?from=5&to=4", 0);
    expect_count(world, "records?from=1000000", 0);
    expect_problem(world, 400, "GET", "records?kind=nonsense", NULL, NULL);
    expect_problem(world, 404, "GET", "records?actor=nobody", NULL, NULL);
    expect_problem(world, 404, "GET", "records?ref=churn/9", NULL, NULL);
    expect_problem(world, 400, "GET", "records?ref=%233", NULL, NULL);
}

/* The exact bytes are those that the store keeps. */
static void one_record(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    struct ml_view view;
    struct ml_span stored;
    uint64_t seq;
    struct rest_reply shown = get(world, "records/1"), line = get(world, "records/1/line");
    assert_int_equal(ml_record_from_export_line(line.text, line.len, &bytes, &seq), MLEDGER_OK);
    assert_int_equal(ml_view_begin(world->rest.ledger.ledger, &view), MLEDGER_OK);
    assert_int_equal(ml_view_bytes(&view, seq, &stored), MLEDGER_OK);
    assert_true(ml_span_equal(stored, ml_buf_span(&bytes)));
    ml_view_end(&view);
    assert_int_equal(number_at(shown.json, "seq"), 1);
    assert_non_null(
        json_object_get(json_object_get(shown.json, "event"), text_at(shown.json, "kind")));
    rest_reply_release(&shown);
    rest_reply_release(&line);
}

static uint64_t checkpoint_size(const struct rest_reply *reply)
{
    ML_CLEANUP(ml_note_release) struct ml_note note;
    struct ml_checkpoint checkpoint;
    assert_int_equal(ml_checkpoint_open(ML_SPAN(reply->text, reply->len), &note, &checkpoint),
                     MLEDGER_OK);
    return checkpoint.size;
}

/* A checkpoint is made for whoever needs one that covers a record, if there is a key to. */
static void checkpoints(void **state)
{
    struct world *world = *state;
    serve(world, NULL, false);
    expect_problem(world, 404, "GET", "checkpoint", NULL, NULL);
    expect_problem(world, 404, "GET", "checkpoint?covering=3", NULL, NULL);
    serve(world, NULL, true);
    const uint64_t size = head_of(world).size;
    struct rest_reply reply = get(world, "checkpoint?covering=3");
    assert_int_equal(checkpoint_size(&reply), size);
    assert_int_equal(head_of(world).size, size);
    rest_reply_release(&reply);
    fixture_add(&world->rest.ledger, "{\"model_created\":{\"name\":\"other\"}}");
    reply = get(world, "checkpoint?covering=3");
    assert_int_equal(checkpoint_size(&reply), size);
    rest_reply_release(&reply);
    serve(world, NULL, false);
    char path[64];
    snprintf(path, sizeof path, "checkpoint?covering=%d", (int)size);
    expect_problem(world, 404, "GET", path, NULL, NULL);
    expect_problem(world, 404, "GET", "checkpoint?covering=1000000", NULL, NULL);
    fixture_checkpoint(&world->rest.ledger);
    reply = get(world, path);
    assert_int_equal(checkpoint_size(&reply), size + 1);
    rest_reply_release(&reply);
}

static void proofs_of_inclusion(void **state)
{
    struct world *world = *state;
    struct ml_tlog_proof proof;
    uint8_t leaf[ML_HASH_SIZE];
    struct rest_reply reply = get(world, "proof/inclusion?seq=2");
    assert_int_equal(ml_tlog_proof_parse(ML_SPAN(reply.text, reply.len), &proof), MLEDGER_OK);
    assert_int_equal(ml_merkle_leaf_hash(ml_buf_span(&proof.extra), leaf), MLEDGER_OK);
    assert_int_equal(ml_tlog_proof_check(&proof, leaf), MLEDGER_OK);
    ml_tlog_proof_release(&proof);
    rest_reply_release(&reply);

    reply = ask(world, 200, "GET", "proof/inclusion?seq=1&size=3", NULL,
                "Accept: text/html, application/json;q=0.9");
    assert_int_equal(json_array_size(json_object_get(reply.json, "hashes")), 2);
    rest_reply_release(&reply);
    reply = ask(world, 406, "GET", "proof/inclusion?seq=1", NULL, "Accept: image/png");
    rest_reply_release(&reply);
    expect_problem(world, 404, "GET", "proof/inclusion?seq=1&size=3", NULL, NULL);
    expect_problem(world, 404, "GET", "proof/inclusion?seq=3&size=3", NULL, NULL);
    expect_problem(world, 404, "GET", "proof/inclusion?seq=3&size=4000", NULL, NULL);
    expect_problem(world, 400, "GET", "proof/inclusion?seq=3&size=0", NULL, NULL);
    expect_problem(world, 400, "GET", "proof/inclusion?size=3", NULL, NULL);
}

static void proofs_of_consistency(void **state)
{
    struct world *world = *state;
    struct ml_consistency proof;
    struct rest_reply reply = get(world, "proof/consistency?old_size=2");
    assert_int_equal(ml_consistency_parse(ML_SPAN(reply.text, reply.len), &proof), MLEDGER_OK);
    assert_int_equal(ml_consistency_check(&proof), MLEDGER_OK);
    assert_int_equal(proof.after.size, head_of(world).size);
    rest_reply_release(&reply);
    expect_problem(world, 400, "GET", "proof/consistency", NULL, NULL);
    expect_problem(world, 400, "GET", "proof/consistency?old_size=0", NULL, NULL);
    expect_problem(world, 400, "GET", "proof/consistency?old_size=3&new_size=2", NULL, NULL);
    expect_problem(world, 404, "GET", "proof/consistency?old_size=3&new_size=2000", NULL, NULL);
}

static void tiles(void **state)
{
    struct world *world = *state;
    struct rest_reply reply = get(world, "tile/0/000.p/3");
    assert_int_equal(reply.len, 3 * ML_HASH_SIZE);
    assert_memory_equal(reply.text, head_of(world).identity, ML_HASH_SIZE);
    rest_reply_release(&reply);
    reply = get(world, "tile/entries/000.p/3");
    struct ml_span bundle = ML_SPAN(reply.text, reply.len), entry;
    for (int i = 0; i < 3; i++)
        assert_int_equal(ml_tile_entry_next(&bundle, &entry), MLEDGER_OK);
    assert_int_equal(bundle.len, 0);
    rest_reply_release(&reply);
    expect_problem(world, 404, "GET", "tile/0/000", NULL, NULL);
    expect_problem(world, 404, "GET", "tile/0/001.p/1", NULL, NULL);
    expect_problem(world, 404, "GET", "tile/0/000.p/200", NULL, NULL);
    expect_problem(world, 404, "GET", "tile/9/000.p/1", NULL, NULL);
    expect_problem(world, 404, "GET", "tile/0/%2e%2e/0/000.p/1", NULL, NULL);
}

static void references(void **state)
{
    struct world *world = *state;
    struct rest_reply reply = get(world, "reference?ref=churn/1");
    assert_string_equal(text_at(reply.json, "kind"), "version");
    assert_int_equal(number_at(reply.json, "seq"), world->model);
    assert_int_equal(number_at(reply.json, "named_by"), world->model);
    assert_int_equal(number_at(reply.json, "record"), world->model + 2);
    rest_reply_release(&reply);
    const uint64_t renamed = fixture_add(
        &world->rest.ledger, "{\"model_renamed\":{\"model\":\"churn\",\"name\":\"c\"}}");
    reply = get(world, "reference?ref=c/1");
    assert_string_equal(text_at(reply.json, "name"), "c");
    assert_int_equal(number_at(reply.json, "named_by"), renamed);
    rest_reply_release(&reply);
    reply = get(world, "reference?ref=actor:bob");
    assert_string_equal(text_at(reply.json, "name"), "bob");
    rest_reply_release(&reply);
    expect_problem(world, 404, "GET", "reference?ref=churn/2", NULL, NULL);
    expect_problem(world, 400, "GET", "reference?ref=git:xyz", NULL, NULL);
    expect_problem(world, 400, "GET", "reference", NULL, NULL);
}

static void lineages(void **state)
{
    struct world *world = *state;
    struct rest_reply reply = get(world, "lineage?ref=churn/1");
    assert_true(json_is_array(json_object_get(reply.json, "nodes")));
    assert_true(json_is_object(json_object_get(reply.json, "basis")));
    rest_reply_release(&reply);
    reply = ask(world, 200, "GET", "lineage?ref=churn/1", NULL, "Accept: image/svg+xml");
    assert_true(rest_has_header(&reply, "Content-Type", "image/svg+xml"));
    assert_non_null(strstr(reply.text, "<svg"));
    rest_reply_release(&reply);
    reply = ask(world, 200, "GET", "lineage?ref=churn/1&format=svg&max_nodes=1", NULL, NULL);
    rest_reply_release(&reply);
    expect_problem(world, 400, "GET", "lineage?ref=churn/1&format=png", NULL, NULL);
    expect_problem(world, 400, "GET", "lineage?ref=churn/1&max_nodes=10001", NULL, NULL);
    expect_problem(world, 400, "GET", "lineage?ref=churn/1&as_of=yesterday", NULL, NULL);
    expect_problem(world, 404, "GET", "lineage?ref=nothing", NULL, NULL);
    world->api.questions = ML_API_QUESTIONS_MAX;
    expect_problem(world, 503, "GET", "lineage?ref=churn/1", NULL, "busy");
    world->api.questions = 0;
}

/* Asks one question; NULL in place of `holds`: of an answer, nothing more is looked at. */
static void ask_question(struct world *world, int status, const char *path, const char *holds)
{
    struct rest_reply reply = ask(world, status, "GET", path, NULL, NULL);
    if (status == 200 && (!json_is_object(json_object_get(reply.json, "basis")) ||
                          (holds && !json_object_get(reply.json, holds))))
        fail_msg("%s: %s", path, reply.text);
    if (status != 200 && !strstr(text_at(reply.json, "detail"), holds))
        fail_msg("%s: %s", path, reply.text);
    rest_reply_release(&reply);
}

/* Each question has an answer with its basis, and what is wrong with one is said. */
static void questions(void **state)
{
    struct world *world = *state;
    static const struct {
        int status;
        const char *path, *holds; /* a member of the answer, or words of the problem */
    } cases[] = {
        {200, "at?what=churn&stage=None&time=%234", "recorded"},
        {400, "at?what=churn", "'time'"},
        {400, "at?what=churn&time=soon", "soon"},
        {404, "at?what=churn&stage=Production&time=4", "was ever in stage 'Production'"},
        {400, "at?what=churn/1&stage=None&time=4&colour=red", "'colour'"},
        {200, "timeline", "intervals"},
        {200, "timeline?what=churn&stage=None&from=0", "intervals"},
        {400, "timeline?from=4&to=3", "'from' is not before 'to'"},
        {400, "timeline?as_of=yesterday", "'as_of'"},
        {200, "history?what=churn/1", "records"},
        {200, "history?what=actor:alice", "keys"},
        {404, "history?what=key:alice-recorder", "hexadecimal digits"},
        {404, "history?what=key:0000000000000000", "no key of this ledger begins"},
        {404, "history?what=churn/2", "churn"},
        {200, "impact?what=churn/1&what=%234&inferred=false", "versions"},
        {400, "impact", "'what'"},
        {400, "impact?what=actor:alice", "has no lineage"},
        {400, "impact?what=churn/1&since=0", "'since'"},
        {200, "path?from=churn/1&to=runs:/r", "paths"},
        {200, "path?from=churn/1&to=runs:/r&all=true&limit=3", "more"},
        {400, "path?from=churn/1&to=runs:/r&limit=3", "'limit' is about 'all'"},
        {400, "path?from=churn/1&to=runs:/r&all=true&limit=10001", "'limit' is 1 to 10000"},
        {400, "path?from=churn/1", "'to'"},
        {400, "diff?before=churn/1&after=churn/1", "are the same"},
        {400, "diff?before=churn/1&after=churn", "neither a version nor a run"},
        {200, "metrics?ref=churn/1&metric=auc&metric=loss", "curves"},
        {400, "metrics?metric=auc", "'ref'"},
        {200, "inventory?where=stage%3DNone&where=name%3Dchurn&all_versions=true", "looked_at"},
        {400, "inventory?where=colour%3Dred", "colour"},
        {400, "inventory?deleted=perhaps", "deleted: "},
        {200, "exceptions?model=churn", "checks"},
        {200, "exceptions?check=approval-late&check=run-not-ended&as_of=3", "exceptions"},
        {400, "exceptions?check=bad-luck", "bad-luck"},
        {400, "exceptions?model=%230", "names no model"},
        {200, "flow?from=2026-01-01", "all"},
        {400, "flow?to=never", "'to'"},
    };
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        ask_question(world, cases[i].status, cases[i].path, cases[i].holds);
    world->api.questions = ML_API_QUESTIONS_MAX;
    for (size_t i = 0; i < ML_COUNT(cases); i++)
        if (cases[i].status == 200)
            expect_problem(world, 503, "GET", cases[i].path, NULL, "busy");
    world->api.questions = 0;
}

/* Whatever is answered, a turn ends. */
static void turns_end(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 2 * ML_API_QUESTIONS_MAX; i++) {
        ask_question(world, 404, "history?what=churn/2", "churn");
        ask_question(world, 200, "history?what=churn/1", NULL);
    }
    assert_int_equal(world->api.questions, 0);
    world->api.drawings = ML_API_DRAWINGS_MAX;
    expect_problem(world, 503, "GET", "lineage?ref=churn/1&format=svg", NULL, "busy");
    ask_question(world, 200, "lineage?ref=churn/1&format=json", NULL);
    world->api.drawings = 0;
}

static void how_far_it_was_verified(void **state)
{
    struct world *world = *state;
    struct rest_reply reply = get(world, "verification");
    assert_int_equal(number_at(reply.json, "size"), head_of(world).size);
    assert_null(json_object_get(reply.json, "verified_size"));
    assert_true(json_is_false(json_object_get(reply.json, "is_complete")));
    rest_reply_release(&reply);
}

/* ---- appending ---- */

static const char approval[] = "{\"approval_recorded\":{\"model\":\"churn\",\"version\":1,"
                               "\"stage\":\"Production\",\"decision\":\"granted\"}}";

/* The text of a sealed event, as its signers saw the ledger just now. */
static char *seal(struct world *world, struct ml_draft *draft)
{
    const struct ml_head head = head_of(world);
    ML_CLEANUP(ml_sealed_release)
    struct ml_sealed sealed = {.draft = draft, .seen_seq = head.size - 1};
    struct ml_buf text = {0};
    char *taken;
    memcpy(sealed.ledger, head.identity, ML_HASH_SIZE);
    memcpy(sealed.seen_link, head.link, ML_HASH_SIZE);
    assert_int_equal(ml_sealed_write(&sealed, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_take_text(&text, &taken), MLEDGER_OK);
    return taken;
}

static char *state_line(struct world *world, const char *line, enum fixture_actor actor,
                        Mledger__Meaning meaning)
{
    struct ml_draft *draft = fixture_draft(line);
    fixture_state(&world->rest.ledger, draft, actor, meaning);
    return seal(world, draft);
}

static void appending(void **state)
{
    struct world *world = *state;
    ML_CLEANUP(ml_freep) char *body = state_line(world, approval, BOB, MLEDGER__MEANING__APPROVED);
    const uint64_t size = head_of(world).size;
    struct rest_reply reply = ask(world, 201, "POST", "statements", body, NULL);
    char location[64];
    snprintf(location, sizeof location, ML_API_PREFIX "records/%d", (int)size);
    assert_int_equal(number_at(reply.json, "seq"), size);
    assert_string_equal(reply.link, text_at(reply.json, "link"));
    assert_true(rest_has_header(&reply, "Location", location));
    rest_reply_release(&reply);
    assert_int_equal(head_of(world).size, size + 1);
    /* The same again says nothing new. */
    expect_problem(world, 409, "POST", "statements", body, "statement-nonce");
    assert_int_equal(head_of(world).size, size + 1);
}

static void expect_refused(struct world *world, char *body, int status, const char *rule)
{
    const uint64_t size = head_of(world).size;
    expect_problem(world, status, "POST", "statements", body, rule);
    assert_int_equal(head_of(world).size, size);
    free(body);
}

static void refused_statements(void **state)
{
    struct world *world = *state;
    struct fixture *ledger = &world->rest.ledger;
    expect_refused(world, strdup("{}"), 400, NULL);
    expect_refused(world, strdup("nonsense"), 400, NULL);
    expect_refused(world, strdup(""), 400, NULL);
    /* Nobody's word, or a word that is worth nothing. */
    struct ml_draft *draft = fixture_draft(approval);
    fixture_state(ledger, draft, BOB, MLEDGER__MEANING__APPROVED);
    draft->statements_bytes = (struct ml_span){0};
    expect_refused(world, seal(world, draft), 403, "no-statement");
    expect_refused(world, state_line(world, approval, BOB, MLEDGER__MEANING__POSSESSION), 403,
                   "no-statement");
    expect_refused(world, state_line(world, approval, RECORDER, MLEDGER__MEANING__APPROVED), 403,
                   NULL);
    /* What was signed is not what is sent. */
    draft = fixture_draft(approval);
    fixture_state(ledger, draft, BOB, MLEDGER__MEANING__APPROVED);
    const uint8_t other[ML_SALT_SIZE] = {1};
    draft->event_salt = other;
    expect_refused(world, seal(world, draft), 403, "statement-subject");
}

/* What was judged has changed since whoever judged it looked. */
static void a_stale_statement(void **state)
{
    struct world *world = *state;
    char *body = state_line(world, approval, BOB, MLEDGER__MEANING__APPROVED);
    fixture_add(&world->rest.ledger, "{\"stage_transitioned\":{\"model\":\"churn\",\"version\":1,"
                                     "\"to_stage\":\"Staging\"}}");
    expect_refused(world, body, 409, "statement-stale");
}

static void who_may_append(void **state)
{
    struct world *world = *state;
    static const char on_behalf[] =
        "{\"approval_recorded\":{\"model\":\"churn\",\"version\":1,\"stage\":\"Production\","
        "\"decision\":\"granted\"},\"on_behalf_of\":\"alice\"}";
    char *body = state_line(world, on_behalf, BOB, MLEDGER__MEANING__APPROVED);
    expect_refused(world, body, 403, "on-behalf-of");
    world->rest.actor = "bob";
    world->rest.actor_ref = 1;
    expect_refused(world, state_line(world, on_behalf, BOB, MLEDGER__MEANING__APPROVED), 403,
                   "on-behalf-of");
    serve(world, NULL, true);
    expect_refused(world, state_line(world, approval, BOB, MLEDGER__MEANING__APPROVED), 403,
                   "read-only");
}

/* The key that the server signs with is an admin's: nobody gets its authority by asking. */
static void the_authority_of_the_server(void **state)
{
    struct world *world = *state;
    static const char registers[] =
        "{\"actor_registered\":{\"id\":\"mallory\",\"kind\":\"person\",\"roles\":[\"admin\"]}}";
    expect_refused(world, state_line(world, registers, BOB, MLEDGER__MEANING__AUTHORED), 403,
                   "server-authority");
}

/* ---- what a client takes ---- */

static void what_is_accepted(void **state)
{
    static const char *const types[] = {"application/json", "image/svg+xml", NULL};
    static const struct {
        const char *accept;
        int choice; /* -1: none */
    } cases[] = {
        {NULL, 0},
        {"", 0},
        {"*/*", 0},
        {"image/svg+xml", 1},
        {"IMAGE/SVG+XML", 1},
        {"image/*", 1},
        {"image/*;q=0.5, application/json;q=0.4", 1},
        {"application/json;q=0.4,image/svg+xml;q=0.400", 0},
        {"*/*;q=0.1, image/svg+xml;q=0", 0},
        {"application/json;q=0, */*", 1},
        {"text/html, application/xhtml+xml, image/svg+xml;charset=x;q=0.2", 1},
        {"text/html", -1},
        {"application/jso", -1},
        {"application/json;q=0", -1},
        {",,;q=,", -1},
    };
    (void)state;
    for (size_t i = 0; i < ML_COUNT(cases); i++) {
        size_t choice;
        const int result = ml_api_accept_value(cases[i].accept, types, &choice);
        if ((result < 0 ? -1 : (int)choice) != cases[i].choice)
            fail_msg("'%s'", cases[i].accept);
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_head),
        TEST(paths_and_methods),
        TEST(what_a_client_may_keep),
        TEST(pages_of_records),
        TEST(filters),
        TEST(one_record),
        TEST(checkpoints),
        TEST(proofs_of_inclusion),
        TEST(proofs_of_consistency),
        TEST(tiles),
        TEST(references),
        TEST(lineages),
        TEST(questions),
        TEST(turns_end),
        TEST(how_far_it_was_verified),
        TEST(appending),
        TEST(refused_statements),
        TEST(a_stale_statement),
        TEST(who_may_append),
        TEST(the_authority_of_the_server),
        cmocka_unit_test(what_is_accepted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
