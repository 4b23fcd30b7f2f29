/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/vigil.h"

#include "ledger/core/checkpoint.h"

static const struct {
    const char *unit;
    int64_t us;
} units[] = {{"ms", 1000},
             {"s", 1000000},
             {"m", INT64_C(60) * 1000000},
             {"h", INT64_C(3600) * 1000000},
             {"d", INT64_C(86400) * 1000000}};

static const int64_t longest_us = INT64_C(3653) * 86400 * 1000000;

int ml_duration_parse(const char *what, const char *text, int64_t *ret_us)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t number;
    bool good = ml_tlog_number(ML_SPAN(text, digits), &number) && number > 0;
    for (size_t i = 0; good && i < ML_COUNT(units); i++) {
        if (strcmp(text + digits, units[i].unit) != 0)
            continue;
        if (number > (uint64_t)(longest_us / units[i].us))
            return ml_fail(MLEDGER_EUSAGE, "%s is more than ten years: '%s'", what, text);
        *ret_us = (int64_t)number * units[i].us;
        return MLEDGER_OK;
    }
    return ml_fail(MLEDGER_EUSAGE, "%s must be a time such as 500ms, 30s, 5m, 12h or 7d, not '%s'",
                   what, text);
}

int ml_vigil_every(struct ml_vigil *vigil, const char *what, const char *text)
{
    size_t digits = strspn(text, "0123456789");
    uint64_t number;
    if (text[digits] != '\0')
        return ml_duration_parse(what, text, &vigil->every_us);
    if (!ml_tlog_number(ML_SPAN(text, digits), &number) || number == 0)
        return ml_fail(MLEDGER_EUSAGE,
                       "%s must be a number of records or a time such as 5m, not '%s'", what, text);
    vigil->every_records = number;
    return MLEDGER_OK;
}

bool ml_vigil_is_kept(const struct ml_vigil *vigil)
{
    return vigil->every_records || vigil->every_us || vigil->silence_us;
}

void ml_vigil_begin(struct ml_vigil *vigil, int64_t now_us)
{
    vigil->last_us = now_us;
}

void ml_vigil_recorded(struct ml_vigil *vigil, uint64_t count, int64_t now_us)
{
    if (count == 0)
        return;
    if (vigil->uncovered == 0)
        vigil->uncovered_at_us = now_us;
    vigil->uncovered += count;
    vigil->last_us = now_us;
}

void ml_vigil_covered(struct ml_vigil *vigil, int64_t now_us)
{
    vigil->uncovered = 0;
    vigil->last_us = now_us;
}

static void follow_clock(struct ml_vigil *vigil, int64_t now_us)
{
    if (vigil->last_us > now_us)
        vigil->last_us = now_us;
    if (vigil->uncovered_at_us > now_us)
        vigil->uncovered_at_us = now_us;
}

/* How long until a checkpoint is due by time, and until a heartbeat; -1: never. */
static int64_t until_checkpoint(const struct ml_vigil *vigil, int64_t now_us)
{
    if (!vigil->every_us || vigil->uncovered == 0)
        return -1;
    int64_t left = vigil->every_us - (now_us - vigil->uncovered_at_us);
    return left > 0 ? left : 0;
}

static int64_t until_heartbeat(const struct ml_vigil *vigil, int64_t now_us)
{
    if (!vigil->silence_us)
        return -1;
    int64_t left = vigil->silence_us - (now_us - vigil->last_us);
    return left > 0 ? left : 0;
}

enum ml_vigil_due ml_vigil_due(struct ml_vigil *vigil, int64_t now_us)
{
    follow_clock(vigil, now_us);
    if ((vigil->every_records && vigil->uncovered >= vigil->every_records) ||
        until_checkpoint(vigil, now_us) == 0)
        return ML_VIGIL_CHECKPOINT;
    return until_heartbeat(vigil, now_us) == 0 ? ML_VIGIL_HEARTBEAT : ML_VIGIL_NOTHING;
}

int64_t ml_vigil_rest_us(struct ml_vigil *vigil, int64_t now_us)
{
    if (ml_vigil_due(vigil, now_us) != ML_VIGIL_NOTHING)
        return 0;
    int64_t checkpoint = until_checkpoint(vigil, now_us);
    int64_t heartbeat = until_heartbeat(vigil, now_us);
    if (checkpoint < 0 || heartbeat < 0)
        return checkpoint < 0 ? heartbeat : checkpoint;
    return checkpoint < heartbeat ? checkpoint : heartbeat;
}
