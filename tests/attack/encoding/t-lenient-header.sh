#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lenient forms in the header, the salts and the record around them, signed as they stand.
. "$(dirname "$0")/../lib.sh"

# odd NAME LINE...: the header of the last record, signed anew.
odd() {
    local name=$1
    shift
    victim copy
    forge copy "load $LAST" "$@" "signature $RECORDER" "save $LAST"
    found "header: $name" copy "header-encoding@$LAST"
}
odd 'fields in another order' 'displace header.schema'
odd 'a number twice' 'repeat header.seq'
odd 'a hash twice' 'repeat header.prev_link'
odd 'a long varint as a tag' 'stretch header.seq tag'
odd 'a long varint as a length' 'stretch header.commitment length'
odd 'a long varint as a number' 'stretch header.recorded_at value'
odd 'an unknown field' 'append header 80fa0101'
odd 'a group' 'append header 83fa0184fa01'
odd 'a field that is missing' 'cut header.kind'
odd 'a kind that there is not' 'set header.kind 3'
odd 'no kind' 'set header.kind 0'
odd 'a format of 64 bits' 'set header.format 4294967297'
odd 'schema 0' 'set header.schema 0'
odd 'a short link' 'set header.prev_link zeros:31'
odd 'a long commitment' 'set header.commitment zeros:33'
odd 'a long tag' 'set header.subject_tags zeros:17'
odd 'a header of nothing' 'whole header hex:'
odd 'bytes that are no header' 'whole header hex:ff'

# record NAME LINE...: the bytes that the store holds, around a header that is in order.
record() {
    local name=$1
    shift
    victim copy
    forge copy "load $LAST" pack "$@" "store $LAST"
    found "record: $name" copy "record-encoding@$LAST"
}
record 'parts in another order' 'displace packed.1'
record 'a signature twice' 'repeat packed.2'
record 'an event twice' 'repeat packed.3'
record 'a long varint as a tag' 'stretch packed.1 tag'
record 'a long varint as a length' 'stretch packed.3 length'
record 'an unknown part' 'append packed 80fa0101'
record 'a group' 'append packed 83fa0184fa01'
record 'no signature' 'cut packed.2'
record 'no event' 'cut packed.3'
record 'no salts' 'cut packed.6'
record 'a salt that is missing' 'cut packed.6.1'
record 'a salt twice' 'repeat packed.6.3'
record 'salts in another order' 'displace packed.6.1'
record 'a short salt' 'set packed.6.1 zeros:31'
record 'a salt and a hash of the details' 'set packed.7 zeros:32'
record 'neither of them' 'cut packed.6.2'
record 'details beside the hash that stands for them' 'cut packed.6.2' 'set packed.7 zeros:32'
record 'nothing' 'whole packed hex:'
record 'bytes that are no record' 'whole packed hex:ffffff'

# Details that are gone without anybody having erased them: the hash stands for them, all else fits.
victim copy
forge copy "load $LAST" 'drop details' "whole details_hash zeros:32" 'cut salts.2' save
found 'details hidden behind another hash' copy "commitment@$LAST" "details-missing@$LAST"
done_testing
