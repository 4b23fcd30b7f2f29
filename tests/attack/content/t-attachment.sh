#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a record keeps as an attachment is altered, removed, or given another size.
. "$(dirname "$0")/../lib.sh"

name=$(forge "$VICTIM/ledger" 'keys attachments' | head -n 1)
ok 'the dataset has a manifest' test -n "$name"
victim copy
forge copy "flip attachments hex:$name 0 0"
found 'a bit' copy attachment-damaged
victim copy
forge copy "put attachments hex:$name hex:"
found 'all of it' copy attachment-damaged
victim copy
forge copy "erase attachments hex:$name"
found 'it is gone' copy attachment-missing

# The recorder says of the same bytes that they are more: both records are right by themselves.
victim copy
forge copy "load $DATASET" 'alter event.60.9.2' seal "sign $RECORDER" save
found 'another size' copy attachment-damaged "chain@$((DATASET + 1))"
victim copy
at copy dataset add again "$VICTIM/data" --key demo-recorder >/dev/null
forge copy "load $SIZE" 'alter event.60.9.2' seal "sign $RECORDER" save
found 'another size than before' copy "attachment-size@$SIZE"
done_testing
