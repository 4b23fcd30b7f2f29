/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/correction.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "ledger/query/record_text.h"

const char *ml_correction_kind_name(enum ml_correction_kind kind)
{
    static const char *const names[] = {
        [ML_CORRECTION_CLAIM] = "claim",           [ML_CORRECTION_LINK] = "link",
        [ML_CORRECTION_INCIDENT] = "incident",     [ML_CORRECTION_ERASURE] = "erasure",
        [ML_CORRECTION_REVOCATION] = "revocation", [ML_CORRECTION_CLOCK] = "clock",
    };
    return names[kind];
}

/* A later record, and why it was met: an about that led to it, or a record of the answer. */
struct lead {
    uint64_t seq;
    enum ml_correction_kind kind;
    const struct ml_about *about; /* of claims and links */
    uint64_t of;                  /* of the kinds that touch records; else MLEDGER_NO_SEQ */
};

struct search {
    struct ml_reader *reader;
    const struct ml_correction_question *question;
    struct ml_arena scratch; /* of the record that is looked at … */
    struct ml_arena more;    /* … and of what else is read meanwhile */
    struct ml_about *abouts; /* the question's, by prefix */
    size_t n_past;           /* of the question's records: those of the moment or before */
    uint64_t *authorising;
    size_t n_authorising, cap_authorising;
    struct lead *leads;
    size_t n_leads, cap_leads;
    struct ml_correction *found;
    size_t n_found, cap_found;
};

static void search_release(struct search *search)
{
    ml_arena_release(&search->scratch);
    ml_arena_release(&search->more);
    free(search->abouts);
    free(search->authorising);
    free(search->leads);
    free(search->found);
}

static int add_lead(struct search *search, struct lead lead)
{
    ML_TRY(ml_grow(&search->leads, &search->cap_leads, search->n_leads + 1, sizeof *search->leads));
    search->leads[search->n_leads++] = lead;
    return MLEDGER_OK;
}

/* Newer than as_of or not, and of many no more is needed: so not through ml_reader_record(). */
static int read_record(struct search *search, uint64_t seq, struct ml_record *ret_record)
{
    ml_arena_clear(&search->scratch);
    return ml_view_record(search->reader->view, seq, &search->scratch, ret_record);
}

/* ---- what is said of the answer's subjects ---- */

struct visit {
    struct search *search;
    const struct ml_about *about;
};

static int visit_about(uint64_t seq, void *context)
{
    const struct visit *visit = context;
    return add_lead(visit->search, (struct lead){.seq = seq,
                                                 .kind = ML_CORRECTION_CLAIM,
                                                 .about = visit->about,
                                                 .of = MLEDGER_NO_SEQ});
}

static int follow_abouts(struct search *search)
{
    const struct ml_correction_question *question = search->question;
    for (size_t i = 0; i < question->n_abouts; i++) {
        struct visit visit = {search, &search->abouts[i]};
        if (i && search->abouts[i].reach == search->abouts[i - 1].reach &&
            search->abouts[i].chosen == search->abouts[i - 1].chosen &&
            ml_span_equal(ml_state_key_span(&search->abouts[i].prefix),
                          ml_state_key_span(&search->abouts[i - 1].prefix)))
            continue;
        if (search->abouts[i].reach != ML_ABOUT_INCIDENTS)
            ML_TRY(ml_view_index(search->reader->view, &visit.about->prefix,
                                 question->instant.seq + 1, visit_about, &visit));
    }
    return MLEDGER_OK;
}

/* ---- incidents ---- */

static int compare_keys(struct ml_span a, struct ml_span b)
{
    int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int by_prefix(const void *left, const void *right)
{
    const struct ml_about *a = left, *b = right;
    int order = compare_keys(ml_state_key_span(&a->prefix), ml_state_key_span(&b->prefix));
    if (order == 0)
        order = (a->reach > b->reach) - (a->reach < b->reach);
    return order;
}

/* What was asked about that begins with the first `len` bytes of the key; NULL: nothing. */
static const struct ml_about *find_about(const struct search *search,
                                         const struct ml_state_key *key, size_t len)
{
    size_t low = 0, high = search->question->n_abouts;
    struct ml_span wanted = ML_SPAN(key->bytes, len);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_keys(ml_state_key_span(&search->abouts[middle].prefix), wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const struct ml_about *about = &search->abouts[low];
    bool found = low < search->question->n_abouts && about->prefix.len >= len &&
                 memcmp(about->prefix.bytes, wanted.data, len) == 0;
    return found ? about : NULL;
}

static bool names_content(const struct search *search, const Mledger__IncidentRecorded *incident)
{
    for (size_t i = 0; i < incident->n_digests; i++) {
        const Mledger__Digest *digest = incident->digests[i];
        struct ml_span value = ML_SPAN(digest->value.data, digest->value.len);
        struct ml_state_key key = ml_index_digest_prefix(digest->algorithm, value, false);
        if (!ml_digest_is_empty(digest) && find_about(search, &key, key.len - 1)) /* out or not */
            return true;
    }
    return false;
}

static bool names_model(const struct search *search, const Mledger__IncidentRecorded *incident)
{
    struct ml_state_key model = ml_index_subject_prefix(incident->model);
    struct ml_state_key version = ml_index_version_prefix(incident->model, incident->version);
    const struct ml_about *about = find_about(search, &model, model.len);
    uint64_t chosen = about && about->chosen ? search->question->choice->version : 0;
    if (about && (chosen == 0 || !incident->has_version || chosen == incident->version))
        return true;
    size_t len = incident->has_version ? version.len : version.len - sizeof incident->version;
    return find_about(search, &version, len) != NULL;
}

static bool is_asked(const struct search *search, const Mledger__IncidentRecorded *incident)
{
    return names_content(search, incident) ||
           (incident->has_model && names_model(search, incident));
}

/* That one was closed says nothing more of the past. */
static int visit_incident(uint64_t seq, void *context)
{
    struct search *search = context;
    struct ml_record record;
    ML_TRY(read_record(search, seq, &record));
    if (!record.event || record.event->kind_case != MLEDGER__EVENT__KIND_INCIDENT_RECORDED ||
        record.event->incident_recorded->status == MLEDGER__INCIDENT_STATUS__CLOSED ||
        !is_asked(search, record.event->incident_recorded))
        return 0;
    return add_lead(
        search, (struct lead){.seq = seq, .kind = ML_CORRECTION_INCIDENT, .of = MLEDGER_NO_SEQ});
}

static int follow_incidents(struct search *search)
{
    struct ml_state_key prefix = ml_index_incident_prefix();
    return ml_view_index(search->reader->view, &prefix, search->question->instant.seq + 1,
                         visit_incident, search);
}

/* ---- what befell the answer's records ---- */

static int follow_erasure(struct search *search, uint64_t seq)
{
    struct ml_state_key key = ml_key_erased(seq);
    uint64_t by;
    int result = ml_state_pointer(search->reader->view->state, &key, &by);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    return by > search->question->instant.seq
               ? add_lead(search,
                          (struct lead){.seq = by, .kind = ML_CORRECTION_ERASURE, .of = seq})
               : MLEDGER_OK;
}

/* Records by which keys came to speak are looked at as those of the answer are: who let them in may
 * not be trusted any more. */
static int add_authorising(struct search *search, uint64_t seq)
{
    for (size_t i = 0; i < search->n_authorising; i++)
        if (search->authorising[i] == seq)
            return MLEDGER_OK;
    ML_TRY(ml_grow(&search->authorising, &search->cap_authorising, search->n_authorising + 1,
                   sizeof *search->authorising));
    search->authorising[search->n_authorising++] = seq;
    return MLEDGER_OK;
}

/* A key speaks in record `seq`. */
static int follow_key(struct search *search, uint64_t seq, const uint8_t *key)
{
    Mledger__KeyState *state;
    ml_arena_clear(&search->more);
    int result = ml_state_key_entry(search->reader->view->state, key, &search->more, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    ML_TRY(add_authorising(search, state->since_seq));
    if (!state->has_until_seq || state->until_seq <= search->question->instant.seq ||
        !state->has_doubted_from || seq < state->doubted_from)
        return MLEDGER_OK;
    return add_lead(
        search,
        (struct lead){.seq = state->until_seq, .kind = ML_CORRECTION_REVOCATION, .of = seq});
}

static int follow_keys(struct search *search, uint64_t seq)
{
    struct ml_record record;
    ML_TRY(read_record(search, seq, &record));
    ML_TRY(follow_key(search, seq, record.header->signer.data));
    const Mledger__Statements *statements = record.signed_statements;
    for (size_t i = 0; statements && i < statements->n_statements; i++)
        ML_TRY(follow_key(search, seq, statements->statements[i]->key.data));
    return MLEDGER_OK;
}

/* Its own time is right: what was recorded before it and bears a later one bears a wrong one. */
static int visit_clock(uint64_t seq, void *context)
{
    struct search *search = context;
    struct ml_record correction;
    ML_TRY(read_record(search, seq, &correction));
    int64_t right_us = correction.header->recorded_at;
    for (size_t i = 0; i < search->n_past; i++) {
        struct ml_record record;
        ML_TRY(read_record(search, search->question->records[i], &record));
        if (record.header->recorded_at > right_us)
            ML_TRY(add_lead(
                search,
                (struct lead){.seq = seq, .kind = ML_CORRECTION_CLOCK, .of = record.header->seq}));
    }
    return 0;
}

static int follow_records(struct search *search)
{
    const struct ml_correction_question *question = search->question;
    const struct ml_state_key clock = ml_index_clock_prefix();
    while (search->n_past < question->n_records &&
           question->records[search->n_past] <= question->instant.seq)
        search->n_past++;
    for (size_t i = 0; i < search->n_past; i++) {
        ML_TRY(follow_erasure(search, question->records[i]));
        ML_TRY(follow_keys(search, question->records[i]));
    }
    for (size_t i = 0; i < search->n_authorising; i++) /* it grows meanwhile */
        ML_TRY(follow_keys(search, search->authorising[i]));
    return search->n_past ? ml_view_index(search->reader->view, &clock, question->instant.seq + 1,
                                          visit_clock, search)
                          : MLEDGER_OK;
}

/* ---- what of it is a correction ---- */

struct subject {
    uint64_t seq;
    bool found;
};

static int match_subject(const struct ml_reference *reference, void *context)
{
    struct subject *subject = context;
    subject->found |= reference->role == ML_FIELD_SUBJECT && reference->seq == subject->seq;
    return MLEDGER_OK;
}

/* Of an index key of a version: whether the record is one of that model. */
static int is_own(const struct ml_about *about, const Mledger__Event *event, bool *ret_is)
{
    struct subject subject = {0};
    for (size_t i = 1; i <= sizeof subject.seq; i++)
        subject.seq = subject.seq << 8 | about->prefix.bytes[i];
    ML_TRY(ml_event_references(event, match_subject, &subject));
    *ret_is = subject.found;
    return MLEDGER_OK;
}

static int concerns(const struct search *search, const struct ml_about *about,
                    const Mledger__Event *event, bool *ret_concerns)
{
    *ret_concerns = !about->chosen || ml_interval_choice_changes(search->question->choice, event);
    if (about->reach == ML_ABOUT_ERASURE)
        *ret_concerns = event->kind_case == MLEDGER__EVENT__KIND_DETAILS_ERASED;
    if (*ret_concerns && about->reach == ML_ABOUT_OWN && about->prefix.bytes[0] == ML_INDEX_VERSION)
        return is_own(about, event, ret_concerns);
    return MLEDGER_OK;
}

/* When what the record tells happened, as it claims. Points of metrics have times of their own. */
static int64_t claimed_time(const struct ml_record *record)
{
    int64_t time_us = record->details && record->details->has_occurred_at
                          ? record->details->occurred_at
                          : record->header->recorded_at;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_RUN_LOGGED)
        for (size_t i = 0; i < record->event->run_logged->n_metrics; i++)
            if (record->event->run_logged->metrics[i]->time < time_us)
                time_us = record->event->run_logged->metrics[i]->time;
    return time_us;
}

static bool is_of_the_past(const struct search *search, const struct ml_record *record,
                           struct lead *lead)
{
    if (!lead->about)
        return true;
    if (record->event->kind_case == MLEDGER__EVENT__KIND_LINK_CONFIRMED) {
        lead->kind = ML_CORRECTION_LINK;
        return true;
    }
    if (lead->about->reach == ML_ABOUT_ERASURE) {
        lead->kind = ML_CORRECTION_ERASURE;
        lead->of = record->event->details_erased->record_ref;
        return true;
    }
    int64_t claimed_us = claimed_time(record);
    return claimed_us <= search->question->instant.time_us &&
           claimed_us < record->header->recorded_at;
}

static int keep(struct search *search, const struct lead *lead)
{
    struct ml_reader *reader = search->reader;
    struct ml_record record;
    struct ml_correction found = {.kind = lead->kind, .counts = lead->seq <= reader->as_of};
    ML_TRY(ml_view_record(reader->view, lead->seq, &reader->arena, &record));
    ML_TRY(ml_change_read(reader, &record, &found.change));
    if (record.event)
        found.change.claimed_us = claimed_time(&record);
    ML_TRY(ml_reader_describe(reader, &record, ml_record_subject, &found.subject));
    ML_TRY(ml_reader_describe(reader, &record, ml_record_summary, &found.summary));
    ML_TRY(ml_grow(&search->found, &search->cap_found, search->n_found + 1, sizeof *search->found));
    search->found[search->n_found++] = found;
    return MLEDGER_OK;
}

static bool is_told(const struct search *search, uint64_t seq)
{
    size_t low = 0, high = search->question->n_records;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (search->question->records[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low < search->question->n_records && search->question->records[low] == seq;
}

static int by_seq(const void *left, const void *right)
{
    const struct lead *a = left, *b = right;
    if (a->seq != b->seq)
        return a->seq < b->seq ? -1 : 1;
    if (a->kind != b->kind) /* what touches records says more than that it was made later */
        return a->kind > b->kind ? -1 : 1;
    return (a->of > b->of) - (a->of < b->of);
}

/* Of the leads to one record the first that makes it a correction; `count` for none. */
static int judge(struct search *search, struct lead *leads, size_t count, size_t *ret_chosen)
{
    struct ml_record record;
    *ret_chosen = count;
    if (is_told(search, leads[0].seq))
        return MLEDGER_OK;
    ML_TRY(read_record(search, leads[0].seq, &record));
    for (size_t i = 0; i < count && *ret_chosen == count; i++) {
        bool does_concern = true;
        if (leads[i].about && !record.event)
            continue; /* of a schema that is not known: it claims nothing that can be read */
        if (leads[i].about)
            ML_TRY(concerns(search, leads[i].about, record.event, &does_concern));
        if (does_concern && is_of_the_past(search, &record, &leads[i]))
            *ret_chosen = i;
    }
    return MLEDGER_OK;
}

/* The records that leads of the chosen kind name. */
static int keep_touched(struct search *search, const struct lead *leads, size_t count,
                        enum ml_correction_kind kind)
{
    struct ml_correction *found = &search->found[search->n_found - 1];
    uint64_t *of = ml_arena_calloc(&search->reader->arena, count, sizeof *of);
    if (!of)
        return ml_arena_fail(&search->reader->arena, "the corrections");
    for (size_t i = 0; i < count; i++)
        if (leads[i].kind == kind && leads[i].of != MLEDGER_NO_SEQ &&
            (found->n_of == 0 || of[found->n_of - 1] != leads[i].of))
            of[found->n_of++] = leads[i].of;
    found->of = of;
    return MLEDGER_OK;
}

static int judge_leads(struct search *search)
{
    if (search->n_leads)
        qsort(search->leads, search->n_leads, sizeof *search->leads, by_seq);
    for (size_t i = 0, end; i < search->n_leads; i = end) {
        size_t chosen;
        for (end = i; end < search->n_leads && search->leads[end].seq == search->leads[i].seq;)
            end++;
        ML_TRY(judge(search, &search->leads[i], end - i, &chosen));
        if (chosen == end - i)
            continue;
        const struct lead *lead = &search->leads[i + chosen];
        ML_TRY(keep(search, lead));
        ML_TRY(keep_touched(search, &search->leads[i], end - i, lead->kind));
    }
    return MLEDGER_OK;
}

/* ---- all of it ---- */

static int search_init(struct search *search, struct ml_reader *reader,
                       const struct ml_correction_question *question)
{
    *search = (struct search){.reader = reader, .question = question};
    ml_arena_init(&search->scratch, ML_LIMIT_UNPACKED);
    ml_arena_init(&search->more, ML_LIMIT_UNPACKED);
    search->abouts = calloc(question->n_abouts + 1, sizeof *search->abouts);
    if (!search->abouts)
        return ml_fail_memory();
    if (question->n_abouts) {
        memcpy(search->abouts, question->abouts, question->n_abouts * sizeof *search->abouts);
        qsort(search->abouts, question->n_abouts, sizeof *search->abouts, by_prefix);
    }
    return MLEDGER_OK;
}

int ml_corrections_find(struct ml_reader *reader, const struct ml_correction_question *question,
                        struct ml_corrections *ret_corrections)
{
    ML_CLEANUP(search_release) struct search search = {0};
    *ret_corrections = (struct ml_corrections){0};
    if (question->instant.seq + 1 >= reader->view->head.size)
        return MLEDGER_OK;
    ML_TRY(search_init(&search, reader, question));
    ML_TRY(follow_abouts(&search));
    ML_TRY(follow_incidents(&search));
    ML_TRY(follow_records(&search));
    ML_TRY(judge_leads(&search));
    ret_corrections->list =
        ml_arena_calloc(&reader->arena, search.n_found + 1, sizeof *search.found);
    if (!ret_corrections->list)
        return ml_arena_fail(&reader->arena, "the corrections");
    if (search.n_found)
        memcpy(ret_corrections->list, search.found, search.n_found * sizeof *search.found);
    ret_corrections->count = search.n_found;
    return MLEDGER_OK;
}
