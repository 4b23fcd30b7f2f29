#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: demo.sh [DIR]
#
# The tour: a small real project (tests/samples/churn) from its first record to a byte that somebody
# changed. What stands after a '$' is what is run; of long answers only the lines that matter are
# shown. Everything is made in DIR, by default demo/ in the build directory that MLEDGER_BUILD names,
# and stays there to be looked at, with keys and known heads. Exit status 1 when a step does not do
# what it should.
set -euo pipefail

samples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${MLEDGER_BUILD:?MLEDGER_BUILD must name the build directory}" && pwd)
demo=${1:-$build/demo}
mark=$demo/.mledger-demo

# Only what an earlier demo made is removed.
if [[ -e $demo && ! -e $mark ]]; then
    printf 'demo.sh: %s exists and is no demo\n' "$demo" >&2
    exit 2
fi
rm -rf "$demo"
mkdir -p "$demo"
demo=$(cd "$demo" && pwd)
touch "$mark"

export HOME=$demo/home PATH=$build/cli:$PATH LC_ALL=C.UTF-8 TERM=dumb
unset XDG_CONFIG_HOME XDG_STATE_HOME MLEDGER_DIR NO_COLOR COLUMNS
mkdir "$HOME"
out=$demo/out
bash "$samples/churn/unpack.sh" "$demo/churn" >"$out" 2>&1
cd "$demo/churn"

fail() {
    printf 'demo.sh: %s\n' "$1" >&2
    sed 's/^/    /' "$out" >&2
    exit 1
}

# step STATUS COMMAND [SED-SCRIPT]: runs the command, which must end with that status, and prints it
# with the line that the script (sed -n) makes of its output.
step() {
    local status=0 said
    bash -c "$2" >"$out" 2>&1 </dev/null || status=$?
    ((status == $1)) || fail "status $status instead of $1: $2"
    said=$(sed -n "${3:-}" "$out")
    [[ -z ${3:-} || -n $said ]] || fail "did not say what it should: $2"
    printf '$ %s%s\n' "$2" "${said:+  → $said}"
}

# also REGEX [SED-SCRIPT]: the lines of the last output that match, of which there must be some.
also() {
    grep -E -- "$1" "$out" | sed "${2:-}" | sed 's/^/    /' || fail "there is nothing about '$1' in:"
}

step 0 'mledger init --name churn --actor dana --no-passphrase' \
    's/^ *identity *\(.\{16\}\).*/a ledger; its identity, to pin elsewhere: \1…/p'
step 0 'mledger import dvc . --name churn' \
    's/^\([0-9]* disagreements\)/\1 between dvc.lock, work tree and commit/p'
also '(param-changed|[^-]hash-changed)' 's/  */ /g
    s/\({"learning_rate": [0-9.]*\)[^}]*}/\1, …}/g; s/\([0-9a-f]\{8\}\)[0-9a-f]\{24\}/\1…/g'
step 0 'mledger import mlflow mlruns' 's/^read //p'
step 0 'mledger policy set Production --require validation,approval:other' \
    's/^recorded \(#[0-9]*\).*/\1/p'
step 0 'mledger validation add churn/3 --passed --check auc=0.93:passed' \
    's/^recorded \(#[0-9]*\).*/\1/p'
validated=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$out")
step 4 'mledger version transition churn/3 Production'
also 'policy-approval' 's|^mledger: \(record [0-9]*: \)*|refused: |; s| (rule .*||'
step 0 'mledger actor add bob --kind person --roles approver && mledger key new bob --no-passphrase'
step 0 'mledger key authorize bob bob --roles approver' 's/^recorded \(#[0-9]*\).*/\1/p'
step 0 'mledger approve churn/3 --stage Production --key bob' 's/^recorded \(#[0-9]*\).*/\1/p'
step 0 'mledger version transition churn/3 Production --archive-existing' 's/^churn.3 //p'

step 0 'mledger lineage churn/3'
for part in 'made by stage prepare' 'read file data/raw/customers\.csv .*#[0-9]' \
    '\? perhaps stage train .*parameters equal [0-9]+ of' 'approv.* by bob'; do
    grep -qE "$part" "$out" || fail "the lineage lacks '$part'"
done
also '^churn|same content|made by stage [a-z]+ |/customers\.csv |run |perhaps|approv' \
    's/ (both are .*//; s/ (see above)//'
step 0 'mledger lineage churn/3 -o ../churn-3.svg && realpath ../churn-3.svg' '/svg$/p'
grep -q '</svg>' ../churn-3.svg || fail 'the picture is none'
step 0 'mledger verify' '/^verified/p'

# The file also holds pages that are no longer in use; changing those changes no record. And other
# records have the word, too.
mapfile -t offsets < <(grep -obaF 'auc' .mledger/data.mdb | cut -d: -f1)
for offset in "${offsets[@]}"; do
    rm -rf ../copy
    cp -r .mledger ../copy
    printf 'A' | dd of=../copy/data.mdb bs=1 seek="$offset" conv=notrunc status=none
    if ! mledger --ledger ../copy verify >"$out" 2>&1 && grep -qF "#$validated " "$out"; then
        break
    fi
done
printf '# one byte of a copy is changed: in record #%s, at %s of data.mdb\n' "$validated" "$offset"
step 1 'mledger --ledger ../copy verify' '/^NOT verified/p'
also "#$validated "
