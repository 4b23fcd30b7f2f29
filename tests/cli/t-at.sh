#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Which version was where at a moment of the scenario ledger.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/scenario.sh"

scenario_ledger
lacks() {
    ! grep -qF -- "$2" "$OUT"
    report $? "$1"
}

# ---- a stage ----

ok 'one version' "$MLEDGER" at churn Production 2024-03-01T14:32:00Z
expect_stdout_has 'is named' 'churn/1 was in Production at 2024-03-01T14:32:00Z'
expect_stdout_has 'since when, by whom and why' 'since     2024-02-01T08:00:00Z  #30  erik: go-live after review'
expect_stdout_has 'until when' 'until     2024-06-23T08:00:00Z  #64  to Archived; erik: churn/2 runs well'
expect_stdout_has 'who approved it' 'approved  2024-01-30T15:00:00Z  #29  olga: model card read, bias within limits'
expect_stdout_has 'and was another person' 'olga neither trained, registered, requested nor moved it'
expect_stdout_has 'with its records' '#29 '
ok 'two versions' "$MLEDGER" at churn Production 2024-06-21
expect_stdout_has 'are' 'churn/1 was in Production at'
expect_stdout_has 'both shown' 'churn/2 was in Production at'
ok 'the same person' "$MLEDGER" at churn production 2024-09-16
expect_stdout_has 'is told' 'the same person: erik also moved it'
ok 'an approval after the fact' "$MLEDGER" at churn/4 2025-02-24T12:00:00Z
expect_stdout_has 'is told' '(after the fact)'
ok 'no approval' "$MLEDGER" at models:/fraud/Production 2024-05-01
expect_stdout_has 'is told' 'no approval of it for Production is recorded'
ok 'no run' "$MLEDGER" at embedding 2024-05-01
expect_stdout_has 'leaves the trainer unknown' 'no record says who trained embedding/1'

# ---- both ends of an interval ----

ok 'the first moment' "$MLEDGER" at churn Production 2024-02-01T08:00:00Z
expect_stdout_has 'is in' 'churn/1 was in Production'
ok 'the last one' "$MLEDGER" at churn/1 Production 2024-06-23T07:59:59.999999Z
expect_stdout_has 'is in' 'churn/1 was in Production'
ok 'the end itself' test_must_fail 1 "$MLEDGER" at churn/1 Production 2024-06-23T08:00:00Z
expect_stdout_has 'is not' 'nothing of churn was anywhere at 2024-06-23T08:00:00Z'
expect_stdout_has 'and what was before is shown' 'before: churn/1 was in Production'
ok 'before the first' test_must_fail 1 "$MLEDGER" at churn Production 2024-01-20
expect_stdout_has 'what came is shown' 'after: churn/1 was in Production'
ok 'a record' "$MLEDGER" at churn Production '#30'
expect_stdout_has 'is a moment too' 'churn/1 was in Production at 2024-02-01T08:00:00Z'

# ---- aliases and endpoints ----

ok 'an alias' "$MLEDGER" at churn@champion 2024-09-16
expect_stdout_has 'pointed there' 'alias champion of churn was churn/3'
expect_stdout_has 'until it was moved' '#78  to churn/2; erik'
ok 'an endpoint' "$MLEDGER" at scoring 2025-02-14T09:12:00Z
expect_stdout_has 'served two versions' 'endpoint scoring (production) served churn/2 for 90% of the traffic'
expect_stdout_has 'at once' 'endpoint scoring (production) served churn/4 for 10% of the traffic'
expect_stdout_has 'until' '#97  serves churn/4; erik by ci'
ok 'an environment' "$MLEDGER" at environment:production 2024-05-01
expect_stdout_has 'is all its endpoints' 'endpoint fraud-api (production) served fraud/1 at'
expect_stdout_has 'at once' 'endpoint scoring (production) served churn/1 at'
lacks 'and no other' scoring-eu

# ---- two times, and what was known ----

ok 'a late correction' "$MLEDGER" at churn Production 2025-03-01
expect_stdout_has 'has two readings' 'As the ledger held it at that time (by #99):'
expect_stdout_has 'the second by claim' 'As it is claimed to have been, by #144:'
expect_stdout_has 'with the claimed time' '2025-02-24T08:10:00Z  is when it is claimed to have been'
expect_stdout_has 'and the record' '#101  churn/2, Production to Archived: claimed 2025-02-24T08:10:00Z, recorded 2025-03-04T09:00:00Z, erik'
ok 'what was known then' "$MLEDGER" at churn Production 2025-03-01 --as-of 2025-03-01
expect_stdout_has 'has one' 'churn/2 was in Production at 2025-03-01T00:00:00Z'
lacks 'reading' 'As it is claimed'
expect_stdout_has 'and the correction apart' 'erik; not counted here'
expect_stdout_has 'as of then' 'as of #99, 2025-02-25T10:00:00Z'
lacks 'nothing unknown' 'not known:'
ok 'a time to come' "$MLEDGER" at churn Production 2030-01-01
expect_stdout_has 'is not known' 'what changed between #144, the newest record that counts, and 2030-01-01T00:00:00Z'

# ---- JSON ----

ok 'JSON' "$MLEDGER" at churn Production 2025-03-01 --json
expect_stdout_has 'has both readings' '"differ":true,"claimed":[{"kind":"stage"'
expect_stdout_has 'the approvals' '"approvals":{"trainer":"ada","registrar":"ada","requester":null,"mover":"erik","decisions":[{"seq":60,'
expect_stdout_has 'the correction' '"corrections":[{"seq":101,'
expect_stdout_has 'and the basis' '"basis":{"as_of":{"seq":144,'

# ---- errors ----

ok 'no such model' test_must_fail 1 "$MLEDGER" at chrn 2025-01-01
expect_stderr_has 'is said' "there is no model or endpoint 'chrn'"
expect_stderr_has 'with what helps' 'mledger timeline --all'
ok 'not yet' test_must_fail 1 "$MLEDGER" at fraud 2024-03-01 --as-of 20
expect_stderr_has 'is told apart' "there was no model or endpoint 'fraud' as of #20"
ok 'no such version' test_must_fail 1 "$MLEDGER" at churn/9 2025-01-01
expect_stderr_has 'is said' "there is no version 9 of model 'churn'"
ok 'no such stage' test_must_fail 1 "$MLEDGER" at churn Prod 2025-01-01
expect_stderr_has 'names the stages' 'stages that they were in: None, Staging, Production, Archived'
ok 'a stage of no model' test_must_fail 2 "$MLEDGER" at scoring Production 2025-01-01
ok 'no time' test_must_fail 2 "$MLEDGER" at churn yesterday
expect_stderr_has 'shows what one is' "'yesterday' is neither the number of a record nor a time"
ok 'before the ledger' test_must_fail 1 "$MLEDGER" at churn 2023-12-31
expect_stderr_has 'is said' '2023-12-31T00:00:00Z is before the first record, which is of 2024-01-08T09:00:00Z'
ok 'a record to come' test_must_fail 1 "$MLEDGER" at churn 1000
ok 'no endpoint' test_must_fail 1 "$MLEDGER" at endpoint:nowhere 2025-01-01
expect_stderr_has 'is said' "nothing was ever deployed to an endpoint 'nowhere'"
ok 'a run' test_must_fail 2 "$MLEDGER" at runs:/c1 2025-01-01
"$MLEDGER" deploy churn churn/4 --key erik >/dev/null || exit 99
ok 'a word for two' test_must_fail 2 "$MLEDGER" at churn 2025-01-01
expect_stderr_has 'is not guessed' "say model:churn or endpoint:churn"
ok 'the model' "$MLEDGER" at model:churn 2025-01-01

done_testing
