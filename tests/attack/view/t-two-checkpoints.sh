#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The log key signs two trees of one size, one of them of no ledger at all.
. "$(dirname "$0")/../lib.sh"

victim copy
checkpoint_text copy "$SIZE" >text
forge copy "note text $LOG" >one
printf '%s\n%s\n%s\n' "$ORIGIN" "$SIZE" "$(forge copy 'base64 root:3')" >text
forge copy "note text $LOG" >two
ok 'two checkpoints of one size' test_must_fail 1 at copy checkpoint compare one two -o evidence
expect_stdout_has 'conflict' 'CONFLICT'
expect_stdout_has 'and are kept' '.conflict-1'
vkey=$(at copy key log)
elsewhere() { (cd / && MLEDGER_DIR='' XDG_STATE_HOME=$T/elsewhere "$MLEDGER" checkpoint compare "$@" --vkey "$vkey"); }
ok 'the evidence shows it without the ledger' test_must_fail 1 elsewhere "$PWD/evidence"
expect_stdout_has 'too' 'CONFLICT'

# Who keeps the evidence is told by every verification from then on; others have not seen it.
KNOWS=$T/adversary
found 'verify tells of it by itself' copy checkpoint-conflict
ok 'also where it goes on from earlier' test_must_fail 1 at copy verify --since last
expect_stdout_has 'and says where it is kept' '.conflict-1'
kept=$(echo "$KNOWS"/mledger/*.conflict-1)
KNOWS=
sound 'a stranger sees a sound ledger' copy

# A file that proves nothing brings no ledger down.
KNOWS=$T/adversary
keep() { printf 'mledger conflict v1\nfirst %s\nsecond %s\n\n' "$(wc -c <"$1")" "$(wc -c <"$2")" | cat - "$1" "$2" >"$kept"; }
forge copy "note text $ADMIN" >by-admin
keep one by-admin
sound 'signed by another key' copy
unproven 'it is told' checkpoint-conflict
keep one one
sound 'the same twice' copy
unproven 'it is told' checkpoint-conflict
echo nothing >"$kept"
sound 'a file that is no evidence' copy
unproven 'it is told' checkpoint-conflict
rm "$kept"
KNOWS=

# What does not conflict, or is not signed by the log, is no evidence.
forge copy "note text $ADMIN" >three
ok 'one that an admin signed' test_must_fail 3 at copy checkpoint compare one three
sed '2s/.*/24/' two >altered
ok 'one whose text was altered' test_must_fail 3 at copy checkpoint compare one altered
printf '%s\n%s\n%s\n' "$ORIGIN" 024 "$(forge copy 'base64 root:24')" >text
forge copy "note text $LOG" >odd
ok 'one of an odd size' test_must_fail 3 at copy checkpoint compare one odd
ok 'one with itself is the same' at copy checkpoint compare one one
done_testing
