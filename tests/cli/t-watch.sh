#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# append at the end of a pipe: checkpoints and heartbeats when they are due, and a good end.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
models() { for i in $(seq "$1" "$2"); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done; }

models 1 25 >file
ok 'a checkpoint every ten records' "$MLEDGER" append --batch 5 --checkpoint-every 10 --json file
kinds() { sed -n 's/.*"seq":\([0-9]*\).*"kind":"\([a-z_]*\)".*/\1 \2/p' "$1"; }
kinds "$OUT" >made
cp made "$OUT"
expect_stdout 'and at the end, told by their kind' <<'END'
12 checkpoint_noted
23 checkpoint_noted
29 checkpoint_noted
END
ok 'every one covers all before it' bash -c '[[ $("$MLEDGER" checkpoint show --note | sed -n 2p) == 29 ]]'
models 26 27 >file
ok 'as text' "$MLEDGER" append --checkpoint-every 1h file
expect_stdout_has 'is told how many' '1 checkpoint'
expect_stdout_has 'beside the records' 'recorded 2 events, #30 to #31'
ok 'nothing came' "$MLEDGER" append --checkpoint-every 1 /dev/null
expect_stdout 'so nothing is made' <<'END'
nothing to record
END
ok 'never' test_must_fail 2 "$MLEDGER" append --checkpoint-every 0 file
ok 'no time' test_must_fail 2 "$MLEDGER" append --heartbeat 30 file
expect_stderr_has 'is told what one is' 'must be a time such as 500ms'
ok 'no log key' test_must_fail 3 "$MLEDGER" append --checkpoint-every 5m --log-key nobody file
no_log_key() { "$MLEDGER" append --checkpoint-every 5m --log-key demo-recorder file; }
models 28 28 >file
ok 'a key that is none' test_must_fail 4 no_log_key
ok 'which stops nothing that was recorded' bash -c '"$MLEDGER" log -n 1 | grep -q m28'

# Something that goes on. What is waited for is what is written, and not a time.
mkfifo pipe
begin() { # OPTION...
    "$MLEDGER" --json append - "$@" <pipe >said 2>errors &
    pid=$!
    exec 9>pipe
}
await() { # NAME PATTERN
    local i
    for i in $(seq 600); do
        grep -q -- "$2" said && break
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    ok "$1" grep -q -- "$2" said
}
begin --heartbeat 20ms
await 'silence is recorded' '"kind":"heartbeat"'
models 29 29 >&9
await 'an event is recorded as soon as it came' '"identity":"[0-9a-f]*"}$'
first=$(grep -c heartbeat said)
for i in $(seq 600); do
    [ "$(grep -c heartbeat said)" -gt "$first" ] && break
    sleep 0.1
done
ok 'and silence again' test "$(grep -c heartbeat said)" -gt "$first"
exec 9>&-
wait "$pid"
ok 'the end of the pipe is a good end' test $? = 0
expect_sound 'the ledger verifies'

begin --heartbeat 1h --checkpoint-every 1h
models 30 31 >&9
await 'two events' 'seq'
for i in $(seq 600); do [ "$(wc -l <said)" -ge 2 ] && break; sleep 0.1; done
printf '{"model_created": {"na' >&9
kill -TERM "$pid"
wait "$pid"
ok 'a signal is a good end' test $? = 0
ok 'with a last checkpoint' grep -q '"kind":"checkpoint_noted"' said
ok 'without the line that had not ended' test "$(wc -l <said)" = 3
exec 9>&-
expect_sound 'the ledger verifies then'

begin --checkpoint-every 20ms
models 33 33 >&9
await 'a checkpoint when its time has come' '"kind":"checkpoint_noted"'
echo 'no event' >&9
wait "$pid"
ok 'a line at fault ends it' test $? = 3
ok 'by name' grep -q 'standard input:2' errors
exec 9>&-
expect_sound 'the ledger verifies after that'
done_testing
