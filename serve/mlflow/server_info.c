/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MLflow 3's clients and web UI ask before all else: what this server is able to do of all
 * that MLflow's can (mlflow.server.handlers, build_server_info_payload). Nothing of it is here; and
 * nobody is told how the UI is used.
 */
#include "serve/mlflow/route.h"

int ml_rest_get_server_info(struct ml_rest_call *call, const void *message, void *answer)
{
    Mlflow__ServerInfo *info = answer;
    (void)message;
    info->has_workspaces_enabled = true;
    info->has_trace_archival_enabled = true;
    info->has_multipart_uploads_enabled = true;
    info->has_multipart_downloads_enabled = true;
    info->has_presigned_upload_run_id_supported = true;
    info->has_presigned_upload_model_id_supported = true;
    info->features_enabled = ml_arena_alloc(&call->arena, sizeof *info->features_enabled);
    if (!info->features_enabled)
        return ml_arena_fail(&call->arena, "the answer");
    mlflow__server_features__init(info->features_enabled);
    info->features_enabled->has_gateway = true;
    return MLEDGER_OK;
}

int ml_rest_get_ui_telemetry(struct ml_rest_call *call, const void *message, void *answer)
{
    Mlflow__UiTelemetry *telemetry = answer;
    (void)call;
    (void)message;
    telemetry->has_disable_ui_telemetry = true;
    telemetry->disable_ui_telemetry = true;
    telemetry->has_ui_rollout_percentage = true;
    return MLEDGER_OK;
}

int ml_rest_post_ui_telemetry(struct ml_rest_call *call, const void *message, void *answer)
{
    Mlflow__PostUiTelemetryResponse *response = answer;
    (void)call;
    (void)message;
    response->status = ml_rest_const("disabled");
    return MLEDGER_OK;
}

/* Of traces, scorers and evaluation datasets there are none here, and the pages that list them say
 * so: what makes them is not answered. */
int ml_rest_list_none(struct ml_rest_call *call, const void *message, void *answer)
{
    (void)call;
    (void)message;
    (void)answer;
    return MLEDGER_OK;
}
