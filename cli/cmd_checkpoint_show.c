/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the newest checkpoint that the ledger holds, or one from a file. */
#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/commands.h"
#include "cli/human.h"
#include "cli/remote.h"
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
    size_t n_stamps;
    struct shown_stamp {
        bool good; /* but for whom its certificates lead to */
        struct ml_timestamp says;
    } stamps[ML_STAMPS_MAX];
    struct ml_witness_file policy; /* whose witnesses are known */
};

static void shown_release(struct shown *shown)
{
    free(shown->vkeys);
    ml_witness_file_release(&shown->policy);
    ml_read_checkpoint_release(&shown->read);
    ml_session_release(&shown->session);
}

static int take_stamps(struct shown *shown, const Mledger__CheckpointNoted *noted)
{
    const struct ml_span text = shown->read.note.text;
    for (size_t i = 0; i < noted->n_timestamps && i < ML_STAMPS_MAX; i++) {
        struct shown_stamp *stamp = &shown->stamps[shown->n_stamps++];
        int result = ml_timestamp_read(ML_SPAN(noted->timestamps[i].data, noted->timestamps[i].len),
                                       text, &stamp->says);
        stamp->good = result >= 0;
        if (result < 0 && result != MLEDGER_EINVALID)
            return result;
    }
    ml_error_clear();
    return MLEDGER_OK;
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
    ML_TRY(ml_read_checkpoint_bytes("the noted checkpoint",
                                    ML_SPAN(noted.event->note.data, noted.event->note.len),
                                    &shown->read));
    return take_stamps(shown, noted.event);
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

/* What one of its signatures is: of a key that is known, good or not; or somebody's. */
struct standing {
    const char *word;
    int64_t time_us; /* of a cosignature that is good; -1: none */
};

static int standing_of(const struct shown *shown, size_t i, struct standing *ret_standing)
{
    struct ml_note alone = {.text = shown->read.note.text, .count = 1};
    alone.signatures[0] = shown->read.note.signatures[i];
    *ret_standing = (struct standing){.word = "not checked", .time_us = -1};
    for (size_t k = 0; k < shown->n_vkeys; k++) {
        struct ml_note_seal seal = {0};
        if (!ml_note_names(&alone, &shown->vkeys[k]))
            continue;
        int result = ml_note_verify(&alone, &shown->vkeys[k], 1, &seal);
        if (result < 0 && result != MLEDGER_EINVALID)
            return result;
        ret_standing->word = result < 0 ? "does not hold" : "good";
        if (seal.time > 0 && seal.time <= ML_TIME_MAX_US / 1000000)
            ret_standing->time_us = seal.time * 1000000;
    }
    ml_error_clear();
    return MLEDGER_OK;
}

static int signature_to_json(const struct shown *shown, size_t i, json_t **ret_json)
{
    const struct ml_note_signature *signature = &shown->read.note.signatures[i];
    char id[ML_HEX_SIZE(ML_NOTE_ID_SIZE)], time[ML_TIME_TEXT_SIZE];
    struct standing standing;
    ml_hex_encode(id, signature->id.data, ML_NOTE_ID_SIZE);
    ML_TRY(standing_of(shown, i, &standing));
    json_t *one = json_pack("{s:s%, s:s, s:s}", "name", signature->name.data, signature->name.len,
                            "id", id, "signature", standing.word);
    if (!one)
        return ml_fail_memory();
    if (standing.time_us >= 0 && ml_time_format(standing.time_us, time) >= 0)
        json_object_set_new(one, "time", json_string(time));
    *ret_json = one;
    return MLEDGER_OK;
}

static int signatures_to_json(const struct shown *shown, json_t *list)
{
    for (size_t i = 0; i < shown->read.note.count; i++) {
        json_t *one;
        ML_TRY(signature_to_json(shown, i, &one));
        if (json_array_append_new(list, one) != 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int stamps_to_json(const struct shown *shown, json_t *list)
{
    for (size_t i = 0; i < shown->n_stamps; i++) {
        json_t *one = NULL;
        if (shown->stamps[i].good)
            ML_TRY(ml_timestamp_to_json(&shown->stamps[i].says, &one));
        if (json_array_append_new(list, one ? one : json_null()) != 0)
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
    json_t *stamps = json_array();
    json_t *noted = json_pack("{s:I, s:s, s:o, s:I}", "seq", (json_int_t)shown->seq, "recorded_at",
                              time, "timestamps", stamps, "records_since",
                              (json_int_t)(shown->records - shown->read.checkpoint.size));
    if (json_object_set_new(json, "record", noted) != 0)
        return ml_fail_memory();
    return stamps_to_json(shown, stamps);
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

/* The time as an interval, where the authority says how exact it is. */
static int print_stamp(const struct shown_stamp *stamp, struct ml_output *out)
{
    char time[ML_TIME_TEXT_SIZE];
    label(out, "stamped");
    if (!stamp->good) {
        ml_output_line(out, ML_ROLE_BAD, "by a timestamp that does not hold");
        return MLEDGER_OK;
    }
    ML_TRY(ml_time_format(stamp->says.time_us, time));
    ml_output_text(out, ML_ROLE_PLAIN, "%s", time);
    if (stamp->says.accuracy_us >= 0)
        ml_output_text(out, ML_ROLE_PLAIN, " +-%g s", (double)stamp->says.accuracy_us / 1e6);
    ml_output_text(out, ML_ROLE_PLAIN, " by %s", stamp->says.authority);
    ml_output_line(out, ML_ROLE_DIM, "  roots not checked: mledger verify --tsa-roots FILE");
    return MLEDGER_OK;
}

static int print_signature(const struct shown *shown, size_t i, struct ml_output *out)
{
    const struct ml_span name = shown->read.note.signatures[i].name;
    char time[ML_TIME_TEXT_SIZE];
    struct standing standing;
    ML_TRY(standing_of(shown, i, &standing));
    label(out, "signed by");
    ml_output_bytes(out, ML_ROLE_PLAIN, (const char *)name.data, name.len);
    if (standing.time_us >= 0 && ml_time_format(standing.time_us, time) >= 0)
        ml_output_text(out, ML_ROLE_PLAIN, " at %s", time);
    ml_output_line(out,
                   strcmp(standing.word, "good") == 0          ? ML_ROLE_GOOD
                   : strcmp(standing.word, "not checked") == 0 ? ML_ROLE_DIM
                                                               : ML_ROLE_BAD,
                   "  %s", standing.word);
    return MLEDGER_OK;
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
    for (size_t i = 0; i < shown->n_stamps; i++)
        ML_TRY(print_stamp(&shown->stamps[i], out));
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
    for (size_t i = 0; i < shown->read.note.count; i++)
        ML_TRY(print_signature(shown, i, out));
    return print_noted(shown, out);
}

/* The witnesses of the user's policy are known too. */
static int add_witnesses(struct shown *shown)
{
    struct ml_head head;
    ML_TRY(ml_ledger_head(shown->session.ledger, &head));
    ML_TRY(ml_witness_file_read(head.identity, NULL, &shown->policy));
    size_t count = shown->policy.policy ? ml_witness_policy_witnesses(shown->policy.policy) : 0;
    size_t cap = shown->n_vkeys;
    ML_TRY(ml_grow(&shown->vkeys, &cap, shown->n_vkeys + count + 1, sizeof *shown->vkeys));
    for (size_t i = 0; i < count; i++)
        shown->vkeys[shown->n_vkeys++] = *ml_witness_policy_witness(shown->policy.policy, i).vkey;
    return MLEDGER_OK;
}

static int gather(struct shown *shown)
{
    const char *file = ml_argument(shown->session.invocation, "FILE");
    ML_TRY(file ? ml_read_checkpoint_file(file, &shown->read) : find_noted(shown));
    if (!shown->session.ledger && ml_option_count(shown->session.invocation, "vkey") == 0)
        return MLEDGER_OK; /* shown all the same, its signatures not checked */
    ML_TRY(ml_log_vkeys(&shown->session, &shown->vkeys, &shown->n_vkeys));
    return shown->session.ledger ? add_witnesses(shown) : MLEDGER_OK;
}

/* The newest one of a server's ledger, signed by a log key that is known. */
static int run_remote(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    json_t *json;
    ML_TRY(ml_remote_open_covered(invocation, out, &remote));
    const struct ml_span note = ml_buf_span(&remote.trust.note);
    if (!invocation->json) {
        ml_output_raw(out, note.data, note.len);
        return MLEDGER_OK;
    }
    ML_TRY(ml_checkpoint_to_json(note, &json));
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(shown_release) struct shown shown = {0};
    if (ml_remote_is(invocation) && !ml_argument(invocation, "FILE"))
        return run_remote(invocation, out);
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
        (const char *const[]){
            "Without a file: the newest that a record of the ledger notes, and "
            "how many records have been added since.",
            "With --ledger URL: the newest one of a server, as it stands, once it "
            "was checked to go on from what was seen.",
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
                                   ML_OPTIONS_REMOTE_BUT_VKEY,
                                   {.name = NULL}},
    .exit_codes = (const struct ml_exit_code[]){{1, "The ledger holds no checkpoint."}, {0, NULL}},
    .topic = ML_TOPIC_PROVE,
    .remote = true,
    .run = run,
};
