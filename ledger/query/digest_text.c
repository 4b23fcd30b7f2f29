/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/digest_text.h"

#include <stdio.h>

static const struct {
    Mledger__Algorithm algorithm;
    const char *name;
    size_t size;
} algorithms[] = {
    {MLEDGER__ALGORITHM__SHA256, "sha256", 32},
    {MLEDGER__ALGORITHM__MD5, "md5", 16},
    {MLEDGER__ALGORITHM__MD5_DOS2UNIX, "md5-dos2unix", 16},
    {MLEDGER__ALGORITHM__MD5_DIR, "md5-dir", 16},
    {MLEDGER__ALGORITHM__GIT, "git", 32},
};

const char *ml_algorithm_name(Mledger__Algorithm algorithm)
{
    for (size_t i = 0; i < ML_COUNT(algorithms); i++)
        if (algorithms[i].algorithm == algorithm)
            return algorithms[i].name;
    return "unknown";
}

size_t ml_algorithm_size(Mledger__Algorithm algorithm)
{
    for (size_t i = 0; i < ML_COUNT(algorithms); i++)
        if (algorithms[i].algorithm == algorithm)
            return algorithms[i].size;
    return 0;
}

Mledger__Algorithm ml_algorithm_find(const char *name, size_t len)
{
    for (size_t i = 0; i < ML_COUNT(algorithms); i++)
        if (strlen(algorithms[i].name) == len && memcmp(algorithms[i].name, name, len) == 0)
            return algorithms[i].algorithm;
    return MLEDGER__ALGORITHM__ALGORITHM_UNSPECIFIED;
}

void ml_digest_text(const Mledger__Digest *digest, size_t hex_digits,
                    char ret_text[ML_DIGEST_TEXT_SIZE])
{
    char hex[ML_HEX_SIZE(32)];
    size_t len = digest->value.len < 32 ? digest->value.len : 32;
    ml_hex_encode(hex, digest->value.data, len);
    if (hex_digits && hex_digits < 2 * len)
        hex[hex_digits] = '\0';
    snprintf(ret_text, ML_DIGEST_TEXT_SIZE, "%s:%s", ml_algorithm_name(digest->algorithm), hex);
}
