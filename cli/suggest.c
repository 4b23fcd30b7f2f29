/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/suggest.h"

#include "ledger/core/base.h"

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t ml_suggest_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    if (a_len > ML_SUGGEST_WORD_MAX || b_len > ML_SUGGEST_WORD_MAX)
        return SIZE_MAX;
    size_t cost[ML_SUGGEST_WORD_MAX + 1][ML_SUGGEST_WORD_MAX + 1];
    for (size_t j = 0; j <= b_len; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        cost[i][0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            best = least(best, least(cost[i - 1][j], cost[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = least(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[a_len][b_len];
}

void ml_suggestion_init(struct ml_suggestion *suggestion, const char *typed, size_t typed_len)
{
    /* One wrong letter is always near, and one more for every four typed. */
    *suggestion = (struct ml_suggestion){
        .typed = typed, .typed_len = typed_len, .distance = 2 + typed_len / 4};
}

void ml_suggestion_offer(struct ml_suggestion *suggestion, const char *candidate)
{
    size_t len = strlen(candidate);
    size_t distance = ml_suggest_distance(suggestion->typed, suggestion->typed_len, candidate, len);
    /* The beginning of a word is as good as one wrong letter. */
    if (suggestion->typed_len >= 2 && len > suggestion->typed_len &&
        memcmp(candidate, suggestion->typed, suggestion->typed_len) == 0)
        distance = least(distance, 1);
    if (distance >= suggestion->distance || distance >= len)
        return;
    suggestion->best = candidate;
    suggestion->distance = distance;
}
