/* SPDX-License-Identifier: Apache-2.0 */
/* Which state of a file somebody saw, to see whether it is another one since: for those who read a
 * file again when it changed. Thread-safe. */
#ifndef ML_STORE_FILE_MARK_H
#define ML_STORE_FILE_MARK_H

#include <sys/stat.h>

#include "ledger/core/base.h"

struct ml_file_mark { /* all zero: there was none */
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec changed, modified;
};

/* The file as it is now. One that cannot be looked at is none. */
struct ml_file_mark ml_file_mark(const char *path);
bool ml_file_mark_equal(const struct ml_file_mark *a, const struct ml_file_mark *b);

#endif
