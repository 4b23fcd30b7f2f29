#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A record is there twice: as it is, numbered anew, and signed anew, which makes it another record
# that has to keep the rules.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "move $LAST $SIZE"
found 'as it is' copy "header-seq@$SIZE"
victim copy
forge copy "load $LAST" "set header.seq $SIZE" chain save
found 'numbered anew' copy "signature@$SIZE" "subject-tags@$SIZE"
victim copy
forge copy "load $LAST" "set header.seq $SIZE" chain "tags $OTHER_MODEL" save
found 'with the right tag' copy "signature@$SIZE"

# again NAME SEQ RULE SUBJECT...: the recorder itself says the same again.
again() {
    local name=$1 seq=$2 rule=$3
    shift 3
    victim copy
    forge copy "load $LAST" "take $seq event details statements salts" "set header.seq $SIZE" \
        chain "tags $*" seal "sign $RECORDER" save
    found "$name" copy "rule/$rule@$SIZE"
    no_way_back "$name: reindex does not take it" copy
}
again 'a model' "$MODEL" name-taken "$SIZE"
again 'a run' "$RUN" run-id "$SIZE" "$EXPERIMENT"
again 'a version' "$VERSION" version-number "$MODEL"
again 'a transition' "$TRANSITION" stage-left "$MODEL"
again 'an incident' "$INCIDENT" incident-id "$MODEL"
again 'an approval, its statement used twice' "$APPROVAL" statement-nonce "$MODEL"
done_testing
