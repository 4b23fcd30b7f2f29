#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How one thing led to another, on what the real DVC and MLflow wrote.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

command -v git >/dev/null || skip_all 'no git'
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
cd churn || exit 99
"$MLEDGER" init --name demo --actor alice --no-passphrase >/dev/null || exit 99
"$MLEDGER" import dvc . --name churn >/dev/null || exit 99
"$MLEDGER" import mlflow mlruns >/dev/null || exit 99
raw=sha256:96cb09118761

ok 'the shortest' "$MLEDGER" path "$raw" churn/3
expect_stdout_has 'begins with the data' 'read by stage prepare  #'
expect_stdout_has 'ends with the version' '~ same content as churn/3  #'
expect_stdout_has 'and says what it rests on' 'records used'
cp "$OUT" there
ok 'asked the other way' "$MLEDGER" path churn/3 "$raw"
tells_the_same() { grep -F '#' there | grep -c . | cmp -s - <(grep -F '#' "$1" | grep -c .); }
cp "$OUT" back
ok 'is told as time went, too' tells_the_same back
ok 'all of them' "$MLEDGER" path "$raw" churn/3 --all
expect_stdout_has 'are counted' '3 paths'
expect_stdout_has 'the inferred one, too' '? perhaps run e17f8ba51ff84d4b86d14ee37e381b00  #'
ok 'no more than wanted' "$MLEDGER" path "$raw" churn/3 --all --limit 1
expect_stdout_has 'says that there may be more' '1 path, the shortest; there may be more'
ok 'none without content' test_must_fail 1 "$MLEDGER" path "$raw" churn/3 --no-same-content --no-inferred
expect_stdout_has 'is an answer' 'no path from '
ok 'none between strangers' test_must_fail 1 "$MLEDGER" path "$raw" churn/1
expect_stdout_has 'says what is not known' 'the source of dataset churn-train is not recorded'

ok 'JSON' "$MLEDGER" --json path "$raw" churn/3
expect_stdout_has 'has the steps' '{"paths":[[{"from":"file:sha256:96cb09118761'
ok 'JSON of none' test_must_fail 1 "$MLEDGER" --json path "$raw" churn/1
expect_stdout_has 'has no paths' '{"paths":[],"more":false,"common":[]'
ok 'SVG' "$MLEDGER" path "$raw" churn/3 -o path.svg
ok 'marks the path' grep -q 'class="edge[^"]* highlighted' path.svg
ok 'and dims the rest' grep -q 'class="node [^"]* dimmed"' path.svg

ok 'refuses one thing twice' test_must_fail 2 "$MLEDGER" path churn/3 churn@challenger
ok 'refuses what is not there' test_must_fail 1 "$MLEDGER" path churn/9 "$raw"
ok 'refuses an actor' test_must_fail 2 "$MLEDGER" path actor:alice "$raw"
ok 'refuses a limit on one' test_must_fail 2 "$MLEDGER" path "$raw" churn/3 --limit 3

done_testing
