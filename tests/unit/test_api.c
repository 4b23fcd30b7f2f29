/* SPDX-License-Identifier: Apache-2.0 */
/* The public functions of mledger/ledger.h, lineage.h and verify.h, used as a stranger uses them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/core/json.h"
#include "mledger/ledger.h"
#include "mledger/lineage.h"
#include "mledger/verify.h"
#include "tests/unit/cmocka_all.h"

struct world {
    char dir[64];
    char known[80];
    struct mledger_key *key, *log_key;
    struct mledger_ledger *ledger;
};

static struct mledger_founding founding_of(const struct world *world)
{
    return (struct mledger_founding){.name = "test",
                                     .origin = "example.org/test",
                                     .actor_id = "alice",
                                     .person = "Alice Ng",
                                     .key = world->key,
                                     .log_key = mledger_key_public(world->log_key)};
}

static int set_up(void **state)
{
    static struct world world;
    world = (struct world){.dir = "/tmp/mledger-api-XXXXXX"};
    assert_non_null(mkdtemp(world.dir));
    snprintf(world.known, sizeof world.known, "%s/known", world.dir);
    assert_int_equal(mledger_key_generate(MLEDGER_KEY_SIGNER, "alice", &world.key), 0);
    assert_int_equal(mledger_key_generate(MLEDGER_KEY_LOG, "log", &world.log_key), 0);
    const struct mledger_founding founding = founding_of(&world);
    const struct mledger_options options = {.known_dir = world.known, .map_bytes = 64 << 20};
    assert_int_equal(mledger_create(world.dir, &options, &founding, &world.ledger), 0);
    *state = &world;
    return 0;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    mledger_close(world->ledger);
    mledger_key_free(world->key);
    mledger_key_free(world->log_key);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", world->dir);
    return system(command); /* NOLINT(cert-env33-c): paths are the test's own */
}

static int append(struct world *world, const char *lines, struct mledger_receipt **ret_receipts,
                  size_t *ret_count)
{
    return mledger_append(world->ledger, world->key, lines, strlen(lines), ret_receipts, ret_count);
}

static void lines_become_records(void **state)
{
    struct world *world = *state;
    struct mledger_receipt *receipts;
    size_t count;
    assert_int_equal(append(world,
                            "{\"model_created\": {\"name\": \"churn\"}}\r\n\n  \n"
                            "{\"version_registered\": {\"model\": \"churn\"}}",
                            &receipts, &count),
                     MLEDGER_OK);
    assert_int_equal(count, 2);
    assert_int_equal(receipts[0].seq, 1);
    assert_int_equal(receipts[1].seq, 2);
    struct mledger_head head;
    assert_int_equal(mledger_head_read(world->ledger, &head), MLEDGER_OK);
    assert_int_equal(head.size, 3);
    assert_int_equal(head.recorded_at_us, receipts[1].recorded_at_us);
    assert_memory_equal(head.link, receipts[1].link, MLEDGER_HASH_SIZE);
    assert_string_equal(head.name, "test");
    assert_string_equal(head.origin, "example.org/test");
    mledger_free(receipts);
    assert_int_equal(append(world, "", NULL, &count), MLEDGER_OK);
    assert_int_equal(count, 0);
}

static void a_line_at_fault_is_named_and_nothing_enters(void **state)
{
    struct world *world = *state;
    size_t count = 77;
    assert_int_equal(append(world, "\n{\"model_created\": {\"name\": 1}}\n", NULL, &count),
                     MLEDGER_EINVALID);
    assert_non_null(strstr(mledger_error_text(), "line 2: "));
    assert_int_equal(append(world,
                            "{\"model_created\": {\"name\": \"m\"}}\n"
                            "{\"model_created\": {\"name\": \"m\"}}\n",
                            NULL, &count),
                     MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "name-taken");
    assert_non_null(strstr(mledger_error_text(), "line 2: "));
    assert_int_equal(count, 77); /* untouched */
    static const char line[] = "{\"model_created\": {\"name\": \"m\"}}";
    assert_int_equal(
        mledger_append(world->ledger, world->log_key, line, sizeof line - 1, NULL, NULL),
        MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-purpose");
    struct mledger_head head;
    assert_int_equal(mledger_head_read(world->ledger, &head), MLEDGER_OK);
    assert_int_equal(head.size, 1);
}

static void records_come_back_as_text(void **state)
{
    struct world *world = *state;
    char *text;
    assert_int_equal(mledger_record_json(world->ledger, 0, &text), MLEDGER_OK);
    assert_non_null(strstr(text, "\"Alice Ng\""));
    mledger_free(text);
    assert_int_equal(mledger_record_export(world->ledger, 0, &text), MLEDGER_OK);
    ML_CLEANUP(ml_buf_release) struct ml_buf bytes = {0};
    uint64_t seq = 9;
    assert_int_equal(ml_record_from_export_line(text, strlen(text), &bytes, &seq), MLEDGER_OK);
    assert_int_equal(seq, 0);
    mledger_free(text);
    text = NULL;
    assert_int_equal(mledger_record_json(world->ledger, 1, &text), MLEDGER_ENOTFOUND);
    assert_int_equal(mledger_record_export(world->ledger, 1, &text), MLEDGER_ENOTFOUND);
    assert_null(text);
}

static void a_ledger_is_opened_again(void **state)
{
    struct world *world = *state;
    struct mledger_ledger *second = NULL;
    assert_int_equal(mledger_open(world->dir, NULL, &second), MLEDGER_ESYSTEM); /* open already */
    assert_null(second);
    mledger_close(world->ledger);
    world->ledger = NULL;
    assert_int_equal(mledger_open(world->known, NULL, &second), MLEDGER_ENOTFOUND);
    const struct mledger_options read_only = {.read_only = true};
    assert_int_equal(mledger_open(world->dir, &read_only, &world->ledger), MLEDGER_OK);
    assert_true(append(world, "{\"model_created\": {\"name\": \"m\"}}", NULL, NULL) < 0);
    mledger_close(NULL);
}

static void founding_needs_everything(void **state)
{
    struct world *world = *state;
    struct mledger_ledger *second = NULL;
    struct mledger_founding founding = founding_of(world);
    char dir[80];
    snprintf(dir, sizeof dir, "%s/second", world->dir);
    founding.origin = NULL;
    assert_int_equal(mledger_create(dir, NULL, &founding, &second), MLEDGER_EUSAGE);
    founding = founding_of(world);
    founding.key = world->log_key;
    assert_int_equal(mledger_create(dir, NULL, &founding, &second), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-purpose");
    founding = founding_of(world);
    founding.recovery_key = founding.log_key;
    assert_int_equal(mledger_create(dir, NULL, &founding, &second), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), "key-taken");
    mledger_close(world->ledger);
    world->ledger = NULL;
    founding = founding_of(world);
    assert_int_equal(mledger_create(world->dir, NULL, &founding, &second), MLEDGER_EUSAGE);
    assert_null(second);
}

#define SHA "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static void tell_a_story(struct world *world)
{
    assert_int_equal(
        append(world,
               "{\"run_started\": {\"run_id\": \"r1\"}}\n"
               "{\"run_logged\": {\"run\": \"r1\", \"inputs\": [{\"name\": \"train\", \"role\": "
               "\"training\", \"digests\": [\"sha256:" SHA "\"]}]}}\n"
               "{\"model_created\": {\"name\": \"churn\"}}\n"
               "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}\n"
               "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"unseen\"}}\n",
               NULL, NULL),
        MLEDGER_OK);
}

static const struct mledger_node *find_node(const struct mledger_lineage *lineage, const char *id)
{
    size_t count;
    const struct mledger_node *nodes = mledger_lineage_nodes(lineage, &count);
    for (size_t i = 0; i < count; i++)
        if (strcmp(nodes[i].id, id) == 0)
            return &nodes[i];
    fail_msg("no node '%s'", id);
    return NULL;
}

static void lineage_has_nodes_and_edges(void **state)
{
    struct world *world = *state;
    struct mledger_lineage *lineage;
    size_t count;
    tell_a_story(world);
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/1", NULL, &lineage), MLEDGER_OK);
    assert_int_equal(mledger_lineage_as_of(lineage), 5);
    const struct mledger_node *nodes = mledger_lineage_nodes(lineage, &count);
    const struct mledger_node *version = find_node(lineage, "version:churn/1");
    const struct mledger_node *run = find_node(lineage, "run:r1");
    const struct mledger_node *data = find_node(lineage, "dataset:train@sha256:ba7816bf8f01");
    assert_int_equal(version->kind, MLEDGER_NODE_VERSION);
    assert_int_equal(version->flags & MLEDGER_NODE_START, MLEDGER_NODE_START);
    assert_int_equal(version->seq, 4);
    assert_int_equal(version->erased_by, MLEDGER_NO_SEQ);
    assert_int_equal(data->digest_count, 1);
    assert_string_equal(data->digests[0].text, "sha256:" SHA);
    assert_false(data->digests[0].seen);
    const struct mledger_edge *edges = mledger_lineage_edges(lineage, &count);
    size_t met = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mledger_edge *edge = &edges[i];
        assert_int_equal(edge->kind, MLEDGER_EDGE_RECORDED);
        assert_null(edge->grounds);
        assert_true(edge->seq_count >= 1);
        if (&nodes[edge->from] == run && &nodes[edge->to] == version)
            met += edge->role == MLEDGER_ROLE_REGISTERED_FROM && edge->seqs[0] == 4;
        if (&nodes[edge->from] == data && &nodes[edge->to] == run)
            met += edge->role == MLEDGER_ROLE_TRAINED_ON && edge->seqs[0] == 2;
    }
    assert_int_equal(met, 2);
    mledger_lineage_free(lineage);
    mledger_lineage_free(NULL);
}

static void lineage_outlives_the_ledger_as_text(void **state)
{
    struct world *world = *state;
    struct mledger_lineage *lineage;
    size_t count;
    char *json, *text;
    tell_a_story(world);
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/2", NULL, &lineage), MLEDGER_OK);
    mledger_close(world->ledger);
    world->ledger = NULL;
    const struct mledger_node *run = find_node(lineage, "run:unseen");
    assert_int_equal(run->flags & MLEDGER_NODE_UNSEEN, MLEDGER_NODE_UNSEEN);
    const char *const *unknown = mledger_lineage_unknown(lineage, &count);
    assert_true(count > 0 && unknown[0][0] != '\0');
    assert_int_equal(mledger_lineage_json(lineage, &json), MLEDGER_OK);
    assert_int_equal(mledger_lineage_text(lineage, &text), MLEDGER_OK);
    assert_non_null(strstr(json, "\"role\":\"registered_from\""));
    assert_non_null(strstr(text, "churn/2  #5"));
    mledger_free(json);
    mledger_free(text);
    mledger_lineage_free(lineage);
}

static void lineage_takes_options(void **state)
{
    struct world *world = *state;
    struct mledger_lineage *lineage = NULL;
    size_t count;
    tell_a_story(world);
    struct mledger_lineage_options options = {.depth = 1};
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/1", &options, &lineage), 0);
    assert_int_equal(find_node(lineage, "run:r1")->flags & MLEDGER_NODE_CUT, MLEDGER_NODE_CUT);
    mledger_lineage_free(lineage);
    options = (struct mledger_lineage_options){.down = true};
    assert_int_equal(mledger_lineage_read(world->ledger, "sha256:" SHA, &options, &lineage), 0);
    assert_int_equal(find_node(lineage, "version:churn/1")->flags, 0);
    mledger_lineage_free(lineage);
    lineage = NULL;
    options = (struct mledger_lineage_options){.as_of = "#3"};
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/1", &options, &lineage),
                     MLEDGER_ENOTFOUND);
    options.as_of = "yesterday-ish";
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/1", &options, &lineage),
                     MLEDGER_EUSAGE);
    options = (struct mledger_lineage_options){.max_nodes = MLEDGER_LINEAGE_NODES_MAX + 1};
    assert_int_equal(mledger_lineage_read(world->ledger, "churn/1", &options, &lineage),
                     MLEDGER_EUSAGE);
    assert_int_equal(mledger_lineage_read(world->ledger, "no/such/thing", NULL, &lineage),
                     MLEDGER_ENOTFOUND);
    assert_null(lineage);
    options = (struct mledger_lineage_options){.as_of = "0"};
    assert_int_equal(mledger_lineage_read(world->ledger, "#0", &options, &lineage), MLEDGER_EUSAGE);
    assert_null(lineage);
    options = (struct mledger_lineage_options){.no_same_content = true, .no_inferred = true};
    assert_int_equal(mledger_lineage_read(world->ledger, "runs:/r1", &options, &lineage), 0);
    assert_non_null(mledger_lineage_edges(lineage, &count));
    assert_true(count > 0);
    mledger_lineage_free(lineage);
}

static void lineage_has_words_for_kinds(void **state)
{
    (void)state;
    assert_string_equal(mledger_node_kind_name(MLEDGER_NODE_DATASET), "dataset");
    assert_string_equal(mledger_node_kind_name(MLEDGER_NODE_AGENT), "agent");
    assert_null(mledger_node_kind_name((enum mledger_node_kind)(MLEDGER_NODE_AGENT + 1)));
    assert_string_equal(mledger_edge_role_name(MLEDGER_ROLE_TRAINED_ON), "trained_on");
    assert_string_equal(mledger_edge_role_name(MLEDGER_ROLE_CONFIRMED), "confirmed");
    assert_null(mledger_edge_role_name((enum mledger_edge_role)99));
    assert_string_equal(mledger_edge_kind_name(MLEDGER_EDGE_SAME_CONTENT), "same_content");
    assert_null(mledger_edge_kind_name((enum mledger_edge_kind)4));
}

static int count_finding(void *count, const struct mledger_finding *finding)
{
    if (strcmp(finding->code, "anchor") == 0 && finding->severity == MLEDGER_NOT_PROVEN)
        ++*(int *)count;
    return MLEDGER_OK;
}

static int stop(void *ctx, const struct mledger_finding *finding)
{
    (void)ctx;
    (void)finding;
    return MLEDGER_EUSAGE;
}

static void verification_tells_what_it_finds(void **state)
{
    struct world *world = *state;
    struct mledger_verify_result result;
    int anchors = 0;
    assert_int_equal(mledger_verify(world->ledger, NULL, count_finding, &anchors, &result), 0);
    assert_int_equal(result.faults, 0);
    assert_int_equal(result.records, 1);
    assert_int_equal(anchors, 1);
    struct mledger_head head;
    assert_int_equal(mledger_head_read(world->ledger, &head), MLEDGER_OK);
    assert_memory_equal(head.root, result.root, MLEDGER_HASH_SIZE);
    assert_memory_equal(head.identity, result.root, MLEDGER_HASH_SIZE); /* of one leaf */
    assert_int_equal(mledger_verify(world->ledger, NULL, stop, NULL, &result), MLEDGER_EUSAGE);
    struct mledger_verify_options options = {.level = MLEDGER_VERIFY_CHAIN};
    assert_int_equal(mledger_verify(world->ledger, &options, NULL, NULL, &result), MLEDGER_OK);
    assert_int_equal(result.not_proven, 2);
    options.level = (enum mledger_verify_level)7;
    assert_int_equal(mledger_verify(world->ledger, &options, NULL, NULL, &result), MLEDGER_EUSAGE);
}

int main(void)
{
#define API(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        API(lines_become_records),        API(a_line_at_fault_is_named_and_nothing_enters),
        API(records_come_back_as_text),   API(a_ledger_is_opened_again),
        API(founding_needs_everything),   API(verification_tells_what_it_finds),
        API(lineage_has_nodes_and_edges), API(lineage_outlives_the_ledger_as_text),
        API(lineage_takes_options),       cmocka_unit_test(lineage_has_words_for_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
