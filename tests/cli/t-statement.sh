#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# statement: several people sign one event, on machines with and without the ledger.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
KEYS=$XDG_CONFIG_HOME/mledger/keys
new_ledger
admin=(--key demo-admin)
"$MLEDGER" actor add bob --kind person --roles admin "${admin[@]}" >/dev/null
"$MLEDGER" key new bob --no-passphrase >/dev/null
"$MLEDGER" key authorize bob bob --roles admin "${admin[@]}" >/dev/null
ok 'two must agree' "$MLEDGER" threshold set 2 "${admin[@]}"
ok 'one alone' test_must_fail 4 "$MLEDGER" policy set Production --require validation "${admin[@]}"
expect_stderr_has 'is told how' 'mledger statement make'

echo '{"policy_set": {"stage": "Production", "requirements": [{"kind": "validation", "count": 1}]}}' >event
ok 'an event is sealed' "$MLEDGER" statement make event -o sealed
ok 'not over a file that is there' test_must_fail 3 "$MLEDGER" statement make event -o sealed
ok 'nor one that makes no sense' bash -c 'echo "{\"policy_set\": {}}" | "$MLEDGER" statement make - -o odd; [[ $? == 3 && ! -e odd ]]'

# On Bob's machine: his key, no ledger.
mkdir "$T/bob"
cp sealed "$T/bob" && mv "$KEYS/bob.key" "$T/bob/bob.key"
at_bob() { (cd "$T/bob" && XDG_CONFIG_HOME=$T/bob/config "$MLEDGER" "$@"); }
ok 'shown where no ledger is' at_bob statement show sealed
expect_stdout_has 'with the event' 'policy_set'
expect_stdout_has 'and no statement yet' 'none yet'
ok 'signed where no ledger is' at_bob statement sign sealed --key ./bob.key --meaning approved
expect_stdout_has 'having shown what is signed' 'Production'
cp "$T/bob/sealed" sealed

cp sealed one
ok 'with one statement of two' test_must_fail 4 "$MLEDGER" statement append one
expect_stderr_has 'it is refused' 'rule admin'
"$MLEDGER" model create meanwhile >/dev/null
ok 'the other signs here' "$MLEDGER" statement sign sealed "${admin[@]}" --meaning approved
ok 'both are shown' "$MLEDGER" --json statement show sealed
expect_stdout_has 'as good' '"meaning":"approved","seen_seq":5,"good":true'
ok 'it is recorded' "$MLEDGER" statement append sealed
ok 'and in force' "$MLEDGER" policy show Production
ok 'one admin may sign the record instead' "$MLEDGER" statement make event -o other
cp "$T/bob/bob.key" "$KEYS"
"$MLEDGER" statement sign other --key bob --meaning authored >/dev/null
ok 'of the other event' "$MLEDGER" statement append other "${admin[@]}"

"$MLEDGER" statement make event -o third >/dev/null
ok 'a statement that expired' "$MLEDGER" statement sign third --key bob --meaning approved \
    --expiry 2020-01-01
ok 'counts for nothing' test_must_fail 4 "$MLEDGER" statement append third "${admin[@]}"
expect_stderr_has 'by rule' 'rule statement-expired'
ok 'an expiry that is none' test_must_fail 2 "$MLEDGER" statement sign third --key bob \
    --meaning approved --expiry soon
ok 'a meaning that is none' test_must_fail 2 "$MLEDGER" statement sign third --key bob --meaning yes
ok 'no key' test_must_fail 2 "$MLEDGER" statement sign third --meaning approved

# Another event under the same statements.
"$MLEDGER" statement make event -o fourth >/dev/null
"$MLEDGER" statement sign fourth --key bob --meaning approved >/dev/null
salt=$(grep -o '"details": "[0-9a-f]\{64\}"' fourth | grep -o '[0-9a-f]\{64\}')
sed "s/$salt/$(printf '0%.0s' {1..64})/" fourth >forged
ok 'a file that was changed' test_must_fail 1 "$MLEDGER" statement show forged
expect_stdout_has 'shows it' 'NOT a statement on this event'
ok 'and is refused' test_must_fail 4 "$MLEDGER" statement append forged "${admin[@]}"
expect_stderr_has 'by rule' 'rule statement-subject'
for change in 's/"mledger_statements": 1/"mledger_statements": 2/' 's/"ledger"/"legder"/' \
    's/"event": "./"event": "!/' 's/"seq": /"seq": -/' '$d'; do
    sed "$change" fourth >broken
    ok "a file broken by $change" test_must_fail 3 "$MLEDGER" statement show broken
    expect_stderr_has 'is named' 'broken: '
done
ok 'no file' test_must_fail 3 "$MLEDGER" statement show nowhere
ok 'another ledger' bash -c '"$MLEDGER" --ledger second init --name second --no-passphrase >/dev/null'
ok 'takes no statement of this one' test_must_fail 3 "$MLEDGER" --ledger second statement append fourth
expect_stderr_has 'made for another' 'another ledger'

# A key on another machine proves that it is held.
"$MLEDGER" key new carol --no-passphrase >/dev/null
key=$("$MLEDGER" --json key list | tr '{' '\n' | grep '"file":"carol"' | sed 's/.*"key":"\([0-9a-f]*\)".*/\1/')
echo "{\"key_authorized\": {\"actor\": \"bob\", \"key\": \"$key\", \"roles\": [\"admin\"]}}" |
    "$MLEDGER" statement make - -o carols >/dev/null
ok 'possession' "$MLEDGER" statement sign carols --key carol --meaning possession
"$MLEDGER" statement sign carols --key bob --meaning approved >/dev/null
ok 'lets the key in' "$MLEDGER" statement append carols "${admin[@]}"
expect_sound 'the ledger verifies'
done_testing
