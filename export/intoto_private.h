/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of in-toto, one after the other. Private to intoto*.c and slsa.c. */
#ifndef ML_EXPORT_INTOTO_PRIVATE_H
#define ML_EXPORT_INTOTO_PRIVATE_H

#include "export/document.h"

/* A version, or a run that nothing was registered from, of which a file with a digest is known. */
bool intoto_is_subject(const struct ml_document *document, size_t node);

/* A new statement about the node's files at the end of the root, which is an array; borrowed. Its
 * predicate, empty so far, in *ret_predicate. */
json_t *intoto_statement(struct ml_document *document, size_t node, const char *predicate_type,
                         json_t **ret_predicate);
/* "digest": what of these has a name in in-toto; whether there was any. */
bool intoto_put_digests(struct ml_document *document, json_t *object,
                        const Mledger__Digest *const *digests, size_t count);
/* "mledger_record" of the record, "mledger_ledger" with the head: extension fields. */
void intoto_put_source(struct ml_document *document, json_t *predicate,
                       const struct ml_account_record *record);
/* A ResourceDescriptor of data, code or a base model: at least a URI. */
void intoto_put_resource(struct ml_document *document, json_t *object, size_t node);

/* slsa.c: how the node's files were made. */
void intoto_add_provenance(struct ml_document *document, size_t node);
/* intoto_acts.c: what was decided and done about the version. */
void intoto_add_acts(struct ml_document *document, size_t version);

#endif
