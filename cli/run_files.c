/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/run_files.h"

#include "cli/parts.h"
#include "cli/run_values.h"
#include "ingest/flat.h"

int ml_run_files_params(struct ml_recording *recording, const char *path,
                        Mledger__RunLogged *logged)
{
    struct ml_draft *draft = ml_recording_draft(recording);
    ML_CLEANUP(ml_flat_release) struct ml_flat flat = {0};
    ML_TRY(ml_flat_read(path, &flat));
    for (size_t i = 0; i < flat.count; i++) {
        const struct ml_flat_value *value = &flat.values[i];
        const struct ml_pair pair = {ML_SPAN(value->key, strlen(value->key)), value->text};
        ML_TRY(ml_parts_append_pair(draft, &logged->params, &logged->n_params,
                                    &draft->details->param_values, &draft->details->n_param_values,
                                    &pair));
    }
    return MLEDGER_OK;
}

int ml_run_files_metrics(struct ml_recording *recording, const char *path,
                         Mledger__RunLogged *logged, size_t *ret_left_out)
{
    size_t left_out = 0;
    ML_CLEANUP(ml_flat_release) struct ml_flat flat = {0};
    ML_TRY(ml_flat_read(path, &flat));
    for (size_t i = 0; i < flat.count; i++) {
        const struct ml_flat_value *value = &flat.values[i];
        const struct ml_metric metric = {
            .key = ML_SPAN(value->key, strlen(value->key)),
            .text = ML_SPAN(value->text, strlen(value->text)),
            .value = value->number,
        };
        left_out += !value->is_number;
        if (value->is_number)
            ML_TRY(ml_run_values_metric(recording, logged, &metric));
    }
    *ret_left_out = left_out;
    return MLEDGER_OK;
}
