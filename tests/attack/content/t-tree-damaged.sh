#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The stored tree is damaged: that is said to be damage to derived data, and no record is accused.
. "$(dirname "$0")/../lib.sh"

damaged() {
    found "$1" copy tree
    expect_stdout_has "$1: said in these words" 'derived data damaged: '
}
victim copy
forge copy 'flip tree hex:ff 40 3'
damaged 'a bit of its edge'
victim copy
forge copy 'erase tree hex:ff'
damaged 'its edge is missing'
victim copy
forge copy "put tree hex:ff hex:$(printf '%016x' $((LAST)))$(printf '0%.0s' {1..128})"
damaged 'its edge is of another size'
victim copy
forge copy 'put tree hex:080000000000000000 zeros:32'
damaged 'a node of no record'

# 300 records have one complete node that is stored.
victim long
seq 280 | sed 's/.*/{"model_created": {"name": "m&"}}/' | at long append --key demo-recorder - >/dev/null || exit 99
sound 'a ledger with a stored node' long
for damage in 'erase tree hex:080000000000000000' 'flip tree hex:080000000000000000 31 7'; do
    rm -rf copy && cp -r long copy
    forge copy "$damage"
    damaged "$damage"
done
ok 'reindex makes it again' at copy reindex
sound 'and all is well' copy
done_testing
