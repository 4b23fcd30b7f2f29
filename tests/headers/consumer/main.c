/* SPDX-License-Identifier: Apache-2.0 */
/* A program that uses mledger as a library: makes a ledger in argv[1], appends, asks for the
 * lineage of what it appended, verifies. */
#include <mledger/lineage.h>
#include <mledger/verify.h>
#include <stdio.h>

/* Every step that leads to version 1, and the records that say so. */
static int print_lineage(struct mledger_ledger *ledger)
{
    struct mledger_lineage *lineage;
    if (mledger_lineage_read(ledger, "churn/1", NULL, &lineage))
        return 1;
    size_t node_count, edge_count;
    const struct mledger_node *nodes = mledger_lineage_nodes(lineage, &node_count);
    const struct mledger_edge *edges = mledger_lineage_edges(lineage, &edge_count);
    for (size_t i = 0; i < edge_count; i++)
        printf("%s %s %s #%llu\n", nodes[edges[i].from].id, mledger_edge_role_name(edges[i].role),
               nodes[edges[i].to].id, (unsigned long long)edges[i].seqs[0]);
    mledger_lineage_free(lineage);
    return 0;
}

static int use(const char *dir, struct mledger_verify_result *result)
{
    static const char lines[] =
        "{\"run_started\": {\"run_id\": \"r1\"}}\n"
        "{\"model_created\": {\"name\": \"churn\"}}\n"
        "{\"version_registered\": {\"model\": \"churn\", \"run_id\": \"r1\"}}\n";
    struct mledger_key *key = NULL, *log_key = NULL;
    struct mledger_ledger *ledger = NULL;
    int failed = mledger_key_generate(MLEDGER_KEY_SIGNER, "alice", &key) ||
                 mledger_key_generate(MLEDGER_KEY_LOG, "log", &log_key);
    if (!failed) {
        const struct mledger_founding founding = {.name = "consumer",
                                                  .origin = "example.org/consumer",
                                                  .actor_id = "alice",
                                                  .key = key,
                                                  .log_key = mledger_key_public(log_key)};
        failed = mledger_create(dir, NULL, &founding, &ledger) ||
                 mledger_append(ledger, key, lines, sizeof lines - 1, NULL, NULL) ||
                 print_lineage(ledger) || mledger_verify(ledger, NULL, NULL, NULL, result);
    }
    mledger_close(ledger);
    mledger_key_free(log_key);
    mledger_key_free(key);
    return failed;
}

int main(int argc, char **argv)
{
    struct mledger_verify_result result;
    if (argc != 2 || use(argv[1], &result)) {
        fprintf(stderr, "%s\n", mledger_error_text());
        return 1;
    }
    printf("%llu records, %llu faults\n", (unsigned long long)result.records,
           (unsigned long long)result.faults);
    return 0;
}
