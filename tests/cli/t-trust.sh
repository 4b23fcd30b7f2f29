#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# init, actor, key, policy, threshold, statement: who may do what.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

ok 'without a ledger' test_must_fail 3 "$MLEDGER" status
expect_stderr_has 'the command that helps is named' 'mledger init --name NAME'
ok 'a ledger without a name' test_must_fail 2 "$MLEDGER" init
ok 'a sealed admin needs a passphrase' test_must_fail 3 "$MLEDGER" init --name demo
ok 'which leaves nothing behind' test ! -e .mledger

printf 'correct horse battery\n' >pass
ok 'a ledger with a sealed admin' \
    "$MLEDGER" init --name demo --actor alice --person 'Alice Ng' --passphrase-file pass
expect_stdout_has 'says what to pin' 'identity'
ok 'a second one in its place' test_must_fail 2 "$MLEDGER" init --name demo --no-passphrase
ok 'keys are for their owner alone' \
    bash -c '[[ $(stat -c %a "$XDG_CONFIG_HOME"/mledger/keys/*.key | sort -u) == 600 ]]'

printf 'wrong\n' >wrong
ok 'trust records need the passphrase' \
    test_must_fail 3 "$MLEDGER" actor add bob --kind person --roles approver --passphrase-file wrong
ok 'an actor' "$MLEDGER" actor add bob --kind person --roles approver --passphrase-file pass
ok 'daily work does not' "$MLEDGER" model create churn
ok 'an actor twice' \
    test_must_fail 4 "$MLEDGER" actor add bob --kind person --roles approver --passphrase-file pass
expect_stderr_has 'is refused by rule' 'rule name-taken'
ok 'a recorder cannot register actors' test_must_fail 4 "$MLEDGER" actor add eve --kind person \
    --roles approver --key demo-recorder
expect_stderr_has 'which needs an admin' 'rule admin'

ok 'a key' "$MLEDGER" key new bob --no-passphrase
ok 'is authorised' "$MLEDGER" key authorize bob bob --roles approver --passphrase-file pass
ok 'not for a role that the actor lacks' \
    test_must_fail 4 "$MLEDGER" key authorize bob bob --roles admin --passphrase-file pass
ok 'and listed' "$MLEDGER" key list
expect_stdout_has 'with its roles' 'approver'
chmod 644 "$XDG_CONFIG_HOME/mledger/keys/bob.key"
ok 'a key that others can read is not used' \
    test_must_fail 3 "$MLEDGER" model create other --key bob
expect_stderr_has 'with the command that helps' 'chmod 600'
chmod 600 "$XDG_CONFIG_HOME/mledger/keys/bob.key"

ok 'a policy' "$MLEDGER" policy set Production --require validation,approval:other --passphrase-file pass
ok 'is shown' "$MLEDGER" policy show
expect_stdout_has 'as it was given' 'validation, approval:other'
ok 'a requirement that there is not' test_must_fail 2 "$MLEDGER" policy set Production --require luck
ok 'no policy' "$MLEDGER" policy set Production --none --passphrase-file pass
ok 'more admins than there are' test_must_fail 4 "$MLEDGER" threshold set 2 --passphrase-file pass
expect_stderr_has 'are refused' 'rule threshold'

echo '{"policy_set": {"stage": "Staging", "requirements": [{"kind": "validation", "count": 1}]}}' >event
ok 'an event is sealed' "$MLEDGER" statement make event -o sealed
ok 'signed elsewhere' \
    "$MLEDGER" statement sign sealed --key demo-admin --meaning approved --passphrase-file pass
ok 'shown' "$MLEDGER" statement show sealed
expect_stdout_has 'with its signature' 'signature good'
ok 'and appended by the recorder' "$MLEDGER" statement append sealed
ok 'but once' test_must_fail 4 "$MLEDGER" statement append sealed
expect_stderr_has 'for its nonce is used' 'rule statement-nonce'

ok 'a key is revoked' "$MLEDGER" key revoke bob --cause lost --passphrase-file pass
ok 'and signs nothing any more' test_must_fail 4 "$MLEDGER" model create late --key bob
ok 'the last admin stays' test_must_fail 4 "$MLEDGER" key revoke demo-admin --cause retired \
    --passphrase-file pass
expect_sound 'the ledger verifies'
done_testing
