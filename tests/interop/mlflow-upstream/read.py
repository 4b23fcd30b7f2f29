# SPDX-License-Identifier: Apache-2.0
"""Whether two servers hold the same: experiments, runs, models, versions and artifacts.

usage: read.py URL OTHER
"""
import hashlib
import json
import logging
import os
import sys

logging.disable(logging.WARNING)
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"

import mlflow  # noqa: E402
from mlflow.entities import ViewType  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402


def files(client, run_id, path=None):
    for entry in client.list_artifacts(run_id, path):
        if entry.is_dir:
            yield from files(client, run_id, entry.path)
        else:
            with open(client.download_artifacts(run_id, entry.path), "rb") as file:
                yield entry.path, hashlib.sha256(file.read()).hexdigest()


def held_by(url):
    mlflow.set_tracking_uri(url)
    client = MlflowClient()
    experiments = client.search_experiments(view_type=ViewType.ALL, order_by=["name"])
    runs = client.search_runs([one.experiment_id for one in experiments], run_view_type=ViewType.ALL,
                              order_by=["attributes.start_time", "attributes.run_id"])
    things = [dict(one) for one in experiments]
    things += [[one.to_dictionary(), dict(files(client, one.info.run_id))] for one in runs]
    things += [[one.name, one.tags, client.get_registered_model(one.name).aliases]
               for one in client.search_registered_models()]
    things += [dict(one) for one in client.search_model_versions(order_by=["name", "version_number"])]
    return [json.dumps(one, sort_keys=True, default=str) for one in things]


one, other = held_by(sys.argv[1]), held_by(sys.argv[2])
assert len(one) > 20, one
for line in set(one) ^ set(other):
    print(line)
assert one == other
