/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics of requests, as Prometheus reads them. */
#include "tests/unit/cmocka_all.h"

#include <math.h>

#include "serve/exposition.h"
#include "serve/traffic.h"

static void assert_text(struct ml_buf *text, const char *want)
{
    assert_int_equal(ml_buf_append_char(text, '\0'), MLEDGER_OK);
    assert_string_equal((const char *)text->data, want);
    ml_buf_release(text);
}

static void values_of_labels_are_escaped(void **state)
{
    struct ml_buf text = {0};
    const struct ml_exposition_label labels[] = {{"a", "say \"b\\c\"\nd"}, {"e", ""}, {NULL, NULL}};
    (void)state;
    assert_int_equal(ml_exposition_sample(&text, "m", labels, 1), MLEDGER_OK);
    assert_text(&text, "m{a=\"say \\\"b\\\\c\\\"\\nd\",e=\"\"} 1\n");
}

static void numbers_are_what_go_reads(void **state)
{
    static const struct {
        double value;
        const char *text;
    } all[] = {{0, "m 0\n"},
               {-1.5, "m -1.5\n"},
               {123456789012, "m 123456789012\n"},
               {(double)INFINITY, "m +Inf\n"},
               {-(double)INFINITY, "m -Inf\n"},
               {(double)NAN, "m NaN\n"}};
    (void)state;
    for (size_t i = 0; i < ML_COUNT(all); i++) {
        struct ml_buf text = {0};
        assert_int_equal(ml_exposition_sample(&text, "m", NULL, all[i].value), MLEDGER_OK);
        assert_text(&text, all[i].text);
    }
}

static void a_family_says_what_it_is(void **state)
{
    struct ml_buf text = {0};
    (void)state;
    assert_int_equal(ml_exposition_single(&text, "m", "gauge", "Some help.", 2), MLEDGER_OK);
    assert_text(&text, "# HELP m Some help.\n# TYPE m gauge\nm 2\n");
}

/* Whether the metrics have this line. */
static bool has_line(struct ml_traffic *traffic, const char *line)
{
    struct ml_buf text = {0};
    assert_int_equal(ml_traffic_write(traffic, &text), MLEDGER_OK);
    assert_int_equal(ml_buf_append_char(&text, '\0'), MLEDGER_OK);
    const char *found = strstr((const char *)text.data, line);
    const bool has = found && found[strlen(line)] == '\n' &&
                     (found == (const char *)text.data || found[-1] == '\n');
    ml_buf_release(&text);
    return has;
}

static void requests_are_counted_by_what_they_were(void **state)
{
    ML_CLEANUP(ml_traffic_freep) struct ml_traffic *traffic = NULL;
    (void)state;
    assert_int_equal(ml_traffic_new(&traffic), MLEDGER_OK);
    for (int i = 0; i < 3; i++)
        ml_traffic_add(traffic, "POST",
                       &(struct ml_server_account){.status = 200,
                                                   .route = "runs/create",
                                                   .n_recorded = 2,
                                                   .bytes_in = 10,
                                                   .bytes_out = 20,
                                                   .duration_us = 1000});
    ml_traffic_add(
        traffic, "POST",
        &(struct ml_server_account){.status = 400, .route = "runs/create", .duration_us = 1001});
    ml_traffic_add(traffic, "BREW", &(struct ml_server_account){.duration_us = 60000000});
    ml_traffic_add(traffic, "STEEP", &(struct ml_server_account){.duration_us = 60000000});
    static const char *const lines[] = {
        "mledger_http_requests_total{method=\"POST\",route=\"runs/create\",status=\"200\"} 3",
        "mledger_http_requests_total{method=\"POST\",route=\"runs/create\",status=\"400\"} 1",
        "mledger_http_requests_total{method=\"other\",route=\"other\",status=\"0\"} 2",
        "mledger_http_request_duration_seconds_bucket{method=\"POST\",route=\"runs/create\","
        "le=\"0.0005\"} 0",
        "mledger_http_request_duration_seconds_bucket{method=\"POST\",route=\"runs/create\","
        "le=\"0.001\"} 3",
        "mledger_http_request_duration_seconds_bucket{method=\"POST\",route=\"runs/create\","
        "le=\"0.0025\"} 4",
        "mledger_http_request_duration_seconds_bucket{method=\"other\",route=\"other\","
        "le=\"10\"} 0",
        "mledger_http_request_duration_seconds_bucket{method=\"other\",route=\"other\","
        "le=\"+Inf\"} 2",
        "mledger_http_request_duration_seconds_sum{method=\"POST\",route=\"runs/create\"} "
        "0.004001",
        "mledger_http_request_duration_seconds_count{method=\"POST\",route=\"runs/create\"} 4",
        "mledger_http_request_bytes_total 30",
        "mledger_http_response_bytes_total 60",
        "mledger_records_appended_total 6"};
    for (size_t i = 0; i < ML_COUNT(lines); i++)
        if (!has_line(traffic, lines[i]))
            fail_msg("no line '%s'", lines[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_labels_are_escaped),
        cmocka_unit_test(numbers_are_what_go_reads),
        cmocka_unit_test(a_family_says_what_it_is),
        cmocka_unit_test(requests_are_counted_by_what_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
