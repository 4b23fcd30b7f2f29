/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of options that have parts: KEY=VALUE, metrics, checks, shares, digests, times. Spans
 * borrow the text that was given.
 *
 * `what` names the option or argument in errors. Every function fails with MLEDGER_EUSAGE, which
 * quotes the value and shows the form that is asked for. Pure; thread-safe.
 */
#ifndef ML_CLI_VALUES_H
#define ML_CLI_VALUES_H

#include "ledger/core/base.h"
#include "proto/event.pb-c.h"

/* "KEY=VALUE", parted at the first '='; the value may be empty and hold anything. */
struct ml_pair {
    struct ml_span key; /* at least one byte */
    const char *value;
};
int ml_values_pair(const char *what, const char *text, struct ml_pair *ret_pair) ML_MUST_USE;

/* "KEY=NUMBER" or "KEY=NUMBER@STEP", the step a whole number, 0 if it is not there. */
struct ml_metric {
    struct ml_span key;
    struct ml_span text; /* the number as it was written */
    double value;
    int64_t step;
};
int ml_values_metric(const char *what, const char *text, struct ml_metric *ret_metric) ML_MUST_USE;

/* "NAME=VALUE:passed" or "NAME=VALUE:failed", the verdict behind the last ':'. */
struct ml_check {
    struct ml_span name;
    struct ml_span value;
    bool passed;
};
int ml_values_check(const char *what, const char *text, struct ml_check *ret_check) ML_MUST_USE;

/* "REF" or "REF=SHARE%", parted at the last '='; a share is above 0 and at most 100, with at most
 * four decimals, and its '%' may be left out. */
struct ml_share {
    struct ml_span ref;
    bool given;
    uint32_t ppm; /* parts per million */
};
int ml_values_share(const char *what, const char *text, struct ml_share *ret_share) ML_MUST_USE;

/* "ALGORITHM:HEX", whole: what is recorded as the identity of content is never cut. */
struct ml_digest {
    Mledger__Algorithm algorithm;
    uint8_t value[32];
    size_t len;
};
int ml_values_digest(const char *what, const char *text, struct ml_digest *ret_digest) ML_MUST_USE;
/* Whether the text begins as a digest does: with the name of an algorithm and ':'. */
bool ml_values_is_digest(const char *text);

/* A Git commit: 40 or 64 hexadecimal digits, with or without "git:". */
int ml_values_commit(const char *what, const char *text, struct ml_digest *ret_commit) ML_MUST_USE;

/* A time as ml_time_parse_user() reads it. */
int ml_values_time(const char *what, const char *text, int64_t *ret_time_us) ML_MUST_USE;

/* A whole number from `least` to `most`, which may be negative. */
int ml_values_integer(const char *what, const char *text, int64_t least, int64_t most,
                      int64_t *ret_number) ML_MUST_USE;

#endif
