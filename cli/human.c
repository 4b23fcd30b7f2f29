/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/human.h"

#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/base.h"

char *ml_human_size(char text[ML_HUMAN_SIZE], uint64_t bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = (double)bytes;
    size_t unit = 0;
    /* 999.5 would be printed with four digits. */
    while (unit + 1 < ML_COUNT(units) && value >= (unit ? 999.5 : 1024)) {
        value /= 1024;
        unit++;
    }
    int decimals = unit == 0 || value >= 9.95 ? 0 : 1;
    snprintf(text, ML_HUMAN_SIZE, "%.*f %s", decimals, value, units[unit]);
    return text;
}

char *ml_human_count(char text[ML_HUMAN_SIZE], uint64_t count)
{
    char digits[24];
    size_t len = (size_t)snprintf(digits, sizeof digits, "%" PRIu64, count), out = 0;
    for (size_t i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0)
            text[out++] = ',';
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

char *ml_human_duration(char text[ML_HUMAN_SIZE], uint64_t seconds)
{
    static const struct {
        uint64_t seconds;
        const char *name;
    } units[] = {{86400, "d"}, {3600, "h"}, {60, "min"}, {1, "s"}};
    size_t unit = 0;
    while (unit + 1 < ML_COUNT(units) && seconds < units[unit].seconds)
        unit++;
    int len = snprintf(text, ML_HUMAN_SIZE, "%" PRIu64 " %s", seconds / units[unit].seconds,
                       units[unit].name);
    if (unit + 1 == ML_COUNT(units))
        return text;
    uint64_t rest = seconds % units[unit].seconds / units[unit + 1].seconds;
    if (rest)
        snprintf(text + len, (size_t)(ML_HUMAN_SIZE - len), " %" PRIu64 " %s", rest,
                 units[unit + 1].name);
    return text;
}
