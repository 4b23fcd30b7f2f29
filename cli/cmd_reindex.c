/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "cli/commands.h"
#include "cli/session.h"

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session;
    struct ml_head head;
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_REINDEX, &session));
    ML_TRY(ml_ledger_reindex(session.ledger));
    ML_TRY(ml_ledger_head(session.ledger, &head));
    if (!invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN, "made again from %" PRIu64 " record%s", head.size,
                       head.size == 1 ? "" : "s");
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:I}", "size", (json_int_t)head.size);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

const struct ml_command ml_command_reindex = {
    .name = "reindex",
    .summary = "Make indexes and current state again from the records",
    .description =
        (const char *const[]){
            "Everything that is derived is dropped and made again, in one step: records are only "
            "read. If one of them does not pass the rules nothing is changed, and the record is "
            "named.",
            NULL},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "A record is damaged. Nothing was changed."}, {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
