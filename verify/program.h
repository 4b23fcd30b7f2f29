/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mledger-verify: checks what came from somebody else's ledger, and needs nothing of that ledger's,
 * no database and no network. Exit codes are mledger's: 0 good, 1 the answer is no, 2 usage, 3 it
 * could not be done.
 *
 *     program.c           main: reads what is trusted, finds the format, says how it ended
 *     program_options.c   the command line, --help and the man page, from one table
 *     program_format.c    the formats that it reads, told apart by their first bytes
 *     program_report.c    what is proven, hidden, not proven; findings
 */
#ifndef VERIFY_PROGRAM_H
#define VERIFY_PROGRAM_H

#include <jansson.h>
#include <stdio.h>

#include "verify/anchor.h"

enum { PROGRAM_NOTES = 32, PROGRAM_KEYS = 64, PROGRAM_REQUIRED = 32 };

/* What was asked for. */
struct program_request {
    const char *path; /* FILE or DIR */
    bool json, quiet, help, version, man;
    struct ml_vkey vkeys[PROGRAM_KEYS];
    struct ml_buf note_bytes[PROGRAM_NOTES];
    struct ml_verify_note notes[PROGRAM_NOTES];
    uint8_t identity[ML_HASH_SIZE];
    struct ml_witness_policy *policy;
    struct ml_timestamp_roots *tsa_roots; /* NULL: none were given */
    struct ml_verify_anchors anchors;     /* all of the above that was given */
    const char *required[PROGRAM_REQUIRED];
    size_t n_required;
};

/* Reads the command line and the files that it names. Initialises *ret_request in any case.
 * MLEDGER_EUSAGE; MLEDGER_EINVALID: a key, checkpoint or policy is none; MLEDGER_ESYSTEM. */
int program_request_read(int argc, char **argv, struct program_request *ret_request) ML_MUST_USE;
void program_request_release(struct program_request *request);
/* Text for the terminal, or the man page (mdoc-free roff). */
void program_print_help(FILE *stream);
void program_print_man(FILE *stream, const char *version, const char *released);

/* Reads a whole file of at most `limit` bytes. MLEDGER_ENOTFOUND: it is not there (the text is
 * set); MLEDGER_EINVALID: it is larger; MLEDGER_ESYSTEM. */
int program_read_file(const char *path, size_t limit, struct ml_buf *ret_bytes) ML_MUST_USE;

/* What was found out. */
struct program_report {
    const struct program_request *request;
    const char *format; /* "export" */
    struct ml_verify_result result;
    json_t *findings; /* all of them, in order */
    json_t *bundle;   /* of an evidence bundle: what it is about, and what it shows; else NULL */
    uint64_t lacking; /* not proven though required */
};
/* An ml_finding_visitor whose context is the report. */
int program_take_finding(const struct ml_finding *finding, void *context) ML_MUST_USE;
bool program_is_good(const struct program_report *report);
/* Writes the answer. MLEDGER_ESYSTEM: it cannot be written. */
int program_print_report(struct program_report *report, FILE *stream) ML_MUST_USE;

/* Finds out what the file or directory is and verifies it, with `options` as prepared.
 * MLEDGER_EINVALID: it is nothing that is known here; also what verifying returns. */
int program_verify(struct program_report *report,
                   const struct ml_verify_options *options) ML_MUST_USE;

#endif
