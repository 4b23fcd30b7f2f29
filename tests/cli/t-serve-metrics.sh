#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve: what whoever runs it sees of it: metrics, access log, health.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl here'
new_ledger

# metric NAME[{LABELS}]: its value in what was fetched last.
metric() { sed -n "s|^$1 ||p" "$T/io/metrics"; }
# A request is counted when its answer has been sent, so that a client may be sooner: asks until
# nobody else is in progress.
fetch_metrics() {
    while call GET /metrics >"$T/io/metrics"; do
        [ "$(metric mledger_http_requests_in_progress)" != 1 ] || return 0
        sleep 0.02
    done
    return 1
}
# logged PATTERN: that line is in the access log, or comes: it is written after the answer.
logged() { await_line access.log "$1"; }

ok 'it begins' start_server --access-log access.log
ok 'it is healthy' call GET /health
ok 'as MLflow says it' test "$(cat "$OUT")" = OK
ok 'the metrics' fetch_metrics
ok 'are of a type that Prometheus asks for' test "$(header Content-Type)" = \
    'text/plain; version=0.0.4; charset=utf-8'
head0=$(metric mledger_head_seq)
ok 'there is no checkpoint yet, and no age' test -z "$(metric mledger_checkpoint_age_seconds)"

ok 'a write' mlflow experiments/create '{"name": "one"}'
seq=$(header Mledger-Seq)
ok 'is logged' logged "\"peer\":\"127.0.0.1\",\"actor\":null,\"method\":\"POST\",\"path\":\"/api/2.0/mlflow/experiments/create\",\"route\":\"mlflow/experiments/create\",\"status\":200,\"bytes_in\":15,\"bytes\":[0-9]*,\"duration_us\":[0-9]*,\"seq\":$seq}"
ok 'a second of the name' test_must_fail 1 mlflow experiments/create '{"name": "one"}'
ok 'is logged without a record' logged '"status":400,[^}]*"duration_us":[0-9]*}'
ok 'a page that there is not' test_must_fail 1 call GET '/no%0Ape%22%1B%C3%A9?token=sesame'
ok 'is logged in visible letters' logged '"path":"/no%0Ape%22%1B%C3%A9","route":null,"status":404'
ok 'and without its query' test "$(grep -c sesame access.log)" = 0
ok 'a method that there is not' test_must_fail 1 call 'A"B' /x
ok 'a second look' fetch_metrics
ok 'counts by route and status' test "$(metric \
    'mledger_http_requests_total{method="POST",route="mlflow/experiments/create",status="400"}')" = 1
ok 'and the rest as one' test "$(metric \
    'mledger_http_requests_total{method="GET",route="other",status="404"}')" = 1
ok 'methods, too' test "$(grep -c 'method="other"' "$T/io/metrics")" != 0
ok 'durations add up' test "$(metric \
    'mledger_http_request_duration_seconds_bucket{method="POST",route="mlflow/experiments/create",le="+Inf"}')" = 2
ok 'the record is counted' test "$(metric mledger_records_appended_total)" = 1
ok 'and is the head' test "$(metric mledger_head_seq)" = "$seq"
ok 'which has moved' test "$seq" -gt "$head0"
ok 'this request is in progress' test "$(metric mledger_http_requests_in_progress)" = 1
ok 'the store has a size' test "$(metric mledger_store_bytes)" -gt 0
ok 'no line was lost' test "$(metric mledger_access_log_failures_total)" = 0
ok 'a checkpoint' "$MLEDGER" checkpoint
ok 'a third look' fetch_metrics
ok 'says what it covers' test "$(metric mledger_checkpoint_size)" = $((seq + 1))
ok 'and has an age' test -n "$(metric mledger_checkpoint_age_seconds)"
ok 'it is not written to' test_must_fail 1 call POST /metrics '{}'
ok 'each line is an object' test "$(grep -cv '^{.*}$' access.log)" = 0

# --- a log that cannot be written loses lines and no request ---
ok 'it ends' stop_server
if [ -w /dev/full ]; then
    ok 'a full disk' start_server --access-log /dev/full
    ok 'stops no write' mlflow experiments/create '{"name": "two"}'
    ok 'and is seen' fetch_metrics
    ok 'as lines that were lost' test "$(metric mledger_access_log_failures_total)" -ge 1
    ok 'it ends, too' stop_server
else
    skip 'a full disk' 'no /dev/full here'
fi
ok 'a log that cannot be made' test_must_fail 3 "$MLEDGER" serve --access-log none/access.log
expect_stderr_has 'is named' "cannot open the access log 'none/access.log'"
expect_sound 'the ledger verifies'
done_testing
