# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# What the tests of check share: a DVC project that is imported, and a look at the answer; sourced
# after lib.sh and record.sh.

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

# new_project: a ledger, and in p a project that it has imported; restore brings it back.
new_project() {
    new_ledger
    make_project
    "$MLEDGER" import dvc p >/dev/null || exit 99
    cp -a p good
    cp -a outside good-outside
}
