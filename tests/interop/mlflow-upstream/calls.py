# SPDX-License-Identifier: Apache-2.0
"""Calls each method of MLflow's client, and what people use without knowing what it calls, and says
what came of it in lines that are the same for every server that answers as MLflow's own does: ids
are numbered as they appear, of times it is said that they are there, of refusals which they are.

usage: calls.py URL
"""
import io
import json
import logging
import math
import os
import re
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")

import mlflow  # noqa: E402
import mlflow.data  # noqa: E402
import mlflow.pyfunc  # noqa: E402
import mlflow.sklearn  # noqa: E402
import pandas  # noqa: E402
from mlflow.entities import Metric, Param, RunStatus, RunTag, ViewType  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402
from mlflow.tracking import MlflowClient  # noqa: E402

url = sys.argv[1]
major = int(mlflow.__version__.split(".")[0])
mlflow.set_tracking_uri(url)
client = MlflowClient()
ids: dict[str, str] = {}
IDS = re.compile(r"\bm-[0-9a-f]{32}\b|\b[0-9a-f]{32}\b")


def numbered(match):
    return ids.setdefault(match.group(0), f"#{len(ids)}")


def shown(text):
    text = text.replace(url, "URL")
    text = IDS.sub(numbered, text)
    text = re.sub(r"x{50,}", "x...", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID", text)
    text = re.sub(r"port=\d+", "port=P", re.sub(r" at 0x[0-9a-f]+", "", text))
    text = re.sub(r"/tmp/[^\s'\"]*", "/tmp", text)
    return re.sub(r"(?<![\d.])1[6-9]\d{11}(?!\d)", "TIME", text)  # milliseconds


def plain(value, key=""):
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        if "time" in key:
            return "TIME" if value else value
        return "NaN" if isinstance(value, float) and math.isnan(value) else value
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, dict):
        return {shown(str(k)): plain(value[k], str(k)) for k in sorted(value, key=str)}
    if isinstance(value, (list, tuple, set)):
        listed = [plain(one) for one in value]
        if key == "latest_versions":  # as the database has them
            listed.sort(key=lambda one: one["version"])
        return listed
    if isinstance(value, pandas.DataFrame):
        return {c: [plain(v, c) for v in value[c].tolist()] for c in sorted(value.columns)}
    if hasattr(value, "isoformat"):
        return "TIME"
    try:
        return {k: plain(v, k) for k, v in sorted(dict(value).items())}
    except (TypeError, ValueError):
        return shown(str(value))


def call(title, function, /, *args, **kwargs):
    """Says what came of it, and gives it; None where it was refused."""
    result = None
    try:
        result = function(*args, **kwargs)
        said = json.dumps(plain(result), sort_keys=True)
    except MlflowException as error:
        said = error.error_code
    except Exception as error:  # pylint: disable=broad-except
        said = type(error).__name__
    print(f"{title}: {said}", flush=True)
    return result


def method(name, /, *args, **kwargs):
    called.add(name)
    return call(name, getattr(client, name), *args, **kwargs)


called: set[str] = set()
frame = pandas.DataFrame({"x": [0.0, 1.0, 2.0, 3.0], "y": [0, 0, 1, 1]})


class Identity(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input


# ---- experiments ----
one = method("create_experiment", "one", tags={"team": "risk", "odd é": "ü\n"})
two = method("create_experiment", "two", artifact_location="s3://bucket/path")
method("create_experiment", "one")
method("create_experiment", "")
method("create_experiment", "x" * 501)
method("get_experiment", one)
method("get_experiment", two)
method("get_experiment", "4711")
if major == 3:
    method("get_experiment", "no-number")
method("get_experiment_by_name", "one")
method("get_experiment_by_name", "nobody")
method("set_experiment_tag", one, "k", "v")
method("set_experiment_tag", one, "k", "x" * 20001)
if major == 3:
    method("delete_experiment_tag", one, "k")
    method("delete_experiment_tag", one, "k")
method("rename_experiment", two, "zwei")
method("rename_experiment", two, "one")
method("delete_experiment", two)
method("delete_experiment", two)
method("rename_experiment", two, "deux")
method("set_experiment_tag", two, "a", "b")
method("create_experiment", "zwei")
method("get_experiment", two)
method("create_run", two)
method("search_experiments")
method("search_experiments", view_type=ViewType.ALL, order_by=["name ASC"])
method("search_experiments", view_type=ViewType.DELETED_ONLY)
method("search_experiments", filter_string="name LIKE 'o%' AND tags.team = 'risk'")
method("search_experiments", filter_string="name ILIKE 'O%'")
method("search_experiments", filter_string="creation_time > 0", order_by=["experiment_id DESC"])
method("search_experiments", filter_string="nonsense = 1")
method("search_experiments", max_results=1)
method("search_experiments", max_results=0)
method("search_experiments", order_by=["nonsense"])
method("restore_experiment", two)
method("restore_experiment", two)
for name in ("c", "a", "b"):
    call("an experiment more", client.create_experiment, name)
page = method("search_experiments", max_results=2, order_by=["name"])
method("search_experiments", max_results=2, order_by=["name"], page_token=page.token)

# ---- runs ----
run = method("create_run", one, start_time=1700000000000, tags={"t": "1"}, run_name="base")
run_id = run.info.run_id
method("create_run", one, tags={"mlflow.runName": "a"}, run_name="b")
method("create_run", "4711")
method("log_param", run_id, "lr", 0.1)
method("log_param", run_id, "lr", 0.1)
method("log_param", run_id, "lr", 0.2)
method("log_param", run_id, "empty", "")
method("log_param", run_id, "a/b c.d-e_f", 1)
method("log_param", run_id, "bad?key", 1)
method("log_param", run_id, "../up", 1)
method("log_param", run_id, "k" * 251, 1)
method("log_param", run_id, "long", "x" * 6001)
method("log_metric", run_id, "auc", 0.5, timestamp=1000, step=0)
method("log_metric", run_id, "auc", 0.7, timestamp=2000, step=1)
method("log_metric", run_id, "auc", 0.6, timestamp=1500, step=1)
method("log_metric", run_id, "auc", 0.9, timestamp=2000, step=1)
method("log_metric", run_id, "auc", 0.8, timestamp=2000, step=1)
method("log_metric", run_id, "nan", math.nan, timestamp=1, step=0)
method("log_metric", run_id, "inf", math.inf, timestamp=1, step=0)
method("log_metric", run_id, "minus", -math.inf, timestamp=1, step=-3)
method("log_metric", run_id, "bad?key", 1.0)
method("log_metric", run_id, "text", "no number")
method("get_metric_history", run_id, "auc")
method("get_metric_history", run_id, "nan")
method("get_metric_history", run_id, "inf")
method("get_metric_history", run_id, "none")
method("set_tag", run_id, "team", "fraud")
method("set_tag", run_id, "team", "churn")
method("set_tag", run_id, "long", "x" * 9001)
method("set_tag", run_id, "mlflow.runName", "renamed")
method("delete_tag", run_id, "team")
method("delete_tag", run_id, "team")
batch = dict(metrics=[Metric("m", float(i), 1000 + i, i) for i in range(3)],
             params=[Param("p", "1"), Param("q", "2")], tags=[RunTag("u", "v")])
method("log_batch", run_id, **batch)
method("log_batch", run_id, params=[Param("p", "1"), Param("p", "2")])
method("log_batch", run_id, params=[Param("p", "9")])
method("log_batch", run_id, params=[Param(f"n{i}", "1") for i in range(101)])
method("log_batch", run_id, tags=[RunTag(f"n{i}", "1") for i in range(101)])
method("log_batch", run_id, metrics=[Metric("many", 1.0, 1, i) for i in range(1001)])
method("log_batch", run_id)
method("get_run", run_id)
method("get_run", "0" * 32)
method("get_run", "no-id")
child = call("a child", client.create_run, one, tags={"mlflow.parentRunId": run_id}, run_name="child")
method("get_parent_run", child.info.run_id)
method("get_parent_run", run_id)
method("update_run", child.info.run_id, name="kid")
method("update_run", child.info.run_id, status="NONSENSE")
method("set_terminated", child.info.run_id, "KILLED", 1700000001000)
method("get_run", child.info.run_id)
method("update_run", child.info.run_id, status="RUNNING")
method("set_terminated", child.info.run_id)
data = mlflow.data.from_pandas(frame, source="s3://b/x.csv", name="customers", targets="y")
from mlflow.entities import DatasetInput, InputTag  # noqa: E402
given = [DatasetInput(data._to_mlflow_entity(), [InputTag("mlflow.data.context", "training")])]
method("log_inputs", run_id, datasets=given)
method("log_inputs", run_id, datasets=given)
method("log_inputs", run_id, datasets=[])
call("inputs", lambda: client.get_run(run_id).inputs)
method("delete_run", child.info.run_id)
method("delete_run", child.info.run_id)
method("log_metric", child.info.run_id, "late", 1.0)
method("set_tag", child.info.run_id, "late", "1")
method("update_run", child.info.run_id, name="late")
method("search_runs", [one], order_by=["attributes.start_time ASC"])
method("search_runs", [one], run_view_type=ViewType.DELETED_ONLY)
method("restore_run", child.info.run_id)
method("restore_run", child.info.run_id)
method("delete_run", "0" * 32)
for text in ("metrics.auc > 0.1", "metrics.auc >= 0.9 and params.lr = '0.1'", "params.lr LIKE '0%'",
             "tags.t = '1'", "tags.`t` != '2'", "attributes.status = 'RUNNING'", "run_name = 'renamed'",
             "attributes.run_name ILIKE 'REN%'", "attributes.run_id IN ('a', 'b')",
             f"attributes.run_id NOT IN ('{run_id}')", "datasets.name = 'customers'",
             "datasets.context = 'training'", "start_time > 0", "attributes.end_time > 0",
             "params.lr > 0.1", "metrics.auc = 'x'", "nonsense", "tags.t = 1", "attributes.x = '1'",
             "params.none = '1'", "metrics.nan > 0", "a = 1 OR b = 2", "params.`a/b c.d-e_f` = '1'",
             "user_id != ''", "lifecycle_stage = 'active'", "artifact_uri LIKE 'mlflow%'"):
    method("search_runs", [one], text)
page = method("search_runs", [one], max_results=1, order_by=["metrics.auc DESC", "params.lr"])
method("search_runs", [one], max_results=1, order_by=["metrics.auc DESC", "params.lr"],
       page_token=page.token)
method("search_runs", [one], max_results=1, page_token="nonsense")
method("search_runs", [one], max_results=50001)
method("search_runs", [one], order_by=["metrics.auc sideways"])
method("search_runs", ["4711"])
method("search_runs", [])

# ---- artifacts ----
folder = tempfile.mkdtemp()
with open(os.path.join(folder, "a.txt"), "w", encoding="utf-8") as file:
    file.write("first")
os.mkdir(os.path.join(folder, "sub"))
with open(os.path.join(folder, "sub", "b é#?%.txt"), "w", encoding="utf-8") as file:
    file.write("second")
method("log_artifact", run_id, os.path.join(folder, "a.txt"))
method("log_artifact", run_id, os.path.join(folder, "a.txt"), "deep/er")
method("log_artifact", run_id, os.path.join(folder, "none.txt"))
method("log_artifacts", run_id, folder, "all")
method("log_text", run_id, "text", "texts/one.txt")
method("log_text", run_id, "other", "texts/one.txt")
method("log_dict", run_id, {"a": [1, 2]}, "dict.json")
method("log_dict", run_id, {"a": [1, 2]}, "dict.yaml")
method("log_table", run_id, {"x": [1, 2], "y": ["a", "b"]}, "table.json")
method("log_table", run_id, {"x": [3], "y": ["c"]}, "table.json")
method("load_table", one, "table.json")
method("list_artifacts", run_id)
method("list_artifacts", run_id, "all")
method("list_artifacts", run_id, "all/sub")
method("list_artifacts", run_id, "all/none")
method("list_artifacts", run_id, "a.txt")
method("list_artifacts", run_id, "../..")
method("list_artifacts", "0" * 32)


def content(path):
    if os.path.isfile(path):
        with open(path, encoding="utf-8") as read:
            return read.read()
    return {os.path.relpath(os.path.join(at, name), path): content(os.path.join(at, name))
            for at, _, names in os.walk(path) for name in names}


def fetch(*args, **kwargs):
    return content(mlflow.artifacts.download_artifacts(*args, **kwargs))


call("download a file", fetch, run_id=run_id, artifact_path="a.txt")
call("download a folder", fetch, run_id=run_id, artifact_path="all")
call("download by URI", fetch, f"runs:/{run_id}/texts/one.txt")
call("download nothing", fetch, run_id=run_id, artifact_path="none")
call("list by URI", mlflow.artifacts.list_artifacts, f"runs:/{run_id}/all")
call("load text", mlflow.artifacts.load_text, f"runs:/{run_id}/texts/one.txt")
call("load dict", mlflow.artifacts.load_dict, f"runs:/{run_id}/dict.json")
called.add("download_artifacts")
call("download_artifacts", lambda: content(client.download_artifacts(run_id, "dict.json")))


def figures():
    import matplotlib
    matplotlib.use("agg")
    from matplotlib import pyplot
    figure, _ = pyplot.subplots()
    client.log_figure(run_id, figure, "pictures/figure.png")
    import numpy
    client.log_image(run_id, numpy.zeros((4, 4, 3), dtype=numpy.uint8), "pictures/image.png")
    client.log_image(run_id, numpy.zeros((4, 4, 3), dtype=numpy.uint8), key="seen", step=1, timestamp=1)
    return sorted(os.path.splitext(entry.path)[1] for path in ("pictures", "images")
                  for entry in client.list_artifacts(run_id, path))


called |= {"log_figure", "log_image"}
if major == 3:
    call("pictures", figures)

# ---- registry ----
method("create_registered_model", "m", tags={"a": "b"}, description="of m")
method("create_registered_model", "m")
if major == 3:
    method("create_registered_model", "a/b")
    method("create_registered_model", "a:b")
method("create_registered_model", "")
method("get_registered_model", "m")
method("get_registered_model", "none")
method("update_registered_model", "m", "changed")
method("update_registered_model", "none", "changed")
method("set_registered_model_tag", "m", "k", "v")
method("set_registered_model_tag", "m", "empty", "")
method("set_registered_model_tag", "none", "k", "v")
method("delete_registered_model_tag", "m", "k")
method("delete_registered_model_tag", "m", "k")
method("create_model_version", "m", f"runs:/{run_id}/model", run_id, tags={"v": "1"}, description="d")
method("create_model_version", "m", "s3://bucket/m", await_creation_for=0)
method("create_model_version", "none", "s3://bucket/m", await_creation_for=0)
method("create_model_version", "m", "s3://bucket/../m", await_creation_for=0)
method("create_model_version", "m", "/etc/passwd", await_creation_for=0)
method("create_model_version", "m", "s3://bucket/m", "0" * 32, await_creation_for=0)
method("get_model_version", "m", "1")
method("get_model_version", "m", "9")
method("get_model_version", "m", "one")
method("get_model_version_download_uri", "m", "1")
method("get_model_version_download_uri", "m", "2")
method("get_model_version_stages", "m", "1")
method("update_model_version", "m", "1", "other words")
method("update_model_version", "m", "9", "other words")
method("set_model_version_tag", "m", "1", "k", "v")
method("set_model_version_tag", "m", version=None, stage=None, key="k", value="v")
method("set_model_version_tag", "m", "9", "k", "v")
method("delete_model_version_tag", "m", "1", "k")
method("delete_model_version_tag", "m", "1", "k")
method("transition_model_version_stage", "m", "1", "production")
method("transition_model_version_stage", "m", "2", "Production", archive_existing_versions=True)
method("transition_model_version_stage", "m", "2", "Archived", archive_existing_versions=True)
method("transition_model_version_stage", "m", "2", "Nowhere")
method("transition_model_version_stage", "m", "9", "Staging")
method("get_latest_versions", "m")
method("get_latest_versions", "m", ["Production", "Staging"])
method("get_latest_versions", "m", ["Nowhere"])
method("get_latest_versions", "none")
method("set_registered_model_alias", "m", "champion", "2")
method("set_registered_model_alias", "m", "champion", "1")
method("set_registered_model_alias", "m", "latest", "1")
method("set_registered_model_alias", "m", "v1", "1")
method("set_registered_model_alias", "m", "a b", "1")
method("set_registered_model_alias", "m", "new", "9")
method("get_model_version_by_alias", "m", "champion")
method("get_model_version_by_alias", "m", "nobody")
if major == 3:
    method("get_model_version_by_alias", "none", "champion")
method("get_registered_model", "m")
method("delete_registered_model_alias", "m", "champion")
method("delete_registered_model_alias", "m", "champion")
call("a second model", client.create_registered_model, "n", tags={"t": "1"})
called.add("copy_model_version")
call("copy_model_version", client.copy_model_version, "models:/m/1", "copy")
call("the copy's files", client.get_model_version_download_uri, "copy", "1")
call("copy nothing", client.copy_model_version, "models:/m/9", "copy")
method("search_registered_models")
method("search_registered_models", "name LIKE 'm%'")
method("search_registered_models", "tags.t = '1'")
method("search_registered_models", "nonsense = 1")
method("search_registered_models", order_by=["name DESC"])
method("search_registered_models", order_by=["last_updated_timestamp DESC"])
method("search_registered_models", max_results=1)
method("search_registered_models", max_results=1001)
for text in ("", "name = 'm'", "name = 'm' and version_number = 2", f"run_id = '{run_id}'",
             f"run_id IN ('{run_id}')", "tags.v = '1'", "source_path = 's3://bucket/m'",
             "name ILIKE 'M'", "version_number > '1'", "nonsense = 1", "run_id LIKE 'x'"):
    method("search_model_versions", text)
method("search_model_versions", order_by=["version_number ASC", "name DESC"], max_results=2)
method("rename_registered_model", "n", "m")
method("rename_registered_model", "n", "o")
method("rename_registered_model", "none", "p")
method("get_registered_model", "n")
method("delete_model_version", "m", "2")
method("delete_model_version", "m", "2")
method("create_model_version", "m", "s3://bucket/m3", await_creation_for=0)
method("delete_registered_model", "o")
method("delete_registered_model", "o")
call("the name again", client.create_registered_model, "o")

# ---- fluent ----
mlflow.set_experiment("fluent")
with mlflow.start_run(run_name="outer") as outer:
    mlflow.log_params({"lr": 0.1, "depth": 6})
    mlflow.log_metrics({"auc": 0.9, "f1": 0.5}, step=0)
    mlflow.set_tags({"a": 1, "b": None})
    mlflow.log_input(data, context="training")
    with mlflow.start_run(run_name="inner", nested=True) as inner:
        mlflow.log_metric("loss", 0.25)
        mlflow.log_text("inner", "note.txt")
    call("log_model", lambda: mlflow.pyfunc.log_model(
        "model", python_model=Identity(), pip_requirements=["mlflow"]).flavors.keys())
    uri = f"runs:/{outer.info.run_id}/model"
call("the outer run", lambda: client.get_run(outer.info.run_id).data.metrics)
call("its parent", lambda: mlflow.get_parent_run(inner.info.run_id).info.run_id)
call("register of runs:", lambda: mlflow.register_model(uri, "fluent", tags={"x": "y"}).version)
call("register again", lambda: mlflow.register_model(uri, "fluent").run_id)
call("register of models:", lambda: mlflow.register_model("models:/fluent/1", "fluent2").version)
call("load by version", lambda: mlflow.pyfunc.load_model("models:/fluent/1").predict(frame[["x"]]))
client.set_registered_model_alias("fluent", "best", "2")
call("load by alias", lambda: mlflow.pyfunc.load_model("models:/fluent@best").predict(frame[["x"]]))
call("load latest", lambda: mlflow.pyfunc.load_model("models:/fluent/latest").predict(frame[["x"]]))
client.transition_model_version_stage("fluent", "1", "Staging")
call("load by stage", lambda: mlflow.pyfunc.load_model("models:/fluent/Staging").predict(frame[["x"]]))
call("load of the run", lambda: mlflow.pyfunc.load_model(uri).predict(frame[["x"]]))
call("load nothing", lambda: mlflow.pyfunc.load_model("models:/fluent/9"))
call("its environment", lambda: os.path.basename(mlflow.pyfunc.get_model_dependencies("models:/fluent/1")))
call("search_runs with pandas", lambda: sorted(
    c for c in mlflow.search_runs(experiment_names=["fluent"]).columns))
call("a list of it", lambda: [r.info.run_name for r in mlflow.search_runs(
    experiment_names=["fluent"], output_format="list", order_by=["attributes.run_name"])])
call("search_registered_models", lambda: [m.name for m in mlflow.search_registered_models()])
call("search_model_versions", lambda: [(m.name, m.version) for m in mlflow.search_model_versions(
    filter_string="name = 'fluent'")])
call("last_active_run", lambda: mlflow.last_active_run().info.run_name)
call("delete_experiment", mlflow.delete_experiment, client.get_experiment_by_name("a").experiment_id)


def autolog():
    from sklearn.linear_model import LogisticRegression
    mlflow.sklearn.autolog(log_models=False)  # with models: tests/interop/mlflow
    with mlflow.start_run(run_name="autolog") as auto:
        model = LogisticRegression().fit(frame[["x"]], frame["y"])
        model.score(frame[["x"]], frame["y"])
    mlflow.sklearn.autolog(disable=True)
    auto = client.get_run(auto.info.run_id)
    return (sorted(auto.data.metrics), sorted(auto.data.params), sorted(auto.data.tags),
            [one.dataset.name for one in auto.inputs.dataset_inputs],
            [entry.path for entry in client.list_artifacts(auto.info.run_id)])


call("autolog", autolog)


def evaluate():
    with mlflow.start_run(run_name="evaluate") as active:
        given = mlflow.data.from_pandas(pandas.DataFrame({"t": [0, 1, 1], "p": [0, 1, 0]}),
                                        predictions="p", targets="t", name="held")
        evaluation = getattr(mlflow, "evaluate", None) or mlflow.models.evaluate
        result = evaluation(data=given, model_type="classifier")
    return sorted(result.metrics), [one.dataset.name for one in
                                    client.get_run(active.info.run_id).inputs.dataset_inputs]


if major == 3:
    call("evaluate", evaluate)


def logged_models():
    model = method("create_logged_model", one, name="lm", source_run_id=run_id, params={"p": "1"},
                   tags={"t": "1"}, model_type="x")
    model_id = model.model_id
    method("create_logged_model", "4711", name="x")
    method("create_logged_model", one, name="a/b")
    method("get_logged_model", model_id)
    method("get_logged_model", "m-" + "0" * 32)
    method("log_model_params", model_id, {"q": "2"})
    method("set_logged_model_tags", model_id, {"u": "v"})
    method("delete_logged_model_tag", model_id, "u")
    method("delete_logged_model_tag", model_id, "u")
    method("log_model_artifact", model_id, os.path.join(folder, "a.txt"))
    method("log_model_artifacts", model_id, os.path.join(folder, "sub"))
    method("list_logged_model_artifacts", model_id)
    method("finalize_logged_model", model_id, "READY")
    method("log_outputs", run_id, [mlflow.entities.LoggedModelOutput(model_id, 1)])
    method("log_metric", run_id, "lm", 0.5, timestamp=5, step=1, model_id=model_id,
           dataset_name="d", dataset_digest="e")
    call("its metrics", lambda: client.get_logged_model(model_id).metrics)
    for text in ("name = 'lm'", "params.p = '1'", "tags.t LIKE '%'", "metrics.lm > 0.1", "nonsense"):
        method("search_logged_models", [one], text)
    method("search_logged_models", [one], order_by=[{"field_name": "metrics.lm", "ascending": False}])
    method("search_logged_models", [one], max_results=1)
    method("delete_logged_model", model_id)
    method("delete_logged_model", model_id)
    method("get_logged_model", model_id)
    call("log_stream", client.log_stream, run_id, io.BytesIO(b"stream"), "stream.bin") if hasattr(
        client, "log_stream") else None
    called.add("log_stream")


if major == 3:
    logged_models()

other = ("trace", "prompt", "scorer", "assessment", "span", "dataset", "webhook", "mcp", "workspace",
         "tracking_uri", "detach", "session", "issue", "gateway", "secret", "endpoint", "review", "label")
for name in sorted(dir(MlflowClient)):
    if not name.startswith("_") and name not in called and not any(part in name for part in other):
        print(f"not called: {name}")
