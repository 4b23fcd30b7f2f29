/* SPDX-License-Identifier: Apache-2.0 */
/* What the ledger says of a key: whose it is, what it may do, since when and until when. */
#ifndef ML_QUERY_STANDING_H
#define ML_QUERY_STANDING_H

#include "ledger/store/ledger.h"

struct ml_standing {
    bool known;  /* the rest is set */
    bool living; /* and not revoked or rotated */
    Mledger__KeyPurpose purpose;
    unsigned roles; /* that count: the key's and its actor's, ML_STANDING_ROLE() */
    uint64_t actor;
    uint64_t since_seq, until_seq; /* the latter MLEDGER_NO_SEQ while it lives */
    bool has_cause;
    Mledger__RevocationCause cause;
    char actor_id[256]; /* cut if longer; "" of a log key */
};
#define ML_STANDING_ROLE(role) (1u << (unsigned)(role))
int ml_standing_read(struct ml_view *view, const uint8_t key[ML_KEY_SIZE],
                     struct ml_standing *ret_standing) ML_MUST_USE;

/* "admin", "recorder", "approver". */
const char *ml_role_name(Mledger__Role role);

#endif
