#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Back to an earlier version: all of it or nothing, by the one set of rules.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
add_approver bob
"$MLEDGER" model create churn >/dev/null || exit 99
for n in 1 2 3; do
    "$MLEDGER" version register churn >/dev/null || exit 99
done
"$MLEDGER" version transition churn/2 Production >/dev/null || exit 99
"$MLEDGER" version transition churn/3 Production --archive-existing >/dev/null || exit 99
"$MLEDGER" version alias churn/3 champion >/dev/null || exit 99
"$MLEDGER" version alias churn/3 newest >/dev/null || exit 99

ok 'goes back' "$MLEDGER" rollback churn --to 2 --reason 'incident 17'
expect_stdout_has 'says what it did' 'churn is back at version 2 in Production; archived: 1, aliases that went along: 2'
ok 'the stage is that of version 2' "$MLEDGER" lineage models:/churn/Production
expect_stdout_has 'now' 'churn/2'
ok 'so is the alias' "$MLEDGER" lineage churn@champion
expect_stdout_has 'now' 'churn/2'
ok 'each record says why' "$MLEDGER" log --text 'incident 17' --json
ok 'all four' test "$("$MLEDGER" log --text 'incident 17' --json | wc -l)" -eq 4

ok 'one alias alone' "$MLEDGER" rollback churn --to churn/3 --reason 'not that' --alias champion --json
expect_stdout_has 'as JSON' '"version":3,"from_stage":"Archived","to_stage":"Production","archived":1,"aliases":1'
ok 'the other stayed' "$MLEDGER" lineage churn@newest
expect_stdout_has 'where it was' 'churn/2'

# ---- refusals ----

ok 'a policy' "$MLEDGER" policy set Production --require approval:other
size() { "$MLEDGER" log | wc -l; }
before=$(size)
ok 'is kept' test_must_fail 4 "$MLEDGER" rollback churn --to 1 --reason 'back'
expect_stderr_has 'says what would help' 'mledger approve churn/1 --stage Production'
ok 'and nothing is half done' test "$(size)" -eq "$before"
ok 'version 3 is still there' "$MLEDGER" lineage models:/churn/Production
expect_stdout_has 'in its stage' 'churn/3'
"$MLEDGER" approve churn/1 --stage Production --key bob >/dev/null || exit 99
ok 'approved, it goes' "$MLEDGER" rollback churn --to 1 --reason 'back'

ok 'refuses what is there' test_must_fail 2 "$MLEDGER" rollback churn --to 1 --reason 'again'
ok 'refuses a version that is not' test_must_fail 1 "$MLEDGER" rollback churn --to 9 --reason x
expect_stderr_has 'and says which is the newest' 'the newest is 3'
ok 'refuses no reason' test_must_fail 2 "$MLEDGER" rollback churn --to 2
ok 'refuses the archive' test_must_fail 2 "$MLEDGER" rollback churn --to 2 --reason x --stage Archived
"$MLEDGER" model create other >/dev/null && "$MLEDGER" version register other >/dev/null || exit 99
ok "refuses another model's version" test_must_fail 2 "$MLEDGER" rollback churn --to other/1 --reason x
ok 'refuses a model that is not' test_must_fail 1 "$MLEDGER" rollback nothing --to 1 --reason x
ok 'refuses a deleted version' "$MLEDGER" version delete churn/2
ok 'of course' test_must_fail 4 "$MLEDGER" rollback churn --to 2 --reason x
expect_sound 'the ledger is sound'

done_testing
