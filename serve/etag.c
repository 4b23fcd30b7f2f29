/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/etag.h"

#include <unistd.h>

bool ml_etag_is_in(const char *list, const char *etag)
{
    const size_t len = strlen(etag);
    while (*list) {
        list += strspn(list, " \t,");
        if (strncmp(list, "W/", 2) == 0)
            list += 2;
        const size_t one = strcspn(list, ", \t");
        if ((one == len && memcmp(list, etag, len) == 0) || (one == 1 && *list == '*'))
            return true;
        list += one;
    }
    return false;
}

void ml_etag_answer(const struct ml_server_request *request, const char *etag, const char *keep,
                    struct ml_server_reply *reply)
{
    const char *known = ml_server_header(request, "If-None-Match");
    ml_server_reply_header(reply, "ETag", "%s", etag);
    ml_server_reply_header(reply, "Cache-Control", "%s", keep);
    if (!known || !ml_etag_is_in(known, etag))
        return;
    reply->status = 304;
    reply->content_type = NULL;
    ml_buf_clear(&reply->body);
    if (reply->has_file)
        close(reply->file);
    reply->has_file = false;
}
