/* SPDX-License-Identifier: Apache-2.0 */
/* What a question is asked of: a view of the ledger, up to the record that --as-of names. */
#ifndef ML_CLI_MOMENT_H
#define ML_CLI_MOMENT_H

#include "cli/session.h"
#include "export/draw_frame.h"
#include "ledger/query/as_of.h"

struct ml_moment {
    struct ml_view view;
    bool open;
    uint64_t as_of;            /* the newest record that counts */
    struct ml_instant instant; /* that record, and the time that was asked about */
    char as_of_time[32];
    struct ml_arena arena;
    const char *ledger; /* its name, in the arena */
};

/* Begins a view of the session's ledger; the command has ML_OPTION_AS_OF. Initialises *ret_moment
 * in any case, to be released. Errors as ml_as_of_parse(), ml_as_of_resolve() and reading records.
 */
int ml_moment_open(const struct ml_session *session, struct ml_moment *ret_moment) ML_MUST_USE;
void ml_moment_release(struct ml_moment *moment);

/* The frame of a picture of an answer to `query`; it borrows from both. */
struct ml_draw_frame ml_moment_frame(const struct ml_moment *moment, const char *query);

#endif
