/* SPDX-License-Identifier: Apache-2.0 */
/* The question of ledger/query/impact.h in a person's words. */
#ifndef ML_QUERY_IMPACT_WORDS_H
#define ML_QUERY_IMPACT_WORDS_H

#include "ledger/query/impact.h"
#include "ledger/query/key_name.h"

struct ml_impact_words {
    const char *const *what; /* references, "key:NAME", or the first digits of keys */
    size_t count;
    const char *since; /* of keys: as ml_as_of_parse(); NULL: all that they signed */
    bool same_content, inferred;
    size_t max_nodes;                 /* as struct ml_impact_question */
    const struct ml_key_names *names; /* NULL: keys go by their digits */
};

/* Initialises *ret_impact in any case, to be released. MLEDGER_EUSAGE: `since` without a key, or
 * an actor, who has no lineage. Errors as ml_reference_resolve(), ml_key_by_name(), ml_impact(). */
int ml_impact_ask(struct ml_reader *reader, const struct ml_impact_words *words,
                  struct ml_basis *basis, struct ml_impact *ret_impact) ML_MUST_USE;

#endif
