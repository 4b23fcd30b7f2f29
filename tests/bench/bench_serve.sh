#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# `mledger serve` under wrk: writes beside what the store alone makes durable in commits of as many
# values as there are connections, measured in turns in the same run; reads; and answers in a small
# ledger beside those in a large one.
#
# Two limits, since no client can ask faster than HTTP is spoken: the store alone, and the store and
# then as many requests that do nothing (/health), one after the other. Client, server and limit share
# the machine; what a request costs the server in processor time is the same on an idle one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=${MLEDGER_BUILD:?the directory of a release build}
mledger=${MLEDGER:-$build/cli/mledger}
seconds=${BENCH_SECONDS:-2} rounds=${BENCH_ROUNDS:-3}
read -r -a counts <<<"${BENCH_CONNECTIONS:-1 8 64}"
large=${BENCH_RUNS:-100000}
declare -A http=() # requests a second that do nothing, by connections
readonly record=900 # bytes of a log-metric's record as it is stored, about
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

# ask CONNECTIONS KIND [ID...]: sets rate, p50, p99, errors and cpu, microseconds of the server's
# processor time for a request.
ask() {
    local connections=$1 before threads=2
    shift
    ((connections > 1)) || threads=1
    before=$(server_ticks)
    read -r _ rate p50 p99 errors < <(wrk -t$threads -c"$connections" -d"${seconds}s" --latency \
        -s "$here/serve.lua" "$url" -- "$@" | grep '^RESULT')
    cpu=$(awk -v t="$(($(server_ticks) - before))" -v hz="$ticks" -v n="$(awk "BEGIN { print $rate * $seconds }")" \
        'BEGIN { printf "%.0f", (n > 0 ? t / hz / n * 1e6 : 0) }')
    ((errors == 0)) || echo "  $errors of the answers were errors"
}
limit() { "$build/tests/bench/commit_limit" "$top/limit" "$1" "$2" 0.5; } # GROUP SIZE
median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# bench_write KIND SIZE GOAL [ID...]: in rounds, each between two looks at the limit.
bench_write() {
    local kind=$1 size=$2 goal=$3 connections before after
    shift 3
    for connections in "${counts[@]}"; do
        : >"$top/ratios"
        before=$(limit "$connections" "$size")
        for _ in $(seq "$rounds"); do
            ask "$connections" "$kind" "$@"
            after=$(limit "$connections" "$size")
            awk -v r="$rate" -v a="$before" -v b="$after" 'BEGIN { printf "%.3f\n", r / ((a + b) / 2) }' >>"$top/ratios"
            before=$after
        done
        printf '%-12s %3d connections  %8.0f/s  p50 %7.2f ms  p99 %7.2f ms  %5s us/request  %5.2f of the store alone (%s/s)%s, %.2f of store and HTTP\n' \
            "$kind" "$connections" "$rate" "$p50" "$p99" "$cpu" "$(median <"$top/ratios")" "$after" \
            "$( ((connections < 64)) || echo " (goal $goal)")" \
            "$(awk -v r="$rate" -v l="$after" -v h="${http[$connections]}" 'BEGIN { print r * (1 / l + 1 / h) }')"
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
post model-versions/create '{"name": "churn", "source": "models:/x"}' >/dev/null
bench_read health
bench_read runs-get "${ids[0]}"
small_get=$cpu
bench_read version-get
small_version=$cpu
bench_write log-metric "$record" 0.6 "${ids[@]}"
bench_write log-batch 8500 0.6 "${ids[@]}"
bench_write transition "$record" 0.6
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
