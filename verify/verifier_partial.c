/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records whose payload the source hides on purpose: what they must not be, and what cannot be
 * judged because of them.
 *
 * A source that hides says of which subjects it shows every record. The salt of such a subject
 * stands in the record that created it; with it the tag that the subject would put on any header
 * can be made, and no hidden header may bear it.
 */
#include <inttypes.h>
#include <stdio.h>

#include "ledger/core/event.h"
#include "verify/verifier_private.h"

enum { TAG_GRAIN = 8 }; /* records whose tags a thread looks at in one go */

struct salt {
    uint64_t subject;
    uint8_t bytes[ML_SALT_SIZE];
};

/* A rule that went unproven, on how many records, and the first of them. */
struct unproven {
    const char *rule;
    uint64_t count, first;
};

struct ml_verify_partial {
    struct ml_verifier *verifier;
    struct ml_fold_hidden fold;
    struct ml_buf hidden; /* a bit for each record: its payload is hidden */
    struct salt *salts;   /* of subjects that are shown whole, and of all actors */
    size_t n_salts, cap_salts;
    struct unproven unproven[ML_FOLD_UNPROVEN];
    size_t n_unproven;
    uint64_t strange_tags; /* on open records, of subjects whose salt is hidden */
};

static bool is_hidden(void *context, uint64_t seq)
{
    const struct ml_verify_partial *partial = context;
    return seq / 8 < partial->hidden.len && (partial->hidden.data[seq / 8] >> seq % 8 & 1);
}

bool ml_verify_is_hidden(const struct ml_verifier *verifier, uint64_t seq)
{
    return verifier->partial && is_hidden(verifier->partial, seq);
}

static bool is_whole(void *context, uint64_t subject)
{
    const struct ml_verify_partial *partial = context;
    const struct ml_verify_source *source = partial->verifier->source;
    return source->is_whole(source->context, subject);
}

int ml_verify_partial_new(struct ml_verifier *verifier)
{
    struct ml_verify_partial *partial = ml_calloc(1, sizeof *partial);
    if (!partial)
        return ml_fail_memory();
    partial->verifier = verifier;
    partial->fold =
        (struct ml_fold_hidden){.is_hidden = is_hidden, .is_whole = is_whole, .context = partial};
    verifier->partial = partial;
    verifier->fold.hidden = &partial->fold;
    return MLEDGER_OK;
}

void ml_verify_partial_free(struct ml_verify_partial *partial)
{
    if (!partial)
        return;
    ml_buf_release(&partial->hidden);
    free(partial->salts);
    free(partial);
}

/* ---- hidden records ---- */

static int mark_hidden(struct ml_verify_partial *partial, uint64_t seq)
{
    while (partial->hidden.len <= seq / 8)
        ML_TRY(ml_buf_append_char(&partial->hidden, '\0'));
    partial->hidden.data[seq / 8] |= (uint8_t)(1 << seq % 8);
    return MLEDGER_OK;
}

static int withheld(struct ml_verifier *verifier, uint64_t seq, const char *why)
{
    return ml_verify_report(verifier, ML_SEVERITY_FAULT, "withheld", seq,
                            "its payload is hidden, %s", why);
}

int ml_verify_hide(struct ml_verifier *verifier, const struct ml_verify_item *item)
{
    const Mledger__Header *header = item->record.header;
    ML_TRY(mark_hidden(verifier->partial, header->seq));
    if (header->kind == MLEDGER__KIND__TRUST)
        ML_TRY(withheld(verifier, header->seq, "and it is a trust record"));
    else if (is_whole(verifier->partial, header->seq))
        ML_TRY(withheld(verifier, header->seq, "and a subject in scope begins with it"));
    if (ml_fold_hide(&verifier->fold, header) >= 0)
        return MLEDGER_OK;
    struct ml_error error;
    ml_error_get(&error);
    if (error.code == MLEDGER_ESYSTEM)
        return error.code;
    return ml_verify_report_error(verifier, "rule", &error, header->seq);
}

/* ---- tags of hidden records ---- */

static bool bears(const Mledger__Header *header, const uint8_t tag[ML_TAG_SIZE])
{
    for (size_t i = 0; i < header->n_subject_tags; i++)
        if (memcmp(header->subject_tags[i].data, tag, ML_TAG_SIZE) == 0)
            return true;
    return false;
}

static int look_at_tags(const struct ml_verify_partial *partial, struct ml_verify_item *item)
{
    const Mledger__Header *header = item->record.header;
    for (size_t i = 0; header->n_subject_tags > 0 && i < partial->n_salts; i++) {
        uint8_t tag[ML_TAG_SIZE];
        ML_TRY(ml_subject_tag(partial->salts[i].bytes, header->seq, tag));
        if (!bears(header, tag))
            continue;
        item->withheld = true;
        item->withheld_subject = partial->salts[i].subject;
        return MLEDGER_OK;
    }
    return MLEDGER_OK;
}

static int look_at_range(size_t begin, size_t end, void *context)
{
    struct ml_verify_batch *batch = context;
    for (size_t i = begin; i < end; i++)
        if (batch->items[i].opened && batch->items[i].input.entry)
            ML_TRY(look_at_tags(batch->partial, &batch->items[i]));
    return MLEDGER_OK;
}

/* After the batch was folded: every salt that one of its records could be tagged with is known. */
int ml_verify_withheld(struct ml_verifier *verifier, struct ml_verify_batch *batch)
{
    batch->partial = verifier->partial;
    ML_TRY(ml_parallel_for(batch->count, TAG_GRAIN, look_at_range, batch));
    for (size_t i = 0; i < batch->count; i++) {
        const struct ml_verify_item *item = &batch->items[i];
        if (!item->withheld)
            continue;
        char why[96];
        snprintf(why, sizeof why, "and it bears the tag of subject %" PRIu64 ", which is in scope",
                 item->withheld_subject);
        ML_TRY(withheld(verifier, item->input.seq, why));
    }
    return MLEDGER_OK;
}

/* ---- open records ---- */

int ml_verify_note_salt(struct ml_verifier *verifier, const struct ml_record *record)
{
    struct ml_verify_partial *partial = verifier->partial;
    const uint8_t *salt;
    uint64_t seq = record->header->seq;
    Mledger__SubjectKind kind = ml_event_creates(record->event, &salt);
    if (kind == MLEDGER__SUBJECT_KIND__SUBJECT_KIND_UNSPECIFIED ||
        (kind != MLEDGER__SUBJECT_KIND__ACTOR && !is_whole(partial, seq)))
        return MLEDGER_OK;
    ML_TRY(ml_grow(&partial->salts, &partial->cap_salts, partial->n_salts + 1,
                   sizeof *partial->salts));
    struct salt *kept = &partial->salts[partial->n_salts++];
    kept->subject = seq;
    memcpy(kept->bytes, salt, ML_SALT_SIZE);
    return MLEDGER_OK;
}

static void note_unproven(struct ml_verify_partial *partial, const char *rule, uint64_t seq)
{
    struct unproven *unproven = partial->unproven;
    size_t i = 0;
    while (i < partial->n_unproven && strcmp(unproven[i].rule, rule) != 0)
        i++;
    assert(i < ML_FOLD_UNPROVEN);
    if (i == partial->n_unproven)
        unproven[partial->n_unproven++] = (struct unproven){.rule = rule, .first = seq};
    unproven[i].count++;
}

void ml_verify_note_unproven(struct ml_verifier *verifier, uint64_t seq,
                             const struct ml_fold_result *result)
{
    struct ml_verify_partial *partial = verifier->partial;
    for (size_t i = 0; i < result->n_unproven; i++)
        note_unproven(partial, result->unproven[i], seq);
    partial->strange_tags += result->n_subjects - result->n_tags;
}

/* ---- at the end ---- */

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* What the hidden records could be. */
static int report_hidden(struct ml_verifier *verifier)
{
    uint64_t hidden = verifier->result.hidden;
    if (hidden == 0)
        return MLEDGER_OK;
    if (verifier->source->chosen)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "chosen", MLEDGER_NO_SEQ,
                                "it shows the records that whoever made it chose: that others "
                                "were withheld, among the %" PRIu64 " hidden record%s, and would "
                                "change the answer is not excluded",
                                hidden, plural(hidden));
    return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "hidden-tags", MLEDGER_NO_SEQ,
                            "that the tags of %" PRIu64 " hidden record%s are those of what "
                            "they hold, so that none is of a subject in scope without "
                            "bearing its tag, only the whole ledger proves",
                            hidden, plural(hidden));
}

int ml_verify_partial_finish(struct ml_verifier *verifier)
{
    const struct ml_verify_partial *partial = verifier->partial;
    uint64_t strange = partial->strange_tags;
    ML_TRY(report_hidden(verifier));
    if (strange > 0)
        ML_TRY(ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "hidden-subjects", MLEDGER_NO_SEQ,
                                "%" PRIu64 " tag%s of open records are of subjects that are "
                                "hidden: their number is right, whose they are is not proven",
                                strange, plural(strange)));
    for (size_t i = 0; i < partial->n_unproven; i++) {
        const struct unproven *unproven = &partial->unproven[i];
        ML_TRY(ml_verify_report_rule(
            verifier, ML_SEVERITY_NOT_PROVEN, "hidden-rule", unproven->rule, unproven->first,
            "on %" PRIu64 " record%s, of which this is the first, what rule %s reads is hidden",
            unproven->count, plural(unproven->count), unproven->rule));
    }
    return MLEDGER_OK;
}
