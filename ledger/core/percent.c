/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/percent.h"

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

int ml_percent_encode(const char *text, const char *keep, struct ml_buf *out)
{
    for (; *text; text++) {
        if (is_unreserved(*text) || strchr(keep, *text))
            ML_TRY(ml_buf_append_char(out, *text));
        else
            ML_TRY(ml_buf_printf(out, "%%%02X", (unsigned)(uint8_t)*text));
    }
    return MLEDGER_OK;
}
