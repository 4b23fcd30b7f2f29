#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve --read-only: servers that read, beside the one that writes.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl here'
new_ledger

artifact=/api/2.0/mlflow-artifacts/artifacts
denied() { test_must_fail 1 call "$@" && [ "$(status)" = 403 ]; }

# The readers are in the background, and $URL is that of whom is asked.
ok 'a reader, before anything is served' start_server --read-only
reader=$SERVER reader_url=$URL
ok 'reads a ledger without experiments' call GET '/api/2.0/mlflow/experiments/search?max_results=5'
expect_stdout_has 'as it is' '{}'
ok 'a second reader' start_server --read-only --access-log -
second=$SERVER second_url=$URL
ok 'a writer' start_server
writer=$SERVER writer_url=$URL

ok 'it records a run' mlflow runs/create '{"experiment_id": "0", "run_name": "first"}'
run=$(sed -n 's/.*"run_id":"\([0-9a-f]*\)".*/\1/p' "$OUT" | head -1)
ok 'and an artifact' call PUT "$artifact/0/$run/artifacts/a.txt" --data-binary content
for URL in "$reader_url" "$second_url"; do
    ok 'a reader finds the run' mlflow runs/search '{"experiment_ids": ["0"]}'
    expect_stdout_has 'that is new' '"run_name":"first"'
    ok 'and the artifact' call GET "$artifact/0/$run/artifacts/a.txt"
    ok 'it logs nothing' denied POST /api/2.0/mlflow/runs/log-metric \
        "{\"run_id\": \"$run\", \"key\": \"a\", \"value\": 1, \"timestamp\": 1}"
    expect_stdout_has 'and says why' 'this server only reads the ledger'
    ok 'takes no file' denied PUT "$artifact/0/$run/artifacts/b.txt" -H 'Content-Length: 1' -d x
    ok 'and removes none' denied DELETE "$artifact/0/$run/artifacts/a.txt"
    ok 'it is healthy' call GET /health
    ok 'and has metrics' call GET /metrics
done
URL=$writer_url SERVER=$writer
ok 'the writer writes on' mlflow runs/log-metric \
    "{\"run_id\": \"$run\", \"key\": \"a\", \"value\": 2, \"timestamp\": 1}"
ok 'and ends' stop_server
URL=$reader_url
ok 'the reader reads on' call GET "/api/2.0/mlflow/runs/get?run_id=$run"
expect_stdout_has 'what came last' '"value":2'
for SERVER in "$reader" "$second"; do
    ok 'a reader ends well' stop_server
done
ok 'and makes no checkpoint' test "$("$MLEDGER" --json log --kind checkpoint_noted | grep -c '"seq"')" = 1
ok 'what is for a writer' test_must_fail 2 "$MLEDGER" serve --read-only --heartbeat 1m
expect_stderr_has 'is refused' '--heartbeat is for a server that records'

# --- no key is needed, and no right to write ---
mv "$XDG_CONFIG_HOME/mledger/keys" "$T/io/keys"
ok 'without keys' start_server --read-only
ok 'it reads' call GET "/api/2.0/mlflow/runs/get?run_id=$run"
ok 'and ends' stop_server
mv "$T/io/keys" "$XDG_CONFIG_HOME/mledger/keys"
expect_sound 'the ledger verifies'
done_testing
