#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# verify finds what was changed, and reindex makes again what is derived, and only that.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
"$MLEDGER" model create 'unmistakable-model-name' >/dev/null
for i in $(seq 30); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done |
    "$MLEDGER" append >/dev/null

ok 'what is in order' "$MLEDGER" verify
expect_stdout_has 'is said to be' 'verified: ledger demo, 33 records, 1 statement'
expect_stdout_has 'with what is not proven' 'not proven  '
ok 'as JSON' "$MLEDGER" verify --json
expect_stdout_has 'in one object' '{"verified":true,"name":"demo",'
expect_stdout_has 'with the known head' '"known_head_matches":true'
ok 'of the chain alone' "$MLEDGER" verify --level chain
expect_stdout_has 'is said to be that' 'chain verified: 33 records'
ok 'in little memory' "$MLEDGER" verify --memory 1MiB
ok 'what is required' test_must_fail 1 "$MLEDGER" verify --require anchor
expect_stdout_has 'and not proven' 'not proven, and required'
ok 'a requirement that is no code' test_must_fail 2 "$MLEDGER" verify --require 'An chor'
ok 'a level that is none' test_must_fail 2 "$MLEDGER" verify --level deep

# One letter of the name, wherever it stands in the store: in the record and in derived state.
spoil() { # FILE FROM TO
    LC_ALL=C sed -i "s/$2/$3/g" "$1/data.mdb"
}
cp -r .mledger spoilt
spoil spoilt unmistakable-model unmistakeble-model
ok 'one letter changed' test_must_fail 1 "$MLEDGER" --ledger spoilt verify
expect_stdout_has 'the record is named' 'fault  #2'
expect_stdout_has 'with a code' '[commitment]'
expect_stdout_has 'and the verdict' 'NOT verified'
ok 'as JSON too' test_must_fail 1 "$MLEDGER" --ledger spoilt --json verify
expect_stdout_has 'with the seq' '"severity":"fault","code":"commitment"'
cp spoilt/data.mdb spoilt.before
ok 'is not reindexed away' test_must_fail 1 "$MLEDGER" --ledger spoilt reindex
expect_stderr_has 'the record is named' 'record 2'
expect_stderr_has 'and nothing was changed' 'nothing was changed'
ok 'show tells' test_must_fail 1 "$MLEDGER" --ledger spoilt show 2
ok 'log tells' test_must_fail 1 "$MLEDGER" --ledger spoilt log
ok 'export tells' test_must_fail 1 "$MLEDGER" --ledger spoilt export -o out.jsonl
ok 'and leaves no half file' bash -c '! ls out.jsonl* 2>/dev/null'
ok 'other records can be read' "$MLEDGER" --ledger spoilt show 3

ok 'as JSON, how many' "$MLEDGER" --json reindex
expect_stdout '33 records' <<'END'
{"size":33}
END
expect_sound 'reindexed, it verifies'
ok 'and goes on' "$MLEDGER" model create after
ok 'nothing at all' test_must_fail 1 "$MLEDGER" --ledger nowhere verify
ok 'a ledger that may not be written' bash -c 'chmod a-w .mledger/data.mdb; "$MLEDGER" verify'
chmod u+w .mledger/data.mdb
ok 'no home for known heads' test_must_fail 3 env -u HOME -u XDG_STATE_HOME "$MLEDGER" verify
expect_stderr_has 'is told' 'XDG_STATE_HOME'
done_testing
