/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A timestamping authority for tests of the command.
 *
 *     tsa_server ROOTS.pem [refusing]
 *
 * Writes the certificate of its root to ROOTS.pem, listens on 127.0.0.1 on a port that the kernel
 * picks, prints its URL, and stamps whatever is posted to it, by the machine's clock, until it is
 * told to end; `refusing` it knows no algorithm that it is asked for.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "ledger/core/time.h"
#include "serve/server.h"
#include "tests/unit/tsa.h"

enum { REQUEST_MAX = 65536 };

static int stamp(const struct ml_server_request *request, void *context,
                 struct ml_server_reply *reply)
{
    struct tsa *tsa = context;
    int64_t now_us = ml_time_now_us();
    if (strcmp(request->method, "POST") != 0) {
        reply->status = 405;
        return 0;
    }
    tsa_set_clock(tsa, now_us / 1000000, (long)(now_us % 1000000));
    tsa_respond(tsa, request->body, &reply->body);
    reply->status = 200;
    reply->content_type = "application/timestamp-reply";
    return 0;
}

static bool write_root(const struct tsa *tsa, const char *path)
{
    struct ml_buf pem = {0};
    tsa_root_pem(tsa, &pem);
    FILE *file = fopen(path, "w");
    bool well = file && fwrite(pem.data, 1, pem.len, file) == pem.len;
    well = file && fclose(file) == 0 && well;
    ml_buf_release(&pem);
    return well;
}

static int wait_for_end(void)
{
    sigset_t signals;
    int number;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    return sigwait(&signals, &number);
}

int main(int argc, char **argv)
{
    sigset_t signals;
    struct ml_server *server = NULL;
    if (argc < 2)
        return 2;
    struct tsa *tsa = tsa_new("Test Time");
    tsa_set_accuracy(tsa, 1, 0, 0);
    tsa_set_capable(tsa, argc < 3);
    const struct ml_server_options options = {
        .address = "127.0.0.1:0", .body_max = REQUEST_MAX, .handle = stamp, .context = tsa};
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    if (!write_root(tsa, argv[1]) || ml_server_start(&options, &server) < 0) {
        fprintf(stderr, "tsa_server: %s\n", mledger_error_text());
        return 1;
    }
    printf("http://%s/\n", ml_server_address(server));
    fflush(stdout);
    int result = wait_for_end();
    ml_server_stop(server);
    tsa_free(tsa);
    return result;
}
