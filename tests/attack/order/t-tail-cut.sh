#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records are cut from the end: by a program, and by one byte of LMDB's newest meta page, which
# leaves a ledger in which everything fits. Who saw more finds it; a stranger is told what is not
# proven.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "delete $LAST"
found 'derived data tells, as long as it was not made to fit' copy state state state "index@$LAST" "index@$LAST" "index@$LAST" tree
ok 'it is made to fit' at copy reindex
KNOWS=$XDG_STATE_HOME
found 'who saw more' copy "known-head-behind@$LAST"
KNOWS=
sound 'a stranger' copy
unproven 'is told' anchor

victim forgotten
before=$(fingerprint forgotten)
"$FORGE" forget forgotten || exit 99
ok 'one byte is another' test "$(cmp -l forgotten/data.mdb "$VICTIM/ledger/data.mdb" | wc -l)" = 1
ok 'and the file with it' test "$(fingerprint forgotten)" != "$before"
ok 'the last record is gone' test "$("$MLEDGER" --ledger forgotten --json status | grep -c "\"size\":$LAST")" = 1
KNOWS=$XDG_STATE_HOME
found 'who saw more' forgotten "known-head-behind@$LAST"
ok 'does not write on' test_must_fail 1 at forgotten model create after --key demo-recorder
KNOWS=
sound 'a stranger' forgotten
unproven 'is told' anchor
done_testing
