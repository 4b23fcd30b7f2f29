/* SPDX-License-Identifier: Apache-2.0 */
/* A record taken apart, and what docs/FORMAT.md says follows from its parts. */
#ifndef ATTACK_RECORD_H
#define ATTACK_RECORD_H

#include "tests/attack/forge/seal.h"
#include "tests/attack/forge/store.h"
#include "tests/attack/forge/wire.h"

/* Numbers of the fields of SignedRecord. */
enum record_part {
    RECORD_HEADER = 1,
    RECORD_SIGNATURE,
    RECORD_EVENT,
    RECORD_DETAILS,
    RECORD_STATEMENTS,
    RECORD_SALTS,
    RECORD_DETAILS_HASH,
    RECORD_PARTS,
};

/* Numbers of the fields of Header. */
enum header_field {
    HEADER_FORMAT = 1,
    HEADER_SCHEMA,
    HEADER_SEQ,
    HEADER_PREV_LINK,
    HEADER_RECORDED_AT,
    HEADER_SIGNER,
    HEADER_KIND,
    HEADER_COMMITMENT,
    HEADER_SUBJECT_TAGS,
};

struct record {
    bool there[RECORD_PARTS];
    struct bytes parts[RECORD_PARTS];
};

struct record record_unpack(struct bytes stored);
struct bytes record_pack(const struct record *record);
/* Record `seq` as the store holds it; it must be there. */
struct record record_load(struct store *store, uint64_t seq);
void record_save(struct store *store, uint64_t seq, const struct record *record);

uint64_t record_seq(const struct record *record);
void record_set_number(struct record *record, enum header_field field, uint64_t number);
void record_set_bytes(struct record *record, enum header_field field, struct bytes bytes);
struct bytes record_header_bytes(const struct record *record, enum header_field field);

/* C(part) of docs/FORMAT.md, of event, details or statements. */
struct bytes record_part_hash(const struct record *record, enum record_part part);
/* Event and details as statements mean them. */
struct bytes record_subject(const struct record *record);
/* The commitment of the parts as they are now, into the header. */
void record_seal(struct record *record);
void record_sign(struct record *record, const struct seal_key *key);

struct bytes record_link(const struct record *record);
struct bytes record_leaf(const struct record *record);
/* The salt of the subject that the record creates; false: it creates none. */
bool record_subject_salt(const struct record *record, struct bytes *ret_salt);
struct bytes record_tag(struct bytes salt, uint64_t seq);
/* Replaces the tags, in the order that they must have. */
void record_set_tags(struct record *record, struct bytes *tags, size_t count);
/* The root of the tree over `count` leaves from `from` on, and over the first `size`. */
struct bytes record_root_of(struct store *store, uint64_t from, uint64_t count);
struct bytes record_root(struct store *store, uint64_t size);

#endif
