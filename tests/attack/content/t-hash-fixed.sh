#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A field is edited and the hash over it fixed, so that the payload is again the one that the header
# commits to: the signature is not.
. "$(dirname "$0")/../lib.sh"

for edit in "$BOB_KEY event.13.4 text:somebody" "$LOGGED details.10[0] text:0.2" \
    "$MODEL event.70.2 text:another" "$LAST details.3 text:nothing"; do
    read -r seq target value <<<"$edit"
    victim copy
    forge copy "load $seq" "set $target $value" seal save
    names "record $seq: $target" copy "signature@$seq"
done

# The links of what follows fixed too: every record is then signed over another link.
victim copy
forge copy "load $LAST" 'set details.3 text:nothing' seal save
found 'the last record, which nothing links to' copy "signature@$LAST"
victim copy
forge copy "load $TAGS" 'set details.12 text:no' seal save "load $LAST" chain save
found 'the one before, and its link' copy "signature@$TAGS" "signature@$LAST"
victim copy
forge copy "load $TAGS" 'set details.12 text:no' seal save
found 'the one before, and not its link' copy "chain@$LAST" "signature@$TAGS"
done_testing
