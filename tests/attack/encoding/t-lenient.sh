#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every way in which a lenient reader of protobuf would take a record for what it is not, or two
# readers could see two meanings: in the event, details, statements, header and the record itself,
# hashed and signed by the recorder as they stand.
. "$(dirname "$0")/../lib.sh"

# What is made odd: a record with texts, lists, messages, numbers and a double.
victim sane
write_next sane "$RECORDER" "$RUN" "take $LOGGED event details"
ok 'the record as it should be' at sane reindex
sound 'is in order' sane

# odd CODE NAME LINE...: the record with its payload changed, then hashed and signed.
odd() {
    local code=$1 name=$2
    shift 2
    rm -rf copy && cp -r sane copy
    forge copy "load $SIZE" "$@" seal "signature $RECORDER" "save $SIZE"
    found "$code: $name" copy "$code@$SIZE"
}
# both CODE TEXT-FIELD MESSAGE LIST-FIELD: what holds for any part.
both() {
    local code=$1 text=$2 message=$3 number=$4
    odd "$code" 'fields in another order' "displace $text"
    odd "$code" 'fields of a message in another order' "displace $number"
    odd "$code" 'a long varint as a tag' "stretch $text tag"
    odd "$code" 'a long varint as a length' "stretch $text length"
    odd "$code" 'an unknown field' "append ${text%%.*} 80fa0101"
    odd "$code" 'an unknown field in a message' "append $message 80fa0101"
    odd "$code" 'a group' "append ${text%%.*} 83fa0184fa01"
    odd "$code" 'field number 0' "append ${text%%.*} 0001"
    odd "$code" 'a field cut off' "append ${text%%.*} 0aff"
    odd "$code" 'a varint without an end' "append ${text%%.*} 80ffffffffffffffffffffff"
    odd "$code" 'text that is no UTF-8' "set $text hex:ff"
    odd "$code" 'text that is overlong UTF-8' "set $text hex:c0af"
    odd "$code" 'text with a surrogate' "set $text hex:eda080"
    odd "$code" 'text beyond U+10FFFF' "set $text hex:f4908080"
    odd "$code" 'text with a NUL' "set $text hex:610062"
    odd "$code" 'a number where text belongs' "set $text 7"
    odd "$code" 'bytes that are no message' "set $message hex:ff"
}
both event-encoding 'event.45.2[0]' event.45 event.45.3.1
odd event-encoding 'a message twice' 'repeat event.45'
odd event-encoding 'a number twice' 'repeat event.45.1'
odd event-encoding 'a long varint as a number' 'stretch event.45.3.2 value'
odd event-encoding 'a number that is missing' 'cut event.45.3.2'
odd event-encoding 'a list with another field between' 'displace event.45.2[0]'
odd event-encoding 'text where a number belongs' 'set event.45.3.2 text:1'
odd event-encoding 'no event' 'whole event hex:'
odd event-encoding 'two events in one' "set event.71.1 $MODEL"
odd event-encoding 'an enum of nothing' 'set event.2 0'
odd event-encoding 'an enum that there is not' 'set event.2 99'
odd event-encoding 'an enum of 64 bits' 'set event.2 4294967298'

both details-encoding 'details.10[0]' 'details.11[0]' 'details.11[0].1'
odd details-encoding 'a text twice' 'set details.2 text:a' 'repeat details.2'
odd details-encoding 'a NaN of another kind' 'set details.11.1 double:010000000000f87f'
odd details-encoding 'a signalling NaN' 'set details.11.1 double:010000000000f07f'
odd details-encoding 'details of nothing' 'whole details hex:'
odd event-encoding 'values without keys' 'add details.10 text:0.5'

# Fields of other kinds, each in a record of its own. kind NAME LINE...
kind() {
    local name=$1 subjects=$2
    shift 2
    victim copy
    write_next copy "$RECORDER" "$subjects" "$@"
    found "event-encoding: $name" copy "event-encoding@$SIZE"
}
ended=("set event.47.1 $RUN" 'set event.47.2 3')
kind 'a negative int32 of five bytes' "$RUN" "${ended[@]}" 'set event.47.3 1' 'replace event.47.3 18ffffffff0f'
kind 'an int32 of 64 bits' "$RUN" "${ended[@]}" 'set event.47.3 4294967297'
snapshot=("set event.61.1 zeros:32" 'set event.61.4 text:p' 'set event.61.7 hex:')
kind 'a bool that says false' "$SIZE" "${snapshot[@]}" 'set event.61.6 0'
kind 'a bool of 2' "$SIZE" "${snapshot[@]}" 'set event.61.6 2'
kind 'producers that are not packed' "$SIZE" "${snapshot[@]}" 'set event.61.7.1.1 text:a' \
    'set event.61.7.1.6.1 text:f' 'set event.61.7.1.6.10 0'
kind 'producers packed into nothing' "$SIZE" "${snapshot[@]}" 'set event.61.7.1.1 text:a' \
    'set event.61.7.1.6.1 text:f' 'set event.61.7.1.6.10 hex:'
target=('set event.92.1 text:eu' "set event.92.3.1 $MODEL" 'set event.92.3.2 1')
kind 'a uint32 of 64 bits' "$MODEL" "${target[@]}" 'set event.92.3.3 4295967296'
kind 'a salt that is too short' '' 'set event.70.1 zeros:31' 'set event.70.2 text:m'
kind 'a salt that is too long' '' 'set event.70.1 zeros:33' 'set event.70.2 text:m'
digest=('set event.60.1 zeros:32' 'set event.60.4 text:d' 'set event.60.5.1 1')
kind 'a digest of another length' "$SIZE" "${digest[@]}" 'set event.60.5.2 zeros:20' 'set event.60.5.3 1'
kind 'a digest that does not say how it is known' "$SIZE" "${digest[@]}" 'set event.60.5.2 zeros:32'
done_testing
