#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An approval by the same person where a policy asks for another one.
. "$(dirname "$0")/../lib.sh"

approve=("set event.91.1 $OTHER_MODEL" 'set event.91.2 1' 'set event.91.3 text:Production'
    'set event.91.4 1')
promote=("set event.77.1 $OTHER_MODEL" 'set event.77.2 1' 'set event.77.3 text:None'
    'set event.77.4 text:Production')
# The other model without the run that nobody knows, so that all who were involved are known.
prepare() {
    victim copy
    at copy version register uplift --key demo-recorder >/dev/null &&
        at copy validation add uplift/2 --passed --key demo-recorder >/dev/null || exit 99
    approve[1]='set event.91.2 2' promote[1]='set event.77.2 2'
}

prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $ADMIN approved"
ok 'alice approves what she registered' at copy reindex
sound 'which she may' copy
write_next copy "$RECORDER" "$OTHER_MODEL" "${promote[@]}"
found 'but it is not another person'\''s' copy "rule/policy-four-eyes@$((SIZE + 3))"
no_way_back 'reindex does not take it' copy

# Bob, the only other one, moves it himself: his statement makes him its author.
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $BOBS approved"
ok 'bob approves' at copy reindex
write_next copy "$RECORDER" "$OTHER_MODEL" "${promote[@]}" "state $BOBS authored"
found 'and is the one who moves it' copy "rule/policy-four-eyes@$((SIZE + 3))"

# A service moves it on behalf of nobody: who moves it is not known.
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $BOBS approved"
ok 'bob approves' at copy reindex
write_next copy "$CIS" "$OTHER_MODEL" "${promote[@]}"
found 'and a service moves it' copy "rule/policy-four-eyes@$((SIZE + 3))"

# An approval that nobody signed, and one by a service.
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}"
found 'an approval without any statement' copy "rule/approval-statement@$((SIZE + 2))"
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $CIS approved"
found 'an approval by a service' copy "rule/statement-role@$((SIZE + 2))"
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $RECORDER approved"
found 'an approval by the recorder'\''s key' copy "rule/statement-role@$((SIZE + 2))"
prepare
write_next copy "$RECORDER" "$OTHER_MODEL" "${approve[@]}" "state $BOBS reviewed"
found 'a review passed off as an approval' copy "rule/approval-statement@$((SIZE + 2))"
done_testing
