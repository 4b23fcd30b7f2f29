#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Something is put into the store that is no part of a ledger.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy 'table notes' 'put notes hex:61 text:b'
found 'a table' copy store-unknown
expect_stdout_has 'is named' 'notes'
victim copy
forge copy 'table '$'\e''[2J' 'put records hex:78 text:y'
found 'a table whose name moves the cursor, a record without a number' copy record-key store-unknown
if grep -q $'\e' "$OUT"; then report 1 'is shown as text'; else report 0 'is shown as text'; fi
victim copy
forge copy 'put records hex:00 text:y'
found 'a record under a short number' copy record-key
victim copy
forge copy "put records hex:$(printf '%016x' "$LAST")00 text:y"
found 'a record under a long number' copy record-key
victim copy
forge copy "put records hex:$(printf '%016x' "$SIZE") text:y"
found 'a record that is none' copy "record-encoding@$SIZE"
victim copy
forge copy "put records hex:ffffffffffffffff text:y"
found 'a record under the greatest number, which is none' copy record-key
victim copy
forge copy 'put attachments hex:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 hex:'
found 'an attachment that no record names' copy attachment-unknown
victim copy
forge copy 'put attachments hex:00 hex:00'
found 'an attachment under no hash' copy attachment-unknown
done_testing
