#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The recorder signs a record with a wrong, a missing, a foreign or one more subject tag: it would
# hide from whoever looks for its subject, or accuse another one.
. "$(dirname "$0")/../lib.sh"

# with NAME TAGS-LINE...: the last record, with other tags.
with() {
    local name=$1
    shift
    victim copy
    forge copy "load $LAST" "$@" "sign $RECORDER" save
    found "$name" copy "subject-tags@$LAST"
}
with 'no tag' 'tags'
with 'the tag of another model' "tags $MODEL"
with 'one more tag' "tags $OTHER_MODEL $MODEL"
with 'a tag of nothing' "set header.subject_tags hex:000102030405060708090a0b0c0d0e0f"
with 'its own tag of another record' "set header.seq $TAGS" "tags $OTHER_MODEL" "set header.seq $LAST"
mapfile -t many < <(for i in $(seq 63); do printf 'add header.subject_tags hex:ff%030x\n' "$i"; done)
with 'sixty-four tags' "tags $OTHER_MODEL" "${many[@]}"

victim copy
forge copy "load $TAGS" 'tags' "sign $RECORDER" save
found 'in the middle, what follows does not link to it' copy "subject-tags@$TAGS" "chain@$LAST"
victim copy
forge copy "load $LAST" "tags $MODEL $OTHER_MODEL" 'displace header.subject_tags[0]' \
    "sign $RECORDER" save
found 'tags out of order' copy "header-encoding@$LAST"
victim copy
forge copy "load $LAST" 'repeat header.subject_tags' "sign $RECORDER" save
found 'a tag twice' copy "header-encoding@$LAST"
no_way_back 'reindex does not take it' copy
done_testing
