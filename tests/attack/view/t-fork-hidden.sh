#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The operator goes on in two ways from one point and shows each reader one of them. Both are sound,
# and neither reader can know, until they compare what they were shown.
. "$(dirname "$0")/../lib.sh"

victim left
cp -r left right
in_left() { XDG_STATE_HOME=$T/left "$MLEDGER" --ledger left "$@"; }
in_right() { XDG_STATE_HOME=$T/right "$MLEDGER" --ledger right "$@"; }
in_left model create 'for the left' --key demo-recorder >/dev/null &&
    in_left checkpoint --no-record >left.checkpoint &&
    in_right model create 'for the right' --key demo-recorder >/dev/null &&
    in_right model create 'and more' --key demo-recorder >/dev/null &&
    in_right checkpoint --no-record >right.checkpoint || exit 99
sound 'one reader sees a sound ledger' left
sound 'the other one too' right
ok 'when they compare checkpoints, the larger ledger at hand' test_must_fail 1 \
    in_right checkpoint compare left.checkpoint right.checkpoint -o evidence
expect_stdout_has 'it shows' 'CONFLICT: the tree of'
ok 'no proof of consistency can be made' test_must_fail 1 in_right prove --consistency left.checkpoint right.checkpoint

# The operator shows the one the other ledger: what was seen of it is remembered.
KNOWS=$T/left
found 'the reader of the left finds the right to be another' right "known-head-differs@$SIZE"
KNOWS=$T/right
found 'and the other way round' left "known-head-behind@$((SIZE + 1))"
done_testing
