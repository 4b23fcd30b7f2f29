/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/basis_json.h"

#include "ledger/core/codec.h"
#include "ledger/core/hex.h"
#include "ledger/core/json.h"
#include "ledger/core/time.h"
#include "ledger/query/json_parts.h"

static json_t *hash_json(const uint8_t hash[ML_HASH_SIZE])
{
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, hash, ML_HASH_SIZE);
    return json_string(hex);
}

/* {"seq", "link"}, a new reference or NULL. */
static json_t *record_json(uint64_t seq, const uint8_t link[ML_HASH_SIZE])
{
    return json_pack("{s:I, s:o}", "seq", (json_int_t)seq, "link", hash_json(link));
}

static int put_records(const struct ml_basis *basis, struct ml_view *view, json_t *json)
{
    json_t *list = json_array();
    ML_TRY(ml_json_put(json, "records", list));
    for (size_t i = 0; i < basis->n_seqs; i++) {
        uint8_t link[ML_HASH_SIZE];
        ML_TRY(ml_view_link_at(view, basis->seqs[i], link));
        if (json_array_append_new(list, record_json(basis->seqs[i], link)) < 0)
            return ml_fail_memory();
    }
    return MLEDGER_OK;
}

static int put_unknown(const struct ml_basis *basis, json_t *json)
{
    json_t *list = json_array();
    ML_TRY(ml_json_put(json, "not_known", list));
    for (size_t i = 0; i < basis->n_unknown; i++)
        if (json_array_append_new(list, json_string(basis->unknown[i])) < 0)
            return ml_fail_memory();
    return MLEDGER_OK;
}

int ml_correction_to_json(const struct ml_correction *correction, json_t **ret_json)
{
    const struct ml_change *change = &correction->change;
    char recorded[ML_TIME_TEXT_SIZE], claimed[ML_TIME_TEXT_SIZE];
    ML_TRY(ml_time_format(change->recorded_us, recorded));
    ML_TRY(ml_time_format(change->claimed_us, claimed));
    *ret_json =
        json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:o}", "seq", (json_int_t)change->seq,
                  "recorded_at", recorded, "claimed_at", claimed, "subject", correction->subject,
                  "summary", correction->summary, "who", change->who, "counts",
                  (int)correction->counts, "kind", ml_correction_kind_name(correction->kind), "of",
                  ml_json_numbers(correction->of, correction->n_of));
    return *ret_json ? MLEDGER_OK : ml_fail_memory();
}

static int put_corrections(const struct ml_corrections *corrections, struct ml_view *view,
                           json_t *json)
{
    json_t *list = json_array();
    ML_TRY(ml_json_put(json, "corrections", list));
    for (size_t i = 0; i < corrections->count; i++) {
        uint8_t link[ML_HASH_SIZE];
        json_t *item;
        ML_TRY(ml_view_link_at(view, corrections->list[i].change.seq, link));
        ML_TRY(ml_correction_to_json(&corrections->list[i], &item));
        if (json_array_append_new(list, item) < 0)
            return ml_fail_memory();
        ML_TRY(ml_json_put(item, "link", hash_json(link)));
    }
    return MLEDGER_OK;
}

static int put_as_of(struct ml_view *view, uint64_t as_of, json_t *json)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    struct ml_record record;
    char time[ML_TIME_TEXT_SIZE];
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    ML_TRY(ml_view_record(view, as_of, &arena, &record));
    ML_TRY(ml_time_format(record.header->recorded_at, time));
    return ml_json_put(json, "as_of",
                       json_pack("{s:I, s:s}", "seq", (json_int_t)as_of, "recorded_at", time));
}

static int put_place(const struct ml_head *head, const struct ml_basis_verified *verified,
                     json_t *json)
{
    ML_TRY(ml_json_put(json, "head", record_json(head->size - 1, head->link)));
    ML_TRY(ml_json_put(json, "identity", hash_json(head->identity)));
    ML_TRY(ml_json_put(json, "verified",
                       verified->size ? record_json(verified->size - 1, verified->link)
                                      : json_null()));
    return ml_json_put(json, "checkpoint",
                       verified->checkpoint_size
                           ? json_pack("{s:I}", "size", (json_int_t)verified->checkpoint_size)
                           : json_null());
}

int ml_basis_to_json(struct ml_basis *basis, struct ml_view *view, uint64_t as_of,
                     const char *known_dir, json_t **ret_json)
{
    struct ml_basis_verified verified;
    ML_CLEANUP(json_decrefp) json_t *json = json_object();
    ML_TRY(ml_basis_verified(view, known_dir, &verified));
    ml_basis_settle(basis);
    ML_TRY(put_as_of(view, as_of, json));
    ML_TRY(put_place(&view->head, &verified, json));
    ML_TRY(put_records(basis, view, json));
    ML_TRY(put_unknown(basis, json));
    ML_TRY(put_corrections(&basis->corrections, view, json));
    *ret_json = ML_TAKE(json);
    return MLEDGER_OK;
}
