#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The data file is cut, stretched, emptied, replaced by something else, or loses a page: verify says
# that it is damaged, and neither crashes nor says that all is well.
. "$(dirname "$0")/../lib.sh"
bytes=$(stat -c %s "$VICTIM/ledger/data.mdb")

damaged() {
    local before
    before=$(fingerprint copy)
    ok "$1" test_must_fail 1 env XDG_STATE_HOME="$T/stranger" "$MLEDGER" --ledger copy verify
    ok "$1: nothing was written" test "$before" = "$(fingerprint copy)"
}
for size in 0 1 100 4095 4096 8192 12288 $((bytes / 2)); do
    victim copy
    truncate -s "$size" copy/data.mdb
    damaged "cut to $size bytes"
done
victim copy
head -c "$bytes" /dev/zero >copy/data.mdb
damaged 'nothing but zeros'
victim copy
head -c 8192 /dev/zero | dd of=copy/data.mdb conv=notrunc status=none
damaged 'no meta pages'
victim copy
rm copy/data.mdb
ok 'no file' test_must_fail 1 at copy verify
victim copy
rm copy/data.mdb && mkdir copy/data.mdb
ok 'a directory in its place' bash -c '"$MLEDGER" --ledger copy verify; code=$?; [ $code = 1 ] || [ $code = 3 ]'
victim copy
truncate -s $((bytes + 1048576)) copy/data.mdb
sound 'a file with zeros behind its end holds the same ledger' copy
done_testing
