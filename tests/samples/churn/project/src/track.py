"""Log the training that `dvc repro` just made as an MLflow run.

usage: track.py NAME [--register] [--failed REASON] [SECTION.KEY=VALUE...]
"""
import argparse
import json
import pathlib

import mlflow
import pandas
from mlflow.models import infer_signature

from common import read_params

parser = argparse.ArgumentParser()
parser.add_argument("name")
parser.add_argument("--register", action="store_true")
parser.add_argument("--failed")
parser.add_argument("changed", nargs="*")
arguments = parser.parse_args()

params = {f"{s}.{k}": v for s, keys in read_params().items() for k, v in keys.items()}
params.update(change.split("=") for change in arguments.changed)

mlflow.set_tracking_uri(pathlib.Path("mlruns").resolve().as_uri())
mlflow.set_experiment("churn")
mlflow.set_experiment_tag("project", "retention")


def log_data(part, context):
    path = f"data/features/{part}.csv"
    table = pandas.read_csv(path)
    data = mlflow.data.from_pandas(table, source=path, name=f"churn-{part}", targets="churned")
    mlflow.log_input(data, context=context)
    return table


def log_model():
    weights = json.loads(pathlib.Path("model/weights.json").read_text())
    for epoch, loss in enumerate(weights["losses"]):
        mlflow.log_metric("train/loss", loss, step=epoch)
    mlflow.log_metrics(json.loads(pathlib.Path("metrics.json").read_text()))
    mlflow.log_artifact("metrics.json")
    return mlflow.pyfunc.log_model(
        "model",
        python_model="src/churn_model.py",
        artifacts={"weights": "model/weights.json"},
        signature=infer_signature(train[weights["features"]], train["churned"].astype(float)),
        pip_requirements=["mlflow", "pandas"],
        registered_model_name="churn" if arguments.register else None,
    )


run = mlflow.start_run(run_name=arguments.name)
mlflow.log_params(params)
mlflow.set_tag("team", "retention")
train = log_data("train", "training")
log_data("test", "testing")
if arguments.failed:
    mlflow.log_metric("train/loss", float("nan"), step=0)
    mlflow.set_tag("mlflow.note.content", arguments.failed)
    mlflow.end_run("FAILED")
else:
    log_model()
    mlflow.end_run()
