#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# export: exact records out, whole files or none; log and show as JSON.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
for i in $(seq 20); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done |
    "$MLEDGER" append >/dev/null

ok 'to standard output' "$MLEDGER" export
cp "$OUT" all
expect_stdout_has 'as DSSE envelopes' '"payloadType":"application/vnd.mledger.header.v1+protobuf"'
ok 'a line a record' test "$(wc -l <all)" = 22
ok 'to a file' "$MLEDGER" export -o out
expect_stdout 'is told' <<'END'
wrote 22 records to out
END
ok 'is the same' cmp all out
ok 'over a file that is there' "$MLEDGER" export --from 3 --to 5 -o out
ok 'is the part' bash -c 'cmp <(sed -n 4,6p all) out'
ok 'a record that there is not' test_must_fail 1 "$MLEDGER" export --to 99 -o out
expect_stderr_has 'is told' 'there is no record 99; the newest is 21'
ok 'backwards' test_must_fail 2 "$MLEDGER" export --from 5 --to 3 -o out
ok 'a format that there is not' test_must_fail 2 "$MLEDGER" export --format xml
ok 'the file is as it was' bash -c 'cmp <(sed -n 4,6p all) out'
full() { (ulimit -f 4 && trap '' XFSZ && "$MLEDGER" export -o out); }
ok 'a disk that is full' test_must_fail 3 full
ok 'leaves it as it was' bash -c 'cmp <(sed -n 4,6p all) out && [[ $(ls out*) == out ]]'
ok 'nowhere to write to' test_must_fail 3 "$MLEDGER" export -o none/out
to_full() { "$MLEDGER" export >/dev/full; }
if [ -c /dev/full ]; then
    ok 'an answer that cannot be written' test_must_fail 3 to_full
else
    skip 'an answer that cannot be written' 'no /dev/full'
fi

ok 'log as JSON' "$MLEDGER" --json log --limit 3
seqs() { sed 's/.*"seq":\([0-9]*\),.*/\1/' "$1" | xargs; }
cp "$OUT" newest
ok 'is a line a record, the newest last' test "$(seqs newest)" = '19 20 21'
ok 'or first' bash -c '[[ $("$MLEDGER" --json log -n 2 --reverse | sed "s/.*\"seq\":\([0-9]*\),.*/\1/" | xargs) == "21 20" ]]'
ok 'by whom' bash -c '[[ $("$MLEDGER" log --actor alice --json | wc -l) == 22 ]]'
ok 'by what key' bash -c '[[ $("$MLEDGER" log --signer demo-admin --json | wc -l) == 2 ]]'
ok 'from a record to another' bash -c '[[ $("$MLEDGER" log --since 4 --until 6 --json | wc -l) == 3 ]]'
ok 'of an actor that there is not' test_must_fail 1 "$MLEDGER" log --actor nobody
ok 'of a model that there is not' test_must_fail 1 "$MLEDGER" log --model nothing
ok 'of two things at once' test_must_fail 2 "$MLEDGER" log --model m1 --run r
ok 'of a time that is none' test_must_fail 2 "$MLEDGER" log --since tomorrow
ok 'show as JSON' "$MLEDGER" --json show 1
expect_stdout_has 'has statements' '"meaning":"possession"'
ok 'status as JSON' "$MLEDGER" --json status
expect_stdout_has 'has what is not anchored' '"unanchored":22'
done_testing
