#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The clock goes backwards, and a correction of it is not one.
. "$(dirname "$0")/../lib.sh"
now=$(forge "$VICTIM/ledger" "load $LAST" 'print header.recorded_at')

forbidden 'a record before the one that precedes it' time-backwards "$MODEL" \
    "set event.71.1 $MODEL" "set header.recorded_at $((now - 1))"
# correct NAME RULE WRONG TIME: the admin corrects the clock.
correct() {
    victim copy
    write_next copy "$ADMIN" '' 'set header.kind 1' "set event.20.1 $3" "set header.recorded_at $4"
    found "$1" copy "rule/$2@$SIZE"
}
correct 'a correction that names another time' clock "$((now - 5))" "$((now - 10))"
correct 'a correction that goes forward' clock "$now" "$((now + 10))"
correct 'a correction that changes nothing' clock "$now" "$now"
victim copy
write_next copy "$ADMIN" '' 'set header.kind 1' "set event.20.1 $now" "set header.recorded_at $((now - 1000000))"
ok 'a right one' at copy reindex
sound 'is in order' copy
write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" "set header.recorded_at $((now - 2000000))"
found 'and goes back no further' copy "rule/time-backwards@$((SIZE + 1))"
examine copy --level chain
has "time@$((SIZE + 1))"
tell 'which headers alone show too' $? "time@$((SIZE + 1))"
done_testing
