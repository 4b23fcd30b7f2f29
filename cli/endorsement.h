/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What outsiders add to a checkpoint before it is kept: cosignatures of the witnesses that the
 * user's policy names, and timestamps.
 *
 * A checkpoint that not enough witnesses have cosigned, or that an authority did not stamp, is not
 * kept at all, unless --partial says that what there is will do: what verify would not believe
 * should not look like something it does.
 */
#ifndef ML_CLI_ENDORSEMENT_H
#define ML_CLI_ENDORSEMENT_H

#include "cli/session.h"
#include "cli/witness_file.h"
#include "ledger/core/timestamp.h"
#include "serve/cosign.h"

#define ML_OPTIONS_ENDORSING                                                                       \
    {.name = "cosign", .help = "Have the witnesses of the policy cosign it (mledger witness)."},   \
        {.name = "tsa",                                                                            \
         .value = "URL",                                                                           \
         .repeated = true,                                                                         \
         .help = "Have this authority stamp it with the time (RFC 3161)."},                        \
    {                                                                                              \
        .name = "partial",                                                                         \
        .help = "Keep it although not enough witnesses have cosigned it, or an authority did not " \
                "stamp it."                                                                        \
    }

enum { ML_STAMPS_MAX = 16 };

struct ml_endorsement {
    struct ml_witness_file policy;
    struct ml_cosigned *cosigned; /* NULL: witnesses were not asked */
    size_t n_stamps;
    struct ml_got_stamp {
        struct ml_buf token;
        struct ml_timestamp says; /* whoever that is */
    } stamps[ML_STAMPS_MAX];
};

/* Asks whom the invocation's options name, and adds cosignatures to `note`. What failed and does
 * not matter is a warning on standard error. Initialises *ret_endorsement in any case.
 * MLEDGER_EUSAGE: there are no witnesses, or too many authorities are named. MLEDGER_ESYSTEM: not
 * enough was got. */
int ml_endorse(struct ml_session *session, struct ml_buf *note,
               struct ml_endorsement *ret_endorsement) ML_MUST_USE;
void ml_endorsement_release(struct ml_endorsement *endorsement);

/* Whether a checkpoint that is noted already has what was asked for now. Gives 1 or 0. */
int ml_endorsement_had(const struct ml_session *session, const struct ml_endorsement *endorsement,
                       const Mledger__CheckpointNoted *noted) ML_MUST_USE;

/* Adds "witnesses", "enough" and "timestamps" to the checkpoint's JSON, as far as they were asked
 * for. */
int ml_endorsement_to_json(const struct ml_endorsement *endorsement, json_t *json) ML_MUST_USE;
/* {"time", "accuracy_us", "authority"}; a new reference. */
int ml_timestamp_to_json(const struct ml_timestamp *timestamp, json_t **ret_json) ML_MUST_USE;

#endif
