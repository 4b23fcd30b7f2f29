#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A header is witnessed before it is signed, and signed later with a key stolen by then; and a good
# signature is put in the place of another good one. Leaves cover the signatures, so the tree that
# was witnessed is another one.
. "$(dirname "$0")/../lib.sh"

# The header stands in the tree with no signature, and a checkpoint over it is signed and noted.
victim copy
forge copy "load $LAST" 'whole signature zeros:64' save
checkpoint_text copy "$SIZE" >text
forge copy "note text $LOG" >witnessed
write_next copy "$RECORDER" '' 'set header.kind 1' "set event.22.1 $SIZE" "set event.22.2 root:$SIZE" \
    'set event.22.3 file:witnessed'
found 'before it is signed the header is no record' copy "signature@$LAST"
forge copy "load $LAST" "signature $RECORDER" save frontier
found 'signed later, it is not what was witnessed' copy "checkpoint-root@$SIZE"
ok 'nor to who kept the checkpoint' test_must_fail 1 at copy prove --consistency witnessed

# Another good signature of the same key over the same header.
victim copy
checkpoint_text copy "$SIZE" >text
forge copy "note text $LOG" >kept
at copy checkpoint --no-record >own || exit 99
ok 'a checkpoint that the forge makes' cmp kept own
forge copy "load $LAST" "signature another:$RECORDER" save
ok 'a record signed again' at copy reindex
sound 'is a good one' copy
ok 'and not the one that was there' test_must_fail 1 at copy prove --consistency kept
expect_stderr_has 'as the root says' 'another root'
done_testing
