/* SPDX-License-Identifier: Apache-2.0 */
/* "did you mean": of the words offered, the nearest to one that was mistyped. */
#ifndef ML_CLI_SUGGEST_H
#define ML_CLI_SUGGEST_H

#include <stddef.h>

/* Longer words are not compared. */
enum { ML_SUGGEST_WORD_MAX = 48 };

struct ml_suggestion {
    const char *typed;
    size_t typed_len;
    const char *best; /* borrowed from ml_suggestion_offer(); NULL while nothing was near */
    size_t distance;
};

void ml_suggestion_init(struct ml_suggestion *suggestion, const char *typed, size_t typed_len);
/* The first of several equally near words stays. */
void ml_suggestion_offer(struct ml_suggestion *suggestion, const char *candidate);

/* Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that
 * turn a into b; SIZE_MAX when one is longer than ML_SUGGEST_WORD_MAX. */
size_t ml_suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
