/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Byte strings that are never changed: each operation makes a new one. A forge lives for one
 * script, so what it takes is given back all at once, at the end. Whatever goes wrong ends the
 * program: an attack that could not be carried out must not look like one that was found.
 */
#ifndef ATTACK_BYTES_H
#define ATTACK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bytes {
    const uint8_t *data;
    size_t len;
};

/* Says so on stderr, with the line of the script, and exits 99. */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Lines of the script count from 1; 0: none is being carried out. */
extern unsigned die_line;

/* Zeroed memory that lives until bytes_release(). */
void *bytes_alloc(size_t len);
void bytes_release(void);

struct bytes bytes_copy(const void *data, size_t len);
struct bytes bytes_text(const char *text);
/* Joins `count` of them. */
struct bytes bytes_join(const struct bytes *parts, size_t count);
struct bytes bytes_join2(struct bytes a, struct bytes b);
/* `len` bytes from `at` on, all of which must be there. */
struct bytes bytes_slice(struct bytes from, size_t at, size_t len);
bool bytes_equal(struct bytes a, struct bytes b);
/* The same with one bit of byte `at` another. */
struct bytes bytes_flip(struct bytes from, size_t at, unsigned bit);

struct bytes bytes_from_hex(const char *text);
/* A NUL-terminated text that lives as long as the rest. */
const char *bytes_to_hex(struct bytes from);
/* Everything that a file holds. */
struct bytes bytes_from_file(const char *path);
/* The number as 8 bytes, big-endian. */
struct bytes bytes_u64(uint64_t number);

#endif
