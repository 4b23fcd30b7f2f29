#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# version register, transition, alias, unalias, tag, untag, update, delete.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
printf abc >model.pkl
"$MLEDGER" run start --id r1 --commit none >/dev/null &&
    "$MLEDGER" model create churn >/dev/null || exit 99

ok 'registering' "$MLEDGER" version register churn --run runs:/r1 --source s3://models/churn \
    --artifact model.pkl --base https://example.org/base --description first --tag q=1
expect_stdout_has 'numbers it' 'churn/1 registered'
seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
ok 'its record' "$MLEDGER" --json show "$seq"
tr -d ' \n' <"$OUT" >said
for part in '"version":1' '"run_ref":2' '"run_id":"r1"' '"trained_by_actor_ref":0' \
    '"source":"s3://models/churn"' '"uri":"https://example.org/base"' \
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'; do
    ok "has $part" grep -qF -- "$part" said
done
ok 'a run that the ledger never saw' "$MLEDGER" version register churn --run ffff --base churn/1
expect_stdout_has 'is accepted and reported' \
    'churn/2 registered; this ledger has never seen the run that it names'
ok 'registering as JSON' "$MLEDGER" --json version register churn --run ffff
expect_stdout_has 'says which and what' '"model":"churn","version":3,"run_known":false'
ok 'a model that is not there' test_must_fail 1 "$MLEDGER" version register none
ok 'an artifact that is not there' test_must_fail 3 \
    "$MLEDGER" version register churn --artifact gone

ok 'a transition' "$MLEDGER" version transition churn/1 Staging --reason 'looks good'
expect_stdout_has 'names both stages' 'churn/1 moved from None to Staging'
ok 'one that archives' "$MLEDGER" --json version transition models:/churn/2 Staging \
    --archive-existing
expect_stdout_has 'is of several records' '"from_stage":"None","to_stage":"Staging","also":[{'
ok 'the one that was there' "$MLEDGER" version transition churn/1 Production
expect_stdout_has 'was archived' 'churn/1 moved from Archived to Production'
ok 'a version by its stage' "$MLEDGER" version transition models:/churn/Production Staging
expect_stdout_has 'is found' 'churn/1 moved from Production to Staging'
ok 'a version that is not there' test_must_fail 1 "$MLEDGER" version transition churn/9 Staging
expect_stderr_has 'is named' "there is no version 9 of model 'churn'; the newest is 3"
ok 'a model where a version is asked for' test_must_fail 2 \
    "$MLEDGER" version transition churn Staging
expect_stderr_has 'is told' "'churn' is a model; name a version of it, such as churn/1"
ok 'archiving into the archive' test_must_fail 2 \
    "$MLEDGER" version transition churn/3 Archived --archive-existing

ok 'an alias' "$MLEDGER" version alias churn/1 champion
expect_stdout_has 'points' 'churn@champion is version 1'
ok 'the alias moved' "$MLEDGER" version alias churn/2 champion
ok 'a version by its alias' "$MLEDGER" version tag churn@champion good=yes 'note=a=b'
expect_stdout_has 'is found' 'churn/2 tagged'
ok 'an alias that is none' test_must_fail 4 "$MLEDGER" version alias churn/1 latest
expect_stderr_has 'is refused' "'latest' cannot be an alias (rule alias-name)"
ok 'removing an alias' "$MLEDGER" version unalias churn champion
ok 'removing it again' test_must_fail 4 "$MLEDGER" version unalias churn champion
expect_stderr_has 'is refused' "model 'churn' has no alias 'champion' (rule alias-missing)"

ok 'removing a tag' "$MLEDGER" version untag churn/2 note
ok 'removing it again' test_must_fail 4 "$MLEDGER" version untag churn/2 note
ok 'a tag without a value' test_must_fail 2 "$MLEDGER" version tag churn/2 note
ok 'updating' "$MLEDGER" version update churn/2 --description better --status READY
ok 'updating nothing' test_must_fail 2 "$MLEDGER" version update churn/2

ok 'deleting' "$MLEDGER" version delete churn/3
ok 'the deleted one' test_must_fail 4 "$MLEDGER" version transition churn/3 Staging
expect_stderr_has 'is refused' "version 3 of model 'churn' is deleted (rule version-deleted)"
ok 'the next one' "$MLEDGER" version register churn
expect_stdout_has 'gets a new number' 'churn/4 registered'
ok 'the group alone' test_must_fail 2 "$MLEDGER" version
expect_sound 'all of it verifies'

done_testing
