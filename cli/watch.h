/* SPDX-License-Identifier: Apache-2.0 */
/* Makes what is due (vigil.h) in the session's ledger, while a command records what comes in. */
#ifndef ML_CLI_WATCH_H
#define ML_CLI_WATCH_H

#include "cli/checkpointing.h"
#include "cli/vigil.h"

/* The command has ML_OPTION_LOG_KEY and ML_OPTIONS_SIGNING as well. */
#define ML_OPTIONS_WATCH                                                                           \
    {.name = "checkpoint-every",                                                                   \
     .value = "N|TIME",                                                                            \
     .help = "Make a checkpoint after so many records (1000), or so long after the first that "    \
             "none covers (5m), and at the end."},                                                 \
    {                                                                                              \
        .name = "heartbeat", .value = "TIME",                                                      \
        .help = "Record a heartbeat when nothing was recorded for so long (30s, 5m), so that "     \
                "silence is proven too."                                                           \
    }

struct ml_watch {
    struct ml_vigil vigil;
    struct ml_session *session;     /* borrowed */
    const struct ml_signer *signer; /* of heartbeats */
    struct ml_checkpointing checkpointing;
    uint64_t size; /* records when it last looked */
    bool covers_end;
    uint64_t covered; /* records that the last checkpoint covers */
    uint64_t checkpoints, heartbeats;
};

/* Reads the options and finds the keys. MLEDGER_EUSAGE: an option is no number or time. Errors as
 * ml_checkpointing_init(). */
int ml_watch_begin(struct ml_watch *watch, struct ml_session *session,
                   const struct ml_signer *signer) ML_MUST_USE;
bool ml_watch_is_on(const struct ml_watch *watch);
/* A checkpoint is made at the end in any case, also of what was there before. Errors as
 * ml_checkpointing_init(). */
int ml_watch_cover_end(struct ml_watch *watch) ML_MUST_USE;
/* The caller has recorded up to record `last`. */
void ml_watch_recorded(struct ml_watch *watch, uint64_t last);
/* Takes note of what anybody has recorded. Errors as ml_ledger_head(). */
int ml_watch_look(struct ml_watch *watch) ML_MUST_USE;
/* Makes what is due. With --json each is told as the receipt of its record with its "kind". */
int ml_watch_keep(struct ml_watch *watch) ML_MUST_USE;
/* How long nothing will be due; -1: for ever. */
int64_t ml_watch_rest_us(struct ml_watch *watch);
/* The last checkpoint, if they are made and one would cover more. */
int ml_watch_end(struct ml_watch *watch) ML_MUST_USE;

#endif
