#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A signature by another key than the one that is named.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "load $LAST" "signature $CIS" save
found 'a record signed by another good key' copy "signature@$LAST"
victim copy
forge copy "load $LAST" "set header.signer key:$CIS" save
found 'a record that names another good key' copy "signature@$LAST"
victim copy
forge copy "load $BOB_KEY" "signature $LOG" save
found 'a trust record signed by the log key' copy "signature@$BOB_KEY"
victim copy
forge copy 'load 0' "signature $RECORDER" save
names 'a genesis signed by another key than its own' copy signature@0
victim copy
forge copy 'load 0' "sign $RECORDER" save "rebuild 1 $KEYS"
names 'a genesis that names another key than its own' copy rule/genesis@0
victim copy
forge copy "load $APPROVAL" "set statements.1.2 key:$ADMIN" seal "sign $RECORDER" save
names 'a statement in the name of another' copy "statement-signature@$APPROVAL"
victim copy
forge copy "load $LAST" 'whole signature zeros:64' save
found 'no signature' copy "signature@$LAST"
victim copy
forge copy "load $LAST" 'whole signature zeros:63' save
found 'half a signature' copy "record-encoding@$LAST"
done_testing
