/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the documents (PROV, OpenLineage, CycloneDX, SPDX, in-toto, graphs) share: identifiers,
 * times, digests, the head, and a way to build JSON without asking after each step whether memory
 * was out.
 *
 * The rules of every document:
 *  - The same records give the same bytes. Keys stand in the order in which they are put, lists in
 *    the order of the ledger; no clock is read: a document is as old as the newest record it
 * counts.
 *  - Every object says by which record it is known (seq and link), the document up to which record
 *    it goes. Whoever doubts an object goes back to that record, which is signed; the document
 *    itself is not (and says so), unless export/envelope.h wraps it.
 *  - Numbers of parameters and metrics are the texts that were recorded.
 *  - Names are strangers': they are text in JSON, percent-encoded in URIs.
 *  - Times are those that records claim, with the time of recording beside them.
 */
#ifndef ML_EXPORT_DOCUMENT_H
#define ML_EXPORT_DOCUMENT_H

#include <jansson.h>

#include "ledger/core/hex.h"
#include "ledger/query/account.h"

/* What ids begin with: this and the ledger's identity, as hexadecimal. */
#define ML_DOCUMENT_URN "urn:mledger:"
/* Our own words, of no ledger in particular; documented in docs/FORMAT.md. */
#define ML_DOCUMENT_NS ML_DOCUMENT_URN "ns:"

/* "mledger" and its version, as a URI. */
extern const char ml_document_producer[];
extern const char ml_document_version[];

#define ML_DOCUMENT_NOTE                                                                           \
    "derived from the signed records of the ledger; not signed itself unless a DSSE envelope "     \
    "wraps it"

struct ml_document {
    const struct ml_account *account;
    json_t *root; /* owned: object or array */
    struct ml_arena arena;
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    char base[sizeof ML_DOCUMENT_URN + ML_HEX_SIZE(ML_HASH_SIZE)]; /* "urn:mledger:HEX:" */
    const char **ids; /* by node: what follows `base`, percent-encoded; unique: "version/churn/3" */
    bool whole_ledger; /* no node was asked about, so all were */
    bool failed;       /* memory was out; whatever is put since is lost */
};

/* An empty document whose root is `root`, which it takes over. Initialises *ret_document in any
 * case, to be released. MLEDGER_ESYSTEM: memory is out. */
int ml_document_init(struct ml_document *document, const struct ml_account *account,
                     json_t *root) ML_MUST_USE;
void ml_document_release(struct ml_document *document);

/* Appends the root as text, indented by two spaces or on one line, and a line feed.
 * MLEDGER_ESYSTEM: memory was out at any step so far. */
int ml_document_write(const struct ml_document *document, bool indented,
                      struct ml_buf *out) ML_MUST_USE;

/* ---- building ----
 *
 * Each takes NULL for the object or array, and then does nothing: what stands for what could not be
 * made (ml_document_write() says so), or for what is there already. */

/* Takes `value` over; NULL is memory that was out. */
void ml_put(struct ml_document *document, json_t *object, const char *key, json_t *value);
void ml_add(struct ml_document *document, json_t *array, json_t *value);
/* A new empty one in its place, borrowed; NULL: memory was out. */
json_t *ml_put_object(struct ml_document *document, json_t *object, const char *key);
json_t *ml_put_array(struct ml_document *document, json_t *object, const char *key);
json_t *ml_add_object(struct ml_document *document, json_t *array);
json_t *ml_add_array(struct ml_document *document, json_t *array);
/* Nothing is put for a text that is NULL. */
void ml_put_text(struct ml_document *document, json_t *object, const char *key, const char *text);
void ml_add_text(struct ml_document *document, json_t *array, const char *text);
void ml_put_number(struct ml_document *document, json_t *object, const char *key, uint64_t number);
/* Formatted text that lives as long as the document; NULL: memory was out. */
const char *ml_document_text(struct ml_document *document, const char *format, ...) ML_PRINTF(2, 3);

/* ---- identifiers ---- */

/* The node's id as a URI: base and id. */
const char *ml_document_uri(struct ml_document *document, size_t node);
/* Another URI of this ledger: "record/17". */
const char *ml_document_uri_of(struct ml_document *document, const char *format, ...)
    ML_PRINTF(2, 3);
/* What a recorded source names, as a URI: as it stands if it has a scheme and nothing in it that a
 * URI may not hold, else percent-encoded, under "file:" if it is a path. */
const char *ml_document_source(struct ml_document *document, const char *source);

/* The same of a repository, for which "git@host:a/b.git" means "ssh://git@host/a/b.git". */
const char *ml_document_repository(struct ml_document *document, const char *repository);

/* RFC 9562 version 8: of the first 16 bytes of the record's link; where one record tells of several
 * things, of those of SHA-256(link || part). NULL: memory was out. */
const char *ml_document_uuid(struct ml_document *document, const struct ml_account_record *record,
                             const char *part);

/* ---- times and digests ---- */

/* RFC 3339, UTC; NULL for ML_NO_TIME and for what RFC 3339 cannot say. */
const char *ml_document_time(struct ml_document *document, int64_t time_us);
/* The same in whole seconds, rounded down, as SPDX wants it. */
const char *ml_document_seconds(struct ml_document *document, int64_t time_us);
/* The SHA-256 among the digests, NULL if there is none. */
const Mledger__Digest *ml_digest_sha256(const Mledger__Digest *const *digests, size_t count);
/* An MD5 of plain content, which others' formats know too. */
const Mledger__Digest *ml_digest_md5(const Mledger__Digest *const *digests, size_t count);
/* "churn/3 90 %": a version and its share of an endpoint's traffic. */
const char *ml_document_share(struct ml_document *document, const struct ml_account_share *share);
/* Hexadecimal of bytes. */
const char *ml_document_hex(struct ml_document *document, const void *data, size_t len);

/* ---- records ---- */

/* "seq" and "link" of the record, "recorded" with its time, and "claimed" if it claims one. */
void ml_put_record(struct ml_document *document, json_t *object,
                   const struct ml_account_record *record);
/* "ledger": its name, identity and origin, the head, what is not known, and the note above. */
void ml_put_ledger(struct ml_document *document, json_t *object, const char *key);
/* All that is known of a node, by "kind", "label", record, "digests", "flags", "attributes" and
 * more where it applies; for formats that have no words of their own for it. */
void ml_put_node_facts(struct ml_document *document, json_t *object, size_t node);
/* The value of the tag of a run, NULL if it has none or the value is not known. */
const char *ml_tag_of(const struct ml_account_node *run, const char *key);
/* "name", "dataset", "value" and "step" of a metric. */
void ml_put_metric(struct ml_document *document, json_t *object,
                   const struct ml_account_metric *metric);
/* "basis" (which kind of edge), "seqs" and "grounds" of an edge. */
void ml_put_edge_facts(struct ml_document *document, json_t *object, const struct ml_edge *edge);
/* Whether an edge before edges[index] joins the same two nodes: by another record or role, say, but
 * lists of what was read or made name each thing once. */
bool ml_document_is_repeated(const struct ml_document *document, const size_t *edges, size_t index);
/* The role in which an activity read something: "training", or what its input was recorded with.
 * NULL: none, or the input has several and the edge does not say which. */
const char *ml_document_input_role(const struct ml_document *document, const struct ml_edge *edge);
/* The repository that a run of the commit names by its tag, as a URI; NULL: none does. */
const char *ml_document_commit_repository(struct ml_document *document, size_t commit);
/* The run that a version was registered from or a logged model made by; SIZE_MAX: none is known. */
size_t ml_document_run_of(const struct ml_document *document, size_t model);
/* Whether the node was asked about. */
bool ml_document_is_subject(const struct ml_document *document, size_t node);

#endif
