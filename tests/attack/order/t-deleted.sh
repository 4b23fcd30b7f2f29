#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records are deleted in the middle; two gaps are two findings.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "delete $INCIDENT"
found 'one record' copy "gap@$INCIDENT"
expect_stdout_has 'is said to be missing' 'the record is missing'
victim copy
forge copy "delete $OTHER_VERSION $DEPLOYMENT $INCIDENT"
found 'three in a row are one gap' copy "gap@$OTHER_VERSION"
expect_stdout_has 'of which both ends are named' "records $OTHER_VERSION to $INCIDENT are missing"
victim copy
forge copy "delete $ALIAS $INCIDENT"
found 'two gaps are both named' copy "gap@$ALIAS" "gap@$INCIDENT"
victim copy
forge copy "delete $MODEL"
names 'one that others rest on' copy "gap@$MODEL"
has "rule/reference-missing@$VERSION"
tell 'and what rested on it' $? "rule/reference-missing@$VERSION"
no_way_back 'reindex does not mend it' copy
victim copy
forge copy "delete $GENESIS"
names 'the genesis' copy "gap@$GENESIS"
victim copy
forge copy "delete $(seq -s' ' 0 "$LAST")"
found 'all of them' copy gap@0 attachment-unknown
done_testing
