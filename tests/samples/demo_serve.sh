#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: demo_serve.sh [DIR]
#
# mledger serve, from its start to the picture of what was recorded: a small client sends what MLflow
# clients send in the life of a model (tests/samples/serve/client.sh), and then the ledger is asked.
# Everything is made in DIR, by default demo-serve/ in the build directory that MLEDGER_BUILD names,
# and stays there. Exit status 1 when a step does not do what it should.
set -euo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${MLEDGER_BUILD:?MLEDGER_BUILD must name the build directory}" && pwd)
demo=${1:-$build/demo-serve}
mark=$demo/.mledger-demo

# Only what an earlier demo made is removed.
if [[ -e $demo && ! -e $mark ]]; then
    printf 'demo_serve.sh: %s exists and is no demo\n' "$demo" >&2
    exit 2
fi
rm -rf "$demo"
mkdir -p "$demo/home"
touch "$mark"
cd "$demo"
demo=$PWD
export HOME=$demo/home PATH=$build/cli:$PATH LC_ALL=C.UTF-8 TERM=dumb
unset XDG_CONFIG_HOME XDG_STATE_HOME MLEDGER_DIR NO_COLOR COLUMNS
server=''
trap '[[ -z $server ]] || kill -9 "$server" 2>/dev/null' EXIT

fail() {
    printf 'demo_serve.sh: %s\n' "$1" >&2
    exit 1
}
# show COMMAND: runs it, and prints it with what it says.
show() {
    printf '\n$ %s\n' "$1"
    bash -c "$1" >"$demo/out" 2>&1 </dev/null || { cat "$demo/out" && fail "this failed: $1"; }
    sed 's/^/  /' "$demo/out"
}

printf '$ mledger init --name churn --actor dana --no-passphrase\n'
mledger init --name churn --actor dana --no-passphrase >/dev/null
printf '$ mledger serve --listen 127.0.0.1:0 --access-log access.log &\n'
mkfifo said
mledger serve --listen 127.0.0.1:0 --access-log access.log >said 2>errors &
server=$!
exec 3<said
rm said
IFS= read -r line <&3 || fail "the server does not start: $(cat errors)"
printf '  %s\n' "$line"

printf '\n$ client.sh %s\n' "${line#listening on }"
bash "$samples/serve/client.sh" "${line#listening on }" || fail 'the client was not answered'

printf '\n$ kill -TERM %%1\n'
kill -TERM "$server"
wait "$server" || fail "the server did not end well: $(cat errors)"
server=''
sed 's/^/  /' <&3

show 'mledger log --model churn'
grep -q 'Production' out || fail 'the log knows no transition'
show 'mledger timeline churn'
show 'mledger verify'
grep -q '^verified' out || fail 'the ledger does not verify'
show 'mledger lineage churn@champion -o churn.svg'
grep -q '</svg>' churn.svg || fail 'there is no picture'
printf '\nThe picture is %s/churn.svg, a line for each request is in %s/access.log.\n' "$demo" "$demo"
