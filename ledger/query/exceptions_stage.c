/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of how versions came to Production, and how they were examined. */
#include <inttypes.h>

#include "ledger/query/approvals.h"
#include "ledger/query/exceptions_private.h"

static const char production[] = "Production";

static uint64_t seq_of(const struct ml_record *record)
{
    return record->header->seq;
}

/* The next transition of the version at hand into Production from `*at` on; NULL at the end. */
static const struct ml_model_transition *next_entry(const struct exception_scan *scan, size_t *at)
{
    const struct ml_model_past *past = scan->past;
    while (*at < past->n_transitions) {
        const struct ml_model_transition *entered = &past->transitions[(*at)++];
        if (entered->version == scan->version->version && strcmp(entered->to, production) == 0)
            return entered;
    }
    return NULL;
}

/* ---- approvals ---- */

static bool is_for(const struct exception_scan *scan, const struct ml_model_approval *approval)
{
    return approval->event->version == scan->version->version &&
           strcmp(approval->event->stage, production) == 0;
}

/* What an approver said last before `seq` is what counts then. */
static bool is_last_word(const struct exception_scan *scan, size_t at, uint64_t seq)
{
    const struct ml_model_past *past = scan->past;
    for (size_t i = at + 1; i < past->n_approvals; i++)
        if (is_for(scan, &past->approvals[i]) && seq_of(past->approvals[i].record) < seq &&
            past->approvals[i].actor == past->approvals[at].actor)
            return false;
    return true;
}

/* The next approval in force at `seq` from `*at` on. */
static const struct ml_model_approval *next_in_force(const struct exception_scan *scan,
                                                     uint64_t seq, size_t *at)
{
    const struct ml_model_past *past = scan->past;
    while (*at < past->n_approvals) {
        size_t i = (*at)++;
        const struct ml_model_approval *approval = &past->approvals[i];
        if (is_for(scan, approval) && seq_of(approval->record) < seq &&
            approval->event->decision == MLEDGER__DECISION__GRANTED && is_last_word(scan, i, seq))
            return approval;
    }
    return NULL;
}

static bool is_approved(const struct exception_scan *scan,
                        const struct ml_model_transition *entered)
{
    size_t at = 0;
    return next_in_force(scan, seq_of(entered->record), &at) != NULL;
}

/* The first that was granted afterwards. */
static const struct ml_model_approval *find_late(const struct exception_scan *scan, uint64_t seq)
{
    for (size_t i = 0; i < scan->past->n_approvals; i++) {
        const struct ml_model_approval *approval = &scan->past->approvals[i];
        if (is_for(scan, approval) && seq_of(approval->record) > seq &&
            approval->event->decision == MLEDGER__DECISION__GRANTED)
            return approval;
    }
    return NULL;
}

/* The newest refusal or withdrawal before `seq`; NULL: none. */
static const struct ml_model_approval *find_refusal(const struct exception_scan *scan, uint64_t seq)
{
    const struct ml_model_approval *found = NULL;
    for (size_t i = 0; i < scan->past->n_approvals; i++) {
        const struct ml_model_approval *approval = &scan->past->approvals[i];
        if (is_for(scan, approval) && seq_of(approval->record) < seq &&
            approval->event->decision != MLEDGER__DECISION__GRANTED)
            found = approval;
    }
    return found;
}

int exception_unapproved(struct exception_scan *scan)
{
    const struct ml_model_transition *entered;
    for (size_t at = 0; (entered = next_entry(scan, &at));) {
        uint64_t seq = seq_of(entered->record);
        if (is_approved(scan, entered) || find_late(scan, seq))
            continue;
        const struct ml_model_approval *refusal = find_refusal(scan, seq);
        const uint64_t seqs[] = {seq, refusal ? seq_of(refusal->record) : MLEDGER_NO_SEQ};
        const char *who;
        ML_TRY(exception_actor(scan, entered->author, &who));
        ML_TRY(entered->imported
                   ? EXCEPTION(scan, seqs, "found in Production on import; no approval is recorded")
               : refusal
                   ? EXCEPTION(scan, seqs, "moved to Production by %s after a %s", who,
                               refusal->event->decision == MLEDGER__DECISION__REJECTED
                                   ? "rejection"
                                   : "withdrawal of the approval")
                   : EXCEPTION(scan, seqs, "moved to Production by %s without any approval", who));
    }
    return MLEDGER_OK;
}

int exception_approval_late(struct exception_scan *scan)
{
    const struct ml_model_transition *entered;
    for (size_t at = 0; (entered = next_entry(scan, &at));) {
        uint64_t seq = seq_of(entered->record);
        const struct ml_model_approval *late = find_late(scan, seq);
        if (!late || is_approved(scan, entered))
            continue;
        const uint64_t seqs[] = {seq, seq_of(late->record)};
        const char *who;
        ML_TRY(exception_actor(scan, late->actor, &who));
        ML_TRY(EXCEPTION(scan, seqs,
                         "entered Production by #%" PRIu64 "; %s approved it later, by "
                         "#%" PRIu64,
                         seqs[0], who, seqs[1]));
    }
    return MLEDGER_OK;
}

/* What the approver did besides, "trained it, moved it". */
static int name_deeds(unsigned parts, struct ml_buf *text)
{
    static const struct {
        enum ml_part part;
        const char *deed;
    } deeds[] = {{ML_PART_TRAINER, "trained it"},
                 {ML_PART_REGISTRAR, "registered it"},
                 {ML_PART_REQUESTER, "requested it"},
                 {ML_PART_MOVER, "moved it"}};
    for (size_t i = 0; i < ML_COUNT(deeds); i++)
        if (parts & deeds[i].part)
            ML_TRY(ml_buf_printf(text, "%s%s", text->len ? ", " : "", deeds[i].deed));
    return ml_buf_append_char(text, '\0');
}

static int check_approver(struct exception_scan *scan, const struct ml_model_transition *entered,
                          const struct ml_model_approval *approval, const struct ml_parts *parts)
{
    ML_CLEANUP(ml_buf_release) struct ml_buf deeds = {0};
    const unsigned same = ml_approval_part_of(parts, approval->actor);
    const char *who;
    ML_TRY(exception_actor(scan, approval->actor, &who));
    ML_TRY(name_deeds(same, &deeds));
    const uint64_t seqs[] = {seq_of(approval->record), seq_of(entered->record),
                             seq_of(scan->version->record)};
    if (same)
        return EXCEPTION(scan, seqs, "%s approved it for Production, and also %s", who,
                         (const char *)deeds.data);
    if (!ml_approval_trainer_known(parts))
        return exception_unknown(scan, parts->run_imported ? "its run was imported, so who trained "
                                                             "it is not known first hand"
                                                           : "who trained it is not recorded");
    if (parts->registrar == MLEDGER_NO_SEQ || parts->mover == MLEDGER_NO_SEQ)
        return exception_unknown(scan, "which person registered or moved it is not recorded");
    return MLEDGER_OK;
}

int exception_same_person(struct exception_scan *scan)
{
    const struct ml_model_transition *entered;
    for (size_t at = 0; (entered = next_entry(scan, &at));) {
        const struct ml_model_approval *approval;
        struct ml_parts parts;
        ML_TRY(ml_approval_parts(scan->reader, scan->version->record, entered->record,
                                 entered->imported, &parts));
        for (size_t i = 0; (approval = next_in_force(scan, seq_of(entered->record), &i));)
            ML_TRY(check_approver(scan, entered, approval, &parts));
    }
    return MLEDGER_OK;
}

/* ---- stages ---- */

/* Whether the version of transition `i` was moved again before `end`. */
static bool is_moved_on(const struct ml_model_past *past, size_t i, size_t end)
{
    for (size_t k = i + 1; k < end; k++)
        if (past->transitions[k].version == past->transitions[i].version)
            return true;
    return false;
}

/* The newest transition of another version that is in Production when this one enters. */
static const struct ml_model_transition *find_replaced(const struct exception_scan *scan,
                                                       const struct ml_model_transition *entered)
{
    const struct ml_model_past *past = scan->past;
    size_t end = (size_t)(entered - past->transitions);
    for (size_t i = end; i > 0; i--) {
        const struct ml_model_transition *one = &past->transitions[i - 1];
        if (one->version != entered->version && strcmp(one->to, production) == 0 &&
            !is_moved_on(past, i - 1, end))
            return one;
    }
    return NULL;
}

static bool was_staged(const struct exception_scan *scan, const struct ml_model_transition *entered)
{
    const struct ml_model_past *past = scan->past;
    for (size_t i = 0; i < past->n_transitions && &past->transitions[i] < entered; i++)
        if (past->transitions[i].version == entered->version &&
            strcmp(past->transitions[i].to, "Staging") == 0)
            return true;
    return false;
}

int exception_no_staging(struct exception_scan *scan)
{
    const struct ml_model_transition *entered;
    for (size_t at = 0; (entered = next_entry(scan, &at));) {
        const struct ml_model_transition *replaced = find_replaced(scan, entered);
        if (entered->imported || !replaced || was_staged(scan, entered))
            continue;
        const uint64_t seqs[] = {seq_of(entered->record), seq_of(replaced->record)};
        ML_TRY(EXCEPTION(scan, seqs,
                         "entered Production, where version %" PRIu64
                         " was, and never was in Staging",
                         replaced->version));
    }
    return MLEDGER_OK;
}

/* ---- examinations ---- */

const char *const exception_load_words[] = {"load", "loadtest", "stress", NULL};
const char *const exception_drift_words[] = {"drift", "datadrift", NULL};

static bool is_named(const Mledger__ValidationRecorded *validation, const char *const *words)
{
    if (exception_says(validation->name, words))
        return true;
    for (size_t i = 0; i < validation->n_checks; i++)
        if (exception_says(validation->checks[i]->name, words))
            return true;
    return false;
}

/* The first such validation of the version; NULL: none. */
static const struct ml_record *find_validation(const struct exception_scan *scan,
                                               const char *const *words)
{
    for (size_t i = 0; i < scan->past->n_validations; i++) {
        const struct ml_model_validation *one = &scan->past->validations[i];
        if (one->event->version == scan->version->version && is_named(one->event, words))
            return one->record;
    }
    return NULL;
}

static bool has_value(const struct ml_run_values *values, const char *const *words)
{
    for (size_t i = 0; i < values->count; i++)
        if (exception_says(values->list[i].key, words))
            return true;
    return false;
}

int exception_no_load_test(struct exception_scan *scan)
{
    const char *const *words = exception_load_words;
    size_t at = 0;
    const struct ml_model_transition *entered = next_entry(scan, &at);
    const struct ml_run_past *run = scan->run;
    if (!entered || (run && (has_value(&run->metrics, words) || has_value(&run->tags, words) ||
                             has_value(&run->params, words))))
        return MLEDGER_OK;
    const struct ml_record *test = find_validation(scan, words);
    if (test && seq_of(test) < seq_of(entered->record))
        return MLEDGER_OK;
    const uint64_t seqs[] = {seq_of(entered->record), test ? seq_of(test) : MLEDGER_NO_SEQ};
    return test ? EXCEPTION(scan, seqs,
                            "its load test, #%" PRIu64 ", came after it entered "
                            "Production",
                            seq_of(test))
                : EXCEPTION(scan, seqs, "no load test is recorded before it entered Production");
}

int exception_no_drift_check(struct exception_scan *scan)
{
    const struct ml_model_version *version = scan->version;
    if (strcmp(version->stage, production) != 0 || version->deleted_seq != MLEDGER_NO_SEQ ||
        find_validation(scan, exception_drift_words))
        return MLEDGER_OK;
    const uint64_t seqs[] = {version->stage_seq, seq_of(version->record)};
    return EXCEPTION(scan, seqs, "no look at data drift is recorded since it was registered");
}
