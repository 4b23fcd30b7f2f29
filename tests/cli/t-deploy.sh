#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# deploy.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
"$MLEDGER" model create churn >/dev/null || exit 99
for _ in 1 2 3; do "$MLEDGER" version register churn >/dev/null || exit 99; done

ok 'one version' "$MLEDGER" deploy api churn/1 --environment production
expect_stdout_has 'gets everything' 'api serves churn/1 100%'
ok 'several' "$MLEDGER" deploy api churn/1=89.9999% churn/2=0.0001 churn/3
expect_stdout_has 'share' 'api serves churn/1 89.9999%, churn/2 0.0001%, churn/3 10%'
seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
ok 'the record' "$MLEDGER" --json show "$seq"
tr -d ' \n' <"$OUT" >said
ok 'has parts per million' grep -qF '"share_ppm":899999' said
ok 'of each' grep -qF '"share_ppm":1}' said
ok 'as JSON' "$MLEDGER" --json deploy api churn/2
expect_stdout_has 'names the endpoint' '"endpoint":"api"'

ok 'shares that are too few' test_must_fail 2 "$MLEDGER" deploy api churn/1=90% churn/2=5%
expect_stderr_has 'are added up' 'the shares add up to 95%, not to 100%'
ok 'shares that are too many' test_must_fail 2 "$MLEDGER" deploy api churn/1=90% churn/2=15%
ok 'no room for the rest' test_must_fail 2 "$MLEDGER" deploy api churn/1=100% churn/2
ok 'two without a share' test_must_fail 2 "$MLEDGER" deploy api churn/1 churn/2
ok 'a version given twice' test_must_fail 2 "$MLEDGER" deploy api churn/1=50% churn/1=50%
expect_stderr_has 'is named' 'churn/1 is given twice'
for share in 0 101% -1 1.00001 x '' 5%% 99999999999999999999; do
    ok "the share '$share'" test_must_fail 2 "$MLEDGER" deploy api "churn/1=$share" churn/2
done
ok 'nothing said' test_must_fail 2 "$MLEDGER" deploy api
ok 'versions and --down' test_must_fail 2 "$MLEDGER" deploy api churn/1 --down
ok 'a version that is not there' test_must_fail 1 "$MLEDGER" deploy api churn/9

ok 'taking it down' "$MLEDGER" deploy api --down --reason 'scores drift'
expect_stdout_has 'says so' 'api serves nothing any more'
ok 'what never was up' test_must_fail 1 "$MLEDGER" deploy other --down
expect_stderr_has 'is named' "nothing was ever deployed to 'other'"
expect_sound 'all of it verifies'

done_testing
