/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/import_known.h"

#include <stdarg.h>
#include <stdio.h>

void ml_import_known_release(struct ml_import_known *known)
{
    if (!known)
        return;
    ml_table_release(&known->facts);
    free(known->key);
    ml_pool_release(&known->pool);
    *known = (struct ml_import_known){0};
}

ML_PRINTF(2, 0) static int make_key(struct ml_import_known *known, const char *format, va_list args)
{
    free(known->key);
    if (vasprintf(&known->key, format, args) < 0) {
        known->key = NULL;
        return ml_fail_memory();
    }
    return MLEDGER_OK;
}

/* The fact under the key just made, gone or not. */
static struct ml_import_fact *find(const struct ml_import_known *known)
{
    return ml_table_get(&known->facts, known->key);
}

static int find_or_add(struct ml_import_known *known, struct ml_import_fact **ret_fact)
{
    struct ml_import_fact *fact = find(known);
    if (!fact) {
        fact = ml_pool_alloc(&known->pool, 1, sizeof *fact);
        char *key = ml_pool_text(&known->pool, known->key, strlen(known->key));
        if (!fact || !key)
            return MLEDGER_ESYSTEM;
        fact->key = key;
        ML_TRY(ml_table_put(&known->facts, key, fact));
    }
    *ret_fact = fact;
    return MLEDGER_OK;
}

static int put(struct ml_import_known *known, struct ml_import_says says, const char *value)
{
    struct ml_import_fact *fact;
    ML_TRY(find_or_add(known, &fact));
    const char *copy = value ? ml_pool_text(&known->pool, value, strlen(value)) : NULL;
    if (value && !copy)
        return MLEDGER_ESYSTEM;
    fact->value = copy;
    fact->seq = says.seq;
    fact->imported = says.imported;
    fact->gone = false;
    return MLEDGER_OK;
}

int ml_import_known_put(struct ml_import_known *known, struct ml_import_says says,
                        const char *value, const char *key_format, ...)
{
    va_list args;
    va_start(args, key_format);
    int result = make_key(known, key_format, args);
    va_end(args);
    return result < 0 ? result : put(known, says, value);
}

int ml_import_known_drop(struct ml_import_known *known, const char *key_format, ...)
{
    va_list args;
    va_start(args, key_format);
    int result = make_key(known, key_format, args);
    va_end(args);
    ML_TRY(result);
    struct ml_import_fact *fact = find(known);
    if (fact)
        fact->gone = true;
    return MLEDGER_OK;
}

int ml_import_known_get(struct ml_import_known *known, struct ml_import_fact **ret_fact,
                        const char *key_format, ...)
{
    va_list args;
    va_start(args, key_format);
    int result = make_key(known, key_format, args);
    va_end(args);
    ML_TRY(result);
    struct ml_import_fact *fact = find(known);
    *ret_fact = fact && !fact->gone ? fact : NULL;
    return MLEDGER_OK;
}

int ml_import_known_has(struct ml_import_known *known, const char *value, const char *key_format,
                        ...)
{
    va_list args;
    va_start(args, key_format);
    int result = make_key(known, key_format, args);
    va_end(args);
    ML_TRY(result);
    struct ml_import_fact *fact = find(known);
    if (!fact || fact->gone)
        return 0;
    fact->asked = true;
    return !value || !fact->value || strcmp(value, fact->value) == 0;
}
