/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query/approvals.h"

#include <inttypes.h>

const char *ml_decision_name(Mledger__Decision decision)
{
    switch (decision) {
    case MLEDGER__DECISION__GRANTED:
        return "granted";
    case MLEDGER__DECISION__REJECTED:
        return "rejected";
    case MLEDGER__DECISION__WITHDRAWN:
        return "withdrawn";
    default:
        return "unknown";
    }
}

const char *ml_part_name(enum ml_part part)
{
    switch (part) {
    case ML_PART_TRAINER:
        return "trainer";
    case ML_PART_REGISTRAR:
        return "registrar";
    case ML_PART_REQUESTER:
        return "requester";
    default:
        return "mover";
    }
}

#define MEANING(meaning) (1u << (unsigned)(meaning))

/* Calls `visit` with each actor whose key states one of the meanings on the record. */
typedef int stater_visitor(uint64_t actor, void *context);

static int each_stater(struct ml_reader *reader, const struct ml_record *record, unsigned meanings,
                       stater_visitor *visit, void *context)
{
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++) {
        if (!(meanings & MEANING(record->statements[i]->meaning)))
            continue;
        Mledger__KeyState *key;
        int result = ml_state_key_entry(reader->view->state,
                                        record->signed_statements->statements[i]->key.data,
                                        &reader->arena, &key);
        if (result == MLEDGER_ENOTFOUND)
            continue;
        ML_TRY(result);
        ML_TRY(visit(key->actor, context));
    }
    return MLEDGER_OK;
}

/* ---- who had which part ---- */

static int take_actor(uint64_t actor, void *context)
{
    *(uint64_t *)context = actor;
    return MLEDGER_OK;
}

/* The run's author, where the registration does not say who trained it. */
static int find_trainer(struct ml_reader *reader, const Mledger__VersionRegistered *registered,
                        struct ml_parts *parts)
{
    uint64_t run = registered->run_ref;
    int result = MLEDGER_OK;
    if (registered->has_trained_by_actor_ref)
        parts->trainer = registered->trained_by_actor_ref;
    if (!registered->has_run_ref && !registered->run_id)
        return MLEDGER_OK;
    if (!registered->has_run_ref)
        result = ml_reader_find(reader, MLEDGER__SUBJECT_KIND__RUN, registered->run_id, &run);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    const struct ml_record *record;
    ML_TRY(ml_reader_record(reader, run, &record));
    parts->run_seq = run;
    parts->run_imported = record->event->has_imported_from;
    return parts->trainer == MLEDGER_NO_SEQ ? ml_reader_author(reader, record, &parts->trainer)
                                            : MLEDGER_OK;
}

int ml_approval_parts(struct ml_reader *reader, const struct ml_record *registration,
                      const struct ml_record *transition, bool imported, struct ml_parts *ret_parts)
{
    struct ml_parts parts = {.trainer = MLEDGER_NO_SEQ,
                             .registrar = MLEDGER_NO_SEQ,
                             .requester = MLEDGER_NO_SEQ,
                             .mover = MLEDGER_NO_SEQ,
                             .registered_seq = MLEDGER_NO_SEQ,
                             .run_seq = MLEDGER_NO_SEQ};
    if (!imported)
        ML_TRY(ml_reader_author(reader, transition, &parts.mover));
    ML_TRY(each_stater(reader, transition, MEANING(MLEDGER__MEANING__REQUESTED), take_actor,
                       &parts.requester));
    if (registration) {
        parts.registered_seq = registration->header->seq;
        ML_TRY(ml_reader_author(reader, registration, &parts.registrar));
        ML_TRY(find_trainer(reader, registration->event->version_registered, &parts));
    }
    *ret_parts = parts;
    return MLEDGER_OK;
}

unsigned ml_approval_part_of(const struct ml_parts *parts, uint64_t actor)
{
    if (actor == MLEDGER_NO_SEQ)
        return 0;
    return (parts->trainer == actor ? ML_PART_TRAINER : 0u) |
           (parts->registrar == actor ? ML_PART_REGISTRAR : 0u) |
           (parts->requester == actor ? ML_PART_REQUESTER : 0u) |
           (parts->mover == actor ? ML_PART_MOVER : 0u);
}

/* ---- decisions ---- */

struct gather {
    struct ml_reader *reader;
    const struct ml_interval *interval;
    const struct ml_record *record; /* the one at hand */
    struct ml_approval *list;
    size_t count, cap;
    bool found; /* an approver of the record at hand */
};

static int add_approval(struct gather *gather, const uint64_t *actor)
{
    const struct ml_change *moved = &gather->interval->from;
    struct ml_approval approval = {.decision = gather->record->event->approval_recorded->decision};
    ML_TRY(ml_change_read(gather->reader, gather->record, &approval.change));
    if (actor) {
        const Mledger__SubjectState *subject;
        ML_TRY(ml_reader_subject(gather->reader, *actor, &subject));
        approval.change.author = *actor;
        approval.change.who = subject ? subject->name : approval.change.who;
    }
    approval.after = approval.change.seq > moved->seq;
    approval.after_claimed = approval.change.claimed_us > moved->claimed_us;
    ML_TRY(ml_grow(&gather->list, &gather->cap, gather->count + 1, sizeof *gather->list));
    gather->list[gather->count++] = approval;
    return MLEDGER_OK;
}

static int add_approver(uint64_t actor, void *context)
{
    struct gather *gather = context;
    gather->found = true;
    return add_approval(gather, &actor);
}

static bool is_relevant(const struct gather *gather, const Mledger__Event *event)
{
    const struct ml_interval *interval = gather->interval;
    const Mledger__ApprovalRecorded *approval = event->approval_recorded;
    return event->kind_case == MLEDGER__EVENT__KIND_APPROVAL_RECORDED &&
           approval->model == interval->model && approval->version == interval->version &&
           strcmp(approval->stage, interval->name) == 0;
}

static int gather_record(struct gather *gather, const struct ml_record *record)
{
    if (!is_relevant(gather, record->event))
        return MLEDGER_OK;
    gather->record = record;
    gather->found = false;
    const unsigned meanings =
        MEANING(MLEDGER__MEANING__APPROVED) | MEANING(MLEDGER__MEANING__REVIEWED);
    ML_TRY(each_stater(gather->reader, record, meanings, add_approver, gather));
    return gather->found ? MLEDGER_OK : add_approval(gather, NULL);
}

/* All the decisions, and the registration if there is one. */
static int gather_all(struct gather *gather, const struct ml_record **ret_registration)
{
    const struct ml_interval *interval = gather->interval;
    struct ml_state_key prefix = ml_index_version_place_prefix(interval->model, interval->version);
    uint64_t *seqs;
    size_t count;
    bool more;
    ML_TRY(ml_reader_seqs(gather->reader, &prefix, SIZE_MAX, &seqs, &count, &more));
    for (size_t i = 0; i < count; i++) {
        const struct ml_record *record;
        if (interval->to.seq != MLEDGER_NO_SEQ && interval->to.seq > interval->from.seq &&
            seqs[i] >= interval->to.seq)
            return MLEDGER_OK;
        ML_TRY(ml_reader_record(gather->reader, seqs[i], &record));
        const Mledger__Event *event = record->event;
        if (event->kind_case == MLEDGER__EVENT__KIND_VERSION_REGISTERED &&
            event->version_registered->model == interval->model &&
            event->version_registered->version == interval->version)
            *ret_registration = record;
        ML_TRY(gather_record(gather, record));
    }
    return MLEDGER_OK;
}

static int keep(struct gather *gather, struct ml_approvals *approvals)
{
    struct ml_arena *arena = &gather->reader->arena;
    approvals->list = ml_arena_calloc(arena, gather->count + 1, sizeof *approvals->list);
    if (!approvals->list)
        return ml_arena_fail(arena, "the approvals");
    for (size_t i = 0; i < gather->count; i++) {
        approvals->list[i] = gather->list[i];
        approvals->list[i].same_as =
            ml_approval_part_of(&approvals->parts, gather->list[i].change.author);
    }
    approvals->count = gather->count;
    return MLEDGER_OK;
}

int ml_approvals_of(struct ml_reader *reader, const struct ml_interval *interval,
                    struct ml_approvals *ret_approvals)
{
    struct gather gather = {.reader = reader, .interval = interval};
    const struct ml_record *registration = NULL;
    const struct ml_record *transition;
    struct ml_approvals approvals = {0};
    assert(interval->kind == ML_INTERVAL_STAGE);
    ML_TRY(ml_reader_record(reader, interval->from.seq, &transition));
    int result = gather_all(&gather, &registration);
    if (result >= 0)
        result = ml_approval_parts(reader, registration, transition, interval->imported,
                                   &approvals.parts);
    if (result >= 0)
        result = keep(&gather, &approvals);
    free(gather.list);
    ML_TRY(result);
    *ret_approvals = approvals;
    return MLEDGER_OK;
}

/* ---- what it rests on ---- */

static int basis_of_change(struct ml_basis *basis, const struct ml_change *change)
{
    ML_TRY(ml_basis_add(basis, change->seq));
    return change->erased
               ? ml_basis_unknown(basis,
                                  "the details of #%" PRIu64 " were erased: its reason and the "
                                  "time that it claims",
                                  change->seq)
               : MLEDGER_OK;
}

int ml_approvals_rest_on(const struct ml_approvals *approvals, const struct ml_interval *interval,
                         struct ml_basis *basis)
{
    ML_TRY(ml_basis_add(basis, approvals->parts.registered_seq));
    ML_TRY(ml_basis_add(basis, approvals->parts.run_seq));
    if (!ml_approval_trainer_known(&approvals->parts))
        ML_TRY(ml_basis_unknown(basis, "no record says who trained %s/%" PRIu64 "%s",
                                interval->model_name, interval->version,
                                approvals->parts.run_imported
                                    ? ": its run was imported, from where its author is not known"
                                    : ""));
    for (size_t i = 0; i < approvals->count; i++)
        ML_TRY(basis_of_change(basis, &approvals->list[i].change));
    return MLEDGER_OK;
}
