#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# erase: details go for good, everything still verifies and says so.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
"$MLEDGER" model create churn --description 'who leaves, by Zaphod Q. Beeblebrox' >/dev/null || exit 99
"$MLEDGER" incident open INC-1 --title 'Trillian complained' --reason 'her number is 555-0199' \
    >/dev/null || exit 99
"$MLEDGER" model create bare >/dev/null || exit 99
seq_of() { "$MLEDGER" --json log --kind "$1" -n 1 | jq .seq; }
incident=$(seq_of incident_recorded)
model=$("$MLEDGER" --json log --kind model_created | jq -s '.[0].seq')
holds() { cat .mledger/*.mdb | grep -aqF "$1"; }

ok 'without a record' test_must_fail 2 "$MLEDGER" erase --reason x
ok 'without a reason' test_must_fail 2 "$MLEDGER" erase "$incident"
ok 'no number' test_must_fail 2 "$MLEDGER" erase INC-1 --reason x
ok 'finishing what is named' test_must_fail 2 "$MLEDGER" erase "$incident" --finish
ok 'by a recorder' test_must_fail 4 "$MLEDGER" erase "$incident" --reason x --key demo-recorder
expect_stderr_has 'an admin is needed' 'rule admin'
ok 'a record that is not there, beside one that is' \
    test_must_fail 4 "$MLEDGER" erase "$incident" 99 --reason x
expect_stderr_has 'is refused' 'rule reference-missing'
ok 'and nothing is erased' holds '555-0199'

ok 'two records' "$MLEDGER" erase "$incident" "$model" --reason 'request 2026-114'
expect_stdout_has 'are told' 'erased the details of 2 records for good'
ok 'the number is in no byte' test_must_fail 1 holds '555-0199'
ok 'nor the title' test_must_fail 1 holds 'Trillian'
ok 'nor the description' test_must_fail 1 holds 'Zaphod'
ok 'what was not erased is there' holds '2026-114'
ok 'nothing is left beside the ledger' test ! -e .mledger/rewrite.tmp
expect_sound 'the ledger verifies'
by=$("$MLEDGER" --json show "$incident" | jq .details_erased_by)
ok 'show says by which record' "$MLEDGER" show "$incident"
expect_stdout_has 'which is the erasure' "erased by #$by"
ok 'it is a details_erased record' \
    bash -c '[[ $("$MLEDGER" --json show "$1" | jq -r .kind) == details_erased ]]' - "$by"
ok 'log says so too' "$MLEDGER" log --kind incident_recorded
expect_stdout_has 'in the row' "(details erased by #$by)"
ok 'and as JSON' bash -c \
    '"$MLEDGER" --json log --kind incident_recorded | jq -e ".details_erased_by == $1"' - "$by"
ok 'status counts them' "$MLEDGER" status
expect_stdout_has 'with the newest' "the details of 2 records, last by #$((by + 1))"
ok 'and as JSON' bash -c '"$MLEDGER" --json status | jq -e ".details_erased == 2"'
ok 'an export' "$MLEDGER" export -o ledger.jsonl
ok 'holds their hash' bash -c \
    'jq -se ".[] | select(.seq == $1) | has(\"details_hash\") and (has(\"details\") | not)" ledger.jsonl' \
    - "$incident"
ok 'reindex' "$MLEDGER" reindex
expect_sound 'changes nothing about it'

ok 'once more' test_must_fail 4 "$MLEDGER" erase "$incident" --reason x
expect_stderr_has 'is refused' 'rule erased'
ok 'as JSON' "$MLEDGER" --json erase "$(seq_of ledger_created)" --reason y
cp "$OUT" erased.json
ok 'names them' jq -e '.erased == [0]' erased.json

# While another program has it open: a writer that waits for its standard input.
"$MLEDGER" incident open INC-2 --reason 'Ford Prefect' >/dev/null || exit 99
incident=$(seq_of incident_recorded)
mkfifo gate
"$MLEDGER" append - <gate >/dev/null 2>&1 &
writer=$!
exec 9>gate
until ls -l "/proc/$writer/fd" 2>/dev/null | grep -q 'data\.mdb'; do kill -0 $writer || exit 99; done
size=$("$MLEDGER" --json status | jq .size)
ok 'while another program has it open' \
    test_must_fail 3 "$MLEDGER" erase "$incident" --reason x
expect_stderr_has 'it cannot be done' 'another program has it open'
expect_stderr_has 'and says what helps' 'end every program'
ok 'and nothing was recorded' \
    bash -c '[[ $("$MLEDGER" --json status | jq .size) == "$1" ]]' - "$size"
exec 9>&-
wait $writer

# Recorded by other means, say with statements: to be finished.
echo "{\"details_erased\": {\"record_ref\": $incident}}" |
    "$MLEDGER" append - --key demo-admin >/dev/null || exit 99
ok 'what is only recorded' test_must_fail 1 "$MLEDGER" verify
expect_stdout_has 'is a fault' '[details-not-erased]'
expect_stdout_has 'with the command that helps' 'mledger erase --finish'
ok 'show says it' "$MLEDGER" show "$incident"
expect_stdout_has 'in so many words' 'and still here'
ok 'finish it' "$MLEDGER" erase --finish
expect_stdout_has 'which is done' 'erased the details of 1 record for good'
ok 'then it is gone' test_must_fail 1 holds 'Ford Prefect'
expect_sound 'and all is well'
ok 'nothing more to finish' "$MLEDGER" --json erase --finish
cp "$OUT" finished.json
ok 'as JSON' jq -e '.finished == 0' finished.json
done_testing
