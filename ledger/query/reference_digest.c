/* SPDX-License-Identifier: Apache-2.0 */
/* From the first digits of a digest to the content that it names. */
#include <stdio.h>

#include "ledger/core/hex.h"
#include "ledger/query/digest_text.h"
#include "ledger/query/reference_private.h"

enum {
    CANDIDATES_LISTED = 8, /* in a message */
    DIGEST_SIZE = 32,      /* in an index key */
};

/* Digests in the index that begin with the given digits. */
struct digest_search {
    struct ml_reader *reader;
    Mledger__Algorithm algorithm;
    const char *digits;
    Mledger__Digest *found[CANDIDATES_LISTED];
    size_t count;
};

static int keep_digest(struct digest_search *search, const uint8_t value[DIGEST_SIZE])
{
    static const uint8_t zeros[12] = {0};
    Mledger__Digest *digest = ml_arena_calloc(&search->reader->arena, 1, sizeof *digest);
    uint8_t *bytes = ml_arena_calloc(&search->reader->arena, 1, DIGEST_SIZE);
    if (!digest || !bytes)
        return ml_arena_fail(&search->reader->arena, "a reference");
    memcpy(bytes, value, DIGEST_SIZE);
    mledger__digest__init(digest);
    digest->algorithm = search->algorithm;
    digest->standing = MLEDGER__STANDING__CLAIMED;
    digest->value.data = bytes;
    digest->value.len = ml_algorithm_size(search->algorithm);
    if (search->algorithm == MLEDGER__ALGORITHM__GIT && memcmp(value + 20, zeros, 12) == 0)
        digest->value.len = 20;
    search->found[search->count++] = digest;
    return MLEDGER_OK;
}

static bool begins_with(const uint8_t value[DIGEST_SIZE], const char *digits)
{
    char hex[ML_HEX_SIZE(DIGEST_SIZE)];
    ml_hex_encode(hex, value, DIGEST_SIZE);
    return strncmp(hex, digits, strlen(digits)) == 0;
}

/* The smallest value that begins so. */
static void lowest_value(const char *digits, uint8_t value[DIGEST_SIZE])
{
    char hex[2 * DIGEST_SIZE];
    memset(hex, '0', sizeof hex);
    memcpy(hex, digits, strlen(digits));
    int result = ml_hex_decode(hex, sizeof hex, value, DIGEST_SIZE);
    assert(result == MLEDGER_OK);
    (void)result;
}

/* Seeks from one digest to the next, past all the records of each. */
static int search_digests(struct digest_search *search)
{
    uint8_t value[DIGEST_SIZE];
    lowest_value(search->digits, value);
    ML_CLEANUP(ml_kv_cursor_close) struct ml_kv_cursor cursor = {0};
    ML_TRY(ml_kv_cursor_open(search->reader->view->txn, ML_TABLE_INDEX, &cursor));
    struct ml_state_key from =
        ml_index_digest_prefix(search->algorithm, ML_SPAN(value, DIGEST_SIZE), false);
    while (search->count < CANDIDATES_LISTED) {
        struct ml_span key, ignored;
        int result = ml_kv_cursor_seek(&cursor, ml_state_key_span(&from), &key, &ignored);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        if (key.len != from.len + 8 || memcmp(key.data, from.bytes, 2) != 0 ||
            !begins_with(key.data + 2, search->digits))
            return MLEDGER_OK;
        if (ml_index_seq(key) <= search->reader->as_of)
            ML_TRY(keep_digest(search, key.data + 2));
        memcpy(from.bytes, key.data, from.len);
        bool newer = ml_index_seq(key) > search->reader->as_of;
        /* A digest that is new after as_of in one place may be older as an output. */
        from.bytes[from.len - 1] = newer && key.data[from.len - 1] == 0 ? 1 : 2;
    }
    return MLEDGER_OK;
}

static int several_digests(const struct digest_search *search)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf list = {0};
    for (size_t i = 0; i < search->count; i++) {
        char text[ML_DIGEST_TEXT_SIZE];
        ml_digest_text(search->found[i], 0, text);
        ML_TRY(ml_buf_printf(&list, "%s%s", i ? ", " : "", text));
    }
    return ml_fail(MLEDGER_EUSAGE, "more than one digest begins with '%s': %.*s%s", search->digits,
                   (int)list.len, (const char *)list.data,
                   search->count == CANDIDATES_LISTED ? ", …" : "");
}

/* "md5" is what people call every kind of it. */
int ml_reference_digest(struct ml_reader *reader, const struct ml_reference_text *reference,
                        struct ml_target *target)
{
    static const Mledger__Algorithm kinds_of_md5[] = {
        MLEDGER__ALGORITHM__MD5, MLEDGER__ALGORITHM__MD5_DOS2UNIX, MLEDGER__ALGORITHM__MD5_DIR};
    bool md5 = reference->algorithm == MLEDGER__ALGORITHM__MD5;
    struct digest_search search = {.reader = reader, .digits = reference->digits};
    for (size_t i = 0; i < (md5 ? ML_COUNT(kinds_of_md5) : 1); i++) {
        search.algorithm = md5 ? kinds_of_md5[i] : reference->algorithm;
        ML_TRY(search_digests(&search));
        if (search.count && strlen(reference->digits) == 2 * search.found[0]->value.len)
            break;
    }
    if (search.count == 0)
        return ml_fail(MLEDGER_ENOTFOUND, "no record names the digest '%.*s'",
                       (int)reference->whole.len, (const char *)reference->whole.data);
    if (search.count > 1)
        return several_digests(&search);
    Mledger__Digest **digests = ml_arena_calloc(&reader->arena, 1, sizeof *digests);
    if (!digests)
        return ml_arena_fail(&reader->arena, "a reference");
    digests[0] = search.found[0];
    *target = (struct ml_target){.kind = ML_TARGET_CONTENT, .digests = digests, .n_digests = 1};
    return MLEDGER_OK;
}
