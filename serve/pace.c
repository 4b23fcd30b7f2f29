/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/pace.h"

#include <sys/socket.h>

int ml_pace_init(struct ml_pace *pace, const struct ml_pace_rules *rules)
{
    assert(rules->bytes_per_s > 0);
    *pace = (struct ml_pace){.rules = *rules};
    const int error_number = pthread_mutex_init(&pace->mutex, NULL);
    return error_number == 0 ? MLEDGER_OK : ml_fail_errno(error_number, "cannot make a mutex");
}

void ml_pace_release(struct ml_pace *pace)
{
    assert(pace->count == 0);
    pthread_mutex_destroy(&pace->mutex);
}

static int64_t head_ms(const struct ml_pace_client *client)
{
    const struct ml_pace_rules *rules = &client->pace->rules;
    return client->is_surplus ? rules->surplus_ms : rules->head_ms;
}

void ml_pace_join(struct ml_pace *pace, struct ml_pace_client *client, int fd, int64_t now_ms)
{
    pthread_mutex_lock(&pace->mutex);
    *client = (struct ml_pace_client){.pace = pace,
                                      .fd = fd,
                                      .next = pace->first,
                                      .is_surplus = pace->count >= pace->rules.connections_max};
    client->deadline_ms = now_ms + head_ms(client);
    if (pace->first)
        pace->first->before = client;
    pace->first = client;
    pace->count++;
    pthread_mutex_unlock(&pace->mutex);
}

void ml_pace_leave(struct ml_pace_client *client)
{
    struct ml_pace *pace = client->pace;
    pthread_mutex_lock(&pace->mutex);
    if (client->before)
        client->before->next = client->next;
    else
        pace->first = client->next;
    if (client->next)
        client->next->before = client->before;
    pace->count--;
    pthread_mutex_unlock(&pace->mutex);
}

/* Milliseconds that so many bytes may take; no more than a century of them, so that sums fit. */
static int64_t time_of(const struct ml_pace *pace, uint64_t bytes)
{
    const uint64_t seconds = bytes / (uint64_t)pace->rules.bytes_per_s;
    const uint64_t most = UINT64_C(100) * 366 * 86400;
    return pace->rules.grace_ms + (int64_t)(seconds < most ? seconds : most) * 1000;
}

void ml_pace_head(struct ml_pace_client *client, int64_t now_ms)
{
    client->deadline_ms = now_ms + head_ms(client);
}

void ml_pace_body(struct ml_pace_client *client, int64_t now_ms)
{
    client->begun_ms = now_ms;
    client->bytes = 0;
    client->deadline_ms = now_ms + time_of(client->pace, 0);
}

void ml_pace_piece(struct ml_pace_client *client, size_t len)
{
    client->bytes += len;
    client->deadline_ms = client->begun_ms + time_of(client->pace, client->bytes);
}

void ml_pace_serve(struct ml_pace_client *client)
{
    client->deadline_ms = INT64_MAX;
}

void ml_pace_reply(struct ml_pace_client *client, uint64_t size, int64_t now_ms)
{
    client->deadline_ms = now_ms + time_of(client->pace, size);
}

size_t ml_pace_cut(struct ml_pace *pace, int64_t now_ms)
{
    size_t cut = 0;
    pthread_mutex_lock(&pace->mutex);
    for (struct ml_pace_client *client = pace->first; client; client = client->next) {
        if (client->deadline_ms > now_ms)
            continue;
        client->deadline_ms = INT64_MAX;
        shutdown(client->fd, SHUT_RDWR);
        cut++;
    }
    pthread_mutex_unlock(&pace->mutex);
    return cut;
}

bool ml_pace_is_crowded(struct ml_pace *pace)
{
    return pace->count > pace->rules.connections_max * 3 / 4;
}
