/* SPDX-License-Identifier: Apache-2.0 */
/* Details are gone where a record erased them, and nowhere else. DESIGN section 2. */
#include <inttypes.h>

#include "verify/verifier_private.h"

/* The record has kept the rules: it erased the details of another, before it. */
int ml_verify_note_erasure(struct ml_verifier *verifier, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_DETAILS_ERASED)
        return MLEDGER_OK;
    struct ml_seq_key key = ml_seq_key(record->event->details_erased->record_ref);
    return ml_state_put(verifier->ordered, ML_SPAN(key.bytes, sizeof key.bytes),
                        ML_SPAN(&record->header->seq, sizeof record->header->seq));
}

static int check_gone(struct ml_span key, struct ml_span value, void *context)
{
    (void)value;
    struct ml_verifier *verifier = context;
    struct ml_span by;
    int result = ml_state_get(verifier->ordered, key, &by);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "details-missing", ml_seq_key_read(key),
                            "its details are missing and no record erased them");
}

/* A record that is missing altogether was reported as that; of one that is hidden nothing is known.
 */
static int check_ordered(struct ml_span key, struct ml_span value, void *context)
{
    struct ml_verifier *verifier = context;
    struct ml_span gone;
    uint64_t by, seq = ml_seq_key_read(key);
    uint8_t link[ML_HASH_SIZE];
    memcpy(&by, value.data, sizeof by);
    int result = ml_state_get(verifier->erased, key, &gone);
    if (result != MLEDGER_ENOTFOUND)
        return result;
    if (seq < verifier->base || ml_verify_is_hidden(verifier, seq) ||
        verifier->fold.link_at(verifier->fold.link_context, seq, link) < 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "details-not-erased", seq,
                            "record %" PRIu64 " erased its details, and they are still here; "
                            "mledger erase --finish removes them",
                            by);
}

int ml_verify_erasures(struct ml_verifier *verifier)
{
    ML_TRY(ml_state_each(verifier->erased, check_gone, verifier));
    return ml_state_each(verifier->ordered, check_ordered, verifier);
}
