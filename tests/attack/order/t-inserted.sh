#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A record that was never made is put among the old ones: those behind it move up.
. "$(dirname "$0")/../lib.sh"
original=$VICTIM/ledger
mkdir none stolen && cp "$RECORDER" stolen

# insert AT KEYS: one more model before record AT; what follows is numbered and chained anew, and
# signed anew as far as KEYS reach.
insert() {
    victim copy
    for seq in $(seq "$LAST" -1 "$1"); do
        echo "move $seq $((seq + 1))"
    done | forge copy
    forge copy "load $original#$(($1 - 1))" "take $MODEL event details statements salts" \
        'set event.70.2 text:inserted' "set event.70.1 zeros:32" \
        "set header.seq $1" 'set header.kind 2' chain "tags $1" seal "sign $RECORDER" save
    [ -z "${2-}" ] || forge copy "rebuild $(($1 + 1)) $2"
}
insert "$INCIDENT"
names 'those behind it as they are' copy "header-seq@$((INCIDENT + 1))"
insert "$INCIDENT" none
found 'numbered anew' copy "signature@$((INCIDENT + 1))" "signature@$((TAGS + 1))" \
    "signature@$((LAST + 1))"
insert "$INCIDENT" stolen
ok 'signed anew by a stolen key of the recorder' at copy reindex
KNOWS=$XDG_STATE_HOME
found 'it is found by who saw the ledger' copy "known-head-differs@$LAST"
KNOWS=
sound 'a stranger cannot know' copy
unproven 'and is told' anchor
insert "$CI" stolen
names 'before a record of the admin it does not fit' copy "signature@$((CI + 1))"
done_testing
