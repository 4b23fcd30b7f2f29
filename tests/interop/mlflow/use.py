# SPDX-License-Identifier: Apache-2.0
"""The life of a model, as training code that knows nothing of mledger lives it.

usage: use.py URL MAJOR    writes how many records of each kind must be there to records-MAJOR
"""
import math
import os
import sys
import tempfile

import mlflow
import mlflow.pyfunc
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient

url, major = sys.argv[1], int(sys.argv[2])
mlflow.set_tracking_uri(url)
client = MlflowClient()


class Identity(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


def equal(have, want):
    assert have == want, f"{have!r} is not {want!r}"


def fails(code, function, *args, **kwargs):
    try:
        function(*args, **kwargs)
    except MlflowException as error:
        equal(error.error_code, code)
    else:
        raise AssertionError(f"{function} is not refused")


experiment = mlflow.set_experiment("churn")
equal(mlflow.set_experiment("churn").experiment_id, experiment.experiment_id)
fails("RESOURCE_ALREADY_EXISTS", client.create_experiment, "churn")

with mlflow.start_run(run_name="base", tags={"team": "risk"}) as active:
    run_id = active.info.run_id
    mlflow.log_param("lr", 0.1)
    mlflow.log_params({"depth": 6, "trees": 100})
    fails("INVALID_PARAMETER_VALUE", client.log_param, run_id, "lr", 0.2)
    for step, value in enumerate([0.7, 0.8, 0.9]):
        mlflow.log_metric("auc", value, step=step)
    mlflow.log_metrics({"f1": 0.5, "odd": math.nan})
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notes.txt")
        with open(path, "w", encoding="utf-8") as notes:
            notes.write("first")
        mlflow.log_artifact(path)
        mlflow.log_artifacts(folder, "sub/folder")
    # MLflow 3 makes a logged model first, which the server does not answer yet.
    if major == 2:
        mlflow.pyfunc.log_model("model", python_model=Identity(), registered_model_name="clf")

run = client.get_run(run_id)
equal(run.info.status, "FINISHED")
equal(run.data.params, {"lr": "0.1", "depth": "6", "trees": "100"})
equal(run.data.metrics["auc"], 0.9)
assert math.isnan(run.data.metrics["odd"])
equal(run.data.tags["team"], "risk")
equal([point.step for point in client.get_metric_history(run_id, "auc")], [0, 1, 2])
names = [file.path for file in client.list_artifacts(run_id)]
equal(names, (["model"] if major == 2 else []) + ["notes.txt", "sub"])
fetched = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="sub/folder/notes.txt")
with open(fetched, encoding="utf-8") as notes:
    equal(notes.read(), "first")

found = client.search_runs([experiment.experiment_id], "metrics.auc > 0.8 and params.lr = '0.1'")
equal([one.info.run_id for one in found], [run_id])
equal(client.search_runs([experiment.experiment_id], "metrics.auc > 0.95"), [])

client.create_registered_model("fraud", description="finds fraud")
fails("RESOURCE_ALREADY_EXISTS", client.create_registered_model, "fraud")
for _ in range(2):
    client.create_model_version("fraud", f"runs:/{run_id}/model", run_id, await_creation_for=0)
client.transition_model_version_stage("fraud", "1", "Production")
client.transition_model_version_stage("fraud", "2", "Production", archive_existing_versions=True)
equal(client.get_model_version("fraud", "1").current_stage, "Archived")
client.set_registered_model_alias("fraud", "champion", "2")
equal(client.get_model_version_by_alias("fraud", "champion").version, "2")
equal([one.version for one in client.get_latest_versions("fraud", ["Production"])], ["2"])
equal([one.version for one in client.search_model_versions("name = 'fraud'")], ["2", "1"])
client.set_model_version_tag("fraud", "2", "approved", "yes")
fails("INVALID_PARAMETER_VALUE", client.transition_model_version_stage, "fraud", "2", "Nowhere")
client.rename_registered_model("fraud", "fraud2")
fails("RESOURCE_DOES_NOT_EXIST", client.get_registered_model, "fraud")
client.delete_model_version("fraud2", "1")
if major == 2:
    equal(mlflow.pyfunc.load_model("models:/clf/1").predict([1]), [1])

client.delete_run(run_id)
equal(client.search_runs([experiment.experiment_id]), [])
deleted = client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)
equal([one.info.run_id for one in deleted], [run_id])
client.restore_run(run_id)
equal(client.get_run(run_id).info.lifecycle_stage, "active")

expected = {
    "experiment_created": 2,  # and "Default", which is always there
    "run_started": 1,
    "run_ended": 1,
    "run_deleted": 1,
    "run_restored": 1,
    "model_created": 1 + (major == 2),
    "version_registered": 2 + (major == 2),
    "version_deleted": 1,
    "model_renamed": 1,
    "stage_transitioned": 3,
    "alias_set": 1,
}
with open(f"records-{major}", "w", encoding="utf-8") as records:
    for kind, count in expected.items():
        records.write(f"{count} {kind}\n")
