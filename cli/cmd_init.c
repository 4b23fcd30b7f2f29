/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a ledger with its keys. The keys are made first, so that no ledger is ever bound to a key
 * that exists nowhere; whatever was made is removed when the rest cannot be.
 */
#include <ctype.h>
#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/init_continue.h"
#include "cli/init_recorder.h"
#include "cli/ledger_dir.h"
#include "cli/trust.h"
#include "ledger/core/hex.h"

enum { KEY_ADMIN, KEY_RECORDER, KEY_LOG, KEY_RECOVERY, KEY_COUNT };

struct made_key {
    const char *suffix, *what;
    enum mledger_key_purpose purpose;
    bool wanted, sealed;
    char *name, *path;
    struct mledger_key *key;
    struct ml_signer signer;
};

struct init {
    struct ml_session session;
    const char *name;
    char *slug, *origin, *actor; /* owned */
    char *dir;
    bool dir_was_there;
    struct made_key keys[KEY_COUNT];
    struct ml_draft *genesis;
    struct ml_head head;
    bool made; /* the ledger's files */
    bool done;
};

static void forget_known_head(const struct init *init)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, init->head.identity, ML_HASH_SIZE);
    if (init->head.size && ml_buf_printf(&path, "%s/%s", init->session.known_dir, hex) >= 0 &&
        ml_buf_append_char(&path, '\0') >= 0)
        unlink((char *)path.data);
}

/* Only what this call made is removed: there was no ledger before. */
static void remove_ledger(const struct init *init)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < ML_COUNT(files); i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
        if (ml_buf_printf(&path, "%s/%s", init->dir, files[i]) >= 0 &&
            ml_buf_append_char(&path, '\0') >= 0)
            unlink((char *)path.data);
    }
    if (!init->dir_was_there)
        rmdir(init->dir);
    forget_known_head(init);
}

static void undo(struct init *init)
{
    struct ml_error error;
    ml_error_get(&error);
    ml_ledger_close(init->session.ledger);
    init->session.ledger = NULL;
    if (init->made)
        remove_ledger(init);
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (init->keys[i].path)
            unlink(init->keys[i].path);
    ml_error_set(&error);
}

static void init_release(struct init *init)
{
    if (!init->done)
        undo(init);
    for (size_t i = 0; i < KEY_COUNT; i++) {
        mledger_key_free(init->keys[i].key);
        free(init->keys[i].name);
        free(init->keys[i].path);
    }
    ml_draft_free(init->genesis);
    free(init->slug);
    free(init->origin);
    free(init->actor);
    free(init->dir);
    ml_session_release(&init->session);
}

/* Letters, digits, '.', '_' and '-' of the text, '-' for runs of anything else. */
static int slug_of(const char *text, char **ret_slug)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf slug = {0};
    for (; *text; text++) {
        bool plain = isalnum((unsigned char)*text) || strchr("._-", *text);
        bool doubled = !plain && slug.len && slug.data[slug.len - 1] == '-';
        if (!doubled && (slug.len || *text != '.'))
            ML_TRY(ml_buf_append_char(&slug, plain ? *text : '-'));
    }
    if (slug.len == 0)
        ML_TRY(ml_buf_append_text(&slug, "ledger"));
    return ml_buf_take_text(&slug, ret_slug);
}

static int copy_text(const char *text, char **ret_copy)
{
    char *copy = strdup(text);
    if (!copy)
        return ml_fail_memory();
    *ret_copy = copy;
    return MLEDGER_OK;
}

static int choose_actor(struct init *init)
{
    const char *given = ml_option_text(init->session.invocation, "actor", NULL);
    if (given)
        return copy_text(given, &init->actor);
    char buffer[4096];
    struct passwd entry, *found;
    if (getpwuid_r(geteuid(), &entry, buffer, sizeof buffer, &found) != 0 || !found)
        return ml_fail(MLEDGER_EUSAGE, "this account has no name; say who you are by --actor ID");
    return copy_text(found->pw_name, &init->actor);
}

/* The name in a verifier key of C2SP signed-note: no white space, no plus. */
static int choose_origin(struct init *init)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf origin = {0};
    const char *given = ml_option_text(init->session.invocation, "origin", NULL);
    if (given)
        ML_TRY(ml_buf_append_text(&origin, given));
    else
        ML_TRY(ml_buf_printf(&origin, "mledger/%s", init->slug));
    ML_TRY(ml_buf_take_text(&origin, &init->origin));
    for (const char *at = init->origin; *at; at++)
        if (isspace((unsigned char)*at) || *at == '+')
            return ml_fail(MLEDGER_EUSAGE, "--origin must hold no space and no '+': '%s'",
                           init->origin);
    return MLEDGER_OK;
}

static bool is_served(const struct init *init)
{
    return ml_option_given(init->session.invocation, "server");
}

static int name_keys(struct init *init)
{
    const struct ml_invocation *invocation = init->session.invocation;
    bool sealed = !ml_option_given(invocation, "no-passphrase");
    init->keys[KEY_ADMIN] = (struct made_key){.suffix = "admin",
                                              .what = "admin and approver: asks for its passphrase",
                                              .purpose = MLEDGER_KEY_SIGNER,
                                              .wanted = true,
                                              .sealed = sealed};
    init->keys[KEY_RECORDER] =
        (struct made_key){.suffix = "recorder",
                          .what = "recorder: signs daily work without a passphrase",
                          .purpose = MLEDGER_KEY_SIGNER,
                          .wanted = true};
    init->keys[KEY_LOG] = (struct made_key){.suffix = "log",
                                            .what = "log key: signs checkpoints, nothing else",
                                            .purpose = MLEDGER_KEY_LOG,
                                            .wanted = true};
    init->keys[KEY_RECOVERY] =
        (struct made_key){.suffix = "recovery",
                          .what = "recovery key: keep it offline, away from here",
                          .purpose = MLEDGER_KEY_RECOVERY,
                          .wanted = ml_option_given(invocation, "recovery-key"),
                          .sealed = sealed};
    if (!sealed)
        init->keys[KEY_ADMIN].what = "admin and approver: NOT protected by a passphrase";
    if (is_served(init))
        init->keys[KEY_RECORDER].what =
            "recorder of the service '" ML_INIT_SERVER "': what mledger serve signs by";
    for (size_t i = 0; i < KEY_COUNT; i++) {
        ML_CLEANUP(ml_buf_release) struct ml_buf name = {0};
        ML_TRY(ml_buf_printf(&name, "%s-%s", ml_option_text(invocation, "keys", init->slug),
                             init->keys[i].suffix));
        ML_TRY(ml_buf_take_text(&name, &init->keys[i].name));
    }
    return MLEDGER_OK;
}

/* Whether there is a store without a record, whose making was cut off. The error stays. */
static bool is_unborn(const struct init *init)
{
    struct ml_error error;
    ml_error_get(&error);
    int unborn = ml_ledger_is_unborn(init->dir);
    ml_error_set(&error);
    return unborn == 1;
}

/* Before anybody is asked for a passphrase. */
static int check_place(struct init *init)
{
    struct ml_ledger *there = NULL;
    const struct ml_ledger_options options = {.read_only = true};
    init->dir_was_there = access(init->dir, F_OK) == 0;
    int result = ml_ledger_open(init->dir, &options, &there);
    ml_ledger_close(there);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    if (result == MLEDGER_OK)
        return ml_fail(MLEDGER_EUSAGE, "there is a ledger in '%s' already", init->dir);
    return result == MLEDGER_EDAMAGED && is_unborn(init) ? MLEDGER_OK : result;
}

static int prepare(struct init *init)
{
    const struct ml_invocation *invocation = init->session.invocation;
    init->name = ml_option_text(invocation, "name", NULL);
    ML_TRY(ml_ledger_dir_new(invocation, &init->dir));
    ML_TRY(ml_user_dir("XDG_STATE_HOME", ".local/state", "mledger", &init->session.known_dir));
    ML_TRY(slug_of(init->name, &init->slug));
    ML_TRY(choose_actor(init));
    ML_TRY(choose_origin(init));
    ML_TRY(name_keys(init));
    return check_place(init);
}

static int check_keys_absent(const struct init *init)
{
    for (size_t i = 0; i < KEY_COUNT; i++) {
        ML_CLEANUP(ml_freep) char *path = NULL;
        int result = init->keys[i].wanted
                         ? ml_keyring_find(&init->session.keyring, init->keys[i].name, &path)
                         : MLEDGER_ENOTFOUND;
        if (result == MLEDGER_OK) {
            ml_fail(MLEDGER_EUSAGE, "there is a key '%s' already: '%s'", init->keys[i].name, path);
            return ml_hint("--keys PREFIX names the new ones otherwise");
        }
        if (result != MLEDGER_ENOTFOUND)
            return result;
    }
    return MLEDGER_OK;
}

static int make_keys(struct init *init)
{
    ML_TRY(check_keys_absent(init));
    for (size_t i = 0; i < KEY_COUNT; i++) {
        struct made_key *made = &init->keys[i];
        if (!made->wanted)
            continue;
        ML_TRY(ml_keyring_make(&init->session.keyring, made->purpose, made->name, made->name,
                               made->sealed, &made->key, &made->path));
        made->signer = ml_signer_of(made->key);
    }
    return MLEDGER_OK;
}

static int draft_genesis(struct init *init)
{
    static Mledger__Role roles[] = {MLEDGER__ROLE__ADMIN, MLEDGER__ROLE__APPROVER};
    const struct ml_invocation *invocation = init->session.invocation;
    const char *old = ml_option_text(invocation, "continues", NULL);
    const char *person = ml_option_text(invocation, "person", NULL);
    Mledger__LedgerCreated *created;
    ML_TRY(ml_draft_begin("ledger_created", &init->genesis, &created));
    struct ml_draft *draft = init->genesis;
    created->name = ml_draft_text(draft, init->name);
    created->origin = ml_draft_text(draft, init->origin);
    created->actor_id = ml_draft_text(draft, init->actor);
    if (!created->name || !created->origin || !created->actor_id)
        return ml_fail_memory();
    created->roles = roles;
    created->n_roles = ML_COUNT(roles);
    ML_TRY(ml_session_describe(&init->session, draft));
    draft->details->person = ml_draft_text(draft, person);
    if (person && !draft->details->person)
        return ml_fail_memory();
    return old ? ml_init_continue(init->session.known_dir, old, draft, created) : MLEDGER_OK;
}

static int put_keys(struct init *init)
{
    Mledger__LedgerCreated *created = init->genesis->event->ledger_created;
    const struct made_key *keys = init->keys;
    ML_TRY(ml_draft_key(init->genesis, keys[KEY_ADMIN].signer.key, &created->key));
    ML_TRY(ml_draft_key(init->genesis, keys[KEY_LOG].signer.key, &created->log_key));
    if (!keys[KEY_RECOVERY].wanted)
        return MLEDGER_OK;
    created->has_recovery_key = true;
    return ml_draft_key(init->genesis, keys[KEY_RECOVERY].signer.key, &created->recovery_key);
}

static int make_ledger(struct init *init)
{
    const struct ml_ledger_options options = {.known_dir = init->session.known_dir};
    int result = ml_ledger_create(init->dir, &options, init->genesis, &init->keys[KEY_ADMIN].signer,
                                  &init->session.ledger);
    init->made = result >= 0 || is_unborn(init); /* not one that somebody else just made */
    ML_TRY(result);
    ML_TRY(ml_ledger_head(init->session.ledger, &init->head));
    ML_TRY(ml_init_recorder(&init->session, &init->keys[KEY_ADMIN].signer,
                            &init->keys[KEY_RECORDER].signer, init->keys[KEY_RECORDER].name,
                            is_served(init)));
    ML_TRY(ml_ledger_head(init->session.ledger, &init->head));
    init->done = true;
    return MLEDGER_OK;
}

static int print_json(struct init *init, const char *identity, const char *vkey)
{
    json_t *keys = json_array();
    json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "name", init->name, "dir",
                             init->dir, "identity", identity, "origin", init->origin, "log_vkey",
                             vkey, "actor", init->actor, "keys", keys);
    for (size_t i = 0; json && i < KEY_COUNT; i++)
        if (init->keys[i].path)
            json_array_append_new(keys,
                                  json_pack("{s:s, s:s, s:b}", "name", init->keys[i].name, "path",
                                            init->keys[i].path, "sealed", init->keys[i].sealed));
    if (!json)
        return ml_fail_memory();
    ml_output_json(init->session.out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static void print_keys(struct init *init)
{
    struct ml_output *out = init->session.out;
    size_t width = 0;
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (init->keys[i].path && strlen(init->keys[i].name) > width)
            width = strlen(init->keys[i].name);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "keys of %s in %s", init->actor, init->session.keyring.dir);
    for (size_t i = 0; i < KEY_COUNT; i++)
        if (init->keys[i].path)
            ml_output_line(out, ML_ROLE_PLAIN, "  %-*s  %s", (int)width, init->keys[i].name,
                           init->keys[i].what);
}

static void print_text(struct init *init, const char *identity, const char *vkey)
{
    struct ml_output *out = init->session.out;
    ml_output_text(out, ML_ROLE_PLAIN, "made ledger ");
    ml_output_text(out, ML_ROLE_EMPHASIS, "%s", init->name);
    ml_output_line(out, ML_ROLE_PLAIN, " in %s", init->dir);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "pin these elsewhere; they tell this ledger from any other");
    ml_output_line(out, ML_ROLE_PLAIN, "  identity  %s", identity);
    ml_output_line(out, ML_ROLE_PLAIN, "  log key   %s", vkey);
    print_keys(init);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "next");
    ml_output_line(out, ML_ROLE_PLAIN, "  mledger status          what is in it");
    ml_output_line(out, ML_ROLE_PLAIN, "  mledger append FILE     record events from JSON lines");
    ml_output_line(out, ML_ROLE_PLAIN, "  mledger help            everything else");
}

static int answer(struct init *init)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf vkey = {0};
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(identity, init->head.identity, ML_HASH_SIZE);
    ML_TRY(ml_vkey_append(&vkey, init->origin, init->keys[KEY_LOG].signer.key));
    ML_TRY(ml_buf_append_char(&vkey, '\0'));
    if (init->session.invocation->json)
        return print_json(init, identity, (char *)vkey.data);
    print_text(init, identity, (char *)vkey.data);
    return MLEDGER_OK;
}

static int run(const struct ml_invocation *invocation, struct ml_output *out)
{
    ML_CLEANUP(init_release) struct init init = {0};
    ML_TRY(ml_session_open_keys(invocation, out, &init.session));
    ML_TRY(prepare(&init));
    ML_TRY(draft_genesis(&init));
    ML_TRY(make_keys(&init));
    ML_TRY(put_keys(&init));
    ML_TRY(make_ledger(&init));
    return answer(&init);
}

const struct ml_command ml_command_init = {
    .name = "init",
    .summary = "Make a ledger, and the keys for it",
    .description =
        (const char *const[]){
            "Makes the ledger in .mledger of the current directory, or where --ledger says, and "
            "these keys among yours: NAME-admin, sealed with a passphrase, which decides about "
            "actors, keys and policies and approves; NAME-recorder, unsealed, which signs daily "
            "work; NAME-log, unsealed, which signs checkpoints and nothing else.",
            "What is printed as identity and log key tells this ledger from any other. Keep it "
            "somewhere else.",
            NULL},
    .options =
        (const struct ml_option[]){
            {.name = "name",
             .value = "NAME",
             .required = true,
             .help = "What the ledger is called, for people."},
            {.name = "origin",
             .value = "ORIGIN",
             .help = "The origin line of its checkpoints, best a name under a domain of yours "
                     "(example.com/models). By default mledger/NAME."},
            {.name = "actor",
             .value = "ID",
             .help = "Id of the first actor, its admin. By default your account's name."},
            {.name = "person", .value = "NAME", .help = "The full name of that person."},
            {.name = "keys",
             .value = "PREFIX",
             .help = "Name the keys PREFIX-admin and so on instead of by the ledger's name."},
            {.name = "no-passphrase", .help = "Leave the admin key, and a recovery key, unsealed."},
            {.name = "server",
             .help =
                 "For a ledger that is served: NAME-recorder is the key of a service, the actor "
                 "'server', and not of the first person, so that of what the server records "
                 "for others the author is known to four eyes."},
            {.name = "recovery-key",
             .help = "Also make a recovery key, to be kept offline: an admin key that no admin "
                     "can revoke."},
            {.name = "continues",
             .value = "DIR",
             .rule = {.kind = ML_VALUE_DIR},
             .help = "Begin the successor of the ledger in DIR, which was lost beyond a point: "
                     "its identity, its last record and what is known beyond it go into the "
                     "first record."},
            ML_OPTION_PASSPHRASE_FILE,
            ML_OPTION_PASSPHRASE_FD,
            {.name = NULL}},
    .examples =
        (const struct ml_example[]){
            {"mledger init --name churn --person 'Ada Lovelace'", "Make a ledger here."},
            {"mledger init --name models --origin example.com/models --server",
             "Make one for mledger serve."},
            {"mledger --ledger new init --name churn-2 --continues old",
             "Go on from a restored backup that is behind what was seen."},
            {0}},
    .topic = ML_TOPIC_START,
    .run = run,
};
