#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The lenient forms in statements: in what bob signs, and around it.
. "$(dirname "$0")/../lib.sh"
other=$OTHER_MODEL
approve=("set event.91.1 $other" 'set event.91.2 1' 'set event.91.3 text:Staging' 'set event.91.4 1')

# odd NAME LINE...: an approval whose statements are changed before the recorder hashes and signs.
odd() {
    local name=$1
    shift
    victim copy
    write_next copy "$RECORDER" "$other" "${approve[@]}" "state $BOBS approved expiry=9000000000000000" "$@"
    found "$name" copy "statements-encoding@$SIZE"
}
# signed NAME LINE...: the same, and bob signs it so.
signed() { odd "signed: $1" "${@:2}" "restate 0 $BOBS"; }

odd 'fields in another order' 'displace statements.1.1'
odd 'a key twice' 'repeat statements.1.2'
odd 'a long varint as a tag' 'stretch statements.1 tag'
odd 'a long varint as a length' 'stretch statements.1.3 length'
odd 'an unknown field' 'append statements 80fa0101'
odd 'an unknown field in one' 'append statements.1 80fa0101'
odd 'a signature that is too short' 'set statements.1.3 zeros:63'
odd 'a key that is too long' 'set statements.1.2 zeros:33'
odd 'no key' 'cut statements.1.2'
odd 'a statement of nothing' 'set statements.1.1 hex:'
mapfile -t many < <(yes "state $BOBS approved" | head -n 32)
odd 'thirty-three of them' "${many[@]}"

signed 'fields in another order' 'displace statements.1.1.3'
signed 'a meaning twice' 'repeat statements.1.1.3'
signed 'a long varint as a number' 'stretch statements.1.1.7 value'
signed 'a long varint as a tag' 'stretch statements.1.1.1 tag'
signed 'a long varint as a length' 'stretch statements.1.1.6 length'
signed 'an unknown field' 'append statements.1.1 80fa0101'
signed 'no meaning' 'set statements.1.1.3 0'
signed 'a meaning that there is not' 'set statements.1.1.3 6'
signed 'a meaning that is missing' 'cut statements.1.1.3'
signed 'a nonce that is too short' 'set statements.1.1.6 zeros:15'
signed 'an identity that is too long' 'set statements.1.1.1 zeros:33'
done_testing
