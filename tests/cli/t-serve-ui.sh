#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# serve --ui: a web UI's files, and none besides. That MLflow's own works is tested by
# tests/interop/ui.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
command -v curl >/dev/null || skip_all 'no curl here'
new_ledger

# What the package mlflow has, in small.
package=$PWD/site-packages/mlflow
build=$package/server/js/build
mkdir -p "$build/static/js" "$build/static/media"
echo '<!doctype html><title>MLflow</title>' >"$build/index.html"
echo 'let x' >"$build/static/js/main.0123abcd.js"
echo '{}' >"$build/manifest.json"
printf '\0\1' >"$build/static/media/font.woff2"
echo odd >"$build/static/media/odd name%.bin"
seq 1 400000 >"$build/static/js/large.js"
echo secret >"$package/secret.txt"
ln -s "$package/secret.txt" "$build/link.txt"
ln -s "$package" "$build/static/up"
ln -s main.0123abcd.js "$build/static/js/alias.js"
mkfifo "$build/static/pipe.js"

get() { # PATH [CURL-OPTION...]
    call GET "$@" --path-as-is
}
# refuses STATUS PATH [CURL-OPTION...]
refuses() {
    local want=$1
    shift
    if get "$@"; then return 1; fi
    [ "$(status)" = "$want" ]
}
# is_file PATH TYPE FILE: it is answered whole, as of this type, and not to be taken for another.
is_file() {
    get "$1" -o "$T/io/got" && [ "$(header Content-Type)" = "$2" ] &&
        [ "$(header X-Content-Type-Options)" = nosniff ] && cmp "$T/io/got" "$3"
}
has_header() { # NAME PATTERN
    header "$1" | grep -qE -- "$2"
}
unchanged() { # PATH: as the client was told
    local tag
    get "$1" >/dev/null && tag=$(header ETag) && [ -n "$tag" ] || return
    rm -f "$T/io/got"
    if get "$1" -H "If-None-Match: $tag" -o "$T/io/got"; then return 1; fi
    [ "$(status)" = 304 ] && [ "$(header ETag)" = "$tag" ] && [ ! -s "$T/io/got" ]
}
changed() { # PATH FILE
    local tag
    get "$1" >/dev/null && tag=$(header ETag) || return
    echo more >>"$2"
    get "$1" -H "If-None-Match: $tag" -o "$T/io/got" && [ "$(header ETag)" != "$tag" ] && cmp "$T/io/got" "$2"
}
asks_for_a_password() {
    if get /; then return 1; fi
    [ "$(status)" = 401 ] && has_header WWW-Authenticate '^Basic realm='
}

# --- a directory that is none ---
ok 'a directory that is not there' test_must_fail 3 "$MLEDGER" serve --ui "$PWD/absent"
expect_stderr_has 'is named' "'$PWD/absent'"
ok 'one without the UI' test_must_fail 3 "$MLEDGER" serve --ui "$PWD/site-packages"
expect_stderr_has 'is told what to hold' "there is no index.html in '$PWD/site-packages'"
expect_stderr_has 'and where that is found' 'mledger serve --ui "$(python -c'
mkdir linked && ln -s "$package/secret.txt" linked/index.html
ok 'one whose page is elsewhere' test_must_fail 3 "$MLEDGER" serve --ui linked
ok 'a file' test_must_fail 3 "$MLEDGER" serve --ui "$build/index.html"
expect_stderr_has 'is none' 'Not a directory'

# --- its files ---
ok 'the package' start_server --ui "$package" --access-log "$T/io/access"
ok 'shows its page' is_file / 'text/html; charset=utf-8' "$build/index.html"
ok 'which may load nothing from elsewhere' has_header Content-Security-Policy "^default-src 'self'"
ok 'nor be shown elsewhere' has_header Content-Security-Policy "frame-ancestors 'self'$"
ok 'and is asked for again each time' has_header Cache-Control '^private, no-cache$'
ok 'a script' is_file /static-files/static/js/main.0123abcd.js 'text/javascript; charset=utf-8' "$build/static/js/main.0123abcd.js"
ok 'whose name changes with it is kept' has_header Cache-Control '^private, max-age=2419200$'
ok 'data' is_file /static-files/manifest.json application/json "$build/manifest.json"
ok 'a font' is_file /static-files/static/media/font.woff2 font/woff2 "$build/static/media/font.woff2"
ok 'a name that a URL writes otherwise' is_file /static-files/static/media/odd%20name%25.bin application/octet-stream "$build/static/media/odd name%.bin"
ok 'a large file' is_file /static-files/static/js/large.js 'text/javascript; charset=utf-8' "$build/static/js/large.js"
ok 'a query means nothing' get '/static-files/manifest.json?v=2'
ok 'the head alone' call HEAD /static-files/static/js/large.js --head -o "$T/io/got"
ok 'says how much there is' test "$(header Content-Length)" = "$(wc -c <"$build/static/js/large.js")"
ok 'nothing is sent twice' unchanged /static-files/static/js/main.0123abcd.js
ok 'nor the page' unchanged /
ok 'unless it has changed' changed /static-files/manifest.json "$build/manifest.json"
ok 'nothing is put there' refuses 405 /static-files/manifest.json -X PUT -d x
ok 'which is said' has_header Allow '^GET, HEAD$'

# --- and none besides ---
for path in absent.js static static/ static/js/ '' . .. ../secret.txt ../../../secret.txt static/../../../../secret.txt \
    %2e%2e/%2e%2e/%2e%2e/secret.txt ..%2f..%2f..%2fsecret.txt ..%5c..%5csecret.txt %252e%252e/secret.txt \
    /etc/passwd //etc/passwd %2fetc%2fpasswd static//js/main.0123abcd.js static/js/main.0123abcd.js/ \
    manifest.json%0a link.txt static/up/secret.txt static/up static/js/alias.js static/pipe.js \
    "$(printf 'a%.0s' {1..300}).js" "$(printf 'a/%.0s' {1..2500})"; do
    ok "no '${path:0:40}'" refuses 404 "/static-files/$path"
    if grep -q secret "$OUT"; then report 1 'what is elsewhere stays there'; fi
done
ok 'a page of the API beside it' get /api/2.0/mlflow/experiments/get?experiment_id=0
ok 'no page of another name' refuses 404 /index.html
ok 'the log' grep -q '"path":"/","route":"ui","status":200' "$T/io/access"
ok 'the end' stop_server

# --- for whom ---
ok 'somebody' "$MLEDGER" actor add dana2 --kind person --roles recorder
echo secret >password
ok 'with a password' "$MLEDGER" token add dana2 --basic --passphrase-fd 3 3<password
ok 'the directory itself' start_server --ui "$build"
ok 'is for those alone that say who they are' asks_for_a_password
ok 'files, too' refuses 401 /static-files/manifest.json
ok 'one says so' get / -u dana2:secret
ok 'a page of another origin' refuses 403 / -H 'Origin: http://evil.example'
ok 'another host' refuses 403 / -H 'Host: evil.example'
ok 'that is all' stop_server

# --- without it ---
ok 'a server without' start_server
ok 'has no page' refuses 404 / -u dana2:secret
ok 'nor files' refuses 404 /static-files/manifest.json -u dana2:secret
ok 'and ends' stop_server
done_testing
