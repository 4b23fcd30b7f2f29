/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/asking.h"

#include "tests/unit/cmocka_all.h"

void asking_end(struct asking *asking)
{
    ml_basis_release(&asking->basis);
    if (asking->view.txn) {
        ml_reader_release(&asking->reader);
        ml_view_end(&asking->view);
    }
    asking->view = (struct ml_view){0};
    asking->basis = (struct ml_basis){0};
}

void asking_begin(struct asking *asking)
{
    asking_end(asking);
    assert_int_equal(ml_view_begin(asking->fixture.ledger, &asking->view), 0);
    ml_reader_init(&asking->reader, &asking->view, asking->view.head.size - 1);
}

void asking_resolve(struct asking *asking, const char *text, struct ml_target *ret_target)
{
    struct ml_reference_text reference;
    assert_int_equal(ml_reference_parse(text, &reference), 0);
    assert_int_equal(ml_reference_resolve(&asking->reader, &reference, ret_target), 0);
}
