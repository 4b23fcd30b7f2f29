#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# No attack yet: the forge, which knows the ledger from docs/FORMAT.md alone, makes every hash,
# tag, statement and signature of it again and arrives at the same bytes.
. "$(dirname "$0")/../lib.sh"

victim copy
before=$(forge copy 'keys records' | wc -l)
forge copy "rebuild 0 $KEYS" 'frontier'
sound 'records made again by the forge verify' copy
ok 'all of them' test "$before" = "$SIZE"
for seq in $(seq 0 "$LAST"); do
    forge "$VICTIM/ledger" "load $seq" pack 'print packed' >theirs
    forge copy "load $seq" pack 'print packed' >ours
    ok "record $seq is the same to the byte" cmp theirs ours
done
ok 'the root of the tree too' "$MLEDGER" --ledger copy --json verify
expect_stdout_has 'as the forge computes it' "\"root\":\"$(forge copy "value root:$SIZE")\""
expect_stdout_has 'and the identity' "\"identity\":\"$(forge copy 'value identity')\""
done_testing
