#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records stand in another order, as they are, numbered anew, and signed anew.
. "$(dirname "$0")/../lib.sh"
A=$INCIDENT B=$TAGS

victim copy
forge copy "swap $A $B"
names 'as they are' copy "header-seq@$A"
has "header-seq@$B"
tell 'the other one too' $? "header-seq@$B"
mkdir none stolen && cp "$RECORDER" stolen
victim copy
forge copy "swap $A $B" "rebuild $A none"
found 'numbered anew' copy "signature@$A" "signature@$B" "signature@$LAST" \
    "rule/time-backwards@$B"
victim copy
forge copy "swap $A $B" "rebuild $A stolen"
found 'signed anew, the times go backwards' copy "rule/time-backwards@$B"
victim copy
forge copy "swap $A $B" "load $A" "take $VICTIM/ledger#$A header" "save $A" \
    "load $B" "take $VICTIM/ledger#$B header" "save $B"
found 'each under the header of the other' copy "commitment@$A" "commitment@$B" \
    "signature@$A" "signature@$B"
done_testing
