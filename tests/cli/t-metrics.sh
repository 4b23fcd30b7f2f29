#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Curves of metrics, on what the real MLflow wrote and on numbers that are none.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
bash "$TESTS_CLI/../samples/churn/unpack.sh" churn >/dev/null || exit 99
"$MLEDGER" import mlflow churn/mlruns >/dev/null || exit 99
ok 'of versions' "$MLEDGER" metrics churn/2 churn/3
expect_stdout_has 'the loss' 'train/loss  churn/2     200  0.693147 @0  0.520688 @199  0.520688 @199  0.693147 @0'
expect_stdout_has 'of both' 'train/loss  churn/3     200'
expect_stdout_has 'with its records' 'records used'
ok 'one metric of a run' "$MLEDGER" metrics runs:/e17f8ba51ff84d4b86d14ee37e381b00 --metric auc
expect_stdout_has 'by the name of the run' 'auc     run february'
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}
lacks 'and no other' 'train/loss'
ok 'CSV' "$MLEDGER" metrics churn/3 --format csv
ok 'has every point' test "$(grep -c 'train/loss' "$OUT")" -eq 200
ok 'JSON' "$MLEDGER" metrics churn/3 --metric auc --json
expect_stdout_has 'has the number as it was written' '"text":"0.808677"'
ok 'SVG' "$MLEDGER" metrics churn/2 churn/3 -o curves.svg
ok 'has a line for each' grep -q '<title>churn/3, 200 points</title>' curves.svg
ok 'again' "$MLEDGER" metrics churn/2 churn/3 -o again.svg
ok 'is the same to the byte' cmp curves.svg again.svg
ok 'PNG' "$MLEDGER" metrics churn/2 churn/3 -o curves.png
ok 'is one' grep -qa 'PNG' curves.png
ok 'a graph, which it is not' test_must_fail 2 "$MLEDGER" metrics churn/3 -o curves.dot
expect_stderr_has 'is told' 'this answer cannot be had as dot'

"$MLEDGER" append - >/dev/null <<'END' || exit 99
{"run_started": {"run_id": "odd"}}
{"run_logged": {"run": "odd", "metrics": [{"key": "loss", "step": 0, "time": "2026-01-01T00:00:00Z"}, {"key": "loss", "step": 1, "time": "2026-01-01T00:00:01Z"}, {"key": "loss", "step": 2, "time": "2026-01-01T00:00:02Z"}, {"key": "loss", "step": -3, "time": "2026-01-01T00:00:02Z"}]}, "details": {"metric_values": ["1.50", "NaN", "inf", "2"]}}
{"run_started": {"run_id": "quiet"}}
END
ok 'odd numbers' "$MLEDGER" metrics odd
expect_stdout_has 'are counted, the others as written' '2 @-3  1.50 @0  1.50 @0  2 @-3     2 no number, 0 not known'
ok 'as JSON' "$MLEDGER" metrics odd --json
expect_stdout_has 'they are null and as written' '"value":null,"text":"NaN"'
ok 'a run without metrics' "$MLEDGER" metrics quiet
expect_stdout_has 'has none' 'no metric is recorded'
expect_stdout_has 'which is said' 'no metric of run quiet is recorded'
"$MLEDGER" model create m >/dev/null && "$MLEDGER" version register m >/dev/null || exit 99
ok 'a version without a run' "$MLEDGER" metrics m/1 churn/3
expect_stdout_has 'is said, too' 'no run of m/1 is recorded'
seq=$("$MLEDGER" log --run odd --kind run_logged --json | sed 's/.*"seq":\([0-9]*\).*/\1/')
ok 'erased' "$MLEDGER" erase "$seq" --reason test --key demo-admin
ok 'is known no more' "$MLEDGER" metrics odd
expect_stdout_has 'and says so' "the values in record $seq were erased"

ok 'refuses a model' test_must_fail 2 "$MLEDGER" metrics models:/churn
ok 'refuses what is not there' test_must_fail 1 "$MLEDGER" metrics churn/9

done_testing
