#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys and signatures that some verifiers of Ed25519 take and others do not: low order, mixed order,
# not canonical. Each is made so that S·B = R + k·A holds for this very record.
. "$(dirname "$0")/../lib.sh"
at copy key new eve --no-passphrase >/dev/null || exit 99
EVES=$KEYS/eve.key
update=("set event.71.1 $MODEL")

for odd in plus-l small-r noncanonical-r; do
    victim copy
    write_next copy "$odd:$RECORDER" "$MODEL" "${update[@]}"
    found "a record signed $odd" copy "signature@$SIZE"
done
for odd in small mixed; do
    victim copy
    write_next copy "$odd:$EVES" "$MODEL" "${update[@]}"
    examine copy
    has "rule/key-unknown@$SIZE"
    tell "a record signed by a $odd key that nobody authorised" $? "rule/key-unknown@$SIZE"
done

# Authorised by the admin, whether it is held or not.
authorize() { # NAME KEY RULE
    victim copy
    write_next copy "$ADMIN" "$BOB" 'set header.kind 1' "set event.13.1 $BOB" \
        "set event.13.2 key:$2" 'set event.13.3 3' "state $2 possession"
    examine copy
    has "$3@$SIZE"
    tell "$1" $? "$3@$SIZE"
}
authorize 'a mixed key is authorised' "mixed:$EVES" rule/key-invalid
authorize 'a small key is authorised, as if it were held' "small:$EVES" statement-signature
for odd in small mixed; do
    victim copy
    forge copy 'load 0' "set event.10.5 key:$odd:$ADMIN" seal "sign $odd:$ADMIN" save
    examine copy
    has rule/key-invalid@0
    tell "a ledger founded by a $odd key" $? rule/key-invalid@0
done

# A statement that is signed so.
for odd in plus-l small-r noncanonical-r; do
    victim copy
    write_next copy "$RECORDER" "$OTHER_MODEL" "set event.91.1 $OTHER_MODEL" 'set event.91.2 1' \
        'set event.91.3 text:Staging' 'set event.91.4 1' "state $odd:$BOBS approved"
    found "a statement signed $odd" copy "statement-signature@$SIZE"
done
done_testing
