/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the newest checkpoint that the ledger holds, or one from a file. */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"

/* A checkpoint and what is known of it. */
struct shown {
    struct ml_session session;
    struct ml_read_checkpoint read;
    struct ml_vkey *vkeys;
    size_t n_vkeys;
    bool noted; /* in a record of the ledger; the rest is set */
    uint64_t seq, records;
    int64_t recorded_at_us;
    size_t timestamps;
};

static void shown_release(struct shown *shown)
{
    free(shown->vkeys);
    ml_read_checkpoint_release(&shown->read);
    ml_session_release(&shown->session);
}

static int take_noted(struct shown *shown, struct ml_view *view, struct ml_arena *arena)
{
    struct ml_noted_checkpoint noted;
    struct ml_record record;
    int result = ml_checkpoint_noted(view, MLEDGER_NO_SEQ, arena, &noted);
    if (result == MLEDGER_ENOTFOUND) {
        (void)ml_fail(MLEDGER_ENOTFOUND, "the ledger holds no checkpoint");
        return ml_hint("mledger checkpoint");
    }
    ML_TRY(result);
    ML_TRY(ml_view_record(view, noted.seq, arena, &record));
    shown->noted = true;
    shown->seq = noted.seq;
    shown->records = view->head.size;
    shown->recorded_at_us = record.header->recorded_at;
    shown->timestamps = noted.event->n_timestamps;
    return ml_read_checkpoint_bytes("the noted checkpoint",
                                    ML_SPAN(noted.event->note.data, noted.event->note.len),
                                    &shown->read);
}

static int find_noted(struct shown *shown)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_view view;
    ml_arena_init(&arena, SIZE_MAX / 2);
    ML_TRY(ml_view_begin(shown->session.ledger, &view));
    int result = take_noted(shown, &view, &arena);
    ml_view_end(&view);
    return result;
}

/* What one of its signatures is: a known log key's, good or not; or somebody's. */
static int standing_of(const struct shown *shown, size_t i, const char **ret_word)
{
    struct ml_note alone = {.text = shown->read.note.text, .count = 1};
    alone.signatures[0] = shown->read.note.signatures[i];
    *ret_word = "not checked";
    for (size_t k = 0; k < shown->n_vkeys; k++) {
        if (!ml_note_names(&alone, &shown->vkeys[k]))
            continue;
        int result = ml_note_verify(&alone, &shown->vkeys[k], 1, NULL);
        if (result < 0 && result != MLEDGER_EINVALID)
            return result;
        *ret_word = result < 0 ? "does not hold" : "good";
    }
    ml_error_clear();
    return MLEDGER_OK;
}

static int signatures_to_json(const struct shown *shown, json_t *list)
{
    for (size_t i = 0; i < shown->read.note.count; i++) {
        const struct ml_note_signature *signature = &shown->read.note.signatures[i];
        char id[ML_HEX_SIZE(ML_NOTE_ID_SIZE)];
        const char *word;
        ml_hex_encode(id, signature->id.data, ML_NOTE_ID_SIZE);
        ML_TRY(standing_of(shown, i, &word));
        if (json_array_append_new(list, json_pack("{s:s%, s:s, s:s}", "name", signature->name.data,
                                                  signature->name.len, "id", id, "signature",
                                                  word)) != 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int set_noted(const struct shown *shown, json_t *json)
{
    char time[ML_TIME_TEXT_SIZE];
    if (!shown->noted)
        return MLEDGER_OK;
    ML_TRY(ml_time_format(shown->recorded_at_us, time));
    json_t *noted = json_pack(
        "{s:I, s:s, s:I, s:I}", "seq", (json_int_t)shown->seq, "recorded_at", time, "timestamps",
        (json_int_t)shown->timestamps, "records_since",
        (json_int_t)(shown->records - shown->read.checkpoint.size));
    return json_object_set_new(json, "record", noted) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int print_json(const struct shown *shown)
{
    json_t *json;
    ML_TRY(ml_checkpoint_to_json(ml_buf_span(&shown->read.bytes), &json));
    json_t *list = json_array();
    int result = list ? signatures_to_json(shown, list) : ml_fail_memory();
    if (json_object_set_new(json, "signatures", list) != 0 && result >= 0)
        result = ml_fail_memory();
    if (result >= 0)
        result = set_noted(shown, json);
    if (result >= 0)
        ml_output_json(shown->session.out, json);
    json_decref(json);
    return result;
}

static void label(struct ml_output *out, const char *word)
{
    ml_output_text(out, ML_ROLE_DIM, "%-12s", word);
}

static int print_noted(const struct shown *shown, struct ml_output *out)
{
    char time[ML_TIME_TEXT_SIZE], count[ML_HUMAN_SIZE];
    if (!shown->noted)
        return MLEDGER_OK;
    const uint64_t since = shown->records - shown->read.checkpoint.size;
    ML_TRY(ml_time_format(shown->recorded_at_us, time));
    label(out, "recorded");
    ml_output_line(out, ML_ROLE_PLAIN, "#%" PRIu64 " at %s", shown->seq, time);
    label(out, "timestamps");
    ml_output_line(out, ML_ROLE_PLAIN, "%zu", shown->timestamps);
    label(out, "since then");
    ml_output_line(out, ML_ROLE_PLAIN, "%s record%s", ml_human_count(count, since),
                   since == 1 ? "" : "s");
    return MLEDGER_OK;
}

static int print(const struct shown *shown)
{
    struct ml_output *out = shown->session.out;
    const struct ml_checkpoint *checkpoint = &shown->read.checkpoint;
    char count[ML_HUMAN_SIZE], root[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(root, checkpoint->root, ML_HASH_SIZE);
    label(out, "origin");
    ml_output_bytes(out, ML_ROLE_PLAIN, (const char *)checkpoint->origin.data,
                    checkpoint->origin.len);
    ml_output_newline(out);
    label(out, "records");
    ml_output_line(out, ML_ROLE_PLAIN, "%s", ml_human_count(count, checkpoint->size));
    label(out, "root");
    ml_output_line(out, ML_ROLE_PLAIN, "%s", root);
    for (size_t i = 0; i < shown->read.note.count; i++) {
        const struct ml_span name = shown->read.note.signatures[i].name;
        const char *word;
        ML_TRY(standing_of(shown, i, &word));
        label(out, "signed by");
        ml_output_bytes(out, ML_ROLE_PLAIN, (const char *)name.data, name.len);
        ml_output_line(out,
                       strcmp(word, "good") == 0          ? ML_ROLE_GOOD
                       : strcmp(word, "not checked") == 0 ? ML_ROLE_DIM
                                                          : ML_ROLE_BAD,
                       "  %s", word);
    }
    return print_noted(shown, out);
}

static int gather(struct shown *shown)
{
    const char *file = ml_argument(shown->session.invocation, "FILE");
    ML_TRY(file ? ml_read_checkpoint_file(file, &shown->read) : find_noted(shown));
    if (!shown->session.ledger && ml_option_count(shown->session.invocation, "vkey") == 0)
        return MLEDGER_OK; /* shown all the same, its signatures not checked */
    return ml_log_vkeys(&shown->session, &shown->vkeys, &shown->n_vkeys);
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(shown_release) struct shown shown = {0};
    ML_TRY(ml_argument(invocation, "FILE")
               ? ml_session_open_if_any(invocation, out, &shown.session)
               : ml_session_open(invocation, out, ML_SESSION_READ, &shown.session));
    ML_TRY(gather(&shown));
    if (ml_option_given(invocation, "note")) {
        ml_output_raw(out, shown.read.bytes.data, shown.read.bytes.len);
        return MLEDGER_OK;
    }
    return invocation->json ? print_json(&shown) : print(&shown);
}

const struct ml_command ml_command_checkpoint_show = {
    .name = "checkpoint show",
    .summary = "Show the newest checkpoint, or one from a file",
    .description =
        (const char *const[]){"Without a file: the newest that a record of the ledger notes, and "
                              "how many records have been added since.",
                              NULL},
    .arguments = (const struct ml_argument[]){{.name = "FILE",
                                               .min = 0,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "A signed checkpoint."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){{.name = "note", .help = "Print the signed note as it stands."},
                                   ML_OPTION_VKEY,
                                   {.name = NULL}},
    .exit_codes =
        (const struct ml_exit_code[]){{1, "The ledger holds no checkpoint."}, {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .run = run,
};
