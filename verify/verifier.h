/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pure part of the verifier: records in, findings out.
 *
 * It takes the records of a ledger one after another from any source (the store, an export, tiles,
 * a bundle) and derives everything that can be derived from them: encoding, gap-free numbers,
 * chain, commitments, signatures, statements, authority, every rule and policy, subject tags, the
 * tree and its root, the state. Each batch is checked on all cores, then folded in order.
 *
 *     ml_verifier_init()     over a source
 *     ml_verifier_read()     all records
 *     ml_verifier_finish()   what can only be said at the end
 *     ml_verifier_release()
 *
 * Between these, and after the last but one, whoever uses it compares what was derived with what it
 * has: verify.h does so with the store. Needs ledger/core alone: no store, no files, no clock.
 *
 * Findings have stable codes; docs/FINDINGS.md explains each.
 */
#ifndef VERIFY_VERIFIER_H
#define VERIFY_VERIFIER_H

#include "ledger/core/fold.h"
#include "ledger/core/merkle.h"
#include "ledger/core/timestamp.h"
#include "ledger/core/witness_policy.h"

enum ml_verify_level {
    ML_VERIFY_FULL,
    ML_VERIFY_CHAIN, /* headers alone: numbers, chain, times, nothing signed */
};

enum ml_severity {
    ML_SEVERITY_FAULT,      /* something is wrong: the answer is no */
    ML_SEVERITY_DOUBT,      /* in order by itself, but by a key that was later revoked */
    ML_SEVERITY_NOT_PROVEN, /* nothing here proves or disproves it */
};

struct ml_finding {
    const char *code;
    enum ml_severity severity;
    const char *rule; /* which, when the code is "rule" or "hidden-rule"; else "" */
    uint64_t seq;     /* MLEDGER_NO_SEQ: no record in particular */
    const char *text; /* one sentence */
};

/* Called on the verifying thread; the finding is borrowed. A negative result ends it. */
typedef int ml_finding_visitor(const struct ml_finding *finding, void *context);
/* Called now and then with the records done so far; a negative result ends it. */
typedef int ml_verify_progress(uint64_t done, uint64_t total, void *context);

struct ml_verify_anchors;

struct ml_verify_options {
    enum ml_verify_level level;
    size_t memory;                              /* bytes of state before spilling; 0: 64 MiB */
    const char *spill_dir;                      /* NULL: /tmp */
    const struct ml_timestamp_roots *tsa_roots; /* whose timestamps to believe; NULL: not told */
    ml_finding_visitor *visit;
    void *visit_context;
    ml_verify_progress *progress; /* NULL: none */
    void *progress_context;
    /* Is told, often and on any thread, that there is progress: with the record that is read
     * next, or MLEDGER_NO_SEQ. For who watches whether reading a store has died. NULL: nobody. */
    void (*pulse)(uint64_t seq, void *context);
    void *pulse_context;
    /* The caller's time, microseconds since 1970 UTC: records that claim a much later one are
     * reported, as not proven. 0: not judged. */
    int64_t now_us;
    const struct ml_verify_anchors *anchors; /* verify/anchor.h; NULL: none */
    /* For ml_verify(), where known heads are kept. */
    bool since;    /* go on from the last full verification that is known, if that can be */
    bool remember; /* leave a snapshot for such, unless there are faults */
};

/* The newest noted checkpoint that witnesses of the policy have cosigned, enough of them. */
struct ml_verify_witnessed {
    uint64_t size; /* records under it; 0: there is none */
    uint64_t seq;  /* of the record that notes it */
    struct ml_witnessed by;
};
/* The newest noted checkpoint with a timestamp that leads to the roots given. */
struct ml_verify_timestamped {
    uint64_t size, seq; /* as above */
    struct ml_timestamp by;
};

struct ml_verify_result {
    struct ml_head head; /* of what was read; size 0: no readable record */
    uint64_t records;    /* read */
    uint64_t hidden;     /* of these, those whose payload the source does not hold */
    uint64_t statements; /* checked */
    uint64_t faults, doubts, not_proven;
    uint64_t anchored;           /* records under a checkpoint from outside that holds */
    uint8_t root[ML_HASH_SIZE];  /* of the tree over all records, at the full level */
    bool known;                  /* the newest head known here is part of this ledger */
    uint64_t since;              /* records verified before and not read again */
    bool refolded;               /* options->since, and yet all was read: nothing to go on from */
    bool remembered;             /* a snapshot was left, */
    uint8_t state[ML_HASH_SIZE]; /* whose digest this is */
    struct ml_verify_witnessed witnessed;
    struct ml_verify_timestamped timestamped;
    uint64_t unrooted_timestamps; /* that no roots were given for */
};

/* One record as its source has it. */
struct ml_verify_input {
    uint64_t seq;         /* under which it is kept; MLEDGER_NO_SEQ: decode() tells */
    uint64_t place;       /* in the source (a line), for decode() to speak of */
    bool entry;           /* `bytes` are signature || header: the payload is hidden */
    struct ml_span bytes; /* else a SignedRecord, as the store keeps it */
};

/* Where records come from. All but next() may be NULL. */
struct ml_verify_source {
    void *context;
    uint64_t total; /* records that are expected, for the progress; 0: not known */
    /* The next record, ascending by seq. Its bytes live in `arena` or as long as the source.
     * MLEDGER_ENOTFOUND: there is none any more. */
    int (*next)(void *context, struct ml_arena *arena, struct ml_verify_input *ret_input);
    /* Makes the record's bytes of what next() gave, in `arena`, and says its seq; called on any
     * thread. MLEDGER_EINVALID: it is no record; the error's rule (ml_blame()) is the code of the
     * finding. NULL: nothing is to be made. */
    int (*decode)(void *context, struct ml_arena *arena, struct ml_verify_input *input);
    /* What next() gives next is record `seq` or one before it. NULL: it cannot go back; then what
     * revoked keys signed cannot be named. */
    int (*seek)(void *context, uint64_t seq);
    /* Link and leaf of a record that next() gave. Where one is NULL the verifier keeps both. */
    ml_link_at *link_at;
    /* A node of the tree over records that are not read again (ml_verifier_resume()). */
    ml_merkle_get node_at;
    int (*leaf_at)(void *context, uint64_t seq, uint8_t ret_leaf[ML_HASH_SIZE]);
    /* Is told each node of the tree from ML_VERIFIER_NODE_LEVEL up, as it becomes complete. */
    ml_merkle_put node;
    /* Whether every record of this subject is shown, where the source hides payloads on purpose (an
     * evidence bundle). The rules are then judged as far as what is shown allows (struct
     * ml_fold_hidden in ledger/core/fold.h), and a record that is withheld is named. NULL: of
     * entries nothing is judged but chain and signature. */
    bool (*is_whole)(void *context, uint64_t subject);
    /* Payloads were chosen one by one: is_whole() is true of no subject but actors. */
    bool chosen;
    /* Is told each record that kept every rule. */
    int (*kept)(void *context, const struct ml_record *record, const struct ml_fold_result *result);
};

enum { ML_VERIFIER_NODE_LEVEL = 8 };

/* One verification. Whoever runs it may read the fields above the line. */
struct ml_verifier {
    const struct ml_verify_options *options;
    const struct ml_verify_source *source;
    struct ml_verify_result result;
    struct ml_fold fold;          /* .head: of what was read */
    struct ml_state *state;       /* derived */
    struct ml_state *attachments; /* SHA-256 of those that records name → size, 8 bytes */
    struct ml_merkle_frontier frontier;
    uint64_t tree_nodes; /* complete ones from ML_VERIFIER_NODE_LEVEL up */
    /* ------------------------------------------------------------------------------------- */
    bool at_end;
    bool policy_met;
    uint64_t base;                       /* records verified before; 0: none */
    struct ml_merkle_frontier base_edge; /* of the tree over them */
    bool link_known;                     /* fold.head.link is that of the record before */
    uint64_t last_reported;
    uint64_t ahead_from;      /* records from here on are dated ahead; MLEDGER_NO_SEQ */
    uint64_t whole;           /* leaves from the first that are those of the records so numbered */
    struct ml_state *nodes;   /* level, index → hash; as many as tree_nodes */
    struct ml_state *log;     /* seq → link, leaf; NULL: the source tells */
    struct ml_state *erased;  /* seqs whose details are gone */
    struct ml_state *ordered; /* seqs whose details a record erased → that record, 8 bytes */
    struct ml_state *doubts;  /* verifier_doubt.c: what is in doubt → by which record */
    struct ml_verify_partial *partial; /* what source->is_whole calls for; else NULL */
    uint64_t doubt_from, doubt_until;  /* what revocations reach back over */
    uint64_t doubts_living;            /* those that follow from records in doubt */
};

/* Both are borrowed. Initialises in any case, so that it can be released. */
int ml_verifier_init(struct ml_verifier *verifier, const struct ml_verify_options *options,
                     const struct ml_verify_source *source) ML_MUST_USE;
void ml_verifier_release(struct ml_verifier *verifier);
/* Between init and read: goes on after the records that `edge` is of, whose fold was put into
 * `state`. The source must be able to seek and to tell links, leaves and nodes. */
int ml_verifier_resume(struct ml_verifier *verifier,
                       const struct ml_merkle_frontier *edge) ML_MUST_USE;
/* Forgets what was put into `state`. */
int ml_verifier_restart(struct ml_verifier *verifier) ML_MUST_USE;
/* Reads, checks and folds all records. A result of 0 means that it was carried through, not that
 * all is well. MLEDGER_ESYSTEM: it could not be carried through; also what source and visitor
 * return. */
int ml_verifier_read(struct ml_verifier *verifier) ML_MUST_USE;
/* What revoked keys signed, details that nobody erased, what was hidden; the root. */
int ml_verifier_finish(struct ml_verifier *verifier) ML_MUST_USE;

/* For a source without attachments: says so, if any are named. */
int ml_verifier_attachments_absent(struct ml_verifier *verifier) ML_MUST_USE;

/* Root of the tree over the first `size` records, at the full level.
 * MLEDGER_ENOTFOUND: not all of these were there (which was reported), or more than there are. */
int ml_verifier_root_at(struct ml_verifier *verifier, uint64_t size,
                        uint8_t ret_root[ML_HASH_SIZE]) ML_MUST_USE;

/* A complete node of that tree, an ml_merkle_get whose context is the verifier; the records below
 * it must all have been there. */
int ml_verifier_node(void *context, unsigned level, uint64_t index,
                     uint8_t ret_hash[ML_HASH_SIZE]) ML_MUST_USE;

/* Reports; the text follows printf. */
int ml_verify_report(struct ml_verifier *verifier, enum ml_severity severity, const char *code,
                     uint64_t seq, const char *format, ...) ML_PRINTF(5, 6) ML_MUST_USE;
/* The same about a rule. */
int ml_verify_report_rule(struct ml_verifier *verifier, enum ml_severity severity, const char *code,
                          const char *rule, uint64_t seq, const char *format, ...)
    ML_PRINTF(6, 7) ML_MUST_USE;
/* Reports this thread's or another's error as a fault. */
int ml_verify_report_error(struct ml_verifier *verifier, const char *code,
                           const struct ml_error *error, uint64_t seq) ML_MUST_USE;

#endif
