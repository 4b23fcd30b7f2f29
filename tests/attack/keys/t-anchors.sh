#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A checkpoint and a log's key that were kept elsewhere, against what somebody with every other key
# made of the ledger; and checkpoints that are not signed as they must be.
. "$(dirname "$0")/../lib.sh"

victim copy
at copy checkpoint --no-record >kept || exit 99
vkey=$(at copy key log)
# against NAME FINDING OPTION...: verify, held against these, finds this and nothing else of records
against() {
    local name=$1 finding=$2 result=0
    shift 2
    examine copy "$@" || result=1
    [ "$STATUS" = 1 ] && [ "${FOUND[*]}" = "$finding" ] || result=1
    tell "$name" "$result" "$finding"
}
examine copy --against kept --against "$vkey"
ok 'the ledger as it was' test "$STATUS" = 0 -a ${#FOUND[@]} = 0 -a ${#UNPROVEN[@]} = 0

# Rewritten, cut, and founded anew.
forge copy "load $LOGGED" 'set details.10[0] text:0.5' save "rebuild $LOGGED $KEYS"
at copy reindex >/dev/null || exit 99
against 'a history written anew with every key' "anchor-mismatch@$LAST" --against kept
sound 'which fits, but for that' copy
victim copy
"$FORGE" forget copy || exit 99
against 'a tail cut by one byte' "anchor-beyond@$LAST" --against kept
victim copy
forge copy 'load 0' 'set details.5 text:Mallory' save "rebuild 0 $KEYS"
at copy reindex >/dev/null || exit 99
against 'a fabricated genesis under the real log key' "anchor-mismatch@$LAST" --against kept
victim copy
forge copy "load $LAST" "signature another:$RECORDER" save
at copy reindex >/dev/null || exit 99
against 'a good signature in the place of another' "anchor-mismatch@$LAST" --against kept

# Signed by the wrong key, and verified with the wrong key.
victim copy
checkpoint_text copy "$SIZE" >text
forge copy "note text $ADMIN" >by-admin
against 'a checkpoint that an admin signed' "anchor-key" --against by-admin
at copy key new eve --no-passphrase >/dev/null || exit 99
forge copy "note text $KEYS/eve.key" >by-eve
against 'a checkpoint that somebody signed' "anchor-key" --against by-eve
other='PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
against 'the key of another log' "anchor-key" --against kept --against "$other"

# A policy of two witnesses, both of which must have cosigned.
for name in wendy willy; do at copy key new $name --no-passphrase >/dev/null || exit 99; done
cat >policy <<END
log $vkey
witness wendy $(forge copy "witness $KEYS/wendy.key example.org/wendy")
witness willy $(forge copy "witness $KEYS/willy.key example.org/willy")
group both all wendy willy
quorum both
END
now=$(date +%s)
cosigned() { # FILE LINE...: the kept checkpoint with these cosignatures
    { cat kept && for line in "${@:2}"; do forge copy "cosign kept $line"; done; } >"$1"
}
wendy="$KEYS/wendy.key example.org/wendy $now" willy="$KEYS/willy.key example.org/willy $now"
cosigned full "$wendy" "$willy"
examine copy --against full --witness-policy policy
ok 'cosigned as the policy asks' test "$STATUS" = 0
against 'without any cosignature' witness-policy --against kept --witness-policy policy
cosigned one "$wendy"
against 'lacking one that is required' witness-policy --against one --witness-policy policy
cosigned twice "$wendy" "$wendy"
against 'one of them twice' witness-policy --against twice --witness-policy policy
cosigned false "$wendy" "$KEYS/wendy.key example.org/willy $now"
against 'one in the name of the other' witness-policy --against false --witness-policy policy
{ cat one && forge copy "cosign text $KEYS/willy.key example.org/willy $now" | sed 's/.....$/AAAA=/'; } >broken
against 'one that does not hold' 'cosignature witness-policy' --against broken --witness-policy policy
done_testing
