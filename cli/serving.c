/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/serving.h"

void ml_serving_begin(sigset_t *ret_signals)
{
    sigemptyset(ret_signals);
    sigaddset(ret_signals, SIGINT);
    sigaddset(ret_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
}

int ml_serving_print(const struct ml_session *session, const struct ml_server *server)
{
    struct ml_output *out = session->out;
    const char *address = ml_server_address(server);
    if (!session->invocation->json) {
        ml_output_line(out, ML_ROLE_PLAIN, "listening on %s://%s",
                       ml_server_is_tls(server) ? "https" : "http", address);
        return ml_output_finish(out);
    }
    json_t *json = json_pack("{s:s, s:b}", "listening", address, "tls", ml_server_is_tls(server));
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return ml_output_finish(out);
}

void ml_serving_wait(const sigset_t *signals)
{
    int signal_number;
    while (sigwait(signals, &signal_number) != 0)
        continue;
}
