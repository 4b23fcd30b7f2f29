#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# validation add and approve, and the policies that ask for them.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
add_approver bob
mkdir data && printf abc >data/holdout.csv && echo fine >report.html
"$MLEDGER" run start --id r1 --commit none >/dev/null &&
    "$MLEDGER" dataset add holdout data >/dev/null &&
    "$MLEDGER" model create churn >/dev/null &&
    "$MLEDGER" version register churn --run r1 >/dev/null &&
    "$MLEDGER" policy set Production --require validation,approval:other --key demo-admin \
        >/dev/null || exit 99
promote() { "$MLEDGER" version transition churn/1 Production; }

ok 'without a validation' test_must_fail 4 promote
expect_stderr 'a transition is refused, with the command that helps' <<'END'
mledger: stage 'Production' needs a passed validation; 'churn' version 1 has none (rule policy-validation)
  try: mledger validation add churn/1 --passed
END
ok 'a validation that did not pass' "$MLEDGER" validation add churn/1 --failed \
    --check auc=0.41:failed
expect_stdout_has 'is recorded' 'churn/1 did not pass a validation'
ok 'that' test_must_fail 4 promote
expect_stderr_has 'does not do' 'did not pass (rule policy-validation)'

ok 'neither passed nor failed' test_must_fail 2 "$MLEDGER" validation add churn/1
ok 'both' test_must_fail 2 "$MLEDGER" validation add churn/1 --passed --failed
ok 'a check without a verdict' test_must_fail 2 "$MLEDGER" validation add churn/1 --passed \
    --check auc=0.9
expect_stderr_has 'is shown the form' 'must be NAME=VALUE:passed or NAME=VALUE:failed'
ok 'a pass in spite of a check' test_must_fail 2 "$MLEDGER" validation add churn/1 --passed \
    --check auc=0.9:failed
expect_stderr_has 'must say why' "--passed although the check 'auc' failed needs a --reason"
ok 'data known by a digest without a name' test_must_fail 2 "$MLEDGER" validation add churn/1 \
    --passed --dataset md5:900150983cd24fb0d6963f7d28e17f72
ok 'a version as data' test_must_fail 2 "$MLEDGER" validation add churn/1 --passed \
    --dataset models:/churn/1
ok 'a validation that passed' "$MLEDGER" validation add churn/1 --passed --name holdout \
    --check auc=0.93:passed --check drift=a:b:passed --report report.html \
    --dataset dataset:holdout --dataset here=data/holdout.csv
expect_stdout_has 'is recorded' 'churn/1 passed validation holdout'
seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
ok 'its record' "$MLEDGER" --json show "$seq"
tr -d ' \n' <"$OUT" >said
for part in '"checks":[{"name":"auc","outcome":"passed"}' '"check_values":["0.93","a:b"]' \
    '"name":"holdout","dataset_ref":' '"name":"here"' '"report":{"path":"report.html"'; do
    ok "has $part" grep -qF -- "$part" said
done

ok 'without an approval' test_must_fail 4 promote
expect_stderr_has 'a transition is refused' '(rule policy-approval)'
expect_stderr_has 'with the command that helps' \
    'try: mledger approve churn/1 --stage Production --key KEY-OF-AN-APPROVER'
ok 'an approval by a recorder' test_must_fail 4 "$MLEDGER" approve churn/1 --stage Production \
    --key demo-recorder
expect_stderr_has 'is refused' 'its key does not hold the role approver (rule statement-role)'
ok 'an approval by the one who registered it' "$MLEDGER" approve churn/1 --stage Production \
    --key demo-admin
ok 'that' test_must_fail 4 promote
expect_stderr_has 'does not count' '(rule policy-four-eyes)'
ok 'a key that is not there' test_must_fail 3 "$MLEDGER" approve churn/1 --stage Production \
    --key carol
ok 'no stage' test_must_fail 2 "$MLEDGER" approve churn/1 --key bob
ok 'a no and a withdrawal at once' test_must_fail 2 "$MLEDGER" approve churn/1 \
    --stage Production --reject --withdraw --key bob

ok 'another person says no' "$MLEDGER" approve churn/1 --stage Production --key bob --reject
expect_stdout_has 'in a record' 'churn/1 rejected for Production'
ok 'that' test_must_fail 4 promote
ok 'another person says yes' "$MLEDGER" approve churn/1 --stage Production --key bob \
    --reason 'read the report'
expect_stdout_has 'in a record' 'churn/1 approved for Production'
ok 'and takes it back' "$MLEDGER" approve churn/1 --stage Production --key bob --withdraw
expect_stdout_has 'in a record' 'churn/1 approval withdrawn for Production'
ok 'that' test_must_fail 4 promote
ok 'and says yes again' "$MLEDGER" --json approve churn/1 --stage Production --key bob
seq=$(grep -o '"seq":[0-9]*' "$OUT" | cut -d: -f2)
ok 'its record' "$MLEDGER" --json show "$seq"
expect_stdout_has 'carries a statement' 'approved'
ok 'now' promote
expect_stdout_has 'it moves' 'churn/1 moved from None to Production'
expect_sound 'all of it verifies'

done_testing
