#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tail is cut and the ledger goes on, so that it is as long as before or longer.
. "$(dirname "$0")/../lib.sh"

as_adversary() { XDG_STATE_HOME=$T/adversary "$MLEDGER" --ledger copy "$@"; }
victim copy
"$FORGE" forget copy || exit 99
ok 'another record takes the place' as_adversary model create another --key demo-recorder
KNOWS=$XDG_STATE_HOME
found 'who saw what stood there' copy "known-head-differs@$LAST"
ok 'and one more' as_adversary model create 'one more' --key demo-recorder
found 'who saw less than there is now' copy "known-head-differs@$LAST"
ok 'does not write on' test_must_fail 1 at copy model create after --key demo-recorder
KNOWS=
sound 'a stranger' copy
unproven 'is told' anchor
done_testing
