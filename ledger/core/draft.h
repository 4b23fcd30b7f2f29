/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A draft: an event on its way into the ledger, before the ledger has numbered and completed it.
 *
 * Whoever records something fills in what they know. What the ledger assigns may be left out:
 * salts (of length 0), the number of a new version (0), the stage that a transition leaves
 * (NULL), the size that a heartbeat says (0), the predecessor of a name used again, and the seqs of
 * subjects, for which the names that users use stand in `names` until the write path resolves them,
 * in order, against the state that the records before it left.
 *
 * A draft owns its arena, and everything in it lives there. It belongs to one thread at a time.
 */
#ifndef ML_CORE_DRAFT_H
#define ML_CORE_DRAFT_H

#include "ledger/core/arena.h"
#include "proto/event.pb-c.h"
#include "proto/state.pb-c.h"

/* A uint64 field of the event that is to hold a subject's seq, and what the user wrote. */
struct ml_draft_name {
    uint64_t *seq; /* the field; its has_ flag, if it has one, is set already */
    Mledger__SubjectKind kind;
    const char *field; /* for messages */
    const char *name;  /* actor or experiment: name or id; run: id, "runs:/ID"; model: name, … */
};

/* Bytes to be kept beside the record; the event or the details name their SHA-256. */
struct ml_draft_attachment {
    uint8_t sha256[32];
    struct ml_buf bytes;
};

/* A place that was filled in, and what stood there before. */
struct ml_draft_fill {
    void *place;
    size_t size;
    uint8_t before[32];
};

struct ml_draft {
    struct ml_arena arena;
    Mledger__Event *event;
    Mledger__Details *details; /* NULL: none */
    struct ml_draft_name *names;
    size_t n_names;
    size_t cap_names;
    /* Set when the payload must enter as exact bytes, because statements were made on it. Then
     * nothing is filled in, all of it is checked. Otherwise all are empty. */
    struct ml_span event_bytes;
    struct ml_span details_bytes;
    struct ml_span statements_bytes; /* Statements, may be empty */
    const uint8_t *event_salt;       /* 32 bytes each */
    const uint8_t *details_salt;
    const uint8_t *statements_salt; /* NULL: drawn when it is appended */
    struct ml_draft_attachment *attachments;
    size_t n_attachments;
    size_t cap_attachments;
    struct ml_draft_fill *fills; /* by the write path */
    size_t n_fills;
    size_t cap_fills;
    /* Where it came from, for errors: "line 12", "runs:/…"; NULL if there is nothing to say. */
    const char *origin;
};

/* An empty draft with an event and no kind yet. */
int ml_draft_new(struct ml_draft **ret_draft) ML_MUST_USE;
void ml_draft_free(struct ml_draft *draft);
/* For ML_CLEANUP. */
void ml_draft_freep(struct ml_draft **draft);

/* A zeroed message of `type` in the draft's arena, initialised for protobuf-c. */
void *ml_draft_message(struct ml_draft *draft, const ProtobufCMessageDescriptor *type);
/* Sets the event's kind to `field` (of Event) and returns its new, empty message. */
void *ml_draft_set_kind(struct ml_draft *draft, const char *kind_name);
/* The details, made on first use. NULL: out of memory. */
Mledger__Details *ml_draft_details(struct ml_draft *draft);
/* A copy of the text in the draft's arena; NULL for NULL. */
char *ml_draft_text(struct ml_draft *draft, const char *text);
/* A digest in the draft's arena; `value` is copied. */
Mledger__Digest *ml_draft_digest(struct ml_draft *draft, Mledger__Algorithm algorithm,
                                 const uint8_t *value, size_t len, Mledger__Standing standing);
/* Has `*seq` filled with the subject that `name` (copied) names. */
int ml_draft_name(struct ml_draft *draft, uint64_t *seq, Mledger__SubjectKind kind,
                  const char *field, const char *name) ML_MUST_USE;
/* Takes the bytes over (`bytes` is empty afterwards) and gives the Attachment that names them. */
int ml_draft_attach(struct ml_draft *draft, struct ml_buf *bytes,
                    Mledger__Attachment **ret_attachment) ML_MUST_USE;

/* Writes `size` (at most 32) bytes to `place`, in a message of the draft, so that it can be
 * undone: a transaction that must start over finds the draft as it was. */
int ml_draft_fill(struct ml_draft *draft, void *place, const void *value, size_t size) ML_MUST_USE;
void ml_draft_unfill(struct ml_draft *draft);

#endif
