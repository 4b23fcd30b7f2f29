#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve: what the server refuses by itself is said in the words of the API that was asked: MLflow's
# errors, and problems (RFC 9457) of the ledger's own.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl'
new_ledger
mlflow=/api/2.0/mlflow/experiments/get?experiment_id=0 ledger=/api/mledger/v1/head
# words_of_mlflow STATUS CODE: of the last answer, whose body is in `body`.
words_of_mlflow() {
    [ "$(status)" = "$1" ] && [ "$(header Content-Type)" = application/json ] &&
        [ "$(jq -r .error_code body)" = "$2" ] && [ -n "$(jq -r .message body)" ]
}
words_of_ledger() { # STATUS TITLE
    [ "$(status)" = "$1" ] && [ "$(header Content-Type)" = application/problem+json ] &&
        [ "$(jq -r .status body)" = "$1" ] && [ "$(jq -r .title body)" = "$2" ] &&
        [ -n "$(jq -r .detail body)" ]
}
refused() { if call "$@" >body; then return 1; fi; }

ok 'a server' start_server --max-connections 2
# More than a body in memory may have.
{ printf '{"name":"'; head -c 4300000 /dev/zero | tr '\0' x; printf '"}'; } >large.json
post_large() {
    refused POST "$1" -H 'Content-Type: application/json' -H 'Expect:' --data-binary @large.json
}
ok 'a body that is too large' post_large /api/2.0/mlflow/experiments/create
ok 'for MLflow' words_of_mlflow 413 INVALID_PARAMETER_VALUE
ok 'a statement that is too large' post_large /api/mledger/v1/statements
ok 'for the ledger' words_of_ledger 413 'Content Too Large'

# Two who say nothing are all that there may be.
host=${URL#http://} port=${URL##*:}
exec 8<>"/dev/tcp/${host%:*}/$port" 9<>"/dev/tcp/${host%:*}/$port"
ok 'too many' refused GET "$mlflow"
ok 'are told so by MLflow' words_of_mlflow 503 TEMPORARILY_UNAVAILABLE
ok 'when to come again' test "$(header Retry-After)" = 1
ok 'too many for the ledger' refused GET "$ledger"
ok 'are told so' words_of_ledger 503 'Service Unavailable'
exec 8>&- 9>&-
ok 'it ends' stop_server

token=$("$MLEDGER" -q token add alice)
ok 'a server that asks' start_server
ok 'nobody' refused GET "$mlflow"
ok 'is asked by MLflow' words_of_mlflow 401 UNAUTHENTICATED
ok 'and nobody' refused GET "$ledger"
ok 'by the ledger' words_of_ledger 401 Unauthorized
ok 'who knows' call GET "$ledger" -H "Authorization: Bearer $token"
ok 'a client' test_must_fail 3 "$MLEDGER" --ledger "$URL" checkpoint show
expect_stderr_has 'hears the sentence' 'this server asks who you are'
guess() { refused GET "$1" -H "Authorization: Bearer ${token:0:21}$(printf '%043d' "$2")"; }
guess_often() { for i in {1..10}; do guess "$ledger" "$i"; done; }
ok 'wrong guesses' guess_often
ok 'one more' guess "$ledger" 11
ok 'is one too many' words_of_ledger 429 'Too Many Requests'
ok 'for MLflow, too' guess "$mlflow" 12
ok 'in its words' words_of_mlflow 429 REQUEST_LIMIT_EXCEEDED
ok 'to the end' stop_server
done_testing
