#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check: a DVC project, attacked one by one.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"
. "$TESTS_CLI/check.sh"

new_project
ok 'nothing was touched' checks
says 'all is as recorded' ': 12 as recorded'
says 'what lies outside is not looked for' 'elsewhere, and not looked for: 1'
ok 'with what lies outside' checks --outside
says 'one more' ': 13 as recorded'

# ---- the three that dvc status does not see ----

# dvc status believes the time and size of a file that it hashed before.
touch -r p/model.bin stamp
printf 'weights 2\n' >p/model.bin
touch -r stamp p/model.bin
ok 'an edit with the time put back' test_must_fail 1 checks
ok 'is modified' entry model.bin modified
says 'names the record' '#3'
says 'and the digest' 'sha256:'
restore

# … and the mode of an object in its cache.
chmod 0644 "$model"
printf 'weights 3\n' >"$model"
chmod 0444 "$model"
ok 'a cache object that was written to' test_must_fail 1 checks
ok 'is modified' entry "${model#p/}" modified
restore

# … and its hash of before 3.0 sees no line ends.
sed -i 's/\r$//' p/old/windows.csv
sed -i 's/$/\r/' p/old/unix.csv
ok 'line ends that were converted' test_must_fail 1 checks
ok 'are all that differs' entry old/windows.csv 'line ends'
ok 'either way' entry old/unix.csv 'line ends'
says 'by the size, too' '8 bytes, recorded 10'
restore

# ---- where nothing was hashed here ----

mkdir other
(cd other && "$MLEDGER" init --name other --no-passphrase >/dev/null &&
    "$MLEDGER" import dvc --no-hash ../p >/dev/null) || exit 99
claimed() { MLEDGER_DIR=other/.mledger check_in p "$@"; }
ok 'claims of the lock alone' claimed
says 'are known to be weak' 'as recorded by MD5 alone'
ok 'show by which rule they fit' claimed --all
says 'of the two' "by DVC's rule of converting each text chunk"
sed -i 's/\r$//' p/old/windows.csv
ok 'line ends, which the recorded hash does not see' test_must_fail 1 claimed
says 'are seen by the size' "8 bytes, recorded 10; DVC's hash is the same"
restore
printf 'x,y\n1,2\r\n\n' >p/old/windows.csv
ok 'other content' test_must_fail 1 claimed
ok 'is modified' entry old/windows.csv modified
restore
sed -i 's/$/\r/' p/data/raw.csv
ok 'line ends under an MD5' test_must_fail 1 claimed
ok 'are told from other changes' entry data/raw.csv 'line ends'
restore

# ---- directories ----

printf 'too\n' >p/data/parts/sub/b.txt
printf 'new\n' >p/data/parts/c.txt
rm p/data/parts/a.txt
ok 'files of a directory' test_must_fail 1 checks
ok 'modified' entry data/parts/sub/b.txt modified
ok 'added' entry data/parts/c.txt unrecorded
ok 'removed' entry data/parts/a.txt missing
rm -rf "$list"
ok 'the same without the list in the cache' test_must_fail 1 checks
ok 'as the ledger keeps a manifest of a source' entry data/parts/c.txt unrecorded
ok 'but not where it was not read' test_must_fail 1 claimed
says 'which says so' 'in which of its files is not known'
restore
chmod 0644 "$list"
printf '[]' >"$list"
ok 'a list in the cache that was written to' test_must_fail 1 checks
ok 'is modified' entry "${list#p/}" modified
restore
printf 'three\n' >p/data/parts/c.txt
ok 'a file more' test_must_fail 1 checks
ok 'is unrecorded' entry data/parts/c.txt unrecorded
restore

# ---- what is not there, or is something else ----

rm p/model.bin
ok 'a file that is gone' test_must_fail 1 checks
ok 'is missing' entry model.bin missing
says 'but for the cache' "DVC's cache has an object of that name"
rm -f "$model"
ok 'from the cache, too' test_must_fail 1 checks
says 'and so it says' "DVC's cache does not have it either"
restore
rm -f "$model"
ok 'a copy in the cache alone that is gone' checks
ok 'is told' entry model.bin 'not cached'
ok 'and counts when all must be there' test_must_fail 1 checks --strict
restore
rm p/model.bin && mkdir p/model.bin
ok 'a directory in a file'"'"'s place' test_must_fail 1 checks
says 'is named' 'it is a directory now'
restore
rm -rf p/data/parts && : >p/data/parts
ok 'and the other way round' test_must_fail 1 checks
says 'is named' 'it is a file now, and was a directory'
restore
rm p/model.bin && mkfifo p/model.bin
ok 'a pipe' test_must_fail 1 checks
says 'is not opened' 'it is neither a file nor a directory now'
restore
ln -sf gone p/model.bin
ok 'a link that leads nowhere' test_must_fail 1 checks
ok 'is missing' entry model.bin missing
ln -sf model.bin p/model.bin
ok 'a link to itself' test_must_fail 1 checks
ok 'cannot be read' entry model.bin unreadable
restore
mv p/model.bin outside && ln -s ../outside/model.bin p/model.bin
ok 'a link out of the directory' test_must_fail 1 checks
ok 'is not followed' entry model.bin outside
ok 'unless one says so' checks --outside
ln -sf "$PWD/$model" p/model.bin
ok 'a link to the cache, as DVC may make it' checks
restore
rm -rf p/data/parts/sub && ln -s . p/data/parts/sub
ok 'a directory that holds itself' test_must_fail 1 checks
ok 'cannot be listed' entry data/parts unreadable
restore
printf 'x' >p/data/empty
ok 'a file that was empty' test_must_fail 1 checks
ok 'is modified' entry data/empty modified
restore
if [ "$(id -u)" -ne 0 ]; then
    chmod 0 p/model.bin
    ok 'a file without permission' test_must_fail 1 checks
    says 'says why' 'Permission denied'
    restore
else
    skip 'a file without permission' 'root may read everything'
fi

expect_sound 'the ledger verifies'
done_testing
