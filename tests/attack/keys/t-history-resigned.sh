#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Somebody with every key, the log key too, writes the whole history anew: with the same genesis, and
# with one that they made up. All of it fits; a known head, a checkpoint kept elsewhere and the
# identity tell.
. "$(dirname "$0")/../lib.sh"

# Who kept a checkpoint has the ledger as it was, and has seen no other.
honest() { XDG_STATE_HOME=$T/honest "$MLEDGER" --ledger honest "$@"; }
victim honest
at honest checkpoint --no-record >kept || exit 99
pinned=$(at honest --json status | grep -o '"identity":"[0-9a-f]*"')

# One parameter was never what it was; all records from there on are signed anew.
victim copy
forge copy "load $LOGGED" 'set details.10[0] text:0.5' save "rebuild $LOGGED $KEYS"
ok 'a history written anew' at copy reindex
at copy checkpoint --no-record >anew || exit 99
KNOWS=$XDG_STATE_HOME
found 'is found by who saw the other one' copy "known-head-differs@$LAST"
KNOWS=
sound 'fits to a stranger' copy
unproven 'who is told that nothing anchors it' anchor
ok 'who kept a checkpoint finds it' test_must_fail 1 honest checkpoint compare kept anew -o evidence
expect_stdout_has 'and can prove it' 'CONFLICT: the log key has signed two different trees'
vkey=$(at honest key log)
ok 'to anybody' test_must_fail 1 bash -c \
    'cd / && MLEDGER_DIR= "$MLEDGER" checkpoint compare "$1" --vkey "$2"' sh "$PWD/evidence" "$vkey"

# A genesis of their own, under the real log key.
victim copy
forge copy 'load 0' 'set details.5 text:Mallory' save "rebuild 0 $KEYS"
ok 'a fabricated genesis under the real log key' at copy reindex
KNOWS=$XDG_STATE_HOME
sound 'founds a sound ledger, that nobody has seen' copy
KNOWS=
unproven 'and that nothing anchors' anchor
ok 'it is not the one that was pinned' test "$(at copy --json status | grep -o '"identity":"[0-9a-f]*"')" != "$pinned"
ok 'nor the one of the checkpoint' test_must_fail 1 at copy prove --consistency kept
at copy checkpoint --no-record >theirs || exit 99
ok 'both are signed' test_must_fail 1 honest checkpoint compare kept theirs
expect_stdout_has 'and cannot both be true' 'CONFLICT'
done_testing
