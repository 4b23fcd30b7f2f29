# SPDX-License-Identifier: Apache-2.0
"""Holds `mledger dag --format dot` against `dvc dag --dot`, whose order is another in each run:
dag.py PROJECT. Called inside the ledger's directory."""
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from records import same  # noqa: E402


def lines(*command, cwd=None):
    text = subprocess.check_output(command, text=True, cwd=cwd)
    return {" ".join(line.split()) for line in text.splitlines() if line.strip()}


ours = lines(os.environ["MLEDGER"], "dag", "--format", "dot")
theirs = lines("dvc", "dag", "--dot", cwd=sys.argv[1])
same("only in ours", ours - theirs, set())
same("only in DVC's", theirs - ours, set())
assert sum("->" in line for line in theirs) >= 7, theirs
print(len(theirs), "lines")
