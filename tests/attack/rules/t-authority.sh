#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records signed by keys that may not: an approver's, a log key, one that is not authorised; trust
# records without an admin; an admin who makes more of a key than its actor is.
. "$(dirname "$0")/../lib.sh"

# by NAME KEY RULE SUBJECTS LINE...
by() {
    local name=$1 key=$2 rule=$3
    shift 3
    victim copy
    write_next copy "$key" "$@"
    found "$name" copy "rule/$rule@$SIZE"
    no_way_back "$name: reindex does not take it" copy
}
update=("set event.71.1 $MODEL")
by 'signed by an approver' "$BOBS" signer-role "$MODEL" "${update[@]}"
by 'signed by the log key' "$LOG" key-purpose "$MODEL" "${update[@]}"
at copy key new eve --no-passphrase >/dev/null || exit 99
EVES=$KEYS/eve.key
by 'signed by a key that nobody knows' "$EVES" key-unknown "$MODEL" "${update[@]}"

trust='set header.kind 1'
by 'an actor made by the recorder' "$RECORDER" admin "$SIZE" "$trust" 'set event.11.1 zeros:32' \
    'set event.11.2 text:eve' 'set event.11.3 1' 'set event.11.4 1'
by 'a key authorised by the recorder' "$RECORDER" admin "$BOB" "$trust" "set event.13.1 $BOB" \
    "set event.13.2 key:$EVES" 'set event.13.3 3' "state $EVES possession"
by 'a key revoked by a service' "$CIS" admin "$BOB" "$trust" "set event.15.1 $BOB" \
    "set event.15.2 key:$BOBS" 'set event.15.3 1'
by 'the clock corrected by the recorder' "$RECORDER" admin '' "$trust" 'set event.20.1 5'
by 'details erased by the recorder' "$RECORDER" admin '' "$trust" "set event.24.1 $LAST"
by 'bob'\''s statement in an admin'\''s place' "$RECORDER" admin '' "$trust" \
    'set event.21.1 text:Staging' "state $BOBS approved"
by 'a heartbeat of another size' "$RECORDER" size '' "$trust" 'set event.23.1 3'
by 'a second genesis' "$ADMIN" genesis "$SIZE" "$trust" \
    "whole event hex:$(forge "$VICTIM/ledger" 'load 0' 'print event')"

authorize=("$trust" "set event.13.1 $BOB" "set event.13.2 key:$EVES" 'set event.13.3 3')
by 'a key that does not show that it is held' "$ADMIN" possession "$BOB" "${authorize[@]}"
by 'a key whose possession another one states' "$ADMIN" possession "$BOB" "${authorize[@]}" \
    "state $CIS possession"
by 'a key with a role that bob does not have' "$ADMIN" key-role "$BOB" "${authorize[@]}" \
    'set event.13.3 1' "state $EVES possession"
by 'the last admin goes' "$ADMIN" last-admin 0 "$trust" 'set event.12.1 0' 'set event.12.2 2'
by 'more admins asked for than there are' "$ADMIN" threshold '' "$trust" 'set event.18.1 2'
by 'no admin asked for' "$ADMIN" threshold '' "$trust" 'set event.18.1 0'
by 'a schema that falls' "$ADMIN" schema '' "$trust" 'set event.19.1 1' 'set event.19.2 0'

victim copy
write_next copy "$RECORDER" "$MODEL" "$trust" "${update[@]}"
found 'an event passed off as a trust record' copy "header-kind@$SIZE"
victim copy
write_next copy "$ADMIN" '' 'set event.21.1 text:Staging'
found 'a trust record passed off as an event' copy "header-kind@$SIZE"
victim copy
write_next copy "$RECORDER" "$MODEL" 'set header.schema 2' "${update[@]}"
found 'a schema that was never raised' copy "rule/schema@$SIZE"
victim copy
write_next copy "$RECORDER" "$MODEL" 'set header.format 2' "${update[@]}"
found 'a format that was never raised' copy "header-encoding@$SIZE"
done_testing
