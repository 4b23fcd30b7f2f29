/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/table.h"

void ml_table_release(struct ml_table *table)
{
    free(table->slots);
    *table = (struct ml_table){0};
}

static size_t hash(const char *name)
{
    uint64_t sum = 0xcbf29ce484222325u;
    for (; *name; name++)
        sum = (sum ^ (uint8_t)*name) * 0x100000001b3u;
    return (size_t)(sum ^ (sum >> 32));
}

/* Where `name` is, or the free slot where it belongs. */
static struct ml_table_slot *slot_of(const struct ml_table *table, const char *name)
{
    size_t at = hash(name) & (table->size - 1);
    while (table->slots[at].name && strcmp(table->slots[at].name, name) != 0)
        at = (at + 1) & (table->size - 1);
    return &table->slots[at];
}

void *ml_table_get(const struct ml_table *table, const char *name)
{
    return table->size ? slot_of(table, name)->thing : NULL;
}

static int grow(struct ml_table *table)
{
    struct ml_table larger = {.size = table->size ? table->size * 2 : 16, .count = table->count};
    larger.slots = ml_calloc(larger.size, sizeof(*larger.slots));
    if (!larger.slots)
        return ml_fail_memory();
    for (size_t i = 0; i < table->size; i++)
        if (table->slots[i].name)
            *slot_of(&larger, table->slots[i].name) = table->slots[i];
    free(table->slots);
    *table = larger;
    return 0;
}

int ml_table_put(struct ml_table *table, const char *name, void *thing)
{
    assert(thing);
    if (table->count + 1 > table->size / 2)
        ML_TRY(grow(table));
    struct ml_table_slot *slot = slot_of(table, name);
    table->count += slot->name == NULL;
    *slot = (struct ml_table_slot){name, thing};
    return 0;
}
