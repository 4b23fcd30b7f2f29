#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# run start, log, artifact, finish, delete, restore.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
mkdir plots
echo model >model.pkl
echo plot >plots/roc.svg

ok 'a run with an id' "$MLEDGER" run start --id r1 --experiment churn -p lr=0.1 --tag by=hand
expect_stdout 'prints the id alone' <<'END'
r1
END
ok 'a run without one' "$MLEDGER" run start --experiment churn
cp "$OUT" id
ok 'gets 32 hexadecimal digits' grep -Eqx '[0-9a-f]{32}' id
ok 'a run as JSON' "$MLEDGER" --json run start --id r2 --experiment other
expect_stdout_has 'names the run' '"run_id":"r2"'
expect_stdout_has 'and the record of the experiment too' '"also":[{"seq":6,'
ok 'an id used twice' test_must_fail 4 "$MLEDGER" run start --id r1
expect_stderr_has 'is refused' "there is a run 'r1' already, record 3 (rule run-id)"
ok 'an id that is no id' test_must_fail 2 "$MLEDGER" run start --id a/b
ok 'a parameter without a value' test_must_fail 2 "$MLEDGER" run start -p lr
expect_stderr_has 'is shown the form' "--param must be KEY=VALUE, not 'lr'"
ok 'a key given twice' test_must_fail 3 "$MLEDGER" run start -p a=1 -p a=2
expect_stderr_has 'is named' "param 'a' is given twice"
ok 'a time that is none' test_must_fail 2 "$MLEDGER" run start --occurred-at yesterday
expect_stderr_has 'is shown the form' 'must be a time such as 2026-03-01T14:32:00Z'

if command -v git >/dev/null; then
    git init -q code && cd code || exit 99
    git -c user.name=A -c user.email=a@example.org commit -q --allow-empty -m one || exit 99
    commit=$(git rev-parse HEAD)
    ok 'a run in a repository' "$MLEDGER" --json run start --id with-commit
    seq=$(grep -o '"seq":[0-9]*' "$OUT" | head -1 | cut -d: -f2)
    ok 'that' "$MLEDGER" --json show "$seq"
    expect_stdout_has 'has its commit' "git:$commit"
    ok '--commit none' "$MLEDGER" --json run start --id without --commit none
    ok 'that' "$MLEDGER" --json show "$((seq + 1))"
    ok 'has none' test_must_fail 1 grep -q "$commit" "$OUT"
    cd .. || exit 99
else
    skip 'a run in a repository' 'no git'
fi
outside() { (cd / && "$MLEDGER" --ledger "$T/work/.mledger" run start --commit auto); }
ok '--commit auto without a repository' test_must_fail 3 outside
expect_stderr_has 'says so' 'no Git repository with a commit is here'
ok 'a commit that is cut' test_must_fail 2 "$MLEDGER" run start --commit abc123
expect_stderr_has 'is shown the form' 'must have 40 or 64 hexadecimal digits, no fewer'

"$MLEDGER" dataset add train plots >/dev/null
ok 'logging' "$MLEDGER" run log r1 --param depth=3 --metric auc=0.930@10 -m loss=nan \
    --tag note=x --input train:training=dataset:train --input raw=md5:900150983cd24fb0d6963f7d28e17f72 \
    --input here=plots --output model.pkl --occurred-at 2026-03-01T14:32:00Z
expect_stdout_has 'counts' 'run r1: 1 param, 2 metrics, 1 tag, 3 inputs, 1 output'
seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
ok 'what was logged' "$MLEDGER" --json show "$seq"
tr -d ' \n' <"$OUT" >said
for part in '"params":["depth"]' '"key":"auc","step":10,"time":"2026-03-01T14:32:00Z"' \
    '"text":"0.930"' '"value":"NaN"' '"role":"training","dataset_ref":' \
    '{"digest":"md5:900150983cd24fb0d6963f7d28e17f72","standing":"claimed"}' \
    '"occurred_at":"2026-03-01T14:32:00Z"' '"client":"mledger' '"standing":"seen"'; do
    ok "has $part" grep -qF -- "$part" said
done
ok 'logging nothing' test_must_fail 2 "$MLEDGER" run log r1
expect_stderr_has 'says what there is to log' 'give --param, --metric, --tag, --input or --output'
ok 'a metric that is no number' test_must_fail 2 "$MLEDGER" run log r1 --metric auc=high
expect_stderr_has 'is named' "'high' is no number that a metric can be"
ok 'a step that is none' test_must_fail 2 "$MLEDGER" run log r1 --metric auc=1@x
ok 'an input without a name' test_must_fail 2 "$MLEDGER" run log r1 --input plots
expect_stderr_has 'is shown the form' 'must be NAME=CONTENT or NAME:ROLE=CONTENT'
ok 'a digest that is cut' test_must_fail 2 "$MLEDGER" run log r1 --input a=sha256:abcdef
expect_stderr_has 'is refused' 'must have 64 hexadecimal digits, no fewer'
ok 'a dataset that is not there' test_must_fail 1 "$MLEDGER" run log r1 --input a=dataset:none
ok 'a file that is not there' test_must_fail 3 "$MLEDGER" run log r1 --output gone
expect_stderr_has 'is named' "there is no file or directory 'gone'"
ok 'a run that is not there' test_must_fail 1 "$MLEDGER" run log none --param a=b
expect_stderr_has 'is named' "there is no run 'none'"

ok 'artifacts' "$MLEDGER" artifact add --run runs:/r1 ./model.pkl plots/ "$PWD/model.pkl"
expect_stdout_has 'are counted' 'run r1: 3 artifacts'
seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
ok 'what was recorded' "$MLEDGER" --json show "$seq"
tr -d ' \n' <"$OUT" >said
ok 'a path as given, without ./' grep -qF '"path":"model.pkl","size":6' said
ok 'a directory by its name' grep -qF '"path":"plots","size":5' said
ok 'nothing of this machine in what is kept for good' \
    test_must_fail 1 grep -qF "$PWD" <(sed 's/"details":.*//' said)
ok 'where the paths begin, beside it' grep -qF "\"directory\":\"$PWD\"" said

ok 'finishing' "$MLEDGER" run finish r1 --exit-status 0
expect_stdout_has 'says how' 'run r1 finished'
ok 'finishing with a failure' "$MLEDGER" run finish r2 --exit-status 2
expect_stdout_has 'says so' 'run r2 failed'
ok 'a status that is none' test_must_fail 2 "$MLEDGER" run finish r1 --status over
ok 'an exit status that is none' test_must_fail 2 "$MLEDGER" run finish r1 --exit-status x

ok 'deleting' "$MLEDGER" run delete r1 --reason 'wrong data'
ok 'logging to it' test_must_fail 4 "$MLEDGER" run log r1 --param z=1
expect_stderr 'is refused' <<'END'
mledger: run 'r1' is deleted (rule run-deleted)
END
ok 'restoring' "$MLEDGER" run restore r1
ok 'restoring again' test_must_fail 4 "$MLEDGER" run restore r1
ok 'logging to it again' "$MLEDGER" run log r1 --param z=1
expect_sound 'all of it verifies'

done_testing
