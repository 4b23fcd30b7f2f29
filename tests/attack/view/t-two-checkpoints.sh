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
