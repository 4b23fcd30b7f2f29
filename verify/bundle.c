/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/bundle.h"

#include <inttypes.h>

#include "ledger/core/hex.h"
#include "verify/bundle_private.h"

/* ---- attachments ---- */

/* One that the open records name is struck off the list. */
static int check_attachment(struct ml_bundle_check *check, const uint8_t hash[ML_HASH_SIZE],
                            uint64_t size)
{
    struct ml_verifier *verifier = &check->verifier;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    struct ml_span due, key = ML_SPAN(hash, ML_HASH_SIZE);
    ml_hex_encode(hex, hash, ML_HASH_SIZE);
    int result = ml_state_get(verifier->attachments, key, &due);
    if (result == MLEDGER_ENOTFOUND)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "attachment-unknown", MLEDGER_NO_SEQ,
                                "no open record names attachment %s, or it is there twice", hex);
    ML_TRY(result);
    bool fits = memcmp(due.data, &size, sizeof size) == 0;
    ML_TRY(ml_state_delete(verifier->attachments, key));
    if (!fits)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "attachment-damaged", MLEDGER_NO_SEQ,
                                "attachment %s has another size than its record says", hex);
    check->verdict->attachments++;
    return MLEDGER_OK;
}

static int check_attachments(struct ml_bundle_check *check)
{
    uint8_t before[ML_HASH_SIZE] = {0}, hash[ML_HASH_SIZE];
    ML_TRY(ml_bundle_advance(check));
    for (size_t i = 0; check->has_item && check->item.kind == ML_BUNDLE_ATTACHMENT; i++) {
        check->has_item = false;
        int result = ml_bundle_item_hash(check->reader, hash);
        if (result == MLEDGER_EINVALID)
            ml_error_get(&check->broken);
        else
            ML_TRY(result);
        if (check->broken.code < 0)
            return MLEDGER_OK;
        if (i > 0 && memcmp(before, hash, ML_HASH_SIZE) >= 0)
            ML_TRY(ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "bundle", MLEDGER_NO_SEQ,
                                    "its attachments are not in the order of their hashes"));
        ML_TRY(check_attachment(check, hash, check->item.size));
        memcpy(before, hash, ML_HASH_SIZE);
        ML_TRY(ml_bundle_advance(check));
    }
    return MLEDGER_OK;
}

static int name_missing(struct ml_span key, struct ml_span value, void *context)
{
    (void)value;
    char hex[ML_HEX_SIZE(ML_HASH_SIZE)];
    ml_hex_encode(hex, key.data, ML_HASH_SIZE);
    return ml_verify_report(context, ML_SEVERITY_FAULT, "attachment-missing", MLEDGER_NO_SEQ,
                            "attachment %s is named by an open record and is not there", hex);
}

/* ---- what was derived ---- */

static int check_derived(struct ml_bundle_check *check, enum ml_bundle_kind kind, bool due,
                         const uint8_t *hash, const char *noun)
{
    struct ml_verifier *verifier = &check->verifier;
    ML_TRY(ml_bundle_advance(check));
    bool there = check->has_item && check->item.kind == kind;
    if (check->broken.code < 0)
        return MLEDGER_OK;
    if (there != due)
        return ml_verify_report(verifier, ML_SEVERITY_FAULT, "bundle-derived", MLEDGER_NO_SEQ,
                                there ? "there is a %s that its manifest does not tell of"
                                      : "the %s that its manifest tells of is missing",
                                noun);
    if (!there)
        return MLEDGER_OK;
    uint8_t found[ML_HASH_SIZE];
    check->has_item = false;
    int result = ml_bundle_item_hash(check->reader, found);
    if (result == MLEDGER_EINVALID) {
        ml_error_get(&check->broken);
        return MLEDGER_OK;
    }
    ML_TRY(result);
    if (memcmp(found, hash, ML_HASH_SIZE) == 0)
        return MLEDGER_OK;
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "bundle-derived", MLEDGER_NO_SEQ,
                            "the %s is not the one that its manifest tells of", noun);
}

static int check_all_derived(struct ml_bundle_check *check)
{
    const Mledger__BundleManifest *manifest = check->verdict->manifest;
    ML_TRY(check_derived(check, ML_BUNDLE_LINEAGE_JSON, manifest->has_lineage_json,
                         manifest->lineage_json.data, "lineage as JSON"));
    return check_derived(check, ML_BUNDLE_LINEAGE_SVG, manifest->has_lineage_svg,
                         manifest->lineage_svg.data, "lineage as a picture");
}

/* ---- all of it ---- */

static int check_size(struct ml_bundle_check *check)
{
    uint64_t due = check->verdict->manifest->size, size = check->next_seq;
    if (due == size)
        return MLEDGER_OK;
    return ml_verify_report(&check->verifier, ML_SEVERITY_FAULT, "bundle-manifest", MLEDGER_NO_SEQ,
                            "it tells of %" PRIu64 " records, and %" PRIu64 " are there", due,
                            size);
}

/* What follows the records in a container that could be read so far. */
static int check_rest(struct ml_bundle_check *check)
{
    ML_TRY(check_attachments(check));
    if (check->broken.code == 0)
        ML_TRY(ml_state_each(check->verifier.attachments, name_missing, &check->verifier));
    ML_TRY(check_all_derived(check));
    ML_TRY(ml_bundle_advance(check));
    return MLEDGER_OK;
}

static int check_claims(struct ml_bundle_check *check)
{
    ML_TRY(check_size(check));
    ML_TRY(ml_bundle_scope_finish(check));
    return ml_bundle_anchors(check);
}

static int report_broken(struct ml_bundle_check *check)
{
    if (check->broken.code == 0)
        return MLEDGER_OK;
    return ml_verify_report_error(&check->verifier, "bundle", &check->broken, MLEDGER_NO_SEQ);
}

static int check_bundle(struct ml_bundle_check *check)
{
    ML_TRY(ml_bundle_begin(check));
    check->source = ml_bundle_records(check);
    ML_TRY(ml_verifier_init(&check->verifier, &check->options, &check->source));
    if (!check->verdict->manifest)
        return report_broken(check);
    ML_TRY(ml_verifier_read(&check->verifier));
    ML_TRY(check_rest(check));
    bool whole = check->broken.code == 0;
    ML_TRY(report_broken(check));
    if (whole)
        ML_TRY(check_claims(check));
    ML_TRY(ml_verifier_finish(&check->verifier));
    ML_TRY(ml_verify_origin(&check->verifier));
    return whole ? ml_verify_anchors(&check->verifier) : MLEDGER_OK;
}

void ml_bundle_verdict_release(struct ml_bundle_verdict *verdict)
{
    if (verdict)
        ml_arena_release(&verdict->arena);
}

int ml_verify_bundle(const struct ml_bundle_file *file, const struct ml_verify_options *options,
                     struct ml_bundle_verdict *ret_verdict)
{
    struct ml_bundle_check check = {.file = file, .verdict = ret_verdict, .options = *options};
    *ret_verdict = (struct ml_bundle_verdict){0};
    ml_arena_init(&ret_verdict->arena, SIZE_MAX / 2);
    check.options.level = ML_VERIFY_FULL;
    int result = check_bundle(&check);
    ret_verdict->result = check.verifier.result;
    ret_verdict->result.head = check.verifier.fold.head;
    ml_verifier_release(&check.verifier);
    ml_bundle_reader_free(check.reader);
    free(check.notes);
    free(check.named_runs);
    return result;
}
