/* SPDX-License-Identifier: Apache-2.0 */
/* Records that a server gives, believed in nothing. */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/tlog_proof.h"
#include "serve/ledger_client/trust.h"

void ml_trust_record_release(struct ml_trust_record *record)
{
    ml_arena_release(&record->arena);
    ml_buf_release(&record->bytes);
}

static int fetch(struct ml_trust *trust, uint64_t seq, struct ml_trust_record *record)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf line = {0};
    struct ml_api_ask ask;
    uint64_t found;
    ml_api_ask(trust->client, &ask, "records/%" PRIu64 "/line", seq);
    ML_TRY(ml_api_get(trust->client, &ask, &line));
    ML_TRY(ml_record_from_export_line((const char *)line.data, line.len, &record->bytes, &found));
    if (found != seq)
        return ml_fail(MLEDGER_EINVALID, "it is record %" PRIu64, found);
    return ml_record_read(ml_buf_span(&record->bytes), seq, &record->arena, &record->record);
}

static int check_signatures(struct ml_trust_record *record)
{
    const uint8_t *signature = record->record.stored->signature.data;
    const uint8_t *key = record->record.header->signer.data;
    ML_TRY(ml_ed25519_key_check(ML_SPAN(key, ML_KEY_SIZE)));
    ML_TRY(ml_record_verify_signature(&record->record));
    ML_TRY(ml_record_verify_statements(&record->record));
    ML_TRY(ml_link(record->record.header_bytes, record->link));
    return ml_leaf(signature, record->record.header_bytes, record->leaf);
}

static int read_hash(const json_t *json, uint8_t hash[ML_HASH_SIZE])
{
    const char *text = json_string_value(json);
    if (!text)
        return ml_fail(MLEDGER_EDAMAGED, "a hash of the proof is no text");
    return ml_hex_decode(text, strlen(text), hash, ML_HASH_SIZE);
}

static int read_path(const json_t *json, struct ml_merkle_proof *path)
{
    const json_t *hashes = json_object_get(json, "hashes");
    const size_t count = json_array_size(hashes);
    if (count > ML_MERKLE_PROOF_MAX)
        return ml_fail(MLEDGER_EDAMAGED, "the proof has %zu hashes", count);
    for (path->count = 0; path->count < count; path->count++)
        ML_TRY(read_hash(json_array_get(hashes, path->count), path->hashes[path->count]));
    return MLEDGER_OK;
}

static int prove(struct ml_trust *trust, uint64_t seq, struct ml_trust_record *record)
{
    ML_CLEANUP(json_decrefp) json_t *json = NULL;
    const struct ml_checkpoint *checkpoint = &trust->checkpoint;
    struct ml_api_ask ask;
    ml_api_ask(trust->client, &ask, "proof/inclusion");
    ml_api_ask_number(&ask, "seq", seq);
    ml_api_ask_number(&ask, "size", checkpoint->size);
    ML_TRY(ml_api_get_json(trust->client, &ask, &json));
    ML_TRY(read_path(json, &record->path));
    return ml_merkle_check_inclusion(seq, checkpoint->size, record->leaf,
                                     (const uint8_t(*)[ML_HASH_SIZE])record->path.hashes,
                                     record->path.count, checkpoint->root);
}

/* What does not hold is the server's fault, whatever found it. */
static int blame_server(uint64_t seq, int result, const char *what)
{
    struct ml_error error;
    ml_error_get(&error);
    if (result == MLEDGER_ESYSTEM || result == MLEDGER_ENOTFOUND)
        return result;
    return ml_fail(MLEDGER_EDAMAGED, "record %" PRIu64 " as the server gives it %s: %s", seq, what,
                   error.text);
}

int ml_trust_record(struct ml_trust *trust, uint64_t seq, struct ml_trust_record *ret_record,
                    bool *ret_proven)
{
    *ret_record = (struct ml_trust_record){0};
    ml_arena_init(&ret_record->arena, ML_LIMIT_UNPACKED);
    const bool covered = trust->note.len > 0 && seq < trust->checkpoint.size;
    if (!ret_proven && !covered)
        return ml_fail(MLEDGER_ENOTFOUND, "no checkpoint covers record %" PRIu64 " yet", seq);
    int result = fetch(trust, seq, ret_record);
    if (result >= 0)
        result = check_signatures(ret_record);
    if (result < 0)
        return blame_server(seq, result, "is none");
    if (covered) {
        result = prove(trust, seq, ret_record);
        if (result < 0)
            return blame_server(seq, result, "is not proven to be under its checkpoint");
    }
    if (ret_proven)
        *ret_proven = covered;
    return MLEDGER_OK;
}

int ml_trust_proof(const struct ml_trust *trust, const struct ml_trust_record *record,
                   struct ml_buf *ret_text)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf entry = {0};
    const ProtobufCBinaryData *signature = &record->record.stored->signature;
    const struct ml_span header = record->record.header_bytes;
    ML_TRY(ml_buf_append(&entry, signature->data, signature->len));
    ML_TRY(ml_buf_append(&entry, header.data, header.len));
    return ml_tlog_proof_write(ml_buf_span(&entry), record->record.header->seq, &record->path,
                               ml_buf_span(&trust->note), ret_text);
}
