#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `mledger serve` under wrk: writes beside what the store alone makes durable in commits of as many
# values as there are connections, measured in turns in the same run; reads; and answers in a small
# ledger beside those in a large one.
#
# Three limits (commit_limit.c), each of values as long as the record that one such request makes, as
# it is stored. The goal is against the store alone. Then what no ledger can do without: as many
# writers as connections who each sign, hash, and wait for the commit. Then that and as many requests
# that do nothing (/health), one after the other, since no client can ask faster than HTTP is spoken.
# Client, server and limit share the machine; what a request costs the server in processor time is
# the same on an idle one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${MLEDGER_BUILD:?the directory of a release build}
mledger=${MLEDGER:-$build/cli/mledger}
seconds=${BENCH_SECONDS:-2} rounds=${BENCH_ROUNDS:-3}
read -r -a counts <<<"${BENCH_CONNECTIONS:-1 8 64}"
large=${BENCH_RUNS:-100000}
BENCH_TURN=0 # how often wrk has run
declare -A http=() # requests a second that do nothing, by connections
ticks=$(getconf CLK_TCK)

top=$(mktemp -d "${MLEDGER_BENCH_DIR:-${TMPDIR:-/tmp}}/serve-XXXXXX")
server=''
trap '[[ -z $server ]] || kill -9 "$server" 2>/dev/null; rm -rf "$top"' EXIT
export HOME=$top XDG_CONFIG_HOME=$top/config XDG_STATE_HOME=$top/state

command -v wrk curl >/dev/null || { echo 'bench serve: no wrk or curl here' && exit 77; }

new_ledger() { # DIR
    mkdir "$1" && (cd "$1" && "$mledger" init --name bench --actor bench --no-passphrase \
        --keys "${1##*/}" >/dev/null)
}
start_server() { # DIR
    dir=$1
    mkfifo "$top/out"
    (cd "$1" && exec "$mledger" serve --listen 127.0.0.1:0 --key "${1##*/}-recorder" \
        >"$top/out" 2>"$top/err") &
    server=$!
    read -r line <"$top/out"
    rm "$top/out"
    url=${line#listening on }
    [[ $url == http://* ]] || { cat "$top/err" && exit 1; }
}
stop_server() {
    kill -9 "$server"
    wait "$server" 2>/dev/null || true
    server=''
}
post() { curl -sS -f -H 'Content-Type: application/json' -d "$2" "$url/api/2.0/mlflow/$1"; }
run_id() { sed -n 's/.*"run_id":"\([0-9a-f]*\)".*/\1/p'; }
server_ticks() { awk '{ print $14 + $15 }' "/proc/$server/stat"; }
head_seq() { curl -sS -f "$url/metrics" | awk '$1 == "mledger_head_seq" { printf "%.0f", $2 }'; }

# ask CONNECTIONS KIND [ID...]: sets rate, p50, p99, errors, requests, and cpu, microseconds of the
# server's processor time for a request.
ask() {
    local connections=$1 before threads=2
    shift
    ((connections > 1)) || threads=1
    export BENCH_TURN=$((BENCH_TURN + 1))
    before=$(server_ticks)
    read -r _ rate p50 p99 errors requests < <(wrk -t$threads -c"$connections" -d"${seconds}s" --latency \
        -s "$here/serve.lua" "$url" -- "$@" | grep '^RESULT')
    cpu=$(awk -v t="$(($(server_ticks) - before))" -v hz="$ticks" -v n="$requests" \
        'BEGIN { printf "%.0f", (n > 0 ? t / hz / n * 1e6 : 0) }')
    ((errors == 0)) || echo "  $errors of the answers were errors"
}
# ask_writes ...: the same, of requests of which each must make a record (or nearly: of those that
# are on their way at the end wrk does not know).
ask_writes() {
    local before made
    before=$(head_seq)
    ask "$@"
    made=$(($(head_seq) - before))
    ((made * 20 >= requests * 19)) || echo "  $requests requests made $made records: this is no figure of writes"
}
# limit GROUP SIZE: sets alone and proven, values a second.
limit() { read -r alone proven < <("$build/tests/bench/commit_limit" "$top/limit" "$1" "$2" 0.5); }
# ratio BEFORE AFTER [HTTP]: of the rate to the limit between two looks at it, with as many requests
# that do nothing after it if their number in a second is given.
ratio() {
    awk -v r="$rate" -v a="$1" -v b="$2" -v h="${3:-0}" \
        'BEGIN { printf "%.3f\n", r / ((a + b) / 2) + (h > 0 ? r / h : 0) }'
}
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# bench_write KIND GOAL [ID...]: in rounds, each between two looks at the limits.
bench_write() {
    local kind=$1 goal=$2 connections size before_alone before_proven
    shift 2
    ask 1 "$kind" "$@" # so that the newest record is one of these
    size=$("$build/tests/bench/commit_limit" "$dir/.mledger")
    echo "$kind: a record of $size bytes"
    for connections in "${counts[@]}"; do
        rm -f "$top"/{alone,proven,spoken,rates,cpus}
        limit "$connections" "$size"
        for _ in $(seq "$rounds"); do
            before_alone=$alone before_proven=$proven
            ask_writes "$connections" "$kind" "$@"
            limit "$connections" "$size"
            ratio "$before_alone" "$alone" >>"$top/alone"
            ratio "$before_proven" "$proven" >>"$top/proven"
            ratio "$before_proven" "$proven" "${http[$connections]}" >>"$top/spoken"
            echo "$rate" >>"$top/rates"
            echo "$cpu" >>"$top/cpus"
        done
        rate=$(median <"$top/rates") cpu=$(median <"$top/cpus")
        printf '%-12s %3d connections  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  %5s us/request\n' \
            "$kind" "$connections" "$rate" "$p50" "$p99" "$cpu"
        printf '  %5.2f of the store alone (%s/s)%s, %.2f of signing and storing (%s/s), %.2f of that and HTTP\n' \
            "$(median <"$top/alone")" "$alone" "$( ((connections < 64)) || echo " (goal $goal)")" \
            "$(median <"$top/proven")" "$proven" "$(median <"$top/spoken")"
    done
}
bench_read() { # KIND [ID...]
    local kind=$1 connections
    shift
    for connections in "${counts[@]}"; do
        ask "$connections" "$kind" "$@"
        [[ $kind != health ]] || http[$connections]=$rate
        printf '%-12s %3d connections  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  %5s us/request%s\n' "$kind" \
            "$connections" "$rate" "$p50" "$p99" "$cpu" \
            "$( ((connections < 64)) || echo " (goal 20000/s)")"
    done
}

# --- a small ledger ---
new_ledger "$top/small"
start_server "$top/small"
ids=()
for _ in $(seq 64); do
    ids+=("$(post runs/create '{"experiment_id": "0"}' | run_id)")
done
post registered-models/create '{"name": "churn"}' >/dev/null
versions() { # for transitions: 64 for each of wrk's threads, made by one run of curl
    local i
    for i in $(seq 128); do
        ((i == 1)) || echo next
        printf 'url = "%s/api/2.0/mlflow/model-versions/create"\n' "$url"
        printf 'header = "Content-Type: application/json"\nfail\nsilent\noutput = /dev/null\n'
        printf 'data = "{\\"name\\": \\"churn\\", \\"source\\": \\"models:/x\\"}"\n'
    done
}
versions | curl --config -
bench_read health
bench_read runs-get "${ids[0]}"
small_get=$cpu
bench_read version-get
small_version=$cpu
bench_write log-metric 0.6 "${ids[@]}"
bench_write log-batch 0.6 "${ids[@]}"
bench_write transition 0.6
stop_server

# --- a large one ---
echo
new_ledger "$top/large"
start_server "$top/large"
post registered-models/create '{"name": "churn"}' >/dev/null
post model-versions/create '{"name": "churn", "source": "models:/x"}' >/dev/null
stop_server
awk -v n="$large" 'BEGIN {
    for (i = 0; i < n; i++) {
        printf "{\"run_started\": {\"run_id\": \"%032x\", \"experiment\": \"Default\", \"name\": \"run-%d\"}}\n", i, i
        printf "{\"run_logged\": {\"run\": \"%032x\", \"params\": [\"lr\", \"depth\"], \"metrics\": [{\"key\": \"loss\", \"step\": 1, \"time\": \"2026-01-01T00:00:00Z\"}]}, \"details\": {\"param_values\": [\"0.%d\", \"%d\"], \"metric_values\": [\"%.6f\"]}}\n", i, i % 10, i % 7, i / n
    }
}' >"$top/events"
(cd "$top/large" && "$mledger" append --batch 5000 --quiet --key large-recorder "$top/events" >/dev/null)
start_server "$top/large"
counts=(8)
bench_read runs-get "$(printf %032x $((large / 2)))"
printf '  %s times the cost in a ledger of 64 runs\n' "$(awk "BEGIN { printf \"%.2f\", $cpu / $small_get }")"
bench_read version-get
printf '  %s times the cost in a small ledger\n' "$(awk "BEGIN { printf \"%.2f\", $cpu / $small_version }")"
begin=$(date +%s%N)
post runs/search '{"experiment_ids": ["0"], "max_results": 1}' >/dev/null
printf '%-12s the first over %d runs, with reading them: %d ms\n' search "$large" $((($(date +%s%N) - begin) / 1000000))
ask 1 search 0
printf '%-12s over %d runs with a filter and an order: p50 %.2f ms, p99 %.2f ms, %.1f ms of processor time (goal 100 ms)\n' \
    search "$large" "$p50" "$p99" "$(awk "BEGIN { print $cpu / 1000 }")"
stop_server
