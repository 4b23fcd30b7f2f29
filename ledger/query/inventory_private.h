/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the inventory share. */
#ifndef ML_QUERY_INVENTORY_PRIVATE_H
#define ML_QUERY_INVENTORY_PRIVATE_H

#include "ledger/query/exceptions.h"
#include "ledger/query/inventory.h"
#include "ledger/query/version_run.h"

enum { STOCK_EXAMPLES = 3 };

/* Versions of which a condition could not be judged. */
struct stock_unknown {
    size_t count;
    const char *examples[STOCK_EXAMPLES]; /* in the inventory's arena */
};

/* An inventory on its way: one model at a time, each with a reader of its own. */
struct stock {
    struct ml_view *view;
    const struct ml_inventory_options *options;
    struct ml_basis *basis;
    struct ml_inventory *inventory;
    struct stock_unknown unknown[ML_FILTER_CONDITIONS];
    /* of the model at hand */
    struct ml_reader reader;
    struct ml_model_past past;
    const char *owner; /* NULL: not known */
};

/* The version at hand with what its run says, which is looked up at most once. */
struct stock_version {
    const struct ml_model_version *version;
    const struct ml_run_past *run;
    bool run_known;
    uint64_t used[2 * ML_FILTER_CONDITIONS]; /* records that conditions rest on */
    size_t n_used;
};

/* inventory_filter.c: whether the version meets every condition, YES or NO; of the model alone
 * where `version` is NULL, and then conditions on versions are passed over. */
int stock_matches(struct stock *stock, struct stock_version *version,
                  enum ml_filter_answer *ret_answer) ML_MUST_USE;
/* Whether there are conditions on versions. */
bool stock_chooses_versions(const struct stock *stock);
/* Says of each condition how many versions it could not be judged on. */
int stock_say_unknown(struct stock *stock) ML_MUST_USE;

/* inventory_version.c: what is shown of a version, in the inventory's arena. */
bool stock_matters(const struct ml_model_past *past, const struct ml_model_version *version);
int stock_show_version(struct stock *stock, const struct ml_model_version *version,
                       struct ml_inventory_version *ret_shown) ML_MUST_USE;
int stock_text(struct stock *stock, const char *text, const char **ret_copy) ML_MUST_USE;

#endif
