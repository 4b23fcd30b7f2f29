# SPDX-License-Identifier: Apache-2.0
"""Asks the twenty-seven questions of docs/QUESTIONS.md of ledgers imported from samples.

usage: ask.py [--text] [--evidence] WORK KIND SAMPLE...    (KIND: dvc or mlflow)

Each sample becomes a ledger in WORK, by the program MLEDGER; MLEDGER_VERIFY checks its evidence. What
it holds is not known here, so what is asked about is taken from what it says of itself; where it holds
nothing of a kind (few samples have an endpoint), a name that is nowhere is asked about. Held against
each answer:

- the exit code is 0 or 1, and the answer JSON (of a 1 without an answer: the error);
- it says as of which record it holds and what it rests on; every record that it names is in the
  ledger, with the link that is made here from the exported header;
- it invents nothing: every digest, run id and name in it stands in the sample, or is the hash of a
  file of the sample.

With --text each is asked as text too, with --evidence the records used are packed and verified.
Prints a line for each sample; exits 1 where something did not hold."""
import argparse
import base64
import hashlib
import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

MLEDGER, VERIFY = os.environ["MLEDGER"], os.environ["MLEDGER_VERIFY"]
OWN = {"sample", "dana", "ledger"}  # names that are given here, not found
NOWHERE = "nothing-of-that-name"
HEX = re.compile(r"(?<![0-9A-Za-z.])[0-9a-f]{12,}(?![0-9A-Za-z])")
ASKED_ABOUT = 3  # of a kind
SECONDS = 300
# Under these keys an answer gives names as they were found.
NAMES = {"model", "run", "run_id", "experiment", "path", "alias"}


class Wrong(Exception):
    """Something did not hold."""


def check(holds, *what):
    if not holds:
        raise Wrong(" ".join(str(one) for one in what))


def strings(value, key=""):
    """(key, string) of all that is in a JSON value."""
    if isinstance(value, str):
        yield key, value
    for one in value if isinstance(value, list) else []:
        yield from strings(one, key)
    for name, one in value.items() if isinstance(value, dict) else []:
        yield from strings(one, name)


def objects(value):
    if isinstance(value, dict):
        yield value
    for one in value if isinstance(value, list) else value.values() if isinstance(value, dict) else []:
        yield from objects(one)


def values(answer):
    """Parameters, metrics and digests that an answer tells; of lists each text in them."""
    for one in objects(answer):
        told = [one["value"]] if "seqs" in one and isinstance(one.get("value"), str) else []
        if one.get("kind") == "params":
            told = [attribute["value"] for attribute in one.get("attributes", [])]
        for text in told:
            if text.startswith(("[", "{")) and text.endswith(("]", "}")):
                yield from (part for _, part in strings(json.loads(text)))
            elif not HEX.search(text):
                yield text


class Sample:
    """What stands in a sample: names and bytes of its files, cells of its databases."""

    def __init__(self, path):
        self.path = Path(path).resolve()
        self.parts, self.hashes = [], []
        for file in [self.path, *sorted(self.path.rglob("*"))]:
            self.parts.append(str(file).encode())
            if file.is_file():
                self.add_file(file)
        self.all = b"\n".join(self.parts)
        self.known = {}

    def add_file(self, file):
        content = file.read_bytes()
        for one in (content, content.replace(b"\r\n", b"\n")):
            self.hashes.append(hashlib.md5(one, usedforsecurity=False).hexdigest())
        self.hashes.append(hashlib.sha256(content).hexdigest())
        if content.startswith(b"SQLite format 3"):
            self.add_database(file)
        else:
            self.parts.append(content)

    def add_database(self, file):
        database = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
        database.text_factory = bytes
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{name.decode()}"'):
                self.parts += [cell if isinstance(cell, bytes) else repr(cell).encode() for cell in row]
        database.close()

    def stands(self, text):
        if text not in self.known:
            self.known[text] = text.encode() in self.all
        return self.known[text]

    def has_digest(self, digits):
        return self.stands(digits) or any(one.startswith(digits) for one in self.hashes)

    def has_name(self, name):
        """As it is, or, of a path or an address in several parts, each of them."""
        return self.stands(name) or all(self.stands(part) for part in re.split(r"[/@:]", name))


class Ledger:
    """A ledger made of one sample, and what it says of itself."""

    def __init__(self, work, kind, sample, options):
        self.work, self.sample, self.options = Path(work), sample, options
        self.asked, self.answers = 0, 0
        self.work.mkdir(parents=True)
        self.run("init", "--name", "ledger", "--actor", "dana", "--no-passphrase")
        self.run("checkpoint", "-o", "first.checkpoint")
        # 1: the importer found disagreements; 3: it reads a part, or nothing. What there is is asked.
        name = ("--name", "sample") if kind == "dvc" else ()
        self.run("import", kind, str(sample.path), *name, good=(0, 1, 3))
        self.run("checkpoint", "-o", "last.checkpoint")
        self.links, self.own = [], set()
        for record in self.lines("export"):
            header = base64.b64decode(record["dsse"]["payload"])
            self.links.append(hashlib.sha256(b"\x04" + header).hexdigest())
            self.own.add(record["dsse"]["signatures"][0]["keyid"])
        self.log = self.lines("--json", "log")
        status = json.loads(self.run("--json", "status").stdout)
        self.own |= {status["identity"], *self.links}
        self.own |= {key["key"] for key in json.loads(self.run("--json", "key", "list").stdout)}

    def run(self, *arguments, good=(0,), program=MLEDGER):
        done = subprocess.run([program, *arguments], cwd=self.work, capture_output=True, text=True,
                              check=False, stdin=subprocess.DEVNULL, timeout=SECONDS)
        check(done.returncode in good, "exit code", done.returncode, done.stderr[-3000:])
        return done

    def lines(self, *arguments):
        return [json.loads(line) for line in self.run(*arguments).stdout.splitlines()]

    def things(self, kind, prefix, word=""):
        """References to the first, a middle and the last thing that records of the kind made."""
        names = [one["subject"].removeprefix(word) for one in self.log if one["kind"] == kind]
        names = list(dict.fromkeys(names))
        chosen = names if len(names) <= ASKED_ABOUT else [names[0], names[len(names) // 2], names[-1]]
        return [prefix + name for name in chosen] or [prefix + NOWHERE]

    # ---- what is held against an answer ----

    def hold_records(self, answer):
        basis = answer.get("basis")
        for one in objects(answer):
            if "seq" in one and isinstance(one["seq"], int):
                check(0 <= one["seq"] < len(self.links), "no such record:", one)
                if "link" in one:
                    check(one["link"] == self.links[one["seq"]], "another link:", one)
            for seq in one.get("seqs", []):
                check(0 <= seq < len(self.links), "no such record:", seq, one)
        if basis is not None:
            check(basis["as_of"]["seq"] < len(self.links) and isinstance(basis["not_known"], list), basis)
            check(all(one["seq"] <= basis["as_of"]["seq"] for one in basis["records"]), basis)

    def learn_directories(self, answer):
        """A directory has two digests: DVC's, which stands in the sample, and that of our list of it."""
        for one in objects(answer):
            digests = [each["digest"].split(":") for each in one.get("digests", []) if isinstance(each, dict)]
            if any(name == "md5-dir" and self.sample.has_digest(digits) for name, digits in digests):
                self.own |= {digits for name, digits in digests if name == "sha256"}

    def hold_facts(self, answer):
        self.learn_directories(answer)
        for key, text in strings({name: one for name, one in answer.items() if name != "basis"}):
            if key == "root" or text.startswith("md5-dir:") and key == "found":
                continue  # computed, of the ledger or of a directory that is there
            for digits in HEX.findall(text):
                check(self.sample.has_digest(digits) or any(one.startswith(digits) for one in self.own),
                      "a number that stands nowhere:", digits, "in", key, text)
            if key in NAMES and text not in OWN and NOWHERE not in text:
                check(self.sample.has_name(text), "a name that stands nowhere:", key, text)
        for text in values(answer):
            check(self.sample.has_name(text), "a value that stands nowhere:", text)

    def hold(self, done):
        """The answer; nothing where it is an error."""
        answer = json.loads(done.stdout or done.stderr)
        if "error" in answer:
            check(done.returncode == 1 and not done.stdout, "an error with", done.returncode, answer)
            return None
        self.hold_records(answer)
        self.hold_facts(answer)
        self.answers += 1
        return answer

    # ---- asking ----

    def ask(self, number, *question, basis=True):
        evidence = ["--evidence", "evidence"] if basis and self.options.evidence else []
        (self.work / "evidence").unlink(missing_ok=True)
        try:
            self.asked += 1
            answer = self.hold(self.run("--json", *question, *evidence, good=(0, 1)))
            check(not basis or answer is None or "basis" in answer, "no word of what it rests on")
            if self.options.text:
                self.run(*question, good=(0, 1))
            if evidence and answer is not None:
                self.run("evidence", program=VERIFY)
            return answer
        except Wrong as wrong:
            raise Wrong(f"question {number}, mledger {' '.join(question)}: {wrong}") from wrong

    def ask_all(self):
        versions = self.things("version_registered", "models:/")
        models = self.things("model_created", "model:")
        runs = self.things("run_started", "runs:/", "run ")
        datasets = self.things("dataset_recorded", "dataset:", "dataset ")
        pipelines = self.things("pipeline_recorded", "pipeline:", "pipeline ")
        times = [self.log[0]["recorded_at"], self.log[-1]["recorded_at"]]
        for model in models:
            self.ask(1, "at", model, "Production", times[1])  # and 2: who approved it
            self.ask(25, "at", model, times[1], "--as-of", str(len(self.links) // 2))
            self.ask(19, "impact", model + "/1" if NOWHERE in model else versions[-1])
        digests = []
        for thing in versions + runs[:1] + datasets[:1] + pipelines:
            lineage = self.ask(3, "lineage", thing) or {}
            self.ask(5, "history", thing)
            found = [one["digest"] for node in lineage.get("nodes", []) for one in node.get("digests", [])]
            digests += found[:1] + found[-1:]
        digests = list(dict.fromkeys(digests))[:ASKED_ABOUT] or ["sha256:" + "ab" * 32]
        commits = [one for one in digests if one.startswith("git:")] or ["git:" + "ab" * 20]
        pair = (versions if len(versions) > 1 else runs if len(runs) > 1 else versions + runs)[-2:]
        self.ask(4, "diff", *pair)
        self.ask(16, "compare", *pair)
        self.ask(5, "verify", "--against", "last.checkpoint", basis=False)
        self.ask(6, "checkpoint", "compare", "first.checkpoint", "last.checkpoint", basis=False)
        self.ask(7, "timeline", "--all", "--stage", "Production", "--from", times[0])
        self.ask(8, "report", "exceptions", "--check", "production-unapproved", "--check", "approval-late")
        self.ask(9, "history", "actor:dana")
        self.ask(10, "check", str(self.sample.path.parent), (pipelines + versions)[0])
        self.bundle(next((one for one in versions + runs + pipelines if NOWHERE not in one), None))
        self.ask(12, "inventory")
        self.ask(13, "inventory", "--where", "stage=Production,data-age>1mo,metric.loss<0.5,holdout=no")
        self.ask(14, "impact", versions[0])
        self.ask(15, "report", "flow")
        self.ask(17, "report", "exceptions", "--check", "leak", "--check", "leak-ancestor")
        for digest in digests:
            self.ask(18, "impact", digest)
            self.ask(23, "path", digest, versions[-1], "--all")
        self.ask(20, "impact", commits[0])
        self.ask(21, "at", "endpoint:" + NOWHERE, times[1])
        self.ask(22, "impact", *digests)
        self.ask(24, "impact", self.log[-1]["signer"][:16], "--since", times[0])
        self.ask(26, "report", "exceptions")
        self.ask(27, "report", "erasures")

    def bundle(self, thing):
        if thing:
            self.run("bundle", thing, "-o", "bundle")
            self.run("bundle", program=VERIFY)
            self.asked += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--text", action="store_true")
    parser.add_argument("--evidence", action="store_true")
    parser.add_argument("work")
    parser.add_argument("kind", choices=("dvc", "mlflow"))
    parser.add_argument("samples", nargs="+")
    options = parser.parse_args()
    failed = 0
    for i, path in enumerate(options.samples):
        home = Path(options.work, f"{options.kind}-{i}").resolve()
        for name, place in (("HOME", ""), ("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")):
            os.environ[name] = str(home / "home" / place)
        sample = Sample(path)
        try:
            ledger = Ledger(home / "ledger", options.kind, sample, options)
            ledger.ask_all()
            print(f"{path}: {len(ledger.links)} records, {ledger.asked} questions, {ledger.answers} answers")
        except (Wrong, json.JSONDecodeError, subprocess.TimeoutExpired) as wrong:
            failed += 1
            print(f"{path}: {wrong}")
    sys.exit(failed > 0)


main()
