/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is due while records come in: a checkpoint after so many records or so long after the first
 * that none covers, a heartbeat after so long a silence. Times are microseconds of any one clock,
 * which the caller reads: nothing here waits, or knows what time it is.
 */
#ifndef ML_CLI_VIGIL_H
#define ML_CLI_VIGIL_H

#include "ledger/core/base.h"

struct ml_vigil {
    uint64_t every_records;  /* a checkpoint after so many; 0: never */
    int64_t every_us;        /* … after so long; 0: never */
    int64_t silence_us;      /* a heartbeat after so long without a record; 0: never */
    uint64_t uncovered;      /* records since the last checkpoint */
    int64_t uncovered_at_us; /* when the first of them came */
    int64_t last_us;         /* when the last record came */
};

enum ml_vigil_due {
    ML_VIGIL_NOTHING = 0,
    ML_VIGIL_CHECKPOINT = 1,
    ML_VIGIL_HEARTBEAT = 2,
};

/* "500ms", "30s", "5m", "12h", "7d"; more than 0 and at most 10 years. MLEDGER_EUSAGE: it is none;
 * `what` names the option. */
int ml_duration_parse(const char *what, const char *text, int64_t *ret_us) ML_MUST_USE;
/* A number of records, or a duration, for a checkpoint every so often. Errors as above. */
int ml_vigil_every(struct ml_vigil *vigil, const char *what, const char *text) ML_MUST_USE;

/* Whether anything is ever due. */
bool ml_vigil_is_kept(const struct ml_vigil *vigil);
/* The silence begins. */
void ml_vigil_begin(struct ml_vigil *vigil, int64_t now_us);
/* So many records came; those that note checkpoints are none of them. */
void ml_vigil_recorded(struct ml_vigil *vigil, uint64_t count, int64_t now_us);
/* A checkpoint covers all that came; the silence begins anew. */
void ml_vigil_covered(struct ml_vigil *vigil, int64_t now_us);

/* What is due, a checkpoint first. A clock that went back starts the time anew. */
enum ml_vigil_due ml_vigil_due(struct ml_vigil *vigil, int64_t now_us);
/* How long nothing will be due, 0 if something is; -1: for ever, unless a record comes. */
int64_t ml_vigil_rest_us(struct ml_vigil *vigil, int64_t now_us);

#endif
