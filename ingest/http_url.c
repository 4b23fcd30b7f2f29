/* SPDX-License-Identifier: Apache-2.0 */
/* URLs for the HTTP client, taken apart by libcurl: what it would connect to is what is judged. */
#include <curl/curl.h>

#include "ingest/http.h"

static void url_cleanup(CURLU **url)
{
    curl_url_cleanup(*url);
}

static bool url_has(CURLU *url, CURLUPart part)
{
    char *value = NULL;
    bool has = curl_url_get(url, part, &value, 0) == CURLUE_OK;
    curl_free(value);
    return has;
}

static bool scheme_is(CURLU *url, const char *name)
{
    char *scheme = NULL;
    bool is =
        curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK && strcmp(scheme, name) == 0;
    curl_free(scheme);
    return is;
}

static int parse_url(CURLU *parts, const char *url)
{
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, url, CURLU_NON_SUPPORT_SCHEME);
    if (code == CURLUE_OUT_OF_MEMORY)
        return ml_fail_memory();
    /* Before anything is said about it: it must not be shown. */
    if (code == CURLUE_OK && (url_has(parts, CURLUPART_USER) || url_has(parts, CURLUPART_PASSWORD)))
        return ml_fail(MLEDGER_EUSAGE, "a URL must not have a user or password in it");
    if (code != CURLUE_OK || !(scheme_is(parts, "http") || scheme_is(parts, "https")))
        return ml_fail(MLEDGER_EUSAGE, "'%s' is no http or https URL", url);
    return MLEDGER_OK;
}

int ml_http_url_check(const char *url)
{
    ML_TRY(ml_http_ready());
    ML_CLEANUP(url_cleanup) CURLU *parts = curl_url();
    return parts ? parse_url(parts, url) : ml_fail_memory();
}

/* What is left when path, query and fragment are taken away. */
static int take_origin(CURLU *parts, struct ml_http_url *url)
{
    char *text = NULL;
    static const CURLUPart others[] = {CURLUPART_PATH, CURLUPART_QUERY, CURLUPART_FRAGMENT};
    for (size_t i = 0; i < ML_COUNT(others); i++)
        if (curl_url_set(parts, others[i], NULL, 0) != CURLUE_OK)
            return ml_fail_memory();
    if (curl_url_get(parts, CURLUPART_URL, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK)
        return ml_fail_memory();
    const size_t len = strlen(text);
    url->origin = strndup(text, len > 0 && text[len - 1] == '/' ? len - 1 : len);
    curl_free(text);
    return url->origin ? MLEDGER_OK : ml_fail_memory();
}

/* Names are the same in any case of letters, and libcurl leaves them as they were written. */
static int lower_host(CURLU *parts, struct ml_http_url *url)
{
    char *host = NULL;
    if (curl_url_get(parts, CURLUPART_HOST, &host, 0) != CURLUE_OK)
        return ml_fail_memory();
    url->host = strdup(host);
    curl_free(host);
    if (!url->host)
        return ml_fail_memory();
    for (char *at = url->host; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return curl_url_set(parts, CURLUPART_HOST, url->host, 0) == CURLUE_OK ? MLEDGER_OK
                                                                          : ml_fail_memory();
}

int ml_http_url_parse(const char *url, struct ml_http_url *ret_url)
{
    *ret_url = (struct ml_http_url){0};
    ML_TRY(ml_http_ready());
    ML_CLEANUP(url_cleanup) CURLU *parts = curl_url();
    if (!parts)
        return ml_fail_memory();
    ML_TRY(parse_url(parts, url));
    ret_url->is_https = scheme_is(parts, "https");
    ML_TRY(lower_host(parts, ret_url));
    return take_origin(parts, ret_url);
}

void ml_http_url_release(struct ml_http_url *url)
{
    free(url->host);
    free(url->origin);
    *url = (struct ml_http_url){0};
}
