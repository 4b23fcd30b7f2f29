/* SPDX-License-Identifier: Apache-2.0 */
/* What the commands on models and on versions share: finding the one named, tagging it. */
#ifndef ML_CLI_REGISTRY_H
#define ML_CLI_REGISTRY_H

#include "cli/named.h"
#include "cli/recording.h"

#define ML_ARGUMENT_MODEL                                                                          \
    {                                                                                              \
        .name = "MODEL", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MODEL},                     \
        .help = "The model: its name, or models:/NAME."                                            \
    }
#define ML_ARGUMENT_VERSION                                                                        \
    {                                                                                              \
        .name = "VERSION", .min = 1, .max = 1, .rule = {.kind = ML_VALUE_MODEL},                   \
        .help = "A version: churn/3, churn@champion, models:/churn/Staging."                       \
    }

/* Opens the recording and finds the argument VERSION. Errors as ml_recording_open() and
 * ml_named_version(); so below. */
int ml_registry_open_version(const struct ml_invocation *invocation, struct ml_output *out,
                             struct ml_recording *recording,
                             struct ml_named_version *ret_version) ML_MUST_USE;
/* The same for the argument MODEL. */
int ml_registry_open_model(const struct ml_invocation *invocation, struct ml_output *out,
                           struct ml_recording *recording,
                           struct ml_named_subject *ret_model) ML_MUST_USE;

/* "model" and "version" for --json. */
int ml_registry_facts(struct ml_recording *recording, const char *model,
                      uint64_t version) ML_MUST_USE;

/* Whence a list of words comes: the option or argument called `name`. */
struct ml_words {
    const char *name;
    size_t (*count)(const struct ml_invocation *invocation, const char *name);
    const char *(*at)(const struct ml_invocation *invocation, const char *name, size_t i);
};
#define ML_WORDS_OF_OPTION(option) ((struct ml_words){(option), ml_option_count, ml_option_at})
#define ML_WORDS_OF_ARGUMENT(argument)                                                             \
    ((struct ml_words){(argument), ml_argument_count, ml_argument_at})

/* A draft that sets tags, KEY=VALUE each, or deletes those with these keys; of version `version`
 * of the model, of the model itself if that is 0. No words make no draft.
 * MLEDGER_EUSAGE: a word is not KEY=VALUE. */
int ml_registry_add_tags(struct ml_recording *recording, const struct ml_named_version *of,
                         struct ml_words words) ML_MUST_USE;
int ml_registry_add_untags(struct ml_recording *recording, const struct ml_named_version *of,
                           struct ml_words words) ML_MUST_USE;

#endif
