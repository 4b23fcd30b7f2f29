/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parts of events made from what the command line says: lists with their values, digests,
 * artifacts, tags. Everything is put into the draft's arena.
 *
 * Every function may fail with MLEDGER_ESYSTEM, memory is out; other errors are named.
 */
#ifndef ML_CLI_PARTS_H
#define ML_CLI_PARTS_H

#include "cli/values.h"
#include "ingest/manifest.h"
#include "ledger/core/draft.h"

/* Appends a pointer to a repeated field: `list` is the address of the field, `count` that of its
 * number. The element is one that was just allocated: NULL says that memory is out. */
int ml_parts_append(struct ml_draft *draft, void *list, size_t *count, void *element) ML_MUST_USE;
/* A copy of the bytes as text; NULL when memory is out. */
char *ml_parts_text(struct ml_draft *draft, struct ml_span text);

/* A key to an event's list and its value to a list of the details, side by side. */
int ml_parts_append_pair(struct ml_draft *draft, char ***keys, size_t *n_keys, char ***values,
                         size_t *n_values, const struct ml_pair *pair) ML_MUST_USE;

struct ml_invocation;
/* The values of the option `name`, KEY=VALUE each: keys to the event's list of tags, values to
 * the details. MLEDGER_EUSAGE: one is not KEY=VALUE. */
int ml_parts_add_tags(struct ml_draft *draft, const struct ml_invocation *invocation,
                      const char *name, char ***tags, size_t *n_tags) ML_MUST_USE;

/* Appends a digest to a repeated field. */
int ml_parts_append_digest(struct ml_draft *draft, Mledger__Digest ***digests, size_t *count,
                           const struct ml_digest *digest, Mledger__Standing standing) ML_MUST_USE;
/* Those of content that was read here. */
int ml_parts_append_seen(struct ml_draft *draft, const struct ml_manifest *manifest,
                         Mledger__Digest ***digests, size_t *count) ML_MUST_USE;

/* Says in the details where relative paths begin: in the directory at hand. One that is nowhere any
 * more, or has no name in UTF-8, is left out. */
int ml_parts_directory(struct ml_draft *draft) ML_MUST_USE;

/* Reads the file or directory `path`, showing progress. MLEDGER_ESYSTEM: there is none, too:
 * without it nothing can be done. Other errors as ml_manifest_make(). */
int ml_parts_read(const struct ml_invocation *invocation, const char *path,
                  struct ml_manifest *ret_manifest) ML_MUST_USE;
/* The artifact at `path`, hashed here. It is called by its path as given; by its last part if that
 * is absolute or leads upward. The details say where the path begins. Errors as ml_parts_read();
 * MLEDGER_EINVALID: the name is no UTF-8.
 */
int ml_parts_artifact(struct ml_draft *draft, const struct ml_invocation *invocation,
                      const char *path, Mledger__Artifact **ret_artifact) ML_MUST_USE;

#endif
