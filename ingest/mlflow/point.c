/* SPDX-License-Identifier: Apache-2.0 */
#include "ingest/mlflow/point.h"

#include <float.h>
#include <math.h>

#include "ledger/core/double.h"

int ml_mlflow_point_put(struct ml_pool *pool, double value, struct ml_mlflow_point *point)
{
    char text[ML_DOUBLE_TEXT_SIZE];
    if (fabs(value) >= DBL_MAX)
        value = value > 0 ? HUGE_VAL : -HUGE_VAL;
    point->value = value;
    if (isnan(value))
        point->text = "nan";
    else if (isinf(value))
        point->text = value > 0 ? "inf" : "-inf";
    else {
        ml_double_format(value, text);
        point->text = ml_pool_text(pool, text, strlen(text));
    }
    return point->text ? MLEDGER_OK : MLEDGER_ESYSTEM;
}
