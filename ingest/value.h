/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a YAML, JSON or TOML file says, as one kind of tree. The readers (yaml.h, json_value.h,
 * toml.h) build it; importers read it. Scalars keep their text as written, so that a number is
 * never rounded and a signature can be made of what the file really held. Meaning of any format
 * (DVC's, MLflow's) may not enter here.
 *
 * Ownership: a document owns its whole tree; values live until ml_document_free(). Where the file
 * uses aliases, values are shared, never copied; the tree has no cycles.
 * Threads: a document is not changed after it was read, so any number of threads may read it.
 */
#ifndef ML_INGEST_VALUE_H
#define ML_INGEST_VALUE_H

#include "ingest/pool.h"
#include "ledger/core/base.h"

enum ml_value_kind {
    ML_VALUE_NULL,
    ML_VALUE_BOOL,
    ML_VALUE_INT,   /* any size; may carry a sign, a base prefix, underscores */
    ML_VALUE_FLOAT, /* also infinities and not-a-number */
    ML_VALUE_STRING,
    ML_VALUE_TIMESTAMP, /* a date, a time or both */
    ML_VALUE_SEQ,
    ML_VALUE_MAP,
};

struct ml_value;

struct ml_entry {
    const struct ml_value *key; /* mostly a string, but YAML allows any scalar */
    const struct ml_value *value;
};

struct ml_value {
    enum ml_value_kind kind;
    uint32_t line; /* where it begins, from 1 */
    /* Scalars: UTF-8 without NUL bytes, unquoted and unescaped, else as written; NUL-terminated.
     * SEQ and MAP: NULL. */
    const char *text;
    size_t len;
    /* SEQ and MAP: number of items or entries, in the order of the file. */
    size_t count;
    union {
        const struct ml_value *const *items;
        const struct ml_entry *entries;
    };
    /* Values in this tree with every alias written out; what the limits count. */
    size_t weight;
    /* MAP with many entries: `slots` (a power of two) places of 1 + entry index, or 0. */
    const uint32_t *index;
    size_t slots;
};

/* What a reader accepts; a member that is 0 means the default named here. */
struct ml_value_limits {
    size_t bytes; /* size of the file */
    size_t depth; /* containers inside each other */
    size_t nodes; /* values, with every alias written out: no billion laughs */
};
#define ML_VALUE_BYTES_MAX ((size_t)64 << 20)
#define ML_VALUE_DEPTH_MAX ((size_t)60)
#define ML_VALUE_NODES_MAX ((size_t)4 << 20)

struct ml_document {
    struct ml_pool pool;
    const char *name; /* of the file, as errors name it */
    const struct ml_value *root;
};
void ml_document_free(struct ml_document *document);
void ml_document_freep(struct ml_document **document); /* for ML_CLEANUP */

/* An empty document that is called `name`, and `limits` (NULL: all defaults) with the defaults
 * filled in. For readers. */
int ml_document_new(const char *name, struct ml_document **ret_document) ML_MUST_USE;
struct ml_value_limits ml_value_limits_or_default(const struct ml_value_limits *limits);

/* Reads a file by the end of its name: ".json", ".toml", anything else is YAML 1.2.
 * MLEDGER_ENOTFOUND when there is no such file, MLEDGER_EINVALID "FILE:LINE:…" when it is
 * malformed, MLEDGER_ESYSTEM when it cannot be read. */
int ml_document_read_file(const char *path, const char *name, const struct ml_value_limits *limits,
                          struct ml_document **ret_document) ML_MUST_USE;

/* The same for the text of a file called `name`. */
int ml_document_parse(struct ml_span text, const char *name, const struct ml_value_limits *limits,
                      struct ml_document **ret_document) ML_MUST_USE;

/* "ml_value_kind" in words for sentences: "a string", "a mapping", … */
const char *ml_value_kind_name(enum ml_value_kind kind);

/* MLEDGER_EINVALID, "FILE:LINE: …". */
int ml_value_fail(const struct ml_document *document, const struct ml_value *value,
                  const char *format, ...) ML_PRINTF(3, 4);

/* The value under the string key `key`; NULL when `map` is NULL, no map, or has no such key. */
const struct ml_value *ml_value_get(const struct ml_value *map, const char *key);

/* Deep equality as Python's `==` has it for what these files hold: order of map entries does not
 * count, ints and floats compare by number, anything else by kind and text. */
bool ml_value_equal(const struct ml_value *a, const struct ml_value *b);
bool ml_value_is_text(const struct ml_value *value, const char *text);
static inline bool ml_value_is(const struct ml_value *value, enum ml_value_kind kind)
{
    return value && value->kind == kind;
}

/*
 * Typed reading of what a map holds under `key`. `want` fails when the key is missing; `opt`
 * leaves *ret_… untouched when it is missing or null. All fail with MLEDGER_EINVALID and
 * "FILE:LINE: expected a string for 'cmd', found a mapping" when the kind is another.
 * Text is borrowed from the document.
 */
int ml_value_want_text(const struct ml_document *document, const struct ml_value *map,
                       const char *key, const char **ret_text) ML_MUST_USE;
int ml_value_opt_text(const struct ml_document *document, const struct ml_value *map,
                      const char *key, const char **ret_text) ML_MUST_USE;
/* A scalar of any kind, as written: what is text to its writer may look like a number (a commit
 * id of digits, a tag 1.0). */
int ml_value_opt_written(const struct ml_document *document, const struct ml_value *map,
                         const char *key, const char **ret_text) ML_MUST_USE;
int ml_value_opt_bool(const struct ml_document *document, const struct ml_value *map,
                      const char *key, bool *ret_bool) ML_MUST_USE;
int ml_value_opt_int64(const struct ml_document *document, const struct ml_value *map,
                       const char *key, int64_t *ret_int) ML_MUST_USE;
int ml_value_want_int64(const struct ml_document *document, const struct ml_value *map,
                        const char *key, int64_t *ret_int) ML_MUST_USE;
/* Returns 0 and NULL when missing or null. */
int ml_value_opt_kind(const struct ml_document *document, const struct ml_value *map,
                      const char *key, enum ml_value_kind kind,
                      const struct ml_value **ret_value) ML_MUST_USE;

/* Number behind an INT (also 0x, 0o, 0b, underscores); false when it is none or does not fit. */
bool ml_value_int64(const struct ml_value *value, int64_t *ret_int);
/* Number behind an INT or FLOAT (also .inf, NaN, Infinity); false for any other kind. */
bool ml_value_double(const struct ml_value *value, double *ret_double);
/* Truth of a BOOL: its text begins with t, y or "on". */
bool ml_value_true(const struct ml_value *value);

/* Appends `value` for people and records: a scalar as written, a container as JSON in one line
 * (keys that are no strings, dates and numbers that JSON cannot say become strings). */
int ml_value_write(const struct ml_value *value, struct ml_buf *out) ML_MUST_USE;

/*
 * Building, for readers. Each returns NULL with the error set when memory is out. `text` must lie
 * in the document's pool already or be a constant; arrays are copied.
 */
struct ml_value *ml_value_new_scalar(struct ml_document *document, enum ml_value_kind kind,
                                     const char *text, size_t len, uint32_t line) ML_MUST_USE;
struct ml_value *ml_value_new_seq(struct ml_document *document, const struct ml_value *const *items,
                                  size_t count, uint32_t line) ML_MUST_USE;
/* MLEDGER_EINVALID when a key is there twice. */
int ml_value_new_map(struct ml_document *document, const struct ml_entry *entries, size_t count,
                     uint32_t line, struct ml_value **ret_map) ML_MUST_USE;

#endif
