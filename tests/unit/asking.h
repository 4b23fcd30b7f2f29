/* SPDX-License-Identifier: Apache-2.0 */
/* A question in the middle: a ledger, a reader of its newest state, and what the answer rests on.
 */
#ifndef TESTS_ASKING_H
#define TESTS_ASKING_H

#include "ledger/query/basis.h"
#include "ledger/query/reference.h"
#include "tests/unit/ledger_fixture.h"

struct asking {
    struct fixture fixture;
    struct ml_view view;
    struct ml_reader reader;
    struct ml_basis basis;
};

/* Reads the ledger as it is now; what was asked before is forgotten. */
void asking_begin(struct asking *asking);
/* Forgets what was asked; again is nothing. */
void asking_end(struct asking *asking);
/* The thing that a reference names, which must be there. */
void asking_resolve(struct asking *asking, const char *text, struct ml_target *ret_target);

#endif
