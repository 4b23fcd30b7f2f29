/* SPDX-License-Identifier: Apache-2.0 */
/* What the records of a run or of a logged model add up to: parameters, newest metrics, tags,
 * files. Private to the account*.c files. */
#ifndef ML_QUERY_ACCOUNT_FOLD_H
#define ML_QUERY_ACCOUNT_FOLD_H

#include "ledger/query/account_private.h"

struct account_fold {
    struct account_work *work;
    struct ml_account_node *node;
    uint64_t subject;
    const struct ml_record *record;
    const Mledger__Details *details; /* of the record; NULL: none, or erased */
    struct ml_account_value *params;
    size_t n_params, cap_params;
    struct account_point *points;
    size_t n_points, cap_points;
    struct account_tag *tags;
    size_t n_tags, cap_tags;
    struct ml_account_file *files;
    size_t n_files, cap_files;
};

/* Adds what fold->record says; for which its visitor is called with each record of the subject. */
typedef int account_visitor(struct account_fold *fold);

/* Has each record of the subject visited in turn, by seq, then gives the node what that added up
 * to. */
int account_fold(struct account_fold *fold, account_visitor *visit) ML_MUST_USE;
void account_fold_release(struct account_fold *fold);

/* What a record says alike of both: files, tags. */
int account_add_common(struct account_fold *fold) ML_MUST_USE;
int account_add_params(struct account_fold *fold, char *const *keys, size_t count) ML_MUST_USE;
/* The point at `index` of the record, a RunLogged. */
int account_add_point(struct account_fold *fold, size_t index) ML_MUST_USE;
int account_add_tags(struct account_fold *fold, char *const *keys, size_t count,
                     bool deleted) ML_MUST_USE;
int account_add_files(struct account_fold *fold, Mledger__Artifact *const *artifacts,
                      size_t count) ML_MUST_USE;

#endif
