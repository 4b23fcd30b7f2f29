#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The keys of CCTV, speccheck and Wycheproof, each in a record of the admin that authorises it:
# those that a strict policy refuses are found to be no keys (key-invalid), the others lack only
# the proof that they are held (possession). What each key is the collections say, not mledger.
# The signatures are judged by tests/unit/test_ed25519.c.
. "$(dirname "$0")/../lib.sh"
vectors=${SHARED:?}/data/vectors/ed25519
[ -s "$vectors/cctv.json" ] || skip_all 'the vectors are not here'

# CCTV flags what is wrong with a key in each case that uses it.
awk '/"key":/ { gsub(/[",]/, ""); key = $2 } /low_order_A|low_order_component_A|non_canonical_A/ { bad[key] = 1 }
    key { all[key] = 1 } END { for (key in all) print key, key in bad ? "key-invalid" : "possession" }' \
    "$vectors/cctv.json" >verdicts
# speccheck: but for cases 6 and 7, which are about S, all keys are small or mixed.
grep -o '"pub_key":"[0-9a-f]*"' "$vectors/speccheck.json" | cut -d'"' -f4 |
    awk '{ print $1, NR == 7 || NR == 8 ? "possession" : "key-invalid" }' >>verdicts
# Wycheproof: all its keys are good.
grep -oE '"pk" *: *"[0-9a-f]*"' "$vectors/wycheproof.json" | cut -d'"' -f4 |
    awk '{ print $1, "possession" }' >>verdicts
sort -u verdicts >distinct
ok 'no key has two verdicts' test "$(cut -d' ' -f1 distinct | sort -u | wc -l)" = "$(wc -l <distinct)"
ok 'there are bad ones' test "$(grep -c key-invalid distinct)" -ge 20
ok 'and good ones' test "$(grep -c possession distinct)" -ge 50

victim copy
seq=$SIZE
expected=()
while read -r key verdict; do
    cat <<END
load $((seq - 1))
drop details
drop statements
whole event hex:
set header.kind 1
set header.seq $seq
set event.13.1 $BOB
set event.13.2 hex:$key
set event.13.3 3
chain
tags $BOB
seal
sign $ADMIN
save
END
    expected+=("rule/$verdict@$seq")
    seq=$((seq + 1))
done <distinct >script
forge copy <script
found 'each key has the verdict that it should have' copy "${expected[@]}"
done_testing
