#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Proofs that prove nothing: leaf and node confused, an empty path, an over-long one, roots that
# nobody signed, odd numbers and odd base64, signed by a stolen log key where they need be.
. "$(dirname "$0")/../lib.sh"
victim copy
checkpoint_text copy "$SIZE" >text
forge copy "note text $LOG" >note
at copy prove "$TAGS" --checkpoint note -o proof >/dev/null || exit 99
ok 'a proof as it should be' at copy prove --check proof
hashes=$(sed -n '/^index/,/^$/p' proof | sed '1d;$d')
extra=$(sed -n 's/^extra //p' proof)

# proof_of EXTRA INDEX HASHES NOTE: a proof file called odd
proof_of() {
    { printf 'c2sp.org/tlog-proof@v1\nextra %s\nindex %s\n' "$1" "$2" && [ -z "$3" ] || printf '%s\n' "$3" &&
        echo && cat "$4"; } >odd
}
refused() { # NAME: the file `odd` is not proven, or no proof
    at copy prove --check odd >"$OUT" 2>"$ERR" </dev/null
    STATUS=$?
    if { [ $STATUS = 1 ] && grep -q '^NOT proven: ' "$OUT"; } || { [ $STATUS = 3 ] && [ ! -s "$OUT" ]; }; then
        report 0 "$1"
    else
        report 1 "$1"
        echo "#   exit code $STATUS"
        diagnose <"$OUT"
    fi
}
proof_of "$extra" "$TAGS" "$hashes" note
ok 'the same, made by the test' cmp odd proof

# Leaf and node: 64 bytes that are two hashes, which a tree without domains would take for a leaf.
both=$(forge copy 'value leaf:0')$(forge copy 'value leaf:1')
at copy prove 0 --checkpoint note -o first >/dev/null || exit 99
above=$(sed -n '/^index/,/^$/p' first | sed '1d;$d' | tail -n +2)
proof_of "$(forge copy "base64 hex:$both")" 0 "$above" note
refused 'a node passed off as a leaf'
node=$(forge copy 'base64 root:2')
proof_of "$extra" "$TAGS" "$node" note
refused 'a node in the place of a leaf'

proof_of "$extra" "$TAGS" '' note
refused 'an empty path'
proof_of "$extra" "$TAGS" "$(printf '%s\n' "$hashes" "$(echo "$hashes" | tail -n 1)")" note
refused 'a path one too long'
proof_of "$extra" "$TAGS" "$(echo "$hashes" | sed '$d')" note
refused 'a path one too short'
proof_of "$extra" "$TAGS" "$(for _ in $(seq 64); do echo "$node"; done)" note
refused 'a path of 64'
proof_of "$extra" "$TAGS" "$(for _ in $(seq 2000); do echo "$node"; done)" note
refused 'a path of two thousand'
proof_of "$extra" "$TAGS" "$(echo "$hashes" | sed '1{h;d};2G')" note
refused 'a path in another order'
for index in "0$TAGS" "+$TAGS" -1 "$SIZE" 9223372036854775808 18446744073709551615 18446744073709551616 ''; do
    proof_of "$extra" "$index" "$hashes" note
    refused "index '$index'"
done
proof_of "$extra" "$TAGS" "$(echo "$hashes" | tr -d '=')" note
refused 'hashes without their padding'
proof_of "$extra" "$TAGS" "$(echo "$hashes" | sed 's/$/\r/')" note
refused 'CR behind hashes'
proof_of "$extra" "$TAGS" "$hashes
" note
refused 'a blank line too many'
proof_of "" "$TAGS" "$hashes" note
refused 'no record'
proof_of "${extra%?????}" "$TAGS" "$hashes" note
refused 'a record cut short'

# Roots.
proof_of "$extra" "$TAGS" "$hashes" text
refused 'a root that nobody signed'
forge copy "note text $ADMIN" >by-admin
proof_of "$extra" "$TAGS" "$hashes" by-admin
refused 'a root that an admin signed'
{ cat text && echo; } >unsigned
proof_of "$extra" "$TAGS" "$hashes" unsigned
refused 'a note without signatures'
root=$(sed -n 3p text)
for size in "0$SIZE" "+$SIZE" "$SIZE.0" 9223372036854775808 18446744073709551616; do
    printf '%s\n%s\n%s\n' "$ORIGIN" "$size" "$root" >other
    forge copy "note other $LOG" >signed
    proof_of "$extra" "$TAGS" "$hashes" signed
    refused "a root over '$size' records, signed by the log"
done
printf '%s\n%s\n%s\n' "$ORIGIN" "$SIZE" "$(forge copy 'base64 root:3')" >other
forge copy "note other $LOG" >signed
proof_of "$extra" "$TAGS" "$hashes" signed
refused 'another root, signed by the log'
printf '%s\n%s\n%s\n' example.org/other "$SIZE" "$root" >other
forge copy "note other $LOG" >signed
proof_of "$extra" "$TAGS" "$hashes" signed
refused 'another origin, signed by the log'
done_testing
