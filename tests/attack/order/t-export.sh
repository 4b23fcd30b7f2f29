#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records are left out of an export, altered in it, reordered, repeated, taken from elsewhere. Whoever
# receives it has mledger-verify, and neither the ledger nor its database.
. "$(dirname "$0")/../lib.sh"

at "$VICTIM/ledger" export -o whole >/dev/null || exit 99
for seq in $(seq 0 "$LAST"); do echo "load $seq"; echo export; done >script
forge "$VICTIM/ledger" <script >ours
ok 'the forge exports the same lines' cmp whole ours
examine_file whole
ok 'which verify' test "$STATUS" = 0
unproven 'and whose they are, nothing says' origin
line() { echo $(($1 + 1)); } # of a record

sed "$(line "$INCIDENT")d" whole >file
found 'one left out' file "gap@$INCIDENT"
sed "$(line "$ALIAS")d;$(line "$INCIDENT")d" whole >file
found 'two left out' file "gap@$ALIAS" "gap@$INCIDENT"
sed 1d whole >file
examine_file file
has gap@0
tell 'the genesis left out' $? gap@0
head -n "$LAST" whole >file
examine_file file
ok 'the tail left out is not seen' test "$STATUS" = 0
unproven 'but is said not to be proven' anchor
at "$VICTIM/ledger" checkpoint --no-record >kept || exit 99
examine_file file --checkpoint kept
ok 'under a checkpoint that was kept' test "$STATUS" = 1
has "anchor-beyond@$LAST"
tell 'it is' $? "anchor-beyond@$LAST"

n=$(line "$ALIAS")
sed "${n}{h;d};$((n + 1)){G}" whole >file
examine_file file
has "order@$ALIAS"
tell 'in another order' $? "order@$ALIAS"
sed "${n}p" whole >file
found 'one twice' file "order@$ALIAS"

# replaced NAME FINDING LINE...: a line made of a record that is altered
replaced() {
    local name=$1 seq=${2##*@} finding=$2
    shift 2
    forge "$VICTIM/ledger" "load $seq" "$@" >changed
    sed -e "$(line "$seq"){r changed" -e 'd}' whole >file
    found "$name" file "$finding"
}
replaced 'a payload altered' "commitment@$LAST" 'alter details.3' export
replaced 'the hash fixed' "signature@$LAST" 'alter details.3' seal export
replaced 'a signature altered' "signature@$LAST" 'alter signature' export
replaced 'a tag taken away' "subject-tags@$LAST" tags "sign $RECORDER" export
replaced 'a payload hidden' "details-missing@$LAST" 'whole details_hash details-hash' 'cut salts.2' \
    'drop details' export
replaced 'a text twice' "details-encoding@$LAST" 'repeat details.3' seal \
    "signature $RECORDER" export

# Lines that are none.
odd() { # NAME LINE
    { head -n "$LAST" whole && printf '%s\n' "$2"; } >file
    found "$1" file export-line
}
last=$(tail -n 1 whole)
odd 'one more key' "${last%\}},\"more\":1}"
odd 'a key twice' "${last%\}},\"seq\":$LAST}"
odd 'base64 in upper case hexadecimal' "$(sed 's/"keyid":"[0-9a-f]*/\U&/;s/"KEYID"/"keyid"/' <<<"$last")"
odd 'bits behind base64' "$(sed 's/"sig":"\([^"]*\)[AQgw]=="/"sig":"\1B=="/' <<<"$last")"
odd 'another type' "${last/header.v1/header.v2}"
odd 'another seq' "${last/\"seq\":$LAST/\"seq\":$SIZE}"
odd 'seq with a point' "${last/\"seq\":$LAST/\"seq\":$LAST.0}"
odd 'no JSON' "${last%\}}"
done_testing
