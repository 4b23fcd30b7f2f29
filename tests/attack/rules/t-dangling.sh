#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a record names is not there: a record, a subject of the kind, an actor, a key, an attachment.
. "$(dirname "$0")/../lib.sh"

forbidden 'a model of the future' reference-missing '' "set event.71.1 $((SIZE + 7))"
forbidden 'itself' reference-missing '' "set event.71.1 $SIZE"
forbidden 'the greatest seq' reference-missing '' 'set event.71.1 18446744073709551615'
forbidden 'a run that is a model' reference-missing '' "set event.47.1 $MODEL" 'set event.47.2 3'
forbidden 'a record that creates nothing' reference-missing '' "set event.71.1 $LAST"
forbidden 'a dataset that was never recorded' reference-missing "$MODEL" "set event.90.1 $MODEL" \
    'set event.90.2 1' 'set event.90.3 1' 'set event.90.6.1 text:data' "set event.90.6.2 $SIZE"
forbidden 'an actor who is a model' reference-missing "$OTHER_MODEL" "set event.1 $MODEL" \
    "set event.71.1 $OTHER_MODEL"
forbidden 'a name whose bearer is not cited' predecessor "$SIZE" 'set event.70.1 zeros:32' \
    'set event.70.2 text:new' "set event.70.3 $MODEL"
forbidden 'a base model version' version-missing "$MODEL" "set event.74.1 $MODEL" \
    'set event.74.2 2' "set event.74.7.1 $OTHER_MODEL" 'set event.74.7.2 5'
forbidden 'a trainer where no run is' trainer "$MODEL" "set event.74.1 $MODEL" 'set event.74.2 2' \
    "set event.74.8 $BOB"
forbidden 'the wrong trainer' trainer "$MODEL" "set event.74.1 $MODEL" 'set event.74.2 2' \
    "set event.74.3 $RUN" 'set event.74.4 text:r1' "set event.74.8 $BOB"

# Records of the admin, whose key was stolen.
victim copy
write_next copy "$ADMIN" '' 'set header.kind 1' "set event.12.1 $MODEL"
found 'an actor that is a model' copy "rule/reference-missing@$SIZE"
victim copy
write_next copy "$ADMIN" "$BOB" 'set header.kind 1' "set event.15.1 $BOB" "set event.15.2 zeros:32" \
    'set event.15.3 1'
found 'a revoked key that never was' copy "rule/key-unknown@$SIZE"
victim copy
write_next copy "$ADMIN" "$BOB" 'set header.kind 1' "set event.15.1 $BOB" "set event.15.2 key:$CIS" \
    'set event.15.3 1'
found 'a revoked key of another actor' copy "rule/key-unknown@$SIZE"

victim copy
write_next copy "$RECORDER" "$SIZE" 'set event.60.1 zeros:32' 'set event.60.4 text:lost' \
    "set event.60.9.1 hex:$(printf 'ab%.0s' {1..32})" 'set event.60.9.2 10'
found 'an attachment that is nowhere' copy attachment-missing
done_testing
