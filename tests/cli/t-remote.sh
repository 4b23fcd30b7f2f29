#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# --ledger URL: statements made here and recorded by a server, which is not believed.
# shellcheck disable=SC2317,SC2119 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/serve.sh"
new_ledger
add_approver bob
"$MLEDGER" run start --id r1 --commit none >/dev/null &&
    "$MLEDGER" model create churn >/dev/null &&
    "$MLEDGER" version register churn --run r1 >/dev/null || exit 99
identity=$("$MLEDGER" --json status | sed -n 's/.*"identity": *"\([0-9a-f]*\)".*/\1/p')
cp -r .mledger old

ok 'a server begins' start_server
TRUE_URL=$URL
echo "upstream $URL" >rules
"${LYING_SERVER:?}" rules >liar.out &
LIAR=$!
disown "$LIAR"
trap 'kill -9 "$SERVER" "$LIAR" 2>/dev/null; cd / && chmod -R u+rwX "$T" && rm -rf "$T"' EXIT
until [ -s liar.out ]; do kill -0 "$LIAR" || exit 99; done
read -r URL <liar.out

# On the laptop: the keys, and a memory of its own.
server_state=$XDG_STATE_HOME
export XDG_STATE_HOME=$T/home/laptop
remote() { "$MLEDGER" --ledger "$URL" "$@"; }
truly() { echo "upstream $TRUE_URL" >rules; }
# lie RULE: besides asking the true server.
lie() { printf 'upstream %s\n%s\n' "$TRUE_URL" "$1" >rules; }
size() { (XDG_STATE_HOME=$server_state "$MLEDGER" --ledger .mledger --json log | wc -l); }
before=0
count() { before=$(size); }
# Nothing was recorded since count().
same_size() { [ "$(size)" -eq "$before" ]; }

# --- who the server is ---
zeros=$(printf '%064d' 0)
ok 'a ledger of another identity' test_must_fail 1 remote checkpoint show --identity "$zeros"
expect_stderr_has 'is not taken' "has the ledger $identity, not $zeros"
ok 'an approval' remote approve churn/1 --stage Production --key bob
expect_stdout_has 'is recorded' 'churn/1 approved for Production'
expect_stdout_has 'and proven' 'proven to be in the ledger; the proof is kept in '
expect_stderr_has 'the first contact is told of' "its ledger is $identity (mledger/demo)"
expect_stderr_has 'and what is approved' 'churn/1 was registered in #'
proof=$(sed -n 's/.*kept in //p' "$OUT") seq=$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")
vkey=$(sed -n 's/^vkey //p' "$XDG_STATE_HOME"/mledger/server-*)
ok 'the proof' "$MLEDGER" prove --check "$proof" --vkey "$vkey"
expect_stdout_has 'needs no server' "record #$seq is among"
ok 'a token' test_must_fail 2 env MLEDGER_TOKEN=secret "$MLEDGER" --ledger http://192.0.2.1 log
expect_stderr_has 'is not sent in the clear to another machine' 'use https'

# --- what a server is asked for ---
ok 'a list' remote log --model churn -n 2
expect_stdout_has 'of records' 'granted for Production'
ok 'a record' remote show "$seq"
expect_stdout_has 'is proven' 'proven to be in the ledger, under a checkpoint over'
ok 'another record by its name' remote --json show churn/1
expect_stdout_has 'is what was recorded' '"kind":"version_registered"'
ok 'a proof' remote prove 2 -o two.proof
ok 'is one' "$MLEDGER" prove --check two.proof --vkey "$vkey"
ok 'lineage' remote lineage churn/1 -o lineage.svg
ok 'is drawn' grep -q '</svg>' lineage.svg
# same_text COMMAND...: the same lines, up to what it rests on.
same_text() {
    (XDG_STATE_HOME=$server_state "$MLEDGER" --ledger .mledger "$@") >here.txt &&
        remote "$@" >there.txt && grep -q 'so the server says' there.txt &&
        diff <(sed '/^not known:\|^records used\|^as of/,$d' here.txt) \
            <(sed '/^not known:\|^as of/,$d' there.txt)
}
ok 'lineage as text' same_text lineage churn/1
ok 'down' same_text lineage runs:/r1 --down
ok 'of some kinds' same_text lineage churn/1 --kind run
ok 'lineage as PNG' test_must_fail 2 remote lineage churn/1 -o lineage.png
expect_stderr_has 'is not what a server draws' '-o FILE.svg'
ok 'lineage with a stop' test_must_fail 2 remote lineage churn/1 --stop run
expect_stderr_has 'is not asked for' 'a server is not asked by --stop'
ok 'what was recorded since a time' remote log --since 2020-01-01 --until 2100-01-01 --kind model_created
expect_stdout_has 'is listed' 'churn'
ok 'before all' remote log --until 2001-01-01
expect_stdout 'is nothing' </dev/null
ok 'no time' test_must_fail 2 remote log --since yesteryear
expect_stderr_has 'is named' "'since': "
ok 'that all began so' remote prove --consistency 3 -o three.proof
ok 'is proven' "$MLEDGER" prove --check three.proof --vkey "$vkey"
ok 'under a checkpoint' remote checkpoint show
sed -n '1,/^— /p' "$OUT" >seen.checkpoint
ok 'that was kept' remote --json prove --consistency seen.checkpoint
expect_stdout_has 'too' '"proof":"mledger consistency v1'
ok 'the larger tree' test_must_fail 2 remote prove --consistency 2 3
ok 'a tree that is larger' test_must_fail 1 remote prove --consistency 100000
ok 'what cannot ask a server' test_must_fail 2 remote verify
expect_stderr_has 'says what can' 'what can ask a server: approve, '
ok 'a record that is not there' test_must_fail 1 remote show 999

# --- questions: what is answered here is answered there, word for word ---
# same_answer COMMAND...: but for how far each machine has verified it.
same_answer() {
    local here=0 there=0
    (XDG_STATE_HOME=$server_state "$MLEDGER" --ledger .mledger --json "$@") >here.json || here=$?
    remote --json "$@" >there.json || there=$?
    [ "$here" -eq "$there" ] && [ -s here.json ] &&
        diff <(jq -S 'del(.basis.verified, .basis.checkpoint)' here.json) \
            <(jq -S 'del(.basis.verified, .basis.checkpoint)' there.json)
}
ok 'at' same_answer at churn None "$seq"
ok 'at, where there is no answer' same_answer at churn "$seq"
ok 'timeline' same_answer timeline churn --from 0
ok 'timeline of what was not there' same_answer timeline churn --stage Production
ok 'history' same_answer history churn/1
ok 'history of a key that is here' same_answer history key:bob
ok 'impact' same_answer impact runs:/r1 key:bob --no-inferred
ok 'path' same_answer path runs:/r1 churn/1 --all --limit 3
ok 'no path' test_must_fail 2 remote --json path churn/1 actor:bob
ok 'diff' same_answer diff runs:/r1 churn/1
ok 'metrics' same_answer metrics churn/1 --metric auc
ok 'inventory' same_answer inventory --where stage=None --all-versions
ok 'exceptions' same_answer report exceptions --check approval-late
ok 'flow' same_answer report flow --from 0 --as-of "$seq"
ok 'lineage' same_answer lineage churn/1 --depth 2
ok 'into a file' remote timeline churn -o times.json
ok 'that is whole' jq -e '.intervals | length > 0' times.json
ok 'as text' test_must_fail 2 remote history churn/1
expect_stderr_has 'not from a server' 'a server answers this as JSON: --json, -o FILE.json'
ok 'with evidence' test_must_fail 2 remote --json history churn/1 --evidence e
expect_stderr_has 'not either' 'a server is not asked by --evidence'
ok 'of nothing' test_must_fail 1 remote --json history nothing
ok 'of a key that is nowhere' test_must_fail 1 remote --json history key:nobody

# --- what the rules forbid ---
count
ok 'a key without the role' test_must_fail 4 remote approve churn/1 --stage Production \
    --key demo-recorder
expect_stderr_has 'is refused' "does not hold the role approver (rule statement-role)"
"$MLEDGER" key new eve --no-passphrase >/dev/null
ok 'a key that nobody authorized' test_must_fail 4 remote approve churn/1 --stage Production \
    --key eve
expect_stderr_has 'is refused too' '(rule key-unknown)'
ok 'a version by its alias' test_must_fail 2 remote approve churn@x --stage Production --key bob
ok 'a version that is not there' test_must_fail 1 remote approve churn/9 --stage Production --key bob
ok 'nothing of it is recorded' same_size

# --- statements that were made before ---
make_statement() { # FILE
    printf '{"approval_recorded":{"model":"churn","version":1,"stage":"S","decision":"granted"}}' \
        >event.json
    XDG_STATE_HOME=$server_state "$MLEDGER" --ledger .mledger statement make event.json -o "$1" \
        >/dev/null && remote -q statement sign "$1" --key bob --meaning approved
}
ok 'a statement' make_statement one.stmt
ok 'is sent' remote statement append one.stmt
count
ok 'once' test_must_fail 4 remote statement append one.stmt
expect_stderr_has 'and not again' '(rule statement-nonce)'
make_statement two.stmt
(XDG_STATE_HOME=$server_state "$MLEDGER" --ledger .mledger version transition churn/1 Staging) \
    >/dev/null || exit 99
count
ok 'of what has changed since' test_must_fail 4 remote statement append two.stmt
expect_stderr_has 'it is worth nothing' '(rule statement-stale)'
sed -i "s/\"ledger\": \"[0-9a-f]*\"/\"ledger\": \"$zeros\"/" two.stmt
ok 'for another ledger' test_must_fail 3 remote statement append two.stmt
expect_stderr_has 'it is not sent' 'was made for another ledger'
ok 'nothing of it is recorded' same_size

# --- a server that lies ---
count
lie "answer /proof/inclusion \"hashes\":[\" \"hashes\":[\"$zeros\",\""
ok 'a proof that does not fit' test_must_fail 1 remote show 2
expect_stderr_has 'proves nothing' 'is not proven to be under its checkpoint'
ok 'nor is anything approved on it' test_must_fail 1 remote approve churn/1 --stage Production \
    --key bob
lie "ask /api/mledger/v1/records/3/line /api/mledger/v1/records/2/line"
ok 'another record than was asked for' test_must_fail 1 remote show 3
expect_stderr_has 'is named' 'record 3 as the server gives it is none'
lie 'answer /reference "record": "record":0,"x":'
ok 'a record that tells of something else' test_must_fail 1 remote approve churn/1 \
    --stage Production --key bob
expect_stderr_has 'is looked at' "tells of 'churn/1', and it does not"
lie 'answer /lineage "edges":[ "edges":[{},'
ok 'a lineage that is none' test_must_fail 1 remote lineage churn/1
expect_stderr_has 'is not shown' 'is no lineage: '
lie 'answer /proof/consistency old new'
ok 'a proof of another tree' test_must_fail 1 remote prove --consistency 3
expect_stderr_has 'is none' 'does not show that its'
lie 'answer /line "sig":" "sig":"AAAA'
ok 'a signature that does not hold' test_must_fail 1 remote show 2
ok 'nothing of it is recorded' same_size
lie 'answer /statements "seq": "seq":1,"x":'
ok 'a record that was there before' test_must_fail 1 remote approve churn/1 --stage Production \
    --key bob
expect_stderr_has 'is no receipt' 'it was sent, and what became of it is not sure: '
lie 'answer /statements "link":" "link":"00'
ok 'a receipt of another record' test_must_fail 1 remote approve churn/1 --stage Production --key bob
lie 'answer /head size nonsense'
ok 'an answer without what is due' test_must_fail 1 remote checkpoint show
expect_stderr_has 'says so' "the server's answer has no number 'size'"
lie 'answer /head { }'
ok 'what is no JSON' test_must_fail 1 remote checkpoint show
lie 'answer /checkpoint mledger/demo mledger/else'
ok 'a checkpoint of another log' test_must_fail 1 remote checkpoint show
expect_stderr_has 'is none' "is of 'mledger/else'"
truly
ok 'the truth is taken again' remote checkpoint show

# --- a server that shows another history ---
stop_server >/dev/null
# serve_copy DIR: in place of the ledger.
serve_copy() {
    export MLEDGER_DIR=$PWD/$1 XDG_STATE_HOME=$T/home/elsewhere
    rm -rf "$XDG_STATE_HOME"
    start_server
    TRUE_URL=$URL
    truly
    read -r URL <liar.out
    export XDG_STATE_HOME=$T/home/laptop
    unset MLEDGER_DIR
}
ok 'an old copy is served' serve_copy old
ok 'what was forgotten' test_must_fail 1 remote checkpoint show
expect_stderr_has 'is missed' 'does not show that its checkpoint over'
evidence=$(ls "$XDG_STATE_HOME/mledger/$identity.conflict-"* 2>/dev/null | head -n 1)
ok 'and kept as evidence' test -s "$evidence"
stop_server >/dev/null
for i in 1 2 3 4 5 6 7 8 9; do
    (XDG_STATE_HOME=$T/home/elsewhere "$MLEDGER" --ledger old model create "m$i") >/dev/null ||
        exit 99
done
ok 'a fork of it is served' serve_copy old
ok 'a history that is another' test_must_fail 1 remote approve churn/1 --stage Production --key bob
expect_stderr_has 'is found out' 'both are kept in'
ok 'both are evidence' test "$(ls "$XDG_STATE_HOME/mledger/$identity.conflict-"* | wc -l)" -ge 2
stop_server >/dev/null
mkdir other && (cd other && "$MLEDGER" init --name other --actor eve --keys other --no-passphrase) \
    >/dev/null || exit 99
ok 'another ledger is served' serve_copy other/.mledger
ok 'which is not the one' test_must_fail 1 remote checkpoint show
expect_stderr_has 'that was there' "is of 'mledger/other', not of 'mledger/demo'"
stop_server >/dev/null

# --- a server without a log key ---
mkdir "$T/home/nolog" && cp -r "$XDG_CONFIG_HOME/mledger" "$T/home/nolog/" &&
    rm "$T/home/nolog/mledger/keys/"*-log.key || exit 99
real_config=$XDG_CONFIG_HOME XDG_CONFIG_HOME=$T/home/nolog XDG_STATE_HOME=$server_state
ok 'a server without a log key' start_server
export XDG_CONFIG_HOME=$real_config XDG_STATE_HOME=$T/home/laptop2
ok 'records' remote approve churn/1 --stage Production --key bob
expect_stdout_has 'and proves later' 'not proven to be in the ledger: the server has no checkpoint'
ok 'what it recorded' remote show "$(sed -n 's/^recorded #\([0-9]*\).*/\1/p' "$OUT")"
expect_stdout_has 'is shown all the same' 'no checkpoint covers it yet'
stop_server >/dev/null
XDG_STATE_HOME=$server_state
expect_sound 'the ledger verifies'

# --- who asks ---
printf 'a\nb\n' >token
ok 'two lines' test_must_fail 2 remote log --token-file token
ok 'no file' test_must_fail 3 remote log --token-file nothing
ok 'a URL with a password in it' test_must_fail 2 "$MLEDGER" --ledger http://me:pw@127.0.0.1 log
ok 'a server that is not there' test_must_fail 3 remote log
done_testing
