/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/toml_tree.h"

static int fail_at(const struct ml_toml_tree *tree, uint32_t line, const char *what,
                   const char *name)
{
    return ml_fail(MLEDGER_EINVALID, "%s:%u: '%.200s' %s", tree->document->name, line, name, what);
}

int ml_toml_tree_count(struct ml_toml_tree *tree, uint32_t line)
{
    if (tree->nodes++ >= tree->limits.nodes)
        return ml_fail(MLEDGER_EINVALID, "%s:%u: too many values", tree->document->name, line);
    return 0;
}

static int new_node(struct ml_toml_tree *tree, size_t depth, uint32_t line,
                    struct ml_toml_node **ret_node)
{
    if (depth > tree->limits.depth)
        return ml_fail(MLEDGER_EINVALID, "%s:%u: nested too deeply", tree->document->name, line);
    ML_TRY(ml_toml_tree_count(tree, line));
    struct ml_toml_node *node = ml_pool_alloc(&tree->document->pool, 1, sizeof(*node));
    if (!node)
        return MLEDGER_ESYSTEM;
    node->depth = depth;
    node->line = line;
    node->older = tree->newest;
    tree->newest = node;
    *ret_node = node;
    return 0;
}

int ml_toml_tree_init(struct ml_toml_tree *tree)
{
    ML_TRY(new_node(tree, 1, 1, &tree->root));
    tree->root->origin = ML_TOML_HEADER;
    return 0;
}

void ml_toml_tree_release(struct ml_toml_tree *tree)
{
    for (struct ml_toml_node *node = tree->newest; node; node = node->older) {
        free(node->entries);
        ml_table_release(&node->index);
    }
    tree->newest = NULL;
}

int ml_toml_tree_new_table(struct ml_toml_tree *tree, uint32_t line,
                           struct ml_toml_node **ret_table)
{
    return new_node(tree, 1, line, ret_table);
}

/* A new node under `key` of `table` (NULL for the next of a list). */
static int add(struct ml_toml_tree *tree, struct ml_toml_node *parent, const char *key,
               uint32_t line, struct ml_toml_node **ret_node)
{
    struct ml_toml_node *node = NULL;
    ML_TRY(new_node(tree, parent->depth + 1, line, &node));
    ML_TRY(ml_grow(&parent->entries, &parent->cap, parent->count + 1, sizeof(*parent->entries)));
    parent->entries[parent->count++] = (struct ml_toml_entry){key, node, line};
    if (key)
        ML_TRY(ml_table_put(&parent->index, key, node));
    *ret_node = node;
    return 0;
}

/* The table named `key` on the way to a header, made when it is not there. */
static int step_to(struct ml_toml_tree *tree, struct ml_toml_node *table, const char *key,
                   uint32_t line, struct ml_toml_node **ret_next)
{
    struct ml_toml_node *next = ml_table_get(&table->index, key);
    if (!next)
        return add(tree, table, key, line, ret_next);
    if (next->kind == ML_TOML_TABLES)
        next = next->entries[next->count - 1].node;
    if (next->kind != ML_TOML_TABLE || next->origin == ML_TOML_FROZEN)
        return fail_at(tree, line, "is no table that can be added to", key);
    *ret_next = next;
    return 0;
}

static int walk(struct ml_toml_tree *tree, const struct ml_toml_path *path, uint32_t line,
                struct ml_toml_node **ret_parent)
{
    *ret_parent = tree->root;
    for (size_t i = 0; i + 1 < path->count; i++)
        ML_TRY(step_to(tree, *ret_parent, path->names[i], line, ret_parent));
    return 0;
}

int ml_toml_tree_header(struct ml_toml_tree *tree, const struct ml_toml_path *path,
                        uint32_t section, uint32_t line, struct ml_toml_node **ret_table)
{
    struct ml_toml_node *parent = NULL;
    const char *name = path->names[path->count - 1];
    ML_TRY(walk(tree, path, line, &parent));
    struct ml_toml_node *table = ml_table_get(&parent->index, name);
    if (!table)
        ML_TRY(add(tree, parent, name, line, &table));
    else if (table->kind != ML_TOML_TABLE || table->origin != ML_TOML_IMPLICIT)
        return fail_at(tree, line, "is defined already", name);
    table->origin = ML_TOML_HEADER;
    table->section = section;
    *ret_table = table;
    return 0;
}

int ml_toml_tree_header_list(struct ml_toml_tree *tree, const struct ml_toml_path *path,
                             uint32_t section, uint32_t line, struct ml_toml_node **ret_table)
{
    struct ml_toml_node *parent = NULL;
    const char *name = path->names[path->count - 1];
    ML_TRY(walk(tree, path, line, &parent));
    struct ml_toml_node *list = ml_table_get(&parent->index, name);
    if (!list) {
        ML_TRY(add(tree, parent, name, line, &list));
        list->kind = ML_TOML_TABLES;
    } else if (list->kind != ML_TOML_TABLES) {
        return fail_at(tree, line, "is defined already, not as a list of tables", name);
    }
    ML_TRY(add(tree, list, NULL, line, ret_table));
    (*ret_table)->origin = ML_TOML_HEADER;
    (*ret_table)->section = section;
    return 0;
}

/* The table that a dotted key goes through, made when it is not there. */
static int step_dotted(struct ml_toml_tree *tree, struct ml_toml_node *table, const char *key,
                       uint32_t section, uint32_t line, struct ml_toml_node **ret_next)
{
    struct ml_toml_node *next = ml_table_get(&table->index, key);
    if (!next) {
        ML_TRY(add(tree, table, key, line, &next));
        next->origin = ML_TOML_DOTTED;
        next->section = section;
    }
    const bool grows = next->kind == ML_TOML_TABLE &&
                       (next->origin == ML_TOML_IMPLICIT ||
                        (next->origin == ML_TOML_DOTTED && next->section == section));
    if (!grows)
        return fail_at(tree, line, "is no table that can be added to here", key);
    *ret_next = next;
    return 0;
}

int ml_toml_tree_set(struct ml_toml_tree *tree, struct ml_toml_node *table,
                     const struct ml_toml_path *path, uint32_t section, uint32_t line,
                     const struct ml_value *value)
{
    const char *name = path->names[path->count - 1];
    struct ml_toml_node *node = NULL;
    for (size_t i = 0; i + 1 < path->count; i++)
        ML_TRY(step_dotted(tree, table, path->names[i], section, line, &table));
    if (ml_table_get(&table->index, name))
        return fail_at(tree, line, "stands twice", name);
    ML_TRY(add(tree, table, name, line, &node));
    node->kind = ML_TOML_VALUE;
    node->origin = ML_TOML_FROZEN;
    node->value = value;
    return 0;
}

/* ---- values ---- */

static int table_value(struct ml_toml_tree *tree, const struct ml_toml_node *node,
                       const struct ml_value **ret_value)
{
    ML_CLEANUP(ml_freep) struct ml_entry *entries = ml_calloc(node->count + 1, sizeof(*entries));
    struct ml_value *map = NULL;
    if (!entries)
        return ml_fail_memory();
    for (size_t i = 0; i < node->count; i++) {
        const struct ml_toml_entry *entry = &node->entries[i];
        entries[i].key = ml_value_new_scalar(tree->document, ML_VALUE_STRING, entry->key,
                                             strlen(entry->key), entry->line);
        if (!entries[i].key)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_toml_tree_value(tree, entry->node, &entries[i].value));
    }
    ML_TRY(ml_value_new_map(tree->document, entries, node->count, node->line, &map));
    *ret_value = map;
    return 0;
}

static int list_value(struct ml_toml_tree *tree, const struct ml_toml_node *node,
                      const struct ml_value **ret_value)
{
    ML_CLEANUP(ml_freep)
    const struct ml_value **items = ml_calloc(node->count + 1, sizeof(*items));
    if (!items)
        return ml_fail_memory();
    for (size_t i = 0; i < node->count; i++)
        ML_TRY(ml_toml_tree_value(tree, node->entries[i].node, &items[i]));
    *ret_value = ml_value_new_seq(tree->document, items, node->count, node->line);
    return *ret_value ? 0 : MLEDGER_ESYSTEM;
}

int ml_toml_tree_value(struct ml_toml_tree *tree, const struct ml_toml_node *node,
                       const struct ml_value **ret_value)
{
    switch (node->kind) {
    case ML_TOML_TABLE:
        return table_value(tree, node, ret_value);
    case ML_TOML_TABLES:
        return list_value(tree, node, ret_value);
    default:
        *ret_value = node->value;
        return 0;
    }
}
