/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/importing.h"

#include <unistd.h>

#include "cli/environment.h"
#include "ledger/core/utf8.h"

static int make_client(struct ml_importing *importing, const struct ml_program *program)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_TRY(ml_buf_printf(&text, "%s %s", program->name, program->version));
    return ml_buf_take_text(&text, &importing->client);
}

bool ml_importing_is_server(const char *place)
{
    return strstr(place, "://") && strncmp(place, "sqlite:", 7) != 0;
}

/* A server's place begins nowhere here. */
static void find_directory(struct ml_importing *importing, const char *place)
{
    if (ml_importing_is_server(place))
        return;
    ML_CLEANUP(ml_freep) char *directory = getcwd(NULL, 0);
    if (directory && ml_utf8_is_text(ML_SPAN(directory, strlen(directory))))
        importing->directory = ML_TAKE(directory);
}

int ml_importing_open(const struct ml_invocation *invocation, struct ml_output *out,
                      const char *place, struct ml_importing *ret_importing)
{
    *ret_importing = (struct ml_importing){0};
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &ret_importing->session));
    ML_TRY(make_client(ret_importing, invocation->program));
    find_directory(ret_importing, place);
    ret_importing->options = (struct ml_import_options){
        .client = ret_importing->client,
        .directory = ret_importing->directory,
        .credentials =
            {
                .token = ml_environment_get("MLFLOW_TRACKING_TOKEN"),
                .user = ml_environment_get("MLFLOW_TRACKING_USERNAME"),
                .password = ml_environment_get("MLFLOW_TRACKING_PASSWORD"),
                .ca_file = ml_environment_get("MLFLOW_TRACKING_SERVER_CERT_PATH"),
            },
    };
    return MLEDGER_OK;
}

void ml_importing_release(struct ml_importing *importing)
{
    free(importing->client);
    free(importing->directory);
    ml_session_release(&importing->session);
}

int ml_importing_run(struct ml_importing *importing, ml_importer *run, const char *place,
                     struct ml_import_report *report)
{
    const struct ml_signer *signer;
    ML_TRY(ml_session_signer(&importing->session, MLEDGER__ROLE__RECORDER, &signer));
    return run(importing->session.ledger, signer, place, &importing->options, report);
}
