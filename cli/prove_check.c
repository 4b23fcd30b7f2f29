/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/prove_check.h"

#include <inttypes.h>

#include "cli/checkpointing.h"
#include "cli/human.h"
#include "ledger/core/codec.h"
#include "ledger/core/consistency.h"
#include "ledger/core/hex.h"
#include "ledger/core/time.h"
#include "ledger/core/tlog_proof.h"
#include "ledger/store/durable.h"

/* A record as its proof holds it: signature and header. */
struct entry {
    struct ml_arena arena;
    const Mledger__Header *header;
    uint8_t leaf[ML_HASH_SIZE], link[ML_HASH_SIZE];
};

static void entry_release(struct entry *entry)
{
    ml_arena_release(&entry->arena);
}

static int read_entry(const struct ml_tlog_proof *proof, struct entry *entry)
{
    struct ml_span extra = ml_buf_span(&proof->extra);
    ml_arena_init(&entry->arena, ML_LIMIT_UNPACKED);
    if (extra.len <= ML_SIGNATURE_SIZE)
        return ml_fail(MLEDGER_EINVALID, "the proof holds no record's signature and header");
    const uint8_t *signature = extra.data;
    struct ml_span header = ML_SPAN(extra.data + ML_SIGNATURE_SIZE, extra.len - ML_SIGNATURE_SIZE);
    ML_TRY(ml_header_read(header, &entry->arena, &entry->header));
    if (entry->header->seq != proof->index)
        return ml_fail(MLEDGER_EINVALID, "the header is of record %" PRIu64, entry->header->seq);
    const uint8_t *key = entry->header->signer.data;
    ML_TRY(ml_ed25519_key_check(ML_SPAN(key, ML_KEY_SIZE)));
    ML_TRY(ml_dsse_verify(ML_HEADER_TYPE, header, key, signature));
    ML_TRY(ml_link(header, entry->link));
    return ml_leaf(signature, header, entry->leaf);
}

static int check_inclusion(const struct ml_tlog_proof *proof, const struct ml_vkey *vkeys,
                           size_t count, struct entry *entry)
{
    ML_TRY(ml_checkpoint_is_signed(&proof->checkpoint, &proof->note, vkeys, count));
    ML_TRY(read_entry(proof, entry));
    return ml_tlog_proof_check(proof, entry->leaf);
}

/* What does not hold is an answer, and the sentence says why. */
static int say_no(struct ml_output *out, bool as_json)
{
    struct ml_error error;
    ml_error_get(&error);
    if (error.code != MLEDGER_EINVALID)
        return ml_error_set(&error);
    ml_error_clear();
    if (!as_json) {
        ml_output_text(out, ML_ROLE_BAD, "NOT proven");
        ml_output_line(out, ML_ROLE_PLAIN, ": %s", error.text);
        return 1;
    }
    json_t *json = json_pack("{s:b, s:s}", "proven", 0, "why", error.text);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return 1;
}

static int print_record_json(struct ml_output *out, const struct ml_tlog_proof *proof,
                             const struct entry *entry)
{
    char signer[ML_HEX_SIZE(ML_KEY_SIZE)], link[ML_HEX_SIZE(ML_HASH_SIZE)];
    char root[ML_HEX_SIZE(ML_HASH_SIZE)], time[ML_TIME_TEXT_SIZE];
    ml_hex_encode(signer, entry->header->signer.data, ML_KEY_SIZE);
    ml_hex_encode(link, entry->link, ML_HASH_SIZE);
    ml_hex_encode(root, proof->checkpoint.root, ML_HASH_SIZE);
    ML_TRY(ml_time_format(entry->header->recorded_at, time));
    json_t *json =
        json_pack("{s:b, s:I, s:s%, s:I, s:s, s:s, s:s, s:s}", "proven", 1, "seq",
                  (json_int_t)proof->index, "origin", proof->checkpoint.origin.data,
                  proof->checkpoint.origin.len, "size", (json_int_t)proof->checkpoint.size, "root",
                  root, "recorded_at", time, "signer", signer, "link", link);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

static int print_record(struct ml_output *out, const struct ml_tlog_proof *proof,
                        const struct entry *entry)
{
    char count[ML_HUMAN_SIZE], time[ML_TIME_TEXT_SIZE], signer[ML_HEX_SIZE(ML_KEY_SIZE)];
    const struct ml_span origin = proof->checkpoint.origin;
    ml_hex_encode(signer, entry->header->signer.data, ML_KEY_SIZE);
    ML_TRY(ml_time_format(entry->header->recorded_at, time));
    ml_output_text(out, ML_ROLE_GOOD, "proven");
    ml_output_text(out, ML_ROLE_PLAIN, ": record #%" PRIu64 " is among the %s records of ",
                   proof->index, ml_human_count(count, proof->checkpoint.size));
    ml_output_bytes(out, ML_ROLE_PLAIN, (const char *)origin.data, origin.len);
    ml_output_newline(out);
    ml_output_line(out, ML_ROLE_PLAIN, "recorded at %s, by its own clock", time);
    ml_output_line(out, ML_ROLE_PLAIN, "signed by key %s", signer);
    return MLEDGER_OK;
}

static int check_record(struct ml_session *session, struct ml_tlog_proof *proof)
{
    ML_CLEANUP(ml_freep) struct ml_vkey *vkeys = NULL;
    ML_CLEANUP(entry_release) struct entry entry = {0};
    bool json = session->invocation->json;
    size_t count;
    ML_TRY(ml_log_vkeys(session, &vkeys, &count));
    if (check_inclusion(proof, vkeys, count, &entry) < 0)
        return say_no(session->out, json);
    return json ? print_record_json(session->out, proof, &entry)
                : print_record(session->out, proof, &entry);
}

static int check_record_text(struct ml_session *session, const char *path, struct ml_span text)
{
    struct ml_tlog_proof proof;
    int result = ml_tlog_proof_parse(text, &proof);
    result = result < 0 ? ml_prefix("'%s'", path) : check_record(session, &proof);
    ml_tlog_proof_release(&proof);
    return result;
}

static int check_consistency_text(struct ml_output *out, bool as_json, const char *path,
                                  struct ml_span text)
{
    struct ml_consistency proof;
    char old_root[ML_HEX_SIZE(ML_HASH_SIZE)], new_root[ML_HEX_SIZE(ML_HASH_SIZE)];
    if (ml_consistency_parse(text, &proof) < 0)
        return ml_prefix("'%s'", path);
    if (ml_consistency_check(&proof) < 0)
        return say_no(out, as_json);
    ml_hex_encode(old_root, proof.before.root, ML_HASH_SIZE);
    ml_hex_encode(new_root, proof.after.root, ML_HASH_SIZE);
    if (!as_json) {
        ml_output_text(out, ML_ROLE_GOOD, "proven");
        ml_output_line(out, ML_ROLE_PLAIN,
                       ": the tree of %" PRIu64 " records begins with that of %" PRIu64,
                       proof.after.size, proof.before.size);
        ml_output_line(out, ML_ROLE_PLAIN, "old root %s", old_root);
        ml_output_line(out, ML_ROLE_PLAIN, "new root %s", new_root);
        return MLEDGER_OK;
    }
    json_t *json = json_pack("{s:b, s:{s:I, s:s}, s:{s:I, s:s}}", "proven", 1, "old", "size",
                             (json_int_t)proof.before.size, "root", old_root, "new", "size",
                             (json_int_t)proof.after.size, "root", new_root);
    if (!json)
        return ml_fail_memory();
    ml_output_json(out, json);
    json_decref(json);
    return MLEDGER_OK;
}

int ml_prove_check(const struct ml_invocation *invocation, struct ml_output *out)
{
    static const char consistency[] = "mledger consistency ";
    ML_CLEANUP(ml_session_release) struct ml_session session = {0};
    ML_CLEANUP(ml_buf_release) struct ml_buf text = {0};
    const char *path = ml_option_text(invocation, "check", NULL);
    int result = ml_durable_read(path, "proof", ML_TLOG_PROOF_MAX, &text);
    if (result == MLEDGER_ENOTFOUND)
        return ml_fail(MLEDGER_ESYSTEM, "there is no file '%s'", path);
    ML_TRY(result);
    if (text.len >= sizeof consistency - 1 &&
        memcmp(text.data, consistency, sizeof consistency - 1) == 0)
        return check_consistency_text(out, invocation->json, path, ml_buf_span(&text));
    ML_TRY(ml_session_open_if_any(invocation, out, &session));
    return check_record_text(&session, path, ml_buf_span(&text));
}
