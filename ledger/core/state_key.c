/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/core/state_key.h"

#include "ledger/core/hash.h"

enum { FIELD_NAME_SIZE = 16 };

static struct ml_state_key begin(char what)
{
    struct ml_state_key key = {.len = 1};
    key.bytes[0] = (uint8_t)what;
    return key;
}

static void add_bytes(struct ml_state_key *key, const uint8_t *bytes, size_t len)
{
    assert(key->len + len <= sizeof key->bytes);
    memcpy(key->bytes + key->len, bytes, len);
    key->len += len;
}

static void add_byte(struct ml_state_key *key, int byte)
{
    key->bytes[key->len++] = (uint8_t)byte;
}

static void add_number(struct ml_state_key *key, uint64_t number)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        add_byte(key, (int)(number >> shift & 0xff));
}

static int add_name(struct ml_state_key *key, const char *name, size_t size)
{
    uint8_t hash[ML_HASH_SIZE];
    const struct ml_span part = ML_SPAN(name, strlen(name));
    ML_TRY(ml_sha256(hash, &part, 1));
    add_bytes(key, hash, size);
    return MLEDGER_OK;
}

static int numbered_name(struct ml_state_key key, const char *name, struct ml_state_key *ret_key)
{
    ML_TRY(add_name(&key, name, ML_HASH_SIZE));
    *ret_key = key;
    return MLEDGER_OK;
}

static struct ml_state_key numbered(char what, uint64_t number)
{
    struct ml_state_key key = begin(what);
    add_number(&key, number);
    return key;
}

struct ml_state_key ml_key_ledger(void)
{
    return begin('L');
}

struct ml_state_key ml_key_subject(uint64_t seq)
{
    return numbered('S', seq);
}

int ml_key_name(Mledger__SubjectKind kind, const char *name, struct ml_state_key *ret_key)
{
    struct ml_state_key key = begin('n');
    add_byte(&key, (int)kind);
    return numbered_name(key, name, ret_key);
}

int ml_key_experiment_id(const char *id, struct ml_state_key *ret_key)
{
    return numbered_name(begin('e'), id, ret_key);
}

struct ml_state_key ml_key_key(const uint8_t key_bytes[32])
{
    struct ml_state_key key = begin('K');
    add_bytes(&key, key_bytes, 32);
    return key;
}

struct ml_state_key ml_key_log_keys(void)
{
    return begin('G');
}

struct ml_state_key ml_key_version(uint64_t model, uint64_t version)
{
    struct ml_state_key key = numbered('V', model);
    add_number(&key, version);
    return key;
}

bool ml_key_is_of_version(const struct ml_state_key *key)
{
    return key->len > 8 && (key->bytes[0] == 'V' || key->bytes[0] == 'A' || key->bytes[0] == 'a');
}

int ml_key_alias(uint64_t model, const char *alias, struct ml_state_key *ret_key)
{
    return numbered_name(numbered('A', model), alias, ret_key);
}

int ml_key_approvals(uint64_t model, uint64_t version, const char *stage,
                     struct ml_state_key *ret_key)
{
    struct ml_state_key key = numbered('a', model);
    add_number(&key, version);
    return numbered_name(key, stage, ret_key);
}

struct ml_state_key ml_key_fields(uint64_t subject, uint64_t version)
{
    struct ml_state_key key = numbered('F', subject);
    add_number(&key, version);
    return key;
}

int ml_key_field(uint64_t subject, uint64_t version, enum ml_field_kind field, const char *name,
                 struct ml_state_key *ret_key)
{
    struct ml_state_key key = ml_key_fields(subject, version);
    add_byte(&key, (int)field);
    ML_TRY(add_name(&key, name, FIELD_NAME_SIZE));
    *ret_key = key;
    return MLEDGER_OK;
}

int ml_key_policy(const char *stage, struct ml_state_key *ret_key)
{
    return numbered_name(begin('P'), stage, ret_key);
}

struct ml_state_key ml_key_nonce(uint64_t subject, const uint8_t nonce[16])
{
    struct ml_state_key key = numbered('N', subject);
    add_bytes(&key, nonce, 16);
    return key;
}

struct ml_state_key ml_key_recorded(uint64_t seq)
{
    return numbered('D', seq);
}

int ml_key_endpoint(const char *endpoint, struct ml_state_key *ret_key)
{
    return numbered_name(begin('O'), endpoint, ret_key);
}

int ml_key_incident(const char *id, struct ml_state_key *ret_key)
{
    return numbered_name(begin('I'), id, ret_key);
}

struct ml_state_key ml_key_webhooks(void)
{
    return begin('W');
}

int ml_key_webhook(const char *id, struct ml_state_key *ret_key)
{
    return numbered_name(begin('W'), id, ret_key);
}

struct ml_state_key ml_key_erased(uint64_t seq)
{
    return numbered('X', seq);
}
