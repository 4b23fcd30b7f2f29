/* SPDX-License-Identifier: Apache-2.0 */
/* What the notice*.c files share. */
#ifndef ML_SERVE_WEBHOOK_NOTICE_PRIVATE_H
#define ML_SERVE_WEBHOOK_NOTICE_PRIVATE_H

#include <jansson.h>

#include "serve/webhook/notice.h"

/* What a notice is about; NULL, or 0: it does not have that. */
struct ml_notice_subject {
    const char *model, *alias, *from_stage, *to_stage, *key, *value;
    uint64_t version, from_version;
    json_t *data; /* what stands in `data` besides these; borrowed */
};

/* Everything but actor and receipt; a new reference. MLEDGER_ESYSTEM: memory is out. */
int ml_notice_make(const struct ml_webhook_event *event, int64_t time_us,
                   const struct ml_notice_subject *about, json_t **ret_notice) ML_MUST_USE;
/* NULL is left out. */
int ml_notice_put_text(json_t *object, const char *name, const char *text) ML_MUST_USE;

#endif
