#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bundle: evidence about one thing in one file, checked where there is nothing else.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
: "${MLEDGER_VERIFY:?MLEDGER_VERIFY must name mledger-verify}"
VERIFY=$MLEDGER_VERIFY

new_ledger
add_approver bob
must() { "$@" >/dev/null || exit 99; }
must "$MLEDGER" policy set Production --require approval:other --key demo-admin
must "$MLEDGER" model create secret --description 'the project that nobody may hear of'
must "$MLEDGER" model create churn --description 'who leaves'
run=$("$MLEDGER" --json run start --name one | jq -r .run_id) || exit 99
other=$("$MLEDGER" --json run start --name two | jq -r .run_id) || exit 99
must "$MLEDGER" run log "$run" --param rate=0.5
must "$MLEDGER" run log "$other" --param hush=1
must "$MLEDGER" version register churn --run "$run"
must "$MLEDGER" version register secret --run "$other"
must "$MLEDGER" approve churn/1 --stage Production --key bob
must "$MLEDGER" version transition churn/1 Production --key demo-recorder
echo 'a,b' >data.csv
must "$MLEDGER" dataset add customers data.csv
must "$MLEDGER" append - <<<"{\"logged_model_created\": {\"model_id\": \"m-1\", \"name\": \"clf\", \"run\": \"$run\"}}"
must "$MLEDGER" checkpoint
vkey=$("$MLEDGER" key log)
identity=$("$MLEDGER" --json status | jq -r .identity)
size=$("$MLEDGER" --json status | jq '.head.seq + 1')

ok 'a bundle of a version' "$MLEDGER" bundle models:/churn/1 -o churn.evidence
expect_stdout_has 'says what is open' 'wrote churn.evidence: '
ok 'nothing is left beside it' bash -c '! ls churn.evidence.* 2>/dev/null'
ok 'as JSON' "$MLEDGER" --json bundle churn/1 -o again.evidence
expect_json 'it counts' '.opened + .hidden == .records and .hidden > 0 and .checkpoints == 2'
ok 'a bundle of everything' "$MLEDGER" bundle --all -o all.evidence
ok 'of a run' "$MLEDGER" bundle "runs:/$run" -o run.evidence
ok 'of a dataset' "$MLEDGER" bundle dataset:customers -o dataset.evidence
ok 'of an actor' "$MLEDGER" bundle actor:bob -o bob.evidence
ok 'of a logged model' "$MLEDGER" bundle models:/m-1 -o logged.evidence
ok 'to standard output' bash -c '"$MLEDGER" bundle churn -o - >model.evidence'
ok 'without its lineage' "$MLEDGER" bundle churn/1 --no-lineage -o bare.evidence
ok 'which makes it smaller' bash -c '[ $(stat -c %s bare.evidence) -lt $(stat -c %s churn.evidence) ]'

ok 'of what there is not' test_must_fail 1 "$MLEDGER" bundle churn/9 -o none.evidence
ok 'leaves no file' test ! -e none.evidence
ok 'of a record' test_must_fail 2 "$MLEDGER" bundle 3 -o none.evidence
expect_stderr_has 'says what has a scope' 'which has no scope'
ok 'of nothing in particular' test_must_fail 2 "$MLEDGER" bundle -o none.evidence
ok 'of something and everything' test_must_fail 2 "$MLEDGER" bundle churn --all -o none.evidence
ok 'to nowhere' test_must_fail 2 "$MLEDGER" bundle churn
ok 'into a directory that is not there' test_must_fail 3 "$MLEDGER" bundle churn -o no/where

# Nothing is there but the file and what is trusted.
mkdir "$T/empty" "$T/nobody"
elsewhere() { (cd "$T/empty" && env -i HOME="$T/nobody" "$VERIFY" "$@"); }
for name in churn all run dataset bob logged model bare; do
    ok "$name.evidence, elsewhere" elsewhere "$T/work/$name.evidence" --vkey "$vkey"
    expect_stdout_has "$name.evidence is verified" 'verified: bundle'
done
ok 'nothing was written there' bash -c '[ -z "$(ls -A "$1" "$2" | grep -v :)" ]' - "$T/empty" "$T/nobody"

ok 'of the version' elsewhere "$T/work/churn.evidence" --vkey "$vkey"
expect_stdout_has 'says how many records there are' "proven  $size records"
expect_stdout_has 'and whose' 'of ledger demo'
expect_stdout_has 'what is in scope' 'model churn'
expect_stdout_has 'with its run' "run $run"
expect_stdout_has 'that its end is anchored' "anchored up to size $size"
expect_stdout_has 'what is hidden' 'hidden  '
expect_stdout_has 'what hidden tags leave open' '[hidden-tags]'
expect_stdout_has 'and hidden names' '[hidden-rule: name-taken]'
ok 'its origin is known' test_must_fail 1 grep -q '\[origin\]' "$OUT"
if command -v zstd >/dev/null; then
    holds() { zstd -dcq churn.evidence | grep -aq -- "$1"; }
    ok 'what is open is in it' holds 'who leaves'
    for what in secret hush 'nobody may hear' customers data.csv; do
        ok "what is hidden is not: $what" test_must_fail 1 holds "$what"
    done
else
    skip 'what is hidden is not in it' 'no zstd'
fi
ok 'of everything, nothing is left open' elsewhere --json "$T/work/all.evidence" --vkey "$vkey"
expect_json 'and it says so' '.verified and .hidden == 0 and .not_proven == 0'
ok 'by the identity' elsewhere "$T/work/churn.evidence" --identity "$identity"
expect_stdout_has 'nobody vouches for its end' '[anchor]'
ok 'trusting nothing' elsewhere "$T/work/churn.evidence"
expect_stdout_has 'whose it is, is not proven' '[origin]'
ok 'as JSON' elsewhere --json "$T/work/churn.evidence" --vkey "$vkey"
ok 'with its scope' jq -e '.format == "bundle" and .verified and .bundle.opened > 0 and
    (.bundle.subjects | length) == 2 and .bundle.target == "version"' "$OUT"

# What somebody may do to a file, or to us.
bad() { # NAME CODE FILE [OPTION...]
    local name=$1 code=$2
    shift 2
    ok "$name" test_must_fail 1 "$VERIFY" "$@"
    expect_stdout_has "$name: $code" "[$code]"
}
head -c -1 churn.evidence >cut
bad 'a file that is cut short' bundle cut --vkey "$vkey"
head -c 1000 churn.evidence >cut
bad 'in the middle' bundle cut --vkey "$vkey"
{ cat churn.evidence && echo; } >longer
bad 'a byte too many' bundle longer --vkey "$vkey"
cat churn.evidence churn.evidence >twice
bad 'the file twice' bundle twice --vkey "$vkey"
cp churn.evidence flipped
byte=$(od -An -tu1 -j 2000 -N 1 flipped)
# shellcheck disable=SC2059 # the byte is in the format
printf "\\$(printf %o $((byte ^ 4)))" | dd of=flipped bs=1 seek=2000 conv=notrunc 2>/dev/null
bad 'a flipped bit' bundle flipped --vkey "$vkey"
bad 'another identity' identity churn.evidence --identity "$(printf '00%.0s' {1..32})"

mkdir other && cd other || exit 99
XDG_CONFIG_HOME=$T/other-keys must "$MLEDGER" init --name demo --actor alice --no-passphrase
stranger=$(XDG_CONFIG_HOME=$T/other-keys "$MLEDGER" key log)
cd ..
bad "another log's key" anchor-key churn.evidence --vkey "$stranger"

# Records that came after the last checkpoint.
mv "$XDG_CONFIG_HOME/mledger/keys/demo-log.key" log.key || exit 99
must "$MLEDGER" model create later
ok 'without the log key' "$MLEDGER" --json bundle churn/1 -o later.evidence
expect_json 'the noted checkpoint is in it' '.checkpoints == 1'
ok 'it verifies' "$VERIFY" later.evidence --vkey "$vkey"
expect_stdout_has 'its tail is not anchored' '[anchor]'
ok 'with a log key that is named' "$MLEDGER" --json bundle churn/1 --log-key ./log.key -o named.evidence
expect_json 'there are two' '.checkpoints == 2'
ok 'with one that is not there' test_must_fail 3 "$MLEDGER" bundle churn/1 --log-key ./none -o x

# Details that were erased.
seq=$("$MLEDGER" --json log --model churn | jq -s 'map(select(.kind == "model_created"))[0].seq')
must "$MLEDGER" erase "$seq" --reason 'a request' --key demo-admin
ok 'after an erasure' "$MLEDGER" bundle churn/1 -o erased.evidence
ok 'it verifies too' "$VERIFY" erased.evidence --vkey "$vkey"
done_testing
