/* SPDX-License-Identifier: Apache-2.0 */
#include "export/draw_names.h"

#include "ledger/core/base.h"

/* Name number k has id 2k + 2; what has no name gets odd ids. Ids of nodes, edges and graphs are
 * drawn from one table, as in cgraph. */
struct names {
    char **texts;
    size_t count, cap;
    size_t *slots; /* open hash table of number + 1; 0 is free */
    size_t slot_count;
    IDTYPE next_odd;
};

static uint64_t hash(const char *text)
{
    uint64_t value = 0xcbf29ce484222325U; /* FNV-1a; names come from one drawing, in a child */
    for (; *text; text++)
        value = (value ^ (uint8_t)*text) * 0x100000001b3U;
    return value;
}

/* The slot that holds `text` or would. */
static size_t *find_slot(const struct names *names, const char *text)
{
    size_t at = hash(text) & (names->slot_count - 1);
    while (names->slots[at] && strcmp(names->texts[names->slots[at] - 1], text) != 0)
        at = (at + 1) & (names->slot_count - 1);
    return &names->slots[at];
}

static bool grow_slots(struct names *names)
{
    if ((names->count + 1) * 2 <= names->slot_count)
        return true;
    size_t count = names->slot_count ? names->slot_count * 2 : 256;
    size_t *slots = ml_calloc(count, sizeof *slots);
    if (!slots)
        return false;
    free(names->slots);
    names->slots = slots;
    names->slot_count = count;
    for (size_t i = 0; i < names->count; i++)
        *find_slot(names, names->texts[i]) = i + 1;
    return true;
}

static bool add(struct names *names, size_t *slot, const char *text)
{
    char *copy = strdup(text);
    if (!copy || ml_grow(&names->texts, &names->cap, names->count + 1, sizeof *names->texts) < 0) {
        free(copy);
        return false;
    }
    names->texts[names->count++] = copy;
    *slot = names->count;
    return true;
}

static void *names_open(Agraph_t *graph, Agdisc_t *disc)
{
    (void)graph, (void)disc;
    struct names *names = ml_calloc(1, sizeof *names);
    if (names)
        names->next_odd = 1;
    return names;
}

static long names_map(void *state, int type, char *text, IDTYPE *ret_id, int create)
{
    (void)type;
    struct names *names = state;
    if (!names || !grow_slots(names))
        return 0;
    if (!text) {
        *ret_id = names->next_odd;
        names->next_odd += 2;
        return 1;
    }
    size_t *slot = find_slot(names, text);
    if (!*slot && (!create || !add(names, slot, text)))
        return 0;
    *ret_id = (IDTYPE)*slot * 2;
    return 1;
}

static long names_alloc(void *state, int type, IDTYPE id)
{
    (void)state, (void)type, (void)id;
    return 0; /* ids are ours to give */
}

static void names_free(void *state, int type, IDTYPE id)
{
    (void)state, (void)type, (void)id; /* a name keeps its number */
}

static char *names_print(void *state, int type, IDTYPE id)
{
    (void)type;
    const struct names *names = state;
    return id % 2 == 0 && id / 2 <= names->count ? names->texts[id / 2 - 1] : NULL;
}

static void names_register(void *state, int type, void *object)
{
    (void)state, (void)type, (void)object;
}

static void names_close(void *state)
{
    struct names *names = state;
    if (!names)
        return;
    for (size_t i = 0; i < names->count; i++)
        free(names->texts[i]);
    free(names->texts);
    free(names->slots);
    free(names);
}

Agiddisc_t *ml_draw_names(void)
{
    static Agiddisc_t discipline = {
        .open = names_open,
        .map = names_map,
        .alloc = names_alloc,
        .free = names_free,
        .print = names_print,
        .close = names_close,
        .idregister = names_register,
    };
    return &discipline;
}
