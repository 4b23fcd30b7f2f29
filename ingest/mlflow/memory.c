/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/memory.h"

struct thing {
    bool is_kept, is_fresh; /* which of the prints there are */
    uint8_t kept[ML_HASH_SIZE], fresh[ML_HASH_SIZE];
    bool is_visited; /* by this import, with or without a print */
};

void ml_mlflow_memory_release(struct ml_mlflow_memory *memory)
{
    ml_table_release(&memory->things);
    ml_pool_release(&memory->pool);
}

void ml_mlflow_memory_begin(struct ml_mlflow_memory *memory, bool again)
{
    if (!memory)
        return;
    memory->again = again;
    for (size_t i = 0; !again && i < memory->things.size; i++) {
        struct thing *thing = memory->things.slots[i].thing;
        if (thing)
            thing->is_fresh = thing->is_visited = false;
    }
}

void ml_mlflow_memory_keep(struct ml_mlflow_memory *memory)
{
    for (size_t i = 0; memory && i < memory->things.size; i++) {
        struct thing *thing = memory->things.slots[i].thing;
        if (!thing || !thing->is_visited)
            continue;
        thing->is_kept = thing->is_fresh;
        memcpy(thing->kept, thing->fresh, ML_HASH_SIZE);
    }
}

static int find(struct ml_mlflow_memory *memory, const char *path, struct thing **ret_thing)
{
    struct thing *thing = ml_table_get(&memory->things, path);
    if (!thing) {
        const char *key = ml_pool_text(&memory->pool, path, strlen(path));
        thing = ml_pool_alloc(&memory->pool, 1, sizeof *thing);
        if (!key || !thing)
            return MLEDGER_ESYSTEM;
        ML_TRY(ml_table_put(&memory->things, key, thing));
    }
    *ret_thing = thing;
    return MLEDGER_OK;
}

int ml_mlflow_memory_skips(struct ml_mlflow_memory *memory, const char *path,
                           const uint8_t print[ML_HASH_SIZE])
{
    struct thing *thing;
    if (!memory)
        return 0;
    ML_TRY(find(memory, path, &thing));
    if (memory->again)
        return !thing->is_visited;
    if (print && thing->is_kept && memcmp(print, thing->kept, ML_HASH_SIZE) == 0)
        return 1;
    thing->is_visited = true;
    thing->is_fresh = print != NULL;
    if (print)
        memcpy(thing->fresh, print, ML_HASH_SIZE);
    return 0;
}
