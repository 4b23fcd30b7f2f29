/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the key-value store share: a directory of their own and three tables. */
#ifndef TESTS_UNIT_KV_STORE_H
#define TESTS_UNIT_KV_STORE_H

#include "ledger/store/kv.h"

enum { KV_RECORDS, KV_INDEX, KV_META, KV_TABLES };
extern const char *const kv_tables[KV_TABLES];

/* Makes an empty directory and writes its name to `dir` (in memory where the system offers that:
 * these tests sync often). kv_dir_remove() removes it with all files in it. */
#define KV_DIR_MAX 64
void kv_dir_make(char dir[KV_DIR_MAX]);
void kv_dir_remove(const char *dir);
/* Writes DIR/NAME to `path`. */
#define KV_PATH_MAX 128
void kv_path(char path[KV_PATH_MAX], const char *dir, const char *name);

/* Options with the three tables; `create` as said. */
struct ml_kv_options kv_options(bool create);

/* Puts one pair in one transaction. */
int kv_put_text(struct ml_kv *kv, unsigned table, const char *key, const char *value) ML_MUST_USE;
/* Is there `key` with that value (NULL: is there none)? */
bool kv_has_text(struct ml_kv *kv, unsigned table, const char *key, const char *value);

static inline struct ml_span kv_text(const char *text)
{
    return ML_SPAN(text, strlen(text));
}

#endif
