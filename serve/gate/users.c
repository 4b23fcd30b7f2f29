/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/gate/users.h"

#include <inttypes.h>
#include <sodium.h>

#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"

enum { VERSION = 1 };
static const char hash_prefix[] = "$argon2id$";

static const char *const kind_names[] = {[ML_USER_TOKEN] = "token",
                                         [ML_USER_PASSWORD] = "password",
                                         [ML_USER_CERTIFICATE] = "certificate"};

const char *ml_user_kind_name(enum ml_user_kind kind)
{
    return kind_names[kind];
}

void ml_users_init(struct ml_users *users)
{
    *users = (struct ml_users){0};
    ml_arena_init(&users->arena, 4 * (size_t)ML_USERS_TEXT_MAX);
}

void ml_users_release(struct ml_users *users)
{
    free(users->list);
    free(users->sorted);
    ml_arena_release(&users->arena);
}

/* ---- finding ---- */

static int compare(const struct ml_user *a, enum ml_user_kind kind, const char *id)
{
    return a->kind != kind ? (a->kind < kind ? -1 : 1) : strcmp(a->id, id);
}

/* Where in `sorted` the first stands that is greater than this kind and id. */
static size_t place_after(const struct ml_users *users, enum ml_user_kind kind, const char *id)
{
    size_t low = 0, high = users->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare(users->sorted[middle], kind, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct ml_user *ml_users_find(const struct ml_users *users, enum ml_user_kind kind, const char *id)
{
    const size_t place = place_after(users, kind, id);
    if (place == 0 || compare(users->sorted[place - 1], kind, id) != 0)
        return NULL;
    return users->sorted[place - 1];
}

bool ml_user_lives(const struct ml_user *user, int64_t now_us)
{
    return user->revoked_us == 0 && (user->expires_us == 0 || now_us < user->expires_us);
}

/* ---- adding ---- */

static bool is_hex(const char *text, size_t digits)
{
    return strspn(text, "0123456789abcdef") == digits && text[digits] == '\0';
}

static int check_id(const struct ml_user *user)
{
    if (user->kind == ML_USER_TOKEN && !is_hex(user->id, ML_USER_TOKEN_DIGITS))
        return ml_fail(MLEDGER_EINVALID, "'%.80s' is no token's id: it has %d hexadecimal digits",
                       user->id, ML_USER_TOKEN_DIGITS);
    if (user->kind == ML_USER_CERTIFICATE && !is_hex(user->id, ML_USER_CERTIFICATE_DIGITS))
        return ml_fail(MLEDGER_EINVALID, "'%.80s' is no SHA-256 of a certificate", user->id);
    /* RFC 7617 section 2: a colon ends the name, and there are no control characters in it. */
    for (const char *c = user->id; *c; c++)
        if (*c == ':' || (unsigned char)*c < ' ' || *c == 0x7f)
            return ml_fail(MLEDGER_EINVALID, "'%.80s' is no name to give with a password",
                           user->id);
    return MLEDGER_OK;
}

/* That it is a hash of libsodium's: needs_rehash() also reads what a foreign program made of it. */
static bool is_hash(const char *hash)
{
    return strlen(hash) < crypto_pwhash_STRBYTES &&
           strncmp(hash, hash_prefix, sizeof hash_prefix - 1) == 0 &&
           crypto_pwhash_str_needs_rehash(hash, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                          crypto_pwhash_MEMLIMIT_INTERACTIVE) >= 0;
}

static bool is_name(const char *text)
{
    return text[0] && strlen(text) <= ML_USER_NAME_MAX;
}

static int check(const struct ml_user *user)
{
    const bool has_hash = user->kind != ML_USER_CERTIFICATE;
    if (!is_name(user->id) || !is_name(user->actor) || (user->label && !is_name(user->label)))
        return ml_fail(MLEDGER_EINVALID, "a name is empty or longer than %d bytes",
                       ML_USER_NAME_MAX);
    ML_TRY(check_id(user));
    if (has_hash && (!user->hash || !is_hash(user->hash)))
        return ml_fail(MLEDGER_EINVALID, "the %s '%s' has no Argon2id hash", kind_names[user->kind],
                       user->id);
    if (!has_hash && user->hash)
        return ml_fail(MLEDGER_EINVALID, "a certificate has no hash but its own");
    return MLEDGER_OK;
}

static char *copy(struct ml_users *users, const char *text)
{
    return text ? ml_arena_text(&users->arena, text, strlen(text)) : NULL;
}

static int copy_user(struct ml_users *users, const struct ml_user *user, struct ml_user **ret_copy)
{
    struct ml_user *own = ml_arena_alloc(&users->arena, sizeof *own);
    if (!own)
        return ml_arena_fail(&users->arena, "the list of users");
    *own = *user;
    own->id = copy(users, user->id);
    own->actor = copy(users, user->actor);
    own->hash = copy(users, user->hash);
    own->label = copy(users, user->label);
    if (users->arena.is_full || users->arena.is_out)
        return ml_arena_fail(&users->arena, "the list of users");
    *ret_copy = own;
    return MLEDGER_OK;
}

int ml_users_add(struct ml_users *users, const struct ml_user *user)
{
    ML_TRY(check(user));
    const struct ml_user *known = ml_users_find(users, user->kind, user->id);
    if (known && known->revoked_us == 0)
        return ml_fail(MLEDGER_EINVALID, "the %s '%s' is there already, of actor '%s'",
                       kind_names[user->kind], user->id, known->actor);
    if (users->count == ML_USERS_MAX)
        return ml_fail(MLEDGER_EINVALID, "there are more than %d users", ML_USERS_MAX);
    size_t cap = users->cap;
    struct ml_user *own = NULL;
    ML_TRY(copy_user(users, user, &own));
    ML_TRY(ml_grow(&users->list, &cap, users->count + 1, sizeof(struct ml_user *)));
    ML_TRY(ml_grow(&users->sorted, &users->cap, users->count + 1, sizeof(struct ml_user *)));
    const size_t place = place_after(users, own->kind, own->id);
    memmove(&users->sorted[place + 1], &users->sorted[place],
            (users->count - place) * sizeof(struct ml_user *));
    users->sorted[place] = own;
    users->list[users->count++] = own;
    return MLEDGER_OK;
}

/* ---- reading ---- */

/* The JSON of one line, unpacked. */
struct line {
    const char *ids[3]; /* by kind */
    const char *actor, *hash, *label, *created, *expires, *revoked;
    int read_only;
};

static int read_time(const char *text, const char *what, int64_t *ret_time_us)
{
    if (!text)
        return MLEDGER_OK;
    if (ml_time_parse(text, strlen(text), ret_time_us) < 0)
        return ml_prefix("%s", what);
    return *ret_time_us > 0 ? MLEDGER_OK
                            : ml_fail(MLEDGER_EINVALID, "%s: the time is out of range", what);
}

static int take_line(struct ml_users *users, const struct line *line)
{
    struct ml_user user = {.actor = line->actor,
                           .hash = line->hash,
                           .label = line->label,
                           .read_only = line->read_only != 0};
    for (unsigned kind = 0; kind < ML_COUNT(line->ids); kind++) {
        if (line->ids[kind] && user.id)
            return ml_fail(MLEDGER_EINVALID, "it is more than one of token, password, certificate");
        if (line->ids[kind]) {
            user.id = line->ids[kind];
            user.kind = kind;
        }
    }
    if (!user.id)
        return ml_fail(MLEDGER_EINVALID, "it is none of token, password, certificate");
    ML_TRY(read_time(line->created, "created", &user.created_us));
    ML_TRY(read_time(line->expires, "expires", &user.expires_us));
    ML_TRY(read_time(line->revoked, "revoked", &user.revoked_us));
    return ml_users_add(users, &user);
}

static int read_user(struct ml_users *users, json_t *json)
{
    struct line line = {0};
    json_error_t error;
    if (json_unpack_ex(
            json, &error, JSON_STRICT, "{s?s, s?s, s?s, s:s, s?s, s?s, s:s, s?s, s?s, s?b}",
            "token", &line.ids[0], "password", &line.ids[1], "certificate", &line.ids[2], "actor",
            &line.actor, "hash", &line.hash, "label", &line.label, "created", &line.created,
            "expires", &line.expires, "revoked", &line.revoked, "read_only", &line.read_only) != 0)
        return ml_fail(MLEDGER_EINVALID, "%s", error.text);
    return take_line(users, &line);
}

/* The first line: what the file is, and of which ledger. */
static int read_head(json_t *json, const uint8_t ledger[ML_HASH_SIZE])
{
    int version;
    const char *hex;
    uint8_t identity[ML_HASH_SIZE];
    json_error_t error;
    if (json_unpack_ex(json, &error, JSON_STRICT, "{s:i, s:s}", "mledger_users", &version, "ledger",
                       &hex) != 0)
        return ml_fail(MLEDGER_EINVALID, "this is no list of users: %s", error.text);
    if (version != VERSION)
        return ml_fail(MLEDGER_EINVALID, "it is of version %d, and %d is known here", version,
                       VERSION);
    if (ml_hex_decode(hex, strlen(hex), identity, sizeof identity) < 0)
        return ml_prefix("ledger");
    if (memcmp(identity, ledger, ML_HASH_SIZE) != 0)
        return ml_fail(MLEDGER_EINVALID, "it is of another ledger, %s", hex);
    return MLEDGER_OK;
}

static int read_line(struct ml_users *users, struct ml_span line, size_t number,
                     const uint8_t ledger[ML_HASH_SIZE])
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_json_parse((const char *)line.data, line.len, &json));
    return number == 1 ? read_head(json, ledger) : read_user(users, json);
}

static int blame_line(const char *name, size_t number)
{
    return ml_prefix("list of users '%s', line %zu", name, number);
}

int ml_users_parse(const char *name, struct ml_span text, const uint8_t ledger[ML_HASH_SIZE],
                   struct ml_users *ret_users)
{
    size_t number = 0;
    ml_users_init(ret_users);
    if (text.len > ML_USERS_TEXT_MAX)
        return ml_fail(MLEDGER_EINVALID, "list of users '%s' is longer than %d bytes", name,
                       ML_USERS_TEXT_MAX);
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        if (!end) /* the end of the file is missing, and perhaps what was revoked there */
            return ml_fail(MLEDGER_EINVALID, "list of users '%s': the last line is cut off", name);
        const size_t len = (size_t)(end - text.data);
        if (read_line(ret_users, ML_SPAN(text.data, len), ++number, ledger) < 0)
            return blame_line(name, number);
        text = ML_SPAN(end + 1, text.len - len - 1);
    }
    if (number == 0)
        return ml_fail(MLEDGER_EINVALID, "list of users '%s' is empty", name);
    return MLEDGER_OK;
}

/* ---- writing ---- */

static int set_time(json_t *json, const char *key, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    if (time_us == 0)
        return MLEDGER_OK;
    ML_TRY(ml_time_format(time_us, text));
    return json_object_set_new(json, key, json_string(text)) == 0 ? MLEDGER_OK : ml_fail_memory();
}

static int write_user(const struct ml_user *user, struct ml_buf *text)
{
    ML_CLEANUP(json_decrefp)
    json_t *json = json_pack("{s:s, s:s, s:s*, s:s*}", kind_names[user->kind], user->id, "actor",
                             user->actor, "hash", user->hash, "label", user->label);
    if (!json)
        return ml_fail_memory();
    ML_TRY(set_time(json, "created", user->created_us));
    ML_TRY(set_time(json, "expires", user->expires_us));
    ML_TRY(set_time(json, "revoked", user->revoked_us));
    if (user->read_only && json_object_set_new(json, "read_only", json_true()) != 0)
        return ml_fail_memory();
    ML_TRY(ml_json_dump(json, 0, text));
    return ml_buf_append_char(text, '\n');
}

int ml_users_write(const struct ml_users *users, const uint8_t ledger[ML_HASH_SIZE],
                   struct ml_buf *text)
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, ledger, ML_HASH_SIZE);
    ML_TRY(ml_buf_printf(text, "{\"mledger_users\":%d,\"ledger\":\"%s\"}\n", VERSION, hex));
    for (size_t i = 0; i < users->count; i++)
        ML_TRY(write_user(users->list[i], text));
    return MLEDGER_OK;
}
