/* SPDX-License-Identifier: Apache-2.0 */
/* in-toto statements and SLSA provenance, and the envelope that DSSE puts around them. */
#include "tests/unit/cmocka_all.h"

#include <stdio.h>

#include "export/document.h"
#include "export/envelope.h"
#include "ledger/core/base64.h"
#include "ledger/core/ed25519.h"
#include "ledger/query/lineage.h"
#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

static void test_provenance(void **state)
{
    story_add(*state);
    json_t *lines = export_lines(*state, "slsa", "churn/1");
    assert_int_equal(json_array_size(lines), 1);
    const json_t *one = export_at(lines, "0");
    export_expect(one, "_type", "https://in-toto.io/Statement/v1");
    export_expect(one, "predicateType", "https://slsa.dev/provenance/v1");
    export_expect(one, "subject/0/name", "churn@1/model.pkl");
    export_expect(one, "subject/0/digest/sha256", HEX32("44"));
    const json_t *definition = export_at(one, "predicate/buildDefinition");
    export_expect(definition, "externalParameters/hyperparameters/lr", "0.1");
    const json_t *list = export_at(definition, "resolvedDependencies");
    assert_int_equal(json_array_size(list), 2);
    export_expect(list, "0/digest/gitCommit", HEX20("c1"));
    export_expect(list, "1/name", "dataset:train-set@md5:bbbbbbbbbbbb");
    export_expect(list, "1/digest/md5", HEX16("bb"));
    export_expect(one, "predicate/runDetails/metadata/invocationId", "r1");
    export_expect_none(one, "predicate/runDetails/metadata/finishedOn");
    assert_true(export_check_links(*state, lines, "seq", "link") >= 4);
    json_decref(lines);
}

/* Metrics are a byproduct, by content and digest: sha256 of {"auc":"0.90"}. */
static void test_byproducts(void **state)
{
    story_add(*state);
    fixture_add(*state, "{\"run_logged\": {\"run\": \"r1\", \"metrics\": [{\"key\": \"auc\", "
                        "\"step\": 1, \"time\": \"2026-01-02T00:00:00Z\"}]}, \"details\": "
                        "{\"metric_values\": [\"0.90\"]}}");
    json_t *lines = export_lines(*state, "slsa", "churn/1");
    const json_t *metrics = export_at(lines, "0/predicate/runDetails/byproducts/0");
    export_expect(metrics, "content", "eyJhdWMiOiIwLjkwIn0=");
    export_expect(metrics, "digest/sha256",
                  "5e0e5c5cce2d5f1c0b05706a0f0b1e515cb6d3bf2c57ca66fe60bf9c0469c8d1");
    json_decref(lines);
}

static const json_t *statement(const json_t *lines, const char *type)
{
    return export_at(export_find(lines, "predicateType", type), "predicate");
}

static void test_acts(void **state)
{
    story_add(*state);
    json_t *lines = export_lines(*state, "in-toto", "churn/1");
    const json_t *test = statement(lines, "https://in-toto.io/attestation/test-result/v0.1");
    export_expect(test, "result", "PASSED");
    export_expect(test, "passedTests/0", "auc");
    export_expect(test, "mledger_measured/auc", "0.91");
    const json_t *moved = statement(lines, ML_DOCUMENT_NS "attestation/stage-transition/v1");
    export_expect(moved, "toStage", "Production");
    export_expect(moved, "reason", "better");
    export_expect(moved, "approvals/0/decision", "granted");
    export_expect(moved, "approvals/0/actors/0/id", "bob");
    const json_t *deployed = statement(lines, ML_DOCUMENT_NS "attestation/deployment/v1");
    export_expect(deployed, "endpoint", "scoring");
    assert_int_equal(json_integer_value(export_at(deployed, "shares/0/partsPerMillion")), 1000000);
    json_decref(lines);
}

/* An approval that was withdrawn before the transition stands behind nothing. */
static void test_withdrawn(void **state)
{
    story_add(*state);
    static const char *const decisions[] = {"granted", "withdrawn"};
    for (size_t i = 0; i < ML_COUNT(decisions); i++) {
        char line[256];
        snprintf(line, sizeof line,
                 "{\"approval_recorded\": {\"model\": \"churn\", \"version\": 1, \"stage\": "
                 "\"Archived\", \"decision\": \"%s\"}}",
                 decisions[i]);
        struct ml_draft *draft = fixture_draft(line);
        uint64_t seq;
        fixture_state(*state, draft, BOB,
                      i ? MLEDGER__MEANING__REVIEWED : MLEDGER__MEANING__APPROVED);
        if (fixture_append_draft(*state, ALICE, draft, &seq) < 0)
            fail_msg("%s", mledger_error_text());
    }
    fixture_add(*state, "{\"stage_transitioned\": {\"model\": \"churn\", \"version\": 1, "
                        "\"to_stage\": \"Archived\"}}");
    json_t *lines = export_lines(*state, "in-toto", "churn/1");
    const json_t *archived = export_find(lines, "predicate/toStage", "Archived");
    assert_int_equal(json_array_size(export_at(archived, "predicate/approvals")), 0);
    json_decref(lines);
}

/* What has no digest cannot be attested to. */
static void test_nothing(void **state)
{
    story_add(*state);
    struct ml_view view;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_CLEANUP(ml_account_freep) struct ml_account *account = NULL;
    const char *reference = "churn/3";
    const struct ml_export_options options = {.query = reference};
    struct ml_lineage_options lineage = ml_lineage_defaults();
    assert_int_equal(ml_view_begin(((struct fixture *)*state)->ledger, &view), 0);
    int result = ml_lineage_many(&view, &reference, 1, &lineage, &graph);
    if (result >= 0)
        result = ml_account_new(&view, graph, &account);
    if (result >= 0)
        result = ml_export_slsa(account, &options, &out);
    ml_view_end(&view);
    assert_int_equal(result, MLEDGER_ENOTFOUND);
    assert_non_null(strstr(mledger_error_text(), "SHA-256 or MD5"));
    assert_int_equal(out.len, 0);
}

static void test_hostile(void **state)
{
    export_add_hostile(*state);
    json_t *lines = export_lines(*state, "slsa", NULL);
    const json_t *params =
        export_at(lines, "0/predicate/buildDefinition/externalParameters/hyperparameters");
    assert_string_equal(json_string_value(json_object_get(params, EXPORT_HOSTILE)), EXPORT_HOSTILE);
    assert_null(json_object_get(params, "secret"));
    json_decref(lines);
}

static int sign_fixed(void *secret, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    return ml_ed25519_sign(secret, message, signature);
}

static int sign_never(void *context, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    (void)context;
    (void)message;
    (void)signature;
    return ml_fail(MLEDGER_ESYSTEM, "no");
}

/* The vector of schema-check: Node's crypto made it. */
static void test_envelope(void **state)
{
    (void)state;
    uint8_t seed[32], secret[ML_ED25519_SECRET_SIZE];
    struct ml_signer signer = {.sign = sign_fixed, .context = secret};
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0}, decoded = {0};
    for (size_t i = 0; i < sizeof seed; i++)
        seed[i] = (uint8_t)i;
    assert_int_equal(ml_ed25519_keypair(seed, signer.key, secret), 0);
    assert_int_equal(ml_envelope_append("http://example.com/HelloWorld", ML_SPAN("hello world", 11),
                                        &signer, &out),
                     0);
    json_t *json;
    assert_int_equal(ml_json_parse((const char *)out.data, out.len, &json), 0);
    export_expect(json, "payload", "aGVsbG8gd29ybGQ=");
    export_expect(json, "payloadType", "http://example.com/HelloWorld");
    export_expect(json, "signatures/0/keyid",
                  "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    const char *text = json_string_value(export_at(json, "signatures/0/sig"));
    static const uint8_t expected[] = {0x14, 0x30, 0x6e, 0x86, 0x11, 0x99, 0x1e, 0xb4};
    assert_int_equal(ml_base64_append_decoded(&decoded, text, strlen(text)), 0);
    assert_int_equal(decoded.len, ML_SIGNATURE_SIZE);
    assert_memory_equal(decoded.data, expected, sizeof expected);
    json_decref(json);
}

static void test_envelope_of_lines(void **state)
{
    struct fixture *fixture = *state;
    ML_CLEANUP(ml_buf_release) struct ml_buf out = {0};
    assert_int_equal(ml_envelope_append_lines("text/plain", ML_SPAN("a\nb\n", 4),
                                              &fixture->signers[ALICE], &out),
                     0);
    assert_int_equal(ml_buf_append_char(&out, '\0'), 0);
    const char *text = (const char *)out.data;
    assert_memory_equal(text, "{\"payload\":\"YQ==\"", 17);
    assert_memory_equal(strchr(text, '\n') + 1, "{\"payload\":\"Yg==\"", 17);
    size_t len = out.len;
    struct ml_signer broken = {.sign = sign_never};
    assert_int_equal(ml_envelope_append_lines("text/plain", ML_SPAN("a\n", 2), &broken, &out),
                     MLEDGER_ESYSTEM);
    assert_int_equal(out.len, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_provenance, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_byproducts, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_acts, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_withdrawn, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_nothing, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_hostile, fixture_set_up, fixture_tear_down),
        cmocka_unit_test(test_envelope),
        cmocka_unit_test_setup_teardown(test_envelope_of_lines, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
