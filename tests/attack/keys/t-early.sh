#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A key is used before the record that authorises it, everything else being signed anew around it.
. "$(dirname "$0")/../lib.sh"

victim copy
forge copy "load $ENDED" "sign $CIS" save "rebuild $((ENDED + 1)) $KEYS" frontier
found 'a record before the one that lets its key in' copy "rule/key-unknown@$ENDED"
victim copy
forge copy "load $CI_KEY" "sign $CIS" save "rebuild $((CI_KEY + 1)) $KEYS" frontier
names 'the record itself that lets it in' copy "rule/key-unknown@$CI_KEY"
victim copy
forge copy "load $ALIAS" "sign $CIS" save "rebuild $((ALIAS + 1)) $KEYS" frontier
ok 'the one behind it' at copy reindex
sound 'is good' copy
done_testing
