#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A statement is used twice, expired, made for another ledger, on another event, by a key without
# the role, by one who saw something else, or forged.
. "$(dirname "$0")/../lib.sh"
other=$OTHER_MODEL
approve=("set event.91.1 $other" 'set event.91.2 1' 'set event.91.3 text:Staging' 'set event.91.4 1')

by_bob() { # NAME RULE WORD...: an approval with a statement by bob that says WORD
    local name=$1 rule=$2
    shift 2
    forbidden "$name" "$rule" "$other" "${approve[@]}" "state $BOBS approved $*"
}
victim copy
write_next copy "$RECORDER" "$other" "${approve[@]}" "state $BOBS approved"
ok 'a statement as it must be' at copy reindex
sound 'is in order' copy

by_bob 'expired' statement-expired 'expiry=1000000'
by_bob 'for another ledger' statement-ledger "ledger=hex:$(printf '5a%.0s' {1..32})"
by_bob 'who saw another record there' statement-seen "link=link:$MODEL"
by_bob 'who saw less than what has changed' statement-stale "seen=$MODEL"
forbidden 'by the key of a recorder' statement-role "$other" "${approve[@]}" \
    "state $RECORDER approved"
ok 'a key that nobody authorised' at copy key new eve --no-passphrase
forbidden 'by a key that nobody authorised' key-unknown "$other" "${approve[@]}" \
    "state $KEYS/eve.key approved"
forbidden 'by a log key' key-purpose "$other" "${approve[@]}" "state $LOG approved"
forbidden 'on another event' statement-subject "$other" "${approve[@]}" "state $BOBS approved" \
    'set event.91.3 text:Production'
forbidden 'on other details' statement-subject "$other" "${approve[@]}" "state $BOBS approved" \
    'set details.2 text:in spite of the report'
forbidden 'of the future' statement-seen "$other" "${approve[@]}" "state $BOBS approved" \
    "set statements.1.1.4 $((SIZE + 5))" "restate 0 $BOBS"
nonce=hex:000102030405060708090a0b0c0d0e0f
forbidden 'twice in one record' statement-nonce "$other" "${approve[@]}" \
    "state $BOBS approved nonce=$nonce" "state $ADMIN approved nonce=$nonce"

# Used again for the same subject in a later record.
victim copy
write_next copy "$RECORDER" "$other" "${approve[@]}" "state $BOBS approved nonce=$nonce"
ok 'once' at copy reindex
write_next copy "$RECORDER" "$other" "${approve[@]}" "state $BOBS approved nonce=$nonce"
found 'twice' copy "rule/statement-nonce@$((SIZE + 1))"

# What the key did not sign is found before any rule is asked.
victim copy
write_next copy "$RECORDER" "$other" "${approve[@]}" "state $BOBS approved" \
    'set statements.1.1.7 9000000000000000'
found 'its expiry put off' copy "statement-signature@$SIZE"
victim copy
write_next copy "$RECORDER" "$other" "${approve[@]}" "state $RECORDER approved" \
    "set statements.1.2 key:$BOBS"
found 'in another'\''s name' copy "statement-signature@$SIZE"
victim copy
write_next copy "$RECORDER" "$other" "${approve[@]}" 'whole statements hex:'
found 'none where there are some' copy "statements-encoding@$SIZE"
done_testing
