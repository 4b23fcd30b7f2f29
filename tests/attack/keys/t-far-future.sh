#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A recorder writes the year 2262, the last that fits into nanoseconds of 64 bits, and with it that
# nobody can record anything more. verify says from where on times lie ahead; mledger takes no such
# time; an admin puts it right, and the record stays.
. "$(dirname "$0")/../lib.sh"
future=9223372036854775 # microseconds

victim copy
write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" "set header.recorded_at $future"
ok 'a record of the year 2262' at copy reindex
sound 'breaks no rule by itself' copy
unproven 'but claims what no clock says' "time-ahead@$SIZE"
ok 'which can be made a fault' test_must_fail 1 env XDG_STATE_HOME="$T/stranger" \
    "$MLEDGER" --ledger copy verify --require time-ahead
ok 'nothing more can be recorded' test_must_fail 3 at copy model create late --key demo-recorder
expect_stderr_has 'and what helps is named' 'clock correct'
write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" 'set header.recorded_at 1767225600000000'
found 'a record of today behind it' copy "rule/time-backwards@$((SIZE + 1))"
unproven 'and still where it began' "time-ahead@$SIZE"

victim copy
write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" "set header.recorded_at $future"
at copy reindex >/dev/null || exit 99
ok 'an admin corrects the clock' at copy clock correct --key demo-admin
ok 'the ledger goes on' at copy model create after --key demo-recorder
sound 'and verifies' copy
ok 'with nothing ahead any more' test "${UNPROVEN[*]}" = anchor

# Beyond what any calendar of the ledger has, and what a signed number holds.
for time in 253402300800000000 9223372036854775807; do
    victim copy
    write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" "set header.recorded_at $time"
    examine copy
    unproven "the time $time" "time-ahead@$SIZE"
done
done_testing
