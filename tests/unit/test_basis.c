/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer rests on, and how far this machine has verified it. */
#include "tests/unit/cmocka_all.h"

#include "ledger/query/basis.h"
#include "ledger/store/known_head.h"
#include "tests/unit/lineage_story.h"

static void records_stand_in_order_and_once(void **state)
{
    (void)state;
    struct ml_basis basis = {0};
    static const uint64_t seqs[] = {7, 3, 7, MLEDGER_NO_SEQ, 0, 3, 12};
    assert_int_equal(ml_basis_add_all(&basis, seqs, ML_COUNT(seqs)), 0);
    ml_basis_settle(&basis);
    static const uint64_t settled[] = {0, 3, 7, 12};
    assert_int_equal(basis.n_seqs, ML_COUNT(settled));
    assert_memory_equal(basis.seqs, settled, sizeof settled);
    assert_int_equal(ml_basis_add(&basis, 3), 0);
    ml_basis_settle(&basis);
    assert_int_equal(basis.n_seqs, ML_COUNT(settled));
    ml_basis_release(&basis);
    ml_basis_settle(&basis);
    assert_int_equal(basis.n_seqs, 0);
}

static void a_sentence_is_said_once(void **state)
{
    (void)state;
    struct ml_basis basis = {0};
    assert_int_equal(ml_basis_unknown(&basis, "record %d gives no digest", 4), 0);
    assert_int_equal(ml_basis_unknown(&basis, "record %d gives no digest", 3), 0);
    assert_int_equal(ml_basis_unknown(&basis, "record %d gives no digest", 4), 0);
    assert_int_equal(basis.n_unknown, 2);
    assert_string_equal(basis.unknown[0], "record 4 gives no digest");
    assert_string_equal(basis.unknown[1], "record 3 gives no digest");
    ml_basis_release(&basis);
}

static struct ml_basis_verified verified_by(struct fixture *story, const char *known_dir)
{
    struct ml_view view;
    struct ml_basis_verified verified;
    assert_int_equal(ml_view_begin(story->ledger, &view), 0);
    if (ml_basis_verified(&view, known_dir, &verified) < 0)
        fail_msg("%s", mledger_error_text());
    ml_view_end(&view);
    return verified;
}

static void note_verified(struct fixture *story, uint64_t size, bool other_link)
{
    struct ml_view view;
    struct ml_known_verified known = {.size = size};
    assert_int_equal(ml_view_begin(story->ledger, &view), 0);
    assert_int_equal(ml_view_link_at(&view, size - 1, known.link), 0);
    known.link[0] ^= other_link;
    assert_int_equal(ml_known_verified_write(story->known, view.head.identity, &known), 0);
    ml_view_end(&view);
}

static void what_was_verified_counts_while_it_is_there(void **state)
{
    (void)state;
    struct fixture story;
    fixture_init(&story);
    story_add(&story);
    assert_int_equal(verified_by(&story, NULL).size, 0);
    assert_int_equal(verified_by(&story, story.known).size, 0);
    note_verified(&story, 5, false);
    struct ml_basis_verified verified = verified_by(&story, story.known);
    assert_int_equal(verified.size, 5);
    assert_int_equal(verified.checkpoint_size, 0);
    note_verified(&story, 9, true); /* another history stood there */
    assert_int_equal(verified_by(&story, story.known).size, 0);
    fixture_release(&story);
}

static void the_graph_of_a_lineage_is_a_basis(void **state)
{
    (void)state;
    uint64_t edge_seqs[] = {9, 4};
    const char *unknown[] = {"the source of raw is not recorded"};
    struct ml_node nodes[] = {{.seq = 4}, {.seq = 2}};
    struct ml_edge edges[] = {{.seqs = edge_seqs, .n_seqs = ML_COUNT(edge_seqs)}};
    struct ml_graph graph = {.nodes = nodes,
                             .n_nodes = ML_COUNT(nodes),
                             .edges = edges,
                             .n_edges = ML_COUNT(edges),
                             .unknown = unknown,
                             .n_unknown = ML_COUNT(unknown)};
    struct ml_basis basis = {0};
    assert_int_equal(ml_basis_add_graph(&basis, &graph), 0);
    ml_basis_settle(&basis);
    static const uint64_t settled[] = {2, 4, 9};
    assert_int_equal(basis.n_seqs, ML_COUNT(settled));
    assert_memory_equal(basis.seqs, settled, sizeof settled);
    assert_int_equal(basis.n_unknown, 1);
    ml_basis_release(&basis);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_stand_in_order_and_once),
        cmocka_unit_test(a_sentence_is_said_once),
        cmocka_unit_test(what_was_verified_counts_while_it_is_there),
        cmocka_unit_test(the_graph_of_a_lineage_is_a_basis),
    };
    return cmocka_run_group_tests_name("basis", tests, NULL, NULL);
}
