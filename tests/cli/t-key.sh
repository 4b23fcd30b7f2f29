#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# key: choosing among keys, rotating and revoking them, log keys.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
KEYS=$XDG_CONFIG_HOME/mledger/keys
new_ledger
admin=(--key demo-admin)

ok 'files are listed without a ledger too' bash -c 'cd / && "$MLEDGER" key list'
expect_stdout_has 'and that is said' 'no ledger here'
ok 'a key' "$MLEDGER" key new ci --no-passphrase
expect_stdout_has 'is printed with its file' "$KEYS/ci.key"
ok 'twice' test_must_fail 2 "$MLEDGER" key new ci --no-passphrase
ok 'a name with a path in it' test_must_fail 2 "$MLEDGER" key new ../ci --no-passphrase
ok 'is not in the ledger yet' "$MLEDGER" key list
expect_stdout_has 'which is said' 'not in this ledger'
ok 'and signs nothing' test_must_fail 4 "$MLEDGER" model create a --key ci
expect_stderr_has 'in it' 'rule key-unknown'

ok 'without an actor' test_must_fail 2 "$MLEDGER" key authorize ci "${admin[@]}"
ok 'for an actor that there is not' test_must_fail 4 "$MLEDGER" key authorize ci ci \
    --roles recorder "${admin[@]}"
"$MLEDGER" actor add ci --kind service --roles recorder "${admin[@]}" >/dev/null
ok 'a role that is none' test_must_fail 2 "$MLEDGER" key authorize ci ci --roles boss "${admin[@]}"
ok 'a role twice' test_must_fail 2 "$MLEDGER" key authorize ci ci --roles recorder,recorder \
    "${admin[@]}"
ok 'authorised' "$MLEDGER" key authorize ci ci --roles recorder "${admin[@]}"
ok 'it signs' "$MLEDGER" model create a --key ci
ok 'by the path of its file too' "$MLEDGER" model create b --key "$KEYS/ci.key"
ok 'several recorders' test_must_fail 3 "$MLEDGER" model create c
expect_stderr_has 'must be told apart' "'ci.key', 'demo-recorder.key'"
ok 'a key that there is not' test_must_fail 3 "$MLEDGER" model create c --key nobody
expect_stderr_has 'is named' "there is no key 'nobody'"

"$MLEDGER" key new ci2 --no-passphrase >/dev/null
ok 'rotated' "$MLEDGER" key rotate ci ci2 "${admin[@]}"
ok 'the old one ended' test_must_fail 4 "$MLEDGER" model create c --key ci
expect_stderr_has 'with its record' 'rule key-revoked'
ok 'the new one has its roles' "$MLEDGER" model create c --key ci2
ok 'the old one a second time' test_must_fail 4 "$MLEDGER" key rotate ci ci2 "${admin[@]}"

mv "$KEYS/ci2.key" away.key
ok 'a key without its file' "$MLEDGER" key list
expect_stdout_has 'is listed as elsewhere' '-  '
digits=$("$MLEDGER" --json key list | tr '{' '\n' | grep '"file":null' | head -1 |
    sed 's/.*"key":"\([0-9a-f]*\)".*/\1/')
ok 'revoking by a time' test_must_fail 3 "$MLEDGER" key revoke "${digits:0:12}" --cause compromised \
    --since 2026-01-01 "${admin[@]}"
expect_stderr_has 'needs a time from outside' 'no checkpoint with a time from outside'
expect_stderr_has 'and can be done by number' '--since-seq N'
ok 'a time that is none' test_must_fail 3 "$MLEDGER" key revoke "${digits:0:12}" \
    --cause compromised --since soon "${admin[@]}"
ok 'digits that nothing begins with' test_must_fail 1 "$MLEDGER" key revoke 00000000000000 \
    --cause lost "${admin[@]}"
ok 'revoked by its first digits' "$MLEDGER" key revoke "${digits:0:12}" --cause compromised \
    --since-seq 7 "${admin[@]}"
ok 'what it signed is in doubt' "$MLEDGER" verify
expect_stdout_has 'record by record' 'doubt  #7'
expect_stdout_has 'with the code' '[key-doubt]'
ok 'its standing' "$MLEDGER" key list
expect_stdout_has 'has the cause' 'compromised, ended with #'

ok 'another log key' "$MLEDGER" key new log2 --purpose log --no-passphrase
ok 'has no roles' test_must_fail 2 "$MLEDGER" key authorize log2 --roles recorder "${admin[@]}"
ok 'and no actor' test_must_fail 2 "$MLEDGER" key authorize alice log2 "${admin[@]}"
ok 'is authorised' "$MLEDGER" key authorize log2 "${admin[@]}"
ok 'both are in force' bash -c '[[ $("$MLEDGER" key log | wc -l) == 2 ]]'
ok 'the first is revoked' "$MLEDGER" key revoke demo-log --cause retired "${admin[@]}"
ok 'one is left' bash -c '[[ $("$MLEDGER" key log | wc -l) == 1 ]]'
ok 'a log key signs no record' test_must_fail 4 "$MLEDGER" model create d --key log2
printf 'not a key\n' >"$KEYS/odd.key" && chmod 600 "$KEYS/odd.key"
ok 'a file that is no key' "$MLEDGER" key list
expect_stdout_has 'is listed with its fault' 'odd'
ok 'the newest time is not ahead' test_must_fail 2 "$MLEDGER" clock correct "${admin[@]}"
expect_stderr_has 'so there is nothing to correct' 'nothing to correct'
expect_sound 'the ledger verifies'
done_testing
