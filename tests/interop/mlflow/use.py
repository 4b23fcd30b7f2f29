# SPDX-License-Identifier: Apache-2.0
"""The life of a model, as training code that knows nothing of mledger lives it.

usage: use.py URL MAJOR    writes how many records of each kind must be there to records-MAJOR
"""
import functools
import math
import os
import sys
import tempfile

import mlflow
import mlflow.pyfunc
import mlflow.sklearn
import pandas
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient
from sklearn.linear_model import LogisticRegression

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


frame = pandas.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [0, 0, 1, 1]})
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
    mlflow.log_input(mlflow.data.from_pandas(frame, name="customers"), context="training")
    info = mlflow.pyfunc.log_model("model", python_model=Identity(), registered_model_name="clf")

run = client.get_run(run_id)
equal(run.info.status, "FINISHED")
equal(run.data.params, {"lr": "0.1", "depth": "6", "trees": "100"})
equal(run.data.metrics["auc"], 0.9)
assert math.isnan(run.data.metrics["odd"])
equal(run.data.tags["team"], "risk")
equal([point.step for point in client.get_metric_history(run_id, "auc")], [0, 1, 2])
names = [file.path for file in client.list_artifacts(run_id)]
equal(names, (["model"] if major == 2 else []) + ["notes.txt", "sub"])
equal([one.dataset.name for one in run.inputs.dataset_inputs], ["customers"])
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
equal(mlflow.pyfunc.load_model("models:/clf/1").predict([1]), [1])
equal(mlflow.pyfunc.load_model(f"runs:/{run_id}/model").predict([1]), [1])
equal(mlflow.register_model(f"runs:/{run_id}/model", "clf").version, "2")
equal({str(version.run_id) for version in client.search_model_versions("name = 'clf'")}, {run_id})


def use_logged_models():
    """MLflow 3: models that live beside their runs."""
    model = mlflow.get_logged_model(info.model_id)
    equal((model.name, str(model.status), model.source_run_id), ("model", "READY", run_id))
    equal(model.params, {"lr": "0.1", "depth": "6", "trees": "100"})
    metrics = {metric.key: metric.value for metric in model.metrics}
    equal((sorted(metrics), metrics["auc"], metrics["f1"]), (["auc", "f1", "odd"], 0.7, 0.5))
    equal([one.model_id for one in client.get_run(run_id).outputs.model_outputs], [info.model_id])
    assert "MLmodel" in [file.path for file in client.list_logged_model_artifacts(info.model_id)]
    equal(mlflow.pyfunc.load_model(info.model_uri).predict([1]), [1])
    with mlflow.start_run(run_name="evaluates") as evaluation:
        held_out = mlflow.data.from_pandas(frame, name="held-out")
        mlflow.log_input(held_out, context="test", model=mlflow.entities.LoggedModelInput(info.model_id))
        mlflow.log_metric("auc", 0.6, dataset=held_out, model_id=info.model_id)
    evaluation = client.get_run(evaluation.info.run_id)
    equal([one.model_id for one in evaluation.inputs.model_inputs], [info.model_id])
    client.delete_run(evaluation.info.run_id)
    search = functools.partial(mlflow.search_logged_models, [experiment.experiment_id],
                               output_format="list")
    equal([one.model_id for one in search(filter_string="metrics.auc > 0.65")], [info.model_id])
    equal([one.model_id for one in search(datasets=[{"dataset_name": "held-out"}])], [info.model_id])
    equal(search(filter_string="name = 'other'"), [])
    free = mlflow.initialize_logged_model(name="of-no-run", params={"a": "1"}, tags={"t": "x"})
    client.set_logged_model_tags(free.model_id, {"k": "v"})
    client.delete_logged_model_tag(free.model_id, "t")
    client.log_model_params(free.model_id, {"b": "2"})
    mlflow.finalize_logged_model(free.model_id, "FAILED")
    free = mlflow.get_logged_model(free.model_id)
    equal((free.params, free.tags["k"], str(free.status)), ({"a": "1", "b": "2"}, "v", "FAILED"))
    client.delete_logged_model(free.model_id)
    fails("RESOURCE_DOES_NOT_EXIST", client.get_logged_model, free.model_id)
    fails("INVALID_PARAMETER_VALUE", mlflow.initialize_logged_model, name="a/b")


if major == 3:
    use_logged_models()

# What people have in their scripts without knowing what it calls.
mlflow.sklearn.autolog()
with mlflow.start_run(run_name="autolog") as auto:
    LogisticRegression().fit(frame[["x"]], frame["y"])
mlflow.sklearn.autolog(disable=True)
auto = client.get_run(auto.info.run_id)
assert "training_score" in auto.data.metrics and auto.data.params["max_iter"] == "100", auto.data
assert [one.dataset.name for one in auto.inputs.dataset_inputs] == ["dataset"], auto.inputs
assert mlflow.sklearn.load_model(f"runs:/{auto.info.run_id}/model").predict(frame[["x"]]).size == 4
mlflow.MlflowClient().delete_run(auto.info.run_id)

client.delete_run(run_id)
equal(client.search_runs([experiment.experiment_id]), [])
deleted = client.search_runs([experiment.experiment_id], run_view_type=ViewType.DELETED_ONLY)
equal([one.info.run_id for one in deleted][-1], run_id)  # the others were deleted above
client.restore_run(run_id)
equal(client.get_run(run_id).info.lifecycle_stage, "active")

expected = {
    "experiment_created": 2,  # and "Default", which is always there
    "run_started": 2 + (major == 3),
    "run_ended": 2 + (major == 3),
    "run_deleted": 2 + (major == 3),
    "run_restored": 1,
    "model_created": 2,
    "version_registered": 4,
    "logged_model_created": 3 if major == 3 else 0,
    "logged_model_updated": 4 if major == 3 else 0,
    "logged_model_deleted": 1 if major == 3 else 0,
    "version_deleted": 1,
    "model_renamed": 1,
    "stage_transitioned": 3,
    "alias_set": 1,
}
with open(f"records-{major}", "w", encoding="utf-8") as records:
    for kind, count in expected.items():
        records.write(f"{count} {kind}\n")
