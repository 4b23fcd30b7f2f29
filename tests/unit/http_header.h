/* SPDX-License-Identifier: Apache-2.0 */
/* What a client takes from the header of an answer. */
#ifndef TESTS_UNIT_HTTP_HEADER_H
#define TESTS_UNIT_HTTP_HEADER_H

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* Copies the value, cut to `size` with NUL, if the line is that header; `name` ends in ": ". */
static inline void http_take_header(const char *line, size_t len, const char *name, char *value,
                                    size_t size)
{
    const size_t name_len = strlen(name);
    if (len <= name_len || strncasecmp(line, name, name_len) != 0)
        return;
    while (len > name_len && (line[len - 1] == '\r' || line[len - 1] == '\n'))
        len--;
    snprintf(value, size, "%.*s", (int)(len - name_len), line + name_len);
}

#endif
