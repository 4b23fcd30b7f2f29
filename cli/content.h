/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command line says was read: a file or directory here, a digest, a dataset or a model
 * version of the ledger.
 *
 *   PATH                          hashed here: seen
 *   sha256:HEX, md5:HEX, …        content known by its digest alone: claimed
 *   dataset:NAME[@DIGEST]         a dataset's version, with the digests that its record holds,
 *                                 claimed (nobody looked at the content now)
 *   models:/NAME/VERSION, …       a model version
 *
 * A path that looks like one of the others is written ./PATH.
 */
#ifndef ML_CLI_CONTENT_H
#define ML_CLI_CONTENT_H

#include "cli/parts.h"
#include "cli/session.h"

struct ml_content {
    const char *name; /* of the dataset, of the file; NULL: it has none. In the draft. */
    bool has_dataset, has_version, has_size;
    uint64_t dataset;        /* seq of the subject */
    uint64_t model, version; /* seq of the subject, number */
    uint64_t size;           /* bytes */
    Mledger__Digest **digests;
    size_t n_digests;
};

/* `what` names the option in errors. Errors are those of ml_values_digest(), cli/named.h and
 * ml_parts_read(). What is returned lives in the draft. */
int ml_content_read(struct ml_session *session, struct ml_draft *draft, const char *what,
                    const char *text, struct ml_content *ret_content) ML_MUST_USE;

/* "NAME[:ROLE]=CONTENT". MLEDGER_EUSAGE: it is not. */
int ml_content_input(struct ml_session *session, struct ml_draft *draft, const char *what,
                     const char *text, Mledger__Input **ret_input) ML_MUST_USE;

#endif
