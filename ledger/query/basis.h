/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer rests on: the records it was read from, and what no record says. Every question
 * gathers its own while it is answered; cli/question.h prints it at the end of the answer.
 *
 *     ML_TRY(ml_basis_add(&basis, transition->seq));
 *     ML_TRY(ml_basis_unknown(&basis, "record %" PRIu64 " gives no digest of '%s'", seq, name));
 *
 * Only records that the answer would be another without belong here, not all that were looked at.
 * All zero is an empty basis. Belongs to one thread.
 */
#ifndef ML_QUERY_BASIS_H
#define ML_QUERY_BASIS_H

#include "ledger/query/graph.h"
#include "ledger/store/ledger.h"

struct ml_basis {
    uint64_t *seqs; /* ascending, each once, as soon as ml_basis_settle() was called */
    size_t n_seqs, cap_seqs;
    char **unknown; /* sentences, in the order they were found, each once */
    size_t n_unknown, cap_unknown;
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
