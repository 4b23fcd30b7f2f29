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
# Reports for pipelines.
ok 'reports' "$MLEDGER" verify --junit good.xml --sarif good.sarif
ok 'JUnit: a case for each code of the page' bash -c '
    [ "$(grep -c "<testcase " good.xml)" = "$(sed -n "/^## Findings/,/^## Rules/p" "$1" |
        grep -c "^| \`")" ]' - "$TESTS_CLI/../../docs/FINDINGS.md"
ok 'none failed' grep -q 'failures="0" errors="0" skipped="1"' good.xml
ok 'SARIF: a rule for each, too' bash -c '
    [ "$(jq ".runs[0].tool.driver.rules | length" good.sarif)" = "$(grep -c "<testcase " good.xml)" ]'
ok 'what is not proven is a note' jq -e '.runs[0].results == [{ruleId: "anchor", level: "note",
    message: .runs[0].results[0].message, ruleIndex: 0}]' good.sarif
ok 'of a spoilt one' test_must_fail 1 "$MLEDGER" --ledger spoilt verify --junit bad.xml --sarif bad.sarif
ok 'the case has failed' bash -c 'grep -A1 "name=\"commitment\"" bad.xml |
    grep -q "<failure type=\"commitment\".*>#2 the payload is not"'
ok 'the XML is well-formed' python3 -c 'import xml.dom.minidom as m; m.parse("bad.xml")'
ok 'the result names the record' jq -e '.runs[0].results[] | select(.ruleId == "commitment") |
    .level == "error" and .locations[0].logicalLocations[0].name == "2"' bad.sarif
ok 'its rule is the one it points to' jq -e '.runs[0] as $run | [$run.results[] |
    $run.tool.driver.rules[.ruleIndex].id == .ruleId] | all' bad.sarif
ok 'what is required is an error there' bash -c '
    "$MLEDGER" verify --require anchor --sarif required.sarif >/dev/null
    jq -e ".runs[0].results[0].level == \"error\"" required.sarif'
ok 'a report that cannot be written' test_must_fail 3 "$MLEDGER" verify --junit nowhere/good.xml
ok 'does not hide a fault' \
    test_must_fail 1 "$MLEDGER" --ledger spoilt verify --junit nowhere/bad.xml
expect_stdout_has 'and is told' 'this could not be kept: '

# The shape of --json, which programs rely on.
"$MLEDGER" --ledger spoilt --json verify --require anchor >shape.json
ok 'one object of these members' jq -e 'keys_unsorted == ["verified", "name", "identity", "records",
    "link", "root", "statements", "faults", "doubts", "not_proven", "known_head_matches",
    "anchored", "since", "findings"]' shape.json
ok 'of these types' jq -e '[.verified, .name, .identity, .records, .link, .root, .statements, .faults,
    .doubts, .not_proven, .known_head_matches, .findings | type] == ["boolean", "string", "string",
    "number", "string", "string", "number", "number", "number", "number", "boolean", "array"]' shape.json
ok 'a finding has these' jq -e '[.findings[] | keys_unsorted - ["seq", "rule", "required"] ==
    ["severity", "code", "text"]] | all' shape.json
ok 'with a seq' jq -e '.findings[] | select(.code == "commitment") | .severity == "fault" and
    .seq == 2' shape.json
ok 'and what was required' jq -e '.findings[] | select(.code == "anchor") |
    .severity == "not_proven" and .required == true' shape.json

# The verification as a record.
ok 'recorded' "$MLEDGER" --json verify --record
cp "$OUT" recorded.json
ok 'and told' jq -e '.verified and .recorded == 34' recorded.json
ok 'it names what was verified' bash -c '"$MLEDGER" --json show 34 | jq -e ".event.verification_recorded |
    .size == 34 and .outcome == \"verified\" and .level == \"full\" and .finding_codes == [\"anchor\"]"'
ok 'of the chain alone' "$MLEDGER" verify --level chain --record
expect_stdout_has 'in words' 'recorded #35'
expect_sound 'which verifies'
ok 'without the key' test_must_fail 3 "$MLEDGER" verify --record --key nobody

# A store that its engine does not survive.
ok 'a stall that is none' test_must_fail 2 "$MLEDGER" verify --stall 0
cp -r .mledger cut
truncate -s 8192 cut/data.mdb
ok 'a file that was cut' test_must_fail 1 "$MLEDGER" --ledger cut verify
expect_stdout_has 'is a finding' '[store-damaged]'
ok 'as JSON' test_must_fail 1 "$MLEDGER" --ledger cut --json verify
expect_stdout_has 'with the code' '"code":"store-damaged"'

# Checkpoints that were kept elsewhere, and keys that are trusted.
rm -rf copy && cp -r .mledger copy # as it is before what follows
"$MLEDGER" checkpoint -o kept >/dev/null && "$MLEDGER" model create later >/dev/null || exit 99
vkey=$("$MLEDGER" key log)
size=$(sed -n 2p kept)
ok 'against a checkpoint' "$MLEDGER" verify --against kept
expect_stdout_has 'is anchored' "anchored up to size $size"
expect_stdout_has 'but for what came after' "not proven  #$size  anchored up to size $size"
ok 'against the log key' "$MLEDGER" verify --against "$vkey" --json
expect_stdout_has 'by the checkpoint that is noted' "\"anchored\":$size"
ok 'against both' "$MLEDGER" verify --against kept --against "$vkey"
sed '3s/^...../AAAAA/' kept >other-root
ok 'against another root' test_must_fail 1 "$MLEDGER" verify --against other-root
expect_stdout_has 'which is another history' '[anchor-mismatch]'
expect_stdout_has 'and which the key has not signed' '[anchor-key]'
# On a machine that has never seen the ledger: what was proven is known to every answer from then on.
fresh() { XDG_STATE_HOME=$T/fresh "$@"; }
ok 'where nothing was seen before' fresh "$MLEDGER" verify --against kept
ok 'an answer' fresh "$MLEDGER" --json history model:later
expect_json 'says how far it was verified, and by which checkpoint' --argjson size "$size" \
    '.basis.verified.seq == .basis.head.seq and .basis.checkpoint.size == $size'
ok 'and the next verification' fresh "$MLEDGER" verify --since last
expect_stdout_has 'goes on from there' 'read since size'
mkdir old && mv copy old/.mledger
ok 'an old copy is as the checkpoint says' env XDG_STATE_HOME="$T/none2" "$MLEDGER" \
    --ledger old/.mledger verify --against kept
"$MLEDGER" checkpoint -o newer >/dev/null
ok 'an old copy behind a checkpoint' test_must_fail 1 env XDG_STATE_HOME="$T/none" "$MLEDGER" \
    --ledger old/.mledger verify --against newer
expect_stdout_has 'lacks records' '[anchor-beyond]'
ok 'against a file that there is not' test_must_fail 2 "$MLEDGER" verify --against none
ok 'against what is no checkpoint' test_must_fail 3 "$MLEDGER" verify --against /etc/passwd
ok 'at the level chain' test_must_fail 2 "$MLEDGER" verify --level chain --against kept
# Going on from the last full verification.
ok 'in full' "$MLEDGER" verify
"$MLEDGER" model create since-then >/dev/null || exit 99
ok 'since then' "$MLEDGER" verify --since last --json
expect_stdout_has 'from there on' "\"since\":$(records_now=$("$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/'); echo $((records_now - 1))),"
expect_stdout_has 'what was not read again is said' '"code":"since"'
"$MLEDGER" model create one-more >/dev/null || exit 99
ok 'since a checkpoint' "$MLEDGER" verify --since kept
expect_stdout_has 'counts all records, not the one that was read' ' records, '
expect_stdout_has 'is held against it too' "anchored up to size $size"
expect_stdout_has 'and says where it began' 'read since size'
ok 'since another root' test_must_fail 1 "$MLEDGER" verify --since other-root
ok 'read in full in spite of it' bash -c '! "$MLEDGER" verify --since last --refold | grep "read since"'
snapshot=$(ls "$XDG_STATE_HOME"/mledger/*.state)
ok 'the snapshot is its owner alone' test "$(stat -c %a "$snapshot")" = 600
echo >>"$snapshot"
ok 'a snapshot that was altered' "$MLEDGER" verify --since last
expect_stdout_has 'is not gone on from' 'all was read'
ok 'and was made anew' bash -c '"$MLEDGER" verify --since last | grep "read since"'
rm "$snapshot"
ok 'a snapshot that is gone' "$MLEDGER" verify --since last
expect_stdout_has 'is not gone on from either' 'all was read'
ok 'since, of the chain' test_must_fail 2 "$MLEDGER" verify --since last --level chain
{ echo "log $vkey"; echo 'quorum none'; } >policy
ok 'a policy that is met' "$MLEDGER" verify --witness-policy policy
"$MLEDGER" export tiles tiles >/dev/null || exit 99
ok 'tiles' "$MLEDGER" verify --tiles tiles --against "$vkey"
expect_stdout_has 'are verified' 'verified: '
expect_stdout_has 'payloads are hidden' '[payload-hidden]'
rm "tiles/$(cd tiles && find tile/0 -type f | head -n 1)"
ok 'tiles of which one is missing' test_must_fail 1 "$MLEDGER" verify --tiles tiles/
expect_stdout_has 'is named' '[tile]'
ok 'tiles that there are not' test_must_fail 1 "$MLEDGER" verify --tiles nowhere
ok 'tiles that nobody serves' test_must_fail 3 "$MLEDGER" verify --tiles http://127.0.0.1:1/
ok 'nothing at all' test_must_fail 1 "$MLEDGER" --ledger nowhere verify
ok 'a ledger that may not be written' bash -c 'chmod a-w .mledger/data.mdb; "$MLEDGER" verify'
chmod u+w .mledger/data.mdb
ok 'no home for known heads' test_must_fail 3 env -u HOME -u XDG_STATE_HOME "$MLEDGER" verify
expect_stderr_has 'is told' 'XDG_STATE_HOME'
done_testing
