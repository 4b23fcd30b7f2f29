/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/basis.h"

#include <stdarg.h>
#include <stdio.h>

#include "ledger/store/known_head.h"

void ml_basis_release(struct ml_basis *basis)
{
    for (size_t i = 0; i < basis->n_unknown; i++)
        free(basis->unknown[i]);
    free(basis->unknown);
    free(basis->seqs);
    free(basis->abouts);
    *basis = (struct ml_basis){0};
}

/* ---- gathering ---- */

int ml_basis_add(struct ml_basis *basis, uint64_t seq)
{
    if (seq == MLEDGER_NO_SEQ || (basis->n_seqs && basis->seqs[basis->n_seqs - 1] == seq))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&basis->seqs, &basis->cap_seqs, basis->n_seqs + 1, sizeof *basis->seqs));
    basis->seqs[basis->n_seqs++] = seq;
    return MLEDGER_OK;
}

int ml_basis_add_all(struct ml_basis *basis, const uint64_t *seqs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ML_TRY(ml_basis_add(basis, seqs[i]));
    return MLEDGER_OK;
}

static bool says(const struct ml_basis *basis, const char *sentence)
{
    for (size_t i = 0; i < basis->n_unknown; i++)
        if (strcmp(basis->unknown[i], sentence) == 0)
            return true;
    return false;
}

int ml_basis_unknown(struct ml_basis *basis, const char *format, ...)
{
    char *sentence;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&sentence, format, arguments);
    va_end(arguments);
    if (len < 0)
        return ml_fail_memory();
    int result = MLEDGER_OK;
    if (!says(basis, sentence)) {
        result = ml_grow(&basis->unknown, &basis->cap_unknown, basis->n_unknown + 1,
                         sizeof *basis->unknown);
        if (result >= 0)
            basis->unknown[basis->n_unknown++] = ML_TAKE(sentence);
    }
    free(sentence);
    return result;
}

int ml_basis_add_graph(struct ml_basis *basis, const struct ml_graph *graph)
{
    basis->down |= graph->down;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t k = 0; k < graph->nodes[i].n_digests; k++)
            ML_TRY(ml_basis_about_content(basis, graph->nodes[i].digests[k]));
    for (size_t i = 0; i < graph->n_nodes; i++)
        ML_TRY(ml_basis_add(basis, graph->nodes[i].seq));
    for (size_t i = 0; i < graph->n_edges; i++)
        ML_TRY(ml_basis_add_all(basis, graph->edges[i].seqs, graph->edges[i].n_seqs));
    for (size_t i = 0; i < graph->n_unknown; i++)
        ML_TRY(ml_basis_unknown(basis, "%s", graph->unknown[i]));
    return MLEDGER_OK;
}

static int by_seq(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

void ml_basis_settle(struct ml_basis *basis)
{
    size_t kept = 0;
    if (basis->n_seqs)
        qsort(basis->seqs, basis->n_seqs, sizeof *basis->seqs, by_seq);
    for (size_t i = 0; i < basis->n_seqs; i++)
        if (i == 0 || basis->seqs[i] != basis->seqs[i - 1])
            basis->seqs[kept++] = basis->seqs[i];
    basis->n_seqs = kept;
}

/* ---- what this machine has verified ---- */

/* Another ledger may stand where the verified one stood, or an older copy of it. */
static int is_still_there(struct ml_view *view, const struct ml_known_verified *verified,
                          bool *ret_is_there)
{
    uint8_t link[ML_HASH_SIZE];
    *ret_is_there = false;
    if (verified->size == 0 || verified->size > view->head.size)
        return MLEDGER_OK;
    ML_TRY(ml_view_link_at(view, verified->size - 1, link));
    *ret_is_there = memcmp(link, verified->link, ML_HASH_SIZE) == 0;
    return MLEDGER_OK;
}

int ml_basis_verified(struct ml_view *view, const char *known_dir,
                      struct ml_basis_verified *ret_verified)
{
    struct ml_known_head known = {0};
    struct ml_basis_verified verified = {0};
    int result = MLEDGER_ENOTFOUND;
    if (known_dir)
        result = ml_known_head_read(known_dir, view->head.identity, &known);
    if (result != MLEDGER_ENOTFOUND)
        ML_TRY(result);
    bool is_there = false;
    if (known.has_verified)
        ML_TRY(is_still_there(view, &known.verified, &is_there));
    if (is_there) {
        verified.size = known.verified.size;
        memcpy(verified.link, known.verified.link, ML_HASH_SIZE);
    }
    verified.checkpoint_size = known.checkpoint_size;
    *ret_verified = verified;
    return MLEDGER_OK;
}
