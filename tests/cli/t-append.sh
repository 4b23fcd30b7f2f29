#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# append: batches, and what stands when a line is at fault.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger

records() { "$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/'; }
models() { for i in $(seq "$1" "$2"); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done; }

models 1 2500 >many
ok 'more than one batch' "$MLEDGER" append many
expect_stdout_has 'is summed up' 'recorded 2,500 events, #2 to #2501'
ok 'all are there' test "$(records)" = 2502

{
    models 3001 3025
    echo '{"model_created": {"name": "m1"}}'
    models 3026 3040
} >clash
ok 'a line that a rule forbids' test_must_fail 4 "$MLEDGER" append --batch 10 clash
expect_stderr_has 'is named' 'clash:26: '
expect_stderr_has 'with what was recorded before its batch' '20 events up to #2521'
ok 'nothing of its batch' test "$(records)" = 2522
{
    models 4001 4007
    printf '\n  \n{"model_created": {"name": "m4008"},}\n'
} >syntax
ok 'a line that is no JSON' test_must_fail 3 "$MLEDGER" --json append --batch 5 syntax
expect_stderr_has 'is named, blank lines counted' 'syntax:10'
cp "$OUT" receipts
ok 'receipts of what was recorded' test "$(wc -l <receipts)" = 5

refuse() { # NAME LINE TEXT
    printf '%s\n' "$2" >line
    ok "$1" test_must_fail 3 "$MLEDGER" append line
    expect_stderr_has 'is named' "line:1: $3"
    expect_stderr_has 'and nothing recorded' 'nothing was recorded'
}
refuse 'two events' '{"model_created": {"name": "x"}, "run_deleted": {"run": 1}}' ''
refuse 'no event' '{"details": {}}' 'no kind of event'
refuse 'an unknown field' '{"model_created": {"name": "x", "nam": 1}}' 'model_created'
refuse 'the same key twice' '{"model_created": {"name": "x", "name": "y"}}' ''
refuse 'a list' '[1]' 'expected an object'
refuse 'bytes that are no text' "$(printf '{"model_created": {"name": "\xff"}}')" ''
refuse 'details that do not fit' \
    '{"validation_recorded": {"model": "m1", "version": 1, "outcome": "passed"}, "details": {"check_values": ["1"]}}' ''
head -c 3000000 /dev/zero | tr '\0' 'a' >long
ok 'a line without an end' test_must_fail 3 "$MLEDGER" append long
expect_stderr_has 'is too long' 'long:1: a line of more than'
ok 'a directory' test_must_fail 3 "$MLEDGER" append /
ok 'an empty file' "$MLEDGER" append /dev/null
expect_stdout 'has nothing in it' <<'END'
nothing to record
END
ok 'a last line without its end' bash -c 'printf %s "$(printf "{\"model_created\": {\"name\": \"last\"}}")" | "$MLEDGER" append'
ok 'another line that says what was recorded' "$MLEDGER" log -n 1
expect_stdout_has 'last' 'last'

# A program that writes a line and waits for its receipt before it writes the next, on a pipe that
# stays open: what is there is appended, whether or not more may come.
converse() {
    local receipt
    coproc APPEND { "$MLEDGER" --json append --batch 1 - 2>"$T/io/converse"; }
    # shellcheck disable=SC2153 # the names are made by coproc
    local from=${APPEND[0]} to=${APPEND[1]} pid=$APPEND_PID
    for i in 1 2 3; do
        echo "{\"model_created\": {\"name\": \"said-$i\"}}" >&"$to"
        read -r receipt <&"$from" || return 1
        echo "$receipt"
    done
    echo '{"model_created": {"name": "said-1"}}' >&"$to"
    wait "$pid" # the pipe is still open
    test $? = 4
}
ok 'line by line with receipts, and a refusal that does not wait for more' converse
cp "$OUT" receipts
ok 'a receipt for each' test "$(grep -c '"seq":' receipts)" = 3

full() { (ulimit -f $(($(stat -c %s .mledger/data.mdb) / 1024 + 40)) && trap '' XFSZ && "$MLEDGER" append more); }
models 5001 15000 >more
before=$(records)
ok 'a disk that is full' test_must_fail 3 full
expect_stderr_has 'is told with what was recorded' 'recorded'
after=$(records)
ok 'whole batches were' test $(((after - before) % 1000)) = 0
expect_sound 'the ledger verifies'
ok 'and goes on' "$MLEDGER" model create after
done_testing
