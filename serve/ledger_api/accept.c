/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/ledger_api/accept.h"

#include <strings.h>

#include "serve/ledger_api/problem.h"

enum { THOUSAND = 1000 }; /* weights have three decimals */

/* A media range and what is said of it. */
struct range {
    const char *type;
    size_t len;
    unsigned weight;   /* in thousandths */
    unsigned specific; /* 1: any type, 2: any subtype, 3: one type */
};

/* "0.750" of the parameter q; 1 where it says anything else. */
static unsigned read_weight(const char *text)
{
    if (*text != '0')
        return THOUSAND;
    unsigned weight = 0, unit = THOUSAND / 10;
    if (text[1] == '.')
        for (text += 2; *text >= '0' && *text <= '9' && unit > 0; text++, unit /= 10)
            weight += (unsigned)(*text - '0') * unit;
    return weight;
}

/* Takes the next range off *text; false: there is none left. */
static bool next_range(const char **text, struct range *range)
{
    *text += strspn(*text, " \t,");
    const size_t len = strcspn(*text, ",");
    if (len == 0)
        return false;
    const char *q = memmem(*text, len, "q=", 2);
    *range = (struct range){.type = *text,
                            .len = strcspn(*text, " \t,;"),
                            .weight = q ? read_weight(q + 2) : THOUSAND,
                            .specific = 3};
    *text += len;
    if (range->len == 3 && memcmp(range->type, "*/*", 3) == 0)
        range->specific = 1;
    else if (range->len > 2 && memcmp(range->type + range->len - 2, "/*", 2) == 0)
        range->specific = 2;
    return true;
}

static bool covers(const struct range *range, const char *type)
{
    if (range->specific == 1)
        return true;
    if (range->specific == 2)
        return strncasecmp(range->type, type, range->len - 1) == 0;
    return strlen(type) == range->len && strncasecmp(range->type, type, range->len) == 0;
}

/* The weight that the most specific range gives the type. */
static unsigned weigh(const char *accept, const char *type)
{
    struct range range, best = {0};
    while (next_range(&accept, &range))
        if (covers(&range, type) && range.specific > best.specific)
            best = range;
    return best.weight;
}

int ml_api_accept_value(const char *accept, const char *const *types, size_t *ret_type)
{
    unsigned best = 0;
    size_t choice = 0;
    for (size_t i = 0; accept && *accept && types[i]; i++) {
        const unsigned weight = weigh(accept, types[i]);
        if (weight > best) {
            best = weight;
            choice = i;
        }
    }
    if (accept && *accept && best == 0)
        return ml_api_refuse(ML_API_FORMAT, "this comes as %s%s%s, and not as '%.128s'", types[0],
                             types[1] ? " or " : "", types[1] ? types[1] : "", accept);
    *ret_type = choice;
    return MLEDGER_OK;
}

int ml_api_accept(const struct ml_server_request *request, const char *const *types,
                  size_t *ret_type)
{
    return ml_api_accept_value(ml_server_header(request, "Accept"), types, ret_type);
}
