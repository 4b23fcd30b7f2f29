#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Details are taken away as if they had been erased, and come back after they were: by an old copy
# of the record, and as others.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "load $LAST" 'whole details_hash details-hash' 'cut salts.2' 'drop details' save
found 'gone, with the right hash in their place' copy "details-missing@$LAST"
victim copy
forge copy "load $LAST" 'whole details_hash zeros:32' 'cut salts.2' 'drop details' save
found 'gone, with another hash' copy "commitment@$LAST" "details-missing@$LAST"
victim copy
forge copy "load $LAST" 'drop details' save
found 'gone, and their salt is there' copy "commitment@$LAST"

# The recorder itself writes a record whose details nobody ever saw.
victim copy
write_next copy "$RECORDER" "$MODEL" "set event.71.1 $MODEL" 'whole details_hash zeros:32' 'cut salts.2'
found 'never there' copy "details-missing@$SIZE"

victim erased
at erased erase "$LAST" --reason 'asked to' --key demo-admin >/dev/null || exit 99
sound 'erased by an admin' erased
rm -rf copy && cp -r erased copy
forge copy "load $VICTIM/ledger#$LAST" save
found 'put back from an old copy' copy "details-not-erased@$LAST"
rm -rf copy && cp -r erased copy
forge copy "load $LAST" 'drop details_hash' 'set details.3 text:others' 'set salts.2 zeros:32' save
names 'others in their place' copy "commitment@$LAST"
rm -rf copy && cp -r erased copy
forge copy "load $LAST" 'alter details_hash' save
found 'another hash in their place' copy "commitment@$LAST"
done_testing
