/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/traffic.h"

#include <pthread.h>
#include <stdio.h>

#include "serve/exposition.h"

/* Upper bounds of a histogram's buckets, in microseconds; the last has none. */
static const int64_t bounds_us[] = {500,    1000,   2500,   5000,    10000,   25000,   50000,
                                    100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000};
enum { BUCKETS = ML_COUNT(bounds_us) + 1 };

/* Requests with the same method and route. */
struct durations {
    const char *method, *route; /* constants */
    uint64_t buckets[BUCKETS];  /* each counts its own */
    uint64_t count;
    int64_t sum_us;
};

struct answers {
    size_t durations; /* the number of their method and route */
    int status;
    uint64_t count;
};

struct ml_traffic {
    pthread_mutex_t mutex; /* guards the rest */
    struct durations *durations;
    size_t n_durations, cap_durations;
    struct answers *answers;
    size_t n_answers, cap_answers;
    uint64_t bytes_in, bytes_out, recorded;
};

int ml_traffic_new(struct ml_traffic **ret_traffic)
{
    ML_CLEANUP(ml_freep) struct ml_traffic *traffic = ml_calloc(1, sizeof *traffic);
    if (!traffic)
        return ml_fail_memory();
    const int error_number = pthread_mutex_init(&traffic->mutex, NULL);
    if (error_number != 0)
        return ml_fail_errno(error_number, "cannot make a mutex");
    *ret_traffic = ML_TAKE(traffic);
    return MLEDGER_OK;
}

void ml_traffic_free(struct ml_traffic *traffic)
{
    if (!traffic)
        return;
    free(traffic->durations);
    free(traffic->answers);
    pthread_mutex_destroy(&traffic->mutex);
    free(traffic);
}

/* ---- counting ---- */

static const char *known_method(const char *method)
{
    static const char *const known[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"};
    for (size_t i = 0; i < ML_COUNT(known); i++)
        if (strcmp(method, known[i]) == 0)
            return known[i];
    return "other";
}

/* There are some dozens of routes, and the busiest come early. */
static int find_durations(struct ml_traffic *traffic, const char *method, const char *route,
                          size_t *ret_place)
{
    size_t place = 0;
    while (place < traffic->n_durations && (traffic->durations[place].method != method ||
                                            strcmp(traffic->durations[place].route, route) != 0))
        place++;
    if (place == traffic->n_durations) {
        ML_TRY(ml_grow(&traffic->durations, &traffic->cap_durations, place + 1,
                       sizeof *traffic->durations));
        traffic->durations[traffic->n_durations++] =
            (struct durations){.method = method, .route = route};
    }
    *ret_place = place;
    return MLEDGER_OK;
}

static int find_answers(struct ml_traffic *traffic, size_t durations, int status, size_t *ret_place)
{
    size_t place = 0;
    while (place < traffic->n_answers && (traffic->answers[place].durations != durations ||
                                          traffic->answers[place].status != status))
        place++;
    if (place == traffic->n_answers) {
        ML_TRY(
            ml_grow(&traffic->answers, &traffic->cap_answers, place + 1, sizeof *traffic->answers));
        traffic->answers[traffic->n_answers++] =
            (struct answers){.durations = durations, .status = status};
    }
    *ret_place = place;
    return MLEDGER_OK;
}

static void add_duration(struct durations *durations, int64_t duration_us)
{
    size_t bucket = 0;
    while (bucket < ML_COUNT(bounds_us) && duration_us > bounds_us[bucket])
        bucket++;
    durations->buckets[bucket]++;
    durations->count++;
    durations->sum_us += duration_us;
}

static int add(struct ml_traffic *traffic, const char *method,
               const struct ml_server_account *account)
{
    size_t durations, answers;
    ML_TRY(find_durations(traffic, known_method(method), account->route ? account->route : "other",
                          &durations));
    ML_TRY(find_answers(traffic, durations, account->status, &answers));
    add_duration(&traffic->durations[durations], account->duration_us);
    traffic->answers[answers].count++;
    traffic->bytes_in += account->bytes_in;
    traffic->bytes_out += account->bytes_out;
    traffic->recorded += account->n_recorded;
    return MLEDGER_OK;
}

void ml_traffic_add(struct ml_traffic *traffic, const char *method,
                    const struct ml_server_account *account)
{
    pthread_mutex_lock(&traffic->mutex);
    const int result = add(traffic, method, account);
    pthread_mutex_unlock(&traffic->mutex);
    if (result < 0)
        ml_error_clear();
}

/* ---- showing ---- */

static int write_answers(const struct ml_traffic *traffic, struct ml_buf *text)
{
    static const char name[] = "mledger_http_requests_total";
    ML_TRY(ml_exposition_family(text, name, "counter",
                                "Requests by method, route and status; 0: given up before an "
                                "answer."));
    for (size_t i = 0; i < traffic->n_answers; i++) {
        const struct answers *answers = &traffic->answers[i];
        const struct durations *of = &traffic->durations[answers->durations];
        char status[16];
        snprintf(status, sizeof status, "%d", answers->status);
        ML_TRY(ml_exposition_sample(
            text, name,
            (const struct ml_exposition_label[]){
                {"method", of->method}, {"route", of->route}, {"status", status}, {NULL, NULL}},
            (double)answers->count));
    }
    return MLEDGER_OK;
}

static int write_buckets(const struct durations *durations, struct ml_buf *text)
{
    uint64_t count = 0;
    for (size_t i = 0; i < BUCKETS; i++) {
        char bound[32] = "+Inf";
        if (i < ML_COUNT(bounds_us))
            snprintf(bound, sizeof bound, "%g", (double)bounds_us[i] / 1e6);
        count += durations->buckets[i];
        ML_TRY(
            ml_exposition_sample(text, "mledger_http_request_duration_seconds_bucket",
                                 (const struct ml_exposition_label[]){{"method", durations->method},
                                                                      {"route", durations->route},
                                                                      {"le", bound},
                                                                      {NULL, NULL}},
                                 (double)count));
    }
    return MLEDGER_OK;
}

static int write_durations(const struct ml_traffic *traffic, struct ml_buf *text)
{
    ML_TRY(ml_exposition_family(text, "mledger_http_request_duration_seconds", "histogram",
                                "From a request's head to the end of its answer."));
    for (size_t i = 0; i < traffic->n_durations; i++) {
        const struct durations *durations = &traffic->durations[i];
        const struct ml_exposition_label labels[] = {
            {"method", durations->method}, {"route", durations->route}, {NULL, NULL}};
        ML_TRY(write_buckets(durations, text));
        ML_TRY(ml_exposition_sample(text, "mledger_http_request_duration_seconds_sum", labels,
                                    (double)durations->sum_us / 1e6));
        ML_TRY(ml_exposition_sample(text, "mledger_http_request_duration_seconds_count", labels,
                                    (double)durations->count));
    }
    return MLEDGER_OK;
}

static int write_all(const struct ml_traffic *traffic, struct ml_buf *text)
{
    ML_TRY(write_answers(traffic, text));
    ML_TRY(write_durations(traffic, text));
    ML_TRY(ml_exposition_single(text, "mledger_http_request_bytes_total", "counter",
                                "Bytes of the bodies that came.", (double)traffic->bytes_in));
    ML_TRY(ml_exposition_single(text, "mledger_http_response_bytes_total", "counter",
                                "Bytes of the bodies that went.", (double)traffic->bytes_out));
    return ml_exposition_single(text, "mledger_records_appended_total", "counter",
                                "Records that requests to this server made.",
                                (double)traffic->recorded);
}

int ml_traffic_write(struct ml_traffic *traffic, struct ml_buf *text)
{
    pthread_mutex_lock(&traffic->mutex);
    const int result = write_all(traffic, text);
    pthread_mutex_unlock(&traffic->mutex);
    return result;
}
