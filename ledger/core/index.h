/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The indexes: keys derived from single records, so that answers need not read all of them.
 *
 * A key is one byte that says what it is, what it leads from, and the record's seq; the value is
 * empty. Keys are never overwritten. Append stores them, verify derives them again and compares,
 * reindex drops and rebuilds them. Numbers are 8 bytes big-endian.
 *
 *   's' subject seq             record seq is tagged with the subject
 *   'r' target seq              record seq refers to subject or record `target`
 *   'v' model version seq       record seq concerns or names the version
 *   'd' algorithm digest# out seq
 *                               record seq holds the digest; out is 1 where its subject made the
 *                               content, 0 where it read or mentions it. digest# is the digest
 *                               padded with zeros, or cut, to 32 bytes
 *   'i' run id# seq             record seq names a run by its id alone; id# is 16 bytes of SHA-256
 *   'c' seq                     record seq notes a checkpoint
 *   'a' seq                     record seq names artifacts by their paths: of a run or a version
 *   't' seq                     record seq corrects the clock: recorded_at may fall there
 *   'm' seq                     record seq is of the registry: of models, their versions, stages,
 *                               aliases and tags, or of webhooks, which are told of them
 *   'k' key# seq                record seq is signed by the key, or carries a statement of it; key#
 *                               is the first 16 bytes of the key
 *   'p' stage# seq              record seq sets the policy of the stage; stage# is 16 bytes of
 *                               SHA-256
 *   'o' endpoint# seq           record seq says what the endpoint serves; endpoint# is 16 bytes of
 *                               SHA-256
 *   'n' seq                     record seq is about an incident
 *   'x' model seq               record seq says where a version of the model is: of stages,
 * aliases, deployments, approvals, that it is there or is deleted; not of tags, descriptions and
 * validations, which may be many more 'y' model version seq       the same of this version, where
 * the record names it
 *
 * Where a pipeline's stages stand in an attachment, the record holds the digests in it as it would
 * if they stood in the event. Of an attachment that is not there, is not what its name says, or is
 * no PipelineSnapshot, there are none.
 *
 * What is cut may be shared by two: who reads a record by such a key looks whether it is meant.
 *
 * Pure; thread-safe.
 */
#ifndef ML_CORE_INDEX_H
#define ML_CORE_INDEX_H

#include "ledger/core/state_key.h"
#include "proto/event.pb-c.h"
#include "proto/header.pb-c.h"

enum ml_index_kind {
    ML_INDEX_SUBJECT = 's',
    ML_INDEX_REFERENCE = 'r',
    ML_INDEX_VERSION = 'v',
    ML_INDEX_DIGEST = 'd',
    ML_INDEX_RUN_ID = 'i',
    ML_INDEX_CHECKPOINT = 'c',
    ML_INDEX_CLOCK = 't',
    ML_INDEX_REGISTRY = 'm',
    ML_INDEX_KEY = 'k',
    ML_INDEX_ENDPOINT = 'o',
    ML_INDEX_POLICY = 'p',
    ML_INDEX_ARTIFACTS = 'a',
    ML_INDEX_INCIDENT = 'n',
    ML_INDEX_PLACE = 'x',
    ML_INDEX_VERSION_PLACE = 'y',
};

/* What of a record is indexed; all is borrowed. */
struct ml_index_record {
    uint64_t seq;
    const Mledger__Event *event;
    const uint8_t *signer;                        /* 32 bytes */
    const Mledger__Statements *signed_statements; /* NULL: none */
    const uint64_t *subjects;                     /* those that the fold found */
    size_t n_subjects;
    struct ml_span attachment; /* bytes of ml_index_attachment(), checked; empty: not at hand */
};

/* The attachment of the event that is indexed with it, NULL if there is none. It is named by the
 * event, so it is never erased. */
const Mledger__Attachment *ml_index_attachment(const Mledger__Event *event);

/* Calls `visit` with each key of the record; one key may come more than once. Stops at the first
 * negative result. */
typedef int ml_index_visitor(struct ml_span key, void *context);
int ml_index_keys(const struct ml_index_record *record, ml_index_visitor *visit,
                  void *context) ML_MUST_USE;
/* Those of them that follow from the attachment. */
int ml_index_attached_keys(const struct ml_index_record *record, ml_index_visitor *visit,
                           void *context) ML_MUST_USE;

/* Beginnings of keys, to seek with: all but the seq. */
struct ml_state_key ml_index_subject_prefix(uint64_t subject);
struct ml_state_key ml_index_reference_prefix(uint64_t target);
struct ml_state_key ml_index_version_prefix(uint64_t model, uint64_t version);
/* `out` 0 or 1. */
struct ml_state_key ml_index_digest_prefix(Mledger__Algorithm algorithm, struct ml_span value,
                                           bool out);
int ml_index_run_id_prefix(const char *run_id, struct ml_state_key *ret_prefix) ML_MUST_USE;
struct ml_state_key ml_index_checkpoint_prefix(void);
struct ml_state_key ml_index_clock_prefix(void);
struct ml_state_key ml_index_registry_prefix(void);
/* `key` has 32 bytes. */
struct ml_state_key ml_index_key_prefix(const uint8_t *signer);
int ml_index_endpoint_prefix(const char *endpoint, struct ml_state_key *ret_prefix) ML_MUST_USE;
int ml_index_policy_prefix(const char *stage, struct ml_state_key *ret_prefix) ML_MUST_USE;
struct ml_state_key ml_index_artifacts_prefix(void);
struct ml_state_key ml_index_incident_prefix(void);
struct ml_state_key ml_index_place_prefix(uint64_t model);
struct ml_state_key ml_index_version_place_prefix(uint64_t model, uint64_t version);
/* The seq at the end of an index key. */
uint64_t ml_index_seq(struct ml_span key);

/* Whether the digest is of empty content, which joins nothing. */
bool ml_digest_is_empty(const Mledger__Digest *digest);

#endif
