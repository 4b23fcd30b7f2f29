#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verify: what witnesses and timestamping authorities say of the ledger, and what is missing.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/witness.sh"
new_ledger
log=$("$MLEDGER" key log)
for w in a b; do
    "$MLEDGER" witness key $w --name $w.example/w --no-passphrase >"$T/$w.key" || exit 99
    serve_witness $w $w "$T/$w.state" "$log" || exit 99
done
add() { "$MLEDGER" witness add "$(tail -1 "$T/$1.key")" "$(witness_url "$1")"; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
# note_again NOTE [TOKEN-HEX]: a record that notes it as it stands, as a foreign writer could.
note_again() {
    local size root
    size=$(sed -n 2p "$1")
    root=$(sed -n 3p "$1" | base64 -d | hex)
    printf '{"checkpoint_noted": {"size": %s, "root": "%s", "note": "%s"%s}}\n' "$size" "$root" \
        "$(hex <"$1")" "${2:+, \"timestamps\": [\"$2\"]}" | "$MLEDGER" append -
}

ok 'without a policy' "$MLEDGER" verify
expect_stdout_has 'nothing outside vouches' 'no checkpoint from outside was given'
add a >/dev/null && add b >/dev/null
ok 'a policy that nothing meets' test_must_fail 1 "$MLEDGER" verify
expect_stdout_has 'is a fault' '[witness-policy]'
ok 'but not where signatures are not looked at' "$MLEDGER" verify --level chain
"$MLEDGER" model create one >/dev/null
ok 'a cosigned checkpoint' "$MLEDGER" checkpoint --cosign -o "$T/good"
ok 'meets it' "$MLEDGER" verify
expect_stdout_has 'up to its size' 'witnessed: the first 3 records, by 2 witnesses'
expect_stdout_has 'and what comes after is named' 'not proven  #3  anchored up to size 3'
ok 'as JSON' "$MLEDGER" --json verify
expect_stdout_has 'too' '"anchored":3,'
expect_stdout_has 'with since when' '"witnessed":{"size":3,"witnesses":2,"earliest":"20'
ok 'the rest can be required' test_must_fail 1 "$MLEDGER" verify --require anchor

"$MLEDGER" model create two >/dev/null
stop_witness b
ok 'a checkpoint by one of two' "$MLEDGER" checkpoint --cosign --partial
ok 'changes nothing' "$MLEDGER" verify
expect_stdout_has 'about the one before' 'witnessed: the first 3 records, by 2 witnesses'
"$MLEDGER" witness quorum 1 >/dev/null
ok 'where one is enough' "$MLEDGER" verify
expect_stdout_has 'it counts' 'witnessed: the first 5 records, by 1 witness, at 20'

"$MLEDGER" model create three >/dev/null
ok 'only what is new' "$MLEDGER" verify --since last
expect_stdout_has 'leaves open what was found before' '[witness-policy]'

# --- other policies ---
policy=$(echo "$XDG_CONFIG_HOME"/mledger/witnesses/*.policy)
"$MLEDGER" witness key c --no-passphrase >"$T/c.key"
printf 'witness c %s\nquorum c\n' "$(tail -1 "$T/c.key")" >"$T/other.policy"
ok 'another policy' test_must_fail 1 "$MLEDGER" verify --witness-policy "$T/other.policy"
expect_stdout_has 'that nobody meets' '[witness-policy]'
printf 'quorum none\n' >"$T/none.policy"
ok 'one that asks for nobody' "$MLEDGER" verify --witness-policy "$T/none.policy"
expect_stdout_has 'anchors nothing' 'no checkpoint from outside was given'
ok 'one that is not there' test_must_fail 3 "$MLEDGER" verify --witness-policy "$T/absent"
ok 'one that is none' test_must_fail 3 "$MLEDGER" verify --witness-policy "$T/good"
cp "$policy" "$T/kept.policy"
echo nonsense >>"$policy"
ok 'the own one, damaged' test_must_fail 1 "$MLEDGER" verify
expect_stdout_has 'is met by nothing' 'the policy of witnesses cannot be read: '
cp "$T/kept.policy" "$policy"
cp "$T/other.policy" "${policy%/*}/$(printf '%064d' 0).policy"
echo nonsense >"${policy%/*}/$(printf '%064d' 1).policy"
ok 'those of other ledgers do not matter' "$MLEDGER" verify

# --- a cosignature that does not hold ---
sed 's/\(^— a.example\/w .\{40\}\)./\1x/' "$T/good" >"$T/bad"
ok 'one that is not the good one' test_must_fail 1 cmp "$T/good" "$T/bad"
ok 'in a record' note_again "$T/bad"
ok 'is found' test_must_fail 1 "$MLEDGER" verify
expect_stdout_has 'and named' "fault  #7  the checkpoint that it notes: the signature of 'a.example/w' on the note does not hold  [cosignature]"
ok 'by whom it concerns' "$MLEDGER" verify --witness-policy "$T/none.policy"

# --- timestamps ---
cd "$T" && mkdir second && cd second || exit 99
"$MLEDGER" init --name second --actor alice --no-passphrase >/dev/null || exit 99
serve_tsa tsa && serve_tsa odd refusing || exit 99
ok 'a timestamp' "$MLEDGER" checkpoint --tsa "$(tsa_url tsa)" -o "$T/stamped" --key second-recorder
ok 'without roots' "$MLEDGER" verify
expect_stdout_has 'is not proven' 'so whether to believe 1 timestamp is open  [timestamp-roots]'
ok 'with its roots' "$MLEDGER" verify --tsa-roots "$(tsa_root tsa)"
expect_stdout_has 'is' 'timestamped: the first 2 records, at 20'
expect_stdout_has 'with who says so' ' +-1 s by CN=stamps,O=Test Time'
ok 'as JSON' "$MLEDGER" --json verify --tsa-roots "$(tsa_root tsa)"
expect_stdout_has 'too' '"authority":"CN=stamps,O=Test Time","size":2,"seq":2}'
ok 'with others' test_must_fail 1 "$MLEDGER" verify --tsa-roots "$(tsa_root odd)"
expect_stdout_has 'it is a fault' 'fault  #2  the checkpoint that it notes: the timestamp leads to none of the roots given: '
ok 'an export of it' "$MLEDGER" export -o "$T/second.jsonl"
ok 'is checked by the program that has no ledger' "$MLEDGER_VERIFY" "$T/second.jsonl"
expect_stdout_has 'which asks for roots as well' '[timestamp-roots]'
ok 'is checked with them' "$MLEDGER_VERIFY" --tsa-roots "$(tsa_root tsa)" "$T/second.jsonl"
expect_stdout_has 'and tells the time' 'proven  the first 2 records were there at 20'
ok 'is refused with others' test_must_fail 1 "$MLEDGER_VERIFY" --tsa-roots "$(tsa_root odd)" "$T/second.jsonl"
ok 'takes only certificates' test_must_fail 3 "$MLEDGER_VERIFY" --tsa-roots "$T/stamped" "$T/second.jsonl"
ok 'roots that are none' test_must_fail 3 "$MLEDGER" verify --tsa-roots "$T/stamped"
ok 'or not there' test_must_fail 3 "$MLEDGER" verify --tsa-roots "$T/absent"
token=$("$MLEDGER" --json show 2 | sed 's/.*"timestamps":\["\([0-9a-f]*\)".*/\1/')
"$MLEDGER" checkpoint --no-record -o "$T/later" >/dev/null
ok 'a timestamp of another checkpoint' note_again "$T/later" "$token"
ok 'is a fault without roots too' test_must_fail 1 "$MLEDGER" verify
expect_stdout_has 'of its record' 'fault  #3  the checkpoint that it notes: the timestamp is over another text'
done_testing
