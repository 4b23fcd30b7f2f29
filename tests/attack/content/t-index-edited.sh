#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Entries of each index are removed, added and altered, and those of the state: derived data alone,
# which reindex makes again, and which costs no record its good name.
. "$(dirname "$0")/../lib.sh"

restored() {
    ok "$1: reindex makes it again" at copy reindex
    sound "$1: and all is well" copy
}

forge "$VICTIM/ledger" 'keys index' >index
for kind in 73:subjects 72:references 76:versions 64:digests 69:runs-by-id; do
    key=$(grep "^${kind%%:*}" index | tail -n 1)
    of=$((16#${key: -16}))
    ok "there is an index of ${kind#*:}" test -n "$key"
    victim copy
    forge copy "erase index hex:$key"
    found "${kind#*:}: an entry is removed" copy "index@$of"
    victim copy
    forge copy "put index hex:${key%????????????????}$(printf '%016x' 1) hex:"
    found "${kind#*:}: an entry is added" copy index@1
    victim copy
    forge copy "put index hex:$key hex:00"
    found "${kind#*:}: an entry holds something" copy "index@$of"
done
restored 'the last of them'
victim copy
forge copy 'put index hex:7a text:'
found 'an index that there is not' copy index

forge "$VICTIM/ledger" 'keys state' >state
cut -c1-2 state | sort -u >kinds
ok 'the state has many kinds of entries' test "$(wc -l <kinds)" -ge 12
while read -r kind; do
    key=$(grep -m1 "^$kind" state)
    victim copy
    forge copy "erase state hex:$key"
    found "state $kind: an entry is removed" copy state
    victim copy
    forge copy "flip state hex:$key 0 0"
    found "state $kind: an entry is altered" copy state
done <kinds
victim copy
forge copy 'put state hex:530000000000000063 hex:08'
found 'state: an entry is added' copy state
restored 'state'
done_testing
