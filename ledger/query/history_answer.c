/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/history_answer.h"

#include <inttypes.h>

#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"
#include "ledger/query/standing.h"

const char *ml_history_cause(const struct ml_history_key *key)
{
    switch (key->has_cause ? key->cause : 0) {
    case MLEDGER__REVOCATION_CAUSE__RETIRED:
        return "retired";
    case MLEDGER__REVOCATION_CAUSE__LOST:
        return "lost";
    case MLEDGER__REVOCATION_CAUSE__COMPROMISED:
        return "compromised";
    default:
        return "replaced";
    }
}

/* ---- asking ---- */

static int ask_of_key(struct ml_reader *reader, const char *name, const struct ml_key_names *names,
                      struct ml_basis *basis, struct ml_history *ret_history)
{
    uint8_t key[ML_KEY_SIZE];
    struct ml_standing standing;
    ML_TRY(ml_key_by_name(names, reader->view, name, key));
    ML_TRY(ml_standing_read(reader->view, key, &standing));
    if (!standing.known)
        return ml_fail(MLEDGER_ENOTFOUND, "this ledger does not know key '%s'", name);
    const int result = ml_history_of_key(reader, key, basis, ret_history);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ENOTFOUND, "the key '%s' was not there as of #%" PRIu64, name,
                       reader->as_of);
    return result;
}

static bool may_be_key(const char *text)
{
    const size_t len = strlen(text);
    return len >= ML_KEY_DIGITS_MIN && len <= (size_t)2 * ML_KEY_SIZE &&
           text[strspn(text, "0123456789abcdefABCDEF")] == '\0';
}

static int find(struct ml_reader *reader, const char *text, const struct ml_key_names *names,
                struct ml_basis *basis, struct ml_history *ret_history)
{
    const char *key = ml_key_named(text);
    struct ml_reference_text reference;
    struct ml_target target;
    if (key)
        return ask_of_key(reader, key, names, basis, ret_history);
    ML_TRY(ml_reference_parse(text, &reference));
    int result = ml_reference_resolve(reader, &reference, &target);
    if (result == MLEDGER_ENOTFOUND && may_be_key(text))
        return ask_of_key(reader, text, names, basis, ret_history);
    ML_TRY(result);
    result = ml_history_of(reader, &target, basis, ret_history);
    return result == MLEDGER_EUSAGE
               ? ml_hint("mledger lineage %s --down shows what came of it", text)
               : result;
}

static int rest_on(const struct ml_history *history, struct ml_basis *basis)
{
    for (size_t i = 0; i < history->n_keys; i++) {
        ML_TRY(ml_basis_add(basis, history->keys[i].since.seq));
        ML_TRY(ml_basis_add(basis, history->keys[i].until.seq));
    }
    for (size_t i = 0; i < history->n_entries; i++) {
        const struct ml_history_entry *entry = &history->entries[i];
        ML_TRY(ml_basis_add(basis, entry->change.seq));
        ML_TRY(ml_basis_add(basis, entry->erased_by));
        if (entry->erased_by != MLEDGER_NO_SEQ)
            ML_TRY(ml_basis_unknown(basis, "the details of #%" PRIu64 " were erased by #%" PRIu64,
                                    entry->change.seq, entry->erased_by));
    }
    return MLEDGER_OK;
}

int ml_history_ask(struct ml_reader *reader, const char *what, const struct ml_key_names *names,
                   struct ml_basis *basis, struct ml_history *ret_history)
{
    struct ml_history history = {0};
    ML_TRY(find(reader, what, names, basis, &history));
    ML_TRY(rest_on(&history, basis));
    *ret_history = history;
    return MLEDGER_OK;
}

/* ---- JSON ---- */

static int put_text(json_t *object, const char *key, const char *text)
{
    return text && *text ? ml_json_put(object, key, json_string(text)) : MLEDGER_OK;
}

static int put_seq(json_t *object, const char *key, uint64_t seq)
{
    return seq == MLEDGER_NO_SEQ ? MLEDGER_OK
                                 : ml_json_put(object, key, json_integer((json_int_t)seq));
}

static int put_time(json_t *object, const char *key, int64_t time_us)
{
    char text[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(time_us, text));
    return ml_json_put(object, key, json_string(text));
}

static int put_key(json_t *object, const char *name, const uint8_t *key)
{
    char hex[ML_HEX_SIZE(ML_KEY_SIZE)];
    ml_hex_encode(hex, key, ML_KEY_SIZE);
    return ml_json_put(object, name, json_string(hex));
}

static int put_change(json_t *object, const char *key, const struct ml_change *change)
{
    if (change->seq == MLEDGER_NO_SEQ)
        return ml_json_put(object, key, json_null());
    json_t *json;
    ML_TRY(ml_json_put_empty(object, key, json_object(), &json));
    ML_TRY(put_seq(json, "seq", change->seq));
    ML_TRY(put_time(json, "recorded_at", change->recorded_us));
    ML_TRY(put_text(json, "who", change->who));
    return put_text(json, "reason", change->reason);
}

static int key_to_json(const struct ml_history_key *key, json_t *list)
{
    json_t *json, *roles;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(ml_json_put_empty(json, "roles", json_array(), &roles));
    ML_TRY(put_key(json, "key", key->key));
    ML_TRY(put_text(json, "actor", key->actor));
    for (size_t i = 0; i < key->n_roles; i++)
        ML_TRY(ml_json_add(roles, json_string(ml_role_name(key->roles[i]))));
    ML_TRY(put_change(json, "since", &key->since));
    ML_TRY(put_change(json, "until", &key->until));
    if (key->until.seq != MLEDGER_NO_SEQ)
        ML_TRY(put_text(json, "cause", ml_history_cause(key)));
    ML_TRY(put_seq(json, "doubted_from", key->doubted_from));
    return ml_json_put(json, "records", json_integer((json_int_t)key->n_signed));
}

static int entry_to_json(const struct ml_history_entry *entry, json_t *list)
{
    json_t *json;
    ML_TRY(ml_json_add_empty(list, json_object(), &json));
    ML_TRY(put_seq(json, "seq", entry->change.seq));
    ML_TRY(put_time(json, "recorded_at", entry->change.recorded_us));
    if (entry->change.claimed_us != entry->change.recorded_us)
        ML_TRY(put_time(json, "claimed_at", entry->change.claimed_us));
    ML_TRY(put_text(json, "kind", entry->kind));
    ML_TRY(put_text(json, "subject", entry->subject));
    ML_TRY(put_text(json, "summary", entry->summary));
    ML_TRY(put_text(json, "reason", entry->change.reason));
    ML_TRY(put_text(json, "who", entry->change.who));
    ML_TRY(put_key(json, "signer", entry->signer));
    ML_TRY(put_seq(json, "details_erased_by", entry->erased_by));
    if (entry->doubted)
        ML_TRY(ml_json_put(json, "in_doubt", json_true()));
    return entry->revoked ? ml_json_put(json, "after_revocation", json_true()) : MLEDGER_OK;
}

static int fill(const struct ml_history *history, json_t *json)
{
    json_t *keys, *records;
    if (history->n_keys)
        ML_TRY(ml_json_put_empty(json, "keys", json_array(), &keys));
    for (size_t i = 0; i < history->n_keys; i++)
        ML_TRY(key_to_json(&history->keys[i], keys));
    ML_TRY(ml_json_put_empty(json, "records", json_array(), &records));
    for (size_t i = 0; i < history->n_entries; i++)
        ML_TRY(entry_to_json(&history->entries[i], records));
    return MLEDGER_OK;
}

int ml_history_to_json(const struct ml_history *history, json_t **ret_json)
{
    ML_CLEANUP(ml_json_freep) json_t *json = json_object();
    if (!json)
        return ml_fail_memory();
    ML_TRY(fill(history, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
