# SPDX-License-Identifier: Apache-2.0
"""Set the one time that MLflow takes from a clock of its own (a model's utc_time_created) to that
of its run.

usage: settle.py MLRUNS
"""
import datetime
import pathlib
import re
import sys

CREATED = re.compile(r"(utc_time_created(?:\"?: [\"']?))[0-9-]+ [0-9:.]+")


def run_start(run):
    millis = int(re.search(r"^start_time: (\d+)$", (run / "meta.yaml").read_text(), re.M)[1])
    start = datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc)
    return start.strftime("%Y-%m-%d %H:%M:%S.%f")


for run in (meta.parent for meta in pathlib.Path(sys.argv[1]).glob("*/*/meta.yaml")):
    if (run / "artifacts").is_dir():
        for path in [*run.glob("artifacts/*/MLmodel"), run / "tags/mlflow.log-model.history"]:
            if path.exists():
                path.write_text(CREATED.sub(rf"\g<1>{run_start(run)}", path.read_text()))
