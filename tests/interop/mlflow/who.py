# SPDX-License-Identifier: Apache-2.0
"""A run with an artifact, by whoever the environment says (MLFLOW_TRACKING_…).

usage: who.py URL RUN-NAME [refused]    prints what it was refused with, with "refused"
"""
import sys

import mlflow
from mlflow.exceptions import MlflowException

url, name, refused = sys.argv[1], sys.argv[2], sys.argv[3:] == ["refused"]
mlflow.set_tracking_uri(url)
try:
    with mlflow.start_run(run_name=name) as active:
        mlflow.log_metric("auc", 0.5)
        mlflow.log_text("said by " + name, "notes.txt")
    back = mlflow.artifacts.load_text(active.info.artifact_uri + "/notes.txt")
    assert back == "said by " + name, back
except MlflowException as error:
    if not refused:
        raise
    print(error.error_code, error)
else:
    assert not refused, "it was let in"
