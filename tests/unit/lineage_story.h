/* SPDX-License-Identifier: Apache-2.0 */
/* One model's history as lineage sees it; the seqs of its records are fixed. */
#ifndef TESTS_LINEAGE_STORY_H
#define TESTS_LINEAGE_STORY_H

#include "tests/unit/ledger_fixture.h"

/* Digests of 32, 16 and 20 bytes, each of one repeated pair of hexadecimal digits. */
#define HEX20(x) x x x x x x x x x x x x x x x x x x x x
#define HEX16(x) x x x x x x x x x x x x x x x x
#define HEX32(x) HEX16(x) HEX16(x)
#define SHA(x) "sha256:" HEX32(x)
#define MD5(x) "md5:" HEX16(x)
#define GIT(x) "git:" HEX20(x)

enum {
    STORY_BOB = 1,        /* actor bob … */
    STORY_BOB_KEY,        /* … and his key */
    STORY_DATASET,        /* dataset raw, sha256 11…, md5 aa… */
    STORY_PIPELINE,       /* at commit c1…: prepare (raw → clean), train (clean → model) */
    STORY_EXPERIMENT,     /* churn-exp */
    STORY_RUN,            /* r1 at commit c1…, of alice */
    STORY_LOGGED,         /* its parameters, its input train-set: md5 bb…, what prepare made */
    STORY_ARTIFACT,       /* its output model.pkl, sha256 44… */
    STORY_MODEL,          /* churn */
    STORY_VERSION,        /* churn/1 from r1, sha256 44… */
    STORY_VALIDATION,     /* passed */
    STORY_APPROVAL,       /* bob's */
    STORY_TRANSITION,     /* to Production */
    STORY_ALIAS,          /* champion */
    STORY_DEPLOYMENT,     /* to endpoint scoring */
    STORY_DERIVED_RUN,    /* r2 … */
    STORY_DERIVED_LOGGED, /* … reads churn/1 */
    STORY_DERIVED,        /* churn/2 from r2, base churn/1 */
    STORY_UNSEEN,         /* churn/3 from run ghost, which no record started */
    STORY_MOVED,          /* champion now points to churn/2 */
    STORY_SIZE,
};

void story_add(struct fixture *fixture);

#endif
