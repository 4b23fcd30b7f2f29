/* SPDX-License-Identifier: Apache-2.0 */
/* What records say of paths, each said once. */
#include <inttypes.h>

#include "ingest/check_state.h"
#include "ledger/core/hex.h"
#include "ledger/query/digest_text.h"

void check_content_add(struct check_content *content, const Mledger__Digest *digest)
{
    const size_t len = digest->value.len;
    if (digest->algorithm <= 0 || digest->algorithm >= MLEDGER__ALGORITHM__GIT ||
        len != ml_algorithm_size(digest->algorithm) || check_has(content, digest->algorithm))
        return;
    content->has |= 1u << digest->algorithm;
    memcpy(content->value[digest->algorithm], digest->value.data, len);
}

Mledger__Algorithm check_strongest(const struct check_content *content)
{
    static const Mledger__Algorithm order[] = {MLEDGER__ALGORITHM__SHA256, MLEDGER__ALGORITHM__MD5,
                                               MLEDGER__ALGORITHM__MD5_DIR,
                                               MLEDGER__ALGORITHM__MD5_DOS2UNIX};
    for (size_t i = 0; i < ML_COUNT(order); i++)
        if (check_has(content, order[i]))
            return order[i];
    return MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED;
}

bool check_content_is_directory(const struct check_content *content)
{
    return check_has(content, MLEDGER__ALGORITHM__MD5_DIR);
}

static int add_seq(struct check_claim *claim, uint64_t seq)
{
    for (size_t i = 0; i < claim->n_seqs; i++)
        if (claim->seqs[i] == seq)
            return MLEDGER_OK;
    ML_TRY(ml_grow(&claim->seqs, &claim->cap_seqs, claim->n_seqs + 1, sizeof *claim->seqs));
    size_t at = claim->n_seqs++;
    for (; at > 0 && claim->seqs[at - 1] > seq; at--)
        claim->seqs[at] = claim->seqs[at - 1];
    claim->seqs[at] = seq;
    return MLEDGER_OK;
}

/* Digests of which none contradicts another. */
static bool agree(const struct check_content *a, const struct check_content *b)
{
    const unsigned common = a->has & b->has;
    for (int i = 0; i < CHECK_ALGORITHMS; i++)
        if (common & 1u << i && memcmp(a->value[i], b->value[i], ML_HASH_SIZE) != 0)
            return false;
    return common != 0 && (!a->has_size || !b->has_size || a->size == b->size);
}

/* Whether it says what is asked for, where that is content. */
static bool is_wanted(const struct check *check, const struct check_content *content)
{
    const unsigned common = content->has & check->only.has;
    if (!check->has_only)
        return true;
    for (int i = 0; i < CHECK_ALGORITHMS; i++)
        if (common & 1u << i && memcmp(content->value[i], check->only.value[i], ML_HASH_SIZE) == 0)
            return true;
    return false;
}

/* Adds to what one claim knows what another knows beyond it. */
static void merge(struct check_claim *into, const struct check_claim *from)
{
    for (int i = 0; i < CHECK_ALGORITHMS; i++)
        if (from->content.has & ~into->content.has & 1u << i)
            memcpy(into->content.value[i], from->content.value[i], ML_HASH_SIZE);
    into->content.has |= from->content.has;
    if (from->content.has_size) {
        into->content.has_size = true;
        into->content.size = from->content.size;
    }
    into->is_directory |= from->is_directory;
    into->is_file |= from->is_file;
    into->is_output |= from->is_output;
    if (!into->manifest)
        into->manifest = from->manifest;
}

static const char *key_of(struct check *check, const struct check_claim *claim)
{
    return ml_pool_printf(&check->pool, "%d %s", (int)claim->place, claim->path);
}

int check_claim_add(struct check *check, const struct check_claim *claim, uint64_t seq)
{
    if (!is_wanted(check, &claim->content))
        return MLEDGER_OK;
    const char *key = key_of(check, claim);
    if (!key)
        return MLEDGER_ESYSTEM;
    struct check_claim *first = ml_table_get(&check->claims_by_key, key);
    if (first && !first->also && !claim->also && agree(&first->content, &claim->content)) {
        merge(first, claim);
        return add_seq(first, seq);
    }
    struct check_claim *made = ml_pool_alloc(&check->pool, 1, sizeof *made);
    if (!made)
        return MLEDGER_ESYSTEM;
    *made = *claim;
    made->seqs = NULL;
    made->n_seqs = made->cap_seqs = 0;
    ML_TRY(ml_grow(&check->claims, &check->cap_claims, check->n_claims + 1, sizeof *check->claims));
    check->claims[check->n_claims++] = made;
    if (!first)
        ML_TRY(ml_table_put(&check->claims_by_key, key, made));
    return add_seq(made, seq);
}
