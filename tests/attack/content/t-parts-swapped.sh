#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two records trade payloads, signatures, salts, or all of it.
. "$(dirname "$0")/../lib.sh"
original=$VICTIM/ledger
A=$OTHER_MODEL B=$INCIDENT

for parts in 'event details statements salts' signature salts event 'header signature'; do
    victim copy
    forge copy "load $A" "take $original#$B $parts" "save $A" \
        "load $B" "take $original#$A $parts" "save $B"
    case $parts in
    signature) want=signature ;;
    header*) want=header-seq ;;
    *) want=commitment ;;
    esac
    names "$parts" copy "$want@$A"
    has "$want@$B"
    tell "$parts, of the other record" $? "$want@$B"
done

# With the hash of the payload taken along, and signed again by the recorder itself.
victim copy
forge copy "load $A" "take $original#$B event details statements salts" seal "sign $RECORDER" save
names 'a payload signed under another number' copy "subject-tags@$A"
victim copy
forge copy "swap $A $B"
names 'records in each other'\''s place' copy "header-seq@$A"
done_testing
