/* SPDX-License-Identifier: Apache-2.0 */
/* The public way to make, open and close a ledger. */
#include "ledger/api/handle.h"
#include "ledger/core/utf8.h"
#include "ledger/store/key.h"

static struct ml_ledger_options options_of(const struct mledger_options *options)
{
    if (!options)
        return (struct ml_ledger_options){0};
    return (struct ml_ledger_options){.read_only = options->read_only,
                                      .map_bytes = options->map_bytes,
                                      .known_dir = options->known_dir};
}

int mledger_open(const char *dir, const struct mledger_options *options,
                 struct mledger_ledger **ret_ledger)
{
    const struct ml_ledger_options inner = options_of(options);
    struct ml_ledger *ledger;
    ML_TRY(ml_ledger_open(dir, &inner, &ledger));
    *ret_ledger = ml_public(ledger);
    return MLEDGER_OK;
}

void mledger_close(struct mledger_ledger *ledger)
{
    ml_ledger_close(ml_handle(ledger));
}

static int sign(void *key, struct ml_span message, uint8_t ret_signature[ML_SIGNATURE_SIZE])
{
    return ml_key_sign(key, message, ret_signature);
}

struct ml_signer ml_api_signer(const struct mledger_key *key)
{
    struct ml_signer signer = {.sign = sign, .context = (void *)(uintptr_t)key};
    memcpy(signer.key, mledger_key_public(key), ML_KEY_SIZE);
    return signer;
}

static int check_founding(const struct mledger_founding *founding)
{
    if (!founding->name || !founding->origin || !founding->actor_id || !founding->key ||
        !founding->log_key)
        return ml_fail(MLEDGER_EUSAGE,
                       "a ledger needs a name, an origin, a first actor, its key and a log key");
    if (mledger_key_purpose_of(founding->key) != MLEDGER_KEY_SIGNER)
        return ml_refuse("key-purpose", "key '%s' is a %s key and founds no ledger",
                         mledger_key_label(founding->key),
                         mledger_key_purpose_name(mledger_key_purpose_of(founding->key)));
    return MLEDGER_OK;
}

static int copy_key(struct ml_draft *draft, const uint8_t *key, ProtobufCBinaryData *ret_key)
{
    uint8_t *copy = ml_arena_alloc(&draft->arena, ML_KEY_SIZE);
    if (!copy)
        return ml_fail_memory();
    memcpy(copy, key, ML_KEY_SIZE);
    *ret_key = (ProtobufCBinaryData){.len = ML_KEY_SIZE, .data = copy};
    return MLEDGER_OK;
}

static int fill_keys(struct ml_draft *draft, const struct mledger_founding *founding,
                     Mledger__LedgerCreated *created)
{
    ML_TRY(copy_key(draft, mledger_key_public(founding->key), &created->key));
    ML_TRY(copy_key(draft, founding->log_key, &created->log_key));
    created->has_recovery_key = founding->recovery_key != NULL;
    return founding->recovery_key ? copy_key(draft, founding->recovery_key, &created->recovery_key)
                                  : MLEDGER_OK;
}

static int fill_genesis(struct ml_draft *draft, const struct mledger_founding *founding)
{
    static Mledger__Role every_role[] = {MLEDGER__ROLE__ADMIN, MLEDGER__ROLE__RECORDER,
                                         MLEDGER__ROLE__APPROVER};
    Mledger__LedgerCreated *created = ml_draft_set_kind(draft, "ledger_created");
    if (!created)
        return ml_fail_memory();
    created->name = ml_draft_text(draft, founding->name);
    created->origin = ml_draft_text(draft, founding->origin);
    created->actor_id = ml_draft_text(draft, founding->actor_id);
    created->roles = every_role;
    created->n_roles = ML_COUNT(every_role);
    if (!created->name || !created->origin || !created->actor_id)
        return ml_fail_memory();
    if (founding->person) {
        Mledger__Details *details = ml_draft_details(draft);
        if (!details || !(details->person = ml_draft_text(draft, founding->person)))
            return ml_fail_memory();
    }
    return fill_keys(draft, founding, created);
}

int mledger_create(const char *dir, const struct mledger_options *options,
                   const struct mledger_founding *founding, struct mledger_ledger **ret_ledger)
{
    ML_TRY(check_founding(founding));
    ML_CLEANUP(ml_draft_freep) struct ml_draft *draft = NULL;
    ML_TRY(ml_draft_new(&draft));
    ML_TRY(fill_genesis(draft, founding));
    const struct ml_ledger_options inner = options_of(options);
    const struct ml_signer signer = ml_api_signer(founding->key);
    struct ml_ledger *ledger;
    ML_TRY(ml_ledger_create(dir, &inner, draft, &signer, &ledger));
    *ret_ledger = ml_public(ledger);
    return MLEDGER_OK;
}
