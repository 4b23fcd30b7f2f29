/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/url.h"

/* RFC 3986, section 2.3: these stand for themselves. */
static bool is_unreserved(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

int ml_url_part(struct ml_buf *url, const char *part)
{
    for (; *part; part++)
        if (is_unreserved((unsigned char)*part))
            ML_TRY(ml_buf_append_char(url, *part));
        else
            ML_TRY(ml_buf_printf(url, "%%%02X", (unsigned)(unsigned char)*part));
    return MLEDGER_OK;
}

int ml_url_query(struct ml_buf *url, const char *name, const char *value)
{
    const bool first = memchr(url->data, '?', url->len) == NULL;
    ML_TRY(ml_buf_printf(url, "%c%s=", first ? '?' : '&', name));
    return ml_url_part(url, value);
}
