/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP client: bytes to and from http and https URLs, over libcurl. What the bytes mean may
 * not enter here.
 *
 * A request gives a status and a body, or an error: a status such as 404 is an answer, whose
 * meaning is the caller's. Everything is bounded: the time of a whole request, the size of an
 * answer. Certificates are always verified. Redirects are not followed unless allowed, and then to
 * http and https only; credentials go to the host they were given for and no other. URLs with
 * credentials in them are refused, since URLs appear in errors and lists.
 *
 * Threads: a client belongs to one thread at a time; different clients are independent.
 */
#ifndef ML_INGEST_HTTP_H
#define ML_INGEST_HTTP_H

#include "ledger/core/base.h"

enum {
    ML_HTTP_RESPONSE_MAX = 16 << 20, /* bytes, where the caller says nothing */
    ML_HTTP_TIMEOUT_MS = 30000,      /* likewise */
    ML_HTTP_TYPE_SIZE = 128,
};

/* All zero is an anonymous client with the limits above. Everything is copied. */
struct ml_http_options {
    const char *const *headers; /* "Name: value", ended by NULL; or NULL */
    const char *bearer;         /* a token, or NULL */
    const char *user;           /* for basic authentication, with the password, or NULL */
    const char *password;
    size_t response_max;    /* bytes of an answer's body */
    uint32_t timeout_ms;    /* of a whole request */
    uint32_t redirects;     /* how many to follow */
    const char *ca_file;    /* PEM file of the roots to trust; NULL: the system's */
    bool environment_proxy; /* as http_proxy, https_proxy, no_proxy say; else none is used */
};

struct ml_http_client;

/* MLEDGER_EUSAGE: headers or credentials have line breaks in them. MLEDGER_ESYSTEM: libcurl cannot
 * be used, or memory is out. */
int ml_http_client_new(const struct ml_http_options *options,
                       struct ml_http_client **ret_client) ML_MUST_USE;
void ml_http_client_free(struct ml_http_client *client); /* accepts NULL */
static inline void ml_http_client_freep(struct ml_http_client **client)
{
    ml_http_client_free(*client);
}

/* All zero is an empty one. */
struct ml_http_response {
    int status;                           /* 200, 404, … */
    char content_type[ML_HTTP_TYPE_SIZE]; /* as sent, cut if longer; "" if it was not */
    struct ml_buf body;
};
void ml_http_response_release(struct ml_http_response *response);

/*
 * Both put the answer in *ret_response, which must be empty (or released) and is empty again after
 * a failure.
 * MLEDGER_EUSAGE: `url` is no http or https URL, or has credentials in it.
 * MLEDGER_ESYSTEM: it cannot be reached, its certificate is not trusted, it does not speak HTTP,
 * its answer is cut off, larger or later than the limits allow. The sentence names the URL.
 */
int ml_http_get(struct ml_http_client *client, const char *url,
                struct ml_http_response *ret_response) ML_MUST_USE;
/* `content_type` is that of the body, NULL for none. */
int ml_http_post(struct ml_http_client *client, const char *url, const char *content_type,
                 struct ml_span body, struct ml_http_response *ret_response) ML_MUST_USE;

/* Takes the next bytes of a body. A negative result, whose error it has set, ends the request. */
typedef int ml_http_sink(void *context, struct ml_span bytes);
/*
 * As ml_http_get(), for what is too large to hold: the body of an answer of status 200 goes to
 * `sink` as it comes, up to `max` bytes, and ret_response->body stays empty. Instead of a time for
 * the whole there is one for each pause. What was taken is worthless unless this returns
 * MLEDGER_OK. Errors as above, and those of `sink`.
 */
int ml_http_download(struct ml_http_client *client, const char *url, uint64_t max,
                     ml_http_sink *sink, void *context,
                     struct ml_http_response *ret_response) ML_MUST_USE;

/* MLEDGER_EUSAGE as above; for checking a URL before it is kept. */
int ml_http_url_check(const char *url) ML_MUST_USE;

#endif
