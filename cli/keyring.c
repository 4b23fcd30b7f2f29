/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/keyring.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/environment.h"
#include "ledger/store/secret.h"

static int take_path(struct ml_buf *path, char **ret_path)
{
    return ml_buf_take_text(path, ret_path);
}

int ml_user_dir(const char *variable, const char *fallback, const char *tail, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    const char *base = ml_environment_get(variable);
    const char *home = ml_environment_get("HOME");
    /* The XDG base directory specification: a relative path is to be ignored. */
    if (base && base[0] == '/')
        ML_TRY(ml_buf_printf(&path, "%s/%s", base, tail));
    else if (home)
        ML_TRY(ml_buf_printf(&path, "%s/%s/%s", home, fallback, tail));
    else
        return ml_fail(MLEDGER_ESYSTEM, "neither %s nor HOME says where your files are", variable);
    return take_path(&path, ret_path);
}

int ml_keyring_init(struct ml_keyring *keyring, const struct ml_invocation *invocation)
{
    *keyring = (struct ml_keyring){.passphrases = {.fd = -1}};
    ML_TRY(ml_passphrases_init(&keyring->passphrases, invocation));
    return ml_user_dir("XDG_CONFIG_HOME", ".config", "mledger/keys", &keyring->dir);
}

void ml_keyring_release(struct ml_keyring *keyring)
{
    ml_passphrases_release(&keyring->passphrases);
    free(keyring->dir);
    keyring->dir = NULL;
}

static bool has_suffix(const char *name)
{
    size_t len = strlen(name), suffix = strlen(MLEDGER_KEY_SUFFIX);
    return len > suffix && strcmp(name + len - suffix, MLEDGER_KEY_SUFFIX) == 0;
}

static int path_of(const struct ml_keyring *keyring, const char *name, char **ret_path)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    if (strchr(name, '/'))
        ML_TRY(ml_buf_append_text(&path, name));
    else
        ML_TRY(ml_buf_printf(&path, "%s/%s%s", keyring->dir, name,
                             has_suffix(name) ? "" : MLEDGER_KEY_SUFFIX));
    return take_path(&path, ret_path);
}

int ml_keyring_find(const struct ml_keyring *keyring, const char *name, char **ret_path)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_TRY(path_of(keyring, name, &path));
    if (access(path, F_OK) < 0) {
        ml_fail(MLEDGER_ENOTFOUND, "there is no key '%s': no file '%s'", name, path);
        return ml_hint("mledger key list");
    }
    *ret_path = ML_TAKE(path);
    return MLEDGER_OK;
}

int ml_keyring_load(struct ml_keyring *keyring, const char *path, struct mledger_key **ret_key)
{
    return mledger_key_load(path, ml_passphrases_ask, &keyring->passphrases, ret_key);
}

int ml_user_dir_make(const char *dir)
{
    ML_CLEANUP(ml_freep) char *path = strdup(dir);
    if (!path)
        return ml_fail_memory();
    for (char *at = path + 1;; at++) {
        at = strchrnul(at, '/');
        char end = *at;
        *at = '\0';
        if (mkdir(path, 0700) < 0 && errno != EEXIST)
            return ml_fail_errno(errno, "cannot make directory '%s'", path);
        if (!end)
            return MLEDGER_OK;
        *at = end;
    }
}

static int save(struct ml_keyring *keyring, const struct mledger_key *key, const char *path,
                bool sealed)
{
    ML_CLEANUP(ml_secret_freep) struct mledger_secret *secret = NULL;
    if (sealed) {
        ML_TRY(mledger_secret_new(&secret));
        ML_TRY(ml_passphrases_new(&keyring->passphrases, mledger_key_label(key), secret));
    }
    const struct mledger_key_saving saving = {.passphrase = secret};
    return mledger_key_save(key, path, &saving);
}

int ml_keyring_make(struct ml_keyring *keyring, enum mledger_key_purpose purpose, const char *name,
                    const char *label, bool sealed, struct mledger_key **ret_key, char **ret_path)
{
    ML_CLEANUP(ml_freep) char *path = NULL;
    ML_CLEANUP(ml_key_freep) struct mledger_key *key = NULL;
    if (strchr(name, '/') || name[0] == '.' || name[0] == '\0' || has_suffix(name))
        return ml_fail(MLEDGER_EUSAGE,
                       "'%s' is no name for a key: it must be a plain file name without "
                       "'" MLEDGER_KEY_SUFFIX "'",
                       name);
    ML_TRY(path_of(keyring, name, &path));
    if (access(path, F_OK) == 0)
        return ml_fail(MLEDGER_EUSAGE, "there is a key '%s' already: '%s'", name, path);
    ML_TRY(ml_user_dir_make(keyring->dir));
    ML_TRY(mledger_key_generate(purpose, label, &key));
    ML_TRY(save(keyring, key, path, sealed));
    *ret_key = ML_TAKE(key);
    if (ret_path)
        *ret_path = ML_TAKE(path);
    return MLEDGER_OK;
}

/* How well a key fits: unsealed before sealed, then those with no other role. */
enum fit { FIT_NONE, FIT_SEALED, FIT_SEALED_ALONE, FIT_OPEN, FIT_OPEN_ALONE };

struct choice {
    struct ml_view *view;
    bool log; /* a log key is wanted, and no role */
    Mledger__Role role;
    enum fit best;
    size_t count; /* of the best */
    char *path;
    struct ml_buf names; /* of the best, "a, b" */
};

static void choice_release(struct choice *choice)
{
    free(choice->path);
    ml_buf_release(&choice->names);
}

static enum fit fit_of(const struct choice *choice, const struct mledger_key_info *info,
                       const struct ml_standing *standing)
{
    unsigned bit = ML_STANDING_ROLE(choice->role);
    if (choice->log) {
        bool good = standing->living && standing->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY;
        return !good ? FIT_NONE : info->sealed ? FIT_SEALED : FIT_OPEN;
    }
    if (!standing->living || standing->purpose != MLEDGER__KEY_PURPOSE__SIGNER_KEY ||
        !(standing->roles & bit))
        return FIT_NONE;
    bool alone = standing->roles == bit;
    if (info->sealed)
        return alone ? FIT_SEALED_ALONE : FIT_SEALED;
    return alone ? FIT_OPEN_ALONE : FIT_OPEN;
}

static int consider(void *context, const struct mledger_key_entry *entry)
{
    struct choice *choice = context;
    struct ml_standing standing;
    if (entry->result < 0) /* `key list` tells; here it is a key that cannot act */
        return 0;
    ML_TRY(ml_standing_read(choice->view, entry->info.public_key, &standing));
    enum fit fit = fit_of(choice, &entry->info, &standing);
    if (fit == FIT_NONE || fit < choice->best)
        return 0;
    if (fit > choice->best) {
        choice->best = fit;
        choice->count = 0;
        ml_buf_clear(&choice->names);
        free(choice->path);
        choice->path = strdup(entry->path);
        if (!choice->path)
            return ml_fail_memory();
    }
    choice->count++;
    return ml_buf_printf(&choice->names, "%s'%s'", choice->names.len ? ", " : "", entry->file);
}

static int explain(const struct ml_keyring *keyring, const struct choice *choice)
{
    const char *role = ml_role_name(choice->role);
    if (choice->count == 0) {
        ml_fail(MLEDGER_ENOTFOUND, "none of the keys in '%s' can act as %s in this ledger",
                keyring->dir, role);
        return ml_hint("mledger key list; then --key NAME|FILE, or have an admin authorise one: "
                       "mledger key authorize ACTOR NAME --roles %s",
                       role);
    }
    ml_fail(MLEDGER_ESYSTEM, "several keys can act as %s in this ledger: %.*s", role,
            (int)choice->names.len, (const char *)choice->names.data);
    return ml_hint("say which by --key NAME");
}

int ml_keyring_choose(const struct ml_keyring *keyring, struct ml_view *view, Mledger__Role role,
                      char **ret_path)
{
    ML_CLEANUP(choice_release) struct choice choice = {.view = view, .role = role};
    ML_TRY(mledger_keys_list(keyring->dir, consider, &choice));
    if (choice.count != 1)
        return explain(keyring, &choice);
    *ret_path = ML_TAKE(choice.path);
    return MLEDGER_OK;
}

static int explain_log(const struct ml_keyring *keyring, const struct choice *choice)
{
    if (choice->count == 0) {
        ml_fail(MLEDGER_ENOTFOUND, "none of the keys in '%s' is a log key of this ledger",
                keyring->dir);
        return ml_hint("mledger key list; checkpoints are made where the log key is kept: "
                       "--log-key NAME|FILE");
    }
    ml_fail(MLEDGER_ESYSTEM, "several keys are log keys of this ledger: %.*s",
            (int)choice->names.len, (const char *)choice->names.data);
    return ml_hint("say which by --log-key NAME");
}

int ml_keyring_choose_log(const struct ml_keyring *keyring, struct ml_view *view, char **ret_path)
{
    ML_CLEANUP(choice_release) struct choice choice = {.view = view, .log = true};
    ML_TRY(mledger_keys_list(keyring->dir, consider, &choice));
    if (choice.count != 1)
        return explain_log(keyring, &choice);
    *ret_path = ML_TAKE(choice.path);
    return MLEDGER_OK;
}

static int sign(void *key, struct ml_span message, uint8_t ret_signature[ML_SIGNATURE_SIZE])
{
    return ml_key_sign(key, message, ret_signature);
}

struct ml_signer ml_signer_of(const struct mledger_key *key)
{
    /* Signing does not change a key, but the callback's context is not const. */
    struct ml_signer signer = {.sign = sign, .context = (void *)(uintptr_t)key};
    memcpy(signer.key, mledger_key_public(key), ML_KEY_SIZE);
    return signer;
}
