#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# export tiles: whole at any time, only what is new, nothing over another ledger's.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
new_ledger
models() { for i in $(seq "$1" "$2"); do echo "{\"model_created\": {\"name\": \"m$i\"}}"; done; }
files() { (cd tiles && find . -type f | sed 's#^\./##' | sort); }
models 1 298 | "$MLEDGER" append >/dev/null

ok 'without a checkpoint' test_must_fail 3 "$MLEDGER" export tiles tiles
expect_stderr_has 'says how to make one' 'mledger checkpoint'
"$MLEDGER" checkpoint >/dev/null
ok 'the first time' "$MLEDGER" export tiles tiles
expect_stdout 'all' <<'END'
wrote 5 files to tiles, which covers 300 records now
END
files >"$OUT"
expect_stdout 'by the names of tlog-tiles' <<'END'
checkpoint
tile/0/000
tile/0/001.p/44
tile/1/000.p/1
tile/entries/000
tile/entries/001.p/44
END
ok 'full tiles are of 256 hashes' test "$(stat -c %s tiles/tile/0/000)" = 8192
ok 'others of as many as there are' test "$(stat -c %s tiles/tile/0/001.p/44)" = 1408
ok 'the checkpoint is the noted one' bash -c '"$MLEDGER" checkpoint show --note | cmp - tiles/checkpoint'
ok 'anybody may read' test "$(stat -c %a tiles/checkpoint)" = "$(printf %o $((0666 & ~$(umask))))"
ok 'nothing new' "$MLEDGER" --json export tiles tiles
expect_stdout 'is nothing to write' <<'END'
{"before":300,"size":300,"files":0}
END
entry() { # the first entry of a bundle, after its length
    tail -c +3 "$1" | head -c $((0x$(head -c 2 "$1" | od -An -tx1 | tr -d ' \n')))
}
ok 'an entry is signature and header' bash -c \
    'cmp <("$MLEDGER" export --to 0 | sed "s/.*\"sig\":\"\([^\"]*\)\".*/\1/" | base64 -d) <(head -c 66 tiles/tile/entries/000 | tail -c 64)'
sum() { sha256sum "$1" | cut -c -64; }
{ printf '\0' && entry tiles/tile/entries/000; } >leaf0
ok 'whose hash is the first of its tile' test "$(sum leaf0)" = "$(head -c 32 tiles/tile/0/000 | od -An -v -tx1 | tr -d ' \n')"
ok 'which is the identity' bash -c '"$MLEDGER" --json status | grep -q "$1"' - "$(sum leaf0)"

before=$(stat -c %i%Y tiles/tile/0/000)
models 301 600 | "$MLEDGER" append >/dev/null
"$MLEDGER" checkpoint >/dev/null
ok 'after more records' "$MLEDGER" export tiles tiles
expect_stdout 'what is new' <<'END'
wrote 5 files to tiles, which covers 601 records now
END
ok 'full tiles are not written again' test "$(stat -c %i%Y tiles/tile/0/000)" = "$before"
files >"$OUT"
expect_stdout 'and shorter forms of what is full now are gone' <<'END'
checkpoint
tile/0/000
tile/0/001
tile/0/002.p/89
tile/1/000.p/1
tile/1/000.p/2
tile/entries/000
tile/entries/001
tile/entries/002.p/89
END

"$MLEDGER" checkpoint show --note >noted
cp noted smaller
"$MLEDGER" model create more >/dev/null
"$MLEDGER" checkpoint >/dev/null
"$MLEDGER" export tiles tiles >/dev/null
ok 'a checkpoint of less than is there' test_must_fail 3 "$MLEDGER" export tiles tiles --checkpoint smaller
expect_stderr_has 'is refused' 'holds a larger tree'
ok 'what is no checkpoint' test_must_fail 3 "$MLEDGER" export tiles tiles --checkpoint leaf0
sed 's/^601$/602/' noted >wrong
ok 'a checkpoint of another tree' test_must_fail 3 "$MLEDGER" export tiles other --checkpoint wrong
expect_stderr_has 'is refused' "not one of this ledger's records"
ok 'before anything is made' test ! -e other

mkdir -p second/work && (cd second/work && "$MLEDGER" init --name second --actor bob --no-passphrase) >/dev/null
second() { "$MLEDGER" --ledger second/work/.mledger "$@"; }
second checkpoint --log-key second-log --key second-recorder >/dev/null
ok 'over tiles of another ledger' test_must_fail 3 second export tiles tiles
expect_stderr_has 'is refused' 'holds the tiles of another ledger'
rm tiles/checkpoint
ok 'also without their checkpoint' test_must_fail 3 second export tiles tiles
expect_stderr_has 'is refused' 'something else than tiles of this ledger'
ok 'an export that was interrupted' "$MLEDGER" export tiles tiles
expect_stdout_has 'is made whole' 'which covers 603 records now'
mkdir full && : >full/file
ok 'over something else' test_must_fail 3 "$MLEDGER" export tiles full
expect_stderr_has 'is refused' 'something else'
echo nothing >tiles/checkpoint
ok 'over a checkpoint that is none' test_must_fail 3 "$MLEDGER" export tiles tiles
expect_stderr_has 'is refused' 'not a signed note'
cp -r .mledger fork
forked() { XDG_STATE_HOME=$T/other "$MLEDGER" --ledger fork "$@"; }
rm -r tiles
"$MLEDGER" export tiles tiles >/dev/null
"$MLEDGER" model create ours >/dev/null && "$MLEDGER" checkpoint >/dev/null
"$MLEDGER" export tiles tiles >/dev/null
forked model create theirs >/dev/null && forked checkpoint >/dev/null
ok 'over another history of the same ledger' test_must_fail 3 forked export tiles tiles
expect_stderr_has 'is refused' 'holds another tree of'

ok 'a directory below one that is not there' test_must_fail 3 "$MLEDGER" export tiles none/tiles
: >file
ok 'a file' test_must_fail 3 "$MLEDGER" export tiles file
full() { (ulimit -f 4 && trap '' XFSZ && "$MLEDGER" export tiles limited); }
ok 'a disk that is full' test_must_fail 3 full
ok 'leaves no checkpoint' test ! -e limited/checkpoint
ok 'goes on when there is room' "$MLEDGER" export tiles limited
ok 'elsewhere' "$MLEDGER" export tiles elsewhere
ok 'is the same' diff -r limited elsewhere
locked() { flock limited "$MLEDGER" export tiles limited; }
ok 'two at once' test_must_fail 3 locked
expect_stderr_has 'wait for each other' 'another export is at work'

# Damage that would go into what is published.
ok 'a stored tree that is damaged' bash -c 'LC_ALL=C perl -0777 -pi -e "
    my \$node = pack(q(H*), q($(head -c 32 tiles/tile/1/000.p/2 | od -An -v -tx1 | tr -d " \n")));
    s/\Q\$node\E/reverse \$node/ge" .mledger/data.mdb'
ok 'is not published' test_must_fail 3 "$MLEDGER" export tiles anew
expect_stderr_has 'says what tells more' 'mledger verify'
ok 'at all' test ! -e anew/checkpoint
done_testing
