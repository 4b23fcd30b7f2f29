/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <unistd.h>

#include "cli/ledger_dir.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"

enum { SHORT_LINK = 8, HOST_SIZE = 256 };

int ml_session_open_keys(const struct ml_invocation *invocation, struct ml_output *out,
                         struct ml_session *ret_session)
{
    *ret_session = (struct ml_session){.invocation = invocation, .out = out};
    return ml_keyring_init(&ret_session->keyring, invocation);
}

static int open_ledger(struct ml_session *session, const char *dir)
{
    const struct ml_ledger_options options = {
        .read_only = session->mode == ML_SESSION_READ || session->mode == ML_SESSION_READ_RECORDS,
        .records_only =
            session->mode == ML_SESSION_READ_RECORDS || session->mode == ML_SESSION_REINDEX,
        .known_dir = session->known_dir,
    };
    return ml_ledger_open(dir, &options, &session->ledger);
}

int ml_session_open(const struct ml_invocation *invocation, struct ml_output *out,
                    enum ml_session_mode mode, struct ml_session *ret_session)
{
    ML_CLEANUP(ml_freep) char *dir = NULL;
    ML_TRY(ml_session_open_keys(invocation, out, ret_session));
    ML_TRY(ml_ledger_dir_find(invocation, &dir));
    ML_TRY(ml_user_dir("XDG_STATE_HOME", ".local/state", "mledger", &ret_session->known_dir));
    ret_session->mode = mode;
    return open_ledger(ret_session, dir);
}

int ml_session_pause(struct ml_session *session, char **ret_dir)
{
    const char *dir = ml_ledger_dir(session->ledger);
    *ret_dir = realpath(dir, NULL);
    if (!*ret_dir)
        return ml_fail_errno(errno, "cannot find ledger '%s'", dir);
    ml_ledger_close(ML_TAKE(session->ledger));
    return MLEDGER_OK;
}

int ml_session_resume(struct ml_session *session, const char *dir)
{
    assert(!session->ledger);
    return open_ledger(session, dir);
}

void ml_session_release(struct ml_session *session)
{
    for (size_t i = 0; i < session->n_keys; i++) {
        mledger_key_free(session->keys[i].key);
        free(session->keys[i].path);
    }
    ml_ledger_close(session->ledger);
    ml_keyring_release(&session->keyring);
    free(session->known_dir);
    *session = (struct ml_session){0};
}

/* Takes the path over. */
static int load_signer(struct ml_session *session, char *path, const struct ml_signer **ret_signer)
{
    ML_CLEANUP(ml_freep) char *owned = path;
    for (size_t i = 0; i < session->n_keys; i++)
        if (strcmp(session->keys[i].path, path) == 0) {
            *ret_signer = &session->keys[i].signer;
            return MLEDGER_OK;
        }
    assert(session->n_keys < ML_SESSION_KEYS);
    struct ml_session_key *slot = &session->keys[session->n_keys];
    ML_TRY(ml_keyring_load(&session->keyring, path, &slot->key));
    slot->path = ML_TAKE(owned);
    slot->signer = ml_signer_of(slot->key);
    session->n_keys++;
    *ret_signer = &slot->signer;
    return MLEDGER_OK;
}

/* A key that is not there is no answer of no: without it nothing can be done. */
static int cannot_sign(int result)
{
    struct ml_error error;
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_get(&error);
    error.code = MLEDGER_ESYSTEM;
    return ml_error_set(&error);
}

int ml_session_signer_named(struct ml_session *session, const char *name,
                            const struct ml_signer **ret_signer)
{
    char *path;
    ML_TRY(cannot_sign(ml_keyring_find(&session->keyring, name, &path)));
    return load_signer(session, path, ret_signer);
}

static int choose_signer(struct ml_session *session, Mledger__Role role,
                         const struct ml_signer **ret_signer)
{
    struct ml_view view;
    char *path;
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = ml_keyring_choose(&session->keyring, &view, role, &path);
    ml_view_end(&view);
    ML_TRY(result);
    return load_signer(session, path, ret_signer);
}

int ml_session_signer(struct ml_session *session, Mledger__Role role,
                      const struct ml_signer **ret_signer)
{
    const char *name = ml_option_text(session->invocation, "key", NULL);
    return name ? ml_session_signer_named(session, name, ret_signer)
                : cannot_sign(choose_signer(session, role, ret_signer));
}

static int choose_log_key(struct ml_session *session, char **ret_path)
{
    struct ml_view view;
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = ml_keyring_choose_log(&session->keyring, &view, ret_path);
    ml_view_end(&view);
    return result;
}

int ml_session_log_key(struct ml_session *session, const struct mledger_key **ret_key)
{
    const char *name = ml_option_text(session->invocation, "log-key", NULL);
    const struct ml_signer *signer;
    char *path;
    ML_TRY(cannot_sign(name ? ml_keyring_find(&session->keyring, name, &path)
                            : choose_log_key(session, &path)));
    ML_TRY(load_signer(session, path, &signer));
    *ret_key = signer->context;
    return MLEDGER_OK;
}

static int set_text(struct ml_draft *draft, char **place, const char *text)
{
    if (*place || !text)
        return MLEDGER_OK;
    *place = ml_draft_text(draft, text);
    return *place ? MLEDGER_OK : ml_fail_memory();
}

/* NULL for an account without a name. */
static const char *account_name(struct passwd *entry, char *buffer, size_t size)
{
    struct passwd *found;
    return getpwuid_r(geteuid(), entry, buffer, size, &found) == 0 && found ? found->pw_name : NULL;
}

int ml_session_describe(struct ml_session *session, struct ml_draft *draft)
{
    const struct ml_program *program = session->invocation->program;
    char client[64], buffer[4096], host[HOST_SIZE] = "";
    struct passwd entry;
    Mledger__Details *details = ml_draft_details(draft);
    if (!details)
        return ml_fail_memory();
    snprintf(client, sizeof client, "%s %s", program->name, program->version);
    ML_TRY(set_text(draft, &details->client, client));
    ML_TRY(set_text(draft, &details->user, account_name(&entry, buffer, sizeof buffer)));
    if (gethostname(host, sizeof host - 1) < 0 || !*host)
        return MLEDGER_OK;
    return set_text(draft, &details->host, host);
}

static bool is_sealed(const struct ml_draft *draft)
{
    return draft->event_bytes.len > 0;
}

int ml_session_seal(struct ml_session *session, struct ml_draft *draft)
{
    struct ml_view view;
    if (is_sealed(draft))
        return MLEDGER_OK;
    ML_TRY(ml_session_describe(session, draft));
    ML_TRY(ml_view_begin(session->ledger, &view));
    int result = ml_draft_seal(draft, &view);
    ml_view_end(&view);
    return result;
}

int ml_session_state(struct ml_session *session, struct ml_draft *draft,
                     const struct ml_signer *signer, Mledger__Meaning meaning)
{
    struct ml_head head;
    ML_TRY(ml_ledger_head(session->ledger, &head));
    return ml_draft_state(draft, &head, signer, meaning, NULL);
}

int ml_session_record(struct ml_session *session, const struct ml_signer *signer,
                      struct ml_draft *draft, struct ml_receipt *ret_receipt)
{
    if (!is_sealed(draft))
        ML_TRY(ml_session_describe(session, draft));
    return ml_ledger_append(session->ledger, signer, &draft, 1, ret_receipt, NULL);
}

int ml_receipt_to_json(const struct ml_receipt *receipt, const uint8_t identity[ML_HASH_SIZE],
                       json_t **ret_json)
{
    char link[ML_HEX_SIZE(ML_HASH_SIZE)], ledger[ML_HEX_SIZE(ML_HASH_SIZE)];
    char time[ML_TIME_TEXT_SIZE];
    ml_hex_encode(link, receipt->link, ML_HASH_SIZE);
    ml_hex_encode(ledger, identity, ML_HASH_SIZE);
    ML_TRY(ml_time_format(receipt->recorded_at_us, time));
    json_t *json = json_pack("{s:I, s:s, s:s, s:s}", "seq", (json_int_t)receipt->seq, "recorded_at",
                             time, "link", link, "identity", ledger);
    if (!json)
        return ml_fail_memory();
    *ret_json = json;
    return MLEDGER_OK;
}

static int print_json(struct ml_session *session, const struct ml_receipt *receipt)
{
    struct ml_head head;
    json_t *json;
    ML_TRY(ml_ledger_head(session->ledger, &head));
    ML_TRY(ml_receipt_to_json(receipt, head.identity, &json));
    ml_output_json(session->out, json);
    json_decref(json);
    return MLEDGER_OK;
}

int ml_session_print_receipt(struct ml_session *session, const struct ml_receipt *receipt)
{
    if (session->invocation->json)
        return print_json(session, receipt);
    char link[ML_HEX_SIZE(SHORT_LINK)];
    ml_hex_encode(link, receipt->link, SHORT_LINK);
    ml_output_text(session->out, ML_ROLE_PLAIN, "recorded #%" PRIu64, receipt->seq);
    ml_output_text(session->out, ML_ROLE_DIM, " link %s", link);
    ml_output_line(session->out, ML_ROLE_DIM, session->out->utf8 ? "\u2026" : "...");
    return MLEDGER_OK;
}

static int append_by(struct ml_session *session, const struct ml_signer *signer,
                     struct ml_draft *draft)
{
    struct ml_receipt receipt;
    ML_TRY(ml_session_record(session, signer, draft, &receipt));
    return ml_session_print_receipt(session, &receipt);
}

int ml_session_append(struct ml_session *session, struct ml_draft *draft)
{
    const struct ml_signer *signer;
    ML_TRY(ml_session_signer(session, MLEDGER__ROLE__RECORDER, &signer));
    return append_by(session, signer, draft);
}

int ml_session_append_trust(struct ml_session *session, struct ml_draft *draft)
{
    const struct ml_signer *signer;
    ML_TRY(ml_session_signer(session, MLEDGER__ROLE__ADMIN, &signer));
    int result = append_by(session, signer, draft);
    if (result != MLEDGER_EREFUSED || strcmp(mledger_error_rule(), "admin") != 0)
        return result;
    struct ml_error error;
    struct ml_head head;
    ml_error_get(&error);
    if (ml_ledger_head(session->ledger, &head) < 0 || head.threshold <= 1)
        return ml_error_set(&error);
    ml_error_set(&error);
    return ml_hint("mledger statement make EVENT.json -o FILE; each admin: mledger statement sign "
                   "FILE --key NAME; then: mledger statement append FILE");
}

int ml_session_append_stated(struct ml_session *session, struct ml_draft *draft,
                             Mledger__Meaning meaning, Mledger__Role role)
{
    const struct ml_signer *person, *recorder;
    ML_TRY(ml_session_signer(session, role, &person));
    int result = choose_signer(session, MLEDGER__ROLE__RECORDER, &recorder);
    if (result == MLEDGER_ENOTFOUND)
        recorder = person;
    else
        ML_TRY(result);
    ML_TRY(ml_session_seal(session, draft));
    ML_TRY(ml_session_state(session, draft, person, meaning));
    return append_by(session, recorder, draft);
}
