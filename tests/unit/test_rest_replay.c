/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What real clients of MLflow sent to a real server, sent to ours: it must answer the same, but for
 * ids, the times and names that a server makes up, and the differences that are listed below.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "serve/mlflow/experiment.h"
#include "serve/mlflow/route.h"
#include "tests/unit/rest_fixture.h"
#include "tests/unit/shared.h"
#include "tests/unit/wire_log.h"

enum { ID_LEN = 32, IDS_MAX = 64, TIMES_MAX = 64, UPLOADS_MAX = 64, WHERE_SIZE = 512 };

struct replay {
    struct rest_fixture *rest;
    struct {
        char theirs[ID_LEN + 1], ours[ID_LEN + 1];
    } ids[IDS_MAX];
    size_t n_ids;
    struct {
        int64_t theirs, ours;
    } times[TIMES_MAX];
    size_t n_times;
    struct {
        char path[256];
        size_t size;
    } uploads[UPLOADS_MAX];
    size_t n_uploads;
    size_t count, n_differences;
    const struct wire_exchange *exchange; /* the one that is being held against ours */
};

/* ---- what may differ, and why ---- */

/* The server's own clock, not the client's. */
static const char *const clock_keys[] = {"creation_time", "creation_timestamp",
                                         "creation_timestamp_ms"};
/* The same; that a tag or an alias is set counts as a change here, and not there. */
static const char *const update_keys[] = {"last_update_time", "last_updated_timestamp",
                                          "last_updated_timestamp_ms"};

/* MLflow shows what its database said; there is no database here. */
static const char database_error[] = " Error: (sqlite3.";

/* An extension of ours: a filter that MLflow's servers refuse. */
static const char extension_call[] = "search_model_versions(name and current_stage)";

static bool is_one_of(const char *key, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

/* ---- ids ---- */

static bool is_id(const char *text)
{
    for (size_t i = 0; i < ID_LEN; i++)
        if (!isxdigit((unsigned char)text[i]))
            return false;
    return true;
}

static const char *our_id(const struct replay *replay, const char *theirs)
{
    for (size_t i = 0; i < replay->n_ids; i++)
        if (strncmp(replay->ids[i].theirs, theirs, ID_LEN) == 0)
            return replay->ids[i].ours;
    return NULL;
}

static void learn(struct replay *replay, const char *theirs, const char *ours)
{
    assert_true(replay->n_ids < IDS_MAX);
    memcpy(replay->ids[replay->n_ids].theirs, theirs, ID_LEN);
    memcpy(replay->ids[replay->n_ids++].ours, ours, ID_LEN);
}

/* Their text with our ids in it. Where `ours` has an id in the place of one not met before, they
 * name the same thing from here on. */
static char *translate(struct replay *replay, const char *theirs, const char *ours)
{
    const size_t ours_len = ours ? strlen(ours) : 0;
    char *text = strdup(theirs);
    assert_non_null(text);
    for (size_t i = 0; theirs[i]; i++) {
        if (!is_id(theirs + i)) {
            if (theirs[i] == '%' && theirs[i + 1] && theirs[i + 2])
                i += 2; /* %2F is not the beginning of an id */
            continue;
        }
        if (!our_id(replay, theirs + i) && i + ID_LEN <= ours_len && is_id(ours + i))
            learn(replay, theirs + i, ours + i);
        if (our_id(replay, theirs + i))
            memcpy(text + i, our_id(replay, theirs + i), ID_LEN);
        i += ID_LEN - 1;
    }
    return text;
}

/* ---- holding one answer against another ---- */

static void differs(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    char *wanted = json_dumps(theirs, JSON_ENCODE_ANY), *got = json_dumps(ours, JSON_ENCODE_ANY);
    print_error("%s: %s %s: '%s' is\n  %.300s\nnot\n  %.300s\n", replay->exchange->call,
                replay->exchange->method, replay->exchange->target, where, got ? got : "absent",
                wanted ? wanted : "absent");
    free(wanted);
    free(got);
    replay->n_differences++;
}

static void compare(struct replay *replay, const char *where, json_t *theirs, json_t *ours);

static void compare_text(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    const char *wanted = json_string_value(theirs), *got = json_string_value(ours);
    const char *database = strstr(wanted, database_error);
    char *translated = translate(replay, wanted, got);
    if (database)
        translated[database - wanted] = '\0';
    if (!got || strcmp(translated, got) != 0)
        differs(replay, where, theirs, ours);
    free(translated);
}

/* Our clock moves with each request: what happened at one time there did so here. */
static void compare_clock(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    const int64_t wanted = json_integer_value(theirs), got = json_integer_value(ours);
    for (size_t i = 0; i < replay->n_times; i++) {
        if (replay->times[i].theirs != wanted)
            continue;
        if (replay->times[i].ours != got)
            differs(replay, where, theirs, ours);
        return;
    }
    assert_true(json_is_integer(theirs) && json_is_integer(ours));
    assert_true(replay->n_times < TIMES_MAX);
    replay->times[replay->n_times].theirs = wanted;
    replay->times[replay->n_times++].ours = got;
}

static void compare_object(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    char below[WHERE_SIZE];
    const char *key;
    json_t *value;
    json_object_foreach(theirs, key, value)
    {
        snprintf(below, sizeof below, "%s.%s", where, key);
        json_t *other = json_object_get(ours, key);
        if (is_one_of(key, clock_keys, ML_COUNT(clock_keys)))
            compare_clock(replay, below, value, other);
        else if (!is_one_of(key, update_keys, ML_COUNT(update_keys)) || !json_is_integer(other))
            compare(replay, below, value, other);
    }
    json_object_foreach(ours, key, value)
    {
        snprintf(below, sizeof below, "%s.%s", where, key);
        if (!json_object_get(theirs, key))
            differs(replay, below, NULL, value);
    }
}

/* In what order a database gives tags, parameters and metrics is its own affair. */
static json_t *same_key(json_t *list, json_t *element, size_t i)
{
    const char *key = json_string_value(json_object_get(element, "key"));
    size_t k;
    json_t *other;
    json_array_foreach(list, k, other)
    {
        const char *other_key = json_string_value(json_object_get(other, "key"));
        if (key && other_key && strcmp(key, other_key) == 0)
            return other;
    }
    return json_array_get(list, i);
}

static bool has_repeated_keys(json_t *list)
{
    size_t i;
    json_t *element;
    json_array_foreach(list, i, element) if (same_key(list, element, i) != element) return true;
    return false;
}

static void compare_list(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    char below[WHERE_SIZE];
    const bool is_sequence = has_repeated_keys(theirs);
    size_t i;
    json_t *element;
    if (json_array_size(theirs) != json_array_size(ours)) {
        differs(replay, where, theirs, ours);
        return;
    }
    json_array_foreach(theirs, i, element)
    {
        snprintf(below, sizeof below, "%s[%zu]", where, i);
        compare(replay, below, element,
                is_sequence ? json_array_get(ours, i) : same_key(ours, element, i));
    }
}

static void compare(struct replay *replay, const char *where, json_t *theirs, json_t *ours)
{
    const bool is_compared_below =
        json_is_object(theirs) || json_is_array(theirs) || json_is_string(theirs);
    if (!ours || json_typeof(theirs) != json_typeof(ours) ||
        (!is_compared_below && !json_equal(theirs, ours)))
        differs(replay, where, theirs, ours);
    else if (json_is_object(theirs))
        compare_object(replay, where, theirs, ours);
    else if (json_is_array(theirs))
        compare_list(replay, where, theirs, ours);
    else if (json_is_string(theirs))
        compare_text(replay, where, theirs, ours);
}

/* ---- files, of which the log has the sizes alone ---- */

static char *make_content(struct replay *replay, const char *path, size_t size)
{
    char *content = malloc(size + 1);
    assert_non_null(content);
    assert_true(replay->n_uploads < UPLOADS_MAX);
    memset(content, 'x', size);
    content[size] = '\0';
    snprintf(replay->uploads[replay->n_uploads].path, sizeof replay->uploads[0].path, "%s", path);
    replay->uploads[replay->n_uploads++].size = size;
    return content;
}

static size_t size_of_upload(const struct replay *replay, const char *path)
{
    for (size_t i = replay->n_uploads; i-- > 0;)
        if (strcmp(replay->uploads[i].path, path) == 0)
            return replay->uploads[i].size;
    fail_msg("'%s' was never put", path);
    return 0;
}

/* ---- one exchange after the other ---- */

static char *make_body(struct replay *replay, const struct wire_exchange *exchange,
                       const char *target)
{
    if (strncmp(exchange->body, "<stream", 7) == 0)
        return make_content(replay, target, exchange->length);
    return *exchange->body ? translate(replay, exchange->body, NULL) : NULL;
}

static void hold(struct replay *replay, const struct wire_exchange *exchange, const char *target,
                 const struct rest_reply *reply)
{
    if (exchange->status != reply->status) {
        print_error("%s: %s %s: %d %s\nnot %d\n", exchange->call, exchange->method, target,
                    reply->status, reply->text, exchange->status);
        replay->n_differences++;
    } else if (exchange->answer) {
        compare(replay, "answer", exchange->answer, reply->json);
    } else {
        assert_int_equal(strlen(reply->text), size_of_upload(replay, target));
    }
}

static void send_again(const struct wire_exchange *exchange, void *context)
{
    struct replay *replay = context;
    struct rest_reply reply;
    char *target = translate(replay, exchange->target, NULL);
    char *body = make_body(replay, exchange, target);
    replay->exchange = exchange;
    replay->rest->ledger.now_us += 1000;
    rest_ask(replay->rest, exchange->method, target, body, exchange->version, &reply);
    replay->count++;
    if (strcmp(exchange->call, extension_call) == 0)
        assert_int_equal(reply.status, 200);
    else
        hold(replay, exchange, target, &reply);
    rest_reply_release(&reply);
    free(target);
    free(body);
}

static void replay_log(const char *log, size_t count)
{
    static struct replay replay;
    struct rest_fixture rest;
    char path[SHARED_PATH_SIZE];
    if (!shared_path(path, log))
        skip();
    rest_fixture_init(&rest);
    assert_int_equal(ml_rest_experiment_default(&rest.rest), MLEDGER_OK);
    replay = (struct replay){.rest = &rest};
    wire_log_read(path, send_again, &replay);
    assert_int_equal(replay.count, count);
    assert_int_equal(replay.n_differences, 0);
    rest_fixture_release(&rest);
}

static void test_client_2(void **state)
{
    (void)state;
    replay_log("data/mlflow/wire/client-2.9-server-2.9.log", 135);
}

static void test_client_3(void **state)
{
    (void)state;
    replay_log("data/mlflow/wire/client-3.11-server-3.11.log", 193);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_client_2),
        cmocka_unit_test(test_client_3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
