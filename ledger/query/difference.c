/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/difference.h"

#include "ledger/query/json_parts.h"

const char *ml_difference_change_name(enum ml_difference_change change)
{
    static const char *const names[] = {[ML_SAME] = "same",
                                        [ML_ADDED] = "added",
                                        [ML_REMOVED] = "removed",
                                        [ML_CHANGED] = "changed",
                                        [ML_UNTOLD] = "untold"};
    return (size_t)change < ML_COUNT(names) ? names[change] : NULL;
}

void ml_difference_release(struct ml_difference *difference)
{
    ml_makeup_release(&difference->before);
    ml_makeup_release(&difference->after);
    free(difference->lines);
    difference->lines = NULL;
    difference->count = difference->cap = 0;
}

/* ---- the lines ---- */

static int add_line(struct ml_difference *difference, enum ml_difference_change change,
                    const struct ml_fact *before, const struct ml_fact *after)
{
    const struct ml_fact *fact = before ? before : after;
    ML_TRY(ml_grow(&difference->lines, &difference->cap, difference->count + 1,
                   sizeof *difference->lines));
    difference->lines[difference->count++] =
        (struct ml_difference_line){fact->kind, fact->key, change, before, after};
    return MLEDGER_OK;
}

/* Facts of one kind and key. */
struct group {
    const struct ml_fact *facts;
    size_t count;
};

static bool holds(const struct group *group, const struct ml_fact *fact,
                  const struct ml_fact **ret_same)
{
    for (size_t i = 0; i < group->count; i++)
        if (ml_fact_same(&group->facts[i], fact)) {
            *ret_same = &group->facts[i];
            return true;
        }
    return false;
}

/* One value before and another after is a change; of several, each came or went. */
static int compare_groups(struct ml_difference *difference, const struct group *before,
                          const struct group *after)
{
    const struct ml_fact *same;
    if (before->count == 1 && after->count == 1) {
        bool known = before->facts->value && after->facts->value;
        enum ml_difference_change change = !known                                      ? ML_UNTOLD
                                           : ml_fact_same(before->facts, after->facts) ? ML_SAME
                                                                                       : ML_CHANGED;
        return add_line(difference, change, before->facts, after->facts);
    }
    for (size_t i = 0; i < before->count; i++) {
        bool stays = holds(after, &before->facts[i], &same);
        ML_TRY(add_line(difference, stays ? ML_SAME : ML_REMOVED, &before->facts[i],
                        stays ? same : NULL));
    }
    for (size_t i = 0; i < after->count; i++)
        if (!holds(before, &after->facts[i], &same))
            ML_TRY(add_line(difference, ML_ADDED, NULL, &after->facts[i]));
    return MLEDGER_OK;
}

static int compare_keys(const struct ml_fact *a, const struct ml_fact *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    return strcmp(a->key, b->key);
}

static struct group group_at(const struct ml_makeup *makeup, size_t at, const struct ml_fact *key)
{
    struct group group = {.facts = makeup->facts + at};
    while (at + group.count < makeup->count && compare_keys(&group.facts[group.count], key) == 0)
        group.count++;
    return group;
}

/* Both are in the same order, so one walk along both meets equal keys together. */
static int compare_all(struct ml_difference *difference)
{
    const struct ml_makeup *before = &difference->before, *after = &difference->after;
    for (size_t b = 0, a = 0; b < before->count || a < after->count;) {
        bool first = a == after->count ||
                     (b < before->count && compare_keys(&before->facts[b], &after->facts[a]) <= 0);
        const struct ml_fact *key = first ? &before->facts[b] : &after->facts[a];
        struct group old = group_at(before, b, key), new = group_at(after, a, key);
        ML_TRY(compare_groups(difference, &old, &new));
        b += old.count;
        a += new.count;
    }
    return MLEDGER_OK;
}

static int rest_on(const struct ml_makeup *makeup, struct ml_basis *basis)
{
    for (size_t i = 0; i < makeup->count; i++)
        ML_TRY(ml_basis_add_all(basis, makeup->facts[i].seqs, makeup->facts[i].n_seqs));
    for (size_t i = 0; i < makeup->graph->n_unknown; i++)
        ML_TRY(ml_basis_unknown(basis, "%s", makeup->graph->unknown[i]));
    return MLEDGER_OK;
}

int ml_difference_read(struct ml_reader *reader, const struct ml_target *before,
                       const struct ml_target *after, struct ml_basis *basis,
                       struct ml_difference *ret_difference)
{
    *ret_difference = (struct ml_difference){0};
    ML_TRY(ml_makeup_read(reader, before, &ret_difference->before));
    ML_TRY(ml_makeup_read(reader, after, &ret_difference->after));
    ML_TRY(compare_all(ret_difference));
    ML_TRY(rest_on(&ret_difference->before, basis));
    return rest_on(&ret_difference->after, basis);
}

int ml_difference_ask(struct ml_reader *reader, const char *before, const char *after,
                      struct ml_basis *basis, struct ml_difference *ret_difference)
{
    struct ml_target first, second;
    *ret_difference = (struct ml_difference){0};
    ML_TRY(ml_makeup_find(reader, before, &first));
    ML_TRY(ml_makeup_find(reader, after, &second));
    if (ml_makeup_same(&first, &second))
        return ml_fail(MLEDGER_EUSAGE, "'%s' and '%s' are the same", before, after);
    return ml_difference_read(reader, &first, &second, basis, ret_difference);
}

/* ---- JSON ---- */

static int put_fact(const struct ml_fact *fact, json_t *json)
{
    ML_TRY(ml_json_put(json, "value", ml_json_text(fact->value)));
    ML_TRY(ml_json_put(json, "seqs", ml_json_numbers(fact->seqs, fact->n_seqs)));
    return fact->on ? ml_json_put(json, "on", ml_json_text(fact->on)) : MLEDGER_OK;
}

int ml_fact_to_json(const struct ml_fact *fact, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_fact(fact, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}

static int put_side(json_t *json, const char *side, const struct ml_fact *fact)
{
    json_t *one;
    if (!fact)
        return MLEDGER_OK;
    ML_TRY(ml_fact_to_json(fact, &one));
    return ml_json_put(json, side, one);
}

static int put_all(json_t *json, const struct ml_difference *difference)
{
    json_t *lines, *one;
    ML_TRY(ml_json_put(json, "before", ml_json_text(difference->before.name)));
    ML_TRY(ml_json_put(json, "after", ml_json_text(difference->after.name)));
    ML_TRY(ml_json_put_empty(json, "lines", json_array(), &lines));
    for (size_t i = 0; i < difference->count; i++) {
        const struct ml_difference_line *line = &difference->lines[i];
        ML_TRY(ml_json_add_empty(lines, json_object(), &one));
        ML_TRY(ml_json_put(one, "kind", ml_json_text(ml_fact_kind_name(line->kind))));
        ML_TRY(ml_json_put(one, "key", ml_json_text(line->key)));
        ML_TRY(ml_json_put(one, "change", ml_json_text(ml_difference_change_name(line->change))));
        ML_TRY(put_side(one, "before", line->before));
        ML_TRY(put_side(one, "after", line->after));
    }
    return MLEDGER_OK;
}

int ml_difference_to_json(const struct ml_difference *difference, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(put_all(json, difference));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
