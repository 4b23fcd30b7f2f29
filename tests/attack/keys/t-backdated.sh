#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A time is put back: outside the window that the neighbours allow it is found, and by whom; inside
# it the claimed time of a recorder is a claim, and only whoever saw the record knows better.
. "$(dirname "$0")/../lib.sh"
time_of() { forge "$VICTIM/ledger" "load $1" 'print header.recorded_at'; }
before=$(time_of "$TAGS") middle=$(time_of "$INCIDENT")

victim copy
forge copy "load $LAST" "set header.recorded_at $((before - 1))" "sign $RECORDER" save
found 'before its neighbour' copy "rule/time-backwards@$LAST"
no_way_back 'reindex does not take it' copy
victim copy
forge copy "load $LAST" "set header.recorded_at $before" "sign $RECORDER" save
ok 'as early as its neighbour' at copy reindex
KNOWS=$XDG_STATE_HOME
found 'is found by who saw it' copy "known-head-differs@$LAST"
KNOWS=
sound 'and is a claim to a stranger' copy
unproven 'who is told that nothing anchors the end' anchor

# In the middle: its neighbours hold it from both sides.
victim copy
forge copy "load $TAGS" "set header.recorded_at $middle" "sign $RECORDER" save
found 'in the middle, inside the window' copy "chain@$LAST"
victim copy
forge copy "load $TAGS" "set header.recorded_at $((middle - 1))" "sign $RECORDER" save \
    "load $LAST" chain "sign $RECORDER" save
found 'in the middle, outside of it, and chained anew' copy "rule/time-backwards@$TAGS"
victim copy
forge copy "load $TAGS" "set header.recorded_at $middle" save
found 'without the key' copy "signature@$TAGS" "chain@$LAST"
victim copy
forge copy "load $LAST" 'set header.recorded_at -1' "sign $RECORDER" save
found 'before 1970' copy "header-encoding@$LAST"
done_testing
