#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve --upstream: before a server that a team keeps. The other server is one of ours, over a ledger
# of its own: MLflow's clients cannot tell them apart, and a real one is asked in tests/interop/mlflow.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl here'
new_ledger
their=$T/their
"$MLEDGER" --ledger "$their" init --name their --no-passphrase >/dev/null || exit 99

THEIR_SERVER='' THEIR_URL=''
start_theirs() {
    MLEDGER_DIR=$their start_server "$@" || return
    THEIR_SERVER=$SERVER THEIR_URL=$URL
}
stop_theirs() {
    kill "$THEIR_SERVER" && wait "$THEIR_SERVER"
    THEIR_SERVER=''
}
trap 'for server in $SERVER $THEIR_SERVER; do kill -9 "$server" 2>/dev/null; done
    cd / && chmod -R u+rwX "$T" && rm -rf "$T"' EXIT
theirs() { # METHOD PATH [JSON]: asks the other server itself
    local URL=$THEIR_URL
    call "$@"
}
# value KEY: of the last answer's JSON.
value() { grep -o "\"$1\": *\"[^\"]*\"" "$OUT" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'; }
records() { "$MLEDGER" --json log | grep -c '"seq"'; }
# recorded KIND TEXT: the newest record of the kind holds it.
recorded() {
    local seq
    seq=$("$MLEDGER" --json log --kind "$1" | sed -n 's/^{"seq":\([0-9]*\).*/\1/p' | tail -n 1)
    "$MLEDGER" --json show "$seq" | grep -q -- "$2"
}

# --- what is passed on and recorded ---
ok 'a server that a team keeps' start_theirs
ok 'one experiment more than the ledger knows' mlflow experiments/create '{"name": "theirs"}'
ok 'ours before it' start_server --upstream "$THEIR_URL/"
ok 'an experiment' mlflow experiments/create '{"name": "both"}'
experiment=$(value experiment_id)
seq=$(header Mledger-Seq)
ok 'is recorded with the id that the other server gave' \
    recorded experiment_created "\"experiment_id\":\"$experiment\""
ok 'by the record that the receipt names' "$MLEDGER" --json show "$seq"
expect_stdout_has 'which is this one' '"name":"both"'
ok 'the other server has it' theirs GET "/api/2.0/mlflow/experiments/get?experiment_id=$experiment"
expect_stdout_has 'under its name' '"both"'

ok 'a run' mlflow runs/create "{\"experiment_id\": \"$experiment\", \"start_time\": 1700000000000}"
run=$(value run_id)
ok 'is recorded with its id' recorded run_started "\"run_id\":\"$run\""
ok 'a metric' mlflow runs/log-metric \
    "{\"run_id\": \"$run\", \"key\": \"auc\", \"value\": 0.5, \"timestamp\": 1, \"step\": 0}"
ok 'is recorded' recorded run_logged auc
ok 'reading asks the other server' call GET "/api/2.0/mlflow/runs/get?run_id=$run"
expect_stdout_has 'which has the metric' '"auc"'

path=/api/2.0/mlflow-artifacts/artifacts/$experiment/$run/artifacts/model.bin
printf 'weights\n' >"$T/io/file"
sha256=$(sha256sum "$T/io/file" | cut -d' ' -f1)
ok 'a file' call PUT "$path" --data-binary "@$T/io/file"
ok 'is recorded with its digest' recorded artifact_recorded "$sha256"
ok 'and kept by the other server alone' test ! -e "$PWD/.mledger/artifacts/sha256/${sha256:0:2}/$sha256"
ok 'from where it comes back' call GET "$path"
expect_stdout 'as it was' <"$T/io/file"
ok 'and nothing stays here' test -z "$(ls -A "$PWD/.mledger/artifacts/incoming")"

ok 'a model' mlflow registered-models/create '{"name": "churn"}'
ok 'a version' mlflow model-versions/create \
    "{\"name\": \"churn\", \"source\": \"runs:/$run/model\", \"run_id\": \"$run\"}"
ok 'and its stage' mlflow model-versions/transition-stage \
    '{"name": "churn", "version": "1", "stage": "Production", "archive_existing_versions": false}'
ok 'are recorded' "$MLEDGER" at churn Production 9999-01-01
expect_stdout_has 'as they are there' 'churn/1'
ok 'a change' call PATCH /api/2.0/mlflow/registered-models/update \
    '{"name": "churn", "description": "who leaves"}'
ok 'is recorded' recorded model_updated 'who leaves'
ok 'an alias' mlflow registered-models/alias '{"name": "churn", "alias": "best", "version": "1"}'
ok 'is taken away' call DELETE /api/2.0/mlflow/registered-models/alias \
    '{"name": "churn", "alias": "best"}'
ok 'which is recorded' recorded alias_deleted best

# --- what is refused ---
before=$(records)
ok 'what the other server refuses' test_must_fail 1 mlflow experiments/create '{"name": "theirs"}'
expect_stdout_has 'is answered in its words' 'RESOURCE_ALREADY_EXISTS'
ok 'a run that the ledger does not know' \
    theirs POST /api/2.0/mlflow/runs/create '{"experiment_id": "0"}'
older=$(value run_id)
tag="{\"run_id\": \"$older\", \"key\": \"owner\", \"value\": \"risk\"}"
ok 'is refused' test_must_fail 1 mlflow runs/set-tag "$tag"
expect_stdout_has 'with what brings it in' "mledger import mlflow $THEIR_URL"
ok 'before the other server' theirs GET "/api/2.0/mlflow/runs/get?run_id=$older"
ok 'hears of it' test_must_fail 1 grep -q '"risk"' "$OUT"
ok 'nothing of it is recorded' test "$(records)" = "$before"

object=$their/artifacts/sha256/${sha256:0:2}/$sha256
chmod u+w "$object" && printf 'poison!\n' >"$object"
ok 'a file that was changed there' test_must_fail 1 call GET "$path"
expect_stdout_has 'is not given out' 'is not the one that record'
ok 'and not asked for again' test "$(status)" = 409

ok 'without the other server' stop_theirs
ok 'a call' test_must_fail 1 mlflow experiments/create '{"name": "none"}'
ok 'fails, to be tried again' test "$(status)" = 503
ok 'the end' stop_server
ok 'is good' test ! -s "$SERVE_ERR" -o -n "$(grep 'cannot reach' "$SERVE_ERR")"

# --- failing open ---
ok 'the other server again' start_theirs
ok 'before it one that fails open' start_server --upstream "$THEIR_URL" --fail-open
ok 'what cannot be recorded' mlflow runs/set-tag "$tag"
ok 'bears no receipt' test -z "$(header Mledger-Seq)"
ok 'is done' theirs GET "/api/2.0/mlflow/runs/get?run_id=$older"
expect_stdout_has 'all the same' '"risk"'
ok 'and put down' grep -q '/api/2.0/mlflow/runs/set-tag' .mledger/artifacts/unrecorded.jsonl
mv .mledger/artifacts/unrecorded.jsonl "$T/io/lines"
mkdir .mledger/artifacts/unrecorded.jsonl
ok 'while that cannot be read' mlflow experiments/create '{"name": "meanwhile"}'
ok 'a call is recorded' test -n "$(header Mledger-Seq)"
rmdir .mledger/artifacts/unrecorded.jsonl
mv "$T/io/lines" .mledger/artifacts/unrecorded.jsonl
ok 'what can be recorded' mlflow experiments/create '{"name": "later"}'
ok 'brings it into the ledger' recorded incident_recorded '"severity":"unrecorded"'
ok 'with what it was' recorded incident_recorded '/api/2.0/mlflow/runs/set-tag'
ok 'once' test ! -e .mledger/artifacts/unrecorded.jsonl
ok 'the end of it' stop_server
ok 'and of the other' stop_theirs

# --- options ---
ok 'an address that is none' test_must_fail 2 "$MLEDGER" serve --upstream ftp://127.0.0.1
ok 'one with a query' test_must_fail 2 "$MLEDGER" serve --upstream 'http://127.0.0.1/?a=b'
ok 'an option without what it is of' test_must_fail 2 "$MLEDGER" serve --fail-open
ok 'reading alone' test_must_fail 2 "$MLEDGER" serve --upstream http://127.0.0.1:1 --read-only
expect_sound 'the ledger verifies'
done_testing
