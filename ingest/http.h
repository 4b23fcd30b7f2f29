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
 * Where a request that somebody else asks for may go is bounded by `networks`, judged on each
 * address that a connection is opened to: what a name resolves to when it is checked and when it is
 * used may differ. A proxy would be judged in its place, so the two do not go together.
 *
 * Threads: a client belongs to one thread at a time; different clients are independent.
 */
#ifndef ML_INGEST_HTTP_H
#define ML_INGEST_HTTP_H

#include <stdatomic.h>

#include "ingest/address.h"

enum {
    ML_HTTP_RESPONSE_MAX = 16 << 20, /* bytes, where the caller says nothing */
    ML_HTTP_TIMEOUT_MS = 30000,      /* likewise */
    ML_HTTP_TYPE_SIZE = 128,
    ML_HTTP_HEADERS_MAX = 8, /* of one request, besides the client's */
};

/* All zero is an anonymous client with the limits above. Everything is copied. */
struct ml_http_options {
    const char *const *headers; /* "Name: value", ended by NULL; or NULL */
    const char *bearer;         /* a token, or NULL */
    const char *user;           /* for basic authentication, with the password, or NULL */
    const char *password;
    size_t response_max;         /* bytes of an answer's body */
    uint32_t timeout_ms;         /* of a whole request */
    uint32_t redirects;          /* how many to follow */
    const char *ca_file;         /* PEM file of the roots to trust; NULL: the system's */
    const char *certificate;     /* PEM file of one that is shown to servers that ask; NULL: none */
    const char *certificate_key; /* PEM file of its key, unsealed; NULL: it is in the same file */
    unsigned networks;           /* those it may connect to, of ML_ADDRESS_BIT(); 0: all */
    bool cut_answer;           /* of a larger answer the beginning is enough; else it is an error */
    const atomic_bool *cancel; /* set by another thread it ends a request within a second, as
                                  MLEDGER_ESYSTEM; borrowed. NULL: nothing does */
    bool environment_proxy;    /* as http_proxy, https_proxy, no_proxy say; else none is used */
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
    int64_t retry_after_s;                /* seconds, of Retry-After in either form; 0: none */
    struct ml_buf body;
};
void ml_http_response_release(struct ml_http_response *response);

/*
 * Both put the answer in *ret_response, which must be empty (or released) and is empty again after
 * a failure.
 * MLEDGER_EUSAGE: `url` is no http or https URL, or has credentials in it; or it leads to none of
 * the client's networks.
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

/* Any request: a POST, unless there is a method. */
struct ml_http_request {
    const char *method; /* or NULL */
    const char *url;
    const char *content_type;   /* or NULL */
    const char *const *headers; /* as those of the client, at most ML_HTTP_HEADERS_MAX; or NULL */
    struct ml_span body;
    int file; /* with has_file: sent in place of the body, from its beginning */
    bool has_file;
    uint64_t file_size;
    /* Where the body of an answer of status 200 goes, up to sink_max bytes; NULL: into memory. */
    ml_http_sink *sink;
    void *sink_context;
    uint64_t sink_max;
};
/* As ml_http_get(); with a file or a sink as ml_http_download(). MLEDGER_EUSAGE also: a header has
 * a line break in it. */
int ml_http_send(struct ml_http_client *client, const struct ml_http_request *request,
                 struct ml_http_response *ret_response) ML_MUST_USE;

/* Sets libcurl up, once for the process; thread-safe. MLEDGER_ESYSTEM. */
int ml_http_ready(void) ML_MUST_USE;

/* MLEDGER_EUSAGE as above; for checking a URL before it is kept. */
int ml_http_url_check(const char *url) ML_MUST_USE;

/* Its parts, for checking and showing them. */
struct ml_http_url {
    bool is_https;
    char *host;   /* in lower case; an address of IPv6 in its brackets */
    char *origin; /* "https://host", and ":port" if it is not that of the scheme */
};
/* As ml_http_url_check(); initialises *ret_url in any case. */
int ml_http_url_parse(const char *url, struct ml_http_url *ret_url) ML_MUST_USE;
void ml_http_url_release(struct ml_http_url *url);

#endif
