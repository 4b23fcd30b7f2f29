#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# webhook add, set, list, test, remove, and that a ledger that is served tells of what is recorded.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
new_ledger
secrets=$XDG_CONFIG_HOME/mledger/webhooks
told=$T/io/told
"$EVENT_SERVER" "$told" >"$T/io/url" &
receiver=$!
until receiver_url=$(sed 's,/$,,' "$T/io/url") && [ -n "$receiver_url" ]; do
    kill -0 "$receiver" || exit 99
    sleep 0.01
done
# has_told TEXT: until the receiver was told it; dead when its process is.
has_told() {
    until grep -qF -- "$1" "$told"; do
        kill -0 "$receiver" "$SERVER" || return 1
        sleep 0.01
    done
}
n_secrets() { [ "$(find "$secrets" -type f 2>/dev/null | wc -l)" = "$1" ]; }
echo 'first secret' >secret

# --- set ---
ok 'no webhooks' "$MLEDGER" webhook list
expect_stdout 'are said' <<'END'
no webhooks
END
ok 'a webhook' "$MLEDGER" webhook add deploy "$receiver_url/T0/key" --event model_version.created \
    --event model_version.transitioned_stage --secret-file secret --description 'the pipeline'
expect_stdout_has 'is recorded' 'webhook deploy added'
ok 'its secret is in a file' n_secrets 1
ok 'of this user alone' test "$(find "$secrets" -type f -perm 600 | wc -l)" = 1
ok 'what is recorded' "$MLEDGER" --json show 2
expect_stdout_has 'says where it goes' "\"origin\":\"$receiver_url\""
ok 'without the secret' test_must_fail 1 grep -rq 'first secret' .mledger
ok 'webhooks' "$MLEDGER" webhook list
expect_stdout_has 'are listed' 'deploy   active'
expect_stdout_has 'with what they are told' 'model_version.created, model_version.transitioned_stage'
ok 'as JSON' "$MLEDGER" --json webhook list
expect_stdout_has 'with the whole URL' "\"url\":\"$receiver_url/T0/key\""
expect_stdout_has 'and the description' '"description":"the pipeline"'
ok 'a name with a blank' test_must_fail 2 "$MLEDGER" webhook add 'a b' https://h/ --event model_version.created
expect_stderr_has 'is none' "Webhook name 'a b' is invalid"
ok 'no event' test_must_fail 2 "$MLEDGER" webhook add a https://h/
expect_stderr_has 'is asked for' '--event'
ok 'an unknown event' test_must_fail 2 "$MLEDGER" webhook add a https://h/ --event model.run
expect_stderr_has 'is named, with those there are' "'model.run' is no event; there are registered_model.created"
ok 'http to elsewhere' test_must_fail 2 "$MLEDGER" webhook add a http://h/ --event model_version.created
expect_stderr_has 'is not spoken' 'Allowed schemes are: https.'
ok 'a private address' test_must_fail 2 "$MLEDGER" webhook add a https://10.0.0.1/ --event model_version.created
ok 'unless it may be reached' "$MLEDGER" webhook add intranet http://10.0.0.1/ --event model_version.created \
    --webhook-reach private --disabled
ok 'no secret in the file' test_must_fail 2 "$MLEDGER" webhook add a https://h/ --event model_version.created \
    --secret-file /dev/null
ok 'no such file' test_must_fail 1 "$MLEDGER" webhook add a https://h/ --event model_version.created \
    --secret-file none
ok 'no such webhook' test_must_fail 1 "$MLEDGER" webhook set none --status disabled
expect_stderr_has 'is named' "there is no webhook 'none'"
ok 'nothing to set' test_must_fail 2 "$MLEDGER" webhook set deploy
ok 'two of one name' "$MLEDGER" webhook add intranet https://h/ --event model_version.created --disabled
ok 'cannot be told apart' test_must_fail 2 "$MLEDGER" webhook remove intranet
expect_stderr_has 'by it' "several webhooks are called 'intranet'"

# --- try ---
ok 'an example' "$MLEDGER" webhook test deploy
expect_stdout_has 'arrives' 'delivered: status 201'
ok 'of another event' "$MLEDGER" --json webhook test deploy --event model_version_alias.moved
expect_stdout_has 'too' '{"delivered":true,"status":201'
ok 'the receiver' grep -q '"event_type":"MODEL_VERSION_ALIAS_MOVED"' "$told"
chmod 644 "$secrets"/*
ok 'a secret that others can read' test_must_fail 3 "$MLEDGER" webhook test deploy
expect_stderr_has 'is not used' 'is open to other users'
expect_stderr_has 'and how to close it is said' 'chmod 600'
chmod 600 "$secrets"/*

# --- serve ---
ok 'the ledger is served' start_server
ok 'another process records' "$MLEDGER" model create churn
ok 'a version' "$MLEDGER" version register churn --source s3://b/m
ok 'and a transition' "$MLEDGER" version transition churn/1 Staging
ok 'the receiver is told of it' has_told '"model_name":"churn","version":"1","from_stage":"None","to_stage":"Staging"'
ok 'by the version first' grep -q '"event_type":"MODEL_VERSION_CREATED".*"model_name":"churn"' "$told"
ok 'with the receipt' grep -q '"actor":"alice","seq":[0-9]*,"record_hash":"[0-9a-f]\{64\}"' "$told"
ok 'a change' "$MLEDGER" webhook set deploy --event model_version.deleted
echo 'second secret' >secret
ok 'of the secret' "$MLEDGER" webhook set deploy --secret-file secret
ok 'replaces it' n_secrets 1
ok 'a deletion' "$MLEDGER" version delete churn/1
ok 'is told of' has_told '"event_type":"MODEL_VERSION_DELETED"'
ok 'the server ends' stop_server
ok 'a version meanwhile' "$MLEDGER" version register churn --source s3://b/m
ok 'and its deletion' "$MLEDGER" version delete churn/2
ok 'the server begins again' start_server
ok 'and tells of it' has_told '"data":{"name":"churn","version":"2"}'
ok 'the end' stop_server

# --- by https, to one whose certificate is of an authority of their own ---
command -v openssl >/dev/null || exit 99
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=hooks \
    -addext subjectAltName=IP:127.0.0.1 -keyout hooks.key -out hooks.pem 2>/dev/null || exit 99
plain=$receiver told=$T/io/told-by-https
"$EVENT_SERVER" "$told" '' hooks.pem hooks.key >"$T/io/https-url" &
receiver=$!
until [ -s "$T/io/https-url" ]; do
    kill -0 "$receiver" || exit 99
    sleep 0.01
done
ok 'a webhook by https' "$MLEDGER" webhook add safe "$(cat "$T/io/https-url")" --event model_version.created
ok 'the system knows no such authority' test_must_fail 1 "$MLEDGER" webhook test safe
expect_stdout_has 'so nothing is sent' 'certificate'
ok 'with it' "$MLEDGER" webhook test safe --webhook-ca hooks.pem
expect_stdout_has 'it arrives' 'delivered: status 201'
ok 'the ledger is served with it' start_server --webhook-ca hooks.pem
ok 'a version for it' "$MLEDGER" version register churn --source s3://b/m
ok 'is told by https' has_told '"model_name":"churn"'
ok 'to the end' stop_server
kill "$receiver"
receiver=$plain

# --- remove ---
ok 'a webhook is removed' "$MLEDGER" webhook remove deploy
ok 'and its secret' n_secrets 0
ok 'once' test_must_fail 1 "$MLEDGER" webhook remove deploy
ok 'the others' "$MLEDGER" webhook list
expect_stdout_has 'stay' 'intranet  disabled'
kill "$receiver"
expect_sound 'the ledger is sound'
done_testing
