/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of exports share: documents of a ledger, read again. */
#ifndef TESTS_EXPORT_FIXTURE_H
#define TESTS_EXPORT_FIXTURE_H

#include <jansson.h>

#include "export/formats.h"
#include "tests/unit/ledger_fixture.h"

/* The document about `reference` (NULL: the whole ledger), for the caller to free; asserts. */
char *export_text(struct fixture *fixture, const char *format, const char *reference);
/* The same read as JSON: for json_decref(). */
json_t *export_json(struct fixture *fixture, const char *format, const char *reference);
/* Each line of it, as an array. */
json_t *export_lines(struct fixture *fixture, const char *format, const char *reference);

/* What stands at a path of keys and indexes: "graph/nodes/0/label", where '/' in a key is written
 * '|'; asserts that it is there. */
const json_t *export_at(const json_t *json, const char *path);
/* Asserts that the text there is this one. */
void export_expect(const json_t *json, const char *path, const char *text);
/* Asserts that there is no such thing. */
void export_expect_none(const json_t *json, const char *path);
/* The first element of the array there whose `key` is the text; asserts. */
const json_t *export_find(const json_t *array, const char *key, const char *text);

/* Asserts that every object with a seq and a link (under these keys) has the link of that record,
 * and gives how many there are. A seq may be a number, a typed literal, or an array whose first
 * counts. */
size_t export_check_links(struct fixture *fixture, const json_t *json, const char *seq_key,
                          const char *link_key);

/* A ledger whose names are hostile: quotes, markup, control characters, right-to-left, "end", 300
 * characters; a metric that is no number, one that is infinite, and details that were erased. */
void export_add_hostile(struct fixture *fixture);
#define EXPORT_HOSTILE "\"]; <b>&\\N\n\x01 %% {{x}} `y`\xe2\x80\xae end"

#endif
