#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# model create, update, rename, delete.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
"$MLEDGER" run start --id r1 --experiment churn --commit none >/dev/null || exit 99

ok 'a model' "$MLEDGER" model create churn --description 'Who leaves' --tag team=crm
expect_stdout_has 'says so' 'model churn created'
ok 'a name that is taken' test_must_fail 4 "$MLEDGER" model create churn
expect_stderr_has 'is refused' "there is a model 'churn' already, record 4 (rule name-taken)"
ok 'a name with a slash' test_must_fail 2 "$MLEDGER" model create a/b
expect_stderr_has 'could not be referred to' "a model's name holds no '/'"
ok 'a model as JSON' "$MLEDGER" --json model create other
expect_stdout_has 'names it' '"model":"other"'

ok 'updating, though an experiment bears the name too' \
    "$MLEDGER" model update churn --description new --tag a=b --untag team
expect_stdout_has 'says so' 'model churn updated'
ok 'updating nothing' test_must_fail 2 "$MLEDGER" model update churn
ok 'a tag that is not there' test_must_fail 4 "$MLEDGER" model update churn --untag team
expect_stderr_has 'is refused' "there is no tag 'team' (rule tag-missing)"
ok 'a model that is not there' test_must_fail 1 "$MLEDGER" model update none --tag a=b
expect_stderr_has 'is named' "there is no model 'none'"
ok 'a run where a model is asked for' test_must_fail 2 "$MLEDGER" model update runs:/r1 --tag a=b
expect_stderr_has 'is told' "'runs:/r1' is a run, not a model"

ok 'renaming' "$MLEDGER" model rename models:/churn leavers
expect_stdout_has 'says so' 'model churn is called leavers now'
ok 'the name of another' test_must_fail 4 "$MLEDGER" model rename leavers other
ok 'a version of the renamed' "$MLEDGER" version register leavers
expect_stdout_has 'is numbered' 'leavers/1 registered'

ok 'deleting' "$MLEDGER" model delete leavers --reason 'not used'
ok 'a version of the deleted' test_must_fail 4 "$MLEDGER" version register leavers
expect_stderr_has 'is refused' "model 'leavers' is deleted (rule model-deleted)"
ok 'the name used again' "$MLEDGER" model create leavers
ok 'begins anew' "$MLEDGER" version register leavers
expect_stdout_has 'with version 1' 'leavers/1 registered'
expect_sound 'all of it verifies'

done_testing
