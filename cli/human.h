/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers the way people read them. Each fills `text` and returns it. Not for JSON, which has
 * plain numbers. Times are ml_time_format()'s business (ledger/core/time.h). */
#ifndef ML_CLI_HUMAN_H
#define ML_CLI_HUMAN_H

#include <stddef.h>
#include <stdint.h>

enum { ML_HUMAN_SIZE = 32 };

/* "0 B", "1023 B", "1.5 KiB", "20 MiB": three digits at most, rounded to nearest. */
char *ml_human_size(char text[ML_HUMAN_SIZE], uint64_t bytes);
/* "1,234,567" */
char *ml_human_count(char text[ML_HUMAN_SIZE], uint64_t count);
/* "5 s", "3 min 20 s", "2 h 5 min", "4 d 3 h" */
char *ml_human_duration(char text[ML_HUMAN_SIZE], uint64_t seconds);

#endif
