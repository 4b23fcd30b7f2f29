#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# append, log, show, status, export, verify, reindex: records in and out.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

new_ledger
cat >events <<'END'
{"model_created": {"name": "churn"}, "details": {"description": "who leaves, \u001b[31mred"}}

{"run_started": {"run_id": "r1", "name": "first"}, "details": {"user": "ann"}}
{"version_registered": {"model": "churn", "run_id": "r1"}}
END
ok 'lines of JSON' "$MLEDGER" append events
expect_stdout_has 'are counted' '3 events, #2 to #4'
printf '{"model_created": {"name": "x"}}\n{"model_created": {"nam": "y"}}\n' >bad
ok 'a bad line' test_must_fail 3 "$MLEDGER" append bad
expect_stderr_has 'is named' 'bad:2'
printf '{"model_created": {"name": "x"}}\n{"version_registered": {"model": "none"}}\n' >refused
ok 'a line that a rule forbids' test_must_fail 4 "$MLEDGER" append refused
ok 'nothing of its batch is written' bash -c '"$MLEDGER" status | grep -Eq "^records +5$"'
ok 'a file that there is not' test_must_fail 3 "$MLEDGER" append none
ok 'receipts as JSON' bash -c 'echo "{\"model_created\": {\"name\": \"j\"}}" | "$MLEDGER" append --json -'
expect_stdout_has 'carry the link' '"link":"'

ok 'the log' "$MLEDGER" log
expect_stdout_has 'names the subject' 'churn/1'
ok 'of a model' "$MLEDGER" log --model churn
expect_stdout_has 'has its versions' 'version_registered'
ok 'of a kind' bash -c '"$MLEDGER" log --kind run_started | grep -c "#" | grep -qx 1'
ok 'of a run by text' bash -c '"$MLEDGER" log --text first | grep -q r1'
ok 'of a kind that there is not' test_must_fail 2 "$MLEDGER" log --kind nothing
ok 'that is empty is no failure' "$MLEDGER" log --since 2100-01-01

ok 'a record' "$MLEDGER" show 2
expect_stdout_has 'shows control characters escaped' '\x1b[31mred'
ok 'no escape reaches the terminal' bash -c '! "$MLEDGER" show 2 | grep -q $'"'\\x1b'"
ok 'by what it is called' "$MLEDGER" show churn/1
expect_stdout_has 'is found' 'version_registered'
ok 'one that there is not' test_must_fail 1 "$MLEDGER" show 99
expect_stderr_has 'is not found' 'no record 99'

ok 'verify' "$MLEDGER" verify
expect_stdout_has 'says so' 'verified: ledger demo'
ok 'at the level of the chain' "$MLEDGER" verify --level chain
ok 'what cannot be proven can be required' test_must_fail 1 "$MLEDGER" verify --require anchor
ok 'derived data is made again' "$MLEDGER" reindex
expect_sound 'and is the same'
ok 'an export' bash -c '"$MLEDGER" export >out && [[ $(wc -l <out) == 6 ]]'
ok 'a range of it' bash -c '[[ $("$MLEDGER" export --from 1 --to 2 | wc -l) == 2 ]]'

cp -r .mledger old
"$MLEDGER" model create newer >/dev/null
ok 'a copy behind what was seen' test_must_fail 1 "$MLEDGER" --ledger old verify
expect_stdout_has 'is told' 'known-head-behind'
ok 'is not continued' test_must_fail 1 "$MLEDGER" --ledger old model create fork
expect_stderr_has 'with the way out' 'init --continues'

cp -r .mledger cut
truncate -s 8192 cut/data.mdb
ok 'a file cut short' test_must_fail 1 "$MLEDGER" --ledger cut verify
mkdir none && : >none/data.mdb && printf 'no store' >none/data.mdb
ok 'a file that is no ledger' test_must_fail 1 "$MLEDGER" --ledger none verify
ok 'no room on the disk' bash -c \
    'ulimit -f 0; trap "" XFSZ; "$MLEDGER" model create big; [[ $? == 3 ]]'
expect_sound 'leaves the ledger as it was'
done_testing
