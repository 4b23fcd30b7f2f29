#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve: how it begins and ends. What it answers is tested by the API's own tests.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl here'
new_ledger

# begin_write BODY: a request whose head has arrived and whose body has not, as descriptor 4. The
# server says 100 when it has the head.
begin_write() {
    local port=${URL##*:}
    exec 4<>"/dev/tcp/127.0.0.1/$port" &&
        printf 'POST /api/2.0/mlflow/experiments/create HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n' \
            ${#1} >&4 && IFS= read -r answer <&4 && [[ $answer == *' 100 '* ]]
}
# The first SIGTERM has been taken when nobody catches the second.
await_taken() {
    local caught
    while caught=$(sed -n 's/^SigCgt:\t*//p' "/proc/$SERVER/status") && [ -n "$caught" ]; do
        (((16#$caught >> 14) & 1)) || return 0
        sleep 0.01
    done
    return 1
}

# ended_by_second_signal: by the signal, and not by exit().
ended_by_second_signal() {
    local code=0
    kill -TERM "$SERVER"
    wait "$SERVER" || code=$?
    [ "$code" -eq $((128 + 15)) ]
}

# --- the end ---
ok 'it begins' start_server
ok 'a write' mlflow experiments/create '{"name": "one"}'
seq=$(header Mledger-Seq) hash=$(header Mledger-Record-Hash)
ok 'and a good end' stop_server
ok 'after which there is a checkpoint' grep -qx 'checkpoint over [0-9]* records' "$SERVED"
ok 'which is recorded' "$MLEDGER" log --kind checkpoint_noted
expect_stdout_has 'once' '#'
ok 'what was answered' "$MLEDGER" --json show "$seq"
expect_stdout_has 'is there' "$hash"
ok 'with nothing new' start_server
ok 'the end' stop_server
ok 'makes no second record' test "$("$MLEDGER" --json log --kind checkpoint_noted | grep -c '"seq"')" = 1

ok 'a request in progress' start_server --json
ok 'whose head has arrived' begin_write '{"name": "two"}'
kill -TERM "$SERVER"
ok 'while the server is told to end' await_taken
printf '{"name": "two"}' >&4
cat <&4 >"$T/io/answer"
ok 'is answered' grep -q '"experiment_id"' "$T/io/answer"
ok 'before it ends' wait "$SERVER"
ok 'and is in the checkpoint' grep -q '"kind":"checkpoint_noted"' "$SERVED"

ok 'a request that does not end' start_server
ok 'whose head has arrived, too' begin_write '{"name": "three"}'
kill -TERM "$SERVER"
ok 'holds up the end' await_taken
ok 'which a second signal does not wait for' ended_by_second_signal
exec 4>&-
expect_sound 'nothing is half-written'

# --- periods ---
ok 'a checkpoint every two records' start_server --checkpoint-every 2 --json
ok 'a record' mlflow experiments/create '{"name": "four"}'
ok 'another' mlflow experiments/create '{"name": "five"}'
ok 'is made' await_line "$SERVED" '"kind":"checkpoint_noted"'
ok 'and that is it' stop_server
ok 'a heartbeat in a silence' start_server --heartbeat 1ms --json
ok 'is recorded' await_line "$SERVED" '"kind":"heartbeat"'
ok 'as well' stop_server
ok 'a period that is none' test_must_fail 2 "$MLEDGER" serve --checkpoint-every soon

# --- what is not answered ---
ok 'a server' start_server
ok 'a call that it does not know' test_must_fail 1 mlflow traces/search '{}'
expect_stdout_has 'is answered as clients read errors' \
    '{"error_code":"ENDPOINT_NOT_FOUND","message":"mledger does not answer this call"}'
ok 'a call by another method' test_must_fail 1 call GET /api/2.0/mlflow/runs/create
expect_stdout_has 'too' '"error_code":"ENDPOINT_NOT_FOUND"'
head -c 5000000 /dev/zero >"$T/io/large"
ok 'a body that is too large' test_must_fail 1 call POST /api/2.0/mlflow/runs/create -H 'Expect:' \
    --data-binary "@$T/io/large"
expect_stdout_has 'is none' \
    '"error_code":"INVALID_PARAMETER_VALUE","message":"the body is larger than this server takes"'
ok 'and said so' test "$(status)" = 413
ok 'a page that is not there' test_must_fail 1 call GET /index.html
ok 'is not' test "$(status)" = 404
ok 'its end' stop_server

# --- artifacts elsewhere ---
ok 'artifacts that clients keep' start_server --default-artifact-root s3://bucket/ml
ok 'are announced' grep -q "go to 's3://bucket/ml' and not through this server" "$SERVE_ERR"
ok 'an experiment' mlflow experiments/create '{"name": "elsewhere"}'
id=$(sed -n 's/.*"experiment_id": *"\([0-9]*\)".*/\1/p' "$OUT")
ok 'has them there' call GET "/api/2.0/mlflow/experiments/get?experiment_id=$id"
expect_stdout_has 'by its number' "s3://bucket/ml/$id\""
ok 'the end' stop_server
ok 'a folder of some machine' test_must_fail 2 "$MLEDGER" serve --default-artifact-root ml
expect_stderr_has 'is none for all' "'ml' is neither a URI nor an absolute path"
ok 'a place for a server that makes none' \
    test_must_fail 2 "$MLEDGER" serve --read-only --default-artifact-root s3://bucket
ok 'and for one that is told' \
    test_must_fail 2 "$MLEDGER" serve --upstream http://127.0.0.1:1 --default-artifact-root s3://bucket

# --- without a log key ---
mv "$XDG_CONFIG_HOME/mledger/keys/demo-log.key" "$T/io/"
ok 'without a log key' start_server
ok 'it says so' grep -q '^mledger: no checkpoint will be made at the end: ' "$SERVE_ERR"
ok 'and ends well' stop_server
ok 'one that is asked for' test_must_fail 3 "$MLEDGER" serve --log-key demo-log
mv "$T/io/demo-log.key" "$XDG_CONFIG_HOME/mledger/keys/"
expect_sound 'the ledger verifies'
done_testing
