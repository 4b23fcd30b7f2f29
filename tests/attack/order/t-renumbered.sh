#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A record is deleted and those behind it take its number.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "delete $INCIDENT" close-gaps
names 'moved as they are' copy "header-seq@$INCIDENT"
has "header-seq@$((INCIDENT + 1))"
tell 'both that were moved are named' $? "header-seq@$((INCIDENT + 1))"

# Numbers and links fixed, by somebody without keys.
mkdir nokeys
victim copy
forge copy "delete $INCIDENT" close-gaps "rebuild $INCIDENT nokeys"
found 'numbered anew without keys' copy "signature@$INCIDENT" "signature@$((INCIDENT + 1))"

# With the recorder's key all of it fits, but for who saw it before.
mkdir stolen && cp "$RECORDER" stolen
victim copy
forge copy "delete $INCIDENT" close-gaps "rebuild $INCIDENT stolen"
ok 'with the key of the recorder, all derived data made anew' at copy reindex
KNOWS=$XDG_STATE_HOME
found 'it is found by who saw the ledger' copy "known-head-behind@$LAST"
KNOWS=
sound 'a stranger cannot know' copy
unproven 'and is told' anchor

# An admin's record in between cannot be signed anew by the recorder.
victim copy
forge copy "delete $VALIDATION" close-gaps "rebuild $VALIDATION stolen"
names 'nor by the recorder what an admin signed' copy "rule/statement-seen@$((APPROVAL - 1))"
has "signature@$((CI - 1))"
tell 'the admin'\''s records are named' $? "signature@$((CI - 1))"
done_testing
