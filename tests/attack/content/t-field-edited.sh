#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Any field of a record is edited and nothing else: verify names the record, whichever field it was.
. "$(dirname "$0")/../lib.sh"

# expected TARGET: the code that an edit of it must have.
expected() {
    case $1 in
    header.1\[*) echo header-encoding ;;              # no other format is known
    header.7\[*) [ "$kind" = 1 ] && echo header-kind || echo header-encoding ;; # nor kind 3
    header.3\[*) echo header-seq ;;
    header.4\[*) echo chain ;;
    header.8\[* | event* | details* | statements* | salts*) echo commitment ;;
    header* | signature) echo signature ;;
    esac
}

for seq in "$GENESIS" "$BOB_KEY" "$LOGGED" "$APPROVAL" "$LAST"; do
    forge "$VICTIM/ledger" "load $seq" fields >fields
    ok "record $seq has fields" test -s fields
    kind=$(forge "$VICTIM/ledger" "load $seq" 'print header.kind')
    while read -r target; do
        victim copy
        forge copy "load $seq" "alter $target" "save $seq"
        names "record $seq: $target" copy "$(expected "$target")@$seq"
    done <fields
done
done_testing
