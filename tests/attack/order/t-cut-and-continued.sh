#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The tail is cut and the ledger goes on, so that it is as long as before or longer.
. "$(dirname "$0")/../lib.sh"

victim copy
"$FORGE" forget copy || exit 99
ok 'another record takes the place' at copy model create another --key demo-recorder
ok 'and one more, in another copy' cp -r copy longer
ok 'which goes on' at longer model create 'one more' --key demo-recorder
KNOWS=$XDG_STATE_HOME
found 'who saw what stood there' copy "known-head-differs@$LAST"
found 'who saw less than there is now' longer "known-head-differs@$LAST"
ok 'does not write on' test_must_fail 1 at copy model create after --key demo-recorder
KNOWS=
sound 'a stranger' copy
unproven 'is told' anchor
done_testing
