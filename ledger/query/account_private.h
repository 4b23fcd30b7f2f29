/* SPDX-License-Identifier: Apache-2.0 */
/* An account on its way. Private to the account*.c files. */
#ifndef ML_QUERY_ACCOUNT_PRIVATE_H
#define ML_QUERY_ACCOUNT_PRIVATE_H

#include "ledger/query/account.h"

/* Seqs of records are gathered while nodes are described, and read at the end; so a node's record,
 * began and ended are first kept as seqs. */
struct account_seqs {
    uint64_t record, began, ended; /* the latter two MLEDGER_NO_SEQ: none */
};

struct account_work {
    struct ml_account *account;
    struct account_seqs *seqs; /* by node */
    uint64_t *needed;
    size_t n_needed, cap_needed;
};

/* The record will be in account->records. */
int account_need(struct account_work *work, uint64_t seq) ML_MUST_USE;
/* Zeroed memory that lives as long as the account; NULL: memory is out … */
void *account_array(struct account_work *work, size_t count, size_t size);
/* … which this says. */
int account_fail(const struct account_work *work);

/* account_run.c: all that the records of the run say, which `seq` started. */
int account_run(struct account_work *work, size_t node, uint64_t seq) ML_MUST_USE;
/* account_logged_model.c: the same of a logged model, which `seq` created. */
int account_logged_model(struct account_work *work, size_t node, uint64_t seq) ML_MUST_USE;
/* account_node.c: the node, of whatever kind. */
int account_node(struct account_work *work, size_t node) ML_MUST_USE;
/* Once all are described: what they say of each other. */
int account_approvals(struct account_work *work) ML_MUST_USE;

/* Attribute of the graph's node called so; NULL. */
const char *account_attribute(const struct ml_node *node, const char *name);

#endif
