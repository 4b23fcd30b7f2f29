#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# prove: proofs that hold without the ledger, and none of what does not hold.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
records() { "$MLEDGER" --json status | sed 's/.*"size":\([0-9]*\).*/\1/'; }
models() { for i in $(seq "$1" "$2"); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done; }
away() { (cd / && MLEDGER_DIR='' "$MLEDGER" "$@"); }
models 1 300 | "$MLEDGER" append >/dev/null
vkey=$("$MLEDGER" key log)

no_key() { XDG_CONFIG_HOME=$T/none "$MLEDGER" prove 36; }
ok 'no checkpoint, no log key' test_must_fail 3 no_key
expect_stderr_has 'says so' 'no checkpoint covers record 36 yet'
expect_stderr_has 'and what helps' 'mledger checkpoint, by who holds the log key'
ok 'a proof of a record' "$MLEDGER" prove 36 -o p36
expect_stdout 'is written' <<'END'
proof of record #36 written to p36
END
ok 'a checkpoint was made for it' test "$(records)" = 303
ok 'of another' "$MLEDGER" prove '#301'
cp "$OUT" p301
ok 'against the same' test "$(records)" = 303
ok 'it says what it is' test "$(head -n 1 p301)" = 'c2sp.org/tlog-proof@v1'
ok 'as JSON' "$MLEDGER" --json prove 0
expect_stdout_has 'is text' '"proof":"c2sp.org/tlog-proof@v1\n'
ok 'of the one that notes the checkpoint' "$MLEDGER" prove 302 -o p302
ok 'of a record that there is not' test_must_fail 1 "$MLEDGER" prove 303
expect_stderr_has 'is told' 'there is no record 303; the newest is 302'
ok 'of none' test_must_fail 2 "$MLEDGER" prove
ok 'of two' test_must_fail 2 "$MLEDGER" prove 1 2
ok 'of what is no number' test_must_fail 2 "$MLEDGER" prove churn

ok 'is checked' "$MLEDGER" prove --check p36
ok 'without the ledger' away prove --check "$PWD/p36" --vkey "$vkey"
expect_stdout_has 'says what it proves' 'proven: record #36 is among the 302 records of mledger/demo'
ok 'as JSON' away --json prove --check "$PWD/p36" --vkey "$vkey"
expect_stdout_has 'has the record' '"proven":true,"seq":36,"origin":"mledger/demo","size":302,'
link=$("$MLEDGER" --json show 36 | sed 's/.*"link":"\([0-9a-f]*\)".*/\1/')
expect_stdout_has 'the link is that of the record' "\"link\":\"$link\""
ok 'without a key' test_must_fail 2 away prove --check "$PWD/p36"
other='PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
ok 'by the key of another log' test_must_fail 1 away prove --check "$PWD/p36" --vkey "$other"
expect_stdout_has 'is not proven' 'NOT proven: the checkpoint is of another log'
ok 'by several' away prove --check "$PWD/p36" --vkey "$other" --vkey "$vkey"

# flip ADDRESS: the first character of that line becomes another digit of base64.
flip() { echo "$1 { s/^A/B/; t; s/^./A/ }"; }
alter() { # NAME SED TEXT
    sed "$2" p36 >altered
    ok "$1" test_must_fail 1 "$MLEDGER" prove --check altered
    expect_stdout_has 'is not proven' "NOT proven: $3"
}
alter 'another index' 's/^index 36/index 37/' 'the header is of record 36'
alter 'another hash' "$(flip 4)" ''
alter 'a hash less' '5 d' ''
alter 'another root' '/^302$/ { n; s/^A/B/; t; s/^./A/ }' "the signature of 'mledger/demo' on the note does not hold"
alter 'another size' 's/^302$/301/' "the signature of 'mledger/demo'"
alter 'another origin' 's#^mledger/demo$#mledger/other#' 'the checkpoint is of another log'
alter 'another signature on the record' 's/^extra A/extra B/; t; s/^extra ./extra A/' ''
alter 'no record' '/^extra/ d' "the proof holds no record's signature and header"
{ sed -n 1p p36; sed -n 2p p301; sed -n '3,$ p' p36; } >altered
ok "another record's header" test_must_fail 1 "$MLEDGER" prove --check altered
expect_stdout_has 'is not proven' 'NOT proven: the header is of record 301'
ok 'what is no proof' test_must_fail 3 "$MLEDGER" prove --check /dev/null
ok 'a file that there is not' test_must_fail 3 "$MLEDGER" prove --check none
ok 'check and make' test_must_fail 2 "$MLEDGER" prove 3 --check p36

"$MLEDGER" checkpoint show --note >first
models 301 310 | "$MLEDGER" append >/dev/null
"$MLEDGER" checkpoint >second
ok 'the newest checkpoint is taken' "$MLEDGER" prove 36 -o p36b
ok 'which is larger' grep -qx 313 p36b
ok 'or the one given' "$MLEDGER" prove 36 --checkpoint first -o p36c
ok 'is the same as before' cmp p36 p36c
ok 'which must cover it' test_must_fail 1 "$MLEDGER" prove 310 --checkpoint first
expect_stderr_has 'as is said' 'does not cover record 310'

ok 'consistency of two checkpoints' "$MLEDGER" prove --consistency first second -o c
ok 'and of sizes' "$MLEDGER" prove --consistency 302 313
cp "$OUT" c0
ok 'is the same' cmp c c0
ok 'checked anywhere' away prove --check "$PWD/c"
expect_stdout_has 'without a key' 'proven: the tree of 313 records begins with that of 302'
ok 'as JSON' away --json prove --check "$PWD/c"
expect_stdout_has 'with both roots' '"proven":true,"old":{"size":302,"root":"'
ok 'to the ledger as it stands' "$MLEDGER" prove --consistency first
expect_stdout_has 'is to its size' 'new 314 '
ok 'of a size with itself' "$MLEDGER" prove --consistency 7 7 -o c
ok 'holds' "$MLEDGER" prove --check c
sed "$(flip 4)" c0 >c
ok 'another hash' test_must_fail 1 "$MLEDGER" prove --check c
expect_stdout_has 'is not proven' 'NOT proven'
ok 'the larger first' test_must_fail 2 "$MLEDGER" prove --consistency second first
ok 'from nothing' test_must_fail 2 "$MLEDGER" prove --consistency 0 5
ok 'to more than there is' test_must_fail 1 "$MLEDGER" prove --consistency 5 999
ok 'of what is no file' test_must_fail 3 "$MLEDGER" prove --consistency none second
ok 'of nothing' test_must_fail 2 "$MLEDGER" prove --consistency
sed 's/^old/new/' c0 >c
ok 'what is no proof of it' test_must_fail 3 "$MLEDGER" prove --check c
expect_stderr_has 'says why' 'its second line'

# Signed by a key that has ended: it shows what was shown, and goes on doing so.
"$MLEDGER" key new demo-log2 --purpose log --no-passphrase >/dev/null
"$MLEDGER" key authorize demo-log2 --key demo-admin >/dev/null
ok 'two log keys' test_must_fail 3 "$MLEDGER" checkpoint
expect_stderr_has 'one must be named' '--log-key NAME'
ok 'the new one' "$MLEDGER" checkpoint --log-key demo-log2 --json
expect_stdout_has 'makes every leaf again' '"leaves_made_again":315'
"$MLEDGER" key revoke demo-log --cause compromised --key demo-admin >/dev/null
ok 'the old one has ended' test_must_fail 4 "$MLEDGER" checkpoint --log-key demo-log
ok 'the new one goes on' "$MLEDGER" checkpoint --json
expect_stdout_has 'from its own' '"leaves_made_again":2'
ok 'what the old one signed' "$MLEDGER" prove --check p36
expect_stdout_has 'is proven as before' 'proven: record #36'
expect_sound 'the ledger verifies'
done_testing
