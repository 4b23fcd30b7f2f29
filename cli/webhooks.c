/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/webhooks.h"

#include "cli/keyring.h"

static const char *const reaches[] = {
    [ML_WEBHOOK_PUBLIC] = "public",
    [ML_WEBHOOK_LOOPBACK] = "loopback",
    [ML_WEBHOOK_PRIVATE] = "private",
};

/* The value of an option that not every command has. */
static const char *option_if_any(const struct ml_invocation *invocation, const char *name)
{
    return ml_option_find(invocation->command, name, strlen(name))
               ? ml_option_text(invocation, name, NULL)
               : NULL;
}

static enum ml_webhook_reach reach_of(const struct ml_invocation *invocation)
{
    const char *word = option_if_any(invocation, "webhook-reach");
    for (size_t i = 0; word && i < ML_COUNT(reaches); i++)
        if (strcmp(reaches[i], word) == 0)
            return (enum ml_webhook_reach)i;
    return ML_WEBHOOK_LOOPBACK;
}

int ml_webhooks_place_init(struct ml_webhooks_place *place, const struct ml_invocation *invocation)
{
    const char *dir = ml_option_text(invocation, "webhook-secrets", NULL);
    *place = (struct ml_webhooks_place){0};
    if (!dir)
        ML_TRY(ml_user_dir("XDG_CONFIG_HOME", ".config", "mledger/webhooks", &place->secrets_dir));
    else if (!(place->secrets_dir = strdup(dir)))
        return ml_fail_memory();
    place->sending =
        (struct ml_webhook_sending){.secrets_dir = place->secrets_dir,
                                    .reach = reach_of(invocation),
                                    .ca_file = option_if_any(invocation, "webhook-ca")};
    return MLEDGER_OK;
}

void ml_webhooks_place_release(struct ml_webhooks_place *place)
{
    free(place->secrets_dir);
    *place = (struct ml_webhooks_place){0};
}
