/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TOML document while it is read: tables that may still grow, and the rules about which may.
 * Nothing here knows how TOML is spelled; toml.c does, and values come out in the end.
 */
#ifndef ML_INGEST_TOML_TREE_H
#define ML_INGEST_TOML_TREE_H

#include "ingest/table.h"
#include "ingest/value.h"

enum ml_toml_origin {
    ML_TOML_IMPLICIT, /* on the way to a [header]; may still be given its own */
    ML_TOML_HEADER,   /* by its own [header]; no other may follow */
    ML_TOML_DOTTED,   /* by a dotted key; grows only in the section that made it */
    ML_TOML_FROZEN,   /* written as a value; never grows */
};

struct ml_toml_entry {
    const char *key;
    struct ml_toml_node *node;
    uint32_t line;
};

/* A table, a list of tables, or a finished value. */
struct ml_toml_node {
    enum { ML_TOML_TABLE, ML_TOML_TABLES, ML_TOML_VALUE } kind;
    enum ml_toml_origin origin;
    uint32_t section; /* in which [header] it was made */
    uint32_t line;
    size_t depth;
    const struct ml_value *value;  /* ML_TOML_VALUE */
    struct ml_toml_entry *entries; /* of a table; the keys of a list of tables are NULL */
    size_t count, cap;
    struct ml_table index;
    struct ml_toml_node *older; /* all nodes, for release */
};

struct ml_toml_tree {
    struct ml_document *document;
    struct ml_value_limits limits;
    struct ml_toml_node *newest;
    struct ml_toml_node *root;
    size_t nodes;
};

/* `tree->document` and `limits` are set by the caller. */
int ml_toml_tree_init(struct ml_toml_tree *tree) ML_MUST_USE;
/* The document is not touched. */
void ml_toml_tree_release(struct ml_toml_tree *tree);

struct ml_toml_path {
    const char **names;
    size_t count, cap;
};

/* [path], from the root. MLEDGER_EINVALID when that table cannot be defined (again). */
int ml_toml_tree_header(struct ml_toml_tree *tree, const struct ml_toml_path *path,
                        uint32_t section, uint32_t line,
                        struct ml_toml_node **ret_table) ML_MUST_USE;
/* [[path]]. */
int ml_toml_tree_header_list(struct ml_toml_tree *tree, const struct ml_toml_path *path,
                             uint32_t section, uint32_t line,
                             struct ml_toml_node **ret_table) ML_MUST_USE;
/* path = value, in `table`. */
int ml_toml_tree_set(struct ml_toml_tree *tree, struct ml_toml_node *table,
                     const struct ml_toml_path *path, uint32_t section, uint32_t line,
                     const struct ml_value *value) ML_MUST_USE;
/* A table that belongs nowhere yet: an inline table while it is read. */
int ml_toml_tree_new_table(struct ml_toml_tree *tree, uint32_t line,
                           struct ml_toml_node **ret_table) ML_MUST_USE;
/* `node` and all below it as a value of the document. */
int ml_toml_tree_value(struct ml_toml_tree *tree, const struct ml_toml_node *node,
                       const struct ml_value **ret_value) ML_MUST_USE;
/* Counts one value against the limit. */
int ml_toml_tree_count(struct ml_toml_tree *tree, uint32_t line) ML_MUST_USE;

#endif
