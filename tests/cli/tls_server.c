/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A server that speaks TLS, for tests of the command.
 *
 *     tls_server CERTIFICATE.pem KEY.pem
 *
 * Listens on 127.0.0.1 on a port that the kernel picks, prints its URL, and answers whatever it is
 * asked with an empty JSON object, as an MLflow server does that holds nothing, until it is told to
 * end.
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PEM_MAX = 65536 };

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_len, void **request)
{
    static char empty[] = "{}";
    static int begun;
    (void)context, (void)url, (void)method, (void)version, (void)body;
    if (!*request) {
        *request = &begun;
        return MHD_YES;
    }
    if (*body_len) {
        *body_len = 0;
        return MHD_YES;
    }
    struct MHD_Response *response =
        MHD_create_response_from_buffer(2, empty, MHD_RESPMEM_PERSISTENT);
    const enum MHD_Result result = MHD_queue_response(connection, MHD_HTTP_OK, response);
    MHD_destroy_response(response);
    return result;
}

static int read_file(const char *path, char text[PEM_MAX])
{
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    const size_t len = fread(text, 1, PEM_MAX - 1, file);
    text[len] = '\0';
    fclose(file);
    return 0;
}

int main(int argc, char **argv)
{
    static char certificate[PEM_MAX], key[PEM_MAX];
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    sigset_t signals;
    int number;
    if (argc != 3 || read_file(argv[1], certificate) < 0 || read_file(argv[2], key) < 0)
        return 2;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    struct MHD_Daemon *daemon =
        MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_TLS, 0, NULL, NULL, answer, NULL,
                         MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_HTTPS_MEM_CERT, certificate,
                         MHD_OPTION_HTTPS_MEM_KEY, key, MHD_OPTION_END);
    if (!daemon)
        return 77;
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT);
    printf("https://127.0.0.1:%u\n", info ? (unsigned)info->port : 0U);
    fflush(stdout);
    sigwait(&signals, &number);
    MHD_stop_daemon(daemon);
    return 0;
}
