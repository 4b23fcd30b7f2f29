/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/init_recorder.h"

#include "cli/trust.h"

static Mledger__Role roles[] = {MLEDGER__ROLE__RECORDER};

static int register_server(struct ml_session *session, const struct ml_signer *admin,
                           struct ml_receipt *ret_receipt)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    Mledger__ActorRegistered *actor;
    ML_TRY(ml_draft_begin("actor_registered", &draft, &actor));
    actor->id = ml_draft_text(draft, ML_INIT_SERVER);
    actor->kind = MLEDGER__ACTOR_KIND__SERVICE;
    actor->roles = roles;
    actor->n_roles = ML_COUNT(roles);
    if (!actor->id)
        return ml_fail_memory();
    return ml_session_record(session, admin, draft, ret_receipt);
}

int ml_init_recorder(struct ml_session *session, const struct ml_signer *admin,
                     const struct ml_signer *recorder, const char *label, bool is_served)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    struct ml_receipt receipt = {.seq = 0}; /* of the actor: the first one is record 0 */
    Mledger__KeyAuthorized *authorized;
    if (is_served)
        ML_TRY(register_server(session, admin, &receipt));
    ML_TRY(ml_draft_begin("key_authorized", &draft, &authorized));
    authorized->actor = receipt.seq;
    authorized->roles = roles;
    authorized->n_roles = ML_COUNT(roles);
    authorized->label = ml_draft_text(draft, label);
    if (!authorized->label)
        return ml_fail_memory();
    ML_TRY(ml_draft_key(draft, recorder->key, &authorized->key));
    ML_TRY(ml_session_seal(session, draft));
    ML_TRY(ml_session_state(session, draft, recorder, MLEDGER__MEANING__POSSESSION));
    return ml_session_record(session, admin, draft, &receipt);
}
