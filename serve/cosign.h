/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking witnesses to cosign a checkpoint of a ledger (C2SP tlog-witness, the log's side). Nothing
 * is recorded here.
 *
 * Each witness of a policy is asked with the proof from what it cosigned last, as the ledger's
 * noted checkpoints say; if it knows another size it says which, and is asked once more. Witnesses
 * are asked one after the other, in the order of the policy. One that cannot be reached or will not
 * is an answer, not an error: whether the others are enough is the policy's to say.
 */
#ifndef ML_SERVE_COSIGN_H
#define ML_SERVE_COSIGN_H

#include "ledger/core/witness_policy.h"
#include "ledger/store/ledger.h"

enum { ML_COSIGN_TIMEOUT_MS = 10000, ML_COSIGN_TEXT_SIZE = 600 };

enum ml_cosign_outcome {
    ML_COSIGN_DONE,
    ML_COSIGN_NO_URL,
    ML_COSIGN_FAILED, /* not reached, would not, or answered something that is no cosignature */
    ML_COSIGN_CONTRADICTED, /* says that it has cosigned what this ledger does not go on from */
};

/* What became of one witness. */
struct ml_cosign_answer {
    const char *name; /* the policy's */
    enum ml_cosign_outcome outcome;
    char text[ML_COSIGN_TEXT_SIZE]; /* a sentence unless it is done */
};

struct ml_cosigned {
    size_t count, done;
    struct ml_cosign_answer answers[ML_POLICY_WITNESSES_MAX];
    bool enough;                       /* the policy believes the note as it is now */
    char missing[ML_COSIGN_TEXT_SIZE]; /* why not */
    struct ml_witnessed witnessed;     /* if it is enough */
};

/*
 * Adds the cosignatures of the policy's witnesses to `note`, a checkpoint of `ledger`, each
 * verified before. *ret_cosigned says who did; it points into the policy. MLEDGER_EINVALID: `note`
 * is no checkpoint, or has a signature on it that does not hold. MLEDGER_EDAMAGED: the ledger gives
 * no proof. MLEDGER_ESYSTEM.
 */
int ml_cosign(struct ml_ledger *ledger, const struct ml_witness_policy *policy, struct ml_buf *note,
              struct ml_cosigned *ret_cosigned) ML_MUST_USE;

#endif
