# SPDX-License-Identifier: Apache-2.0
"""Holds the records of an imported store against what MLflow itself answers:
check.py DIR|URI LAST [forgotten]; forgotten: what MLflow deleted for good was not there to import.
Artifacts that a server keeps are read in the folder mlartifacts, where it put them.

Everything is folded from the records here, newest last, and compared as a whole."""
import collections
import hashlib
import pathlib
import sys

import mlflow
from mlflow import MlflowClient
from mlflow.entities import ViewType

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from records import digest, records, same  # noqa: E402

where = sys.argv[1]
mlflow.set_tracking_uri(
    where if "://" in where else (pathlib.Path(where).resolve() / "mlruns").as_uri())
client = MlflowClient()


class Run:
    def __init__(self, started, details):
        self.name, self.id = started.get("name"), started["run_id"]
        self.parent, self.user = started.get("parent_run_id"), details.get("user")
        self.status, self.deleted = "RUNNING", False
        self.started, self.ended = details.get("occurred_at"), None
        self.params, self.tags, self.inputs, self.files = {}, {}, set(), {}
        self.models_read, self.models_made = set(), set()
        self.metrics = collections.defaultdict(list)

    def log(self, logged, details):
        self.params.update(zip(logged.get("params", []), details.get("param_values", [])))
        self.tags.update(zip(logged.get("tags", []), details.get("tag_values", [])))
        for point, value in zip(logged.get("metrics", []), details.get("metric_values", [])):
            self.metrics[point["key"]].append((point["step"], point["time"], str(value["value"])))
        for one in logged.get("inputs", []):
            labels = labels_of(one)
            if "mlflow.model_id" in labels:
                self.models_read.add(labels["mlflow.model_id"])
            else:
                self.inputs.add((one["name"], labels["mlflow.digest"], one.get("role")))
        for one in logged.get("outputs", []):
            labels = labels_of(one)
            self.models_made.add((labels["mlflow.model_id"], int(labels["mlflow.step"])))


class Model:
    """A logged model (MLflow 3)."""
    def __init__(self, created, details):
        self.id, self.name = created["model_id"], created.get("name")
        self.type, self.uri = created.get("model_type"), created.get("artifact_uri")
        self.run = runs_by_seq[created["run"]].id if "run" in created else created.get("run_id")
        self.created, self.status = details.get("occurred_at"), "PENDING"
        self.params, self.files = {}, {}
        self.tags = dict(zip(created.get("tags", []), details.get("tag_values", [])))
        self.log(created, details)

    def log(self, event, details):
        self.params.update(zip(event.get("params", []), details.get("param_values", [])))
        self.status = event.get("status", self.status).upper()


def labels_of(thing):
    return {label["scheme"]: label["value"] for label in thing.get("labels", [])}


experiments, runs, versions, aliases, models = {}, {}, {}, {}, {}
by_seq = {}
runs_by_seq = by_seq
for kind, event, details, seq in records(1, int(sys.argv[2])):
    if kind == "experiment_created":
        by_seq[seq] = experiments[event["experiment_id"]] = {
            "name": event["name"], "deleted": False,
            "tags": dict(zip(event.get("tags", []), details.get("tag_values", [])))}
    elif kind == "experiment_deleted":
        by_seq[event["experiment"]]["deleted"] = True
    elif kind == "run_started":
        by_seq[seq] = runs[event["run_id"]] = Run(event, details)
    elif kind == "run_logged":
        by_seq[event["run"]].log(event, details)
    elif kind == "tags_set" and "run" in event:
        by_seq[event["run"]].tags.update(zip(event["tags"], details["tag_values"]))
    elif kind == "artifact_recorded":
        for one in event["artifacts"]:
            by_seq[event.get("run", event.get("logged_model"))].files[one["path"]] = (
                one.get("size"), digest(one, "sha256"), digest(one, "md5"))
    elif kind == "logged_model_created":
        by_seq[seq] = models[event["model_id"]] = Model(event, details)
    elif kind == "logged_model_updated":
        by_seq[event["logged_model"]].log(event, details)
    elif kind == "tags_set" and "logged_model" in event:
        by_seq[event["logged_model"]].tags.update(zip(event["tags"], details["tag_values"]))
    elif kind == "run_ended":
        by_seq[event["run"]].status = event["status"].upper()
        by_seq[event["run"]].ended = details.get("occurred_at")
    elif kind == "run_deleted":
        by_seq[event["run"]].deleted = True
    elif kind == "model_created":
        by_seq[seq] = event["name"]
    elif kind == "version_registered":
        versions[by_seq[event["model"]], event["version"]] = {
            "run": event.get("run_id"), "stage": "None", "deleted": False, "source": event.get("source"),
            "model": by_seq[event["logged_model_ref"]].id if "logged_model_ref" in event else None,
            "tags": dict(zip(event.get("tags", []), details.get("tag_values", []))),
            "files": {one["path"]: digest(one, "sha256") for one in event.get("artifacts", [])}}
    elif kind == "stage_imported":
        versions[by_seq[event["model"]], event["version"]]["stage"] = event["stage"]
    elif kind == "version_deleted":
        versions[by_seq[event["model"]], event["version"]]["deleted"] = True
    elif kind == "alias_set":
        aliases[by_seq[event["model"]], event["alias"]] = event["version"]


def instant(ms):
    """Milliseconds as the text that the ledger's JSON has."""
    from datetime import datetime, timezone
    time = datetime.fromtimestamp(ms // 1000, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{time}.{ms % 1000:03}Z" if ms % 1000 else f"{time}Z"


def spelt(value):
    """A metric as the ledger's JSON has it. SQL stores of MLflow keep infinity as the largest double."""
    text = str(float(value)).replace("1.7976931348623157e+308", "inf")
    return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(text, text)


def files_below(uri):
    """Every file below MLflow's own folder, hashed here."""
    folder = pathlib.Path(uri.removeprefix("file://").replace("mlflow-artifacts:/", "mlartifacts/"))
    found = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        content = path.read_bytes()
        found[str(path.relative_to(folder))] = (
            len(content), (hashlib.sha256(content).hexdigest(), True),
            (hashlib.md5(content).hexdigest(), True))
    return found


def logged_models(experiment):
    search = getattr(client, "search_logged_models", None)
    return list(search([experiment.experiment_id])) if search else []


def check_points(what, run, key, ours):
    """The history of a metric. What was measured on a dataset MLflow 3 reads back with step 0, but
    has written with its own: there the time and the value must do."""
    theirs = client.get_metric_history(run.info.run_id, key)
    on_dataset = any(getattr(point, "dataset_name", None) for point in theirs)
    same(f"{what} {key}",
         sorted((0 if on_dataset else step, *rest) for step, *rest in ours),
         sorted((0 if on_dataset else m.step, instant(m.timestamp), spelt(m.value))
                for m in theirs))


def check_model(theirs):
    ours, what = models[theirs.model_id], f"logged model {theirs.name}"
    same(what, (ours.name, ours.type or "", ours.run, ours.uri),
         (theirs.name, theirs.model_type or "", theirs.source_run_id or None, theirs.artifact_location))
    same(what + " created", ours.created, instant(theirs.creation_timestamp))
    same(what + " status", ours.status.replace("UPLOAD_", ""), str(theirs.status))
    same(what + " params", ours.params, theirs.params)
    same(what + " tags", ours.tags, theirs.tags)
    same(what + " files", ours.files, files_below(theirs.artifact_location))


theirs = client.search_experiments(view_type=ViewType.ALL)
same("experiments", sorted(experiments), sorted(e.experiment_id for e in theirs))
seen, by_id = 0, {}
for e in theirs:
    ours = experiments[e.experiment_id]
    for model in logged_models(e):
        by_id[model.model_id] = model
        check_model(model)
    same(f"experiment {e.name}", (ours["name"], ours["deleted"], ours["tags"]),
         (e.name, e.lifecycle_stage == "deleted", e.tags))
    for found in client.search_runs([e.experiment_id], run_view_type=ViewType.ALL):
        seen += 1
        r = client.get_run(found.info.run_id)  # a search tells no models that a run read
        ours, what = runs[r.info.run_id], f"run {r.info.run_name}"
        same(what, (ours.name, ours.status, ours.deleted, ours.user),
             (r.info.run_name, r.info.status, r.info.lifecycle_stage == "deleted", r.info.user_id))
        same(what + " started", ours.started, instant(r.info.start_time))
        same(what + " ended", ours.ended, r.info.end_time and instant(r.info.end_time))
        same(what + " parent", ours.parent, r.data.tags.get("mlflow.parentRunId"))
        same(what + " params", ours.params, r.data.params)
        same(what + " tags", ours.tags, r.data.tags)
        same(what + " metrics", sorted(ours.metrics), sorted(r.data.metrics))
        for key in r.data.metrics:
            check_points(what, r, key, ours.metrics[key])
        same(what + " inputs", ours.inputs,
             {(i.dataset.name, i.dataset.digest,
               next((tag.value for tag in i.tags if tag.key == "mlflow.data.context"), None))
              for i in r.inputs.dataset_inputs})
        same(what + " files", ours.files, files_below(r.info.artifact_uri))
        same(what + " models read", ours.models_read,
             {m.model_id for m in getattr(r.inputs, "model_inputs", [])})
        outputs = getattr(r, "outputs", None)
        same(what + " models made", ours.models_made,
             {(m.model_id, m.step) for m in outputs.model_outputs} if outputs else set())
same("runs", len(runs), seen)
same("logged models", sorted(models), sorted(by_id))
assert seen >= 7, seen

living = {(v.name, int(v.version)): v for v in client.search_model_versions()}
same("living versions", sorted(n for n, v in versions.items() if not v["deleted"]), sorted(living))
same("deleted versions", sorted(n for n, v in versions.items() if v["deleted"]), [] if sys.argv[3:] else [("churn", 3)])
for number, v in living.items():
    ours = versions[number]
    same(f"version {number}", (ours["run"], ours["stage"], ours["tags"], ours["source"]),
         (v.run_id, v.current_stage, v.tags, v.source))
    model = by_id.get(v.source.removeprefix("models:/"))
    same(f"logged model of version {number}", ours["model"], model.model_id if model else None)
    files = files_below(model.artifact_location) if model else {
        p: f for p, f in runs[v.run_id].files.items() if p.startswith("model/")}
    same(f"files of version {number}", ours["files"], {p: f[1] for p, f in files.items()})
same("aliases", aliases,
     {(model.name, alias): int(version) for model in client.search_registered_models()
      for alias, version in model.aliases.items()})
if int(mlflow.__version__.split(".")[0]) >= 3:
    assert any(run.models_made for run in runs.values()), "no run made a model"
    assert any(run.models_read for run in runs.values()), "no run read a model"
    assert any(model.run is None for model in models.values()), "no model is of no run"
    assert ("echo", 1) in versions
