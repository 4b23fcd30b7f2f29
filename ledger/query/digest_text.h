/* SPDX-License-Identifier: Apache-2.0 */
/* Digests as text: "sha256:HEX", "md5:…", "md5-dos2unix:…", "md5-dir:…", "git:…". Pure. */
#ifndef ML_QUERY_DIGEST_TEXT_H
#define ML_QUERY_DIGEST_TEXT_H

#include "ledger/core/hex.h"
#include "proto/common.pb-c.h"

enum { ML_DIGEST_TEXT_SIZE = sizeof("md5-dos2unix:") + ML_HEX_SIZE(32), ML_DIGEST_SHORT = 12 };

/* "sha256", …; "unknown" for a value that the schema does not have. */
const char *ml_algorithm_name(Mledger__Algorithm algorithm);
/* Bytes of its digests; 32 for git, which has 20 or 32. */
size_t ml_algorithm_size(Mledger__Algorithm algorithm);
/* The algorithm called by the first `len` characters; ALGORITHM_UNSPECIFIED: none is. */
Mledger__Algorithm ml_algorithm_find(const char *name, size_t len);

/* The whole text; `hex_digits` (0: all) cuts the number after so many. */
void ml_digest_text(const Mledger__Digest *digest, size_t hex_digits,
                    char ret_text[ML_DIGEST_TEXT_SIZE]);

#endif
