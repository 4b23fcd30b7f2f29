#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A version moves out of a stage that it is not in, or into one whose policy was not kept.
. "$(dirname "$0")/../lib.sh"

# move NAME RULE MODEL FROM TO: event 77 holds model, version, from_stage, to_stage.
move() {
    forbidden "$1" "$2" "$3" "set event.77.1 $3" 'set event.77.2 1' "set event.77.3 text:$4" \
        "set event.77.4 text:$5"
}
move 'out of a stage that it has left' stage-left "$MODEL" None Staging
move 'out of one that there never was' stage-left "$MODEL" Moon Staging
move 'into one whose policy asks for a validation' policy-validation "$OTHER_MODEL" None Production
forbidden 'a version that there is not' version-missing "$MODEL" "set event.77.1 $MODEL" \
    'set event.77.2 9' 'set event.77.3 text:None' 'set event.77.4 text:Staging'
forbidden 'an imported stage of no import' import-only "$OTHER_MODEL" "set event.78.1 $OTHER_MODEL" \
    'set event.78.2 1' 'set event.78.3 text:Production'

# validated, and approved by nobody.
validate=("set event.90.1 $OTHER_MODEL" 'set event.90.2 1' 'set event.90.3 1')
promote=("set event.77.1 $OTHER_MODEL" 'set event.77.2 1' 'set event.77.3 text:None'
    'set event.77.4 text:Production')
# Nobody knows who trained it, so four eyes cannot be told.
victim copy
write_next copy "$RECORDER" "$OTHER_MODEL" "${validate[@]}"
ok 'a validation passed' at copy reindex
write_next copy "$RECORDER" "$OTHER_MODEL" "${promote[@]}"
found 'without the approval that the policy asks for' copy "rule/policy-four-eyes@$((SIZE + 1))"
no_way_back 'reindex does not take it' copy
victim copy
write_next copy "$RECORDER" "$OTHER_MODEL" "${validate[@]}" 'set event.90.3 2'
ok 'a validation that did not pass' at copy reindex
write_next copy "$RECORDER" "$OTHER_MODEL" "${promote[@]}"
found 'is not one that passed' copy "rule/policy-validation@$((SIZE + 1))"

victim copy
at copy version register uplift --key demo-recorder >/dev/null &&
    at copy validation add uplift/2 --passed --key demo-recorder >/dev/null || exit 99
write_next copy "$RECORDER" "$OTHER_MODEL" "${promote[@]}" 'set event.77.2 2'
found 'where all are known, and nobody approved' copy "rule/policy-approval@$((SIZE + 2))"

# The policy is changed first, by the recorder, who may not.
forbidden 'a policy lifted by the recorder' admin '' 'set header.kind 1' \
    'set event.21.1 text:Production'
done_testing
