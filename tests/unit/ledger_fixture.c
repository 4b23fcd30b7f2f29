/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "ledger/core/ed25519.h"
#include "ledger/store/checkpoint.h"
#include "ledger/store/statement.h"
#include "tests/unit/ledger_fixture.h"

static int sign(void *secret, struct ml_span message, uint8_t signature[ML_SIGNATURE_SIZE])
{
    return ml_ed25519_sign(secret, message, signature);
}

static int64_t read_clock(void *fixture)
{
    return ((struct fixture *)fixture)->now_us;
}

static struct ml_ledger_options options_of(struct fixture *fixture)
{
    return (struct ml_ledger_options){.map_bytes = 64 << 20,
                                      .known_dir = fixture->known,
                                      .now = read_clock,
                                      .now_context = fixture};
}

static void make_seed(enum fixture_actor actor, uint8_t seed[ML_ED25519_SEED_SIZE])
{
    memset(seed, 0x40 + (int)actor, ML_ED25519_SEED_SIZE);
}

static void make_keys(struct fixture *fixture)
{
    for (int i = 0; i < FIXTURE_KEYS; i++) {
        uint8_t seed[ML_ED25519_SEED_SIZE];
        make_seed((enum fixture_actor)i, seed);
        assert_int_equal(ml_ed25519_keypair(seed, fixture->signers[i].key, fixture->secret[i]), 0);
        fixture->signers[i].sign = sign;
        fixture->signers[i].context = fixture->secret[i];
    }
}

static void expect_ok(int result)
{
    if (result < 0)
        fail_msg("%d: %s (rule %s)", result, mledger_error_text(), mledger_error_rule());
}

static struct ml_draft *genesis(struct fixture *fixture)
{
    struct ml_draft *draft;
    expect_ok(ml_draft_new(&draft));
    Mledger__LedgerCreated *created = ml_draft_set_kind(draft, "ledger_created");
    static Mledger__Role roles[] = {MLEDGER__ROLE__ADMIN, MLEDGER__ROLE__RECORDER,
                                    MLEDGER__ROLE__APPROVER};
    created->name = ml_draft_text(draft, "test");
    created->origin = ml_draft_text(draft, "example.org/test");
    created->actor_id = ml_draft_text(draft, "alice");
    created->key = (ProtobufCBinaryData){ML_KEY_SIZE, fixture->signers[ALICE].key};
    created->log_key = (ProtobufCBinaryData){ML_KEY_SIZE, fixture->signers[LOG_KEY].key};
    created->roles = roles;
    created->n_roles = ML_COUNT(roles);
    ml_draft_details(draft)->person = ml_draft_text(draft, "Alice Ng");
    return draft;
}

void fixture_init(struct fixture *fixture)
{
    *fixture = (struct fixture){.now_us = 1767225600000000}; /* 2026-01-01 */
    snprintf(fixture->dir, sizeof fixture->dir, "/tmp/mledger-test-XXXXXX");
    assert_non_null(mkdtemp(fixture->dir));
    snprintf(fixture->known, sizeof fixture->known, "%s/known", fixture->dir);
    make_keys(fixture);
    struct ml_draft *draft = genesis(fixture);
    struct ml_ledger_options options = options_of(fixture);
    expect_ok(ml_ledger_create(fixture->dir, &options, draft, &fixture->signers[ALICE],
                               &fixture->ledger));
    ml_draft_free(draft);
}

void fixture_release(struct fixture *fixture)
{
    ml_ledger_close(fixture->ledger);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", fixture->dir);
    assert_int_equal(system(command), 0);
}

int fixture_set_up(void **state)
{
    static struct fixture fixture;
    fixture_init(&fixture);
    *state = &fixture;
    return 0;
}

int fixture_tear_down(void **state)
{
    fixture_release(*state);
    return 0;
}

void fixture_reopen(struct fixture *fixture)
{
    ml_ledger_close(fixture->ledger);
    struct ml_ledger_options options = options_of(fixture);
    expect_ok(ml_ledger_open(fixture->dir, &options, &fixture->ledger));
}

struct ml_draft *fixture_draft(const char *line)
{
    struct ml_draft *draft;
    expect_ok(ml_draft_from_json(line, strlen(line), NULL, &draft));
    return draft;
}

int fixture_append_draft(struct fixture *fixture, enum fixture_actor actor, struct ml_draft *draft,
                         uint64_t *ret_seq)
{
    struct ml_receipt receipt;
    fixture->now_us += 1000000;
    int result =
        ml_ledger_append(fixture->ledger, &fixture->signers[actor], &draft, 1, &receipt, NULL);
    ml_draft_free(draft);
    if (result >= 0 && ret_seq)
        *ret_seq = receipt.seq;
    return result;
}

int fixture_append(struct fixture *fixture, enum fixture_actor actor, const char *line,
                   uint64_t *ret_seq)
{
    return fixture_append_draft(fixture, actor, fixture_draft(line), ret_seq);
}

uint64_t fixture_add(struct fixture *fixture, const char *line)
{
    uint64_t seq = 0;
    expect_ok(fixture_append(fixture, ALICE, line, &seq));
    return seq;
}

void fixture_refused(struct fixture *fixture, const char *line, const char *rule)
{
    assert_int_equal(fixture_append(fixture, ALICE, line, NULL), MLEDGER_EREFUSED);
    assert_string_equal(mledger_error_rule(), rule);
}

void fixture_state(struct fixture *fixture, struct ml_draft *draft, enum fixture_actor actor,
                   Mledger__Meaning meaning)
{
    struct ml_view view;
    expect_ok(ml_view_begin(fixture->ledger, &view));
    if (draft->event_bytes.len == 0)
        expect_ok(ml_draft_seal(draft, &view));
    expect_ok(ml_draft_state(draft, &view.head, &fixture->signers[actor], meaning, NULL));
    ml_view_end(&view);
}

void fixture_add_bob(struct fixture *fixture)
{
    fixture_add(fixture, "{\"actor_registered\": {\"id\": \"bob\", \"kind\": \"person\", "
                         "\"roles\": [\"approver\"]}}");
    char hex[65], line[256];
    for (size_t i = 0; i < ML_KEY_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", fixture->signers[BOB].key[i]);
    snprintf(
        line, sizeof line,
        "{\"key_authorized\": {\"actor\": \"bob\", \"key\": \"%s\", \"roles\": [\"approver\"]}}",
        hex);
    struct ml_draft *draft = fixture_draft(line);
    fixture_state(fixture, draft, BOB, MLEDGER__MEANING__POSSESSION);
    expect_ok(fixture_append_draft(fixture, ALICE, draft, NULL));
}

struct mledger_key *fixture_log_key(void)
{
    uint8_t seed[ML_ED25519_SEED_SIZE];
    struct mledger_key *key;
    make_seed(LOG_KEY, seed);
    expect_ok(ml_key_from_seed(MLEDGER_KEY_LOG, "log", seed, &key));
    return key;
}

uint64_t fixture_checkpoint(struct fixture *fixture)
{
    struct mledger_key *key = fixture_log_key();
    struct ml_made_checkpoint made;
    struct ml_draft *draft;
    uint64_t seq = 0;
    expect_ok(ml_checkpoint_make(fixture->ledger, key, NULL, &made));
    expect_ok(ml_checkpoint_draft(ml_buf_span(&made.note), NULL, 0, &draft));
    expect_ok(fixture_append_draft(fixture, ALICE, draft, &seq));
    ml_made_checkpoint_release(&made);
    mledger_key_free(key);
    return seq;
}

struct put {
    unsigned table;
    struct ml_span key, value;
};

static int put_in_transaction(struct ml_kv_txn *txn, void *context)
{
    const struct put *put = context;
    return ml_kv_put(txn, put->table, put->key, put->value);
}

void fixture_put(struct fixture *fixture, unsigned table, struct ml_span key, struct ml_span value)
{
    struct put put = {table, key, value};
    expect_ok(ml_kv_update(ml_ledger_kv(fixture->ledger), put_in_transaction, &put));
}

struct removal {
    unsigned table;
    struct ml_span key;
};

static int remove_in_transaction(struct ml_kv_txn *txn, void *context)
{
    const struct removal *removal = context;
    return ml_kv_delete(txn, removal->table, removal->key);
}

void fixture_remove_key(struct fixture *fixture, unsigned table, struct ml_span key)
{
    struct removal removal = {table, key};
    assert_int_equal(ml_kv_update(ml_ledger_kv(fixture->ledger), remove_in_transaction, &removal),
                     0);
}
