/* SPDX-License-Identifier: Apache-2.0 */
/* Appending to a server's ledger, and not taking its word for it. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/remote.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/sealed.h"
#include "ledger/core/time.h"
#include "ledger/store/durable.h"

/* What was made of it. */
struct outcome {
    struct ml_receipt receipt;
    struct ml_trust_record record;
    bool proven;
    char *proof; /* path of its file, if proven */
};

static void outcome_release(struct outcome *outcome)
{
    ml_trust_record_release(&outcome->record);
    free(outcome->proof);
}

static int send(struct ml_remote *remote, struct ml_draft *draft, struct ml_receipt *ret_receipt)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf body = {0};
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    const struct ml_head head = ml_remote_head(remote);
    struct ml_sealed sealed = {.draft = draft, .seen_seq = head.size - 1}; /* not owned here */
    struct ml_api_ask ask;
    memcpy(sealed.ledger, head.identity, ML_HASH_SIZE);
    memcpy(sealed.seen_link, head.link, ML_HASH_SIZE);
    ML_TRY(ml_sealed_write(&sealed, &body));
    ml_api_ask(remote->client, &ask, "statements");
    ML_TRY(ml_api_post(remote->client, &ask, ml_buf_span(&body), &json));
    ML_TRY(ml_api_number_in(json, "seq", &ret_receipt->seq));
    return ml_api_bytes_in(json, "link", ret_receipt->link, ML_HASH_SIZE);
}

static bool is_same(struct ml_span sent, bool has, const ProtobufCBinaryData *stored)
{
    return ml_span_equal(sent, has ? ML_SPAN(stored->data, stored->len) : ML_SPAN(NULL, 0));
}

/* Byte for byte what was signed, and the link that the receipt names. */
static int check_same(const struct ml_draft *draft, const struct outcome *outcome)
{
    const Mledger__SignedRecord *stored = outcome->record.record.stored;
    if (is_same(draft->event_bytes, true, &stored->event) &&
        is_same(draft->details_bytes, stored->has_details, &stored->details) &&
        is_same(draft->statements_bytes, stored->has_statements, &stored->statements) &&
        memcmp(outcome->receipt.link, outcome->record.link, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_fail_seq(MLEDGER_EDAMAGED, outcome->receipt.seq,
                       "the server says that it recorded what was sent, and the record is another");
}

/* KNOWN_DIR/IDENTITY.SEQ.tlog-proof: what `mledger prove --check` takes. */
static int keep_proof(const struct ml_remote *remote, struct outcome *outcome)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf path = {0};
    ML_CLEANUP(ml_freep) char *name = NULL;
    char identity[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(identity, remote->trust.pin.identity, ML_HASH_SIZE);
    ML_TRY(ml_trust_proof(&remote->trust, &outcome->record, &text));
    ML_TRY(ml_buf_printf(&path, "%s/%s.receipt-%" PRIu64 ".tlog-proof", remote->known_dir, identity,
                         outcome->receipt.seq));
    ML_TRY(ml_buf_take_text(&path, &name));
    ML_TRY(ml_durable_write(name, "receipt", ml_buf_span(&text), true));
    outcome->proof = ML_TAKE(name);
    return MLEDGER_OK;
}

/* A server without a log key shows later that the record is in its ledger. */
static int cover(struct ml_remote *remote, uint64_t seq)
{
    const int result = ml_trust_checkpoint(&remote->trust, seq);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    ml_error_clear();
    return MLEDGER_OK;
}

static int check(struct ml_remote *remote, const struct ml_draft *draft, struct outcome *outcome)
{
    const uint64_t seq = outcome->receipt.seq;
    if (seq < remote->trust.checkpoint.size)
        return ml_fail_seq(MLEDGER_EDAMAGED, seq,
                           "the server names a record that was there before");
    ML_TRY(cover(remote, seq));
    ML_TRY(ml_trust_record(&remote->trust, seq, &outcome->record, &outcome->proven));
    ML_TRY(check_same(draft, outcome));
    outcome->receipt.recorded_at_us = outcome->record.record.header->recorded_at;
    return outcome->proven ? keep_proof(remote, outcome) : MLEDGER_OK;
}

static int print_json(struct ml_remote *remote, const struct outcome *outcome)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    ML_TRY(ml_receipt_to_json(&outcome->receipt, remote->trust.pin.identity, &json));
    ML_TRY(ml_json_put(json, "proof", outcome->proof ? json_string(outcome->proof) : json_null()));
    ml_output_json(remote->session.out, json);
    return MLEDGER_OK;
}

static int print(struct ml_remote *remote, const struct outcome *outcome)
{
    struct ml_output *out = remote->session.out;
    if (remote->session.invocation->json)
        return print_json(remote, outcome);
    ML_TRY(ml_session_print_receipt(&remote->session, &outcome->receipt));
    if (outcome->proven)
        ml_output_line(out, ML_ROLE_PLAIN, "proven to be in the ledger; the proof is kept in %s",
                       outcome->proof);
    else
        ml_output_line(out, ML_ROLE_WARN,
                       "not proven to be in the ledger: the server has no checkpoint yet that "
                       "covers it");
    return MLEDGER_OK;
}

int ml_remote_append(struct ml_remote *remote, struct ml_draft *draft)
{
    ML_CLEANUP(outcome_release) struct outcome outcome = {0};
    ML_TRY(send(remote, draft, &outcome.receipt));
    if (check(remote, draft, &outcome) < 0)
        return ml_prefix("it was sent, and what became of it is not sure");
    return print(remote, &outcome);
}
