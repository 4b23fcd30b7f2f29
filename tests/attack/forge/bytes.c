/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/attack/forge/bytes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks in a list, each with its bytes behind it. */
struct block {
    struct block *next;
    max_align_t bytes[];
};

static struct block *blocks;
unsigned die_line;

_Noreturn void die(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("forge: ", stderr);
    if (die_line)
        fprintf(stderr, "line %u: ", die_line);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    bytes_release();
    exit(99);
}

void *bytes_alloc(size_t len)
{
    struct block *block = calloc(1, sizeof *block + len);
    if (!block)
        die("out of memory");
    block->next = blocks;
    blocks = block;
    return block->bytes;
}

void bytes_release(void)
{
    while (blocks) {
        struct block *next = blocks->next;
        free(blocks);
        blocks = next;
    }
}

struct bytes bytes_copy(const void *data, size_t len)
{
    uint8_t *copy = bytes_alloc(len);
    if (len)
        memcpy(copy, data, len);
    return (struct bytes){copy, len};
}

struct bytes bytes_text(const char *text)
{
    return bytes_copy(text, strlen(text));
}

struct bytes bytes_join(const struct bytes *parts, size_t count)
{
    size_t len = 0;
    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    uint8_t *joined = bytes_alloc(len), *at = joined;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(at, parts[i].data, parts[i].len);
        at += parts[i].len;
    }
    return (struct bytes){joined, len};
}

struct bytes bytes_join2(struct bytes a, struct bytes b)
{
    return bytes_join((const struct bytes[]){a, b}, 2);
}

struct bytes bytes_slice(struct bytes from, size_t at, size_t len)
{
    if (at > from.len || len > from.len - at)
        die("%zu bytes from %zu on are not in %zu", len, at, from.len);
    return (struct bytes){from.data + at, len};
}

bool bytes_equal(struct bytes a, struct bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

struct bytes bytes_flip(struct bytes from, size_t at, unsigned bit)
{
    if (at >= from.len || bit > 7)
        die("there is no bit %u of byte %zu in %zu bytes", bit, at, from.len);
    uint8_t *flipped = bytes_alloc(from.len);
    memcpy(flipped, from.data, from.len);
    flipped[at] ^= (uint8_t)(1U << bit);
    return (struct bytes){flipped, from.len};
}

static unsigned hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    die("'%c' is no hexadecimal digit", c);
}

struct bytes bytes_from_hex(const char *text)
{
    size_t len = strlen(text) / 2;
    if (strlen(text) % 2)
        die("an odd number of hexadecimal digits");
    uint8_t *out = bytes_alloc(len);
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(hex_digit(text[2 * i]) << 4 | hex_digit(text[2 * i + 1]));
    return (struct bytes){out, len};
}

const char *bytes_to_hex(struct bytes from)
{
    char *text = bytes_alloc(2 * from.len + 1);
    for (size_t i = 0; i < from.len; i++)
        snprintf(text + 2 * i, 3, "%02x", from.data[i]);
    return text;
}

struct bytes bytes_from_file(const char *path)
{
    uint8_t chunk[16384];
    struct bytes all = {0};
    FILE *file = fopen(path, "re");
    if (!file)
        die("cannot open '%s': %s", path, strerror(errno));
    size_t got;
    while ((got = fread(chunk, 1, sizeof chunk, file)) > 0)
        all = bytes_join2(all, (struct bytes){chunk, got});
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed)
        die("cannot read '%s'", path);
    return all;
}

struct bytes bytes_u64(uint64_t number)
{
    uint8_t out[8];
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(number >> (56 - 8 * i));
    return bytes_copy(out, sizeof out);
}
