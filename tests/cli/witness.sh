# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Witnesses for tests of the command, each in the background under a name; sourced after lib.sh.

# serve_witness NAME KEY STATE LOG...: returns when it listens.
serve_witness() {
    local name=$1 key=$2 state=$3 logs=() log
    shift 3
    for log; do
        logs+=(--log "$log")
    done
    rm -f "$T/io/$name".*
    mkfifo "$T/io/$name.out"
    "$MLEDGER" witness serve --listen 127.0.0.1:0 --state "$state" --key "$key" "${logs[@]}" \
        >"$T/io/$name.out" 2>"$T/io/$name.err" &
    echo $! >"$T/io/$name.pid"
    background+=("$!")
    # The first line is waited for; what follows is kept, and the pipe stays open to the end.
    {
        IFS= read -r line <&3
        echo "${line#listening on }" >"$T/io/$name.url"
        cat <&3 >"$T/io/$name.log" 2>/dev/null &
    } 3<"$T/io/$name.out"
    rm "$T/io/$name.out"
    [ -s "$T/io/$name.url" ] && grep -q '^http://127\.0\.0\.1:' "$T/io/$name.url"
}

witness_url() { cat "$T/io/$1.url"; }

# stop_witness NAME [SIGNAL]: by SIGTERM, or another; succeeds if it ended as it should.
stop_witness() {
    local pid
    pid=$(cat "$T/io/$1.pid")
    kill "-${2:-TERM}" "$pid" && wait "$pid"
}

# fetch_status URL: the status of a GET, by a client that is not ours.
fetch_status() {
    local host port path=/${1#http://*/}
    host=${1#http://} host=${host%%/*} port=${host#*:} host=${host%%:*}
    exec 4<>"/dev/tcp/$host/$port" || return 1
    printf 'GET %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n' "$path" "$host" >&4
    sed -n '1s/^HTTP[^ ]* \([0-9]*\).*/\1/p' <&4
    exec 4>&-
}

# serve_tsa NAME [refusing]: a timestamping authority, whose root is in tsa_root NAME; ends with the
# test.
serve_tsa() {
    local name=$1
    shift
    mkfifo "$T/io/$name.out"
    "$TSA_SERVER" "$T/io/$name.pem" "$@" >"$T/io/$name.out" 2>"$T/io/$name.err" &
    background+=("$!")
    IFS= read -r line <"$T/io/$name.out"
    rm "$T/io/$name.out"
    echo "$line" >"$T/io/$name.url"
    grep -q '^http://127\.0\.0\.1:' "$T/io/$name.url"
}
tsa_url() { cat "$T/io/$1.url"; }
tsa_root() { echo "$T/io/$1.pem"; }

# Nothing outlives the test.
background=()
stop_background() {
    local pid
    for pid in "${background[@]}"; do
        kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
    done
}
trap 'stop_background; cd / && chmod -R u+rwX "$T" && rm -rf "$T"' EXIT
