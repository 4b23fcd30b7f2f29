#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What learned from something, on what the real DVC and MLflow wrote.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
"$MLEDGER" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
"$MLEDGER" import dvc . --name churn >/dev/null || exit 99
"$MLEDGER" import mlflow mlruns >/dev/null || exit 99
add_approver bob
"$MLEDGER" approve churn/2 --stage Production --key bob >/dev/null || exit 99
"$MLEDGER" version transition churn/2 Production --archive-existing >/dev/null || exit 99
"$MLEDGER" deploy scoring churn/2 --environment prod >/dev/null || exit 99
"$MLEDGER" version transition churn/3 Production --archive-existing >/dev/null || exit 99
"$MLEDGER" deploy scoring churn/3=90% churn/2=10% --environment prod >/dev/null || exit 99
raw=sha256:96cb09118761

ok 'impact of the raw data' "$MLEDGER" impact "$raw"
cp "$OUT" text
expect_stdout_has 'counts' '1 version may be affected'
expect_stdout_has 'says what is in Production' 'in Production now: churn/3'
expect_stdout_has 'and what is served' 'served now: churn/3 (prod/scoring, 90 %)'
expect_stdout_has 'by which kind of way' 'churn/3  may be affected  same content'
expect_stdout_has 'the version to go back to' 'churn/2      Archived'
expect_stdout_has 'and how' 'to go back: mledger rollback churn --to 2 --reason TEXT'
expect_stdout_has 'what is not known' 'a version whose training data no record names is not found'
expect_stdout_has 'and what it rests on' 'records used'
ok 'with the stages it was in' grep -qE '  Production +[0-9: -]+  now  ' text

ok 'as of before the deployment' "$MLEDGER" impact "$raw" --as-of 35
not_served() { ! grep -q 'served now' "$OUT"; }
ok 'nothing is served' not_served
ok 'without steps by content' "$MLEDGER" impact "$raw" --no-same-content --no-inferred
expect_stdout_has 'nothing is reached' 'no model version is reached'

ok 'of a commit' "$MLEDGER" impact git:7e9880e0a807
expect_stdout_has 'is affected' 'churn/3  affected'
ok 'of a run' "$MLEDGER" impact runs:/e17f8ba51ff84d4b86d14ee37e381b00
expect_stdout_has 'is affected, recorded' 'churn/3  affected  recorded'

# ---- keys ----

ok 'of a key' "$MLEDGER" impact key:bob
expect_stdout_has 'lists what it signed' 'approval_recorded  churn/2    granted for Production'
expect_stdout_has 'and what that was about' 'churn/2  affected'
ok 'by its name alone' "$MLEDGER" impact demo-recorder
ok 'since later' "$MLEDGER" impact key:bob --since 2999-01-01
expect_stdout_has 'it signed nothing' "key 'bob' signed no record since then"
expect_stdout_has 'says whose time that is' 'times that the ledger'
ok 'refuses a key that is none' test_must_fail 1 "$MLEDGER" impact key:nobody
ok 'refuses --since without a key' test_must_fail 2 "$MLEDGER" impact "$raw" --since 3
ok 'refuses an actor' test_must_fail 2 "$MLEDGER" impact actor:alice
expect_stderr_has 'but tells of keys' 'mledger impact key:NAME'

# ---- errors ----

ok 'what is not there' test_must_fail 1 "$MLEDGER" impact sha256:0000000000
ok 'what is no reference' test_must_fail 2 "$MLEDGER" impact sha256:xyz
ok 'a bare word that is nothing' test_must_fail 1 "$MLEDGER" impact nothing-of-the-kind

# ---- other forms ----

ok 'JSON' "$MLEDGER" --json impact "$raw"
expect_stdout_has 'has the verdict' '"verdict":"may_be_affected","by":"same_content"'
expect_stdout_has 'the way' '"path":[{"from":"'
expect_stdout_has 'the deployments' '"endpoint":"scoring","share_ppm":900000,"from":{"seq":'
expect_stdout_has 'and the basis' '"basis":{"as_of":'
ok 'SVG' "$MLEDGER" impact "$raw" -o impact.svg
ok 'marks what is reached' grep -q 'class="node model_version[^"]* highlighted' impact.svg
ok 'shows what is not' grep -q 'churn/2 (not reached)' impact.svg
ok 'says what the mark means' grep -q 'reached by what was asked for' impact.svg
ok 'evidence' "$MLEDGER" impact "$raw" --evidence impact.evidence
ok 'is accepted' "$MLEDGER_VERIFY" impact.evidence

done_testing
