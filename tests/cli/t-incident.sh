#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# incident open, note, close.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
printf abc >bad.csv
"$MLEDGER" model create churn >/dev/null && "$MLEDGER" version register churn >/dev/null || exit 99

ok 'opening' "$MLEDGER" incident open INC-7 --model churn/1 --severity high --title 'Scores drift' \
    --content bad.csv --description 'Seen by the night shift'
expect_stdout_has 'says so' 'incident INC-7 opened'
ok 'its record' "$MLEDGER" --json show 4
tr -d ' \n' <"$OUT" >said
for part in '"severity":"high"' '"model":2,"version":1' '"title":"Scoresdrift"' \
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'; do
    ok "has $part" grep -qF -- "$part" said
done
ok 'opening it again' test_must_fail 4 "$MLEDGER" incident open INC-7
expect_stderr_has 'is refused' "incident 'INC-7' was opened before, record 4 (rule incident-id)"
ok 'a note' "$MLEDGER" incident note INC-7 --description 'A column was empty'
ok 'its record' "$MLEDGER" --json show 5
tr -d ' \n' <"$OUT" >said
ok 'stands in the history of the version too' grep -qF '"model":2,"version":1' said
ok 'closing' "$MLEDGER" --json incident close INC-7 --reason fixed
expect_stdout_has 'names it' '"incident_id":"INC-7"'
ok 'a note on nothing' test_must_fail 4 "$MLEDGER" incident note INC-8
expect_stderr_has 'is refused' "there is no incident 'INC-8' (rule incident-missing)"
ok 'one without a model' "$MLEDGER" incident open INC-9
ok 'a model as a whole' "$MLEDGER" incident note INC-9 --model churn
ok 'a model that is not there' test_must_fail 1 "$MLEDGER" incident note INC-9 --model none
ok 'a version as content' test_must_fail 2 "$MLEDGER" incident note INC-9 --content models:/churn/1
ok 'an empty id' test_must_fail 3 "$MLEDGER" incident open ''
expect_sound 'all of it verifies'

done_testing
