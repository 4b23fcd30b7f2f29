#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve over TLS: where it may listen, client certificates, certificates that are renewed.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl'
command -v openssl >/dev/null || skip_all 'no openssl'
new_ledger

ec=(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes)
# authority NAME SUBJECT-ALTERNATIVE-NAME: a certificate that signs itself.
authority() {
    openssl req -x509 "${ec[@]}" -days 2 -subj "/CN=$1" -addext "subjectAltName=$2" -keyout "$1.key" -out "$1.pem" \
        2>/dev/null || exit 99
}
# client NAME PURPOSE [DAYS]: one that the authority `ca` made.
client() {
    openssl req "${ec[@]}" -subj "/CN=$1" -keyout "$1.key" -out "$1.csr" 2>/dev/null &&
        openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days 2 -out "$1.pem" \
            -extfile <(echo "extendedKeyUsage=$2") 2>/dev/null || exit 99
}
authority server IP:127.0.0.1,DNS:ml.example.com
authority ca DNS:ca
authority self DNS:self
client ann clientAuth
client eve clientAuth
client web serverAuth
tls=(--tls-cert server.pem --tls-key server.key)

# ---- where it may listen ----

serve() { "$MLEDGER" serve --listen "$@"; }
ok 'without users on any address' test_must_fail 2 serve 0.0.0.0:0 "${tls[@]}"
expect_stderr_has 'it says why' 'nobody is asked who they are'
ok 'a certificate' "$MLEDGER" token add alice --certificate ann.pem
expect_stdout_has 'by its SHA-256' "$(openssl x509 -in ann.pem -outform DER | sha256sum | cut -c1-64) is of alice"
ok 'the same again' test_must_fail 3 "$MLEDGER" token add alice --certificate ann.pem
ok 'none' test_must_fail 3 "$MLEDGER" token add alice --certificate ann.key
expect_stderr_has 'is named' "'ann.key'"
ok 'one that is not there' test_must_fail 3 "$MLEDGER" token add alice --certificate nothing.pem
ok 'two ways at once' test_must_fail 2 "$MLEDGER" token add alice --certificate ann.pem --basic
ok 'a token' "$MLEDGER" -q token add alice
token=$(cat "$OUT")
ok 'with users, but in the clear' test_must_fail 2 serve 0.0.0.0:0
expect_stderr_has 'names both ways' '--behind-tls-proxy'
ok 'one of two' test_must_fail 2 serve 127.0.0.1:0 --tls-cert server.pem
ok 'an authority alone' test_must_fail 2 serve 127.0.0.1:0 --tls-client-ca ca.pem
ok 'twice TLS' test_must_fail 2 serve 127.0.0.1:0 "${tls[@]}" --behind-tls-proxy
ok 'a key of another' test_must_fail 3 serve 127.0.0.1:0 --tls-cert server.pem --tls-key ann.key
expect_stderr_has 'is none of it' "'ann.key' is not the key of the certificate 'server.pem'"
ok 'no certificate' test_must_fail 3 serve 127.0.0.1:0 --tls-cert server.key --tls-key server.key
ok 'no authority' test_must_fail 3 serve 127.0.0.1:0 "${tls[@]}" --tls-client-ca ann.key

# ---- behind a proxy ----

LISTEN=0.0.0.0:0
ok 'behind a proxy that does TLS' start_server --behind-tls-proxy --host ml.example.com
get=/api/2.0/mlflow/experiments/get?experiment_id=0
URL=http://127.0.0.1:${URL##*:}
as=(-H "Authorization: Bearer $token")
ok 'by its name' call GET "$get" "${as[@]}" -H 'Host: ml.example.com'
ok 'from its own page' call GET "$get" "${as[@]}" -H 'Host: ml.example.com' -H 'Origin: https://ml.example.com'
ok 'by another name' test_must_fail 1 call GET "$get" "${as[@]}" -H 'Host: evil.example.com'
ok 'it ends' stop_server

# ---- TLS ----

ok 'with TLS' start_server "${tls[@]}" --tls-client-ca ca.pem
port=${URL##*:} URL=https://127.0.0.1:${URL##*:}
trust=(--cacert server.pem)
# refused TEXT COMMAND...: a call that is answered 401 or 403 with this text.
refused() {
    local text=$1
    shift
    if "$@" >"$T/io/refusal"; then return 1; fi
    grep -qF -- "$text" "$T/io/refusal"
}
ok 'a token' call GET "$get" "${trust[@]}" "${as[@]}"
ok 'a certificate' call GET "$get" "${trust[@]}" --cert ann.pem --key ann.key
ok 'neither' refused UNAUTHENTICATED call GET "$get" "${trust[@]}"
ok 'one that nobody added' refused 'mledger token add --certificate' call GET "$get" "${trust[@]}" --cert eve.pem --key eve.key
ok 'one of another authority' refused 'issuer is unknown' call GET "$get" "${trust[@]}" --cert self.pem --key self.key
ok 'one for servers' refused 'intended purpose' call GET "$get" "${trust[@]}" --cert web.pem --key web.key
ok 'what it records' call POST /api/2.0/mlflow/experiments/create '{"name": "by-certificate"}' "${trust[@]}" --cert ann.pem --key ann.key
named() { # HOST: asks by that name
    curl -sS "${trust[@]}" "${as[@]}" --resolve "$1:$port:127.0.0.1" "${@:2}" -o /dev/null -w '%{http_code}' "https://$1:$port$get"
}
ok 'a name in its certificate' test "$(named ml.example.com)" = 200
ok 'another' test "$(named evil.example.com --insecure)" = 403
older() { curl -sS "${trust[@]}" --tlsv1.0 --tls-max 1.1 "$URL/health"; }
ok 'TLS 1.1' test_must_fail 35 older
plain() { curl -sS --max-time 20 "http://127.0.0.1:$port/health"; }
ok 'no TLS' test_must_fail 52 plain
remote() { "$MLEDGER" --ledger "$URL" "$@"; }
ok 'a person with a certificate' remote --json inventory --ca server.pem --client-cert ann.pem \
    --client-key ann.key
expect_stdout_has 'is answered' '"models":[]'
cat ann.pem ann.key >both.pem
ok 'with both in one file' remote log --ca server.pem --client-cert both.pem
ok 'one that nobody added' test_must_fail 3 remote log --ca server.pem --client-cert eve.pem --client-key eve.key
expect_stderr_has 'is refused with the reason' 'mledger token add --certificate'
ok 'a certificate without its key' test_must_fail 3 remote log --ca server.pem --client-cert ann.pem
ok 'a key without its certificate' test_must_fail 2 remote log --ca server.pem --client-key ann.key
ok 'a sealed key' openssl ec -aes256 -passout pass:x -in ann.key -out sealed.key
ok 'is not asked for' test_must_fail 3 remote log --ca server.pem --client-cert ann.pem --client-key sealed.key </dev/null
ok 'no certificate in the clear' test_must_fail 2 "$MLEDGER" --ledger "http://127.0.0.1:$port" log --client-cert both.pem
ok 'an authority that is not the server'"'"'s' test_must_fail 3 remote log --ca ca.pem --client-cert both.pem
ok 'revoked by the first digits' "$MLEDGER" token revoke "$(openssl x509 -in ann.pem -outform DER | sha256sum | cut -c1-16)"
ok 'is refused' refused UNAUTHENTICATED call GET "$get" "${trust[@]}" --cert ann.pem --key ann.key

# ---- a certificate that is renewed ----

mv server.pem old.pem
authority server IP:127.0.0.1
ok 'the new one' call GET "$get" "${trust[@]}" "${as[@]}"
ok 'and the old one no more' test_must_fail 60 curl -sS --cacert old.pem "$URL/health"
echo broken >server.key
ok 'one that is broken' call GET "$get" "${trust[@]}" "${as[@]}"
ok 'is told' await_line "$SERVE_ERR" "cannot use 'server.key'"
ok 'the server ends' stop_server
ok 'the log' "$MLEDGER" log
expect_stdout_has 'has it' 'by-certificate'
expect_sound 'it verifies'
done_testing
