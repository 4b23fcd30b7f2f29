# SPDX-License-Identifier: Apache-2.0
"""What there is to see: an experiment with two runs and a model with two versions.

usage: make.py URL    the ids as shell variables on standard output
"""
import os
import sys
import tempfile

import mlflow
from mlflow.tracking import MlflowClient

SIGNATURE = """flavors: {}
signature:
  inputs: '[{"name": "tenure_months", "type": "double", "required": true}]'
  outputs: '[{"type": "double", "required": true}]'
"""

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = client.create_experiment("churn-study", tags={"mlflow.note.content": "who leaves"})
runs = []
for name, rate, base in (("shallow", "0.1", 0.70), ("deeper", "0.05", 0.80)):
    run = client.create_run(experiment, run_name=name, tags={"team": "risk-lab"}).info.run_id
    client.log_param(run, "learning_rate", rate)
    client.log_param(run, "booster", "gbtree")
    for step in range(12):
        client.log_metric(run, "auc", base + step / 100, step=step)
    client.log_metric(run, "final_loss", 0.4321)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "notes.txt")
        with open(path, "w", encoding="utf-8") as notes:
            notes.write(f"measured on a quiet afternoon by {name}\n")
        client.log_artifact(run, path, "report")
        with open(os.path.join(folder, "MLmodel"), "w", encoding="utf-8") as model:
            model.write(SIGNATURE)
        client.log_artifact(run, model.name, "model")
    client.log_inputs(run, [mlflow.entities.DatasetInput(
        mlflow.entities.Dataset("customers", "abcd1234", "local", "{}"),
        [mlflow.entities.InputTag("mlflow.data.context", "training")],
    )])
    client.set_terminated(run)
    runs.append(run)
client.create_registered_model("churn", description="says who leaves")
for run in runs:
    client.create_model_version("churn", f"runs:/{run}/model", run, await_creation_for=0)
client.transition_model_version_stage("churn", "1", "Production")
client.set_registered_model_alias("churn", "champion", "1")
client.set_model_version_tag("churn", "1", "reviewed", "by-dana")
print(f"experiment={experiment} run={runs[1]} other={runs[0]}")
