# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A server of the ledger at hand for tests of the command, one at a time; sourced after lib.sh.

SERVED=$T/io/served SERVE_ERR=$T/io/serve-err HEADERS=$T/io/headers
SERVER='' URL=''

# start_server [OPTION...]: mledger serve on a port of its own, or at $LISTEN; returns when it listens, with its
# process in $SERVER and its address in $URL. What it says later is in $SERVED and $SERVE_ERR.
start_server() {
    local line=''
    rm -f "$T/io/serve-out"
    mkfifo "$T/io/serve-out"
    "$MLEDGER" serve --listen "${LISTEN:-127.0.0.1:0}" "$@" >"$T/io/serve-out" 2>"$SERVE_ERR" &
    SERVER=$!
    {
        IFS= read -r line <&3
        cat <&3 >"$SERVED" 2>/dev/null &
    } 3<"$T/io/serve-out"
    rm "$T/io/serve-out"
    line=${line#listening on } line=${line#'{"listening":"'} URL=${line%%'"'*}
    [[ -z $URL || $URL == http*://* ]] || URL=http://$URL # JSON names the address alone
    [ -n "$URL" ]
}

# stop_server [SIGNAL]: by SIGTERM, or another; its exit code.
stop_server() {
    kill "-${1:-TERM}" "$SERVER" && wait "$SERVER"
}
# As lib.sh cleans up, after the server.
trap '[ -z "$SERVER" ] || kill -9 "$SERVER" 2>/dev/null
    cd / && chmod -R u+rwX "$T" && rm -rf "$T"' EXIT

# call METHOD PATH [JSON] [CURL-OPTION...]: asks the server; the body on stdout, the head in
# $HEADERS. Fails where the status is none of 2xx.
call() {
    local method=$1 path=$2 data=()
    shift 2
    if (($#)) && [[ $1 != -* ]]; then
        data=(-H 'Content-Type: application/json' --data-binary "$1")
        shift
    fi
    curl -sS --max-time 60 -X "$method" -D "$HEADERS" "${data[@]}" "$@" "$URL$path" &&
        grep -q '^HTTP/1.1 2' "$HEADERS"
}
mlflow() { # PATH JSON
    call POST "/api/2.0/mlflow/$1" "$2"
}
# header NAME: of the last answer.
header() { tr -d '\r' <"$HEADERS" | sed -n "s/^$1: //Ip"; }
# status: of the last answer.
status() { sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' "$HEADERS"; }

# await_line FILE PATTERN: a line that matches has been written, or the server has ended.
await_line() {
    until grep -q -- "$2" "$1" 2>/dev/null; do
        kill -0 "$SERVER" 2>/dev/null || break
        sleep 0.02
    done
    grep -q -- "$2" "$1"
}
