#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A revoked key is used later. What it signed before stays good; what it signed since it was no
# longer to be trusted is named, record by record.
. "$(dirname "$0")/../lib.sh"
update=("set event.71.1 $MODEL")

victim copy
at copy model create before --key ci >/dev/null && at copy model create 'just before' --key ci >/dev/null &&
    at copy key revoke ci --cause compromised --key demo-admin >/dev/null || exit 99
sound 'records before the revocation stay good' copy
write_next copy "$CIS" "$MODEL" "${update[@]}"
found 'the key is used later' copy "rule/key-revoked@$((SIZE + 3))"
no_way_back 'reindex does not take it' copy

victim copy
at copy model create before --key ci >/dev/null && at copy model create since --key ci >/dev/null &&
    at copy model create other --key demo-recorder >/dev/null &&
    at copy model create 'and since' --key ci >/dev/null || exit 99
write_next copy "$ADMIN" "$CI" 'set header.kind 1' "set event.15.1 $CI" "set event.15.2 key:$CIS" \
    'set event.15.3 3' "set event.15.4 $((SIZE + 1))"
ok 'a key is revoked since a record of the past' at copy reindex
examine copy
ok 'the ledger verifies' test "$STATUS" = 0
ok 'and what the key signed since is in doubt' \
    test "${FOUND[*]}" = "key-doubt@$((SIZE + 1)) key-doubt@$((SIZE + 3))"

# bob's key, revoked, on a statement; the record is signed by one that is good.
victim copy
at copy key revoke bob --cause lost --key demo-admin >/dev/null || exit 99
write_next copy "$RECORDER" "$OTHER_MODEL" "set event.91.1 $OTHER_MODEL" 'set event.91.2 1' \
    'set event.91.3 text:Staging' 'set event.91.4 1' "state $BOBS approved"
found 'a statement by a revoked key' copy "rule/key-revoked@$((SIZE + 1))"

victim copy
at copy key new new-ci --no-passphrase >/dev/null &&
    at copy key rotate ci new-ci --key demo-admin >/dev/null || exit 99
write_next copy "$CIS" "$MODEL" "${update[@]}"
found 'a key that another one took the place of' copy "rule/key-revoked@$((SIZE + 1))"
victim copy
write_next copy "$ADMIN" "$BOB" 'set header.kind 1' "set event.15.1 $BOB" "set event.15.2 key:$BOBS" \
    'set event.15.3 3'
ok 'a key revoked' at copy reindex
write_next copy "$ADMIN" "$BOB" 'set header.kind 1' "set event.13.1 $BOB" "set event.13.2 key:$BOBS" \
    'set event.13.3 3' "state $BOBS possession"
found 'is authorised again' copy "rule/key-taken@$((SIZE + 1))"
done_testing
