#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Evidence about one model, in which one record of it is hidden, one is left out, records change
# places, or what anchors it is missing. The sum at the end is made anew.
. "$(dirname "$0")/../lib.sh"

at "$VICTIM/ledger" bundle models:/churn -o whole --no-lineage --log-key demo-log >/dev/null || exit 99
vkey=$(at "$VICTIM/ledger" key log)
# changed NAME FINDING CHANGE...: this is found of the changed bundle, and nothing of what stands before
changed() {
    "$FORGE" bundle whole file "${@:3}" || exit 99
    names "$1" file "$2"
}
"$FORGE" bundle whole file || exit 99
examine_file file --vkey "$vkey"
ok 'put together again by the forge, it verifies' test "$STATUS" = 0

for seq in "$VERSION" "$VALIDATION" "$APPROVAL" "$TRANSITION" "$ALIAS" "$INCIDENT" "$TAGS"; do
    changed "record $seq of the model is hidden" "withheld@$seq" "hide $seq"
done
changed 'one of the run that trained it is hidden' "withheld@$LOGGED" "hide $LOGGED"
changed 'a trust record is hidden' "withheld@$BOB_KEY" "hide $BOB_KEY"
changed 'the founding record is hidden' withheld@0 'hide 0'
changed 'one is left out, and the manifest says so' "header-seq@$TAGS" "drop $TAGS" "size $LAST"
"$FORGE" bundle whole file "drop $TAGS" || exit 99
examine_file file
ok 'one is left out, and the manifest counts it' test "$STATUS" = 1
changed 'two stand in each other'\''s place' "header-seq@$INCIDENT" "swap $INCIDENT $TAGS"
ok 'its checkpoints left out' "$FORGE" bundle whole file 'cut C'
examine_file file --vkey "$vkey" --require anchor
ok 'are missed where they are required' test "$STATUS" = 1
done_testing
