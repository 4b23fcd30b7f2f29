/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters and metrics of a run from files, as ingest/flat.h reads them. Errors are its own. */
#ifndef ML_CLI_RUN_FILES_H
#define ML_CLI_RUN_FILES_H

#include "cli/recording.h"

/* Each adds what the file holds to the draft added last and its event. */
int ml_run_files_params(struct ml_recording *recording, const char *path,
                        Mledger__RunLogged *logged) ML_MUST_USE;
/* What is no number is no metric: *ret_left_out says how many values are none. */
int ml_run_files_metrics(struct ml_recording *recording, const char *path,
                         Mledger__RunLogged *logged, size_t *ret_left_out) ML_MUST_USE;

#endif
