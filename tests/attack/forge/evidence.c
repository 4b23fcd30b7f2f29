/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/evidence.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "tests/attack/forge/script.h"

enum { HEAD_SIZE = 25, TAIL_SIZE = 40, TAIL_HEAD_SIZE = 8, ITEM_HEAD_SIZE = 5, ITEMS_MAX = 4096 };
enum { MANIFEST_SIZE = 3, LEVEL = 3, SIGNATURE_SIZE = 64 };

struct item {
    char kind; /* '\0': left out */
    struct bytes bytes;
};

struct bundle {
    struct bytes head, tail_head;
    size_t count;
    struct item items[ITEMS_MAX];
};

static struct bytes inflate(struct bytes frame)
{
    uint8_t chunk[65536] = {0};
    struct bytes all = {0};
    ZSTD_inBuffer in = {frame.data, frame.len, 0};
    ZSTD_DStream *stream = ZSTD_createDStream();
    size_t left = 1;
    while (stream && left != 0) {
        ZSTD_outBuffer out = {chunk, sizeof chunk, 0};
        left = ZSTD_decompressStream(stream, &out, &in);
        if (ZSTD_isError(left) || (left != 0 && in.pos == in.size && out.pos == 0))
            die("no zstd frame");
        all = bytes_join2(all, (struct bytes){chunk, out.pos});
    }
    ZSTD_freeDStream(stream);
    return all;
}

static struct bytes deflate(struct bytes content)
{
    size_t room = ZSTD_compressBound(content.len);
    uint8_t *frame = bytes_alloc(room);
    size_t len = ZSTD_compress(frame, room, content.data, content.len, LEVEL);
    if (ZSTD_isError(len))
        die("cannot compress");
    return (struct bytes){frame, len};
}

static uint32_t size_of(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void read_items(struct bundle *bundle, struct bytes content)
{
    while (content.len > 0) {
        if (bundle->count == ITEMS_MAX)
            die("too many items");
        struct bytes head = bytes_slice(content, 0, ITEM_HEAD_SIZE);
        size_t size = size_of(head.data + 1);
        bundle->items[bundle->count++] = (struct item){
            .kind = (char)head.data[0], .bytes = bytes_slice(content, ITEM_HEAD_SIZE, size)};
        content = bytes_slice(content, ITEM_HEAD_SIZE + size, content.len - ITEM_HEAD_SIZE - size);
    }
}

static struct bundle *read_bundle(const char *path)
{
    struct bytes file = bytes_from_file(path);
    struct bundle *bundle = bytes_alloc(sizeof *bundle);
    if (file.len < HEAD_SIZE + TAIL_SIZE)
        die("'%s' is no bundle", path);
    bundle->head = bytes_slice(file, 0, HEAD_SIZE);
    bundle->tail_head = bytes_slice(file, file.len - TAIL_SIZE, TAIL_HEAD_SIZE);
    read_items(bundle, inflate(bytes_slice(file, HEAD_SIZE, file.len - HEAD_SIZE - TAIL_SIZE)));
    return bundle;
}

static struct bytes write_items(const struct bundle *bundle)
{
    struct bytes content = {0};
    for (size_t i = 0; i < bundle->count; i++) {
        const struct item *item = &bundle->items[i];
        const uint8_t kind = (uint8_t)item->kind;
        if (kind == 0)
            continue;
        const struct bytes parts[] = {content, bytes_copy(&kind, 1),
                                      bytes_slice(bytes_u64(item->bytes.len), 4, 4), item->bytes};
        content = bytes_join(parts, 4);
    }
    return content;
}

static void write_bundle(const struct bundle *bundle, const char *path)
{
    struct bytes before = bytes_join2(bundle->head, deflate(write_items(bundle)));
    const struct bytes parts[] = {before, bundle->tail_head, seal_sha256(before)};
    struct bytes file = bytes_join(parts, 3);
    FILE *stream = fopen(path, "we");
    if (!stream || fwrite(file.data, 1, file.len, stream) != file.len || fclose(stream) != 0)
        die("cannot write '%s'", path);
}

/* The item of a record: as many open or hidden ones stand before it. */
static struct item *record_item(struct bundle *bundle, uint64_t seq)
{
    for (size_t i = 0; i < bundle->count; i++)
        if ((bundle->items[i].kind == 'R' || bundle->items[i].kind == 'H') && seq-- == 0)
            return &bundle->items[i];
    die("the bundle holds no such record");
}

static void hide(struct item *item)
{
    if (item->kind != 'R')
        die("the record is hidden already");
    const struct record record = record_unpack(item->bytes);
    if (record.parts[RECORD_SIGNATURE].len != SIGNATURE_SIZE)
        die("a record without a signature");
    item->kind = 'H';
    item->bytes = bytes_join2(record.parts[RECORD_SIGNATURE], record.parts[RECORD_HEADER]);
}

static void swap(struct item *a, struct item *b)
{
    struct item kept = *a;
    *a = *b;
    *b = kept;
}

static void say_size(struct item *manifest, uint64_t size)
{
    const struct wire_path path = {.depth = 1, .steps = {{.number = MANIFEST_SIZE}}};
    manifest->bytes = wire_set(manifest->bytes, &path, WIRE_VARINT, wire_varint(size));
}

static void cut(struct bundle *bundle, char kind)
{
    for (size_t i = 0; i < bundle->count; i++)
        if (bundle->items[i].kind == kind)
            bundle->items[i].kind = '\0';
}

/* Ends the word and gives what stands behind it; NULL: nothing. */
static char *split(char *word)
{
    char *blank = word ? strchr(word, ' ') : NULL;
    if (!blank)
        return NULL;
    *blank = '\0';
    return blank + 1;
}

static void change(struct bundle *bundle, char *word)
{
    char *first = split(word), *second = split(first);
    if (!first)
        die("'%s' is no change of a bundle", word);
    if (strcmp(word, "hide") == 0)
        hide(record_item(bundle, script_number(first)));
    else if (strcmp(word, "drop") == 0)
        record_item(bundle, script_number(first))->kind = '\0';
    else if (strcmp(word, "swap") == 0 && second)
        swap(record_item(bundle, script_number(first)), record_item(bundle, script_number(second)));
    else if (strcmp(word, "size") == 0)
        say_size(&bundle->items[0], script_number(first));
    else if (strcmp(word, "cut") == 0)
        cut(bundle, *first);
    else
        die("'%s' is no change of a bundle", word);
}

void evidence_change(const char *from, const char *to, char **changes, size_t count)
{
    struct bundle *bundle = read_bundle(from);
    for (size_t i = 0; i < count; i++)
        change(bundle, changes[i]);
    write_bundle(bundle, to);
}
