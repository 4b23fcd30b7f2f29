/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/server_link.h"

#include <stdio.h>
#include <time.h>

#include "serve/sync.h"
#include "serve/tls.h"

enum { UNSEEN = 2, LOOK_MS = 1000, LOOK_LEAST_MS = 10 };

int64_t ml_server_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* ---- the watcher ---- */

/* Often enough for the shortest of the times. */
static int64_t look_ms(const struct ml_pace_rules *rules)
{
    int64_t ms = rules->surplus_ms / 2;
    if (rules->head_ms / 2 < ms)
        ms = rules->head_ms / 2;
    if (ms > LOOK_MS)
        return LOOK_MS;
    return ms < LOOK_LEAST_MS ? LOOK_LEAST_MS : ms;
}

static struct timespec in_ms(int64_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    return until;
}

static void *watch(void *context)
{
    struct ml_server_links *links = context;
    const int64_t step_ms = look_ms(&links->pace.rules);
    pthread_mutex_lock(&links->mutex);
    while (!links->is_over) {
        const struct timespec until = in_ms(step_ms);
        pthread_cond_timedwait(&links->over, &links->mutex, &until);
        ml_pace_cut(&links->pace, ml_server_now_ms());
    }
    pthread_mutex_unlock(&links->mutex);
    return NULL;
}

static int64_t or_default(int64_t given, int64_t usual)
{
    return given > 0 ? given : usual;
}

static struct ml_pace_rules rules_of(const struct ml_server_options *options)
{
    const struct ml_pace_rules *given = &options->pace;
    return (struct ml_pace_rules){
        .head_ms = or_default(given->head_ms, ML_SERVER_HEAD_S * INT64_C(1000)),
        .surplus_ms = or_default(given->surplus_ms, ML_SERVER_SURPLUS_S * INT64_C(1000)),
        .grace_ms = or_default(given->grace_ms, ML_SERVER_GRACE_S * INT64_C(1000)),
        .bytes_per_s = or_default(given->bytes_per_s, ML_SERVER_BYTES_PER_S),
        .connections_max =
            given->connections_max ? given->connections_max : ML_SERVER_CONNECTIONS_MAX};
}

int ml_server_links_begin(struct ml_server_links *links, const struct ml_server_options *options)
{
    const struct ml_pace_rules rules = rules_of(options);
    *links = (struct ml_server_links){
        .tls = options->tls, .failed = options->failed, .context = options->context};
    ML_TRY(ml_sync_init(&links->mutex, &links->over));
    int result = ml_pace_init(&links->pace, &rules);
    if (result < 0) {
        ml_sync_release(&links->mutex, &links->over);
        return result;
    }
    const int error_number = pthread_create(&links->watcher, NULL, watch, links);
    if (error_number == 0)
        return MLEDGER_OK;
    ml_pace_release(&links->pace);
    ml_sync_release(&links->mutex, &links->over);
    return ml_fail_errno(error_number, "cannot start a thread");
}

void ml_server_links_end(struct ml_server_links *links)
{
    pthread_mutex_lock(&links->mutex);
    links->is_over = true;
    pthread_cond_signal(&links->over);
    pthread_mutex_unlock(&links->mutex);
    pthread_join(links->watcher, NULL);
    ml_pace_release(&links->pace);
    ml_sync_release(&links->mutex, &links->over);
}

/* ---- one connection ---- */

static const union MHD_ConnectionInfo *info_of(struct MHD_Connection *connection,
                                               enum MHD_ConnectionInfoType type)
{
    return MHD_get_connection_info(connection, type);
}

static int begin_tls(struct ml_server_links *links, struct MHD_Connection *connection,
                     struct ml_server_link *link)
{
    if (!links->tls)
        return MLEDGER_OK;
    const union MHD_ConnectionInfo *info = info_of(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (!info || !info->tls_session)
        return ml_fail(MLEDGER_ESYSTEM, "libmicrohttpd gives no session of TLS");
    link->session = info->tls_session;
    return ml_tls_begin(links->tls, link->session);
}

/* Without a link there is no TLS but that which refuses, and no request is answered. */
static struct ml_server_link *open_link(struct ml_server_links *links,
                                        struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = info_of(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct ml_server_link *link = ml_calloc(1, sizeof *link);
    if (!link || !info || begin_tls(links, connection, link) < 0) {
        if (link && info && links->failed)
            links->failed(links->context);
        free(link);
        return NULL;
    }
    link->shown = UNSEEN;
    ml_pace_join(&links->pace, &link->pace, info->connect_fd, ml_server_now_ms());
    return link;
}

void ml_server_links_notify(void *context, struct MHD_Connection *connection, void **socket_context,
                            enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *socket_context = open_link(context, connection);
        return;
    }
    struct ml_server_link *link = *socket_context;
    if (!link)
        return;
    ml_pace_leave(&link->pace);
    free(link);
    *socket_context = NULL;
}

struct ml_server_link *ml_server_link_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = info_of(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/* It is checked once, and stands as long as the connection. */
static void look_at_peer(struct ml_server_link *link)
{
    link->shown = ml_tls_peer(link->session, link->sha256);
    if (link->shown < 0)
        snprintf(link->why, sizeof link->why, "%s", mledger_error_text());
}

int ml_server_certificate(const struct ml_server_request *request, uint8_t ret_sha256[ML_HASH_SIZE])
{
    struct ml_server_link *link = ml_server_link_of(request->connection);
    if (!link || !link->session)
        return 0;
    if (link->shown == UNSEEN)
        look_at_peer(link);
    if (link->shown < 0)
        return ml_fail(MLEDGER_EINVALID, "%s", link->why);
    memcpy(ret_sha256, link->sha256, ML_HASH_SIZE);
    return link->shown;
}
