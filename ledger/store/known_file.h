/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a file of known_head.h, and the file itself: read whole, replaced whole, changed by
 * one process at a time. docs/FORMAT.md has the form.
 */
#ifndef ML_STORE_KNOWN_FILE_H
#define ML_STORE_KNOWN_FILE_H

#include "ledger/store/known_head.h"

struct ml_known_file {
    struct ml_known_head head; /* size 0: nothing is known */
    struct ml_buf checkpoint;  /* the signed note as it stands; empty: none was seen */
};
void ml_known_file_release(struct ml_known_file *file);

/* Reads either version of the text; `name` is for errors. No bytes are nothing known.
 * Initialises *ret_file in any case. MLEDGER_EINVALID names the file that is malformed. */
int ml_known_file_parse(const char *name, struct ml_span text,
                        struct ml_known_file *ret_file) ML_MUST_USE;
/* Appends the text, always of the newest version. */
int ml_known_file_write(const struct ml_known_file *file, struct ml_buf *text) ML_MUST_USE;

/* Reads the file; one that is not there is nothing known. Initialises *ret_file in any case.
 * MLEDGER_EINVALID as above; MLEDGER_ESYSTEM. */
int ml_known_file_read(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                       struct ml_known_file *ret_file) ML_MUST_USE;

/* Changes the file: `change` sees what is known and says whether it changed it (1), not (0), or
 * failed. Nobody else changes any file of the directory meanwhile; the directory is made. With
 * `durable` the change has reached the disk when this returns; without, a loss of power may leave
 * the file empty or as it was. */
typedef int ml_known_change(struct ml_known_file *file, void *context);
int ml_known_file_change(const char *known_dir, const uint8_t identity[ML_HASH_SIZE],
                         ml_known_change *change, void *context, bool durable) ML_MUST_USE;

/* Makes the directory and those above it, where they are missing. */
int ml_known_dir_make(const char *known_dir) ML_MUST_USE;

/* KNOWN_DIR/IDENTITY-IN-HEX and `suffix`, with its NUL. */
int ml_known_path(const char *known_dir, const uint8_t identity[ML_HASH_SIZE], const char *suffix,
                  struct ml_buf *path) ML_MUST_USE;

#endif
