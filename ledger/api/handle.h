/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the public handles are underneath. A struct mledger_ledger is never defined: it is a
 * struct ml_ledger that users of the library cannot look into.
 */
#ifndef ML_API_HANDLE_H
#define ML_API_HANDLE_H

#include "ledger/store/ledger.h"
#include "mledger/ledger.h"

static inline struct ml_ledger *ml_handle(struct mledger_ledger *ledger)
{
    return (struct ml_ledger *)(void *)ledger;
}

static inline struct mledger_ledger *ml_public(struct ml_ledger *ledger)
{
    return (struct mledger_ledger *)(void *)ledger;
}

/* A signer of the key, which must outlive it. */
struct ml_signer ml_api_signer(const struct mledger_key *key);

#endif
