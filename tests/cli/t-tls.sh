#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# import mlflow from a server that speaks TLS: whom it trusts, and whom not.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
: "${TLS_SERVER:?TLS_SERVER must name the server}"
command -v openssl >/dev/null || skip_all 'no openssl'
new_ledger

# certificate NAME SUBJECT-ALTERNATIVE-NAME
certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=$1" -addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem" 2>/dev/null || exit 99
}
certificate good IP:127.0.0.1
certificate elsewhere DNS:elsewhere.example

# serve NAME: a server with that certificate; its URL is in $url.
serve() {
    rm -f url
    mkfifo url
    "$TLS_SERVER" "$1.pem" "$1.key" >url &
    server=$!
    read -r url <url
    [ -n "$url" ] || skip_all 'libmicrohttpd without TLS'
}
trust() { MLFLOW_TRACKING_SERVER_CERT_PATH=$PWD/$1 "$MLEDGER" import mlflow "$url"; }

serve good
ok 'a server whose certificate is trusted' trust good.pem
expect_stdout_has 'is read' 'read nothing'
ok 'the same without that trust' test_must_fail 3 "$MLEDGER" import mlflow "$url"
expect_stderr_has 'is refused by name' "the certificate of $url/api/2.0/mlflow/experiments/search is not trusted"
ok 'with the trust in another' test_must_fail 3 trust elsewhere.pem
expect_stderr_has 'neither' 'is not trusted'
ok 'roots that are not there' test_must_fail 3 trust none.pem
plain() { "$MLEDGER" import mlflow "http${url#https}"; }
ok 'plain HTTP to it' test_must_fail 3 plain
kill "$server"

serve elsewhere
ok 'a certificate of another name' test_must_fail 3 trust elsewhere.pem
expect_stderr_has 'is not trusted for ours' 'is not trusted'
kill "$server"
ok 'nothing was recorded' test "$("$MLEDGER" --json log | wc -l)" = 2
done_testing
