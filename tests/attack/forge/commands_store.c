/* SPDX-License-Identifier: Apache-2.0 */
/* Commands on the store itself, where anything can be put. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/attack/forge/script.h"

static struct bytes value_of(struct forge *forge, const char *table, struct bytes key)
{
    struct bytes value;
    if (!store_get(forge->store, table, key, &value))
        die("table %s holds no %s", table, bytes_to_hex(key));
    return value;
}

static struct bytes seq_key(const char *word)
{
    return bytes_u64(script_number(word));
}

void command_delete(struct forge *forge, const struct line *line)
{
    for (size_t i = 1; i < line->count; i++)
        store_delete(forge->store, "records", seq_key(line->words[i]));
}

/* Two records, each under the other's number. */
void command_swap(struct forge *forge, const struct line *line)
{
    struct bytes a = seq_key(line->words[1]), b = seq_key(line->words[2]);
    struct bytes value_a = value_of(forge, "records", a), value_b = value_of(forge, "records", b);
    store_put(forge->store, "records", a, value_b);
    store_put(forge->store, "records", b, value_a);
}

/* A record as it stands, under another number too. */
void command_move(struct forge *forge, const struct line *line)
{
    store_put(forge->store, "records", seq_key(line->words[2]),
              value_of(forge, "records", seq_key(line->words[1])));
}

/* What stands behind a gap is moved up to it. */
void command_close_gaps(struct forge *forge, const struct line *line)
{
    (void)line;
    size_t count;
    struct bytes *keys = store_keys(forge->store, "records", &count);
    for (uint64_t seq = 0; seq < count; seq++) {
        struct bytes key = bytes_u64(seq);
        if (bytes_equal(keys[seq], key))
            continue;
        store_put(forge->store, "records", key, value_of(forge, "records", keys[seq]));
        store_delete(forge->store, "records", keys[seq]);
    }
}

void command_put(struct forge *forge, const struct line *line)
{
    store_put(forge->store, line->words[1], script_value(forge, line->words[2]).bytes,
              script_value(forge, line->words[3]).bytes);
}

void command_erase(struct forge *forge, const struct line *line)
{
    store_delete(forge->store, line->words[1], script_value(forge, line->words[2]).bytes);
}

void command_flip(struct forge *forge, const struct line *line)
{
    struct bytes key = script_value(forge, line->words[2]).bytes;
    store_put(forge->store, line->words[1], key,
              bytes_flip(value_of(forge, line->words[1], key), script_number(line->words[3]),
                         (unsigned)script_number(line->words[4])));
}

void command_table(struct forge *forge, const struct line *line)
{
    store_make_table(forge->store, line->words[1]);
}

void command_untable(struct forge *forge, const struct line *line)
{
    store_drop_table(forge->store, line->words[1]);
}

void command_count(struct forge *forge, const struct line *line)
{
    printf("%zu\n", store_count(forge->store, line->words[1]));
}

void command_keys(struct forge *forge, const struct line *line)
{
    size_t count;
    struct bytes *keys = store_keys(forge->store, line->words[1], &count);
    for (size_t i = 0; i < count; i++)
        puts(bytes_to_hex(keys[i]));
}

void command_value(struct forge *forge, const struct line *line)
{
    puts(bytes_to_hex(script_value(forge, line->words[1]).bytes));
}

/* The edge of the tree as it follows from the records: the size, then the complete trees that its
 * one-bits stand for, from the greatest down. */
void command_frontier(struct forge *forge, const struct line *line)
{
    (void)line;
    uint64_t size = store_count(forge->store, "records");
    struct bytes frontier = bytes_u64(size);
    static const uint8_t key = 0xff;
    if (size > 255)
        die("nodes of the tree would have to be made");
    uint64_t from = 0;
    for (uint64_t part = 128; part > 0; part /= 2) {
        if (!(size & part))
            continue;
        frontier = bytes_join2(frontier, record_root_of(forge->store, from, part));
        from += part;
    }
    store_put(forge->store, "tree", bytes_copy(&key, 1), frontier);
}
