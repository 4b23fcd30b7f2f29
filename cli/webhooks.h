/* SPDX-License-Identifier: Apache-2.0 */
/* How this user's processes send notices: where secrets are, and how far notices may go. */
#ifndef ML_CLI_WEBHOOKS_H
#define ML_CLI_WEBHOOKS_H

#include "cli/invocation.h"
#include "serve/webhook/trial.h"

/* What every command has that sets, tries or serves webhooks. */
#define ML_OPTION_WEBHOOK_SECRETS                                                                  \
    {                                                                                              \
        .name = "webhook-secrets", .value = "DIR", .rule = {.kind = ML_VALUE_DIR},                 \
        .help = "Where the secrets of webhooks are kept, each in a file for this user alone; "     \
                "beside your keys, unless given. They are never in the ledger."                    \
    }
#define ML_OPTIONS_WEBHOOK                                                                         \
    {.name = "webhook-reach",                                                                      \
     .value = "WHERE",                                                                             \
     .rule = {.kind = ML_VALUE_CHOICE, .choices = ML_CHOICES("public", "loopback", "private")},    \
     .help = "How far notices may go: to public addresses, over https; also to this machine "      \
             "(the default, unless the ledger is served to others), over http too; also into "     \
             "private networks, over http too. Addresses are judged when a connection is made."},  \
        {.name = "webhook-ca",                                                                     \
         .value = "FILE",                                                                          \
         .rule = {.kind = ML_VALUE_FILE},                                                          \
         .help = "Trust the certificates of this PEM file when notices are sent by https, "        \
                 "instead of the system's."},                                                      \
        ML_OPTION_WEBHOOK_SECRETS

struct ml_webhooks_place {
    char *secrets_dir;
    struct ml_webhook_sending sending; /* borrows from it, and the invocation */
};

/* $XDG_CONFIG_HOME/mledger/webhooks unless --webhook-secrets says otherwise; makes nothing. Its
 * `reach` is ML_WEBHOOK_LOOPBACK unless --webhook-reach, if the command has it, is given; `ca_file`
 * likewise that of --webhook-ca.
 * MLEDGER_ESYSTEM: neither XDG_CONFIG_HOME nor HOME is set. */
int ml_webhooks_place_init(struct ml_webhooks_place *place,
                           const struct ml_invocation *invocation) ML_MUST_USE;
void ml_webhooks_place_release(struct ml_webhooks_place *place);

#endif
