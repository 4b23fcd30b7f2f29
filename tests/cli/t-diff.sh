#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What changed between versions, and versions side by side, on what DVC, MLflow and Git wrote.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
"$MLEDGER" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
"$MLEDGER" import dvc . --name churn >/dev/null || exit 99
"$MLEDGER" import mlflow mlruns >/dev/null || exit 99

lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}

ok 'what changed' "$MLEDGER" diff churn/2 churn/3
expect_stdout_has 'a metric' '~  accuracy    0.733333  0.72  '
expect_stdout_has 'the code' '~  run             d8aef272b24e  7e9880e0a807  #'
expect_stdout_has 'with the commits between' "7e9880e0a807 Take February's customers in"
expect_stdout_has 'what came' '+  stage train: params.yaml:train.epochs  '
expect_stdout_has 'what cannot be told' '?  dataset churn-test  '
expect_stdout_has 'what stayed, counted' '8 the same'
lacks 'and not listed' 'evaluate.threshold'
expect_stdout_has 'what it rests on' 'records used'
ok 'all of it' "$MLEDGER" diff churn/2 churn/3 --all
expect_stdout_has 'lists what stayed' 'evaluate.threshold'
ok 'by alias and stage' "$MLEDGER" diff models:/churn/Production churn@challenger
expect_stdout_has 'is the same question' 'churn/2 → churn/3'
ok 'of runs' "$MLEDGER" diff runs:/1764d1d1c55e4db3ba32adf709626b6c \
    runs:/e17f8ba51ff84d4b86d14ee37e381b00
expect_stdout_has 'says what changed' '~  accuracy'

ok 'JSON' "$MLEDGER" --json diff churn/2 churn/3
expect_stdout_has 'has the lines' '{"kind":"metrics","key":"accuracy","change":"changed","before":{"value":"0.733333"'
cp "$OUT" json
ok 'has the commits' grep -q '"commits":\[{"commit":"7e9880e0a807' json
ok 'SVG' "$MLEDGER" diff churn/2 churn/3 -o diff.svg
ok 'marks what came' grep -q 'class="node pipeline_stage[^"]* added' diff.svg
ok 'and what changed' grep -q 'class="node run[^"]* changed' diff.svg
ok 'with old and new' grep -q '1764d1d1c55e4db3ba32adf709626b6c → run:e17f8ba51ff84d4b86d14ee37e381b00' diff.svg

# Elsewhere the repository is not at hand: that is said, and the rest is answered.
mkdir ../elsewhere
ledger=$PWD/.mledger
cd ../elsewhere || exit 99
ok 'without the repository' "$MLEDGER" --ledger "$ledger" diff churn/2 churn/3
expect_stdout_has 'says so' 'the commits between d8aef272b24e and 7e9880e0a807:'
ok 'refuses a repository that is none' test_must_fail 1 "$MLEDGER" --ledger "$ledger" diff \
    churn/2 churn/3 --repo .
cd ../churn || exit 99

ok 'refuses one version twice' test_must_fail 2 "$MLEDGER" diff churn/3 churn@challenger
ok 'refuses a model' test_must_fail 2 "$MLEDGER" diff models:/churn churn/3
expect_stderr_has 'and says what it takes' 'churn/3, models:/churn@champion'
ok 'refuses what is not there' test_must_fail 1 "$MLEDGER" diff churn/3 churn/9

# ---- side by side ----

ok 'compares' "$MLEDGER" compare churn 1 2 3
expect_stdout_has 'parameters' 'train.epochs                                        40        200       200'
expect_stdout_has 'metrics' 'accuracy    0.733333  0.733333  0.72      not recorded'
expect_stdout_has 'what they were measured on' 'churn/3 was measured on churn-test no digest'
ok 'only what differs' "$MLEDGER" compare churn/2 churn@challenger --changed
lacks 'leaves out the rest' 'evaluate.threshold'
ok 'JSON' "$MLEDGER" --json compare churn 1 3
expect_stdout_has 'has the values' '"versions":["churn/1","churn/3"]'
ok 'refuses a version that is not there' test_must_fail 1 "$MLEDGER" compare churn 1 9

done_testing
