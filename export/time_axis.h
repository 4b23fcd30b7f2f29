/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the marks of a time axis stand: on whole years, quarters, months, days, hours, minutes or
 * seconds of UTC, as many as there is room for. Pure; thread-safe.
 */
#ifndef ML_EXPORT_TIME_AXIS_H
#define ML_EXPORT_TIME_AXIS_H

#include "ledger/core/base.h"

enum { ML_TIME_AXIS_MARKS_MAX = 32, ML_TIME_AXIS_TEXT = 24 };

struct ml_time_mark {
    int64_t time_us;
    char text[ML_TIME_AXIS_TEXT]; /* "2025", "2025-03", "2025-03-14", "09:30" */
};

/* The marks in [from_us, to_us], which are times of years 1970 to 9999 in order, at most `room` (1
 * to ML_TIME_AXIS_MARKS_MAX) of them; gives how many. Short spans may have none. */
size_t ml_time_axis(int64_t from_us, int64_t to_us, size_t room,
                    struct ml_time_mark ret_marks[ML_TIME_AXIS_MARKS_MAX]);

#endif
