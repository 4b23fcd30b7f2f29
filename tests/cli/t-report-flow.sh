#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# report flow, of the scenario ledger: times to Production, rollbacks, emergencies.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/scenario.sh"
scenario_ledger

ok 'the flow of two years' "$MLEDGER" report flow
expect_stdout_has 'a row for each model' 'churn            5    15 d 23 h         20 d 22 h    20 d 22 h          1            1'
expect_stdout_has 'and one for all' 'all              9    17 d 22 h         47 d 22 h    47 d 22 h          2            2'
expect_stdout_has 'a rollback with its records' 'rollback: churn/2 entered Production by #75, after version 3 had by #71'
expect_stdout_has 'an emergency with its reason' 'emergency: churn/3 entered Production by #71: emergency: scores of churn/2 are stuck since the night'
ok 'as JSON' "$MLEDGER" --json report flow
expect_json 'every entry stands in it' '[.models[].list | length] == [5, 1, 3] and .all.entries == 9'
expect_json 'a first entry is timed' '.models[0].list[0] | .version == 1 and .entered.seq == 30 and .registered.seq == 25 and .seconds == 1810500'
expect_json 'a second one is not' '.models[0].list | map(select(.version == 2)) | [.[0].seconds != null, .[1].seconds == null, .[1].rollback_from == {"version": 3, "seq": 71}] | all'
expect_json 'figures follow from entries' \
    '([.models[].list[].seconds | values] | sort) as $s | .all.timed == ($s | length) and .all.median_s == $s[3] and .all.p90_s == $s[6] and .all.longest_s == $s[-1]'
expect_json 'it rests on its records' '([.models[].list[].entered.seq] - [.basis.records[].seq]) == []'

ok 'of one year' "$MLEDGER" --json report flow --from 2025-01-01 --to 2026-01-01
expect_json 'has what happened in it' '[.models[] | [.model, .entries, .rollbacks]] == [["churn", 1, 0], ["fraud", 2, 1]]'
ok 'the end is not in it' "$MLEDGER" --json report flow --from 61 --to 71
expect_json 'the beginning is' '[.models[].list[].entered.seq] == [61]'
ok 'what was known then' "$MLEDGER" --json report flow --as-of 2024-12-31
expect_json 'knows no more' '.all.entries == 6'
ok 'another stage' "$MLEDGER" --json report flow --stage Archived
expect_json 'has its own' '.stage == "Archived" and .all.entries > 0'
ok 'a stage that there is not' "$MLEDGER" report flow --stage Moon
expect_stdout_has 'nothing entered' 'no version entered Moon'

ok 'for programs' "$MLEDGER" report flow --format csv
cp "$OUT" csv
ok 'the last row is of all' grep -q $'^,9,7,1549800,4141500,4141500,2,2\r$' csv
ok 'with evidence' "$MLEDGER" report flow --evidence flow.evidence
ok 'that is verified' "$MLEDGER_VERIFY" flow.evidence
ok 'a moment that is none' test_must_fail 2 "$MLEDGER" report flow --from yesterday
expect_stderr_has 'is named' '--from'
done_testing
