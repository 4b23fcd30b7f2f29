#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve with users: token add, list, revoke; who is let in, and in whose name it is recorded.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl'
new_ledger
"$MLEDGER" actor add ci --kind service --roles recorder --key demo-admin >/dev/null || exit 99
users=$XDG_CONFIG_HOME/mledger/users

# ---- the commands ----

ok 'no users yet' "$MLEDGER" token list
expect_stdout 'an empty list' </dev/null
ok 'a token of nobody' test_must_fail 3 "$MLEDGER" token add nobody
expect_stderr_has 'names the command that helps' 'mledger actor add nobody'
ok 'no file was made' test ! -e "$users"
ok 'a token' "$MLEDGER" token add ci --label 'nightly jobs'
expect_stdout_has 'with the way to use it' 'MLFLOW_TRACKING_TOKEN'
token=$(head -n 1 "$OUT")
expect_stdout_like 'it is shown' '^mledger_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$'
id=${token:8:12}
secret() { grep -q -- "${token:21}" "$users"/*; }
ok 'its secret is kept nowhere' test_must_fail 1 secret
ok 'for the owner alone' test "$(stat -c %a "$users"/*[0-9a-f])" = 600
ok 'for scripts' "$MLEDGER" -q token add alice --read-only --expires 9999-01-01
reading=$(cat "$OUT")
ok 'nothing but the token' test "${#reading}" = 64
ok 'for machines' "$MLEDGER" --json token add ci
other=$(jq -r .token "$OUT")
ok 'a time that has passed' test_must_fail 2 "$MLEDGER" token add ci --expires 2020-01-01
ok 'no time' test_must_fail 2 "$MLEDGER" token add ci --expires soon
password() { printf '%s\n' "$1" | "$MLEDGER" token add alice --basic --passphrase-fd 0; }
ok 'a password' password 'correct horse'
ok 'another' password 'battery staple'
expect_stdout_has 'ends the first' 'the old one ends at once'
ok 'an empty one' test_must_fail 2 password ''
ok 'the list' "$MLEDGER" token list
expect_stdout_like 'has the token' "^$id +token +ci +records +valid .* nightly jobs"
expect_stdout_like 'the one for reading' 'token +alice +reads +valid .* 9999-01-01T00:00:00Z'
expect_stdout_like 'and the old password' '^alice +password +alice +records +revoked'
ok 'as JSON' "$MLEDGER" --json token list
expect_json 'without secrets' 'length == 5 and (map(has("hash") or has("token")) | any | not)'

# ---- the server ----

start_server || exit 99
as() { # AUTHORIZATION METHOD PATH [JSON]
    local who=$1
    shift
    call "$@" -H "Authorization: $who"
}
experiment=/api/2.0/mlflow/experiments
# refused STATUS COMMAND...: a call that gets this status.
refused() {
    local want=$1
    shift
    if "$@"; then return 1; fi
    test "$(status)" = "$want"
}
ok 'a key of a person is remarked' await_line "$SERVE_ERR" "by a key of the person 'alice'"
ok 'health is for everybody' call GET /health
ok 'nobody' refused 401 call GET "$experiment/get?experiment_id=0"
ok 'is asked by both schemes' test "$(header WWW-Authenticate | sort | tr '\n' ';')" = \
    'Basic realm="mledger", charset="UTF-8";Bearer realm="mledger";'
ok 'in words of MLflow' test "$(call GET "$experiment/get?experiment_id=0" | jq -r .error_code)" = UNAUTHENTICATED
ok 'a token' as "Bearer $token" POST "$experiment/create" '{"name": "by-token"}'
ok 'a password' as "Basic $(printf 'alice:battery staple' | base64)" POST "$experiment/create" '{"name": "by-password"}'
ok 'the old one' refused 401 as "Basic $(printf 'alice:correct horse' | base64)" GET "$experiment/get?experiment_id=0"
ok 'one for reading reads' as "Bearer $reading" GET "$experiment/get?experiment_id=0"
ok 'and no more' refused 403 as "Bearer $reading" POST "$experiment/create" '{"name": "no"}'
ok 'a page of elsewhere' refused 403 call GET "$experiment/get?experiment_id=0" -H "Authorization: Bearer $token" \
    -H 'Origin: http://evil.example'
ok 'revoked while it runs' "$MLEDGER" token revoke "$id"
ok 'is refused at once' refused 401 as "Bearer $token" GET "$experiment/get?experiment_id=0"
ok 'the other of the same actor is not' as "Bearer $other" GET "$experiment/get?experiment_id=0"
ok 'all of an actor' "$MLEDGER" token revoke --actor ci
expect_stdout 'end' <<<"revoked token ${other:8:12} of ci"
ok 'what is not there' test_must_fail 3 "$MLEDGER" token revoke "$id"
ok 'neither' test_must_fail 2 "$MLEDGER" token revoke
ok 'a new one' "$MLEDGER" -q token add ci
token=$(cat "$OUT")
ok 'is let in' as "Bearer $token" GET "$experiment/get?experiment_id=0"
ok 'an actor that retires' "$MLEDGER" actor change ci --retire --key demo-admin
ok 'is not' refused 403 as "Bearer $token" GET "$experiment/get?experiment_id=0"
ok 'one or the other' test_must_fail 2 "$MLEDGER" actor change ci --key demo-admin
ok 'until it has a role again' "$MLEDGER" actor change ci --roles approver --key demo-admin
ok 'to read by' as "Bearer $token" GET "$experiment/get?experiment_id=0"
ok 'and not to record by' refused 403 as "Bearer $token" POST "$experiment/create" '{"name": "no"}'
chmod 644 "$users"/*[0-9a-f]
ok 'a list that others can read' refused 503 as "Bearer $token" GET "$experiment/get?experiment_id=0"
ok 'is told in the log' await_line "$SERVE_ERR" 'open to other users (mode 0644)'
ok 'it ends' stop_server
ok 'and does not start so' test_must_fail 3 "$MLEDGER" serve --listen 127.0.0.1:0
expect_stderr_has 'with the reason' 'chmod 600'

# ---- signed as a service ----

chmod 600 "$users"/*[0-9a-f]
"$MLEDGER" actor add server --kind service --roles recorder --key demo-admin >/dev/null &&
    "$MLEDGER" key new server --no-passphrase >/dev/null &&
    "$MLEDGER" key authorize server server --roles recorder --key demo-admin >/dev/null || exit 99
ok 'a server of its own' start_server --key server
ok 'records for alice' as "Basic $(printf 'alice:battery staple' | base64)" POST "$experiment/create" '{"name": "by-server"}'
ok 'ends' stop_server
ok 'without a remark' test ! -s "$SERVE_ERR"

# ---- the ledger ----

ok 'the log' "$MLEDGER" log
expect_stdout_like 'signed by the service' 'experiment by-server .* alice by server$'
expect_stdout_like 'in whose name' 'experiment by-token .* ci by alice$'
expect_sound 'it verifies'
done_testing
