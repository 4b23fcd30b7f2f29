/* SPDX-License-Identifier: Apache-2.0 */
/* The metrics of runs, point by point: curves over their steps. */
#ifndef ML_QUERY_CURVES_H
#define ML_QUERY_CURVES_H

#include <jansson.h>

#include "ledger/query/basis.h"
#include "ledger/query/reader.h"
#include "ledger/query/reference.h"

struct ml_curve_point {
    int64_t step;
    int64_t time_us;  /* as claimed */
    bool known;       /* false: erased, or not told; value and text mean nothing */
    double value;     /* may be no number, or infinite */
    const char *text; /* as it was written */
    uint64_t seq;
};

struct ml_curve {
    const char *of;     /* "churn/3", "run baseline" */
    const char *run_id; /* of the run that measured it */
    const char *key;
    struct ml_curve_point *points; /* by step, then time, then record */
    size_t count, cap;
};

struct ml_curves {
    struct ml_curve *list; /* by key, then in the order asked for */
    size_t count, cap;
    size_t n_points;
};
void ml_curves_release(struct ml_curves *curves);

/* What is asked. All is borrowed. */
struct ml_curves_question {
    const struct ml_target *targets; /* versions and runs */
    size_t n_targets;
    const char *const *keys; /* of metrics; none: all */
    size_t n_keys;
};

/* As of the reader's record. Texts live in the reader's arena. Initialises *ret_curves in any case,
 * to be released. A version whose run is not recorded, or a run without such a metric, is no error:
 * it is said among what is not known. MLEDGER_EUSAGE: neither a version nor a run. Errors are those
 * of reading records. */
int ml_curves_read(struct ml_reader *reader, const struct ml_curves_question *question,
                   struct ml_basis *basis, struct ml_curves *ret_curves) ML_MUST_USE;

/*
 * {"curves": [{"of": "churn/3", "run": "4f2a", "key": "auc",
 *              "points": [{"step": 1, "time": "2026-…", "value": 0.91, "text": "0.910", "seq": 12},
 *                         …]}]}
 *
 * "value" is null where it is no finite number, "text" where it is not known. A new reference.
 * MLEDGER_ESYSTEM: memory is out.
 */
int ml_curves_to_json(const struct ml_curves *curves, json_t **ret_json) ML_MUST_USE;

#endif
