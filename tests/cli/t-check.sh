#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# check: a DVC project, an MLflow store and datasets, attacked one by one.
# shellcheck disable=SC2317 # functions are called through ok
. "$(dirname "$0")/lib.sh"
. "$TESTS_CLI/record.sh"

md5() { md5sum "$1" | cut -c1-32; }
size() { stat -c %s "$1"; }

# cache FILE [LAYOUT]: a copy in DVC's cache, read-only as DVC makes it.
cache() {
    local name object
    name=$(md5 "$1")
    object=p/.dvc/cache/${2-files/md5/}${name:0:2}/${name:2}${3-}
    mkdir -p "${object%/*}"
    cp "$1" "$object"
    chmod 0444 "$object"
    echo "$object"
}

# A project as DVC 3 leaves it, with one stage from before (no `hash:`, so md5-dos2unix).
make_project() {
    mkdir -p p/.dvc p/data/parts/sub p/old outside
    printf 'id,left\n1,0\n' >p/data/raw.csv
    printf 'one\n' >p/data/parts/a.txt
    printf 'two\n' >p/data/parts/sub/b.txt
    : >p/data/empty
    printf 'weights 1\n' >p/model.bin
    printf 'x,y\r\n1,2\r\n' >p/old/windows.csv
    printf 'x,y\n1,2\n' >p/old/unix.csv
    printf 'beyond\n' >outside/beyond.txt
    printf '[{"md5": "%s", "relpath": "a.txt"}, {"md5": "%s", "relpath": "sub/b.txt"}]' \
        "$(md5 p/data/parts/a.txt)" "$(md5 p/data/parts/sub/b.txt)" >parts.list
    cat >p/dvc.yaml <<'END'
stages:
  train:
    cmd: train
    deps: [data/raw.csv, data/parts, ../outside/beyond.txt]
    outs: [model.bin, data/empty]
  convert:
    cmd: convert
    deps: [old/windows.csv]
    outs: [old/unix.csv]
END
    cat >p/data/parts.dvc <<END
outs:
- {md5: $(md5 parts.list).dir, size: 8, nfiles: 2, hash: md5, path: parts}
END
    cat >p/dvc.lock <<END
schema: '2.0'
stages:
  train:
    cmd: train
    deps:
    - {path: ../outside/beyond.txt, hash: md5, md5: $(md5 outside/beyond.txt), size: 7}
    - {path: data/parts, hash: md5, md5: $(md5 parts.list).dir, size: 8, nfiles: 2}
    - {path: data/raw.csv, hash: md5, md5: $(md5 p/data/raw.csv), size: $(size p/data/raw.csv)}
    outs:
    - {path: data/empty, hash: md5, md5: $(md5 p/data/empty), size: 0}
    - {path: model.bin, hash: md5, md5: $(md5 p/model.bin), size: $(size p/model.bin)}
  convert:
    cmd: convert
    deps:
    - {path: old/windows.csv, md5: $(md5 p/old/unix.csv), size: $(size p/old/windows.csv)}
    outs:
    - {path: old/unix.csv, md5: $(md5 p/old/unix.csv), size: $(size p/old/unix.csv)}
END
    model=$(cache p/model.bin)
    part=$(cache p/data/parts/a.txt)
    cache p/data/parts/sub/b.txt >/dev/null
    cache p/data/empty >/dev/null
    list=$(cache parts.list files/md5/ .dir)
    old=$(cache p/old/unix.csv '')
}

# Everything back to how it was recorded.
restore() {
    rm -rf p outside
    cp -a good p
    cp -a good-outside outside
}

# check_in DIR [REF…]: the answer is kept, for several looks at it.
check_in() {
    "$MLEDGER" check "$@" >answer
    local status=$?
    cat answer
    return $status
}
checks() { check_in p "$@"; }
# entry PATH STATE: the answer's line about a path. says NAME TEXT: somewhere in it.
entry() { grep -qE "^$2 +$1 " answer; }
says() { ok "$1" grep -qF -- "$2" answer; }

new_ledger
make_project
"$MLEDGER" import dvc p >/dev/null || exit 99
cp -a p good
cp -a outside good-outside

ok 'nothing was touched' checks
says 'all is as recorded' ': 12 as recorded'
says 'what lies outside is not looked for' '1 recorded things lie elsewhere'
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
says 'are known to be weak' 'is known by MD5 alone'
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

# ---- references ----

printf 'weights 2\n' >p/model.bin
ok 'a dataset alone' checks dataset:p/data/parts
ok 'a pipeline' test_must_fail 1 checks pipeline:p
ok 'a record' test_must_fail 1 checks '#3'
ok 'content' test_must_fail 1 checks "md5:$(md5 good/model.bin)"
ok 'other content' checks "md5:$(md5 good/data/raw.csv)"
ok 'as JSON' test_must_fail 1 checks --json pipeline:p
ok 'with the records' grep -q '"state":"modified","place":"workspace","path":"model.bin","records":\[3\]' answer
ok 'what is not recorded' test_must_fail 1 checks nothing
expect_stderr_has 'is no answer' "nothing"
ok 'what has no files' test_must_fail 2 checks actor:alice
expect_stderr_has 'is refused' "'actor:alice' names no files"
ok 'a record without files' test_must_fail 2 checks '#1'
ok 'no directory' test_must_fail 1 "$MLEDGER" check gone
expect_stderr_has 'is named' "there is no directory 'gone'"
ok 'a file' test_must_fail 1 "$MLEDGER" check p/model.bin
restore
ok 'an earlier moment' checks --as-of 1
says 'at which nothing was recorded' 'read 6 files'

# ---- what was moved ----

mkdir elsewhere && mv p outside elsewhere
ok 'a project that was moved' check_in elsewhere
says 'is found by its name' ': 13 as recorded'
restore
rm -rf elsewhere

# ---- datasets and artifacts recorded by hand ----

mkdir -p hand/set && printf 'h\n' >hand/set/x && printf 'm\n' >hand/model.bin
(cd hand && "$MLEDGER" dataset add byhand set) >/dev/null
"$MLEDGER" run start --id r1 >/dev/null
"$MLEDGER" artifact add --run r1 hand/model.bin >/dev/null
ok 'paths that began in different directories' check_in hand
says 'are found' 'read 2 files, 4 B: 2 as recorded'
printf 'i\n' >hand/set/x
printf 'n\n' >hand/model.bin
ok 'both modified' test_must_fail 1 check_in hand
ok 'by the manifest' entry set/x modified
says 'and by the run' 'run r1'
ok 'the run alone' test_must_fail 1 check_in hand r1
ok 'without the dataset' test_must_fail 1 entry set/x modified
seq=$("$MLEDGER" --json log | sed -n 's/.*"seq":\([0-9]*\).*dataset_recorded.*byhand.*/\1/p' | head -1)
"$MLEDGER" erase "$seq" --reason test --key demo-admin >/dev/null 2>&1
ok 'a dataset whose details were erased' test_must_fail 1 check_in hand dataset:byhand
expect_stderr_has 'is nowhere any more' 'were erased'

# ---- MLflow ----

run=mlruns/0/0123456789abcdef0123456789abcdef
mkdir -p ml/$run/artifacts/model ml/$run/params ml/$run/metrics ml/$run/tags
printf 'artifact_location: mlruns/0\nexperiment_id: %s\nlifecycle_stage: active\nname: Default\n' "'0'" >ml/mlruns/0/meta.yaml
cat >ml/$run/meta.yaml <<'END'
artifact_uri: mlruns/0/0123456789abcdef0123456789abcdef/artifacts
end_time: 1700000001000
entry_point_name: ''
experiment_id: '0'
lifecycle_stage: active
run_id: 0123456789abcdef0123456789abcdef
run_name: first
source_name: ''
source_type: 4
source_version: ''
start_time: 1700000000000
status: 3
tags: []
user_id: ann
END
printf 'weights\n' >ml/$run/artifacts/model/weights
printf 'plot\n' >ml/$run/artifacts/plot.svg
ok 'a store' "$MLEDGER" import mlflow ml
ok 'its artifacts' check_in ml
says 'are as recorded' 'read 2 files, 13 B: 2 as recorded'
printf 'WEIGHTS\n' >ml/$run/artifacts/model/weights
rm ml/$run/artifacts/plot.svg
printf 'new\n' >ml/$run/artifacts/more
ok 'attacked' test_must_fail 1 check_in ml
ok 'one is modified' entry $run/artifacts/model/weights modified
ok 'one is missing' entry $run/artifacts/plot.svg missing
ok 'one is unrecorded' entry $run/artifacts/more unrecorded
mv ml moved
ok 'a store that was moved' test_must_fail 1 check_in moved
ok 'is found by its runs' entry $run/artifacts/model/weights modified
mv moved ml
rm -rf ml/$run
ok 'a run that is gone' test_must_fail 1 check_in ml
ok 'is missing with all it had' entry $run/artifacts/model/weights missing
mv ml moved
ok 'from where it was not recorded' test_must_fail 1 "$MLEDGER" check moved 0123456789abcdef0123456789abcdef
expect_stderr_has 'is nowhere' "names lies in there"

# ---- projects that DVC itself made ----

shared=${MLEDGER_SHARED:-$TESTS_CLI/../../../shared}/data/dvc/generated
for name in p1 l1-dvc1.11.16; do
    if [ ! -r "$shared/$name.tar.gz" ]; then
        skip "$name, as DVC left it" 'the shared samples are not here'
        continue
    fi
    mkdir -p made/$name && tar xzf "$shared/$name.tar.gz" -C made/$name
    "$MLEDGER" import dvc made/$name/$name >/dev/null 2>&1
    ok "$name, as DVC left it" check_in made/$name/$name --strict
    [ "$name" = p1 ] || continue # before 3.0 DVC made them of converted content
    sed -n 's/.*md5: \([0-9a-f]*\)\.dir.*/\1/p' made/$name/$name/*.dvc made/$name/$name/*/*.dvc \
        made/$name/$name/dvc.lock 2>/dev/null | sort -u >theirs
    : >ours
    for dir in made/$name/$name/data/*/; do
        "$MLEDGER" dataset add "$dir" "$dir" >/dev/null
        "$MLEDGER" --json show "dataset:$dir" | grep -o 'md5-dir:[0-9a-f]*' | cut -d: -f2 >>ours
    done
    ok "directories of $name are called as DVC calls them" test "$(sort -u ours)" = "$(cat theirs)"
done
expect_sound 'the ledger verifies'
done_testing
