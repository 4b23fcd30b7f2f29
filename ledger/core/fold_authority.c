/* SPDX-License-Identifier: Apache-2.0 */
/* Who signs, what they may, and what their statements are worth. DESIGN section 2. */
#include <inttypes.h>

#include "ledger/core/event.h"
#include "ledger/core/fold_step.h"
#include "ledger/core/hex.h"

enum { SHORT_KEY = 8 }; /* bytes of a key shown in messages */

static const char *short_key(const uint8_t *key, char text[2 * SHORT_KEY + 1])
{
    ml_hex_encode(text, key, SHORT_KEY);
    return text;
}

/* Is the key good at this record? */
static int check_key_living(const struct ml_fold_step *step, const uint8_t *key,
                            const Mledger__KeyState *state)
{
    char text[2 * SHORT_KEY + 1];
    if (state->purpose == MLEDGER__KEY_PURPOSE__LOG_KEY)
        return ml_refuse("key-purpose", "key %s… is a log key and signs no records",
                         short_key(key, text));
    if (state->has_until_seq && state->until_seq <= step->record->seq)
        return ml_refuse("key-revoked", "key %s… ended with record %" PRIu64, short_key(key, text),
                         state->until_seq);
    return MLEDGER_OK;
}

static int read_key(struct ml_fold_step *step, const uint8_t *key, uint64_t *ret_actor,
                    unsigned *ret_roles)
{
    char text[2 * SHORT_KEY + 1];
    Mledger__KeyState *state;
    int result = ml_state_key_entry(step->fold->state, key, &step->fold->arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return ml_refuse("key-unknown", "key %s… is not authorised in this ledger",
                         short_key(key, text));
    ML_TRY(result);
    ML_TRY(check_key_living(step, key, state));
    Mledger__SubjectState *actor;
    ML_TRY(ml_state_subject(step->fold->state, state->actor, &step->fold->arena, &actor));
    unsigned roles = ml_role_set(state->roles, state->n_roles);
    /* Whoever takes the first actor's roles away must not take the recovery key's with them. */
    if (state->purpose != MLEDGER__KEY_PURPOSE__RECOVERY_KEY)
        roles &= ml_role_set(actor->roles, actor->n_roles);
    *ret_actor = state->actor;
    *ret_roles = roles;
    return MLEDGER_OK;
}

/* Only trust records change what a key may, and before and after each of them it is read anew. */
int ml_fold_key(struct ml_fold_step *step, const uint8_t *key, uint64_t *ret_actor,
                unsigned *ret_roles)
{
    struct ml_fold_signer *signer = &step->fold->signer;
    if (!signer->is_known || memcmp(signer->key, key, ML_KEY_SIZE) != 0) {
        signer->is_known = false;
        ML_TRY(read_key(step, key, &signer->actor, &signer->roles));
        memcpy(signer->key, key, ML_KEY_SIZE);
        signer->is_known = true;
    }
    *ret_actor = signer->actor;
    *ret_roles = signer->roles;
    return MLEDGER_OK;
}

static int check_statement_place(const struct ml_fold_step *step,
                                 const Mledger__Statement *statement)
{
    const struct ml_fold_record *record = step->record;
    if (memcmp(statement->ledger.data, step->head.identity, ML_HASH_SIZE) != 0)
        return ml_refuse("statement-ledger", "it was made for another ledger");
    if (memcmp(statement->subject.data, record->statement_subject, ML_HASH_SIZE) != 0)
        return ml_refuse("statement-subject", "it was made on another event");
    if (statement->has_expiry && record->recorded_at_us > statement->expiry)
        return ml_refuse("statement-expired", "it expired before it was recorded");
    uint8_t link[ML_HASH_SIZE];
    int result = statement->seen_seq < record->seq
                     ? step->fold->link_at(step->fold->link_context, statement->seen_seq, link)
                     : MLEDGER_ENOTFOUND;
    if (result < 0 && result != MLEDGER_ENOTFOUND)
        return result;
    if (result == MLEDGER_ENOTFOUND || memcmp(link, statement->seen_link.data, ML_HASH_SIZE) != 0)
        return ml_refuse("statement-seen",
                         "its signer saw another record %" PRIu64 " than this ledger holds",
                         statement->seen_seq);
    return MLEDGER_OK;
}

/* Of a subject that is whole, every record that could have used the nonce is shown. */
static bool sees_nonces(const struct ml_fold_step *step, uint64_t subject)
{
    return subject == MLEDGER_NO_SEQ ? ml_step_sees_all(step) : ml_step_is_whole(step, subject);
}

/* A nonce counts once for each subject of the record, or once for records without one. */
static int use_nonce(struct ml_fold_step *step, size_t which)
{
    const Mledger__Statement *const *statements = step->record->statements;
    const Mledger__Statement *statement = statements[which];
    for (size_t i = 0; i < which; i++)
        if (memcmp(statements[i]->nonce.data, statement->nonce.data, ML_NONCE_SIZE) == 0)
            return ml_refuse("statement-nonce", "statement %zu of this record has used it", i);
    size_t count = step->n_subjects ? step->n_subjects : 1;
    for (size_t i = 0; i < count; i++) {
        uint64_t subject = step->n_subjects ? step->subjects[i].seq : MLEDGER_NO_SEQ;
        struct ml_state_key key = ml_key_nonce(subject, statement->nonce.data);
        uint64_t user;
        int result = ml_state_pointer(step->fold->state, &key, &user);
        if (result == MLEDGER_OK)
            return ml_refuse("statement-nonce", "it was used in record %" PRIu64 " already", user);
        if (result != MLEDGER_ENOTFOUND)
            return result;
        if (!sees_nonces(step, subject))
            ml_step_unproven(step, "statement-nonce");
        ML_TRY(ml_step_put_pointer(step, &key, step->record->seq));
    }
    return MLEDGER_OK;
}

static int check_meaning(const Mledger__Statement *statement, unsigned roles, bool trust)
{
    unsigned need =
        ML_ROLE_BIT(MLEDGER__ROLE__APPROVER) | (trust ? ML_ROLE_BIT(MLEDGER__ROLE__ADMIN) : 0);
    bool judges = statement->meaning == MLEDGER__MEANING__APPROVED ||
                  statement->meaning == MLEDGER__MEANING__REVIEWED;
    if (judges && !(roles & need))
        return ml_refuse("statement-role", "its key does not hold the role approver");
    if (roles == 0)
        return ml_refuse("statement-role", "its key holds no role any more");
    return MLEDGER_OK;
}

/* What the statements add up to. */
struct authority {
    uint64_t admins[ML_FOLD_SUBJECTS]; /* distinct actors that stand behind the record */
    size_t n_admins;
    uint64_t author;   /* a person who authored it, MLEDGER_NO_SEQ */
    bool many_authors; /* several did, and one cannot stand for the others */
};

static void add_admin(struct authority *authority, uint64_t actor, unsigned roles)
{
    if (!(roles & ML_ROLE_BIT(MLEDGER__ROLE__ADMIN)))
        return;
    for (size_t i = 0; i < authority->n_admins; i++)
        if (authority->admins[i] == actor)
            return;
    if (authority->n_admins < ML_FOLD_SUBJECTS)
        authority->admins[authority->n_admins++] = actor;
}

int ml_fold_is_person(struct ml_fold_step *step, uint64_t actor, bool *ret_person)
{
    Mledger__SubjectState *state;
    ML_TRY(ml_state_subject(step->fold->state, actor, &step->fold->arena, &state));
    *ret_person = state->has_actor_kind && state->actor_kind == MLEDGER__ACTOR_KIND__PERSON;
    return MLEDGER_OK;
}

static int weigh_statement(struct ml_fold_step *step, size_t i, struct authority *authority)
{
    const Mledger__Statement *statement = step->record->statements[i];
    const uint8_t *key = step->record->signed_statements->statements[i]->key.data;
    ML_TRY(check_statement_place(step, statement));
    ML_TRY(use_nonce(step, i));
    if (statement->meaning == MLEDGER__MEANING__POSSESSION)
        return MLEDGER_OK; /* the one meaning that a key not yet authorised may state */
    uint64_t actor;
    unsigned roles;
    ML_TRY(ml_fold_key(step, key, &actor, &roles));
    bool trust = ml_event_kind(step->event) == MLEDGER__KIND__TRUST;
    ML_TRY(check_meaning(statement, roles, trust));
    if (statement->meaning == MLEDGER__MEANING__AUTHORED ||
        statement->meaning == MLEDGER__MEANING__APPROVED)
        add_admin(authority, actor, roles);
    bool person;
    ML_TRY(ml_fold_is_person(step, actor, &person));
    if (!person || statement->meaning != MLEDGER__MEANING__AUTHORED)
        return MLEDGER_OK;
    authority->many_authors |= authority->author != MLEDGER_NO_SEQ && authority->author != actor;
    authority->author = actor;
    return MLEDGER_OK;
}

bool ml_fold_needs_admins(const Mledger__Event *event)
{
    return ml_event_kind(event) == MLEDGER__KIND__TRUST &&
           event->kind_case != MLEDGER__EVENT__KIND_HEARTBEAT &&
           event->kind_case != MLEDGER__EVENT__KIND_CHECKPOINT_NOTED &&
           event->kind_case != MLEDGER__EVENT__KIND_VERIFICATION_RECORDED;
}

static int check_trust(const struct ml_fold_step *step, const struct authority *authority)
{
    if (!ml_fold_needs_admins(step->event))
        return MLEDGER_OK;
    if (authority->n_admins >= step->head.threshold)
        return MLEDGER_OK;
    ml_refuse("admin", "%s needs %u admin%s, %zu stand%s behind it", ml_event_name(step->event),
              step->head.threshold, step->head.threshold == 1 ? "" : "s", authority->n_admins,
              authority->n_admins == 1 ? "s" : "");
    return ml_hint("sign it with an admin's key: --key NAME");
}

/*
 * A person's statement, else on whose behalf a service says it acted, else the signer. A service
 * is nobody's eye. A person who signs on behalf of another leaves the author unknown: the claim
 * may exclude somebody, and must not take the signer out of those who are involved.
 */
static int find_author(struct ml_fold_step *step, const struct authority *authority,
                       uint64_t signer)
{
    if (authority->many_authors)
        return MLEDGER_OK;
    uint64_t author = authority->author;
    bool person;
    if (author == MLEDGER_NO_SEQ) {
        ML_TRY(ml_fold_is_person(step, signer, &person));
        const Mledger__Event *event = step->event;
        author = event->has_on_behalf_of_actor_ref ? event->on_behalf_of_actor_ref : signer;
        if (person && author != signer)
            return MLEDGER_OK;
    }
    ML_TRY(ml_fold_is_person(step, author, &person));
    step->author = person ? author : MLEDGER_NO_SEQ;
    return MLEDGER_OK;
}

/* What a trust record judges is its actor: nobody may have changed it unseen. */
static int check_actors_seen(const struct ml_fold_step *step)
{
    if (ml_event_kind(step->event) != MLEDGER__KIND__TRUST)
        return MLEDGER_OK;
    for (size_t i = 0; i < step->n_subjects; i++)
        ML_TRY(ml_step_check_seen(step, step->subjects[i].state->last_seq));
    return MLEDGER_OK;
}

int ml_fold_check_signer(unsigned roles)
{
    if (roles & (ML_ROLE_BIT(MLEDGER__ROLE__RECORDER) | ML_ROLE_BIT(MLEDGER__ROLE__ADMIN)))
        return MLEDGER_OK;
    return ml_refuse("signer-role", "the signer's key holds neither recorder nor admin");
}

int ml_fold_authority(struct ml_fold_step *step)
{
    const struct ml_fold_record *record = step->record;
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    if (record->seq == 0) {
        step->author = 0;
        return count == 0 ? MLEDGER_OK : ml_refuse("genesis", "record 0 carries no statements");
    }
    struct authority authority = {.author = MLEDGER_NO_SEQ};
    uint64_t signer;
    unsigned roles;
    ML_TRY(ml_fold_key(step, record->signer, &signer, &roles));
    ML_TRY(ml_fold_check_signer(roles));
    add_admin(&authority, signer, roles);
    for (size_t i = 0; i < count; i++)
        if (weigh_statement(step, i, &authority) < 0)
            return ml_prefix("statement %zu", i);
    ML_TRY(check_actors_seen(step));
    ML_TRY(check_trust(step, &authority));
    return find_author(step, &authority, signer);
}

bool ml_fold_has_possession(const struct ml_fold_step *step, const uint8_t *key)
{
    const struct ml_fold_record *record = step->record;
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    for (size_t i = 0; i < count; i++)
        if (record->statements[i]->meaning == MLEDGER__MEANING__POSSESSION &&
            memcmp(record->signed_statements->statements[i]->key.data, key, ML_KEY_SIZE) == 0)
            return true;
    return false;
}
