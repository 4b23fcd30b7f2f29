#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# checkpoint: made of what is stored, kept, shown, compared; two that conflict are evidence.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
known() { echo "$XDG_STATE_HOME/mledger/$("$MLEDGER" --json status | sed 's/.*"identity":"\([0-9a-f]*\)".*/\1/')"; }
records() { "$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/'; }
models() { for i in $(seq "$1" "$2"); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done; }
models 1 300 | "$MLEDGER" append >/dev/null

ok 'none yet' test_must_fail 1 "$MLEDGER" checkpoint show
expect_stderr_has 'says how to make one' 'mledger checkpoint'
ok 'is made' "$MLEDGER" checkpoint
cp "$OUT" first
ok 'the note is all of the answer' test "$(sed -n 1,2p first | xargs)" = 'mledger/demo 302'
ok 'with a signature' grep -q '^— mledger/demo ' first
ok 'and is recorded' test "$(records)" = 303
ok 'as the newest known' bash -c 'sed 1,/^$/d "$1" | cmp - first' - "$(known)"
ok 'again, into a file' "$MLEDGER" checkpoint -o second
expect_stdout 'is not recorded: nothing is new' <<'END'
checkpoint over 303 records written to second
END
ok 'as JSON' "$MLEDGER" checkpoint --json
expect_stdout_has 'the same' '"size":303'
expect_stdout_has 'from the last noted one on' '"leaves_made_again":1,"record":null'
ok 'every leaf made again' "$MLEDGER" checkpoint --json --all
expect_stdout_has 'all of them' '"leaves_made_again":303'
ok 'a record more' "$MLEDGER" model create more
ok 'is under the next' "$MLEDGER" checkpoint --json
expect_stdout_has 'which is recorded' '"record":{"seq":304,'
ok 'unless told otherwise' "$MLEDGER" model create more2
ok 'so' "$MLEDGER" checkpoint --no-record
ok 'it is not' test "$(records)" = 306
expect_sound 'the ledger verifies'

ok 'show' "$MLEDGER" checkpoint show
expect_stdout_has 'its size' 'records     304'
expect_stdout_has 'its signature' 'signed by   mledger/demo  good'
expect_stdout_has 'its record' 'recorded    #304'
expect_stdout_has 'what came since' 'since then  2 records'
ok 'show as JSON' "$MLEDGER" checkpoint show --json
expect_stdout_has 'has the record' '"record":{"seq":304,'
ok 'show the note' "$MLEDGER" checkpoint show --note
cp "$OUT" noted
ok 'is as it was signed' test "$(sed -n 2p noted)" = 304
ok 'show a file' "$MLEDGER" checkpoint show first
expect_stdout_has 'of another size' 'records     302'
sed 's/^\(— mledger.demo .\{10\}\)A/\1B/; t; s/^\(— mledger.demo .\{10\}\)./\1A/' first >altered
ok 'show one with another signature' "$MLEDGER" checkpoint show altered
expect_stdout_has 'which does not hold' 'does not hold'
away() { (cd / && MLEDGER_DIR='' "$MLEDGER" "$@"); }
ok 'show a file without a ledger' away checkpoint show "$PWD/first"
expect_stdout_has 'whose signature nobody checks' 'not checked'
ok 'show what is none' test_must_fail 3 "$MLEDGER" checkpoint show /dev/null
ok 'show a file that there is not' test_must_fail 3 "$MLEDGER" checkpoint show nothing

ok 'by a key that is no log key' test_must_fail 4 "$MLEDGER" checkpoint --log-key demo-recorder
expect_stderr_has 'is refused' 'checkpoints are a log key'
"$MLEDGER" key new other --purpose log --no-passphrase >/dev/null
ok 'by a log key of another ledger' test_must_fail 4 "$MLEDGER" checkpoint --log-key other
expect_stderr_has 'is refused' 'not authorised in this ledger'
no_key() { XDG_CONFIG_HOME=$T/none "$MLEDGER" checkpoint; }
ok 'without the log key' test_must_fail 3 no_key
expect_stderr_has 'says which is missing' 'is a log key of this ledger'

ok 'compare with itself' "$MLEDGER" checkpoint compare first first
expect_stdout 'is the same' <<'END'
the same tree of 302 records
END
ok 'compare with a later one' "$MLEDGER" checkpoint compare second first
expect_stdout 'is consistent' <<'END'
consistent: the first 302 of 303 records are the same
END
vkey=$("$MLEDGER" key log)
ok 'compare without a ledger' test_must_fail 1 away checkpoint compare "$PWD/first" "$PWD/second" --vkey "$vkey"
expect_stdout_has 'does not tell' 'neither a ledger nor a proof'
ok 'a proof' "$MLEDGER" prove --consistency first second -o proof
ok 'tells' away checkpoint compare "$PWD/first" "$PWD/second" --vkey "$vkey" --proof "$PWD/proof"
ok 'a proof of others' bash -c '"$MLEDGER" prove --consistency 10 20 -o proof2'
ok 'does not' test_must_fail 1 "$MLEDGER" checkpoint compare first second --proof proof2
sed '$ { s/^A/B/; t; s/^./A/ }' proof >proof3
ok 'nor one that is altered' test_must_fail 1 "$MLEDGER" checkpoint compare first second --proof proof3
expect_stdout_has 'which does not hold' 'the proof does not hold'
ok 'nor what is none' test_must_fail 3 "$MLEDGER" checkpoint compare first second --proof first
ok 'compare one that is not signed so' test_must_fail 3 "$MLEDGER" checkpoint compare first altered
expect_stderr_has 'names it' "'altered'"
ok 'compare without a key' test_must_fail 2 away checkpoint compare "$PWD/first" "$PWD/second"
ok 'with a key of another log' test_must_fail 3 away checkpoint compare "$PWD/first" "$PWD/second" \
    --vkey 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
expect_stderr_has 'says so' 'of another log'
ok 'with what is no key' test_must_fail 2 "$MLEDGER" checkpoint compare first second --vkey demo

# Somebody goes on in two ways from one copy, and shows each to somebody else.
cp -r .mledger fork
other() { XDG_STATE_HOME=$T/other "$MLEDGER" --ledger fork "$@"; }
other model create theirs >/dev/null
other checkpoint --no-record >theirs
"$MLEDGER" model create ours >/dev/null
"$MLEDGER" checkpoint --no-record >ours
ok 'two of one size' test_must_fail 1 "$MLEDGER" checkpoint compare ours theirs -o evidence
expect_stdout_has 'conflict' 'CONFLICT: the log key has signed two different trees of 307 records'
expect_stdout_has 'are kept' '.conflict-1'
ok 'beside what is known' cmp evidence "$(known).conflict-1"
ok 'others can check that' test_must_fail 1 away checkpoint compare "$PWD/evidence" --vkey "$vkey" --json
expect_stdout_has 'without the ledger' '"verdict":"conflict"'
ok 'from evidence that is none' test_must_fail 3 "$MLEDGER" checkpoint compare first
other model create theirs2 >/dev/null
other checkpoint --no-record >theirs2
"$MLEDGER" model create ours2 >/dev/null
"$MLEDGER" model create ours3 >/dev/null
"$MLEDGER" checkpoint --no-record >ours3
ok 'two of different sizes' test_must_fail 1 "$MLEDGER" checkpoint compare theirs2 ours3
expect_stdout_has 'conflict' 'CONFLICT: the tree of 309 records does not begin with the tree of 308'
ok 'a proof for others' "$MLEDGER" prove --consistency 308 ours3 -o proof4
ok 'shows it to them' test_must_fail 1 away checkpoint compare "$PWD/theirs2" "$PWD/ours3" --vkey "$vkey" --proof "$PWD/proof4"
expect_stdout_has 'too' 'CONFLICT'
ok 'one of another history, in our ledger' test_must_fail 1 "$MLEDGER" checkpoint compare first theirs2
expect_stdout_has 'is foreign' 'is no checkpoint of the ledger at hand'
ok 'no proof goes to it' test_must_fail 1 "$MLEDGER" prove --consistency first theirs2
expect_stderr_has 'as is said' 'another root than theirs2 says'

# An old copy is put in place.
ok 'behind what is known' test_must_fail 1 "$MLEDGER" --ledger fork checkpoint
expect_stderr_has 'nothing is signed' 'no checkpoint was signed'
for i in 1 2; do other model create "m00$i" >/dev/null; done
ok 'caught up with, but another' test_must_fail 1 "$MLEDGER" --ledger fork checkpoint
expect_stderr_has 'is told' 'differs'

# What is stored is not what was recorded.
"$MLEDGER" checkpoint >/dev/null
"$MLEDGER" model create forged-name >/dev/null
LC_ALL=C sed -i 's/forged-name/f0rged-name/g' .mledger/data.mdb
ok 'a record altered' test_must_fail 1 "$MLEDGER" checkpoint
expect_stderr_has 'is found before signing' 'no checkpoint was signed'
ok 'an empty known file' bash -c ': >"$1"' - "$(known)"
LC_ALL=C sed -i 's/f0rged-name/forged-name/g' .mledger/data.mdb
ok 'is nothing known' "$MLEDGER" checkpoint
ok 'a known file that is none' bash -c 'echo nothing >"$1"' - "$(known)"
ok 'is told' test_must_fail 3 "$MLEDGER" checkpoint
expect_stderr_has 'by name' "$XDG_STATE_HOME/mledger/"
done_testing
