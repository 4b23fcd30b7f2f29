/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/trust.h"

#include "ledger/core/note.h"

static const Mledger__Role every_role[] = {MLEDGER__ROLE__ADMIN, MLEDGER__ROLE__RECORDER,
                                           MLEDGER__ROLE__APPROVER};

static bool role_of(const char *text, size_t len, Mledger__Role *ret_role)
{
    for (size_t i = 0; i < ML_COUNT(every_role); i++) {
        const char *name = ml_role_name(every_role[i]);
        if (strlen(name) == len && memcmp(name, text, len) == 0) {
            *ret_role = every_role[i];
            return true;
        }
    }
    return false;
}

int ml_roles_parse(struct ml_draft *draft, const char *text, Mledger__Role **ret_roles,
                   size_t *ret_count)
{
    Mledger__Role *roles = ml_arena_calloc(&draft->arena, ML_COUNT(every_role), sizeof *roles);
    unsigned seen = 0;
    size_t count = 0;
    if (!roles)
        return ml_fail_memory();
    for (const char *at = text;; at++) {
        size_t len = strcspn(at, ",");
        Mledger__Role role;
        if (!role_of(at, len, &role))
            return ml_fail(MLEDGER_EUSAGE, "'%.*s' is no role; there is admin, recorder, approver",
                           (int)(len < 64 ? len : 64), at);
        if (seen & ML_STANDING_ROLE(role))
            return ml_fail(MLEDGER_EUSAGE, "role '%s' is given twice", ml_role_name(role));
        seen |= ML_STANDING_ROLE(role);
        roles[count++] = role;
        at += len;
        if (!*at)
            break;
    }
    *ret_roles = roles;
    *ret_count = count;
    return MLEDGER_OK;
}

int ml_roles_append(struct ml_buf *buf, unsigned roles)
{
    bool first = true;
    for (size_t i = 0; i < ML_COUNT(every_role); i++) {
        if (!(roles & ML_STANDING_ROLE(every_role[i])))
            continue;
        ML_TRY(ml_buf_printf(buf, "%s%s", first ? "" : ", ", ml_role_name(every_role[i])));
        first = false;
    }
    return first ? ml_buf_append_text(buf, "none") : MLEDGER_OK;
}

int ml_draft_key(struct ml_draft *draft, const uint8_t key[ML_KEY_SIZE],
                 ProtobufCBinaryData *ret_bytes)
{
    uint8_t *copy = ml_arena_alloc(&draft->arena, ML_KEY_SIZE);
    if (!copy)
        return ml_fail_memory();
    memcpy(copy, key, ML_KEY_SIZE);
    *ret_bytes = (ProtobufCBinaryData){.len = ML_KEY_SIZE, .data = copy};
    return MLEDGER_OK;
}

int ml_draft_begin(const char *kind, struct ml_draft **ret_draft, void *ret_body)
{
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    void *body = ml_draft_set_kind(draft, kind);
    if (!body)
        return ml_fail_memory();
    *(void **)ret_body = body;
    *ret_draft = ML_TAKE(draft);
    return MLEDGER_OK;
}

int ml_session_append_possessed(struct ml_session *session, struct ml_draft *draft,
                                const struct ml_signer *newcomer)
{
    ML_TRY(ml_session_seal(session, draft));
    ML_TRY(ml_session_state(session, draft, newcomer, MLEDGER__MEANING__POSSESSION));
    return ml_session_append_trust(session, draft);
}

int ml_vkey_append(struct ml_buf *buf, const char *name, const uint8_t key[ML_KEY_SIZE])
{
    struct ml_vkey vkey;
    ML_TRY(ml_vkey_make(ML_VKEY_ED25519, ML_SPAN(name, strlen(name)), key, &vkey));
    return ml_vkey_write(&vkey, buf);
}
