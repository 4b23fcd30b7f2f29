/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the static analyzer is told and cannot see, since it reads one file at a time: that setting
 * an error returns a negative code, and so that a caller behind ML_TRY does not go on. `./dev tidy`
 * includes it before each source but base.c; no compiler ever reads it.
 */
#ifndef ML_CI_ANALYZER_H
#define ML_CI_ANALYZER_H

#include "ledger/core/base.h"

static inline int ml_analyzer_negative(int code)
{
    return code < 0 ? code : -1;
}

#define ml_fail(...) ml_analyzer_negative(ml_fail(__VA_ARGS__))
#define ml_fail_seq(...) ml_analyzer_negative(ml_fail_seq(__VA_ARGS__))
#define ml_fail_errno(...) ml_analyzer_negative(ml_fail_errno(__VA_ARGS__))
#define ml_refuse(...) ml_analyzer_negative(ml_refuse(__VA_ARGS__))
#define ml_fail_memory() ml_analyzer_negative(ml_fail_memory())
#define ml_hint(...) ml_analyzer_negative(ml_hint(__VA_ARGS__))
#define ml_prefix(...) ml_analyzer_negative(ml_prefix(__VA_ARGS__))
#define ml_about_seq(seq) ml_analyzer_negative(ml_about_seq(seq))
#define ml_error_set(error) ml_analyzer_negative(ml_error_set(error))

#endif
