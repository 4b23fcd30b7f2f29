/* SPDX-License-Identifier: Apache-2.0 */
/* A server's list of users: what is read is written to a text that reads the same. */
#include "serve/gate/users.h"
#include "tests/fuzz/target.h"

/* The ledger that the seeds name. */
static const uint8_t ledger[ML_HASH_SIZE] = {7};

static void check_again(const struct ml_users *users)
{
    struct ml_users again;
    ML_CLEANUP(ml_buf_release) struct ml_buf first = {0}, second = {0};
    FUZZ_CHECK(ml_users_write(users, ledger, &first) >= 0);
    FUZZ_CHECK(ml_users_parse("written", ml_buf_span(&first), ledger, &again) >= 0);
    FUZZ_CHECK(again.count == users->count);
    FUZZ_CHECK(ml_users_write(&again, ledger, &second) >= 0);
    FUZZ_CHECK(ml_span_equal(ml_buf_span(&first), ml_buf_span(&second)));
    ml_users_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ml_users users;
    const int result = ml_users_parse("input", ML_SPAN(data, size), ledger, &users);
    FUZZ_CHECK(result == MLEDGER_OK || result == MLEDGER_EINVALID);
    if (result < 0)
        FUZZ_CHECK(mledger_error_text()[0] != '\0');
    else
        check_again(&users);
    for (size_t i = 0; i < users.count; i++) {
        const struct ml_user *user = users.list[i];
        const struct ml_user *found = ml_users_find(&users, user->kind, user->id);
        FUZZ_CHECK(found && strcmp(found->id, user->id) == 0 && found->kind == user->kind);
    }
    ml_users_release(&users);
    return 0;
}
