/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words of a script's lines: where an edit goes and what it puts there. One record at a time is
 * at hand; commands change it, and `save` puts it into the store. forge.c lists the commands.
 *
 *   TARGET   PART or PART.FIELD[.FIELD…]: a part of the record at hand (header, signature, event,
 *            details, statements, salts, details_hash; packed: the record as it will be stored),
 *            and below it fields by their numbers in proto/; N[I] is the I-th of those with number
 * N, from 0. Fields of the header go by their names: header.recorded_at VALUE    123, -1 a number
 *            hex:00ff, zeros:N     bytes
 *            times:N:HEX           the same bytes so many times
 *            text:…                the rest of the line
 *            double:HEX            8 bytes as they stand
 *            key:FILE              the public key of a key file
 *            link:SEQ, leaf:SEQ    of a stored record
 *            root:SIZE             of the tree over so many stored records
 *            identity              of the ledger
 *            details-hash          of the details at hand
 *            file:PATH             what a file holds
 *   RECORD   SEQ, or LEDGER#SEQ for a record of another ledger
 */
#ifndef ATTACK_SCRIPT_H
#define ATTACK_SCRIPT_H

#include "tests/attack/forge/record.h"

enum { SCRIPT_WORDS = 80, PART_PACKED = RECORD_PARTS };

struct forge {
    struct store *store;
    struct record record; /* at hand */
    struct bytes packed;  /* as `pack` made it */
};

struct line {
    size_t count;
    char *words[SCRIPT_WORDS];
};

struct target {
    unsigned part; /* enum record_part, or PART_PACKED */
    struct wire_path path;
};

struct value {
    unsigned type; /* of the wire */
    struct bytes bytes;
};

typedef void command(struct forge *forge, const struct line *line);

struct target script_target(const char *word);
struct value script_value(struct forge *forge, const char *word);
uint64_t script_number(const char *word);
struct record script_record(struct forge *forge, const char *word);
/* The part that a target is in. */
struct bytes *script_part(struct forge *forge, unsigned part);

/* commands_record.c */
command command_load, command_take, command_set, command_add, command_cut, command_whole,
    command_drop, command_pack, command_save, command_store, command_flip_part, command_displace,
    command_repeat, command_stretch, command_replace, command_append, command_print,
    command_print_text, command_fields, command_alter;
/* commands_seal.c */
command command_seal, command_chain, command_tags, command_sign, command_signature, command_state,
    command_restate, command_rebuild;
/* commands_note.c */
command command_note, command_cosign, command_witness, command_base64, command_export;
/* commands_store.c */
command command_delete, command_swap, command_move, command_close_gaps, command_put, command_erase,
    command_flip, command_table, command_untable, command_count, command_keys, command_value,
    command_frontier;

#endif
