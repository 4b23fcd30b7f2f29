#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# witness: the policy file, keys of witnesses, and a witness that serves.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/witness.sh"
new_ledger
policies=$XDG_CONFIG_HOME/mledger/witnesses

# --- keys ---
ok 'a key' "$MLEDGER" witness key w1 --name witness.example/w1 --no-passphrase
expect_stdout_has 'is printed with its file' "$XDG_CONFIG_HOME/mledger/keys/w1.key"
expect_stdout_has 'and as a verifier key' 'witness.example/w1+'
vkey1=$(tail -1 "$OUT")
ok 'a second time' "$MLEDGER" witness key w1
expect_stdout_has 'it is printed again' "$vkey1"
ok 'under another name' test_must_fail 2 "$MLEDGER" witness key w1 --name witness.example/w9
expect_stderr_has 'it is not' "its witness is called 'witness.example/w1'"
ok 'a name that cannot stand on a note' test_must_fail 2 "$MLEDGER" witness key 'w 9' --no-passphrase
ok 'a key of another purpose' test_must_fail 4 "$MLEDGER" witness key demo-admin
expect_stderr_has 'is no witness' 'rule key-purpose'
ok 'a witness signs no record' test_must_fail 4 "$MLEDGER" model create a --key w1
ok 'and is not let in' test_must_fail 4 "$MLEDGER" key authorize alice w1 --roles recorder \
    --key demo-admin
"$MLEDGER" witness key w2 --no-passphrase >"$T/w2" && vkey2=$(tail -1 "$T/w2")
log=$("$MLEDGER" key log)

# --- policy ---
ok 'no witnesses' "$MLEDGER" witness list
expect_stdout_has 'is said' 'no witnesses in'
ok 'a quorum of nobody' test_must_fail 2 "$MLEDGER" witness quorum all
ok 'a witness' "$MLEDGER" witness add "$vkey1" https://witness.example/w1/
expect_stdout_has 'is asked for' 'quorum: all 1'
policy=$(head -1 "$OUT")
case $policy in "$policies"/*.policy) ok 'the policy is named by the ledger' test -f "$policy" ;; *)
    ok 'the policy is named by the ledger' false ;;
esac
ok 'the same key' test_must_fail 2 "$MLEDGER" witness add "$vkey1" https://a.example/ --name other
ok 'the same name' test_must_fail 2 "$MLEDGER" witness add "$vkey2" https://a.example/ \
    --name witness.example/w1
ok 'a log for a witness' test_must_fail 2 "$MLEDGER" witness add "$log" https://a.example/
expect_stderr_has 'is told apart' 'is the key of a log'
ok 'no key' test_must_fail 3 "$MLEDGER" witness add nobody https://a.example/
ok 'no URL' test_must_fail 2 "$MLEDGER" witness add "$vkey2" witness.example
ok 'a URL with a password' test_must_fail 2 "$MLEDGER" witness add "$vkey2" https://a:b@w.example/
ok 'the name none' test_must_fail 2 "$MLEDGER" witness add "$vkey2" https://a.example/ --name none
ok 'another' "$MLEDGER" witness add "$vkey2" http://127.0.0.1:1/ --name second
ok 'more than there are' test_must_fail 2 "$MLEDGER" witness quorum 3
ok 'none of them' test_must_fail 2 "$MLEDGER" witness quorum 0
ok 'one of two' "$MLEDGER" witness quorum 1
expect_stdout_has 'is enough' 'quorum: 1 of 2'
ok 'the list' "$MLEDGER" witness list
expect_stdout_has 'has names' 'second'
expect_stdout_has 'and places' 'https://witness.example/w1/'
ok 'as JSON' "$MLEDGER" --json witness list
expect_stdout_has 'too' '"quorum":1,"witnesses":[{"name":"witness.example/w1","vkey":"witness.'
ok 'two of two' "$MLEDGER" witness quorum 2
ok 'a policy that asks for more than are left' test_must_fail 2 "$MLEDGER" witness remove second
ok 'a witness that there is not' test_must_fail 1 "$MLEDGER" witness remove third
ok 'all' "$MLEDGER" witness quorum all
printf '# a remark\n' >>"$policy"
ok 'gone' "$MLEDGER" witness remove witness.example/w1
ok 'the file' cat "$policy"
expect_stdout 'is a tlog-policy, and keeps remarks' <<END
# Which checkpoints of this ledger to believe (C2SP tlog-policy): mledger witness --help
# a remark
witness second $vkey2 http://127.0.0.1:1/
group witnesses all second
quorum witnesses
END
ok 'nobody' "$MLEDGER" witness quorum none
ok 'is nobody' "$MLEDGER" --json witness list
expect_stdout_has 'in JSON too' '"quorum":"none"'
printf 'log %s\nwitness a %s\nwitness b %s\ngroup x any a\ngroup y all b x\nquorum y\n' \
    "$log" "$vkey1" "$vkey2" >"$policy"
ok 'groups made by hand' "$MLEDGER" witness list
expect_stdout_has 'are read' "quorum: as the policy's groups say"
ok 'but not changed' test_must_fail 4 "$MLEDGER" witness quorum 1
expect_stderr_has 'which is said' 'rule witness-policy-by-hand'
printf 'quorum none' >"$policy"
ok 'a policy that is none' test_must_fail 3 "$MLEDGER" witness list
expect_stderr_has 'names file and line' "$policy:1: "
printf 'log %s https://log.example/\nquorum none\n' "$log" >"$policy"
ok 'one without witnesses' "$MLEDGER" witness add "$vkey2" http://127.0.0.1:1/ --name second
ok 'a log of the file' grep -F "log $log https://log.example/" "$policy"
rm "$policy"

# --- serving ---
ok 'without a log' test_must_fail 2 "$MLEDGER" witness serve --listen 127.0.0.1:0 --state "$T/s" --key w1
ok 'with a witness for a log' test_must_fail 2 "$MLEDGER" witness serve --listen 127.0.0.1:0 \
    --state "$T/s" --key w1 --log "$vkey2"
ok 'with a key of another purpose' test_must_fail 4 "$MLEDGER" witness serve --listen 127.0.0.1:0 \
    --state "$T/s" --key demo-log --log "$log"
ok 'with a key that there is not' test_must_fail 3 "$MLEDGER" witness serve --listen 127.0.0.1:0 \
    --state "$T/s" --key w9 --log "$log"
ok 'without a port' test_must_fail 2 "$MLEDGER" witness serve --listen 127.0.0.1 --state "$T/s" \
    --key w1 --log "$log"
ok 'a witness' serve_witness one w1 "$T/s" "$log"
ok 'that is there' fetch_status "$(witness_url one)/add-checkpoint"
expect_stdout 'takes no GET' <<'END'
405
END
ok 'on its port nobody else' test_must_fail 3 "$MLEDGER" witness serve \
    --listen "$(witness_url one | sed 's,http://,,')" --state "$T/s" --key w1 --log "$log"
expect_stderr_has 'can listen' 'Address already in use'
ok 'ends when told' stop_witness one
done_testing
