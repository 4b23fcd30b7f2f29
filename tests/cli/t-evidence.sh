#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --evidence: the records that an answer rests on, in a bundle that mledger-verify accepts.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/scenario.sh"
: "${MLEDGER_VERIFY:?MLEDGER_VERIFY must name mledger-verify}"
VERIFY=$MLEDGER_VERIFY

new_ledger
add_approver bob
must() { "$@" >/dev/null || exit 99; }
must "$MLEDGER" model create secret --description 'the project that nobody may hear of'
must "$MLEDGER" model create churn
run=$("$MLEDGER" --json run start --name one | jq -r .run_id) || exit 99
echo 'a,b' >data.csv
must "$MLEDGER" dataset add customers data.csv
must "$MLEDGER" run log "$run" --param rate=0.5 --input customers:training=data.csv
must "$MLEDGER" version register churn --run "$run"
must "$MLEDGER" version register secret
must "$MLEDGER" approve churn/1 --stage Production --key bob
must "$MLEDGER" version transition churn/1 Production --key demo-recorder
must "$MLEDGER" checkpoint
must "$MLEDGER" model create 'an afterthought'
vkey=$("$MLEDGER" key log)
mkdir "$T/empty" "$T/nobody"
elsewhere() { (cd "$T/empty" && env -i HOME="$T/nobody" "$VERIFY" "$@"); }

# The seqs of all trust records, one a line.
"$MLEDGER" --json log | jq -c 'select(.kind | test("^(ledger_created|actor_|key_|log_key_|checkpoint_)")) | .seq' |
    sort >"$T/trust" || exit 99

# rests_on NAME QUESTION...: its evidence opens exactly the records that the answer says it rests
# on, and the trust records; and is verified by somebody who has nothing but the log's key.
rests_on() {
    local name=$1
    shift
    rm -f evidence answer.json
    ok "$name" "$MLEDGER" --json "$@" --evidence evidence
    cp "$OUT" answer.json
    jq '.basis.records[].seq' answer.json | sort - "$T/trust" | uniq >"$T/open"
    ok "$name: the evidence is verified elsewhere" elsewhere "$T/work/evidence" --vkey "$vkey" --json
    expect_json "$name: it opens these records alone" \
        --argjson open "$(wc -l <"$T/open")" '.bundle.target == "records" and .bundle.opened == $open and .hidden == .records - $open'
    expect_json "$name: they were chosen, it says" '[.findings[].code] | index("chosen") != null'
    expect_json "$name: and for what" --arg question "$*" '.bundle.reference == $question'
}

rests_on 'lineage of a version' lineage churn/1
rests_on 'both ways' lineage churn/1 --up --down
rests_on 'long ago' lineage dataset:customers --as-of 8

ok 'an answer in text' "$MLEDGER" lineage churn/1 --evidence evidence
expect_stdout_has 'says where it is' 'the records used are in evidence: mledger-verify evidence'
ok 'has evidence too' elsewhere "$T/work/evidence" --vkey "$vkey"
expect_stdout_has 'what it is for' 'claimed the records shown were chosen to answer: lineage churn/1'
expect_stdout_has 'what it does not prove' 'whoever made it chose: that others were withheld'
expect_stdout_has 'nothing of the others is told' 'hidden  the payloads of'
nobody_hears() { ! zstd -dcq evidence | grep -qa 'nobody may hear'; }
if command -v zstd >/dev/null; then
    ok 'what is hidden is not there' nobody_hears
else
    skip 'what is hidden is not there' 'no zstd'
fi
ok 'a picture' "$MLEDGER" lineage churn/1 -o churn.svg --evidence picture.evidence
ok 'has it too' elsewhere "$T/work/picture.evidence" --vkey "$vkey"
ok 'a reader who asks for more' test_must_fail 1 elsewhere "$T/work/evidence" --vkey "$vkey" --require chosen
expect_stdout_has 'is told that it is not there' 'not proven, and required'
ok 'without a key' elsewhere "$T/work/evidence"
expect_stdout_has 'whose it is is open' '[origin]'

# What was done to it on the way.
head -c 2000 evidence >cut
ok 'cut short' test_must_fail 1 elsewhere "$T/work/cut"
expect_stdout_has 'it is refused' '[bundle]'
cp evidence flipped
printf '\x01' | dd of=flipped bs=1 seek=1500 conv=notrunc status=none
ok 'a byte that is another' test_must_fail 1 elsewhere "$T/work/flipped"
expect_stdout_has 'it is refused' '[bundle]'
ok 'with the key of another log' test_must_fail 1 elsewhere "$T/work/evidence" \
    --vkey 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'

# Where it cannot be written.
ok 'where the answer goes' test_must_fail 2 "$MLEDGER" lineage churn/1 --evidence -
expect_stderr_has 'is no place for it' 'another file'
ok 'nor the file of the answer' test_must_fail 2 "$MLEDGER" lineage churn/1 -o same.svg --evidence same.svg
ok 'nothing was written' test ! -e same.svg
ok 'in no directory' test_must_fail 3 "$MLEDGER" lineage churn/1 -o picture.svg --evidence no/where
ok 'the answer is not put in its place either' test ! -e picture.svg
ok 'of no answer' test_must_fail 1 "$MLEDGER" lineage churn/9 --evidence none
ok 'there is none' test ! -e none

# Every answer has evidence, also one that says no. One line each: its exit code, and the question.
mkdir "$T/two-years" && cd "$T/two-years" && scenario_ledger || exit 99
answers() { "$MLEDGER" "${@:2}" --evidence evidence >/dev/null; [ $? = "$1" ]; }
while read -r code question; do
    rm -f evidence
    # shellcheck disable=SC2086 # its words
    ok "$question" answers "$code" $question
    ok "$question: its evidence holds" "$VERIFY" evidence
    expect_stdout_has "$question: and names it" "claimed the records shown were chosen to answer: $question"
done <<'END'
0 at churn Production 2024-03-01
0 timeline churn
0 history churn/2
0 impact dataset:customers
0 diff churn/1 churn/2
0 compare churn/1 churn/2
1 path churn/1 churn/2
0 metrics churn/1
0 recipe churn/2
0 inventory
0 report flow
1 report exceptions
0 report erasures
END
done_testing
