/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer rests on: the records it was read from, and what no record says. Every question
 * gathers its own while it is answered; cli/question.h prints it at the end of the answer.
 *
 *     ML_TRY(ml_basis_add(&basis, transition->seq));
 *     ML_TRY(ml_basis_unknown(&basis, "record %" PRIu64 " gives no digest of '%s'", seq, name));
 *
 * Only records that the answer would be another without belong here, not all that were looked at.
 *
 * An answer as of the past also tells what was recorded since that bears on it (correction.h). Of
 * the subjects of the records used (versions, runs, datasets, pipelines, endpoints) that is found
 * without more; what else was asked about is named by ml_basis_about() and its relatives.
 * All zero is an empty basis. Belongs to one thread.
 */
#ifndef ML_QUERY_BASIS_H
#define ML_QUERY_BASIS_H

#include "ledger/query/correction.h"
#include "ledger/query/graph.h"
#include "ledger/store/ledger.h"

struct ml_basis {
    uint64_t *seqs; /* ascending, each once, as soon as ml_basis_settle() was called */
    size_t n_seqs, cap_seqs;
    char **unknown; /* sentences, in the order they were found, each once */
    size_t n_unknown, cap_unknown;
    struct ml_about *abouts;
    size_t n_abouts, cap_abouts;
    struct ml_interval_choice choice;  /* of ml_basis_about_choice() … */
    bool has_choice;                   /* … if it was called */
    bool down;                         /* what came of the subjects is of the answer, too */
    struct ml_corrections corrections; /* as ml_basis_correct() found them */
};

void ml_basis_release(struct ml_basis *basis);

/* The record counts; in any order and as often as it comes. MLEDGER_NO_SEQ is none.
 * MLEDGER_ESYSTEM, as below: memory is out. */
int ml_basis_add(struct ml_basis *basis, uint64_t seq) ML_MUST_USE;
int ml_basis_add_all(struct ml_basis *basis, const uint64_t *seqs, size_t count) ML_MUST_USE;
/* A sentence of what is not known, or of what the answer leaves out: no capital, no full stop. */
int ml_basis_unknown(struct ml_basis *basis, const char *format, ...) ML_PRINTF(2, 3) ML_MUST_USE;
/* The records behind the nodes and edges of a graph, and what it says is not known. */
int ml_basis_add_graph(struct ml_basis *basis, const struct ml_graph *graph) ML_MUST_USE;

/* What is recorded under the prefix is about the answer. `reach` as in correction.h. */
int ml_basis_about(struct ml_basis *basis, const struct ml_state_key *prefix,
                   enum ml_about_reach reach) ML_MUST_USE;
/* The choice, whose texts are borrowed, is what the answer is about. */
int ml_basis_about_choice(struct ml_basis *basis,
                          const struct ml_interval_choice *choice) ML_MUST_USE;
/* A model as a whole, and all that the registry holds. */
int ml_basis_about_model(struct ml_basis *basis, uint64_t model) ML_MUST_USE;
int ml_basis_about_registry(struct ml_basis *basis) ML_MUST_USE;
/* Content that the answer tells of; and so does ml_basis_add_graph() with that of its nodes. */
int ml_basis_about_content(struct ml_basis *basis, const Mledger__Digest *digest) ML_MUST_USE;

/* Finds what was recorded after the instant and bears on the answer, for `corrections`, which then
 * lives in the reader's arena. Settles the basis. The reader is that of the answer, and to the
 * instant belongs its as_of. Costs nothing where that is the newest record. MLEDGER_EDAMAGED,
 * MLEDGER_ESYSTEM. */
int ml_basis_correct(struct ml_basis *basis, struct ml_reader *reader,
                     const struct ml_instant *instant) ML_MUST_USE;

/* Puts the seqs in order. More may be added afterwards, and then it is called again. */
void ml_basis_settle(struct ml_basis *basis);

/* How far this machine has verified what a view shows, as its known file says (store/known_file.h).
 * That file is a memory aid: who needs proof runs mledger verify. */
struct ml_basis_verified {
    uint64_t size; /* records that a full verification found in order; 0: none was, or not these */
    uint8_t link[ML_HASH_SIZE]; /* of record size - 1 */
    uint64_t checkpoint_size;   /* records under the newest signed checkpoint seen; 0: none */
};

/* `known_dir` NULL: nothing is known. What was verified counts only if the view still holds that
 * record. MLEDGER_EINVALID: the known file is malformed. MLEDGER_EDAMAGED, MLEDGER_ESYSTEM. */
int ml_basis_verified(struct ml_view *view, const char *known_dir,
                      struct ml_basis_verified *ret_verified) ML_MUST_USE;

#endif
