#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# mledger-verify: a program of its own that verifies exports and tiles and links nothing of a ledger's.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
: "${MLEDGER_VERIFY:?MLEDGER_VERIFY must name mledger-verify}"
VERIFY=$MLEDGER_VERIFY

# What it is linked with, from its dynamic section.
if command -v readelf >/dev/null && ! readelf -d "$VERIFY" | grep -qE 'lib(asan|ubsan|tsan)'; then
    linked=$(readelf -d "$VERIFY" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
    allowed='^(libsodium|libcrypto|libprotobuf-c|libzstd|libjansson|libc|libm|ld-linux[a-z0-9-]*)\.so'
    ok 'it is linked with something' test -n "$linked"
    ok 'and with nothing but what it may be' bash -c '! grep -vE "$1" <<<"$2"' - "$allowed" "$linked"
    ok 'libsodium among it' bash -c 'grep -q libsodium <<<"$1"' - "$linked"
else
    skip 'what it is linked with' 'no readelf, or a sanitizer'
fi

new_ledger
identity=$("$MLEDGER" --json status | sed 's/.*"identity":"\([0-9a-f]*\)".*/\1/')
vkey=$("$MLEDGER" key log)
for i in $(seq 20); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done |
    "$MLEDGER" append >/dev/null
"$MLEDGER" checkpoint -o checkpoint >/dev/null # of 22 records, and noted by #22
for i in $(seq 280); do echo "{\"model_created\": {\"name\": \"n$i\"}}"; done |
    "$MLEDGER" append >/dev/null
"$MLEDGER" export -o all >/dev/null

ok 'an export' "$VERIFY" all
expect_stdout_has 'is proven' 'proven  303 records of ledger demo, #0 to #302'
expect_stdout_has 'with its identity' "proven  the identity is $identity"
expect_stdout_has 'whose it is, is not' '[origin]'
expect_stdout_has 'nor what was cut' '[anchor]'
expect_stdout_has 'a verdict' 'verified: export, 303 records'
ok 'whose it is, required' test_must_fail 1 "$VERIFY" --require origin all
expect_stdout_has 'is a fault' 'not proven, and required'
ok 'with the identity' "$VERIFY" --identity "$identity" --require origin all
ok 'with another' test_must_fail 1 "$VERIFY" --identity "${identity//[0-9]/a}" all
expect_stdout_has 'is a fault' '[identity]'
ok 'with the log key' "$VERIFY" --vkey "$vkey" all
expect_stdout_has 'a noted checkpoint anchors' 'anchored up to size 22'
expect_stdout_has 'and the rest is not' 'not proven  #22'
ok 'with a checkpoint' "$VERIFY" --checkpoint checkpoint all
expect_stdout_has 'is anchored too' 'proven  anchored up to size 22'
ok 'as JSON' "$VERIFY" --json --checkpoint checkpoint --vkey "$vkey" all
expect_stdout_has 'in one object' '{"verified":true,"format":"export","name":"demo",'
expect_stdout_has 'with what anchors it' '"anchored":22,"faults":0'
ok 'quiet' "$VERIFY" --quiet all
ok 'prints nothing' test ! -s "$OUT"
ok 'from elsewhere, with no home and no database' \
    env -i -C / "$VERIFY" --vkey "$vkey" "$PWD/all"

# wrong NAME CODE FILE [OPTION...]: found, with this code.
wrong() {
    local name=$1 code=$2
    shift 2
    ok "$name" test_must_fail 1 "$VERIFY" "$@"
    expect_stdout_has "$name: $code" "$code"
    expect_stdout_has "$name: the verdict" 'NOT verified'
}
sed 8d all >left-out
wrong 'a record left out' 'fault  #7  the record is missing  [gap]' left-out
sed '8d;100,102d' all >two-gaps
wrong 'two gaps' 'fault  #7  the record is missing  [gap]' two-gaps
expect_stdout_has 'are both told' 'fault  #99  records 99 to 101 are missing  [gap]'
sed '9{h;d};10{G}' all >swapped
wrong 'two records in another order' '[order]' swapped
sed '9p' all >twice
wrong 'a record twice' 'fault  #8' twice
head -n 20 all >cut
ok 'a cut tail alone' "$VERIFY" cut
wrong 'a cut tail under a checkpoint' 'fault  #20  checkpoint is over 22 records' cut --checkpoint checkpoint
sed '12s/"event":"\(.\{8\}\)./"event":"\1A/' all >event
wrong 'a changed event' 'fault  #11' event
sed '12s/"sig":"\(.\{8\}\)..../"sig":"\1AAAA/' all >signature
wrong 'a changed signature' '[signature]' signature
sed '12s/"seq":11/"seq":12/' all >number
wrong 'a changed number' 'line 12: seq is not the 11 of the header  [export-line]' number
expect_stdout_has 'is a gap as well' 'fault  #11  the record is missing  [gap]'
sed '12s/"salts":{"event":"../"salts":{"event":"00/' all >salt
wrong 'a changed salt' 'fault  #11' salt
head -c 20000 all >half
wrong 'half a line' '[export-line]' half
{ cat all; echo; } >empty-line
wrong 'an empty line' 'line 304' empty-line
{ sed 5q all; head -c 3000000 /dev/zero | tr '\0' x; echo; sed 1,5d all; } >long
wrong 'a line that is too long' 'line 6' long
expect_stdout_has 'is all that is wrong' '303 records read, 1 faults'
: >nothing
ok 'an empty file' test_must_fail 3 "$VERIFY" nothing
ok 'a file of something else' test_must_fail 3 "$VERIFY" checkpoint
ok 'a store' test_must_fail 3 "$VERIFY" .mledger/data.mdb
ok 'the directory of a store' test_must_fail 1 "$VERIFY" .mledger
expect_stderr_has 'is no tree of tiles' 'no checkpoint among the tiles'
ok 'a file that there is not' test_must_fail 3 "$VERIFY" none
ok 'no file' test_must_fail 2 "$VERIFY"
ok 'an option that there is not' test_must_fail 2 "$VERIFY" --repair all
ok 'a key that is none' test_must_fail 3 "$VERIFY" --vkey demo all
ok 'a checkpoint that is none' test_must_fail 3 "$VERIFY" --checkpoint all all
ok 'an identity that is none' test_must_fail 2 "$VERIFY" --identity 12 all

# Another ledger, with a log key of its own.
(
    mkdir other && cd other && export XDG_CONFIG_HOME=$T/other XDG_STATE_HOME=$T/other
    "$MLEDGER" init --name demo --actor alice --no-passphrase && "$MLEDGER" checkpoint -o checkpoint
    "$MLEDGER" key log >vkey
) >/dev/null || exit 99
other=$(cat other/vkey)
wrong 'the key of another log' '[anchor-key]' all --vkey "$other"
wrong 'the key of another log, beside a checkpoint' 'a key that was given as trusted  [anchor-key]' \
    all --checkpoint checkpoint --vkey "$other"
wrong 'the checkpoint of another ledger' '[anchor-key]' all --checkpoint other/checkpoint
expect_stdout_has 'has another root too' '[anchor-mismatch]'

"$MLEDGER" checkpoint >/dev/null && "$MLEDGER" export tiles tiles >/dev/null || exit 99
size=$(sed -n 2p tiles/checkpoint)
ok 'tiles' "$VERIFY" --vkey "$vkey" tiles
expect_stdout_has 'hide payloads' "hidden  the payloads of $size records"
expect_stdout_has 'are proven' "verified: tiles, $size records"
expect_stdout_has 'and anchored' "anchored up to size $size"
ok 'tiles without a key' "$VERIFY" tiles
expect_stdout_has 'are not known to be of anybody' '[origin]'
wrong 'tiles and another key' '[anchor-key]' tiles --vkey "$other"

# spoil NAME CODE FILE SED: one file of the tiles, altered.
spoil() {
    rm -rf spoilt && cp -r tiles spoilt
    LC_ALL=C sed -i "$4" "spoilt/$3"
    wrong "$1" "$2" spoilt --vkey "$vkey"
}
bundle=$(cd tiles && find tile/entries -type f | sort | head -n 1)
hashes=$(cd tiles && find tile/0 -type f | sort | head -n 1)
spoil 'an entry that was altered' 'fault  #' "$bundle" 's/\x42\x20/\x42\x21/'
spoil 'a tile that was altered' "$hashes holds other hashes" "$hashes" '1s/^./\x00/;1s/$/\x00/'
spoil 'a checkpoint of another size' '[anchor-' checkpoint '2s/.*/21/'
rm -rf spoilt && cp -r tiles spoilt && rm "spoilt/$hashes"
wrong 'a tile that is missing' "$hashes is missing" spoilt --vkey "$vkey"
rm -rf spoilt && cp -r tiles spoilt && rm "spoilt/$bundle"
wrong 'entries that are missing' "$bundle is missing" spoilt --vkey "$vkey"
expect_stdout_has 'are a gap' '[gap]'
rm -rf spoilt && cp -r tiles spoilt && head -c 1000 "tiles/$bundle" >"spoilt/$bundle"
wrong 'entries that are cut off' "$bundle is cut off" spoilt --vkey "$vkey"
rm -rf spoilt && cp -r tiles spoilt && sed -i '2s/.*/9000000000000000000/' spoilt/checkpoint
wrong 'a size beyond reason' '[gap]' spoilt --vkey "$vkey"

ok 'its help' "$VERIFY" --help
expect_stdout_has 'has the options' '--witness-policy FILE'
ok 'its man page' "$VERIFY" --man
expect_stdout_has 'is one' '.TH MLEDGER\-VERIFY 1'
if [ -c /dev/full ]; then
    to_full() { "$VERIFY" all >/dev/full; }
    ok 'an answer that cannot be written' test_must_fail 3 to_full
fi
done_testing
