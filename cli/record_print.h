/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All of a record, for a person: every field with its name, digests with whether the content was
 * seen or is claimed, numbers of subjects with their names, values beside their keys, who signed
 * and who stated what.
 */
#ifndef ML_CLI_RECORD_PRINT_H
#define ML_CLI_RECORD_PRINT_H

#include "cli/output.h"
#include "ledger/store/ledger.h"

/* `view` NULL: of a ledger that is not here, so that keys and numbers stand without names. */
int ml_record_print(struct ml_output *out, struct ml_view *view,
                    const struct ml_record *record) ML_MUST_USE;

/* Only the event and the details, for a draft that is no record yet. `view` may be NULL: numbers
 * of subjects then stand alone. */
int ml_event_print(struct ml_output *out, struct ml_view *view, const Mledger__Event *event,
                   const Mledger__Details *details) ML_MUST_USE;

#endif
