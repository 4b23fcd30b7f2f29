#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One key under two names: of another actor, of the same one again, as a log key, at the founding.
. "$(dirname "$0")/../lib.sh"

# taken NAME KEY ROLE ACTOR
taken() {
    victim copy
    write_next copy "$ADMIN" "$4" 'set header.kind 1' "set event.13.1 $4" "set event.13.2 key:$2" \
        "set event.13.3 $3" "state $2 possession"
    found "$1" copy "rule/key-taken@$SIZE"
}
taken 'bob'\''s key for ci' "$BOBS" 2 "$CI"
taken 'bob'\''s key for bob' "$BOBS" 3 "$BOB"
taken 'alice'\''s key for bob' "$ADMIN" 3 "$BOB"
taken 'the log key for ci' "$LOG" 2 "$CI"
victim copy
write_next copy "$ADMIN" '' 'set header.kind 1' "set event.16.1 key:$BOBS"
found 'bob'\''s key as a log key' copy "rule/key-taken@$SIZE"
victim copy
write_next copy "$ADMIN" "$CI" 'set header.kind 1' "set event.14.1 $CI" "set event.14.2 key:$CIS" \
    "set event.14.3 key:$BOBS" "state $BOBS possession"
found 'bob'\''s key in the place of ci'\''s' copy "rule/key-taken@$SIZE"
for field in 7 8; do
    victim copy
    forge copy 'load 0' "set event.10.$field key:$ADMIN" seal "sign $ADMIN" save "rebuild 1 $KEYS"
    names "a genesis with one key twice, field $field" copy rule/key-taken@0
done

# Two actors of one name.
victim copy
write_next copy "$ADMIN" "$SIZE" 'set header.kind 1' 'set event.11.1 zeros:32' \
    'set event.11.2 text:bob' 'set event.11.3 1' 'set event.11.4 3'
found 'a second bob' copy "rule/name-taken@$SIZE"
done_testing
