#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import mlflow --follow, and watch: what is new is imported as it comes. What is waited for is
# what is written, and not a time.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger

# put FILE TEXT: the whole file at once, as MLflow does not always.
put() { mkdir -p "$(dirname "$1")" && printf '%b' "$2" >"$1.new" && mv "$1.new" "$1"; }
experiment() { put "mlruns/0/meta.yaml" "artifact_location: file:///x/0\nexperiment_id: '0'\nlifecycle_stage: active\nname: Default\n"; }
# run ID STATUS [END]: 1 runs, 3 is finished.
run() {
    put "mlruns/0/$1/meta.yaml" "artifact_uri: file:///x/0/$1/artifacts\nend_time: ${3:-null}\nentry_point_name: ''\nexperiment_id: '0'\nlifecycle_stage: active\nrun_id: $1\nrun_name: $1\nrun_uuid: $1\nsource_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: 1700000000000\nstatus: $2\ntags: []\nuser_id: eve\n"
}
A=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa B=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb

begin() { # COMMAND...
    : >said
    : >errors
    "$MLEDGER" "$@" >said 2>errors &
    pid=$!
}
await() { # NAME FILE PATTERN [COUNT]
    local i
    for i in $(seq 1200); do
        [ "$(grep -c -- "$3" "$2")" -ge "${4:-1}" ] && break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.05
    done
    ok "$1" test "$(grep -c -- "$3" "$2")" -ge "${4:-1}"
}
end() { # NAME SIGNAL
    kill "-$2" "$pid"
    wait "$pid"
    ok "$1" test $? = 0
}

# ---- a file store ----

experiment
run $A 1
begin import mlflow --follow --interval 50ms mlruns
await 'what is there is imported first' said 'appended 2 records'
put "mlruns/0/$A/metrics/loss" '1700000001000 0.5 1\n'
await 'a metric' said 'appended 1 record ' 1
put "mlruns/0/$A/metrics/loss" '1700000001000 0.5 1\n1700000002000 0.4 2\n'
await 'the next point' said 'appended 1 record ' 2
run $A 3 1700000003000
await 'the end of the run' said 'appended 1 record ' 3
run $B 1
await 'another run' said 'appended 1 record ' 4
printf 'no number\n' >"mlruns/0/$B/metrics.broken"
mkdir -p "mlruns/0/$B/metrics" && mv "mlruns/0/$B/metrics.broken" "mlruns/0/$B/metrics/loss"
await 'what is broken is told' errors "metrics/loss:1"
put "mlruns/0/$B/metrics/loss" '1700000001000 0.5 1\n'
await 'and once it is mended imported' said 'appended 1 record ' 5
ok 'an error is told once' test "$(grep -c 'metrics/loss:1' errors)" = 1
ok 'the ledger is open to others meanwhile' "$MLEDGER" run start --id by-hand
end 'SIGTERM is a good end' TERM
ok 'nothing was imported twice' "$MLEDGER" import mlflow mlruns
expect_stdout_has 'or left out' 'nothing new'

begin --json import mlflow --follow --interval 50ms mlruns
await 'JSON is a line for each import' said '"source":"mlflow","place":"mlruns","appended":0'
put "mlruns/0/$B/params/lr" '0.1'
await 'with what was appended' said '"appended":1,.*"first_seq":[0-9]*,"last_seq":[0-9]*'
end 'and ends well' TERM

# What did not change is not read again: a fault that its print does not show is not found.
ok 'an interval alone' test_must_fail 2 "$MLEDGER" import mlflow --interval 1s mlruns
ok 'an interval that is none' test_must_fail 2 "$MLEDGER" import mlflow --follow --interval soon mlruns
expect_stderr_has 'is shown one' '--interval must be a time such as 500ms'
ok 'a store that is not there' test_must_fail 1 "$MLEDGER" import mlflow --follow none

# ---- watch ----

mkdir -p w/.dvc && : >w/.dvc/config
stage() {
    put w/dvc.yaml 'stages:\n  train:\n    cmd: train\n    outs: [model]\n'
    put w/dvc.lock "schema: '2.0'\nstages:\n  train:\n    cmd: train\n    outs:\n    - path: model\n      hash: md5\n      md5: $(printf %032d "$1")\n      size: 1\n"
}
stage 1
begin watch w --interval 50ms
await 'a project is imported' said 'dvc w: appended'
stage 2
await 'a change of its lock' said 'dvc w: appended' 2
mkdir tmp && mv mlruns tmp/ && (cd tmp && sed -i 's/Default/Other/; s/file:\/\/\/x/file:\/\/\/y/' mlruns/0/meta.yaml)
cp -r tmp/mlruns w/mlruns.new && mv w/mlruns.new w/mlruns
await 'a store that comes but is another one' errors 'experiment .0. of this store is not the one'
end 'SIGTERM is a good end here too' TERM
begin watch w --name w --interval 50ms --no-hash
await 'under a name of its own it is imported' said 'mlflow w/mlruns: appended'
end 'and it ends' TERM
ok 'a folder that is not there' test_must_fail 1 "$MLEDGER" watch none
expect_stderr_has 'is named' "there is no folder 'none'"
expect_sound 'the ledger verifies'
done_testing
