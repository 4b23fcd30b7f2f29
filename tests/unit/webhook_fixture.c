/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/webhook_fixture.h"

#include <stdio.h>

#include "ingest/http.h"
#include "ledger/core/hex.h"
#include "tests/unit/cmocka_all.h"

static void on_failure(void *context)
{
    struct hooks *hooks = context;
    snprintf(hooks->told, sizeof hooks->told, "%s", mledger_error_text());
    atomic_fetch_add(&hooks->failures, 1);
}

int hooks_set_up(void **state)
{
    struct hooks *hooks = ml_calloc(1, sizeof *hooks);
    assert_non_null(hooks);
    fixture_init(&hooks->ledger);
    snprintf(hooks->secrets_dir, sizeof hooks->secrets_dir, "%s/secrets", hooks->ledger.dir);
    assert_int_equal(ml_cursor_dir(hooks->ledger.dir, &hooks->cursors_dir), MLEDGER_OK);
    hooks->now_us = HOOK_START_US * HOOK_SECOND;
    hooks->options = (struct ml_lane_options){.ledger = hooks->ledger.ledger,
                                              .secrets_dir = hooks->secrets_dir,
                                              .cursors_dir = hooks->cursors_dir,
                                              .reach = ML_WEBHOOK_LOOPBACK,
                                              .counts = &hooks->counts,
                                              .failed = on_failure,
                                              .context = hooks};
    *state = hooks;
    return 0;
}

int hooks_tear_down(void **state)
{
    struct hooks *hooks = *state;
    free(hooks->cursors_dir);
    fixture_release(&hooks->ledger);
    free(hooks);
    return 0;
}

uint64_t hooks_add(struct hooks *hooks, const char *line)
{
    char text[1024];
    assert_true(strlen(line) < sizeof text);
    snprintf(text, sizeof text, "%s", line);
    for (char *at = text; (at = strchr(at, '\'')); at++)
        *at = '"';
    return fixture_add(&hooks->ledger, text);
}

static uint64_t set(struct hooks *hooks, const char *id, const char *url, const char *events,
                    const char *secret, const char *status)
{
    char line[1024], hex[ML_HEX_SIZE(ML_WEBHOOK_SECRET_ID_SIZE)] = "", part[80] = "";
    uint8_t secret_id[ML_WEBHOOK_SECRET_ID_SIZE];
    ML_CLEANUP(ml_http_url_release) struct ml_http_url parts;
    assert_int_equal(ml_http_url_parse(url, &parts), MLEDGER_OK);
    if (secret) {
        assert_int_equal(ml_webhook_secret_put(hooks->secrets_dir, secret, secret_id), MLEDGER_OK);
        ml_hex_encode(hex, secret_id, sizeof secret_id);
        snprintf(part, sizeof part, ", 'secret_id': '%s'", hex);
    }
    snprintf(line, sizeof line,
             "{'webhook_set': {'webhook_id': '%s', 'name': 'hook-%s', 'origin': '%s', "
             "'events': [%s], 'status': '%s'%s}, 'details': {'url': '%s'}}",
             id, id, parts.origin, events, status, part, url);
    return hooks_add(hooks, line);
}

uint64_t hooks_set(struct hooks *hooks, const char *id, const char *url, const char *events,
                   const char *secret)
{
    return set(hooks, id, url, events, secret, "active");
}

uint64_t hooks_disable(struct hooks *hooks, const char *id, const char *url)
{
    return set(hooks, id, url, "'model_version_created'", NULL, "disabled");
}

struct ml_lane *hooks_lane(struct hooks *hooks, const char *id)
{
    struct ml_lane *lane;
    assert_int_equal(ml_lane_new(&hooks->options, id, &lane), MLEDGER_OK);
    return lane;
}

int hooks_run(struct hooks *hooks, struct ml_lane *lane, int64_t *ret_due_us)
{
    int64_t due_us;
    int next = ML_LANE_AGAIN;
    for (int i = 0; i < 1000 && next == ML_LANE_AGAIN; i++)
        next = ml_lane_step(lane, hooks->now_us, &due_us);
    assert_int_not_equal(next, ML_LANE_AGAIN);
    if (ret_due_us)
        *ret_due_us = due_us;
    return next;
}

size_t hooks_count(const char *requests)
{
    size_t count = 0;
    for (const char *at = requests; (at = strstr(at, "POST /")); at++)
        count++;
    return count;
}

const char *hooks_request(const char *requests, size_t i)
{
    static char copies[4][8192];
    static unsigned turn;
    char *copy = copies[turn++ % ML_COUNT(copies)];
    const char *at = strstr(requests, "POST /");
    while (at && i-- > 0)
        at = strstr(at + 1, "POST /");
    assert_non_null(at);
    const char *end = strstr(at + 1, "POST /");
    const size_t len = end ? (size_t)(end - at) : strlen(at);
    assert_true(len < sizeof copies[0]);
    memcpy(copy, at, len);
    copy[len] = '\0';
    return copy;
}

const char *hooks_header(const char *request, const char *name)
{
    static char values[4][256];
    static unsigned turn;
    char *value = values[turn++ % ML_COUNT(values)], line[80];
    snprintf(line, sizeof line, "\r\n%s: ", name);
    const char *at = strstr(request, line);
    value[0] = '\0';
    if (at) {
        at += strlen(line);
        snprintf(value, sizeof values[0], "%.*s", (int)strcspn(at, "\r"), at);
    }
    return value;
}

const char *hooks_body(const char *request)
{
    const char *body = strstr(request, "\r\n\r\n");
    assert_non_null(body);
    return body + 4;
}
