#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# init: what it makes, what it leaves behind when it fails, and successors of lost ledgers.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
KEYS=$XDG_CONFIG_HOME/mledger/keys
printf 'correct horse\n' >pass

keys() { (cd "$KEYS" 2>/dev/null && echo *.key | tr ' ' '\n'); }
nothing_made() { [ ! -e "$1" ] && [ "$(keys)" = "$2" ]; }

ok 'as JSON' "$MLEDGER" --json init --name 'My Models!' --actor ada --no-passphrase --recovery-key
expect_stdout_has 'the origin follows from the name' '"origin":"mledger/My-Models-"'
expect_stdout_has 'with the keys' '"name":"My-Models--recovery"'
ok 'the first actor has all roles' "$MLEDGER" actor list
expect_stdout_has 'and two keys' 'ada    person  admin, recorder, approver     3      #0'
ok 'the log key is printed' "$MLEDGER" key log
expect_stdout_has 'as a verifier key' 'mledger/My-Models-+'
ok 'it verifies' "$MLEDGER" verify
ok 'the recovery key is an admin' "$MLEDGER" actor add bob --kind person --roles approver \
    --key My-Models--recovery
mkdir sub
ok 'it is found from below' bash -c 'cd sub && "$MLEDGER" status'
expect_stdout_has 'by its name' 'My Models!'

before=$(keys)
ok 'in a place of its own' test_must_fail 2 "$MLEDGER" --ledger other init --name 'My Models!' \
    --no-passphrase
expect_stderr_has 'keys are never written over' 'My-Models--admin'
expect_stderr_has 'and can be named' '--keys PREFIX'
ok 'nothing was made' nothing_made other "$before"
ok 'an origin that is none' test_must_fail 2 "$MLEDGER" --ledger other init --name x \
    --origin 'a b' --no-passphrase
ok 'a name that is too long' test_must_fail 3 "$MLEDGER" --ledger other init --no-passphrase \
    --keys long --name "$(printf 'n%.0s' {1..300})"
ok 'no place for it' test_must_fail 3 "$MLEDGER" --ledger none/at/all init --name x --no-passphrase
: >empty
ok 'an empty passphrase' test_must_fail 2 "$MLEDGER" --ledger other init --name x \
    --passphrase-file empty
expect_stderr_has 'is told' 'the passphrase is empty'
ok 'a passphrase file that is not there' test_must_fail 3 "$MLEDGER" --ledger other init --name x \
    --passphrase-file nowhere
ok 'two sources of passphrases' test_must_fail 2 "$MLEDGER" --ledger other init --name x \
    --passphrase-file pass --passphrase-fd 0
ok 'still nothing was made' nothing_made other "$before"

# The store needs more than the keys do, so the keys are there when the disk is full.
full() {
    (
        ulimit -f 8
        trap '' XFSZ
        "$MLEDGER" --ledger other init --name full --no-passphrase
    )
}
ok 'a disk that is full' test_must_fail 3 full
ok 'leaves no key and no ledger' nothing_made other "$before"
mkdir here && touch here/mine
full_here() { (ulimit -f 8 && trap '' XFSZ && "$MLEDGER" --ledger here init --name full --no-passphrase); }
ok 'the same in a directory that was there' test_must_fail 3 full_here
ok 'leaves what was in it' test "$(ls here)" = mine

# A store whose making was cut off holds nothing that could be lost.
mkdir unborn && : >unborn/data.mdb
ok 'a store that was never born' "$MLEDGER" --ledger unborn init --name unborn --no-passphrase
ok 'is brought to life' "$MLEDGER" --ledger unborn verify
mkdir cut && head -c 5000 unborn/data.mdb >cut/data.mdb
cp cut/data.mdb cut-before
ok 'one that is damaged' test_must_fail 1 "$MLEDGER" --ledger cut init --name cut --no-passphrase
expect_stderr_has 'is said to be' 'is damaged'
ok 'and left as it is' cmp cut/data.mdb cut-before

ok 'one that is to be served' "$MLEDGER" --ledger served init --name served --server --actor dana --no-passphrase
expect_stdout_has 'has a recorder of its own' "recorder of the service 'server'"
ok 'which is a service' "$MLEDGER" --ledger served --json actor list
expect_json 'and no person' 'map(select(.id == "server" and .kind == "service")) | length == 1'
ok 'what its key records' "$MLEDGER" --ledger served model create churn
ok 'is the service'"'"'s' "$MLEDGER" --ledger served log -n 1
expect_stdout_has 'and not dana'"'"'s' 'server'
ok 'all of it is in order' "$MLEDGER" --ledger served verify
before=$(keys)
ok 'a person of its name' test_must_fail 4 "$MLEDGER" --ledger named init --name named --server --actor server \
    --no-passphrase
ok 'leaves nothing' nothing_made named "$before"

ok 'a passphrase from a descriptor' bash -c \
    '"$MLEDGER" --ledger fd init --name fd --passphrase-fd 5 5<pass'
ok 'is needed from then on' test_must_fail 3 "$MLEDGER" --ledger fd threshold set 1
expect_stderr_has 'and asked for at the terminal' 'no terminal'
ok 'and is the one' "$MLEDGER" --ledger fd threshold set 1 --passphrase-file pass

# A backup that is behind what was seen goes on under a new identity.
cp -r fd backup
"$MLEDGER" --ledger fd threshold set 1 --passphrase-file pass >/dev/null
mv fd lost && mv backup fd
ok 'a restored backup' test_must_fail 1 "$MLEDGER" --ledger fd status
expect_stdout_has 'is told' 'BEHIND'
ok 'a successor' "$MLEDGER" --ledger next init --name fd --keys fd2 --continues fd --no-passphrase
ok 'says what it continues' "$MLEDGER" --ledger next show 0 --json
expect_stdout_has 'with the last record kept' '"kept_seq":2'
expect_stdout_has 'and the head it fell behind' '"lost_checkpoint":"6d6c6564676572206b6e6f776e2068656164'
ok 'and verifies' "$MLEDGER" --ledger next verify
"$MLEDGER" --ledger lost checkpoint --no-record --key fd-recorder --log-key fd-log >/dev/null
ok 'where a checkpoint was seen' "$MLEDGER" --ledger next3 init --name fd --keys fd3 --continues fd \
    --no-passphrase
ok 'that is told' "$MLEDGER" --ledger next3 show 0 --json
expect_stdout_has 'as the log key signed it' "\"lost_checkpoint\":\"$(printf mledger/fd | od -An -tx1 | tr -d ' \n')"
ok 'of what is no ledger' test_must_fail 1 "$MLEDGER" --ledger next2 init --name y --continues sub \
    --no-passphrase
ok 'there is none' nothing_made next2 "$(keys)"
done_testing
