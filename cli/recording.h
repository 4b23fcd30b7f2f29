/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One command's records: a session, and drafts that are appended together, all or none.
 *
 *     ML_CLEANUP(ml_recording_release) struct ml_recording recording = {0};
 *     Mledger__RunDeleted *deleted;
 *     ML_TRY(ml_recording_open(invocation, out, &recording));
 *     ML_TRY(ml_recording_add(&recording, "run_deleted", &deleted));
 *     …
 *     ML_TRY(ml_recording_commit(&recording));
 *     return ml_recording_print(&recording, "deleted run %s", id);
 *
 * A command that uses it has ML_OPTIONS_RECORDING in its table.
 */
#ifndef ML_CLI_RECORDING_H
#define ML_CLI_RECORDING_H

#include "cli/session.h"

#define ML_OPTION_REASON                                                                           \
    {                                                                                              \
        .name = "reason", .value = "TEXT",                                                         \
        .help = "Say why. It stands in the record's details, which can be erased one day."         \
    }
#define ML_OPTION_OCCURRED_AT                                                                      \
    {                                                                                              \
        .name = "occurred-at", .value = "TIME",                                                    \
        .help = "When it happened, such as 2026-03-01T14:32:00Z; now, unless given. When it was "  \
                "recorded is in the record in any case."                                           \
    }
#define ML_OPTION_DESCRIPTION                                                                      \
    {                                                                                              \
        .name = "description", .value = "TEXT", .help = "Describe it, for people."                 \
    }
#define ML_OPTION_TAG                                                                              \
    {                                                                                              \
        .name = "tag", .value = "KEY=VALUE", .repeated = true, .help = "Set a tag on it."          \
    }
/* What every command has that records. */
#define ML_OPTIONS_RECORDING ML_OPTION_REASON, ML_OPTION_OCCURRED_AT, ML_OPTIONS_SIGNING

struct ml_recording {
    struct ml_session session;
    int64_t occurred_at_us; /* --occurred-at, or now */
    struct ml_draft **drafts;
    size_t count, cap;
    size_t main; /* number of the draft that the command is about; 0 unless the command sets it */
    struct ml_receipt *receipts; /* once appended */
    json_t *facts;               /* what --json says besides the receipt */
};

/* Opens the ledger. Initialises *ret_recording in any case, so that it can be released. Errors as
 * ml_session_open(); MLEDGER_EUSAGE: --occurred-at is no time. */
int ml_recording_open(const struct ml_invocation *invocation, struct ml_output *out,
                      struct ml_recording *ret_recording) ML_MUST_USE;
/* Forgets drafts and receipts, for a command that records again later. */
void ml_recording_clear(struct ml_recording *recording);
void ml_recording_release(struct ml_recording *recording);

/* One more draft of this kind of event, the recording's, with what the command line says in its
 * details: --reason, --description if the command has it, the time. *ret_body is the event's
 * message. MLEDGER_ESYSTEM: memory is out. */
int ml_recording_add(struct ml_recording *recording, const char *kind, void *ret_body) ML_MUST_USE;
/* The same for a draft of a ledger that is not here, with who recorded it; the caller's. Errors as
 * ml_recording_open() and ml_session_describe(). */
int ml_recording_draft_alone(struct ml_session *session, const char *kind,
                             struct ml_draft **ret_draft, void *ret_body) ML_MUST_USE;
/* The draft added last. */
struct ml_draft *ml_recording_draft(const struct ml_recording *recording);

/* What --json says besides: a new reference is taken over, also on failure. */
int ml_recording_fact(struct ml_recording *recording, const char *key, json_t *value) ML_MUST_USE;

/* Appends the drafts, signed by --key or the user's recorder key. Errors of ml_ledger_append()
 * and of finding the key. */
int ml_recording_commit(struct ml_recording *recording) ML_MUST_USE;
/* For a command that appends in its own way, on failure: takes the number of the record that was
 * to be out of the error, as there is no such record. Gives `result`. */
int ml_recording_failed(struct ml_recording *recording, int result) ML_MUST_USE;
/* Prints the receipts and a sentence (NULL: none); as JSON the receipt of the main record with
 * the facts, and those of the others as "also". */
int ml_recording_print(struct ml_recording *recording, const char *format, ...)
    ML_PRINTF(2, 3) ML_MUST_USE;

#endif
