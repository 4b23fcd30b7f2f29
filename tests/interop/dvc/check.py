# SPDX-License-Identifier: Apache-2.0
"""Holds the newest pipeline record against what DVC itself answers: check.py PROJECT LAST.

Called inside the ledger's directory. Stages, commands, hashes, sizes, parameters, edges and
sources are compared as sets; then what `dvc status` calls changed with our disagreements."""
import os
import pathlib
import subprocess
import sys

from dvc.repo import Repo

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from records import digest, records, same  # noqa: E402

project, last = pathlib.Path(sys.argv[1]).resolve(), int(sys.argv[2])
pipeline, values, datasets = None, None, {}
for kind, event, details, seq in records(1, last):
    if kind == "pipeline_recorded":
        pipeline, values, told = event, iter(details.get("param_values", [])), details
    if kind == "dataset_recorded":
        datasets[event["name"].partition("/")[2]] = event


def weak(one):
    """DVC's hash of a file or directory, and how it is known."""
    for algorithm, ending in (("md5", ""), ("md5-dir", ".dir")):
        found = digest(one, algorithm)
        if found:
            return found[0] + ending, found[1]
    return None, False


def ours_of(snapshot):
    lines = set()
    for stage in snapshot["stages"]:
        address = stage["address"]
        lines.add(("stage", address, tuple(stage.get("command", []))))
        for kind in ("deps", "outs"):
            for one in stage.get(kind, []):
                lines.add((kind, address, one["path"], weak(one)[0], one.get("size"),
                           one.get("files")))
        for one in stage.get("params", []):
            lines.add(("param", address, one["key"], next(values)))
        for one in stage.get("deps", []):
            for producer in one.get("producers", []):
                lines.add(("edge", snapshot["stages"][producer]["address"], address))
    return lines


def leaves(key, value):
    if isinstance(value, dict) and value:
        for name, member in value.items():
            yield from leaves(f"{key}.{name}", member)
    else:
        yield key, str(value).lower() if isinstance(value, bool) else str(value)


def theirs_of(repo):
    lines = set()
    for stage in repo.index.stages:
        command = stage.cmd if isinstance(stage.cmd, list) else [stage.cmd] if stage.cmd else []
        lines.add(("stage", stage.addressing, tuple(command)))
        for kind, items in (("deps", stage.deps), ("outs", stage.outs)):
            for one in items:
                if type(one).__name__ == "ParamsDependency":
                    for key, value in (one.hash_info.value or {}).items():
                        lines.update(("param", stage.addressing, k, v) for k, v in
                                     leaves(key, value))
                    continue
                path = os.path.relpath(one.fs_path, repo.root_dir)
                lines.add((kind, stage.addressing, path, one.hash_info.value, one.meta.size,
                           one.meta.nfiles))
    for user, producer in repo.index.graph.edges:
        lines.add(("edge", producer.addressing, user.addressing))
    return lines


def git(*arguments):
    return subprocess.check_output(["git", "-C", project, *arguments], text=True).strip()


os.chdir(project)
with Repo(str(project)) as repo:
    status = repo.status()
    # The record has the command that ran, DVC the one that would run.
    edited = {address for address, entries in status.items() if "changed command" in entries}
    ours, theirs = ({line for line in lines if line[0] != "stage" or line[1] not in edited}
                    for lines in (ours_of(pipeline["snapshot"]), theirs_of(repo)))
    same("only in the record", ours - theirs, set())
    same("only in DVC", theirs - ours, set())
    assert len([line for line in theirs if line[0] == "edge"]) >= 3
    sources = {os.path.relpath(out.fs_path, repo.root_dir): out.hash_info.value
               for stage in repo.index.stages if stage.is_data_source for out in stage.outs}
    same("sources", {name: weak(one)[0] for name, one in datasets.items()}, sources)
    assert len(sources) == 2

changed = set()
for address, entries in status.items():
    for entry in entries:
        for what, paths in (entry.items() if isinstance(entry, dict) else [(entry, {})]):
            for path, state in paths.items():
                changed.add((address, path))
            if not paths:
                changed.add((address, what))
ours = set()
for one in pipeline["snapshot"].get("disagreements", []):
    if one["kind"] == "command_changed":
        ours.add((one["stage"], "changed command"))
    elif one["kind"] in ("param_changed", "file_changed"):
        ours.add((one["stage"], one["path"].partition(":")[0]))
same("changed", ours, changed)

same("commit", pipeline["commit"]["digest"], "git:" + git("rev-parse", "HEAD"))
# The lock changed once: what it tells of ran at a commit before that.
changed_at = git("log", "--format=%H", "--", "*dvc.lock").split()
assert len(changed_at) == 1
same("trained at", [one["digest"] for one in pipeline.get("trained_at", [])],
     ["git:" + one for one in git("rev-list", changed_at[0] + "^").split()])
same("author", told["author"], git("log", "-1", "--format=%an <%ae>"))
dvc_files = ("*dvc.yaml", "*dvc.lock", "*.dvc", "*params.yaml", ":!.dvc")
same("dirty", pipeline.get("dirty", False),
     bool(git("status", "--porcelain", "--", *dvc_files)))

# What lies in the work tree was hashed here and is so marked.
for stage in pipeline["snapshot"]["stages"]:
    for one in stage.get("deps", []) + stage.get("outs", []):
        if (stage["address"], one["path"]) not in changed and weak(one)[0]:
            assert weak(one)[1] and digest(one, "sha256")[1], one
print(len(theirs), "facts,", len(changed), "changes")
