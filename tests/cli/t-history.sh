#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Everything about one thing, on the scenario ledger.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/scenario.sh"

scenario_ledger
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}
# seqs WHAT...: the numbers of its records.
seqs() { "$MLEDGER" history "$@" | sed -n 's/^ *#\([0-9]*\)  2.*/\1/p' | xargs; }
# json QUERY FILE: what python makes of it.
json() { python3 -c "import json; a = json.load(open('$2')); print($1)"; }

# ---- subjects ----

ok 'a version' seqs churn/5
expect_stdout 'has its records' <<<'136 137 138 139 140'
ok 'a dataset' seqs dataset:transactions
expect_stdout 'has its versions' <<<'15 80 126'
ok 'a run' seqs runs:/f4
expect_stdout 'has its own' <<<'127 128'
ok 'a run that the ledger never saw' seqs run:f5-on-another-cluster
expect_stdout 'is named once' <<<'129'
ok 'a pipeline' seqs pipeline:churn-dvc
expect_stdout 'has its snapshots' <<<'18 51'
ok 'a model' "$MLEDGER" history model:churn
expect_stdout_has 'tells who moved it and why' 'None to Production: emergency: scores of churn/2 are stuck since the night'
expect_stdout_has 'what was claimed' "noted late (claimed to have happened at 2025-02-24T08:10:00Z)"
expect_stdout_has 'what was erased' '(details erased by #142)'
expect_stdout_has 'and that it is not known' 'the details of #140 were erased by #142'
ok 'before the erasure' "$MLEDGER" history churn/5 --as-of 141
lacks 'nothing was' 'the details of #140 were erased'
expect_stdout_has 'but since' '#142  record #140 (details erased)'

# ---- actors and keys ----

ok 'an actor' "$MLEDGER" history actor:ben
expect_stdout_has 'has keys' 'key e5e408365465e16d of ben: recorder; it speaks in 30 records'
expect_stdout_has 'that ended' 'until     2025-05-20T08:00:00Z  #118  compromised; dana: a laptop was stolen on 10 May'
expect_stdout_has 'in doubt' 'not to be trusted from #112 on'
expect_stdout_has 'and new ones' 'key ba89a2f44b08d281 of ben: recorder; it speaks in 5 records'
expect_stdout_has 'and records in doubt' '6 of 37 records in doubt, 0 signed after a key'
ok 'as of before' "$MLEDGER" history actor:ben --as-of 2025-05-15
expect_stdout_has 'the key was good' 'it counts still'
expect_stdout_has 'and nothing in doubt' '0 of 31 records in doubt'
lacks 'nor the new key there' ba89a2f44b08d281
ok 'who only states' seqs actor:olga
expect_stdout 'is found by statements' <<<'7 8 29 60 103'
ok 'on whose behalf' "$MLEDGER" history actor:erik
expect_stdout_has 'others acted' 'erik by ci  serves churn/1'
ok 'a key by its digits' "$MLEDGER" history e5e40836
expect_stdout_has 'signed' '(IN DOUBT: by a key that was not to be trusted)'
ok 'a key by its name' seqs key:ben-2
expect_stdout 'signed' <<<'119 126 127 128 129'
ok 'as JSON' "$MLEDGER" history key:ben --json
if command -v python3 >/dev/null; then
    cp "$OUT" key.json
    ok 'records' json '[r["seq"] for r in a["records"] if r.get("in_doubt")], a["keys"][0]["doubted_from"], a["keys"][0]["until"]["seq"]' key.json
    expect_stdout 'in doubt' <<<'[112, 113, 114, 115, 116, 117] 112 118'
else
    skip 'records' 'no python3'
fi

# ---- content ----

ok 'content' "$MLEDGER" history "sha256:$(printf customers-2025-01 | sha256sum | cut -c1-64)"
expect_stdout_has 'has who made it' '#81  2025-02-04 08:00:00  dataset_recorded'
expect_stdout_has 'and who read it' '#137  2025-09-03 10:00:00  validation_recorded'

# ---- errors ----

ok 'nothing' test_must_fail 1 "$MLEDGER" history nothing
ok 'no key' test_must_fail 1 "$MLEDGER" history ffffffffffff
ok 'a record' test_must_fail 2 "$MLEDGER" history '#84'
expect_stderr_has 'has none' 'a record has no history of its own'
ok 'a key to come' test_must_fail 1 "$MLEDGER" history key:ben-2 --as-of 100
expect_stderr_has 'is said' "the key 'ben-2' was not there as of #100"

done_testing
