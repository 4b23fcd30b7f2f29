/* SPDX-License-Identifier: Apache-2.0 */
/* A run that starts, as the commands that start one tell of it. */
#ifndef ML_CLI_RUN_NEW_H
#define ML_CLI_RUN_NEW_H

#include "cli/recording.h"

/* What they have in their tables, besides ML_OPTIONS_RECORDING. */
#define ML_OPTIONS_RUN_NEW                                                                         \
    {.name = "id",                                                                                 \
     .value = "ID",                                                                                \
     .help = "The run's id. Without it 32 random hexadecimal digits, as MLflow makes them."},      \
        {.name = "experiment",                                                                     \
         .value = "NAME",                                                                          \
         .help = "The experiment that the run belongs to; it is created if it is new."},           \
        {.name = "name", .value = "NAME", .help = "A name for people."},                           \
        {.name = "parent", .value = "ID", .help = "The id of the run that this one is part of."},  \
    {                                                                                              \
        .name = "commit", .value = "auto|HEX|none",                                                \
        .help = "The Git commit of the code. auto is the one checked out here, and it is an "      \
                "error if there is none."                                                          \
    }

/* Adds drafts: of the experiment, if it is new, and of the run, which is then the main one. Its id
 * is the recording's fact "run_id".
 * MLEDGER_EUSAGE: an option is not of its form. MLEDGER_ESYSTEM: --commit=auto was asked for and
 * there is none; Git or the ledger cannot be read; no random numbers; memory is out. */
int ml_run_new_add(struct ml_recording *recording, Mledger__RunStarted **ret_started) ML_MUST_USE;

#endif
