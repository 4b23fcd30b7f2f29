# SPDX-License-Identifier: Apache-2.0
"""Writes a store with MLflow itself: python make.py DIR|URI [again]; below DIR a file store."""
import pathlib
import sys

import mlflow
import pandas
from mlflow import MlflowClient

where = sys.argv[1]
mlflow.set_tracking_uri(
    where if "://" in where else (pathlib.Path(where).resolve() / "mlruns").as_uri())
client = MlflowClient()
HAS_LOGGED_MODELS = int(mlflow.__version__.split(".")[0]) >= 3


def train(name, depth):
    with mlflow.start_run(run_name=name) as run:
        mlflow.log_params({"depth": depth, "loss": "log\nodds", "grid/size": 3})
        for step in range(25):
            mlflow.log_metric("auc", 0.5 + step / 100, step=step)
        mlflow.log_metrics({"odd": float("nan"), "far": float("inf"), "train/loss": 1e-7})
        mlflow.set_tags({"team": "growth", "mlflow.source.git.commit": "0123456789" * 4})
        frame = pandas.DataFrame({"x": [1, 2, depth], "y": [0, 1, 0]})
        mlflow.log_input(mlflow.data.from_pandas(frame, name="customers"), context="training")
        mlflow.log_text("weights of " + name, "model/weights.txt")
        mlflow.log_text("", "empty.txt")
        with mlflow.start_run(run_name=name + " child", nested=True):
            mlflow.log_param("fold", 1)
    return run.info.run_id


class Echo(mlflow.pyfunc.PythonModel if HAS_LOGGED_MODELS else object):
    def predict(self, context, model_input, params=None):
        return model_input


def log_models():
    """MLflow 3: a model that lives beside its run, one without a run, and a run that reads one."""
    frame = pandas.DataFrame({"x": [5, 6], "y": [1, 0]})
    held_out = mlflow.data.from_pandas(frame, name="held-out")
    with mlflow.start_run(run_name="logs a model"):
        model = mlflow.pyfunc.log_model(name="echo", python_model=Echo(), step=7,
                                        pip_requirements=[])
        mlflow.log_text("of the run itself", "notes.txt")
        mlflow.log_metric("auc", 0.75, step=2, dataset=held_out, model_id=model.model_id)
    with mlflow.start_run(run_name="reads a model"):
        mlflow.log_input(None, model=mlflow.entities.LoggedModelInput(model.model_id))
    client.create_registered_model("echo")
    version = mlflow.register_model(model.model_uri, "echo")
    client.set_registered_model_alias("echo", "best", version.version)
    mlflow.initialize_logged_model(name="of no run")


def first():
    mlflow.set_experiment("churn")
    mlflow.set_experiment_tag("owner", "growth")
    runs = [train("first", 3), train("second", 4)]
    try:
        with mlflow.start_run(run_name="failed"):
            raise ValueError("so that it fails")
    except ValueError:
        pass
    client.create_run(mlflow.get_experiment_by_name("churn").experiment_id, run_name="still going")
    gone = client.create_experiment("gone")
    client.delete_run(client.create_run(gone, run_name="deleted").info.run_id)
    client.delete_experiment(gone)
    client.create_registered_model("churn", tags={"domain": "sales"}, description="who leaves")
    for run in [*runs, runs[0]]:
        client.create_model_version("churn", f"runs:/{run}/model", run, description="a try")
    client.set_model_version_tag("churn", "1", "checked", "yes")
    client.transition_model_version_stage("churn", "1", "Production")
    client.set_registered_model_alias("churn", "champion", "1")
    client.set_registered_model_alias("churn", "other", "2")
    client.delete_model_version("churn", "3")
    if HAS_LOGGED_MODELS:
        log_models()


def again():
    run = client.search_runs(
        [mlflow.get_experiment_by_name("churn").experiment_id], "run_name = 'still going'")[0]
    client.log_metric(run.info.run_id, "auc", 0.25, step=1)
    client.set_terminated(run.info.run_id)
    client.set_registered_model_alias("churn", "champion", "2")
    client.transition_model_version_stage("churn", "2", "Staging")


again() if sys.argv[2:] else first()
