/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a revocation casts doubt on: records that the key signed, or stands in a statement of, after
 * it was no longer to be trusted and before the record that says so (`key-doubt`); and what rests
 * on trust records among these (`authority-doubt`), in turn:
 *
 *   a key that one of them authorised     what it speaks in from then on
 *   an actor whose roles one of them set  what the actor's keys speak in, until a record that is
 *                                         not in doubt sets the roles again; but for keys that such
 *                                         a record has authorised since
 *   the number of admins                  trust records, until such a record sets it again
 *   the policy of a stage                 transitions into it, until such a record sets it again
 *
 * Doubt goes on through keys: a record that is in doubt only for the number of admins or a policy
 * is named, and casts none. All of that follows records in their order, so one more pass names
 * everything: from the first record that a revocation reaches to the end, or to where nothing is
 * left that could cast doubt.
 */
#include <inttypes.h>

#include "ledger/core/codec.h"
#include "ledger/core/event.h"
#include "verify/verifier_private.h"

/* Keys of the doubts: one of these, then what it is about. */
enum subject {
    REVOKED = 'R', /* key: `from` which record it was not to be trusted, as record `by` says */
    GRANTED = 'G', /* key: authorised by `by` */
    VOUCHED = 'V', /* key: authorised by `by`, which is not in doubt */
    ROLES = 'A',   /* seq of an actor: roles set by `by` */
    ADMINS = 'T',  /* the number of admins, set by `by` */
    POLICY = 'P',  /* SHA-256 of a stage's name: policy set by `by` */
};

struct doubt {
    uint64_t from, by;
};

struct doubt_key {
    size_t len;
    uint8_t bytes[1 + ML_HASH_SIZE];
};

static struct doubt_key key_of(enum subject subject, struct ml_span about)
{
    struct doubt_key key = {.len = 1 + about.len};
    assert(about.len <= ML_HASH_SIZE);
    key.bytes[0] = (uint8_t)subject;
    if (about.len > 0)
        memcpy(key.bytes + 1, about.data, about.len);
    return key;
}

static int put(struct ml_verifier *verifier, const struct doubt_key *key, uint64_t from,
               uint64_t by)
{
    const struct doubt doubt = {from, by};
    return ml_state_put(verifier->doubts, ML_SPAN(key->bytes, key->len),
                        ML_SPAN(&doubt, sizeof doubt));
}

/* false: there is none. */
static int get(struct ml_verifier *verifier, const struct doubt_key *key, struct doubt *ret_doubt,
               bool *ret_there)
{
    struct ml_span value;
    int result = ml_state_get(verifier->doubts, ML_SPAN(key->bytes, key->len), &value);
    *ret_there = result == MLEDGER_OK;
    if (result == MLEDGER_OK)
        memcpy(ret_doubt, value.data, sizeof *ret_doubt);
    return result == MLEDGER_ENOTFOUND ? MLEDGER_OK : result;
}

int ml_verify_note_revocation(struct ml_verifier *verifier, const struct ml_record *record)
{
    if (record->event->kind_case != MLEDGER__EVENT__KIND_KEY_REVOKED)
        return MLEDGER_OK;
    const Mledger__KeyRevoked *revoked = record->event->key_revoked;
    uint64_t seq = record->header->seq;
    if (!revoked->has_since_seq || revoked->since_seq >= seq)
        return MLEDGER_OK;
    if (verifier->doubt_until == 0 || revoked->since_seq < verifier->doubt_from)
        verifier->doubt_from = revoked->since_seq;
    verifier->doubt_until = seq;
    struct doubt_key key = key_of(REVOKED, ML_SPAN(revoked->key.data, ML_KEY_SIZE));
    return put(verifier, &key, revoked->since_seq, seq);
}

/* ---- why a record is in doubt ---- */

/* The first reason that was found. */
struct reason {
    enum subject subject; /* 0: none */
    uint64_t by;
};

static int weigh(struct ml_verifier *verifier, enum subject subject, struct ml_span about,
                 struct reason *reason)
{
    struct doubt_key key = key_of(subject, about);
    struct doubt doubt;
    bool there;
    ML_TRY(get(verifier, &key, &doubt, &there));
    if (there)
        *reason = (struct reason){subject, doubt.by};
    return MLEDGER_OK;
}

static int weigh_revocation(struct ml_verifier *verifier, struct ml_span key, uint64_t seq,
                            struct reason *reason)
{
    struct doubt_key revoked = key_of(REVOKED, key);
    struct doubt doubt;
    bool there;
    ML_TRY(get(verifier, &revoked, &doubt, &there));
    if (there && seq >= doubt.from && seq < doubt.by)
        *reason = (struct reason){REVOKED, doubt.by};
    return MLEDGER_OK;
}

/* The roles that a key speaks with are its actor's too. */
static int weigh_roles(struct ml_verifier *verifier, struct ml_span key, struct ml_arena *arena,
                       struct reason *reason)
{
    Mledger__KeyState *state;
    int result = ml_state_key_entry(verifier->state, key.data, arena, &state);
    if (result == MLEDGER_ENOTFOUND)
        return MLEDGER_OK; /* one that no record authorised, which was reported */
    ML_TRY(result);
    struct ml_seq_key actor = ml_seq_key(state->actor);
    struct reason roles = {0}, vouched = {0};
    ML_TRY(weigh(verifier, ROLES, ML_SPAN(actor.bytes, sizeof actor.bytes), &roles));
    if (roles.subject == 0)
        return MLEDGER_OK;
    ML_TRY(weigh(verifier, VOUCHED, key, &vouched));
    if (vouched.subject == 0 || vouched.by < roles.by)
        *reason = roles;
    return MLEDGER_OK;
}

static int weigh_key(struct ml_verifier *verifier, const uint8_t *bytes, uint64_t seq,
                     struct ml_arena *arena, struct reason *reason)
{
    struct ml_span key = ML_SPAN(bytes, ML_KEY_SIZE);
    if (reason->subject == 0)
        ML_TRY(weigh_revocation(verifier, key, seq, reason));
    if (reason->subject == 0)
        ML_TRY(weigh(verifier, GRANTED, key, reason));
    return reason->subject == 0 ? weigh_roles(verifier, key, arena, reason) : MLEDGER_OK;
}

static int policy_key(const char *stage, uint8_t ret_hash[ML_HASH_SIZE])
{
    const struct ml_span name = ML_SPAN(stage, strlen(stage));
    return ml_sha256(ret_hash, &name, 1);
}

/* What allowed the event besides the keys. */
static int weigh_event(struct ml_verifier *verifier, const Mledger__Event *event,
                       struct reason *reason)
{
    uint8_t stage[ML_HASH_SIZE];
    if (ml_fold_needs_admins(event))
        return weigh(verifier, ADMINS, ML_SPAN("", 0), reason);
    if (event->kind_case != MLEDGER__EVENT__KIND_STAGE_TRANSITIONED)
        return MLEDGER_OK;
    ML_TRY(policy_key(event->stage_transitioned->to_stage, stage));
    return weigh(verifier, POLICY, ML_SPAN(stage, sizeof stage), reason);
}

/* Each key that speaks in the record, its signer first, until one is in doubt. */
static int weigh_record(struct ml_verifier *verifier, const struct ml_record *record,
                        struct ml_arena *arena, struct reason *ret_reason)
{
    struct reason reason = {0};
    uint64_t seq = record->header->seq;
    size_t count = record->signed_statements ? record->signed_statements->n_statements : 0;
    ML_TRY(weigh_key(verifier, record->header->signer.data, seq, arena, &reason));
    for (size_t i = 0; i < count; i++)
        if (record->statements[i]->meaning != MLEDGER__MEANING__POSSESSION) /* lends no authority */
            ML_TRY(weigh_key(verifier, record->signed_statements->statements[i]->key.data, seq,
                             arena, &reason));
    if (reason.subject == 0 && record->event)
        ML_TRY(weigh_event(verifier, record->event, &reason));
    *ret_reason = reason;
    return MLEDGER_OK;
}

/* ---- what follows from it ---- */

/* What a trust record grants: the subject of a later doubt, and its own vouching for a key. */
struct grant {
    enum subject subject; /* 0: nothing */
    struct ml_span about;
    uint8_t bytes[ML_HASH_SIZE];
};

static int find_grant(const struct ml_record *record, struct grant *grant)
{
    const Mledger__Event *event = record->event;
    struct ml_seq_key actor;
    switch (event->kind_case) {
    case MLEDGER__EVENT__KIND_KEY_AUTHORIZED:
        grant->subject = GRANTED;
        grant->about = ML_SPAN(event->key_authorized->key.data, ML_KEY_SIZE);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_KEY_ROTATED:
        grant->subject = GRANTED;
        grant->about = ML_SPAN(event->key_rotated->key.data, ML_KEY_SIZE);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_ACTOR_REGISTERED:
    case MLEDGER__EVENT__KIND_ACTOR_CHANGED:
        actor = ml_seq_key(event->kind_case == MLEDGER__EVENT__KIND_ACTOR_CHANGED
                               ? event->actor_changed->actor
                               : record->header->seq);
        memcpy(grant->bytes, actor.bytes, sizeof actor.bytes);
        grant->subject = ROLES;
        grant->about = ML_SPAN(grant->bytes, sizeof actor.bytes);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_THRESHOLD_SET:
        grant->subject = ADMINS;
        grant->about = ML_SPAN("", 0);
        return MLEDGER_OK;
    case MLEDGER__EVENT__KIND_POLICY_SET:
        grant->subject = POLICY;
        grant->about = ML_SPAN(grant->bytes, ML_HASH_SIZE);
        return policy_key(event->policy_set->stage, grant->bytes);
    default:
        return MLEDGER_OK;
    }
}

/* A record that is not in doubt sets right what one in doubt had set; it vouches for its key. */
static int settle(struct ml_verifier *verifier, const struct grant *grant, uint64_t seq)
{
    struct doubt_key key =
        key_of(grant->subject == GRANTED ? VOUCHED : grant->subject, grant->about);
    if (grant->subject == GRANTED)
        return put(verifier, &key, seq, seq);
    struct doubt doubt;
    bool there;
    ML_TRY(get(verifier, &key, &doubt, &there));
    if (!there)
        return MLEDGER_OK;
    verifier->doubts_living--;
    return ml_state_delete(verifier->doubts, ML_SPAN(key.bytes, key.len));
}

static int spread(struct ml_verifier *verifier, const struct grant *grant, uint64_t seq)
{
    struct doubt_key key = key_of(grant->subject, grant->about);
    struct doubt doubt;
    bool there;
    ML_TRY(get(verifier, &key, &doubt, &there));
    verifier->doubts_living += !there;
    return put(verifier, &key, seq + 1, seq);
}

/* Doubt goes on through keys. Who is not in doubt sets right what was set, though under a number of
 * admins or a policy that is. */
static bool spreads(const struct reason *reason)
{
    return reason->subject == REVOKED || reason->subject == GRANTED || reason->subject == ROLES;
}

static int follow(struct ml_verifier *verifier, const struct ml_record *record,
                  const struct reason *reason)
{
    struct grant grant = {0};
    if (!record->event)
        return MLEDGER_OK;
    ML_TRY(find_grant(record, &grant));
    if (grant.subject == 0)
        return MLEDGER_OK;
    return spreads(reason) ? spread(verifier, &grant, record->header->seq)
                           : settle(verifier, &grant, record->header->seq);
}

static int report(struct ml_verifier *verifier, uint64_t seq, const struct reason *reason)
{
    static const char *const texts[] = {
        [GRANTED] = "a key speaks in it that was authorised by",
        [ROLES] = "a key speaks in it whose actor has its roles from",
        [ADMINS] = "how many admins must agree was set by",
        [POLICY] = "the policy of the stage was set by",
    };
    if (reason->subject == REVOKED)
        return ml_verify_report(verifier, ML_SEVERITY_DOUBT, "key-doubt", seq,
                                "a key speaks in it that record %" PRIu64
                                " says was not to be trusted any more",
                                reason->by);
    return ml_verify_report(verifier, ML_SEVERITY_DOUBT, "authority-doubt", seq,
                            "%s record %" PRIu64 ", which is in doubt itself",
                            texts[reason->subject], reason->by);
}

/* ---- the pass ---- */

/* A record that cannot be read was reported when it was first seen. */
static bool reopen(struct ml_verifier *verifier, struct ml_verify_input *input,
                   struct ml_arena *arena, struct ml_record *record)
{
    const struct ml_verify_source *source = verifier->source;
    if (source->decode && source->decode(source->context, arena, input) < 0)
        return false;
    return ml_verify_open(input, arena, record) >= 0 &&
           (input->entry || ml_record_read_payload(record, arena) >= 0);
}

/* 1: nothing after it can be in doubt. */
static int pass_record(struct ml_verifier *verifier, const struct ml_record *record,
                       struct ml_arena *arena)
{
    struct reason reason;
    uint64_t seq = record->header->seq;
    if (seq >= verifier->doubt_until && verifier->doubts_living == 0)
        return 1;
    ML_TRY(weigh_record(verifier, record, arena, &reason));
    if (reason.subject != 0)
        ML_TRY(report(verifier, seq, &reason));
    return follow(verifier, record, &reason);
}

int ml_verify_name_doubtful(struct ml_verifier *verifier)
{
    const struct ml_verify_source *source = verifier->source;
    if (verifier->doubt_until == 0)
        return MLEDGER_OK;
    ML_CLEANUP(ml_arena_release) struct ml_arena arena;
    ml_arena_init(&arena, SIZE_MAX / 2);
    if (!source->seek)
        return ml_verify_report(verifier, ML_SEVERITY_NOT_PROVEN, "key-doubt", MLEDGER_NO_SEQ,
                                "keys were revoked with a date in the past, and what they signed "
                                "until then cannot be read again here");
    ML_TRY(source->seek(source->context, verifier->doubt_from));
    for (;;) {
        ml_arena_clear(&arena);
        struct ml_verify_input input;
        struct ml_record record;
        int result = source->next(source->context, &arena, &input);
        if (result == MLEDGER_ENOTFOUND)
            return MLEDGER_OK;
        ML_TRY(result);
        if (!reopen(verifier, &input, &arena, &record))
            continue;
        result = pass_record(verifier, &record, &arena);
        if (result != MLEDGER_OK)
            return result < 0 ? result : MLEDGER_OK;
    }
}
