#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A field is edited, the hash fixed, and the record signed anew with the actor's own key: the record
# is then right by itself, and the next one does not link to it.
. "$(dirname "$0")/../lib.sh"

for edit in "$LOGGED details.10[0] text:0.2" "$DATASET details.8 text:another-client" \
    "$ALIAS event.79.2 text:challenger" "$TAGS details.12 text:no"; do
    read -r seq target value <<<"$edit"
    victim copy
    forge copy "load $seq" "set $target $value" seal "sign $RECORDER" save
    found "record $seq: $target" copy "chain@$((seq + 1))"
done

# What a person's own key stated does not move with the record.
victim copy
forge copy "load $APPROVAL" 'set event.91.3 text:Staging' seal "sign $RECORDER" save
names 'an approval for another stage' copy "rule/statement-subject@$APPROVAL"
victim copy
forge copy "load $APPROVAL" 'set details.2 text:did not read it' seal "sign $RECORDER" save
names 'an approval with another reason' copy "rule/statement-subject@$APPROVAL"
victim copy
forge copy "load $LAST" 'set header.recorded_at 1' "sign $RECORDER" save
names 'a time that was' copy "rule/time-backwards@$LAST"

# The last record has no next one. Whoever saw it knows; nobody else can.
victim copy
forge copy "load $LAST" 'set details.3 text:nothing' seal "sign $RECORDER" save
ok 'what is derived is made to fit' at copy reindex
KNOWS=$XDG_STATE_HOME
found 'the last record, by who saw it' copy "known-head-differs@$LAST"
KNOWS=
sound 'the last record, by a stranger' copy
unproven 'who is told that its end is not anchored' anchor
done_testing
