# SPDX-License-Identifier: Apache-2.0
"""The records of the ledger in the current directory, as `mledger show --json` tells them."""
import json
import os
import subprocess

MLEDGER = os.environ["MLEDGER"]


def answer(*arguments, good=(0,)):
    done = subprocess.run([MLEDGER, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in good, (arguments, done.returncode, done.stdout, done.stderr)
    return json.loads(done.stdout)


def records(first, last):
    """(kind, event's message, details) of each, by number."""
    for seq in range(first, last + 1):
        record = answer("show", str(seq), "--json")
        event = record["event"]
        yield record["kind"], event[record["kind"]], record.get("details", {}), seq


def digest(artifact, algorithm):
    """The digest of that algorithm as hexadecimal text, and whether it was seen; or None."""
    for one in artifact.get("digests", []):
        name, _, value = one["digest"].partition(":")
        if name == algorithm:
            return value, one["standing"] == "seen"
    return None


def same(what, ours, theirs):
    assert ours == theirs, f"{what}\n  ours:   {ours}\n  theirs: {theirs}"
