/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Points in time: microseconds since 1970-01-01T00:00:00Z without leap seconds (POSIX time),
 * years 1970 to 9999, and their text by RFC 3339 section 5.6.
 *
 * Nothing that verifies may ask for the wall clock; whoever records does, and whoever asks for a
 * verification may give its time along.
 */
#ifndef ML_CORE_TIME_H
#define ML_CORE_TIME_H

#include "ledger/core/base.h"

#define ML_TIME_MAX_US INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define ML_TIME_TEXT_SIZE sizeof("9999-12-31T23:59:59.999999Z")

/* Wall clock. */
int64_t ml_time_now_us(void);

/* "2026-03-01T14:32:00Z", with 3 or 6 digits of fraction where the time has one: of the two the
 * shorter that loses nothing, so that a time has one text.
 * MLEDGER_EINVALID: time_us is not in 0..ML_TIME_MAX_US. */
int ml_time_format(int64_t time_us, char ret_text[ML_TIME_TEXT_SIZE]) ML_MUST_USE;

/* RFC 3339, strictly: capital T and Z, seconds, 1 to 6 digits of fraction or none, and "Z" or an
 * offset up to 23:59, which is converted to UTC. Leap seconds (":60") have no POSIX time and are
 * refused, as is precision that would be lost.
 * MLEDGER_EINVALID: anything else, a date that does not exist, a time out of range. */
int ml_time_parse(const char *text, size_t len, int64_t *ret_time_us) ML_MUST_USE;

/* What a person types: also "2026-03-01" (its midnight), "2026-03-01 14:32", a space for the T,
 * no seconds, small letters, no offset; what names no offset is UTC.
 * MLEDGER_EINVALID as above. */
int ml_time_parse_user(const char *text, size_t len, int64_t *ret_time_us) ML_MUST_USE;

#endif
