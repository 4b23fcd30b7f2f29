/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which record a time in the past stands for: DESIGN section 2. The ledger's own times are what a
 * stolen key could have chosen, so only outsiders count: a checkpoint that a record notes and that
 * was there before the time, as witnesses or an authority say, covers records that were there, too.
 */
#ifndef ML_CLI_SINCE_TIME_H
#define ML_CLI_SINCE_TIME_H

#include "cli/session.h"

/* Whom to believe. */
#define ML_OPTIONS_OUTSIDE_TIME                                                                    \
    {.name = "witness-policy",                                                                     \
     .value = "FILE",                                                                              \
     .rule = {.kind = ML_VALUE_FILE},                                                              \
     .help = "With --since: witnesses whose times are believed, a tlog-policy; your own policy "   \
             "for the ledger unless given."},                                                      \
    {                                                                                              \
        .name = "tsa-roots", .value = "FILE", .rule = {.kind = ML_VALUE_FILE},                     \
        .help = "With --since: certificates (PEM) of authorities whose timestamps are believed."   \
    }

/* A checkpoint that was there at a time. */
struct ml_dated_checkpoint {
    uint64_t seq;    /* of the record that notes it */
    uint64_t size;   /* records under it: they were there, and what follows may not have been */
    int64_t time_us; /* by which outsiders had seen it */
};

/*
 * The last noted checkpoint that outsiders have seen at `time_us` at the latest: as many witnesses
 * as the policy asks for, and it asks for one at least, or one authority, its accuracy added.
 * MLEDGER_ENOTFOUND: there is none (no text is set). MLEDGER_EINVALID, MLEDGER_ESYSTEM: policy or
 * roots cannot be read.
 */
int ml_since_time(struct ml_session *session, int64_t time_us,
                  struct ml_dated_checkpoint *ret_dated) ML_MUST_USE;

#endif
