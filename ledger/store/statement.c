/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/store/statement.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/store/erasure.h"
#include "ledger/store/ledger_private.h"

static int pack_part(struct ml_draft *draft, const ProtobufCMessage *message,
                     struct ml_span *ret_bytes)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf packed = {0};
    ML_TRY(ml_codec_pack(message, &packed));
    uint8_t *bytes = ml_arena_alloc(&draft->arena, packed.len);
    if (!bytes)
        return ml_fail_memory();
    if (packed.len)
        memcpy(bytes, packed.data, packed.len);
    *ret_bytes = ML_SPAN(bytes, packed.len);
    return MLEDGER_OK;
}

static int new_salt(struct ml_draft *draft, struct ml_random *random, const uint8_t **ret_salt)
{
    uint8_t *salt = ml_arena_alloc(&draft->arena, ML_SALT_SIZE);
    if (!salt)
        return ml_fail_memory();
    ml_random_fill(random, salt, ML_SALT_SIZE);
    *ret_salt = salt;
    return MLEDGER_OK;
}

/* Checks the payload and fixes its bytes. */
static int fix(struct ml_draft *draft, struct ml_random *random)
{
    ML_TRY(ml_event_check(draft->event, draft->details, false));
    ML_TRY(pack_part(draft, &draft->event->base, &draft->event_bytes));
    if (draft->details)
        ML_TRY(pack_part(draft, &draft->details->base, &draft->details_bytes));
    ML_TRY(new_salt(draft, random, &draft->event_salt));
    return new_salt(draft, random, &draft->details_salt);
}

static int seal(struct ml_draft *draft, struct ml_view *view, struct ml_random *random)
{
    ML_TRY(ml_draft_complete(draft, view->state, view->head.size, random));
    ML_TRY(ml_erasure_complete(view->txn, view->state, draft));
    return fix(draft, random);
}

int ml_draft_seal_whole(struct ml_draft *draft)
{
    assert(draft->event_bytes.len == 0);
    struct ml_random random = {0};
    if (draft->n_names > 0)
        return ml_fail(MLEDGER_EINVALID, "'%s' is a name, and no ledger is here to say whose",
                       draft->names[0].name);
    const int result = fix(draft, &random);
    ml_random_release(&random);
    return result;
}

int ml_draft_seal(struct ml_draft *draft, struct ml_view *view)
{
    assert(draft->event_bytes.len == 0);
    struct ml_random random = {0};
    int result = seal(draft, view, &random);
    ml_random_release(&random);
    return result;
}

static ProtobufCBinaryData binary(const void *data, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)data};
}

/* The bytes of a statement about the draft. */
static int make_statement(struct ml_draft *draft, const struct ml_head *head,
                          Mledger__Meaning meaning, const int64_t *expiry_us,
                          struct ml_span *ret_bytes)
{
    uint8_t event[ML_HASH_SIZE], details[ML_HASH_SIZE], subject[ML_HASH_SIZE];
    ML_TRY(ml_part_hash(draft->event_salt, draft->event_bytes, event));
    ML_TRY(ml_part_hash(draft->details_salt, draft->details_bytes, details));
    ML_TRY(ml_statement_subject(event, details, subject));
    struct ml_random random = {0};
    uint8_t nonce[ML_NONCE_SIZE];
    ml_random_fill(&random, nonce, sizeof nonce);
    ml_random_release(&random);
    Mledger__Statement statement = MLEDGER__STATEMENT__INIT;
    statement.ledger = binary(head->identity, ML_HASH_SIZE);
    statement.subject = binary(subject, sizeof subject);
    statement.meaning = meaning;
    statement.seen_seq = head->size - 1;
    statement.seen_link = binary(head->link, ML_HASH_SIZE);
    statement.nonce = binary(nonce, sizeof nonce);
    statement.has_expiry = expiry_us != NULL;
    statement.expiry = expiry_us ? *expiry_us : 0;
    return pack_part(draft, &statement.base, ret_bytes);
}

static int sign_statement(const struct ml_signer *signer, struct ml_span statement,
                          uint8_t signature[ML_SIGNATURE_SIZE])
{
    ML_CLEANUP(ml_buf_release) struct ml_buf encoded = {0};
    ML_TRY(ml_dsse_encode(ML_STATEMENT_TYPE, statement, &encoded));
    return signer->sign(signer->context, ml_buf_span(&encoded), signature);
}

/* Packs the statements so far and one more. */
static int add_statement(struct ml_draft *draft, Mledger__SignedStatement *added)
{
    Mledger__Statements all = MLEDGER__STATEMENTS__INIT;
    const Mledger__Statements *before = &all;
    if (draft->statements_bytes.len) {
        ProtobufCMessage *message;
        ML_TRY(ml_codec_unpack(&mledger__statements__descriptor, draft->statements_bytes,
                               &draft->arena, &message));
        before = (const Mledger__Statements *)message;
    }
    if (before->n_statements >= ML_LIMIT_STATEMENT_COUNT)
        return ml_fail(MLEDGER_EINVALID, "more than %d statements", ML_LIMIT_STATEMENT_COUNT);
    Mledger__SignedStatement *list[ML_LIMIT_STATEMENT_COUNT];
    for (size_t i = 0; i < before->n_statements; i++)
        list[i] = before->statements[i];
    list[before->n_statements] = added;
    all.n_statements = before->n_statements + 1;
    all.statements = list;
    return pack_part(draft, &all.base, &draft->statements_bytes);
}

int ml_draft_state(struct ml_draft *draft, const struct ml_head *head,
                   const struct ml_signer *signer, Mledger__Meaning meaning,
                   const int64_t *expiry_us)
{
    assert(draft->event_bytes.len > 0);
    struct ml_span statement;
    uint8_t signature[ML_SIGNATURE_SIZE];
    ML_TRY(make_statement(draft, head, meaning, expiry_us, &statement));
    ML_TRY(sign_statement(signer, statement, signature));
    Mledger__SignedStatement added = MLEDGER__SIGNED_STATEMENT__INIT;
    added.statement = binary(statement.data, statement.len);
    added.key = binary(signer->key, ML_KEY_SIZE);
    added.signature = binary(signature, sizeof signature);
    return add_statement(draft, &added);
}
