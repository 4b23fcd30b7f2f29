/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements made apart from appending: an event is sealed into a file, people sign it where
 * their keys are, and the file is appended as it stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/key_choice.h"
#include "cli/record_print.h"
#include "cli/remote.h"
#include "cli/session.h"
#include "cli/statement_file.h"
#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"

static const char *const meaning_choices[] = {"authored",  "reviewed",   "approved",
                                              "requested", "possession", NULL};
static const Mledger__Meaning meanings[] = {MLEDGER__MEANING__AUTHORED, MLEDGER__MEANING__REVIEWED,
                                            MLEDGER__MEANING__APPROVED, MLEDGER__MEANING__REQUESTED,
                                            MLEDGER__MEANING__POSSESSION};

static const char *meaning_word(Mledger__Meaning meaning)
{
    for (size_t i = 0; i < ML_COUNT(meanings); i++)
        if (meanings[i] == meaning)
            return meaning_choices[i];
    return "unknown";
}

static int read_event(const char *path, struct ml_draft **ret_draft)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    bool standard = strcmp(path, "-") == 0;
    ML_CLEANUP(ml_closep)
    int fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    char chunk[16384];
    ssize_t got;
    if (fd < 0)
        return ml_fail_errno(errno, "cannot open '%s'", path);
    while ((got = read(fd, chunk, sizeof chunk)) != 0) {
        if (got < 0)
            return ml_fail_errno(errno, "cannot read '%s'", path);
        if (text.len + (size_t)got > ML_LIMIT_JSON_LINE)
            return ml_fail(MLEDGER_EINVALID, "%s: more than %d bytes", path, ML_LIMIT_JSON_LINE);
        ML_TRY(ml_buf_append(&text, chunk, (size_t)got));
    }
    return ml_draft_from_json((char *)text.data, text.len, standard ? "standard input" : path,
                              ret_draft);
}

static void note_seen(struct ml_sealed *file, const struct ml_head *head)
{
    memcpy(file->ledger, head->identity, ML_HASH_SIZE);
    file->seen_seq = head->size - 1;
    memcpy(file->seen_link, head->link, ML_HASH_SIZE);
}

static int run_make(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0};
    struct ml_head head;
    const char *path = ml_option_text(invocation, "output", NULL);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_READ, &session));
    ML_TRY(read_event(ml_argument(invocation, "EVENT"), &file.draft));
    ML_TRY(ml_session_seal(&session, file.draft));
    ML_TRY(ml_ledger_head(session.ledger, &head));
    note_seen(&file, &head);
    ML_TRY(ml_statement_file_write(path, &file, false));
    if (!invocation->quiet && !invocation->json)
        ml_output_line(out, ML_ROLE_PLAIN, "sealed %s into %s", ml_event_name(file.draft->event),
                       path);
    return MLEDGER_OK;
}

const struct ml_command ml_command_statement_make = {
    .name = "statement make",
    .summary = "Seal an event, so that several people can sign it",
    .description =
        (const char *const[]){
            "EVENT holds one event as mledger append takes it. It is completed against this ledger "
            "and its bytes are fixed in FILE, which can be carried to other machines, signed there "
            "by mledger statement sign, and appended here by mledger statement append.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "EVENT",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "A file of one JSON object; - is standard "
                                                       "input."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){{.name = "output",
                                           .letter = 'o',
                                           .value = "FILE",
                                           .rule = {.kind = ML_VALUE_FILE},
                                           .required = true,
                                           .help = "The file to make, which must not exist yet."},
                                          {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger statement make event.json -o threshold.stmt", "Seal an event."},
            {"mledger statement sign threshold.stmt --key bob --meaning approved",
             "Bob agrees, on his own machine."},
            {"mledger statement append threshold.stmt", "Record it."},
            {0}},
    .topic = ML_TOPIC_RECORD,
    .run = run_make,
};

/* What the signer has seen: this ledger's newest record where it is here, else what the file
 * says was the newest when it was made. */
static int head_seen(struct ml_session *session, const struct ml_sealed *file,
                     struct ml_head *ret_head)
{
    if (session->ledger) {
        ML_TRY(ml_ledger_head(session->ledger, ret_head));
        if (memcmp(ret_head->identity, file->ledger, ML_HASH_SIZE) == 0)
            return MLEDGER_OK;
    }
    *ret_head = (struct ml_head){.size = file->seen_seq + 1};
    memcpy(ret_head->identity, file->ledger, ML_HASH_SIZE);
    memcpy(ret_head->link, file->seen_link, ML_HASH_SIZE);
    return MLEDGER_OK;
}

/* With the ledger if it is here; signing does not need it. */
static int open_maybe(const struct ml_invocation *invocation, struct ml_output *out,
                      struct ml_session *session)
{
    if (ml_remote_is(invocation))
        return ml_session_open_keys(invocation, out, session);
    int result = ml_session_open(invocation, out, ML_SESSION_READ, session);
    bool absent = result == MLEDGER_ENOTFOUND || (result == MLEDGER_ESYSTEM && !session->known_dir);
    if (!absent || invocation->ledger || !session->keyring.dir)
        return result;
    ml_error_clear();
    return MLEDGER_OK;
}

static int print_event(struct ml_session *session, const struct ml_sealed *file)
{
    struct ml_view view;
    const struct ml_draft *draft = file->draft;
    if (!session->ledger)
        return ml_event_print(session->out, NULL, draft->event, draft->details);
    ML_TRY(ml_view_begin(session->ledger, &view));
    bool same = memcmp(view.head.identity, file->ledger, ML_HASH_SIZE) == 0;
    int result = ml_event_print(session->out, same ? &view : NULL, draft->event, draft->details);
    ml_view_end(&view);
    return result;
}

static int print_file(struct ml_session *session, const struct ml_sealed *file)
{
    struct ml_output *out = session->out;
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(identity, file->ledger, ML_HASH_SIZE);
    ml_output_line(out, ML_ROLE_PLAIN, "for ledger    %s", identity);
    ml_output_line(out, ML_ROLE_PLAIN, "made at       #%" PRIu64, file->seen_seq);
    return print_event(session, file);
}

static int read_expiry(const struct ml_invocation *invocation, int64_t *expiry_us,
                       const int64_t **ret_expiry)
{
    const char *text = ml_option_text(invocation, "expiry", NULL);
    *ret_expiry = NULL;
    if (!text)
        return MLEDGER_OK;
    if (ml_time_parse_user(text, strlen(text), expiry_us) < 0) {
        ml_prefix("--expiry");
        return ml_fail(MLEDGER_EUSAGE, "%s", mledger_error_text());
    }
    *ret_expiry = expiry_us;
    return MLEDGER_OK;
}

static int run_sign(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0};
    const char *path = ml_argument(invocation, "FILE");
    const struct ml_signer *signer;
    const int64_t *expiry;
    int64_t expiry_us = 0;
    struct ml_head head;
    size_t meaning = ml_option_choice(invocation, "meaning", 0);
    ML_TRY(read_expiry(invocation, &expiry_us, &expiry));
    ML_TRY(open_maybe(invocation, out, &session));
    ML_TRY(ml_statement_file_read(path, &file));
    if (!invocation->quiet && !invocation->json) {
        ML_TRY(print_file(&session, &file));
        ML_TRY(ml_output_finish(out)); /* before anybody is asked for a passphrase */
    }
    ML_TRY(ml_session_signer_named(&session, ml_option_text(invocation, "key", ""), &signer));
    ML_TRY(head_seen(&session, &file, &head));
    ML_TRY(ml_draft_state(file.draft, &head, signer, meanings[meaning], expiry));
    ML_TRY(ml_statement_file_write(path, &file, true));
    if (!invocation->quiet && !invocation->json) {
        ml_output_newline(out);
        ml_output_line(out, ML_ROLE_GOOD, "%s, having seen #%" PRIu64, meaning_choices[meaning],
                       head.size - 1);
    }
    return MLEDGER_OK;
}

const struct ml_command ml_command_statement_sign = {
    .name = "statement sign",
    .summary = "State something about a sealed event, by your own key",
    .description =
        (const char *const[]){
            "Prints the event, then adds the statement to FILE. The ledger need not be here. What "
            "is stated: authored, reviewed, approved or requested, or, by a key that is to be "
            "authorized, possession of it.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "FILE",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "Made by mledger statement make."},
                                              {.name = NULL}},
    .options =
        (const struct ml_option[]){
            {.name = "key",
             .value = "NAME|FILE",
             .required = true,
             .help = "Sign with this key: its name among your keys, or the path of its file."},
            {.name = "meaning",
             .value = "WHAT",
             .rule = {.kind = ML_VALUE_CHOICE, .choices = meaning_choices},
             .required = true,
             .help = "What is stated."},
            {.name = "expiry",
             .value = "TIME",
             .help = "Worth nothing if it is recorded after this time."},
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_sign,
};

/* Good: signed by its key, and on this event. */
static int judge(const struct ml_draft *draft, const Mledger__SignedStatement *stored,
                 const Mledger__Statement *statement, bool *ret_good)
{
    uint8_t event[ML_HASH_SIZE], details[ML_HASH_SIZE], subject[ML_HASH_SIZE];
    ML_TRY(ml_part_hash(draft->event_salt, draft->event_bytes, event));
    ML_TRY(ml_part_hash(draft->details_salt, draft->details_bytes, details));
    ML_TRY(ml_statement_subject(event, details, subject));
    struct ml_span bytes = ML_SPAN(stored->statement.data, stored->statement.len);
    *ret_good =
        memcmp(subject, statement->subject.data, ML_HASH_SIZE) == 0 &&
        ml_dsse_verify(ML_STATEMENT_TYPE, bytes, stored->key.data, stored->signature.data) >= 0;
    ml_error_clear();
    return MLEDGER_OK;
}

/* Gives each statement of the file to `tell`. */
typedef int statement_teller(const Mledger__SignedStatement *stored,
                             const Mledger__Statement *statement, bool good, void *context);

static int each_statement(struct ml_draft *draft, statement_teller *tell, void *context,
                          bool *ret_good)
{
    ProtobufCMessage *message;
    *ret_good = true;
    if (draft->statements_bytes.len == 0)
        return MLEDGER_OK;
    ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, draft->statements_bytes, &draft->arena,
                           &message));
    const Mledger__Statements *list = (const Mledger__Statements *)message;
    for (size_t i = 0; i < list->n_statements; i++) {
        const Mledger__SignedStatement *stored = list->statements[i];
        bool good;
        ML_TRY(ml_codec_unpack(&mledger__statement__descriptor,
                               ML_SPAN(stored->statement.data, stored->statement.len),
                               &draft->arena, &message));
        ML_TRY(judge(draft, stored, (const Mledger__Statement *)message, &good));
        *ret_good &= good;
        ML_TRY(tell(stored, (const Mledger__Statement *)message, good, context));
    }
    return MLEDGER_OK;
}

static int tell_text(const Mledger__SignedStatement *stored, const Mledger__Statement *statement,
                     bool good, void *context)
{
    struct ml_output *out = context;
    char key[ML_KEY_SHOWN_DIGITS + 1];
    ml_key_short(key, stored->key.data);
    ml_output_text(out, ML_ROLE_PLAIN, "  %-12s by key %s, having seen #%" PRIu64,
                   meaning_word(statement->meaning), key, statement->seen_seq);
    ml_output_line(out, good ? ML_ROLE_GOOD : ML_ROLE_BAD, "%s",
                   good ? ", signature good" : ", NOT a statement on this event by this key");
    return MLEDGER_OK;
}

static int tell_json(const Mledger__SignedStatement *stored, const Mledger__Statement *statement,
                     bool good, void *context)
{
    char key[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(key, stored->key.data, ML_KEY_SIZE);
    json_t *one =
        json_pack("{s:s, s:s, s:I, s:b}", "key", key, "meaning", meaning_word(statement->meaning),
                  "seen_seq", (json_int_t)statement->seen_seq, "good", good);
    return json_array_append_new(context, one) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int show_json(struct ml_session *session, struct ml_sealed *file, bool *ret_good)
{
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    json_t *event, *details = NULL;
    json_t *statements = json_array();
    ml_hex_encode(identity, file->ledger, ML_HASH_SIZE);
    int result = ml_json_from_message(&file->draft->event->base, &event);
    if (result >= 0 && file->draft->details)
        result = ml_json_from_message(&file->draft->details->base, &details);
    if (result >= 0)
        result = each_statement(file->draft, tell_json, statements, ret_good);
    if (result < 0) {
        json_decref(statements);
        return result;
    }
    json_t *json = json_pack("{s:s, s:I, s:o, s:o*, s:o}", "ledger", identity, "seen_seq",
                             (json_int_t)file->seen_seq, "event", event, "details", details,
                             "statements", statements);
    if (!json)
        return ml_fail_memory();
    ml_output_json(session->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int show_text(struct ml_session *session, struct ml_sealed *file, bool *ret_good)
{
    ML_TRY(print_file(session, file));
    ml_output_newline(session->out);
    ml_output_line(session->out, ML_ROLE_EMPHASIS, "statements");
    if (file->draft->statements_bytes.len == 0)
        ml_output_line(session->out, ML_ROLE_PLAIN, "  none yet");
    return each_statement(file->draft, tell_text, session->out, ret_good);
}

static int run_show(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0};
    bool good = false;
    ML_TRY(open_maybe(invocation, out, &session));
    ML_TRY(ml_statement_file_read(ml_argument(invocation, "FILE"), &file));
    ML_TRY(invocation->json ? show_json(&session, &file, &good)
                            : show_text(&session, &file, &good));
    return good ? MLEDGER_OK : ML_ANSWER_NO;
}

const struct ml_command ml_command_statement_show = {
    .name = "statement show",
    .summary = "Show a sealed event and who stated what of it",
    .arguments = (const struct ml_argument[]){{.name = "FILE",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "Made by mledger statement make."},
                                              {.name = NULL}},
    .exit_codes = (const struct ml_exit_code[]){{1, "A statement in it is not good."}, {0, NULL}},
    .topic = ML_TOPIC_RECORD,
    .run = run_show,
};

static int check_ledger(const struct ml_invocation *invocation, const struct ml_head *head,
                        const struct ml_sealed *file)
{
    if (memcmp(head->identity, file->ledger, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_fail(MLEDGER_EINVALID, "'%s' was made for another ledger",
                   ml_argument(invocation, "FILE"));
}

static int append_remote(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_remote_release) struct ml_remote remote = {0};
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0};
    if (ml_option_given(invocation, "key"))
        return ml_fail(MLEDGER_EUSAGE, "the server's key signs the record, not --key");
    ML_TRY(ml_statement_file_read(ml_argument(invocation, "FILE"), &file));
    ML_TRY(ml_remote_open_covered(invocation, out, &remote));
    const struct ml_head head = ml_remote_head(&remote);
    ML_TRY(check_ledger(invocation, &head, &file));
    return ml_remote_append(&remote, file.draft);
}

static int run_append(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_sealed_release) struct ml_sealed file = {0};
    struct ml_head head;
    if (ml_remote_is(invocation))
        return append_remote(invocation, out);
    ML_TRY(ml_session_open(invocation, out, ML_SESSION_WRITE, &session));
    ML_TRY(ml_statement_file_read(ml_argument(invocation, "FILE"), &file));
    ML_TRY(ml_ledger_head(session.ledger, &head));
    ML_TRY(check_ledger(invocation, &head, &file));
    return ml_session_append(&session, file.draft);
}

const struct ml_command ml_command_statement_append = {
    .name = "statement append",
    .summary = "Record a sealed event with its statements",
    .description =
        (const char *const[]){
            "The event enters with its exact bytes; what the ledger would assign is checked in it. "
            "The record is signed by --key, else by your recorder key: the authority is in the "
            "statements. Where one admin less has made a statement than must agree, --key of "
            "another one makes up for it.",
            "With --ledger URL it is sent to a server, whose key then signs the record and makes "
            "up "
            "for nothing.",
            NULL},
    .arguments = (const struct ml_argument[]){{.name = "FILE",
                                               .min = 1,
                                               .max = 1,
                                               .rule = {.kind = ML_VALUE_FILE},
                                               .help = "Made by mledger statement make."},
                                              {.name = NULL}},
    .options = (const struct ml_option[]){ML_OPTIONS_SIGNING, ML_OPTIONS_REMOTE, {.name = NULL}},
    .topic = ML_TOPIC_RECORD,
    .remote = true,
    .run = run_append,
};
