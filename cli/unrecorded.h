/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happened and could not be recorded, kept so that it can be: lines for `mledger append`, in
 * a file beside the known heads. Subjects that the ledger has yet to number are named in it.
 */
#ifndef ML_CLI_UNRECORDED_H
#define ML_CLI_UNRECORDED_H

#include "cli/recording.h"

/* Appends a line for each of the recording's drafts to `lines`. MLEDGER_EINVALID: a draft is
 * malformed. MLEDGER_ESYSTEM: memory is out. */
int ml_unrecorded_lines(const struct ml_recording *recording, struct ml_buf *lines) ML_MUST_USE;

/* Appends the lines to the file of the run `run_id`, durably; *ret_path, the caller's, is where
 * that is. MLEDGER_ESYSTEM: it cannot be written. */
int ml_unrecorded_keep(const struct ml_session *session, const char *run_id, struct ml_span lines,
                       char **ret_path) ML_MUST_USE;

#endif
