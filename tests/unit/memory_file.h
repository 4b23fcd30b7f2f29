/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory as the file of a bundle. */
#ifndef TESTS_UNIT_MEMORY_FILE_H
#define TESTS_UNIT_MEMORY_FILE_H

#include <string.h>

#include "verify/bundle.h"

struct memory_file {
    struct ml_span bytes;
    size_t at; /* read up to here */
};

/* An ml_bundle_source whose context is the file. */
static inline int memory_file_read(void *context, uint8_t *buffer, size_t size, size_t *ret_len)
{
    struct memory_file *file = context;
    size_t len = file->bytes.len - file->at < size ? file->bytes.len - file->at : size;
    if (len > 0)
        memcpy(buffer, file->bytes.data + file->at, len);
    file->at += len;
    *ret_len = len;
    return MLEDGER_OK;
}

static inline int memory_file_rewind(void *context)
{
    ((struct memory_file *)context)->at = 0;
    return MLEDGER_OK;
}

#endif
