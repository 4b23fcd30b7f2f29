/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for every tree of values that a reader returns, and for every refusal.
 */
#ifndef FUZZ_VALUE_CHECK_H
#define FUZZ_VALUE_CHECK_H

#include "tests/fuzz/target.h"

#include "ingest/value.h"
#include "ledger/core/utf8.h"

/* A tree may share subtrees, so that walking it takes up to its weight in steps. */
#define VALUE_CHECK_STEPS_MAX 200000

static inline void value_check(const struct ml_value *value, size_t depth)
{
    FUZZ_CHECK(depth <= 4 * ML_VALUE_DEPTH_MAX);
    FUZZ_CHECK(value->line > 0);
    FUZZ_CHECK(value->weight > 0 && value->weight <= ML_VALUE_NODES_MAX);
    if (value->kind == ML_VALUE_SEQ) {
        for (size_t i = 0; i < value->count; i++)
            value_check(value->items[i], depth + 1);
    } else if (value->kind == ML_VALUE_MAP) {
        for (size_t i = 0; i < value->count; i++) {
            const struct ml_entry *entry = &value->entries[i];
            value_check(entry->key, depth + 1);
            value_check(entry->value, depth + 1);
            FUZZ_CHECK(entry->key->kind != ML_VALUE_STRING ||
                       ml_value_get(value, entry->key->text) == entry->value);
        }
    } else {
        FUZZ_CHECK(value->text && strlen(value->text) == value->len);
        FUZZ_CHECK(ml_utf8_is_text(ML_SPAN(value->text, value->len)));
    }
}

static inline void value_check_document(int result, struct ml_document *document, const char *name)
{
    if (result < 0) {
        FUZZ_CHECK(result == MLEDGER_EINVALID && !document);
        FUZZ_CHECK(strncmp(mledger_error_text(), name, strlen(name)) == 0);
        return;
    }
    if (document->root->weight <= VALUE_CHECK_STEPS_MAX) {
        struct ml_buf text = {0};
        value_check(document->root, 1);
        FUZZ_CHECK(ml_value_equal(document->root, document->root));
        FUZZ_CHECK(ml_value_write(document->root, &text) == 0);
        FUZZ_CHECK(ml_utf8_is_text(ml_buf_span(&text)));
        ml_buf_release(&text);
    }
    ml_document_free(document);
}

#endif
