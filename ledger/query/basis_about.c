/* SPDX-License-Identifier: Apache-2.0 */
/* What an answer is about, and what was recorded later of that. */
#include "ledger/query/basis.h"

#include "ledger/core/codec.h"
#include "ledger/core/event.h"

static int add(struct ml_basis *basis, struct ml_about about)
{
    ML_TRY(ml_grow(&basis->abouts, &basis->cap_abouts, basis->n_abouts + 1, sizeof *basis->abouts));
    basis->abouts[basis->n_abouts++] = about;
    return MLEDGER_OK;
}

int ml_basis_about(struct ml_basis *basis, const struct ml_state_key *prefix,
                   enum ml_about_reach reach)
{
    return add(basis, (struct ml_about){.prefix = *prefix, .reach = reach});
}

int ml_basis_about_model(struct ml_basis *basis, uint64_t model)
{
    struct ml_state_key prefix = ml_index_subject_prefix(model);
    return ml_basis_about(basis, &prefix, ML_ABOUT_ALL);
}

int ml_basis_about_registry(struct ml_basis *basis)
{
    struct ml_state_key prefix = ml_index_registry_prefix();
    return ml_basis_about(basis, &prefix, ML_ABOUT_ALL);
}

int ml_basis_about_choice(struct ml_basis *basis, const struct ml_interval_choice *choice)
{
    struct ml_about about = {.reach = ML_ABOUT_ALL, .chosen = true};
    basis->choice = *choice;
    basis->has_choice = true;
    if (choice->endpoint)
        ML_TRY(ml_index_endpoint_prefix(choice->endpoint, &about.prefix));
    else if (choice->model != MLEDGER_NO_SEQ)
        about.prefix = ml_index_place_prefix(choice->model);
    else if (choice->environment)
        return MLEDGER_OK; /* that is many things: its endpoints tell */
    else
        about.prefix = ml_index_registry_prefix();
    ML_TRY(add(basis, about));
    if (choice->model == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    about.prefix = ml_index_subject_prefix(choice->model);
    about.reach = ML_ABOUT_INCIDENTS;
    return add(basis, about);
}

/* Who made it is of any answer; who read it only where what came of it is, but for incidents. */
int ml_basis_about_content(struct ml_basis *basis, const Mledger__Digest *digest)
{
    struct ml_span value = ML_SPAN(digest->value.data, digest->value.len);
    if (ml_digest_is_empty(digest))
        return MLEDGER_OK;
    struct ml_state_key made = ml_index_digest_prefix(digest->algorithm, value, true);
    struct ml_state_key read = ml_index_digest_prefix(digest->algorithm, value, false);
    ML_TRY(ml_basis_about(basis, &made, ML_ABOUT_ALL));
    return basis->down ? ml_basis_about(basis, &read, ML_ABOUT_ALL) : MLEDGER_OK;
}

/* ---- the subjects of the records used ---- */

/* Of experiments and models as a whole single records do not tell: who asks about one says so. */
static int about_subject(struct ml_basis *basis, uint64_t seq, const Mledger__Event *event)
{
    static const char *const fields[] = {"run", "dataset", "pipeline", "logged_model"};
    const ProtobufCMessage *body = ml_event_body(event);
    const uint8_t *salt;
    uint64_t subject = MLEDGER_NO_SEQ;
    switch (ml_event_creates(event, &salt)) {
    case MLEDGER__SUBJECT_KIND__RUN:
    case MLEDGER__SUBJECT_KIND__DATASET:
    case MLEDGER__SUBJECT_KIND__PIPELINE:
    case MLEDGER__SUBJECT_KIND__LOGGED_MODEL:
        subject = seq;
        break;
    default:
        for (size_t i = 0; i < ML_COUNT(fields) && subject == MLEDGER_NO_SEQ; i++)
            (void)ml_field_number(body, fields[i], &subject);
    }
    if (subject == MLEDGER_NO_SEQ)
        return MLEDGER_OK;
    struct ml_state_key prefix = ml_index_subject_prefix(subject);
    return ml_basis_about(basis, &prefix, ML_ABOUT_ALL);
}

/* A run that is named by its id alone may have been recorded since. */
static int about_run_id(struct ml_basis *basis, struct ml_reader *reader,
                        const Mledger__Event *event)
{
    uint64_t run;
    if (event->kind_case != MLEDGER__EVENT__KIND_VERSION_REGISTERED ||
        event->version_registered->has_run_ref || !event->version_registered->run_id)
        return MLEDGER_OK;
    int result = ml_state_find(reader->view->state, MLEDGER__SUBJECT_KIND__RUN,
                               event->version_registered->run_id, &run);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK;
    ML_TRY(result);
    struct ml_state_key prefix = ml_index_subject_prefix(run);
    return ml_basis_about(basis, &prefix, ML_ABOUT_ALL);
}

/* Of a choice what changes it is enough. */
static int about_version(struct ml_basis *basis, uint64_t model, uint64_t version)
{
    struct ml_state_key prefix = ml_index_version_prefix(model, version);
    struct ml_state_key place = ml_index_version_place_prefix(model, version);
    if (!basis->has_choice)
        return ml_basis_about(basis, &prefix, basis->down ? ML_ABOUT_ALL : ML_ABOUT_OWN);
    ML_TRY(ml_basis_about(basis, &prefix, ML_ABOUT_INCIDENTS));
    return add(basis, (struct ml_about){place, ML_ABOUT_ALL, true});
}

static int about_event(struct ml_basis *basis, struct ml_reader *reader, uint64_t seq,
                       const Mledger__Event *event)
{
    const ProtobufCMessage *body = ml_event_body(event);
    struct ml_state_key prefix;
    uint64_t model, version;
    if (!body || ml_event_kind(event) == MLEDGER__KIND__TRUST)
        return MLEDGER_OK;
    if (event->kind_case == MLEDGER__EVENT__KIND_DEPLOYMENT_RECORDED) {
        ML_TRY(ml_index_endpoint_prefix(event->deployment_recorded->endpoint, &prefix));
        return add(basis, (struct ml_about){prefix, ML_ABOUT_ALL, basis->has_choice});
    }
    if (ml_field_number(body, "model", &model) && ml_field_number(body, "version", &version)) {
        ML_TRY(about_run_id(basis, reader, event));
        return about_version(basis, model, version);
    }
    return about_subject(basis, seq, event);
}

/* They may be many, so the reader does not keep them. */
static int about_records(struct ml_basis *basis, struct ml_reader *reader, uint64_t up_to)
{
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, ML_LIMIT_UNPACKED);
    for (size_t i = 0; i < basis->n_seqs && basis->seqs[i] <= up_to; i++) {
        struct ml_record record;
        ml_arena_clear(&arena);
        ML_TRY(ml_view_record(reader->view, basis->seqs[i], &arena, &record));
        if (record.event)
            ML_TRY(about_event(basis, reader, basis->seqs[i], record.event));
    }
    return MLEDGER_OK;
}

int ml_basis_correct(struct ml_basis *basis, struct ml_reader *reader,
                     const struct ml_instant *instant)
{
    ml_basis_settle(basis);
    if (instant->seq + 1 >= reader->view->head.size)
        return MLEDGER_OK;
    ML_TRY(about_records(basis, reader, instant->seq));
    const struct ml_correction_question question = {.instant = *instant,
                                                    .choice = &basis->choice,
                                                    .abouts = basis->abouts,
                                                    .n_abouts = basis->n_abouts,
                                                    .records = basis->seqs,
                                                    .n_records = basis->n_seqs};
    return ml_corrections_find(reader, &question, &basis->corrections);
}
