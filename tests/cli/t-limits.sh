#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What nobody would type: endless arguments, NUL, streams that are closed or full, pipes for files.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger

long=$(head -c 100000 /dev/zero | tr '\0' a)
ok 'an endless command' test_must_fail 2 "$MLEDGER" "$long"
ok 'an endless option' test_must_fail 2 "$MLEDGER" status "--$long"
ok 'an endless path of a ledger' test_must_fail 3 "$MLEDGER" --ledger "$long" status
ok 'an endless reference' test_must_fail 2 "$MLEDGER" lineage "$long"
expect_stderr_has 'is too long' 'a reference of more than 4096 bytes'
ok 'an endless number of a record' test_must_fail 2 "$MLEDGER" show "$long"
ok 'an endless name of a key' test_must_fail 2 "$MLEDGER" key new "$long"
ok 'an endless file for the answer' test_must_fail 3 "$MLEDGER" export -o "$long"
ok 'an endless number' test_must_fail 2 "$MLEDGER" log -n "${long//a/9}"
event() { printf '{"model_created": {"name": "%s"}}\n' "$(printf 'n%.0s' {1..300000})" >"$1"; }
event endless
ok 'an event over the limit' test_must_fail 3 "$MLEDGER" append endless
expect_stderr_has 'is said to be' 'over 262144'

nul() { # NAME TEXT, with printf's escapes
    # shellcheck disable=SC2059
    printf "$2" >line
    ok "NUL $1" test_must_fail 3 "$MLEDGER" append line
    expect_stderr_has 'nothing was recorded' 'line:1: '
}
nul 'spelled out in a name' '{"model_created": {"name": "a\\u0000b"}}\n'
nul 'in a name' '{"model_created": {"name": "a\0b"}}\n'
nul 'before an event' '\0{"model_created": {"name": "ab"}}\n'
nul 'after an event' '{"model_created": {"name": "ab"}}\0\n'
ok 'nothing was recorded' test "$("$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/')" = 2

echo '{"model_created": {"name": "ok"}}' >line
no_stdin() { "$MLEDGER" append - <&-; }
ok 'a closed standard input' test_must_fail 3 no_stdin
expect_stderr_has 'is an error' 'cannot read'
no_stderr() { "$MLEDGER" append nowhere 2>&-; }
ok 'a closed standard error' test_must_fail 3 no_stderr
for command in status log help 'export' verify 'show 0' 'model --help' '--json status'; do
    closed() { "$MLEDGER" $command >&-; } # shellcheck disable=SC2086
    ok "a closed standard output: $command" test_must_fail 3 closed
    expect_stderr_has 'is an error' 'cannot write the answer'
done
if [ -c /dev/full ]; then
    full() { "$MLEDGER" --json append line >/dev/full; }
    ok 'a receipt that cannot be written' test_must_fail 3 full
    expect_stderr_has 'is said with what was recorded' 'up to #2'
    ok 'which is there' "$MLEDGER" show 2
    full_stderr() { "$MLEDGER" append nowhere 2>/dev/full; }
    ok 'an error that cannot be written' test_must_fail 3 full_stderr
else
    skip 'a full disk' 'no /dev/full'
fi
gone() {
    # The reader is gone before the first byte: it ends at once, and head says that it is good.
    "$MLEDGER" export | head -c 0
    [ "${PIPESTATUS[0]}" -lt 125 ]
}
ok 'a reader that goes away' gone
expect_stderr 'is no complaint' </dev/null

# A pipe that the user named is written to, and stays a pipe.
mkfifo pipe
into_pipe() {
    cat pipe >from-pipe &
    "$MLEDGER" export -o pipe && wait $!
}
ok 'a pipe for a file' into_pipe
ok 'stays a pipe' test -p pipe
"$MLEDGER" export -o plain >/dev/null
ok 'and got it all' cmp from-pipe plain
ok 'a directory for a file' test_must_fail 3 "$MLEDGER" export -o "$T"
expect_sound 'after all that it verifies'
done_testing
