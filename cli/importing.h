/* SPDX-License-Identifier: Apache-2.0 */
/* What every command has that imports: the ledger, who records, and who we are to a server. */
#ifndef ML_CLI_IMPORTING_H
#define ML_CLI_IMPORTING_H

#include "cli/session.h"
#include "ingest/import.h"

struct ml_importing {
    struct ml_session session;
    struct ml_import_options options; /* to be completed; what is here is the importing's */
    char *client;
    char *directory; /* where a relative place begins; NULL: that cannot be told */
};

/* Opens the ledger. MLflow's own variables say who asks a server. Errors as ml_session_open(). To
 * be released in any case. */
int ml_importing_open(const struct ml_invocation *invocation, struct ml_output *out,
                      const char *place, struct ml_importing *ret_importing) ML_MUST_USE;
void ml_importing_release(struct ml_importing *importing);

typedef int ml_importer(struct ml_ledger *ledger, const struct ml_signer *signer, const char *place,
                        const struct ml_import_options *options, struct ml_import_report *report);
/* Runs it, signed by --key or the user's recorder key. Errors are the importer's, and those of
 * finding the key. */
int ml_importing_run(struct ml_importing *importing, ml_importer *run, const char *place,
                     struct ml_import_report *report) ML_MUST_USE;

/* Whether the place is a server's, and no file or folder here. */
bool ml_importing_is_server(const char *place);

#endif
