#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# report exceptions: each check finds what it is for, with its records, and nothing else.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/scenario.sh"

new_ledger
add_approver bob
"$MLEDGER" actor add alice2 --kind person --roles recorder,approver --key demo-admin >/dev/null &&
    "$MLEDGER" key new carol --no-passphrase >/dev/null &&
    "$MLEDGER" key authorize alice2 carol --roles recorder,approver --key demo-admin >/dev/null || exit 99
must() { "$MLEDGER" "$@" >/dev/null || exit 99; }
seq_of() { "$MLEDGER" --json "$@" | jq .seq; }
start() { "$MLEDGER" --json run start --name "$1" "${@:2}" | jq -r .run_id; }
lines() { printf '%s\n' "$@" | "$MLEDGER" append >/dev/null || exit 99; }
commit=git:1111111111111111111111111111111111111111
for name in train test other made; do echo "$name" >$name.csv; done
echo pandas==2.0 >requirements.txt
must dataset add train train.csv

# good/1: everything that can be asked for.
must model create good
run=$(start good --commit $commit) || exit 99
must run log "$run" --input train:training=train.csv --input test:test=test.csv --tag mlflow.git.dirty=false \
    --metric load_test_ms=12
must artifact add --run "$run" requirements.txt
must run finish "$run"
must version register good --run "$run"
must validation add good/1 --passed --name 'data drift'
must approve good/1 --stage Production --key bob
must version transition good/1 Staging
must version transition good/1 Production
ok 'nothing is found where nothing is' "$MLEDGER" report exceptions
expect_stdout_has 'which proves nothing' '0 exceptions by 20 checks; what is not recorded, no check sees'

# found CHECK WHAT TEXT [SEQ...]: it finds this alone.
found() {
    local check=$1 what=$2 text=$3
    shift 3
    ok "$check" test_must_fail 1 "$MLEDGER" --json report exceptions --check "$check"
    expect_json "$check: $what" --arg check "$check" --arg what "$what" --arg text "$text" --argjson seqs "$(printf '%s\n' "$@" | jq -sc 'sort')" \
        '[.exceptions[] | [.check, .what] ] == [[$check, $what]] and (.exceptions[0].text | contains($text)) and ($seqs == [] or .exceptions[0].seqs == $seqs)'
    expect_json "$check: it rests on its records" '(.exceptions[0].seqs - [.basis.records[].seq]) == []'
}

# bare/1: moved to Production with nothing behind it. bare/2: in its place, approved too late.
must model create bare
registered=$(seq_of version register bare)
entered=$(seq_of version transition bare/1 Production)
found production-unapproved bare/1 'moved to Production by alice without any approval' "$entered"
found no-load-test bare/1 'no load test is recorded before it entered Production' "$entered"
found no-drift-check bare/1 'no look at data drift' "$entered" "$registered"
found version-without-run bare/1 'it names no run' "$registered"

must model create late
must version register late --run "$run"
late=$(seq_of version transition late/1 Production)
approved=$(seq_of approve late/1 --stage Production --key bob)
found approval-late late/1 "entered Production by #$late; bob approved it later, by #$approved" "$late" "$approved"

# Rejected, and approved by somebody else who then took it back.
must model create refused
must version register refused --run "$run"
must approve refused/1 --stage Production --reject --key bob
refused=$(seq_of version transition refused/1 Production)
ok 'a rejection is no approval' test_must_fail 1 "$MLEDGER" report exceptions --check production-unapproved --model refused
expect_stdout_has 'and is named' 'moved to Production by alice after a rejection'
ok 'the model alone is looked at' test "$(grep -c '^  bare' "$OUT")" = 0

# Who approves also moves it.
must model create mine
must version register mine --run "$run"
must approve mine/1 --stage Production --key carol
must version transition mine/1 Production --key carol
found approval-same-person mine/1 'alice2 approved it for Production, and also moved it'

# In place of another, without Staging.
must version register good --run "$run"
must approve good/2 --stage Production --key bob
must version transition good/2 Production
found production-without-staging good/2 'where version 1 was, and never was in Staging'

# A run without a commit, without data, without packages; one that is in a bad state.
must model create origin
poor=$(start poor) || exit 99
must version register origin --run "$poor"
found no-commit origin/1 "run $poor names no commit"
found no-data-digest origin/1 "run $poor names no training data"
found no-dependency-log origin/1 'has no artifact that lists packages'
must run log "$poor" --tag mlflow.git.dirty=true --input other:training=other.csv
found dirty-run origin/1 'had changes that were not committed'
found data-unrecorded origin/1 'where training data other comes from is not recorded'
ok 'a run of today may go on' "$MLEDGER" report exceptions --check run-not-ended

# Recorded two days late; what is late by an hour is not named, nor what an import found elsewhere.
must model create slow
must version register slow --run "$run"
ago() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
moved() { printf '{%s"stage_transitioned": {"model": "slow", "version": 1, "to_stage": "%s"}, "details": {"occurred_at": "%s"}}' "$3" "$1" "$2"; }
lines "$(moved Staging "$(ago '2 days ago')" '')"
late=$("$MLEDGER" --json status | jq .head.seq)
lines "$(moved Archived "$(ago '1 hour ago')" '')" "$(moved Staging "$(ago '9 days ago')" '"imported_from": "git_history", ')"
found recorded-late slow/1 "its move to Staging is claimed to have been at $(ago '2 days ago' | cut -c1-10)" "$late"

# The same data under two roles, and data made from what is held out.
must model create leaky
leaky=$(start leaky --commit $commit) || exit 99
must run log "$leaky" --input a:training=train.csv --input b:test=train.csv
must version register leaky --run "$leaky"
found leak leaky/1 'a, which it learned from, and b, which was held out, are both sha256:'
must model create derived
maker=$(start maker) || exit 99
lines "{\"run_logged\": {\"run\": \"$maker\", \"inputs\": [{\"name\": \"test\", \"digests\": [\"sha256:$(sha256sum <test.csv | cut -d' ' -f1)\"]}], \"outputs\": [{\"path\": \"made.csv\", \"digests\": [\"sha256:$(sha256sum <made.csv | cut -d' ' -f1)\"]}]}}"
derived=$(start derived --commit $commit) || exit 99
must run log "$derived" --input made:training=made.csv --input test:holdout=test.csv
must version register derived --run "$derived"
found leak-derived derived/1 'made (learned from) was made from test (held out)'
ok 'a common ancestor is looked for when asked' test_must_fail 1 "$MLEDGER" report exceptions --check leak-ancestor
expect_stdout_has 'and is said' 'made and test both come from'

# Pipelines.
pipeline() { lines "{\"pipeline_recorded\": {\"name\": \"dvc\", \"commit\": \"$commit\", $1 \"snapshot\": {\"stages\": [{\"address\": \"train\", \"command\": [\"python ./src/train.py --out m.pkl && python src/eval.py\"], \"deps\": [{\"path\": \"src/train.py\"}]}, {\"address\": \"sub/dvc.yaml:prepare\", \"working_directory\": \"sub\", \"command\": [\"Rscript prepare.R\"], \"deps\": [{\"path\": \"sub\"}]}]}}}"; }
pipeline ''
found script-not-tracked 'pipeline dvc' 'stage train runs src/eval.py, which is not among its dependencies'
ok 'what is not recorded' "$MLEDGER" --json report exceptions --check no-remote --check lock-ignored --check dirty-tree
expect_json 'is no exception, and said' '.basis.not_known == ["no-remote cannot be told of pipeline dvc: it is not recorded", "lock-ignored cannot be told of pipeline dvc: it is not recorded"]'
pipeline '"dirty": true, "remote": "no", "lock_ignored": "yes",'
found dirty-tree 'pipeline dvc' 'the work tree differed from the commit'
found no-remote 'pipeline dvc' 'no remote is configured'
found lock-ignored 'pipeline dvc' 'Git ignores dvc.lock'
pipeline '"remote": "yes", "lock_ignored": "no",'
ok 'the newest snapshot counts' "$MLEDGER" report exceptions --check no-remote --check lock-ignored --check dirty-tree

# An import knows both: of the work tree, and in a history of each commit.
git() { GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null command git -c user.name=Ann -c user.email=a@example.org "$@" >/dev/null 2>&1; }
commit() { git -C p add -A && git -C p commit -m "$1" || exit 99; }
mkdir -p p/.dvc && git init p || exit 99
: >p/.dvc/config
printf 'stages: {train: {cmd: "true", outs: [m.pkl]}}\n' >p/dvc.yaml
printf '*.lock\n' >p/.gitignore
commit 'a lock that is ignored'
printf 'schema: "2.0"\nstages: {train: {cmd: "true", outs: [{path: m.pkl, md5: 0123456789abcdef0123456789abcdef}]}}\n' >p/dvc.lock
"$MLEDGER" import dvc p --name imported >/dev/null
found no-remote 'pipeline imported' 'no remote is configured'
found lock-ignored 'pipeline imported' 'Git ignores dvc.lock'
printf "[core]\nremote = s\n['remote \"s\"']\nurl = /srv/dvc\n" >p/.dvc/config.local
printf 'm.pkl\n.dvc/config.local\n' >p/.gitignore
commit 'a lock that is not'
"$MLEDGER" import dvc p --name imported >/dev/null
ok 'what was put right' "$MLEDGER" report exceptions --check no-remote --check lock-ignored
"$MLEDGER" import dvc --history p --name past >/dev/null
told() { "$MLEDGER" --json log --kind pipeline_recorded --text past | jq .seq | while read -r seq; do "$MLEDGER" --json show "$seq" | jq -c '.event.pipeline_recorded | select(.name == "past") | [.remote, .lock_ignored]'; done; }
ok 'at each commit' told
expect_stdout 'as it was there' <<'END'
["no","yes"]
["no","no"]
END

# The forms of the answer.
ok 'all of them' test_must_fail 1 "$MLEDGER" report exceptions
expect_stdout_has 'by check' 'leak: The same data was used for training and held out to test on'
ok 'as a table' test_must_fail 1 "$MLEDGER" report exceptions --format csv --check leak
expect_stdout_has 'with its records' 'leak,leaky/1,"a, which it learned from, and b, which was held out'
ok 'with evidence' test_must_fail 1 "$MLEDGER" report exceptions --check leak --evidence leak.evidence
ok 'that is verified' "$MLEDGER_VERIFY" leak.evidence
ok 'long ago' "$MLEDGER" report exceptions --as-of 3
ok 'the checks' "$MLEDGER" report exceptions --list
expect_stdout_has 'are explained' 'By the keys that signed and stated'
ok 'as JSON' "$MLEDGER" --json report exceptions --list
expect_json 'too' '(.checks | map(.name)) as $names | ($names | length) > 20 and ($names | unique | length) == ($names | length)'
expect_json 'with those to be asked for' '[.checks[] | select(.asked) | .name] == ["leak-ancestor"]'
ok 'a check that there is not' test_must_fail 2 "$MLEDGER" report exceptions --check nonsense
expect_stderr_has 'is named' "there is no check 'nonsense'"
ok 'a model that there is not' test_must_fail 1 "$MLEDGER" report exceptions --model nobody
ok 'what is no model' test_must_fail 2 "$MLEDGER" report exceptions --model dataset:train

# Two years of three models.
(cd "$T" && mkdir two-years) && cd "$T/two-years" && scenario_ledger || exit 99
ok 'two years' test_must_fail 1 "$MLEDGER" --json report exceptions
ok 'have what their story tells' jq -e --argjson due '{
    "production-unapproved": ["embedding/1", "fraud/1", "fraud/1"], "approval-late": ["churn/4"],
    "approval-same-person": ["churn/3"], "production-without-staging": ["churn/3"],
    "leak": ["churn/5", "churn/5"], "run-not-ended": ["run f4"],
    "version-without-run": ["embedding/1", "fraud/4"]}' \
    '[.exceptions[] | select(.check | in($due))] | group_by(.check) | map({key: .[0].check, value: map(.what)}) | from_entries == $due' "$OUT"
ok 'in 2024' test_must_fail 1 "$MLEDGER" --json report exceptions --as-of 2024-12-31
expect_json 'none of 2025 was known' '[.exceptions[].check] | index("approval-late") == null and index("leak") == null'
cd "$T/work" || exit 99

# The inventory counts them.
ok 'the inventory' "$MLEDGER" --json inventory --where 'exceptions>=4'
expect_json 'counts them by version' '[.models[].model] | index("bare") != null and index("good") == null'
done_testing
