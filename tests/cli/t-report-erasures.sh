#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# report erasures: what was erased, by whose order, and that all else is there.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/scenario.sh"
scenario_ledger

ok 'what was erased in two years' "$MLEDGER" report erasures
expect_stdout_has 'the record, what it is about' 'approval_recorded'
expect_stdout_has 'who ordered it' 'dana'
expect_stdout_has 'how many there are in all' '145 records, #0 to #144; of 1 the details were erased, all else is there'
expect_stdout_has 'what proves that' 'that none was deleted or replaced is what mledger verify proves'
ok 'as JSON' "$MLEDGER" --json report erasures
cp "$OUT" json
expect_json 'with order and hash' '.records == 145 and (.erasures | length == 1) and (.erasures[0] | .erased.seq == 142 and .erased.who == "dana" and .erased.reason != null and (.details_hash | test("^[0-9a-f]{64}$")))'
erased=$(jq '.erasures[0].seq' json)
ok 'it rests on both records' jq -e --argjson erased "$erased" '[.basis.records[].seq] == [$erased, 142]' json
ok 'before the order' "$MLEDGER" --json report erasures --as-of 141
expect_json 'there was none' '.erasures == [] and .records == 142'

ok 'a period' "$MLEDGER" --json report erasures --from 2024-01-01 --to 2025-01-01
expect_json 'has its records' '.first == 0 and .last == 79 and .erasures == []'
ok 'the next one begins where it ends' "$MLEDGER" --json report erasures --from 2025-01-01
expect_json 'without a gap' '.first == 80 and .last == 144 and (.erasures | length == 1)'
ok 'by numbers' "$MLEDGER" --json report erasures --from 10 --to 20
expect_json 'the last is not in it' '.first == 10 and .last == 19 and .records == 10'
ok 'a time before everything' "$MLEDGER" report erasures --to 1999-01-01
expect_stdout_has 'has no record' 'no record is of that time'
ok 'for programs' "$MLEDGER" report erasures --format csv
expect_stdout_has 'by rows' "$erased,approval_recorded,churn/5,"
ok 'a moment that is none' test_must_fail 2 "$MLEDGER" report erasures --from never

# One of our own, with everything that was to go.
"$MLEDGER" erase 30 --reason 'request 2026-114' --key dana >/dev/null || exit 99
ok 'one more' "$MLEDGER" report erasures --from 30 --to 31
expect_stdout_has 'says why' 'request 2026-114'
ok 'the ledger holds' "$MLEDGER" verify
ok 'with evidence' "$MLEDGER" report erasures --evidence erased.evidence
expect_stdout_has 'and says how far it was verified' 'verified on this machine up to #145'
ok 'that is verified' "$MLEDGER_VERIFY" erased.evidence
done_testing
