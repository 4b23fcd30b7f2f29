/* SPDX-License-Identifier: Apache-2.0 */
/* CSV: cells that hold anything, and none that a spreadsheet would run. Ids, times and links too.
 */
#include "tests/unit/cmocka_all.h"

#include "export/document.h"
#include "ledger/query/lineage.h"
#include "tests/unit/export_fixture.h"
#include "tests/unit/lineage_story.h"

/* What `use` does with the account of everything. */
typedef void user(const struct ml_account *account, void *context);
static void with_account(struct fixture *fixture, user *use, void *context)
{
    ML_CLEANUP(ml_graph_freep) struct ml_graph *graph = NULL;
    ML_CLEANUP(ml_account_freep) struct ml_account *account = NULL;
    struct ml_lineage_options options = ml_lineage_defaults();
    struct ml_view view;
    options.down = true;
    assert_int_equal(ml_view_begin(fixture->ledger, &view), 0);
    int result = ml_lineage_many(&view, NULL, 0, &options, &graph);
    if (result >= 0)
        result = ml_account_new(&view, graph, &account);
    if (result >= 0)
        use(account, context);
    ml_view_end(&view);
    assert_int_equal(result, 0);
}

struct wanted {
    const char *table;
    struct ml_buf out;
};

static void write_table(const struct ml_account *account, void *context)
{
    struct wanted *wanted = context;
    const struct ml_export_options options = {.table = wanted->table};
    if (ml_export_csv(account, &options, &wanted->out) < 0 ||
        ml_buf_append_char(&wanted->out, '\0') < 0)
        ml_buf_clear(&wanted->out);
}

static char *table_of(struct fixture *fixture, const char *table)
{
    struct wanted wanted = {.table = table};
    with_account(fixture, write_table, &wanted);
    assert_true(wanted.out.len > 0);
    return (char *)wanted.out.data;
}

static void test_tables(void **state)
{
    story_add(*state);
    ML_CLEANUP(ml_freep)
    char *nodes = table_of(*state, NULL), *edges = table_of(*state, "edges"),
         *values = table_of(*state, "values");
    assert_memory_equal(nodes, "id,kind,label,seq,link,recorded,", 32);
    assert_non_null(strstr(nodes, "\nversion:churn/1,version,churn/1,10,"));
    assert_non_null(strstr(nodes, ",bob,"));
    assert_non_null(strstr(edges, "\nrun:r1,run r1,registered_from,recorded,version:churn/1,"));
    assert_non_null(strstr(values, "\nrun:r1,run r1,param,lr,0.1,,7,"));
    assert_non_null(
        strstr(values, "\nvalidation:11,validation holdout: passed,check passed,auc,0.91,,11,"));
    assert_non_null(strstr(values, "digest claimed,sha256," HEX32("44")));
    assert_null(strstr(values, "\nparams:7,")); /* said by the run */
}

static void test_cells(void **state)
{
    export_add_hostile(*state);
    fixture_add(*state, "{\"run_logged\": {\"run\": \"end\", \"params\": [\"formula\", \"number\", "
                        "\"at\"]}, \"details\": {\"param_values\": [\"=1+1\", \"-0.5\", "
                        "\"@SUM(A1)\"]}}");
    ML_CLEANUP(ml_freep) char *values = table_of(*state, "values");
    assert_non_null(strstr(values, ",formula,\"'=1+1\","));
    assert_non_null(strstr(values, ",number,-0.5,"));
    assert_non_null(strstr(values, ",at,\"'@SUM(A1)\","));
    assert_non_null(strstr(values, ",\"\"\"]; <b>&\\N\n\x01 %% {{x}} `y`")); /* quoted, doubled */
    assert_non_null(strstr(values, ",metric,inf,-inf,2,"));
}

static void test_empty(void **state)
{
    ML_CLEANUP(ml_freep) char *edges = table_of(*state, "edges");
    assert_string_equal(edges, "from,from_label,role,basis,to,to_label,seqs,link,recorded,grounds,"
                               "head_seq,head_link\n");
}

/* ---- the pieces that all documents share ---- */

static void check_pieces(const struct ml_account *account, void *context)
{
    (void)context;
    ML_CLEANUP(ml_document_release) struct ml_document document;
    assert_int_equal(ml_document_init(&document, account, json_object()), 0);
    static const char *const sources[][2] = {
        {"s3://lake/a b.csv?v=1", "s3://lake/a%20b.csv?v=1"},
        {"/data/raw one.csv", "file:/data/raw%20one.csv"},
        {"git@host:a/b.git", "file:git%40host%3Aa/b.git"},
        {"HTTP://x", "file:HTTP%3A//x"},
        {"a\"\n<", "file:a%22%0A%3C"},
    };
    for (size_t i = 0; i < ML_COUNT(sources); i++)
        assert_string_equal(ml_document_source(&document, sources[i][0]), sources[i][1]);
    assert_null(ml_document_source(&document, NULL));
    assert_string_equal(ml_document_repository(&document, "git@host:a/b.git"),
                        "ssh://git@host/a/b.git");
    assert_string_equal(ml_document_repository(&document, "https://me@host:80/b.git"),
                        "https://me@host:80/b.git");
    assert_string_equal(ml_document_repository(&document, "/srv/b@c:d"), "file:/srv/b%40c%3Ad");
    assert_null(ml_document_repository(&document, NULL));
    assert_string_equal(ml_document_time(&document, 1500000), "1970-01-01T00:00:01.500Z");
    assert_string_equal(ml_document_seconds(&document, 1500000), "1970-01-01T00:00:01Z");
    assert_null(ml_document_time(&document, ML_NO_TIME));
    assert_null(ml_document_time(&document, -1));
    struct ml_account_record record = {.seq = 1};
    memset(record.link, 0xff, sizeof record.link);
    assert_string_equal(ml_document_uuid(&document, &record, NULL),
                        "ffffffff-ffff-8fff-bfff-ffffffffffff");
    const char *part = ml_document_uuid(&document, &record, "train");
    assert_string_not_equal(part, ml_document_uuid(&document, &record, "test"));
    assert_string_equal(part, ml_document_uuid(&document, &record, "train"));
}

static void test_pieces(void **state)
{
    with_account(*state, check_pieces, NULL);
}

/* An end before the beginning is not told beside it. */
static void check_times(const struct ml_account *account, void *context)
{
    (void)context;
    for (size_t i = 0; i < account->graph->n_nodes; i++)
        if (account->graph->nodes[i].kind == ML_NODE_RUN) {
            assert_non_null(account->nodes[i].ended);
            assert_true(ml_account_ended(&account->nodes[i]) == ML_NO_TIME);
        }
}

static void test_times(void **state)
{
    fixture_add(*state, "{\"run_started\": {\"run_id\": \"a\"}, \"details\": {\"occurred_at\": "
                        "\"2026-03-01T00:00:00Z\"}}");
    fixture_add(*state, "{\"run_ended\": {\"run\": \"a\", \"status\": \"finished\"}, \"details\": "
                        "{\"occurred_at\": \"2026-02-01T00:00:00Z\"}}");
    with_account(*state, check_times, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tables, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_cells, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_empty, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_pieces, fixture_set_up, fixture_tear_down),
        cmocka_unit_test_setup_teardown(test_times, fixture_set_up, fixture_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
